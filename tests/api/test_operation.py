"""How the clock is doing, over HTTP."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlmodel import Session, select

from db.tables import Heartbeat, SweepFailure, SweepStatus
from domain.permissions import Role


@pytest.fixture
def ticking(new_session, clock):
    """A ticker, a sweep with a backlog, and a key that failed four times."""
    with new_session() as session:
        add_everything(session, clock.now())


def add_everything(session: Session, now: datetime) -> None:
    beat = Heartbeat(id=uuid4(), kind="scheduler", host="a", pid=1, started_at=now, seen_at=now, ticking=True)
    session.add(beat)
    session.add(
        SweepStatus(
            name="process_timers",
            ran_at=now,
            took_seconds=0.002,
            done=3,
            failed=1,
            done_ever=7,
            backlog=2,
            oldest_due_at=now - timedelta(seconds=90),
            lag_seconds=90.0,
        )
    )
    session.add(
        SweepFailure(
            name="process_timers",
            key="k",
            attempts=4,
            first_at=now,
            failed_at=now,
            next_try_at=now + timedelta(minutes=5),
            error_code="timer_stuck",
            error="ghost",
        )
    )
    session.commit()


def test_health_says_whether_the_clock_goes(anonymous, ticking, clock):
    answer = anonymous.get("/api/v1/health")
    assert (answer.status_code, answer.json()["ticking"], answer.json()["late_seconds"]) == (200, True, 90.0)
    assert answer.json()["incidents"] == 1
    clock.advance(seconds=61)
    late = anonymous.get("/api/v1/health")
    assert (late.status_code, late.json()["ticking"]) == (200, False)


def test_health_without_any_scheduler_ever(anonymous):
    assert anonymous.get("/api/v1/health").json() == {
        "ticking": False,
        "last_tick_at": None,
        "late_seconds": 0.0,
        "incidents": 0,
    }


def test_an_administrator_sees_processes_lag_and_failures(client_as, ticking, clock):
    admin = client_as(Role.SYSTEM_ADMIN)
    found = admin.get("/api/v1/operation").json()
    assert found["ticking"] is True
    assert [(p["host"], p["ticking"], p["silent"]) for p in found["processes"]] == [("a", True, False)]
    [sweep] = found["sweeps"]
    assert (sweep["backlog"], sweep["lag_seconds"], sweep["failing"], sweep["took_ms"]) == (2, 90.0, 1, 2.0)
    [failure] = found["failures"]
    assert (failure["key"], failure["attempts"], failure["incident"]) == ("k", 4, True)
    clock.advance(minutes=2)
    assert admin.get("/api/v1/operation").json()["processes"][0]["silent"] is True


def test_what_failed_is_tried_again_when_an_administrator_says_so(client_as, ticking, new_session, clock):
    admin = client_as(Role.SYSTEM_ADMIN)
    answer = admin.post("/api/v1/operation/retries", json={"sweep": "process_timers"})
    assert (answer.status_code, answer.json()) == (202, {"keys": 1})
    with new_session() as session:
        assert session.exec(select(SweepFailure.next_try_at)).one() == clock.now()
    assert admin.post("/api/v1/operation/retries", json={"sweep": "nothing"}).status_code == 404
    assert client_as(Role.OFFICE_STAFF).post("/api/v1/operation/retries", json={"sweep": "x"}).status_code == 403
