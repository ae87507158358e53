"""The cluster on disk: created once, checked for its major at every start, configured at every start."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from db.embedded.account import Account, operating_system_user
from db.embedded.layout import SPACE_FOR_A_NEW_CLUSTER, Layout, server_directory, usable_error
from domain.operation_errors import DataOfNewerMajor, DataOfOlderMajor, EmbeddedDiskFull, EmbeddedUnavailable

OWNER_ROLE = "dudao_owner"
APP_ROLE = "dudao_app"
DATABASE = "dudao"
BOOTSTRAP_ROLE = "dudao_admin"
"""The superuser that `initdb` wants. Only the server's own account may be it, and nothing here ever is."""

FIRST_MAJOR_WITH_BUILTIN_LOCALES = 17
ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC"}
"""What server programs get to see: no PGOPTIONS, no locale, no secrets of ours."""

PROVISIONING = f"""
CREATE ROLE {OWNER_ROLE} LOGIN CREATEDB;
CREATE ROLE {APP_ROLE} LOGIN;
GRANT pg_signal_backend TO {OWNER_ROLE};
CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE};
"""
BASE_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "fsync": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "lc_messages": "C",
    "cluster_name": "dudao",
}


def check_major(layout: Layout, wanted: int) -> bool:
    """Whether there is a cluster of the wanted major; False when there is none at all.

    Raises:
        DataOfOlderMajor, DataOfNewerMajor: it belongs to another major. Nothing was touched.
    """
    found = major_of(layout)
    if found is None:
        return False
    if found == wanted:
        return True
    kind = DataOfOlderMajor if found < wanted else DataOfNewerMajor
    raise kind(f"{layout.pgdata} is of {found}", path=layout.root, found=found, wanted=wanted)


def major_of(layout: Layout) -> int | None:
    """The major that wrote the cluster; None when there is none.

    Raises:
        EmbeddedDirectoryUnwritable: it cannot be looked at.
    """
    try:
        return int((layout.pgdata / "PG_VERSION").read_text().strip())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise usable_error(error, layout.pgdata) from error


def create(layout: Layout, bin_dir: Path, major: int, *, durable: bool = True) -> None:
    """Make a cluster with the roles and the database, and move it into place when it is complete.

    A start that dies half-way leaves `pgdata.new`, which the next one removes: there is never a cluster
    without its roles. Roles are made in single-user mode, so no superuser can ever log in from outside.

    Unless `durable`, nothing is flushed to the disk: for servers that run without fsync themselves.

    Raises:
        EmbeddedDiskFull, EmbeddedUnavailable: it could not be created.
    """
    partial = layout.root / "pgdata.new"
    single = ["-c", "exit_on_error=on", "-c", f"fsync={'on' if durable else 'off'}"]
    if shutil.disk_usage(layout.root).free < SPACE_FOR_A_NEW_CLUSTER:
        raise EmbeddedDiskFull("no room for a new cluster", path=layout.root)
    try:
        if partial.exists():
            shutil.rmtree(partial)
        server_directory(partial, layout.account)
        _initialise(partial, bin_dir, major, layout, [] if durable else ["--no-sync"])
        _run(
            layout,
            [bin_dir / "postgres", "--single", "-j", "-D", partial, *single, "template1"],
            given=PROVISIONING.replace(";\n", ";\n\n"),
        )
        partial.rename(layout.pgdata)
    except OSError as error:
        raise usable_error(error, partial) from error


def write_configuration(layout: Layout, extra: Mapping[str, str]) -> list[str]:
    """Write the server's configuration and return the arguments that make it read it.

    It is written at every start, so that a program update reaches old clusters. `config/local.conf`, if an
    administrator makes one, is read last.
    """
    settings = {
        **BASE_SETTINGS,
        "unix_socket_directories": f'"{layout.socket_dir}"',
        "hba_file": str(layout.config / "pg_hba.conf"),
        "ident_file": str(layout.config / "pg_ident.conf"),
        **extra,
    }
    lines = [f"{name} = {_quoted(value)}" for name, value in settings.items()]
    local = layout.config / "local.conf"
    if local.exists():
        lines.append(f"include = {_quoted(str(local))}")
    # Peer asks the kernel who is at the other end. There is no line for any other way in.
    hba = f"local all {BOOTSTRAP_ROLE},{OWNER_ROLE},{APP_ROLE} peer map=dudao\nlocal all all reject\n"
    us, server = operating_system_user(), layout.account.name
    pairs = [(us, OWNER_ROLE), (us, APP_ROLE), (server, BOOTSTRAP_ROLE)]
    ident = "".join(f'dudao "{user}" {role}\n' for user, role in pairs)
    try:
        for name, text in (
            ("postgresql.conf", "\n".join(lines) + "\n"),
            ("pg_hba.conf", hba),
            ("pg_ident.conf", ident),
        ):
            _write(layout.config / name, text, layout.account)
    except OSError as error:
        raise usable_error(error, layout.config) from error
    return ["-c", f"config_file={layout.config / 'postgresql.conf'}"]


def _initialise(pgdata: Path, bin_dir: Path, major: int, layout: Layout, more: list[str]) -> None:
    options = [*more, "-U", BOOTSTRAP_ROLE, "--auth=reject", "-E", "UTF8", "--data-checksums", "--no-instructions"]
    command: list[str | Path] = [bin_dir / "initdb", "-D", pgdata, *options]
    if major >= FIRST_MAJOR_WITH_BUILTIN_LOCALES:
        builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        _run(layout, [*command, *builtin])
        return
    try:
        _run(layout, [*command, "--locale=C.UTF-8"])
    except EmbeddedUnavailable as error:
        if "invalid locale name" not in str(error):
            raise
        # A C library without C.UTF-8: byte order is then the same, only upper() and lower() know ASCII alone.
        _run(layout, [*command, "--locale=C"])


def _run(layout: Layout, command: list[str | Path], given: str | None = None) -> None:
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
        input=given,
        cwd="/",
        env=ENVIRONMENT,
        umask=0o077,
        stdin=subprocess.DEVNULL if given is None else None,
        **layout.account.identity,
    )
    if done.returncode != 0:
        raise failure(done.stderr or done.stdout, layout)


def failure(output: str, layout: Layout) -> EmbeddedDiskFull | EmbeddedUnavailable:
    """The error for what a server program printed before it gave up."""
    if "No space left on device" in output:
        return EmbeddedDiskFull(output, path=layout.root)
    lines = [line for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL:" in line or "PANIC:" in line or "error:" in line]
    reason = (telling or lines or ["no output"])[-1]
    return EmbeddedUnavailable(output, reason=reason.strip(), log=layout.log)


def _write(path: Path, text: str, account: Account) -> None:
    """Replace a configuration file as a whole: the server may read it at any moment."""
    partial = path.with_name(path.name + ".new")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o640)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, 0o640 if account.dropped else 0o600)
        if account.dropped:
            os.fchown(descriptor, -1, account.gid)
        file.write(text)
    partial.rename(path)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
