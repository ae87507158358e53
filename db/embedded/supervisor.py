"""Start, share and stop one embedded server.

Every process that uses the server holds a shared lock on `users.lock`; the last one to leave stops it. The kernel
drops the lock when a process dies, so a crash needs no bookkeeping: the next start finds the server running and
takes it over, and whoever leaves last then stops it. Starting and stopping happen under `start.lock`.
"""

import atexit
import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from db.embedded import cluster, postmaster
from db.embedded.account import server_account
from db.embedded.layout import Layout, existing, prepare, usable_error
from db.embedded.programs import programs_for
from domain.errors import DomainError
from domain.operation_errors import EmbeddedBusy, EmbeddedInUse

DEFAULT_MAJOR = 18
START_LOCK_TIMEOUT = 330.0
"""Seconds; longer than a server may take to become ready after a crash."""


@dataclass(slots=True)
class EmbeddedPostgres:
    """A running embedded server that this process uses. Leaving the context, or the process, leaves the server."""

    layout: Layout
    major: int
    bin_dir: Path
    settings: Mapping[str, str]
    _users: int | None
    _process: int = field(default_factory=os.getpid)
    _stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def owner_url(self) -> str:
        """SQLAlchemy URL of the role that migrates."""
        return self.url(cluster.OWNER_ROLE)

    @property
    def app_url(self) -> str:
        """SQLAlchemy URL of the role the application works as."""
        return self.url(cluster.APP_ROLE)

    def url(self, role: str, database: str = cluster.DATABASE) -> str:
        """SQLAlchemy URL of `database` for `role`, over the socket."""
        return f"postgresql+psycopg://{role}@/{database}?host={quote(str(self.layout.socket_dir), safe='')}"

    def server_pid(self) -> int | None:
        """The server's process id; None when it does not run."""
        return postmaster.running(self.layout)

    def revive(self) -> bool:
        """Start the server again if it died; whether it had to be.

        Raises:
            EmbeddedUnavailable, EmbeddedDiskFull: it does not come up again.
        """
        if self._users is None or self.server_pid() is not None:
            return False
        with _start_lock(self.layout):
            if self.server_pid() is not None:
                return False
            _launch(self.layout, self.bin_dir, self.settings)
            return True

    def keep_alive(self, interval: float = 0.5) -> None:
        """Watch the server from a daemon thread and start it again when it was killed.

        `interval` is in seconds. A server that does not come up is tried again: the disk may have room later.
        """
        threading.Thread(target=self._watch, args=(interval,), name="embedded-postgres", daemon=True).start()

    def _watch(self, interval: float) -> None:
        while not self._stopping.wait(interval):
            with contextlib.suppress(DomainError):
                self.revive()

    def stop(self) -> None:
        """Stop using the server, and stop it if nobody else uses it. Does nothing the second time."""
        self._stopping.set()
        # A forked child inherits this object, not the duty to stop the server under its parent.
        if self._users is None or os.getpid() != self._process:
            return
        users, self._users = self._users, None
        try:
            with _start_lock(self.layout):
                pid = postmaster.running(self.layout)
                if pid is not None and _is_last(users):
                    postmaster.stop(self.layout, pid)
        finally:
            os.close(users)
            atexit.unregister(self.stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(data_dir: Path, major: int = DEFAULT_MAJOR, *, settings: Mapping[str, str] | None = None) -> EmbeddedPostgres:
    """Start the server of `data_dir`, or attach to it when it runs, creating the cluster the first time.

    As root the server runs as the system user `dudao-pg`. Only the operating system's user that calls this can
    connect, over a socket in a private directory; there is no TCP.

    Args:
        data_dir: The application's data directory; the cluster lies in `postgresql` below it.
        major: PostgreSQL major, one of `programs.MAJORS`.
        settings: More server settings; they take effect when the server is started, not when it is attached to.

    Raises:
        Unavailable: one of its subclasses says in the user's words what is in the way.
    """
    account = server_account()
    layout = prepare(data_dir, account)
    with _start_lock(layout):
        exists = cluster.check_major(layout, major)
        bin_dir = programs_for(layout, major)
        pid = postmaster.running(layout)
        if pid is not None and postmaster.status(layout) == "stopping":
            postmaster.stop(layout, pid)
            pid = None
        if pid is not None:
            postmaster.await_ready(layout, pid)
        else:
            if not exists:
                cluster.create(layout, bin_dir, major, durable=(settings or {}).get("fsync") != "off")
            _launch(layout, bin_dir, settings or {})
        users = _open_lock(layout.root / "users.lock", layout)
        fcntl.flock(users, fcntl.LOCK_SH)
    running = EmbeddedPostgres(layout, major, bin_dir, dict(settings or {}), users)
    atexit.register(running.stop)
    return running


@dataclass(frozen=True, slots=True)
class Found:
    """What `look` saw."""

    directory: Path
    major: int | None
    pid: int | None


def look(data_dir: Path) -> Found:
    """The state of the server of `data_dir`; creates and starts nothing."""
    layout = existing(data_dir)
    return Found(layout.root, cluster.major_of(layout), postmaster.running(layout))


def stop(data_dir: Path, *, force: bool = False) -> bool:
    """Stop the server of `data_dir`; whether one was running.

    Raises:
        EmbeddedInUse: other processes use it, and `force` is not given.
    """
    layout = existing(data_dir)
    if postmaster.running(layout) is None:
        return False
    with _start_lock(layout):
        users = _open_lock(layout.root / "users.lock", layout)
        try:
            if not force and not _is_last(users):
                raise EmbeddedInUse(str(layout.root), path=layout.root)
            pid = postmaster.running(layout)
            if pid is not None:
                postmaster.stop(layout, pid)
            return pid is not None
        finally:
            os.close(users)


def _launch(layout: Layout, bin_dir: Path, settings: Mapping[str, str]) -> None:
    postmaster.clear_leftovers(layout)
    postmaster.launch(layout, bin_dir, cluster.write_configuration(layout, settings))


def _is_last(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def _start_lock(layout: Layout) -> Iterator[None]:
    lock = _open_lock(layout.root / "start.lock", layout)
    try:
        deadline = time.monotonic() + START_LOCK_TIMEOUT
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise EmbeddedBusy(str(layout.root), path=layout.root, seconds=int(START_LOCK_TIMEOUT)) from None
                time.sleep(0.02)
        yield
    finally:
        os.close(lock)


def _open_lock(path: Path, layout: Layout) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise usable_error(error, layout.root) from error


atexit.register(postmaster.release_children)
