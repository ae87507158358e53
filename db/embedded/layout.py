"""Where things lie, and with which permissions.

    DATA_DIR/postgresql/            0700; as root 0710, the group being the server's
        start.lock, users.lock      who starts or stops now; who uses the server
        config/                     written by us at every start, read-only for the server
        programs/                   copy of the binaries, only where the server's account cannot reach the wheel
        pgdata/                     0700, the server's: the database itself
        run/                        0700, the server's: the socket
        postgresql.log

Everything the supervisor writes lies in directories that the server's account cannot write to: a server that was
taken over must not be able to make root follow a link.
"""

import errno
import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from db.embedded.account import Account, operating_system_user
from domain.errors import DomainError
from domain.operation_errors import (
    EmbeddedDirectoryForeign,
    EmbeddedDirectoryUnreachable,
    EmbeddedDirectoryUnwritable,
    EmbeddedDiskFull,
    EmbeddedPathTooLong,
)

SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 107
"""Bytes in `sun_path` on Linux, less the closing zero."""
SPACE_FOR_A_NEW_CLUSTER = 160 * 1024 * 1024
"""A new cluster takes 60 MB; twice that leaves room for the first write-ahead log segments."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one embedded server."""

    root: Path
    account: Account
    socket_dir: Path

    @property
    def pgdata(self) -> Path:
        """The database files."""
        return self.root / "pgdata"

    @property
    def config(self) -> Path:
        """Configuration files."""
        return self.root / "config"

    @property
    def programs(self) -> Path:
        """Copies of the binaries."""
        return self.root / "programs"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.root / "postgresql.log"


def prepare(data_dir: Path, account: Account) -> Layout:
    """Create what is missing below `data_dir` and check that the server can live there.

    Permissions of directories that were there before are never touched.

    Raises:
        EmbeddedDirectoryUnwritable, EmbeddedDirectoryUnreachable, EmbeddedDirectoryForeign,
        EmbeddedDiskFull, EmbeddedPathTooLong: the directory cannot be used, for the reason in the name.
    """
    data_dir = Path(os.path.abspath(data_dir))  # noqa: PTH100  resolve() would follow links that may change
    root = data_dir / "postgresql"
    try:
        # Others may pass through what root creates above the server's own directory, never list it.
        _create_missing(data_dir, 0o711 if account.dropped else 0o700)
        _own_directory(root, 0o710 if account.dropped else 0o700, group=account.gid if account.dropped else None)
        _own_directory(root / "config", 0o750 if account.dropped else 0o700, account.gid if account.dropped else None)
    except OSError as error:
        raise usable_error(error, root) from error
    if not account.can_enter(root):
        raise EmbeddedDirectoryUnreachable(f"{account.name} cannot enter {root}", path=root, user=account.name)
    return Layout(root=root, account=account, socket_dir=_socket_directory(root, account))


def existing(data_dir: Path) -> Layout:
    """The layout below `data_dir` for looking, whether or not anything is there."""
    owner = operating_system_user()
    root = Path(os.path.abspath(data_dir)) / "postgresql"  # noqa: PTH100  as in `prepare`
    return Layout(root, Account(owner, os.geteuid(), os.getegid(), dropped=False), root / "run")


def usable_error(error: OSError, path: Path) -> DomainError:
    """The error a user can act on, for an operating system's error at `path`."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return EmbeddedDiskFull(str(error), path=path)
    if error.errno == errno.ENAMETOOLONG:
        return EmbeddedPathTooLong(str(error), path=path, length=len(os.fsencode(path)))
    return EmbeddedDirectoryUnwritable(str(error), path=path, error=error.strerror)


def server_directory(path: Path, account: Account) -> None:
    """Create `path` for the server alone (0700), or check that what is there is that."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
            raise EmbeddedDirectoryForeign(f"{path}: {found}", path=path, user=account.name) from None
        return
    if account.dropped:
        os.chown(path, account.uid, account.gid)


def _create_missing(path: Path, mode: int) -> None:
    if not path.exists():
        _create_missing(path.parent, mode)
        path.mkdir(exist_ok=True)
        path.chmod(mode)  # not through mkdir's mode, which the caller's umask would narrow


def _own_directory(path: Path, mode: int, group: int | None) -> None:
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise EmbeddedDirectoryForeign(f"{path}: {found}", path=path, user=os.geteuid())
    if group is not None and found.st_gid != group:
        os.chown(path, -1, group)
    if stat.S_IMODE(found.st_mode) != mode:
        path.chmod(mode)


def _socket_directory(root: Path, account: Account) -> Path:
    """A private directory whose socket fits into `sun_path`: beside the data, or under a short name elsewhere."""
    directory = root / "run"
    # The server reads a list of directories there, so only plain names are given to it.
    plain = not set(str(directory)) & set("\"',\\\n")
    if not plain or not fits(directory):
        short = hashlib.sha256(os.fsencode(root)).hexdigest()[:12]
        if account.dropped:
            directory = Path("/run") / f"dudao-{short}"
        else:
            runtime = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
            directory = Path(runtime) / f"dudao-{os.geteuid()}-{short}"
        if not fits(directory):
            length = len(os.fsencode(directory / SOCKET_NAME))
            raise EmbeddedPathTooLong(str(directory), path=directory, length=length)
    try:
        server_directory(directory, account)
    except OSError as error:
        raise usable_error(error, directory) from error
    return directory


def fits(socket_dir: Path) -> bool:
    """Whether a socket in `socket_dir` can be addressed."""
    return len(os.fsencode(socket_dir / SOCKET_NAME)) <= SOCKET_PATH_LIMIT
