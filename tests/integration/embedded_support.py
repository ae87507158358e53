"""What the tests of the embedded server share: a process that uses it, and a look at who is there."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from db.access import conninfo
from db.embedded import EmbeddedPostgres, stop
from db.embedded import start as start_durably
from tests.databases import ROOT, UNSAFE_AND_FAST

MAJOR = int(os.environ.get("DUDAO_EMBEDDED_MAJOR", "18"))
OTHER_MAJOR = {18: 16, 16: 18}[MAJOR]
IS_ROOT = os.geteuid() == 0


@dataclass
class UsingProcess:
    """Another process that uses the server."""

    process: subprocess.Popen[str]
    report: dict[str, Any]

    def leave(self) -> int:
        """Close its standard input and wait."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(30)


def start(data_dir: Path, major: int = MAJOR) -> EmbeddedPostgres:
    """Start without flushing to the disk: these tests kill processes, not machines."""
    return start_durably(data_dir, major, settings=UNSAFE_AND_FAST)


@contextmanager
def private_place() -> Iterator[Path]:
    """A directory that other users can pass and not read, as a checkout often is; servers in it are stopped."""
    place = Path(tempfile.mkdtemp(prefix="dudao-test-", dir="/tmp" if IS_ROOT else None))
    place.chmod(0o711)
    try:
        yield place
    finally:
        for data_dir in place.glob("**/postgresql"):
            stop(data_dir.parent, force=True)
        shutil.rmtree(place)


def launch(data_dir: Path, major: int = MAJOR, user: str | None = None) -> subprocess.Popen[str]:
    """Start the other process without waiting for it."""
    script = Path(__file__).with_name("embedded_process.py")
    return subprocess.Popen(
        [sys.executable, "-W", "error", script, str(data_dir), str(major), *([user] if user else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
    )


@contextmanager
def using(data_dir: Path, major: int = MAJOR, user: str | None = None) -> Iterator[UsingProcess]:
    """Another process that uses the server of `data_dir` until it is told to leave, or the test ends."""
    process = launch(data_dir, major, user)
    assert process.stdout is not None and process.stdin is not None
    with process:
        try:
            yield UsingProcess(process, json.loads(process.stdout.readline()))
        finally:
            if process.poll() is None and not process.stdin.closed:
                process.stdin.close()
            process.wait(30)


def query(url: str, statement: str) -> Any:
    """The first value of the first row, in a transaction of its own."""
    with psycopg.connect(conninfo(url)) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def eventually(condition: Callable[[], bool], timeout: float = 60.0) -> bool:
    """Whether `condition` comes true within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def modes(path: Path) -> dict[Path, tuple[int, int, int]]:
    """Mode, owner and group of every directory from `path` up to the root."""
    return {each: (each.stat().st_mode, each.stat().st_uid, each.stat().st_gid) for each in [path, *path.parents]}


def add_row(server: EmbeddedPostgres) -> None:
    """Commit a row that has to survive."""
    query(server.owner_url, "CREATE TABLE IF NOT EXISTS kept (id int)")
    query(server.owner_url, "INSERT INTO kept VALUES (1)")
