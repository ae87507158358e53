"""Who runs the server: PostgreSQL refuses to run as root, so root gives it a system user of its own."""

import contextlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from domain.operation_errors import EmbeddedAccountMissing

SYSTEM_USER = "dudao-pg"


class Identity(TypedDict):
    """Keyword arguments of `subprocess` that make a child run as the account."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system's user that owns the database files and runs the server."""

    name: str
    uid: int
    gid: int
    dropped: bool
    """Whether we are root and children must drop to it."""

    @property
    def identity(self) -> Identity:
        """How a child process becomes this account; nothing to do when we already are it."""
        if not self.dropped:
            return Identity(user=None, group=None, extra_groups=None)
        return Identity(user=self.uid, group=self.gid, extra_groups=[])

    def can_enter(self, directory: Path) -> bool:
        """Whether the account can traverse to `directory`. Asked of the system, which knows ACLs and mounts."""
        if not self.dropped:
            return os.access(directory, os.X_OK)
        probe = subprocess.run(
            ["/bin/sh", "-c", 'cd "$1"', "sh", directory],
            check=False,
            capture_output=True,
            cwd="/",
            env={},
            **self.identity,
        )
        return probe.returncode == 0

    def can_run(self, program: Path) -> bool:
        """Whether the account can execute `program` where it lies."""
        try:
            probe = subprocess.run(
                [program, "--version"], check=False, capture_output=True, cwd="/", env={}, **self.identity
            )
        except OSError:
            return False
        return probe.returncode == 0


def operating_system_user() -> str:
    """The name peer authentication sees for this process."""
    return pwd.getpwuid(os.geteuid()).pw_name


def server_account() -> Account:
    """The account for the server: ourselves, or as root the system user, created when it is missing.

    Raises:
        EmbeddedAccountMissing: the system user does not exist and cannot be created.
    """
    if os.geteuid() != 0:
        try:
            entry = pwd.getpwuid(os.geteuid())
        except KeyError as error:
            # Peer authentication goes by name: without one nobody could connect to the server we start.
            raise EmbeddedAccountMissing(f"uid {os.geteuid()} has no name", user=str(os.geteuid())) from error
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, dropped=False)
    with contextlib.suppress(KeyError):
        return _system_user()
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    detail = "useradd not found"
    if useradd is not None:
        options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        done = subprocess.run(
            [useradd, *options, "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            check=False,
            capture_output=True,
            text=True,
        )
        detail = done.stderr.strip()
    try:
        # Whatever useradd answered: another start may have created the user a moment before us.
        return _system_user()
    except KeyError as error:
        raise EmbeddedAccountMissing(detail, user=SYSTEM_USER) from error


def _system_user() -> Account:
    entry = pwd.getpwnam(SYSTEM_USER)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, dropped=True)
