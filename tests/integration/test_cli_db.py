"""`dudao db` as an administrator uses it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.embedded import look
from tests.databases import ROOT
from tests.integration.embedded_support import MAJOR, private_place, start, using

DUDAO = Path(sys.executable).with_name("dudao")


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    with private_place() as place:
        start(place / "data").stop()
        yield place / "data"


def run(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DUDAO_DATA_DIR": str(data_dir), "DUDAO_EMBEDDED_MAJOR": str(MAJOR)}
    command = [str(DUDAO), "db", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd=ROOT)


def test_a_new_database_is_refused_until_it_is_migrated(data_dir: Path):
    assert run(data_dir, "upgrade", "base").returncode == 0
    refused = run(data_dir, "check")
    assert refused.returncode == 2 and "dudao db upgrade" in refused.stderr
    assert run(data_dir, "upgrade").returncode == 0
    checked = run(data_dir, "check")
    assert checked.returncode == 0 and f"PostgreSQL {MAJOR}" in checked.stdout
    assert "no change" in run(data_dir, "upgrade").stdout
    assert look(data_dir).pid is None


def test_status_starts_nothing(data_dir: Path, tmp_path: Path):
    shown = run(data_dir, "status")
    assert f"PostgreSQL {MAJOR}, not running" in shown.stdout
    run(tmp_path / "nowhere", "status")
    assert not (tmp_path / "nowhere").exists()


def test_stop_ends_what_a_killed_process_left(data_dir: Path):
    with using(data_dir) as other:
        busy = run(data_dir, "stop")
        assert busy.returncode == 2 and "--force" in busy.stderr
        other.process.send_signal(signal.SIGKILL)
        other.process.wait()
        assert f"runs as process {other.report['pid']}" in run(data_dir, "status").stdout
        assert run(data_dir, "stop").stdout == "stopped\n"
    assert run(data_dir, "stop").stdout == "not running\n"


def test_psql_works_as_either_role(data_dir: Path):
    asked = ("--", "-Atc", "SELECT current_user")
    assert run(data_dir, "psql", *asked).stdout == "dudao_owner\n"
    assert run(data_dir, "psql", "--app", *asked).stdout == "dudao_app\n"
    assert run(data_dir, "psql", "--", "-c", "SELECT wrong").returncode == 1


def test_a_dump_that_cannot_be_restored_changes_nothing(data_dir: Path, tmp_path: Path):
    broken = tmp_path / "broken.dump"
    broken.write_bytes(b"not a dump")
    assert run(data_dir, "restore", str(broken)).returncode == 1
    assert run(data_dir, "restore", str(tmp_path / "missing.dump")).returncode == 2
