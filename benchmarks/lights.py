"""Lights of 100,000 items: the night in which every light is judged again, the close of a month, and nothing due."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import LiteralString

from sqlmodel import Session

from benchmarks.database import fresh_database, plain
from benchmarks.figures import Figure
from benchmarks.worklist import fill, publish_models
from bpmn.engine import ProcessEngine
from db.session import make_engine, make_sessions
from domain.calendar import local_date, start_of
from domain.permissions import SCHEDULER
from services.executor import Executor
from services.lights import FreezeLights, RefreshLights, due_lights, due_periods

ITEMS = 100_000
NIGHT_GOAL_S, MONTH_GOAL_S, IDLE_GOAL_MS = 60.0, 60.0, 50.0

# A year of reports: what a judgement reads grows with an item's past.
_FACTS: tuple[LiteralString, ...] = (
    "UPDATE item SET issued_at = now() - interval '50 days', due_strength = 'firm'",
    # Each fact would arm its item, eleven times over; every item is armed as it is.
    "ALTER TABLE progress_fact DISABLE TRIGGER arm_light",
    "INSERT INTO progress_fact (item_id, kind, value, effective_at, recorded_at, source_kind)"
    " SELECT i.id, 'percent', to_jsonb(m * 8), now() - (12 - m) * interval '25 days',"
    "  now() - (12 - m) * interval '25 days', 'bench' FROM item i, generate_series(1, 11) m",
    "ALTER TABLE progress_fact ENABLE TRIGGER arm_light",
    "INSERT INTO item_deadline (id, item_id, position, phrase, kind, strength, applies_to)"
    " SELECT gen_random_uuid(), id, 0, 'bench', 'by_date', 'firm', 'row' FROM item",
)


@dataclass
class _Clock:
    at: datetime

    def now(self) -> datetime:
        return self.at


def lights() -> Iterator[Figure]:
    """`lights_*`: seconds for all, one scheduler, one command at a time; milliseconds when nothing is due."""
    with fresh_database() as access:
        engine = make_engine(access.app_url)
        with make_sessions(engine)() as session:
            publish_models(session)
        fill(plain(access.owner_url), *_FACTS)
        clock = _Clock(datetime.now(UTC))
        executor = Executor(make_sessions(engine), clock, ProcessEngine())
        yield Figure("lights_first_s", _seconds(lambda: _refresh(executor)), "s", NIGHT_GOAL_S, "lower")
        clock.at = start_of(local_date(clock.at) + timedelta(days=1))
        yield Figure("lights_night_s", _seconds(lambda: _refresh(executor)), "s", NIGHT_GOAL_S, "lower")
        yield Figure(
            "lights_month_s", _seconds(lambda: _freeze(executor)) / _months(executor), "s", MONTH_GOAL_S, "lower"
        )
        _refresh(executor)
        idle = sorted(_seconds(lambda: _idle(executor)) * 1_000 for _ in range(50))
        yield Figure("lights_idle_ms", idle[47], "ms", IDLE_GOAL_MS, "lower")
        engine.dispose()


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _refresh(executor: Executor) -> None:
    while True:
        with executor.sessions() as session:
            if not due_lights(session, executor.clock.now(), 1):
                return
        executor.execute(RefreshLights(), actor=SCHEDULER)


def _freeze(executor: Executor) -> None:
    while True:
        with executor.sessions() as session:
            keys = due_periods(session, executor.clock.now(), 500)
        if not keys:
            return
        for due in keys:
            command = FreezeLights(list_id=due.list_id, period=due.period, part=due.part)
            executor.execute(command, actor=SCHEDULER)


def _months(executor: Executor) -> int:
    with executor.sessions() as session:
        return _count(session)


def _count(session: Session) -> int:
    found: int = session.connection().exec_driver_sql("SELECT count(*) FROM light_period").scalar_one()
    return found


def _idle(executor: Executor) -> None:
    with executor.sessions() as session:
        assert not due_lights(session, executor.clock.now(), 1)
        assert not due_periods(session, executor.clock.now(), 1)
