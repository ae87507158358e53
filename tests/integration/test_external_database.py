"""A PostgreSQL of the user's own, over TCP with a password, in place of the embedded one."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

import db.migrate
from db import access
from db.embedded import programs
from db.embedded.account import server_account
from db.embedded.layout import prepare
from db.session import make_engine
from domain.messages import message_for
from domain.operation_errors import DatabaseRoleMissing, DatabaseTooOld, DatabaseUnreachable
from tests.integration.embedded_support import MAJOR, private_place

PASSWORD = "p@ss w/rd+1"  # characters that a URL has to escape


@pytest.fixture(scope="module")
def external() -> Iterator[str]:
    """A server somebody else runs: scram, TCP on this machine, no roles of ours. The address is its `host:port`."""
    account = server_account()
    with private_place() as place:
        layout = prepare(place / "external", account)
        bin_dir = programs.programs_for(layout, MAJOR)
        password_file, data = layout.socket_dir / "password", layout.socket_dir / "data"
        password_file.write_text(PASSWORD)
        os.chown(password_file, account.uid, account.gid)

        def run(program: str, *arguments: str | Path) -> None:
            command = [bin_dir / program, "-D", data, *arguments]
            log = (layout.root / "external.log").open("ab")
            with log:
                subprocess.run(
                    command, check=True, stdout=log, stderr=log, cwd="/", env={"LC_ALL": "C"}, **account.identity
                )

        run("initdb", "-U", "dba", "-A", "scram-sha-256", f"--pwfile={password_file}", "-E", "UTF8", "--locale=C", "-N")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        run("pg_ctl", "-w", "-l", layout.socket_dir / "log", "-o", f"-p {port} -h 127.0.0.1 -k '' -F", "start")
        try:
            yield f"127.0.0.1:{port}"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")


def url(external: str, user: str, database: str) -> str:
    return f"postgresql://{user}:p%40ss%20w%2Frd%2B1@{external}/{database}"


@pytest.fixture
def installation(external: str, request: pytest.FixtureRequest) -> str:
    """The URL of a database whose owner may create roles, or not: `@pytest.mark.parametrize(..., indirect=True)`."""
    may = getattr(request, "param", "CREATEROLE")
    with psycopg.connect(access.conninfo(url(external, "dba", "postgres")), autocommit=True) as dba:
        dba.execute("DROP DATABASE IF EXISTS office WITH (FORCE)")
        dba.execute("DROP ROLE IF EXISTS dudao_app")
        dba.execute("DROP ROLE IF EXISTS office")
        dba.execute(psycopg.sql.SQL("CREATE ROLE office LOGIN PASSWORD {} " + may).format(PASSWORD))
        dba.execute("CREATE DATABASE office OWNER office")
    return url(external, "office", "office")


@contextmanager
def connected(app_url: str) -> Iterator[Connection]:
    """A connection as the application makes it, closed whatever happens."""
    engine = make_engine(app_url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def test_one_url_is_enough_and_the_application_still_cannot_rewrite_records(installation: str):
    opened = access.external_access(installation)
    db.migrate.upgrade(opened.owner_url)
    with connected(opened.app_url) as app:
        assert app.execute(text("SELECT session_user || ' as ' || current_user")).scalar_one() == "office as dudao_app"
        assert app.execute(text("SELECT count(*) FROM item")).scalar_one() == 0
        assert app.execute(text("SHOW lock_timeout")).scalar_one() == "3s"
        with pytest.raises(ProgrammingError, match="permission denied"):
            app.execute(text("DELETE FROM audit_entry"))


def test_options_of_the_url_are_kept(installation: str):
    opened = access.external_access(installation)
    db.migrate.upgrade(opened.owner_url)
    with_option = access.external_access(installation + "?options=-c%20work_mem%3D7MB")
    with connected(with_option.app_url) as app:
        assert app.execute(text("SHOW work_mem")).scalar_one() == "7MB"
        assert app.execute(text("SELECT current_user")).scalar_one() == "dudao_app"


@pytest.mark.parametrize("installation", ["NOCREATEROLE"], indirect=True)
def test_a_role_that_may_not_be_made_is_asked_for_with_the_statement(installation: str, external: str):
    opened = access.external_access(installation)
    with pytest.raises(DatabaseRoleMissing) as refused:
        db.migrate.upgrade(opened.owner_url)
    sentence = message_for(refused.value)
    assert "CREATE ROLE dudao_app NOLOGIN; GRANT dudao_app TO office" in sentence
    with psycopg.connect(access.conninfo(url(external, "dba", "postgres")), autocommit=True) as dba:
        dba.execute("CREATE ROLE dudao_app NOLOGIN")
        dba.execute("GRANT dudao_app TO office")
    db.migrate.upgrade(opened.owner_url)
    db.migrate.require_current(opened.app_url)


def test_an_older_server_is_refused_by_its_version(installation: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(access, "OLDEST_MAJOR", MAJOR + 1)
    with pytest.raises(DatabaseTooOld) as refused:
        access.external_access(installation)
    assert f"PostgreSQL {MAJOR}" in message_for(refused.value)


def test_a_server_that_does_not_answer_is_named_without_the_password(external: str):
    for wrong in (url("127.0.0.1:1", "office", "office"), url(external, "stranger", "office")):
        with pytest.raises(DatabaseUnreachable) as refused:
            access.external_access(wrong)
        assert "127.0.0.1" in message_for(refused.value)
        assert "w/rd" not in message_for(refused.value) + str(refused.value)


def test_opening_a_configured_database_starts_no_embedded_one(installation: str, tmp_path: Path):
    with access.open_database(
        database_url=installation, owner_database_url=None, data_dir=tmp_path / "unused", embedded_major=MAJOR
    ) as opened:
        assert opened.embedded is None
    assert not (tmp_path / "unused").exists()
