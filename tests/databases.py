"""Databases for tests: one server per checkout, a migrated template, a copy of it per worker.

The server stays the same from session to session, so a second run starts with a template that is ready. A session
that was killed leaves databases behind; the next one drops them.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

import db.migrate
from app.settings import default_data_dir
from db.access import DatabaseAccess, conninfo, external_access
from db.embedded import start

ROOT = Path(__file__).parent.parent
CHECKOUT = hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:8]
UNSAFE_AND_FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "max_connections": "300",
}
"""A power loss during the tests may cost the tests' data."""


@dataclass(frozen=True)
class TestDatabase:
    """A migrated database of this worker's own."""

    __test__ = False

    owner_url: str
    app_url: str
    name: str
    template: str

    def recreate(self) -> None:
        """Make it as the migrations left it, whoever is still connected."""
        with _maintenance(self.owner_url) as connection:
            _clone(connection, self.template, self.name)


def test_data_dir(major: int) -> Path:
    """Where the tests' server keeps its data: its own place for every checkout and major."""
    given = os.environ.get("DUDAO_TEST_DATA_DIR")
    return Path(given) if given else default_data_dir() / f"test-{CHECKOUT}-{major}"


@contextmanager
def running_server() -> Iterator[DatabaseAccess]:
    """The server the tests use: `DUDAO_TEST_DATABASE_URL`, or an embedded one of `DUDAO_EMBEDDED_MAJOR`."""
    url = os.environ.get("DUDAO_TEST_DATABASE_URL")
    if url:
        yield external_access(url)
        return
    major = int(os.environ.get("DUDAO_EMBEDDED_MAJOR", "18"))
    with start(test_data_dir(major), major, settings=UNSAFE_AND_FAST) as embedded:
        yield DatabaseAccess(embedded.owner_url, embedded.app_url, embedded)


@contextmanager
def worker_database(server: DatabaseAccess, worker: str = "") -> Iterator[TestDatabase]:
    """A fresh database for this process, dropped at the end."""
    name = f"dudao_{CHECKOUT}_{os.getpid()}{worker}"
    with _maintenance(server.owner_url) as connection:
        # One worker migrates the template, the others wait for it.
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", (f"template {CHECKOUT}",))
        _drop_leftovers(connection)
        template = _template(connection, server)
        _clone(connection, template, name)
    database = TestDatabase(
        _with_database(server.owner_url, name), _with_database(server.app_url, name), name, template
    )
    try:
        yield database
    finally:
        with _maintenance(server.owner_url) as connection:
            _drop(connection, name)


@contextmanager
def empty_database(server: DatabaseAccess, purpose: str) -> Iterator[DatabaseAccess]:
    """A database without any table, for tests of the migrations themselves."""
    name = f"dudao_{CHECKOUT}_{os.getpid()}_{purpose}"
    with _maintenance(server.owner_url) as connection:
        _drop(connection, name)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield replace(
            server,
            owner_url=_with_database(server.owner_url, name),
            app_url=_with_database(server.app_url, name),
        )
    finally:
        with _maintenance(server.owner_url) as connection:
            _drop(connection, name)


@contextmanager
def copied_database(original: TestDatabase, purpose: str) -> Iterator[TestDatabase]:
    """A copy of a database to which nobody is connected, dropped at the end."""
    name = f"{original.name}_{purpose}"
    with _maintenance(original.owner_url) as connection:
        _clone(connection, original.name, name)
    try:
        yield TestDatabase(
            _with_database(original.owner_url, name), _with_database(original.app_url, name), name, original.name
        )
    finally:
        with _maintenance(original.owner_url) as connection:
            _drop(connection, name)


def _template(connection: psycopg.Connection, server: DatabaseAccess) -> str:
    digest = hashlib.sha256()
    for path in sorted([*(ROOT / "migrations").rglob("*.py"), ROOT / "db" / "roles.py", *(ROOT / "db").rglob("*.py")]):
        digest.update(path.read_bytes())
    name = f"dudao_{CHECKOUT}_template_{digest.hexdigest()[:8]}"
    known = [row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()]
    if name in known:
        return name
    for old in known:
        if old.startswith(f"dudao_{CHECKOUT}_template_"):
            _drop(connection, old)
    # Renamed when it is complete: an interrupted migration must not become the template.
    with empty_database(server, "building") as building:
        db.migrate.upgrade(building.owner_url)
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(str(make_url(building.owner_url).database)), sql.Identifier(name)
            )
        )
    return name


def _drop_leftovers(connection: psycopg.Connection) -> None:
    prefix = f"dudao_{CHECKOUT}_"
    for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall():
        pid = name.removeprefix(prefix).split("_")[0] if name.startswith(prefix) else ""
        if pid.isdigit() and not _is_alive(int(pid)):
            _drop(connection, name)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _clone(connection: psycopg.Connection, template: str, name: str) -> None:
    _drop(connection, name)
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def _drop(connection: psycopg.Connection, name: str) -> None:
    # Not WITH (FORCE): it refuses when autovacuum happens to be there, which a plain DROP sends away.
    connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = %s AND backend_type = 'client backend'",
        (name,),
    )
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _maintenance(owner_url: str) -> psycopg.Connection:
    return psycopg.connect(conninfo(_with_database(owner_url, "postgres")), autocommit=True)


def _with_database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
