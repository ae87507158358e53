"""The project's own files, as the tests of its rules read them."""

import ast
import subprocess
from functools import cache
from pathlib import Path

from tests.databases import ROOT

PACKAGES = (
    "api", "app", "bpmn", "db", "domain", "dossiers", "importers", "migrations", "notifications", "services", "web",
)  # fmt: skip


@cache
def committed() -> tuple[Path, ...]:
    """Every file under version control, relative to the root, with what is about to be added."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    return tuple(Path(name) for name in sorted(listed.splitlines()) if (ROOT / name).is_file())


def python_files(*, tests: bool = True) -> list[Path]:
    """Every Python module; without `tests`, those of the program alone."""
    modules = [path for path in committed() if path.suffix == ".py"]
    return modules if tests else [path for path in modules if path.parts[0] in PACKAGES]


@cache
def text_of(path: Path) -> str:
    """The file's text; empty for a binary one."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def tree_of(path: Path) -> ast.Module:
    """The module's syntax tree."""
    return ast.parse(text_of(path))
