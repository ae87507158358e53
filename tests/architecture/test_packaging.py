"""What is locked, built and installed is what the project says."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.sources import PACKAGES, committed
from tests.databases import ROOT

HEAVY = (
    "SpiffWorkflow",
    "sqlalchemy",
    "lxml",
    "fastapi",
    "pydantic",
    "psycopg",
    "alembic",
    "docx",
    "rich",
    "hypothesis",
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINNED = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^]]*\])?==([^\s;]+)(?:\s*;.*?)?\s*\\?$")


def pins(name: str) -> dict[str, str]:
    """Package -> version of a requirements file."""
    lines = (ROOT / "requirements" / name).read_text().splitlines()
    return {canonicalize_name(found[1]): found[2] for line in lines if (found := PINNED.match(line))}


def declared_in_lock(name: str) -> set[str]:
    """The packages that the lock says the project itself asks for."""
    found, package = set(), ""
    for line in (ROOT / "requirements" / name).read_text().splitlines():
        if pinned := PINNED.match(line):
            package = canonicalize_name(pinned[1])
        elif line.startswith("    #") and "dudao (pyproject.toml" in line:
            found.add(package)
    return found


def declared(*groups: str) -> dict[str, Requirement]:
    texts = [*PROJECT["project"]["dependencies"]]
    for group in groups:
        texts += PROJECT["dependency-groups"][group]
    return {canonicalize_name(each.name): each for each in map(Requirement, texts)}


@pytest.mark.parametrize(("file", "groups"), [("base.txt", ("build",)), ("test.txt", ("build", "test"))])
def test_the_lock_is_in_step_with_what_is_declared(file: str, groups: tuple[str, ...]):
    wanted, locked = declared(*groups), pins(file)
    assert {name for name, need in wanted.items() if name not in locked or locked[name] not in need.specifier} == set()
    from_project = {canonicalize_name(Requirement(each).name) for each in PROJECT["project"]["dependencies"]}
    assert from_project <= declared_in_lock(file)
    assert declared_in_lock(file) <= set(wanted), "locked for the project, and no longer asked for"


def test_both_locks_agree():
    base, test = pins("base.txt"), pins("test.txt")
    assert {name: version for name, version in base.items() if test.get(name) != version} == {}


@pytest.mark.parametrize("file", ["base.txt", "test.txt"])
def test_every_locked_package_has_hashes(file: str):
    blocks = re.split(r"\n(?=\S)", (ROOT / "requirements" / file).read_text().strip())
    assert [block.split()[0] for block in blocks if not block.startswith("#") and "--hash=sha256:" not in block] == []


def test_no_other_installed_package_owns_our_names():
    owners = importlib.metadata.packages_distributions()
    assert {name: owners[name] for name in PACKAGES if set(owners.get(name, [])) - {"dudao"}} == {}


def test_help_answers_without_loading_what_only_commands_need():
    script = (
        "import sys, json, contextlib, io\n"
        "sys.argv = ['dudao', '--help']\n"
        "from app.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):\n"
        "    main()\n"
        "print(json.dumps([out.getvalue(), sorted(sys.modules)]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=ROOT)
    printed, modules = json.loads(done.stdout)
    assert "db" in printed and "The database" in printed
    assert {name.split(".")[0] for name in modules} & set(HEAVY) == set()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel."""
    into = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return next(into.glob("dudao-*.whl"))


def test_the_wheel_carries_every_file_of_the_packages(wheel: Path):
    shipped = set(zipfile.ZipFile(wheel).namelist())
    assert {path.as_posix() for path in committed() if path.parts[0] in PACKAGES} - shipped == set()


def test_the_wheel_installs_and_answers(wheel: Path, tmp_path: Path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = tmp_path / "venv/bin/python"
    install = ["uv", "pip", "install", "--no-deps", "--no-index", "--python", str(python), str(wheel)]
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, *install[1:]], check=True, capture_output=True)
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout.strip())
    # The dependencies of this environment, without the checkout, which an editable installation would add.
    ours = importlib.metadata.distribution("sqlalchemy").locate_file("")
    (site / "dependencies.pth").write_text(f"{ours}\n")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def run(*command: str | Path) -> str:
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path, env=environment).stdout

    assert "The database" in run(tmp_path / "venv/bin/dudao", "--help")
    assert Path(run(python, "-c", "import db.migrate; print(db.migrate.__file__)").strip()).is_relative_to(site)
    from_wheel = run(python, "-c", "import db.migrate; print(db.migrate.head())").strip()
    assert (
        from_wheel
        == run(
            sys.executable,
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r})\nimport db.migrate; print(db.migrate.head())",
        ).strip()
    )
    assert (site / "bpmn/models/supervision.bpmn").is_file()
