.PHONY: lint
lint: ## Style, types and dependency direction
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
