# `make demo` and `make test` do everything on a machine that has git, make and python3 (3.11 or newer, with venv).
# Every step leaves a stamp and is skipped while what it depends on is unchanged.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
T ?= tests
ONLY ?=
FILE ?=
SERVE ?= 1
WORKERS ?= 2

# Checkouts on one machine do not meet: each has data of its own, named after its path.
CHECKOUT := $(notdir $(CURDIR))-$(shell printf %s "$(CURDIR)" | sha256sum | cut -c1-8)
export DUDAO_DATA_DIR ?= $(shell scripts/data-dir)/$(CHECKOUT)
export UV_PYTHON_DOWNLOADS := never

.PHONY: help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

STATIC := web/static/vendor/.stamp
FONTS := dossiers/fonts/.stamp

.PHONY: setup
setup: $(VENV)/.ready $(STATIC) $(FONTS) ## System packages, virtual environment, dependencies, static files

$(STATIC): $(VENV)/.ready web/static/package.json web/static/package-lock.json scripts/static
	@scripts/static
	@touch $@

$(FONTS): scripts/fonts
	@scripts/fonts
	@touch $@

.PHONY: browser
browser: ## Chromium and fonts for the tests in a browser
	@scripts/browser

.PHONY: i18n
i18n: $(VENV)/.ready ## Bring the translations up to date with the pages, and list what is missing
	@$(BIN)/python scripts/i18n

$(VENV)/.ready: requirements/test.txt pyproject.toml scripts/setup
	@PYTHON="$(PYTHON)" scripts/setup requirements/test.txt
	@touch $@

.PHONY: lint
lint: $(VENV)/.ready ## Style, types and dependency direction
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: test
test: $(VENV)/.ready $(STATIC) $(FONTS) browser ## All tests; T=tests/unit or T="tests/api -k sign" selects
	$(BIN)/pytest -n $(WORKERS) $(T)

.PHONY: test-fast
test-fast: $(VENV)/.ready $(FONTS) ## Unit tests alone, no database; T= selects
	$(BIN)/pytest $(if $(filter-out tests,$(T)),$(T),tests/unit)

.PHONY: explore
explore: $(VENV)/.ready $(STATIC) $(FONTS) ## The tests with new random examples each time; T= selects
	DUDAO_TEST_EXAMPLES=explore $(BIN)/pytest -n $(WORKERS) $(T)

.PHONY: bench
bench: $(VENV)/.ready $(FONTS) ## Speed, as ratios of one run; ONLY=name runs one; writes out/bench.json
	$(BIN)/python -m benchmarks $(ONLY)

.PHONY: demo
demo: $(VENV)/.ready $(STATIC) $(FONTS) ## A sample city from document to closure, then the service; FILE=list.docx, SERVE=0
	@$(BIN)/dudao demo $(if $(FILE),--file "$(FILE)") $(if $(filter 0 no false,$(SERVE)),--no-serve)

.PHONY: data-dir
data-dir: ## Where this checkout's data lies, for DUDAO_DATA_DIR of the command line
	@echo "$(DUDAO_DATA_DIR)"

.PHONY: lock
lock: $(VENV)/.ready ## Lock the dependencies anew, with hashes
	scripts/lock

.PHONY: clean
clean: ## Stop this checkout's databases; remove the environment, its data and all output
	scripts/clean
