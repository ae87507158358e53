"""A world per test, undone afterwards."""

import pytest

from tests.world import World, build_world


@pytest.fixture
def world(new_session, clock) -> World:
    return build_world(new_session, clock)


@pytest.fixture
def committed_world(committed_db, engine, clock) -> World:
    """A world whose commits are real, for tests of what several connections do to each other."""
    from db.session import make_sessions

    return build_world(make_sessions(engine), clock)
