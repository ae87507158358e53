"""One of many schedulers works; another one takes over within seconds, whatever became of the first."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from apscheduler.schedulers import base as library
from sqlmodel import select

from app.scheduler import SILENCE_SECONDS, Scheduler
from bpmn.engine import ProcessEngine
from db.access import conninfo
from db.session import make_sessions
from db.tables import Heartbeat, SweepStatus
from domain.permissions import Permission
from services.executor import Executor
from services.ports import SystemClock
from services.queries.operation import health
from services.sweeps import Sweep
from services.unit_of_work import UnitOfWork
from tests.integration.embedded_support import eventually


@dataclass(frozen=True)
class Count:
    """Notes that it was executed."""

    into: list[float] = field(metadata={"audit": False})
    seconds: float = field(default=0.0, metadata={"audit": False})

    def execute(self, uow: UnitOfWork) -> None:
        uow.require(Permission.SCHEDULER_RUN)
        uow.audited = False
        time.sleep(self.seconds)
        uow.after_commit.append(lambda: self.into.append(time.monotonic()))


def counting(into: list[float], *, every: float = 0.0, keys: int = 1, seconds: float = 0.0) -> Sweep[Any]:
    return Sweep(
        name="counting",
        every=timedelta(seconds=every),
        find=lambda _session, _now, limit: list(range(keys))[:limit],
        command=lambda _key: Count(into, seconds),
    )


@pytest.fixture
def new_scheduler(committed_db, engine) -> Iterator[Any]:
    """`new_scheduler(sweeps, ...)`: a scheduler of the worker's database; all are stopped in the end."""
    made: list[Scheduler] = []
    sessions = make_sessions(engine)
    executor = Executor(sessions, SystemClock(), ProcessEngine())

    def make(*sweeps: Sweep[Any], **options: Any) -> Scheduler:
        made.append(Scheduler(executor, sessions, committed_db.app_url, sweeps=sweeps, **options))
        return made[-1]

    yield make
    for scheduler in made:
        scheduler.stop()


def heartbeats(engine) -> list[Heartbeat]:
    with make_sessions(engine)() as session:
        return list(session.exec(select(Heartbeat)))


def end_lock_holders(url: str) -> None:
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dudao-scheduler'"
            " AND datname = current_database()"
        )


def test_one_of_three_works_and_the_others_stand_by(new_scheduler, engine):
    done: list[float] = []
    schedulers = [new_scheduler(counting(done)) for _ in range(3)]
    for _ in range(4):
        for scheduler in schedulers:
            scheduler.tick()
    assert [scheduler.leads for scheduler in schedulers] == [True, False, False]
    assert len(done) == 4
    assert sorted(beat.ticking for beat in heartbeats(engine)) == [False, False, True]


def test_another_one_works_as_soon_as_the_first_has_stopped(new_scheduler, engine):
    first, second = new_scheduler(counting([])), new_scheduler(counting([]))
    first.tick()
    first.stop()
    second.tick()
    assert second.leads
    assert [beat.id for beat in heartbeats(engine)] == [second.identity.id]


def test_who_lost_the_connection_of_the_lock_stops_even_in_the_middle_of_a_run(
    new_scheduler, committed_db, monkeypatch
):
    monkeypatch.setattr("app.scheduler.CHECK_SECONDS", 0.0)
    monkeypatch.setattr("services.sweeping.BATCH", 1)
    done: list[float] = []
    first, second = new_scheduler(counting(done, keys=600, seconds=0.005), threads=1), new_scheduler()
    run = threading.Thread(target=first.tick)
    run.start()
    assert eventually(lambda: len(done) > 5)
    end_lock_holders(committed_db.owner_url)
    run.join(10)
    assert not first.leads
    assert len(done) < 600
    second.tick()
    assert second.leads
    first.tick()
    assert not first.leads, "the lock is another one's now"


def test_a_ticker_that_hangs_is_unseated(new_scheduler, monkeypatch):
    monkeypatch.setattr("app.scheduler.CHECK_SECONDS", 0.0)
    hanging, other = new_scheduler(), new_scheduler(silence_seconds=0.3)
    hanging.tick()
    other.tick()
    assert not other.leads
    time.sleep(0.4)

    def took_over() -> bool:
        other.tick()
        return bool(other.leads)

    assert eventually(took_over)
    hanging.tick()
    assert not hanging.leads


def test_a_ticker_that_works_is_not_unseated(new_scheduler, monkeypatch):
    monkeypatch.setattr("app.scheduler.CHECK_SECONDS", 0.0)
    monkeypatch.setattr("app.scheduler.BEAT_SECONDS", 0.0)
    working, other = new_scheduler(), new_scheduler(silence_seconds=0.2)
    until = time.monotonic() + 0.8
    while time.monotonic() < until:
        working.tick()
        other.tick()
    assert working.leads
    assert not other.leads


def test_each_sweep_runs_in_its_own_rhythm_and_a_long_one_does_not_hold_up_the_others(new_scheduler, monkeypatch):
    monkeypatch.setattr("app.scheduler.SLICE_SECONDS", 0.05)
    long: list[float] = []
    short: list[float] = []
    rare: list[float] = []
    sweeps = (
        counting(long, keys=100_000, seconds=0.002),
        Sweep(name="short", every=timedelta(0), find=lambda *_: ["a"], command=lambda _: Count(short)),
        Sweep(name="rare", every=timedelta(hours=1), find=lambda *_: ["a"], command=lambda _: Count(rare)),
    )
    scheduler = new_scheduler(*sweeps)
    for _ in range(3):
        scheduler.tick()
    assert (len(short), len(rare)) == (3, 1)
    assert len(long) >= 3


def test_health_follows_the_ticker(new_scheduler, engine):
    sessions, now = make_sessions(engine), SystemClock().now
    with sessions() as session:
        assert not health(session, now()).ticking
    new_scheduler(counting([])).tick()
    with sessions() as session:
        assert health(session, now()).ticking
        assert not health(session, now() + timedelta(seconds=61)).ticking
        assert session.get_one(SweepStatus, "counting").done == 1


def test_a_wall_clock_that_is_set_back_or_forward_stops_nothing(new_scheduler, monkeypatch):
    """The library sleeps until a time of the wall clock: set back by an hour, it would sleep for an hour."""
    shift = timedelta(0)

    class Wall(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + shift

    monkeypatch.setattr(library, "datetime", Wall)
    done: list[float] = []
    with new_scheduler(counting(done), tick_seconds=0.1):
        assert eventually(lambda: len(done) >= 2)
        for hours in (-1, 240, -240):
            shift += timedelta(hours=hours)
            seen = len(done)
            assert eventually(lambda: len(done) >= seen + 3, 5), hours  # noqa: B023  called at once
    assert max(b - a for a, b in itertools.pairwise(done)) < 3
    assert len(done) < 100, "ten days forward are not 864 000 ticks to make up for"


@contextmanager
def process(database, tmp_path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    environment = {
        **os.environ,
        "DUDAO_DATABASE_URL": database.app_url,
        "DUDAO_OWNER_DATABASE_URL": database.owner_url,
        "DUDAO_DATA_DIR": str(tmp_path),
        "DUDAO_LOG_FORMAT": "json",
    }
    command = [sys.executable, "-c", "from app.cli import main; main()", *arguments]
    started = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert started.stdout is not None
        assert started.stdout.readline()
        yield started
    finally:
        started.kill()
        started.communicate()


def ticker(engine) -> int | None:
    return next((beat.pid for beat in heartbeats(engine) if beat.ticking), None)


def test_a_killed_scheduler_is_followed_by_another_within_seconds_and_a_stopped_one_leaves_in_order(
    committed_db, engine, tmp_path
):
    with process(committed_db, tmp_path, "scheduler") as first:
        assert eventually(lambda: ticker(engine) == first.pid)
        with process(committed_db, tmp_path, "scheduler") as second:
            assert eventually(lambda: len(heartbeats(engine)) == 2)
            killed_at = time.monotonic()
            first.send_signal(signal.SIGKILL)
            assert eventually(lambda: second.pid in {beat.pid for beat in heartbeats(engine) if beat.ticking})
            # The lock says so at the next look; waiting for silence would take SILENCE_SECONDS.
            assert time.monotonic() - killed_at < SILENCE_SECONDS / 3
            second.send_signal(signal.SIGTERM)
            _, log = second.communicate(timeout=60)
            assert (second.returncode, "Traceback" in log) == (0, False)
    assert [beat.pid for beat in heartbeats(engine)] == [first.pid], "who was killed could not say good-bye"
