"""Escalations per second: ten thousand of a hundred thousand open deadlines due at once, with one and three schedulers,
and what a look costs when nothing is due.
"""

import multiprocessing
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import psycopg

from app.scheduler import Scheduler
from benchmarks.database import fresh_database, plain
from benchmarks.deadlines import DUE, MORNING, SharedClock, fill
from benchmarks.figures import Figure
from bpmn.engine import ProcessEngine
from db.session import make_engine, make_sessions
from services.executor import Executor
from services.sweeps import SWEEPS

GOAL_PER_SECOND = 300
GOAL_IDLE_MS = 50
IDLE_TICKS = 20
LONGEST = 600.0
DAY = 86_400.0
LADDER = ("ladder_of_work_items", "ladder_of_items")
WITHOUT = ("uploads", "calendar_years")
"""They need files or load something: not what happens each second."""


def escalation() -> Iterator[Figure]:
    """`escalations_per_s_*` with one and three schedulers, the largest lateness, `idle_sweep_ms`."""
    for schedulers in (1, 3):
        with fresh_database() as access:
            due = fill(access.owner_url, plain(access.owner_url))
            assert due == DUE, due
            if schedulers == 1:
                yield from _idle(access.app_url)
            seconds, lateness = _race(access.app_url, plain(access.owner_url), schedulers)
            suffix = f"_{schedulers}"
            yield Figure(f"escalations_per_s{suffix}", due / seconds, "1/s", GOAL_PER_SECOND)
            yield Figure(f"escalation_largest_lateness_s{suffix}", lateness, "s")


def _scheduler(url: str, zero: float, names: tuple[str, ...]) -> Scheduler:
    engine = make_engine(url, application_name="dudao-bench")
    sessions = make_sessions(engine)
    reads = make_sessions(engine.execution_options(postgresql_readonly=True))
    executor = Executor(sessions, SharedClock(zero), ProcessEngine())
    return Scheduler(executor, reads, url, sweeps=[sweep for sweep in SWEEPS if sweep.name in names])


def _process(url: str, start: Any, stop: Any) -> None:
    scheduler = _scheduler(url, start.value, LADDER)
    while time.time() < start.value:
        time.sleep(0.001)
    with scheduler:
        stop.wait()


def _race(url: str, owner: str, schedulers: int) -> tuple[float, float]:
    """Seconds until everything was recorded, and how late the last one was. Nothing was recorded twice."""
    context = multiprocessing.get_context("spawn")
    start, stop = context.Value("d", 0.0), context.Event()
    start.value = time.time() + 4
    processes = [context.Process(target=_process, args=(url, start, stop)) for _ in range(schedulers)]
    for process in processes:
        process.start()
    try:
        with psycopg.connect(owner, autocommit=True) as connection:
            _wait(connection, start.value + LONGEST)
            row = connection.execute(
                "SELECT count(*), count(DISTINCT subject_id), extract(epoch FROM max(fired_at) - %s),"
                " (SELECT count(*) FROM delivery WHERE topic = 'escalation') FROM escalation",
                (MORNING,),
            ).fetchone()
    finally:
        stop.set()
        for process in processes:
            process.join(30)
    assert row is not None
    assert row[:2] == (DUE, DUE), f"recorded {row[0]} of {row[1]} work items"
    assert row[3] == DUE, f"{row[3]} deliveries"
    # From the moment when all were due to the last record: what somebody waits who is told last.
    return float(row[2]), float(row[2])


def _wait(connection: psycopg.Connection[Any], until: float) -> None:
    while time.time() < until:
        row = connection.execute("SELECT count(*) FROM work_item WHERE escalate_at <= %s", (MORNING,)).fetchone()
        if row == (0,):
            return
        time.sleep(0.2)
    raise RuntimeError("not everything was fired in time")


def _idle(url: str) -> Iterator[Figure]:
    """One tick of every sweep on the day before, when none of the hundred thousand deadlines is due."""
    names = tuple(sweep.name for sweep in SWEEPS if sweep.name not in WITHOUT)
    scheduler = _scheduler(url, time.time() + DAY, names)
    took = []
    try:
        for _ in range(3 + IDLE_TICKS):
            scheduler.hurry()
            began = time.perf_counter()
            scheduler.tick()
            took.append((time.perf_counter() - began) * 1000)
    finally:
        scheduler.stop()
    yield Figure("idle_sweep_ms", median(took[3:]), "ms", GOAL_IDLE_MS, "lower")
