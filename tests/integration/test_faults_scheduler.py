"""Schedulers are killed, the database is, clocks jump, the service is away for days: each level goes out once."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.scheduler import Scheduler
from db.session import make_engine
from domain.items import DeadlineKind
from services.items import NewDeadline
from services.rehearsal import Script, play
from services.sweeps import SWEEPS
from tests.faults import killable_server, patiently, world_on
from tests.integration.embedded_support import eventually
from tests.integration.scheduler_process import WITHOUT
from tests.integration.test_faults_crash import kill
from tests.world import World

DAY = 86_400
SPEED = 2.5 * DAY
"""A second is two and a half days: the run below takes the world through six weeks."""
SECONDS = 17.0
ITEMS = 12


def deadline(day: date) -> NewDeadline:
    return NewDeadline(phrase=f"{day}前", kind=DeadlineKind.BY_DATE, on_date=day)


def issued(world: World, count: int = ITEMS) -> None:
    """Items that nobody works on, with deadlines over three weeks."""
    for number in range(count):
        item_id = world.item(leads=1 + number % 2, deadlines=(deadline(date(2026, 3, 16) + timedelta(days=number)),))
        world.complete(item_id, "issue")


def foretold(world: World, app_url: str, last_day: date) -> set[tuple[Any, ...]]:
    """Who is told what, by the rehearsal: (item, subject kind by its step, level, person)."""
    engine = make_engine(app_url, pool_size=1, max_overflow=0)
    with engine.connect() as connection:
        found = play(connection, world.executor, Script(world.clock.at, last_day))
    engine.dispose()
    assert found.failed == ()
    return {(h.item_id, h.step is None, h.level, h.person) for h in found.happenings if h.person}


def recorded(world: World) -> list[tuple[Any, ...]]:
    with world.sessions() as session:
        rows = session.connection().execute(
            text(
                "SELECT e.item_id, e.subject_kind = 'item', e.level, p.name, e.occurrence, e.subject_id, e.epoch"
                " FROM escalation e JOIN person p ON p.id = e.recipient_id"
            )
        )
        return [tuple(row) for row in rows]


def check_once(world: World) -> None:
    """No level of a subject went out to anybody twice, and each that did became one message."""
    rows = recorded(world)
    assert set(
        Counter((subject_id, epoch, level, person) for _, _, level, person, _, subject_id, epoch in rows).values()
    ) == {1}
    with world.sessions() as session:
        told = session.connection().execute(
            text(
                "SELECT (SELECT count(*) FROM message WHERE topic IN ('reminder', 'urge', 'escalation')),"
                " (SELECT count(*) FROM delivery WHERE topic = 'escalation')"
            )
        )
        assert told.one() == (len(rows), 0)


@pytest.fixture
def server() -> Iterator[Any]:
    with killable_server() as running:
        yield running


def start(app_url: str) -> subprocess.Popen[str]:
    script = Path(__file__).with_name("scheduler_process.py")
    root = script.parent.parent.parent
    return subprocess.Popen(
        [sys.executable, str(script), app_url, str(SPEED)],
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def ticker(world: World) -> int | None:
    with world.sessions() as session:
        row = session.connection().execute(
            text("SELECT pid FROM heartbeat WHERE ticking ORDER BY seen_at DESC, started_at DESC LIMIT 1")
        )
        found: int | None = row.scalar_one_or_none()
        return found


def test_three_schedulers_of_which_one_is_killed_and_then_the_database(server):
    with world_on(server.app_url) as world:
        issued(world)
        processes = [start(server.app_url) for _ in range(3)]
        try:
            for process in processes:
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n"
            last = world.clock.at + timedelta(seconds=SECONDS * SPEED)
            expected = foretold(world, server.app_url, (last - timedelta(days=3)).date())
            zero = time.time()
            for process in processes:
                assert process.stdin is not None
                process.stdin.write(f"{zero}\n")
                process.stdin.flush()
            assert eventually(lambda: len(recorded(world)) > 5, 30)
            first = ticker(world)
            assert first in {process.pid for process in processes}
            os.kill(first, signal.SIGKILL)
            seen = len(recorded(world))
            assert eventually(lambda: len(recorded(world)) > seen + 5, 30), "another one took over"
            kill(server)
            time.sleep(0.3)
            assert server.revive()
            until = time.monotonic() + 60
            while time.monotonic() < until:
                rows = patiently(lambda: recorded(world), until) or []
                if {row[:4] for row in rows} >= expected:
                    break
                time.sleep(0.2)
        finally:
            for process in processes:
                process.kill()
                process.communicate()
        rows = recorded(world)
        assert {row[:4] for row in rows} >= expected
        assert set(Counter(rows).values()) == {1}


@pytest.fixture
def city(committed_world, committed_db):
    """A world with a scheduler whose clock the test moves: (world, scheduler, tick)."""
    world = committed_world
    issued(world)
    sweeps = [sweep for sweep in SWEEPS if sweep.name not in WITHOUT]
    scheduler = Scheduler(world.executor, world.sessions, committed_db.app_url, sweeps=sweeps)

    def tick() -> None:
        for _ in range(3):
            scheduler.hurry()
            scheduler.tick()

    yield world, tick
    scheduler.stop()


def test_after_an_outage_of_ten_days_each_level_goes_out_once(city, committed_db):
    world, tick = city
    tick()
    world.clock.advance(days=2)
    tick()
    before = recorded(world)
    world.clock.advance(days=10)
    tick()
    after = recorded(world)
    assert len(after) > len(before)
    check_once(world)
    tick()
    assert recorded(world) == after


def test_a_clock_that_jumps_forward_and_back_tells_nobody_twice(city, committed_db):
    world, tick = city
    expected = foretold(world, committed_db.app_url, (world.clock.at + timedelta(days=20)).date())
    for hours in (24, 240, -200, 6, 300, -100, 24):
        world.clock.advance(hours=hours)
        tick()
    world.clock.at = world.clock.at.replace(year=2026, month=3, day=31)
    tick()
    check_once(world)
    assert {row[:4] for row in recorded(world)} >= {row for row in expected if row[1]}
