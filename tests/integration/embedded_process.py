"""Runs in a process of its own, for tests of the embedded server: `embedded_process.py DATA_DIR MAJOR [USER]`.

Starts the server (as USER, when one is named), prints one line of JSON, and leaves when standard input closes.
Few modules, because many tests start it. Everything is imported before the user changes: the interpreter may lie
below a home that USER cannot enter.
"""

import json
import os
import pwd
import shutil
import signal
import sys
from pathlib import Path

import psycopg

from app.cli import _leave
from db.embedded import programs, start
from domain.errors import DomainError
from domain.messages import message_for


def become(user: str, data_dir: Path, major: int) -> None:
    """Change to `user`, with binaries that the user can reach, and a private data directory."""
    entry = pwd.getpwnam(user)
    source = programs.packaged(major)
    readable = data_dir.parent / "wheel"
    if not readable.exists():
        shutil.copytree(source, readable / source.parent.name / source.name, copy_function=shutil.copy)
        libraries = source.parent.parent / programs.LIBRARIES
        shutil.copytree(libraries, readable / programs.LIBRARIES, copy_function=shutil.copy)
        readable.chmod(0o755)
    programs.packaged = lambda major: readable / source.parent.name / source.name
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    os.environ.update(HOME=str(data_dir), USER=user)


def main() -> None:
    """Start, report, wait, leave."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    data_dir, major = Path(sys.argv[1]), int(sys.argv[2])
    psycopg.conninfo.conninfo_to_dict("")  # loads libpq
    if len(sys.argv) > 3:
        become(sys.argv[3], data_dir, major)
    try:
        server = start(data_dir, major, settings={"fsync": "off"})
    except DomainError as error:
        print(json.dumps({"code": error.code, "message": message_for(error)}), flush=True)
        return
    with psycopg.connect(host=str(server.layout.socket_dir), user="dudao_app", dbname="dudao") as connection:
        row = connection.execute("SELECT current_user, session_user").fetchone()
    report = {
        "pid": server.server_pid(),
        "app_url": server.app_url,
        "owner_url": server.owner_url,
        "roles": row,
        "socket_dir": str(server.layout.socket_dir),
    }
    print(json.dumps(report), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
