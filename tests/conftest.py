"""Fixtures that every test may ask for. Nothing here is used automatically: unit tests need no database."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, Engine
from sqlmodel import Session
from xdist.scheduler import LoadScopeScheduling

from app.settings import default_data_dir
from db.access import DatabaseAccess
from db.session import make_engine
from tests.databases import CHECKOUT, ROOT, TestDatabase, running_server, worker_database

REFERENCE_NOW = datetime(2026, 3, 10, 1, tzinfo=UTC)
"""09:00 in Asia/Shanghai on an ordinary Tuesday; no test depends on today."""

KEPT_VARIABLES = {"DUDAO_EMBEDDED_MAJOR", "DUDAO_SHARED"}


GROUPS = {
    "tests/e2e/": "browser",
    "tests/integration/test_demo": "demo",
}
"""Tests that share something dear go to one worker: a city that is played once, a browser."""


class GroupedScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """One worker per group of `GROUPS`; every other test goes wherever there is room.

    xdist's own groups are written into the test's id, which pytest from 9.2 on does not read back.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((group for start, group in GROUPS.items() if nodeid.startswith(start)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupedScheduling:
    """The scheduling of this suite, whatever `--dist` says."""
    return GroupedScheduling(config, log)


def pytest_configure() -> None:
    """Keep the developer's own installation out of reach: settings read in a test see only what the test sets."""
    for name in [name for name in os.environ if name.startswith("DUDAO_") and not name.startswith("DUDAO_TEST_")]:
        if name not in KEPT_VARIABLES:
            del os.environ[name]
    os.environ["DUDAO_DATA_DIR"] = str(default_data_dir() / f"test-{CHECKOUT}-settings")
    # How fast examples are made and run says something about the machine's other work, nothing about the product.
    calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    # A change is judged by the same examples as the one before it; `make explore` looks for new ones.
    settings.register_profile("same", calm, derandomize=True)
    settings.register_profile("explore", calm)
    settings.load_profile(os.environ.get("DUDAO_TEST_EXAMPLES", "same"))


class FixedClock:
    """A clock that stands still until the test moves it."""

    def __init__(self, at: datetime = REFERENCE_NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> datetime:
        """Move on by `timedelta(**by)`."""
        self.at += timedelta(**by)
        return self.at


@pytest.fixture
def clock() -> FixedClock:
    """Tuesday, 10 March 2026, 09:00 in Asia/Shanghai."""
    return FixedClock()


@pytest.fixture(scope="session")
def shared_material() -> Path:
    """The folder with seeds, truth and checks, where there is one."""
    folder = Path(os.environ.get("DUDAO_SHARED") or ROOT.parent / "shared")
    if not (folder / "seeds").is_dir():
        pytest.skip("no shared material beside the project")
    return folder


@pytest.fixture(scope="session")
def database_server() -> Iterator[DatabaseAccess]:
    """The running server, without a database of this project."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def database(database_server: DatabaseAccess) -> Iterator[TestDatabase]:
    """This worker's migrated database."""
    with worker_database(database_server) as created:
        yield created


@pytest.fixture(scope="session")
def db_url(database: TestDatabase) -> str:
    """SQLAlchemy URL of this worker's database for the application's role."""
    return database.app_url


@pytest.fixture(scope="session")
def engine(db_url: str) -> Iterator[Engine]:
    """An engine for the application's role."""
    created = make_engine(db_url, application_name="dudao-tests")
    yield created
    created.dispose()


@pytest.fixture(scope="session")
def owner_engine(database: TestDatabase) -> Iterator[Engine]:
    """An engine for the owner's role, for what the application may not do."""
    created = make_engine(database.owner_url, application_name="dudao-tests-owner")
    yield created
    created.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that is rolled back after the test."""
    with engine.connect() as opened:
        outer = opened.begin()
        yield opened
        outer.rollback()


@pytest.fixture
def new_session(connection: Connection) -> Callable[[], Session]:
    """Sessions that believe they commit: each is a savepoint of the test's transaction.

    For code that opens sessions of its own, one at a time. What several connections do to each other needs
    `committed_db`.
    """
    return lambda: Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")


@pytest.fixture
def session(new_session: Callable[[], Session]) -> Iterator[Session]:
    """A session whose work is undone after the test, commits included."""
    with new_session() as opened:
        yield opened


@pytest.fixture
def committed_db(database: TestDatabase, engine: Engine, owner_engine: Engine) -> Iterator[TestDatabase]:
    """The worker's database for tests that truly commit; afterwards it is as the migrations left it.

    Tables are not truncated: append-only ones refuse it, and rows that migrations bring would be gone.
    """
    yield database
    engine.dispose()
    owner_engine.dispose()
    database.recreate()
