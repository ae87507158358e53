"""Migrations and models say the same; up and down and up again; one at a time; from anywhere."""

import threading
from collections.abc import Iterator

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, inspect, text

import db.migrate
import migrations
from db.access import DatabaseAccess
from db.roles import APPEND_ONLY
from domain.operation_errors import SchemaOutOfDate
from tests.databases import TestDatabase, empty_database


@pytest.fixture
def empty(database_server: DatabaseAccess) -> Iterator[DatabaseAccess]:
    with empty_database(database_server, "migrations") as created:
        yield created


def tables(url: str) -> set[str]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def test_models_and_migrations_describe_the_same_schema(database: TestDatabase):
    command.check(db.migrate.configuration(database.owner_url))


def test_down_to_nothing_and_up_again(empty: DatabaseAccess):
    db.migrate.upgrade(empty.owner_url)
    there = tables(empty.owner_url)
    db.migrate.downgrade(empty.owner_url, "base")
    assert tables(empty.owner_url) == {"alembic_version"}
    assert db.migrate.upgrade(empty.owner_url) == (None, db.migrate.head())
    assert tables(empty.owner_url) == there
    command.check(db.migrate.configuration(empty.owner_url))


def test_there_is_one_head_and_every_revision_has_a_way_back():
    script = ScriptDirectory.from_config(db.migrate.configuration(""))
    assert script.get_heads() == [db.migrate.head()]
    for revision in script.walk_revisions():
        assert revision.module.downgrade.__code__.co_code != (lambda: None).__code__.co_code, revision.revision


def test_upgrading_twice_changes_nothing(database: TestDatabase):
    head = db.migrate.head()
    assert db.migrate.upgrade(database.owner_url) == (head, head)


def test_two_hosts_that_upgrade_at_once_do_not_meet(empty: DatabaseAccess):
    # Two processes in truth; within one, Alembic's context is a global, so the lock is held by hand here.
    engine = create_engine(empty.owner_url, poolclass=NullPool)
    with engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(hashtext('dudao migrations'))"))
        done = threading.Event()

        def upgrade() -> None:
            db.migrate.upgrade(empty.owner_url)
            done.set()

        worker = threading.Thread(target=upgrade)
        worker.start()
        assert not done.wait(0.5)
        assert tables(empty.owner_url) == set()
        other.execute(text("SELECT pg_advisory_unlock_all()"))
        other.commit()
        worker.join(30)
    assert done.is_set()


def test_another_schema_than_the_programs_is_refused(empty: DatabaseAccess, database: TestDatabase):
    db.migrate.require_current(database.app_url)
    with pytest.raises(SchemaOutOfDate):
        db.migrate.require_current(empty.owner_url)


def test_the_append_only_tables_exist_and_are_guarded(database: TestDatabase, database_server: DatabaseAccess):
    assert set(APPEND_ONLY) <= tables(database.owner_url)


def test_migrations_are_found_in_the_package_not_in_the_working_directory(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert db.migrate.configuration("").get_main_option("script_location") == next(iter(migrations.__path__))
    db.migrate.head()
