"""The set-up script says what is missing instead of failing somewhere later."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.databases import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Just enough of a checkout for the script to look at the machine."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "requirements/test.txt", tmp_path / "requirements")
    shutil.copy(ROOT / "scripts/setup", tmp_path / "scripts")
    return tmp_path


def set_up(checkout: Path, python: str, path: str = "/usr/bin:/bin") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path, "PYTHON": python, "HOME": str(checkout)}
    return subprocess.run(
        [checkout / "scripts/setup"], check=False, capture_output=True, text=True, env=environment, cwd=checkout
    )


def pretend_python(checkout: Path, version: str, *, has_venv: bool) -> str:
    """A command that answers the script's questions as such a Python would."""
    script = checkout / "python3"
    old = "0" if int(version.split(".")[1]) >= 11 else "1"
    script.write_text(
        "#!/bin/sh\n"
        'case "$2" in\n'
        f'  *print*) echo "{version}";;\n'
        f"  *version_info*) exit {old};;\n"
        f"  *ensurepip*) exit {0 if has_venv else 1};;\n"
        "esac\n"
    )
    script.chmod(0o755)
    return str(script)


def test_an_old_python_is_named_with_what_to_do(checkout: Path):
    done = set_up(checkout, pretend_python(checkout, "3.9", has_venv=True))
    assert done.returncode == 1
    assert "3.9" in done.stderr and "3.11 or newer" in done.stderr and "make PYTHON=" in done.stderr


def test_a_missing_python_is_named(checkout: Path):
    done = set_up(checkout, "python-that-is-not-there")
    assert done.returncode == 1 and "python-that-is-not-there" in done.stderr


def test_a_missing_venv_is_named_with_its_package(checkout: Path):
    # Without apt-get on the path, as for somebody who is not root.
    programs = checkout / "programs"
    programs.mkdir()
    for name in ("bash", "dirname", "id", "env"):
        (programs / name).symlink_to(shutil.which(name) or name)
    done = set_up(checkout, pretend_python(checkout, "3.12", has_venv=False), path=str(programs))
    assert done.returncode == 1 and "apt-get install python3.12-venv" in done.stderr


def test_help_lists_every_target_that_is_meant_for_people():
    listed = subprocess.run(["make", "help"], check=True, capture_output=True, text=True, cwd=ROOT).stdout
    for target in ("help", "setup", "lint", "test", "test-fast", "bench", "demo", "lock", "clean"):
        assert f"make {target} " in listed


def test_two_checkouts_do_not_share_data(tmp_path: Path):
    places = set()
    for name in ("one", "two"):
        (tmp_path / name / "scripts").mkdir(parents=True)
        shutil.copy(ROOT / "Makefile", tmp_path / name)
        shutil.copy(ROOT / "scripts/data-dir", tmp_path / name / "scripts")
        environment = {name: value for name, value in os.environ.items() if name != "DUDAO_DATA_DIR"}
        show = ["make", "--eval", "show: ; @echo $$DUDAO_DATA_DIR", "show"]
        places.add(
            subprocess.run(
                show, check=True, capture_output=True, text=True, cwd=tmp_path / name, env=environment
            ).stdout.strip()
        )
    assert len(places) == 2 and all("dudao" in place for place in places)
