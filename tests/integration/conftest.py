"""A world per test, undone afterwards."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete
from typer.testing import CliRunner

from app.cli import root
from db.tables import CalendarYear
from domain.permissions import OPERATOR
from services.calendars import LoadShippedYears
from tests.calendar_world import settle
from tests.evidence_world import EvidenceWorld, with_store
from tests.world import World, build_world


@pytest.fixture
def world(new_session, clock) -> World:
    return build_world(new_session, clock)


@pytest.fixture
def committed_world(committed_db, engine, clock) -> World:
    """A world whose commits are real, for tests of what several connections do to each other."""
    from db.session import make_sessions

    return build_world(make_sessions(engine), clock)


@pytest.fixture
def desk(world: World, tmp_path: Path) -> EvidenceWorld:
    """The world with a file store."""
    return with_store(world, tmp_path / "evidence")


@pytest.fixture
def item_id(desk: EvidenceWorld) -> UUID:
    """An issued item whose lead is `desk.liaison`'s unit, with one co-unit."""
    return desk.issued()


@pytest.fixture
def dudao(committed_db, monkeypatch, tmp_path):
    """`dudao("units", "list")`: the finished command on this worker's database."""
    monkeypatch.setenv("DUDAO_DATABASE_URL", committed_db.app_url)
    monkeypatch.setenv("DUDAO_OWNER_DATABASE_URL", committed_db.owner_url)
    monkeypatch.setenv("DUDAO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DUDAO_PUBLIC_URL", "https://dudao.test/")
    runner = CliRunner()

    def run(*arguments, code=0):
        done = runner.invoke(root, [str(each) for each in arguments])
        assert done.exit_code == code, done.output
        return done

    return run


@pytest.fixture
def december(world, clock):
    """The world at the end of 2026, when nobody knows the holidays of 2027 yet."""
    clock.at = datetime.fromisoformat("2026-12-29T09:00:00+08:00")
    with world.sessions() as session:
        session.execute(delete(CalendarYear))
        session.commit()
    world.do(LoadShippedYears(), OPERATOR)
    settle(world, clock)
    world.executor.calendar.forget()
    return world
