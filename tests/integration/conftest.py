"""A world per test, undone afterwards."""

from pathlib import Path
from uuid import UUID

import pytest

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
