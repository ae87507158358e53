"""The running server process: found, recognised as ours, started, awaited and stopped."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from db.embedded.cluster import ENVIRONMENT, failure
from db.embedded.layout import SOCKET_NAME, Layout, usable_error
from domain.operation_errors import EmbeddedUnavailable

READY_TIMEOUT = 300.0
"""Seconds. Replaying the log after a crash may take minutes on a slow disk; giving up would only crash it again."""
FAST_STOP_TIMEOUT = 60.0
IMMEDIATE_STOP_TIMEOUT = 10.0
ORPHANS_TIMEOUT = 10.0
LOG_LIMIT = 20 * 1024 * 1024
"""Bytes after which a start puts the old log aside."""
STATUS_LINE = 7

_children: dict[int, subprocess.Popen[bytes]] = {}
"""Servers this process is the parent of: they have to be awaited, or they stay as zombies."""


def running(layout: Layout) -> int | None:
    """The process id of the server of this cluster, if one runs.

    The id in `postmaster.pid` may be stale, and by now that of an unrelated process. Ours works in our data
    directory and is no zombie: the first process of a container may take long to reap.
    """
    pid = recorded(layout)
    return pid if pid is not None and is_ours(pid, layout) else None


def recorded(layout: Layout) -> int | None:
    """The process id that `postmaster.pid` names, alive or not."""
    lines = _pid_file(layout)
    return int(lines[0]) if lines and lines[0].strip().isdigit() else None


def is_ours(pid: int, layout: Layout) -> bool:
    """Whether the process `pid` is alive and works in our data directory."""
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        del _children[pid]
        return False
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and process.cwd() == os.path.realpath(layout.pgdata)
    except psutil.Error:
        return False


def status(layout: Layout) -> str:
    """What the server says of itself: `starting`, `ready`, `stopping`; empty when it says nothing yet."""
    lines = _pid_file(layout)
    return lines[STATUS_LINE].strip() if len(lines) > STATUS_LINE else ""


def clear_leftovers(layout: Layout) -> None:
    """Remove the lock files a crashed server left, once none of its children works on the data any more.

    Called when no server of ours runs. PostgreSQL would remove them by itself, except when the process they name
    is a zombie that nobody has buried, or a stranger that was given the same id since.
    """
    deadline = time.monotonic() + ORPHANS_TIMEOUT
    while recorded(layout) is not None and (orphans := list(_orphans(layout))):
        if time.monotonic() > deadline:
            for orphan in orphans:
                orphan.send_signal(signal.SIGQUIT)
            deadline = time.monotonic() + ORPHANS_TIMEOUT
        time.sleep(0.02)
    for stale in (layout.pgdata / "postmaster.pid", layout.socket_dir / f"{SOCKET_NAME}.lock"):
        stale.unlink(missing_ok=True)


def launch(layout: Layout, bin_dir: Path, arguments: list[str]) -> int:
    """Start the server and return its process id when it accepts connections.

    Raises:
        EmbeddedUnavailable, EmbeddedDiskFull: it ended before, or was not ready in time.
    """
    try:
        log, offset = _open_log(layout)
    except OSError as error:
        raise usable_error(error, layout.log) from error
    try:
        child = subprocess.Popen(
            [bin_dir / "postgres", "-D", layout.pgdata, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=ENVIRONMENT,
            umask=0o077,
            # Ctrl-C in a terminal goes to the whole group: we stop the server, after its last client.
            start_new_session=True,
            **layout.account.identity,
        )
    finally:
        os.close(log)
    _children[child.pid] = child
    try:
        await_ready(layout, child.pid)
    except EmbeddedUnavailable:
        if child.poll() is None:
            stop(layout, child.pid)
            raise
        raise failure(_tail(layout, offset), layout) from None
    return child.pid


def await_ready(layout: Layout, pid: int) -> None:
    """Wait until the server accepts connections.

    Raises:
        EmbeddedUnavailable: it ended, or was not ready within `READY_TIMEOUT`.
    """

    def ready() -> bool:
        return recorded(layout) == pid and status(layout) == "ready"

    def gone() -> bool:
        child = _children.get(pid)
        return child.poll() is not None if child is not None else not is_ours(pid, layout)

    deadline = time.monotonic() + READY_TIMEOUT
    while not ready():
        if gone():
            raise EmbeddedUnavailable("the server ended", reason="the server ended", log=layout.log)
        if time.monotonic() > deadline:
            raise EmbeddedUnavailable("not ready in time", reason="not ready in time", log=layout.log)
        time.sleep(0.005)


def stop(layout: Layout, pid: int) -> None:
    """End the server: first roll back open transactions and write a checkpoint, then without manners."""
    for stop_signal, timeout in (
        (signal.SIGINT, FAST_STOP_TIMEOUT),
        (signal.SIGQUIT, IMMEDIATE_STOP_TIMEOUT),
        (signal.SIGKILL, IMMEDIATE_STOP_TIMEOUT),
    ):
        if not is_ours(pid, layout):
            break
        os.kill(pid, stop_signal)
        if _await(lambda: not is_ours(pid, layout), timeout):
            break


def release_children() -> None:
    """Let servers outlive this process without a warning: somebody else uses them, and will stop them."""
    for child in _children.values():
        if child.poll() is None:
            child.returncode = 0  # what `subprocess` warns about at exit is intended here


def _await(condition: Callable[[], bool], timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _pid_file(layout: Layout) -> list[str]:
    try:
        return (layout.pgdata / "postmaster.pid").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _orphans(layout: Layout) -> Iterator[psutil.Process]:
    pgdata = os.path.realpath(layout.pgdata)
    for process in psutil.process_iter():
        try:
            # The name as well: an administrator's shell may stand in the directory.
            if process.name() == "postgres" and process.cwd() == pgdata:
                yield process
        except psutil.Error:
            continue


def _open_log(layout: Layout) -> tuple[int, int]:
    if layout.log.exists() and layout.log.stat().st_size > LOG_LIMIT:
        layout.log.replace(layout.log.with_suffix(".log.1"))
    log = os.open(layout.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    return log, os.fstat(log).st_size


def _tail(layout: Layout, offset: int) -> str:
    with layout.log.open("rb") as file:
        file.seek(offset)
        return file.read().decode(errors="replace")
