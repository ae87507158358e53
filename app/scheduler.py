"""The clock: runs the sweeps, in one process of however many there are.

APScheduler says when to tick, and nothing else: there is one job and no job store, for a store that two processes
share runs everything twice. Which process works is decided by an advisory lock, asked for again at each tick on the
connection that holds it. The others stand by and take over when the lock is free.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self
from uuid import UUID, uuid4

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from sqlmodel import Session

from db.leadership import Leadership
from domain.errors import Unavailable
from domain.permissions import SCHEDULER
from services.database_errors import DATABASE_ERRORS
from services.executor import Command, Executor, RequestInfo
from services.operation import Beat, LeaveBeat, Measured, NoteTick
from services.queries.operation import silent_ticker
from services.sweeping import Ran, Sweeper
from services.sweeps import SWEEPS, Sweep

LEADERSHIP: Final = 1
"""The number of the schedulers' lock."""
TICK_SECONDS: Final = 1.0
SLICE_SECONDS: Final = 5.0
"""How long one sweep may work before the others get their turn; what is left is taken up in the next tick."""
BEAT_SECONDS: Final = 5.0
"""How often a process says that it is alive when nothing else has to be written down."""
CHECK_SECONDS: Final = 1.0
"""How often a long run asks whether it still is the one."""
SILENCE_SECONDS: Final = 60.0
"""A ticker that holds the lock and is not heard of for so long hangs: another one takes its place."""
THREADS: Final = 4
JOB: Final = "tick"
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Due now, whatever the wall clock says."""

_log = structlog.get_logger()


class Rhythm(BaseTrigger):  # type: ignore[misc]  # apscheduler has no types
    """A fixed time after now. Unlike the library's interval it owes nothing for the time that a clock jumped over."""

    def __init__(self, seconds: float) -> None:
        self.length = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """At once when nothing has been done yet."""
        return now if previous is None else now + self.length


@dataclass(slots=True)
class Identity:
    """This process among the others."""

    kind: str
    id: UUID = field(default_factory=uuid4)
    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def beat(self, *, ticking: bool = False) -> Beat:
        """That it is alive."""
        return Beat(
            id=self.id, kind=self.kind, host=self.host, pid=self.pid, started_at=self.started_at, ticking=ticking
        )


class Scheduler:
    """One scheduler process. `tick` does whatever is due now; `start` lets it be called every second."""

    def __init__(
        self,
        executor: Executor,
        reads: Callable[[], Session],
        app_url: str,
        *,
        sweeps: Sequence[Sweep[Any]] = SWEEPS,
        threads: int = THREADS,
        tick_seconds: float = TICK_SECONDS,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self.identity = Identity("scheduler")
        self.leads = False
        self._executor = executor
        self._reads = reads
        self._sweeps = tuple(sweeps)
        self._sweeper = Sweeper(executor, reads, threads=threads)
        self._leadership = Leadership(app_url, LEADERSHIP)
        self._tick_seconds = tick_seconds
        self._silence_seconds = silence_seconds
        self._clockwork: BackgroundScheduler | None = None
        self._watching: threading.Thread | None = None
        self._stopping = threading.Event()
        self._turn: dict[str, float] = {}
        self._untold: dict[str, Ran] = {}
        self._told_at = float("-inf")
        self._listed: set[str] = set()
        self._checked_at = 0.0
        self._ticked_at = time.monotonic()
        self._away = False
        # No process at first, not even none: what is seen first is new.
        self._silence: tuple[object, float] = (self, 0.0)

    def start(self) -> None:
        """Tick from now on, in threads of its own."""
        # Each tick that a long sweep makes it leave out would be a line of the log.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        clockwork = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        clockwork.add_job(self.tick, Rhythm(self._tick_seconds), id=JOB)
        clockwork.start()
        self._clockwork = clockwork
        self._watching = threading.Thread(target=self._watch, name="scheduler-watch", daemon=True)
        self._watching.start()

    def stop(self) -> None:
        """Finish the transactions under way, let another one take over, and end. May be called more than once."""
        self._stopping.set()
        clockwork, self._clockwork = self._clockwork, None
        if clockwork is not None:
            clockwork.shutdown(wait=True)
        if self._watching is not None:
            self._watching.join()
            self._watching = None
        self._leadership.give_up()
        self.leads = False
        try:
            self._do(LeaveBeat(id=self.identity.id))
        except (Unavailable, *DATABASE_ERRORS):
            _log.warning("scheduler_left_without_a_word")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def tick(self) -> None:
        """Do what is due, if this is the process that does it. A database that is away is waited for."""
        self._ticked_at = time.monotonic()
        if self._stopping.is_set():
            return
        try:
            self._lead(self._leadership.hold())
            if self.leads:
                self._sweep()
            else:
                self._stand_by()
            self._tell(at_once=any(self._presses(ran) for ran in self._untold.values()))
        except (Unavailable, *DATABASE_ERRORS) as error:
            self._lead(leads=False)
            if not self._away:
                _log.warning("database_away", error=str(error).strip())
            self._away = True
        else:
            if self._away:
                _log.info("database_back")
            self._away = False
        finally:
            self._ticked_at = time.monotonic()

    def hurry(self) -> None:
        """Let every sweep be due at the next tick, whatever its rhythm."""
        self._turn.clear()

    def _lead(self, leads: bool) -> None:  # noqa: FBT001  a plain fact
        if leads != self.leads:
            _log.info("scheduler_ticks" if leads else "scheduler_stands_by", host=self.identity.host)
            # A new ticker looks at everything at once: nobody knows what the old one left.
            self._turn.clear()
            self._listed.clear()
            self._told_at = float("-inf")
        self.leads = leads

    def _sweep(self) -> None:
        now = time.monotonic()
        for look in self._sweeper.look(s for s in self._sweeps if self._turn.get(s.name, 0.0) <= now):
            sweep, until = look.sweep, time.monotonic() + SLICE_SECONDS
            ran = self._sweeper.run(sweep, lambda: time.monotonic() < until and self._may_go_on(), look)  # noqa: B023
            every = 0.0 if ran.left else sweep.every.total_seconds()
            self._turn[sweep.name] = time.monotonic() + every
            self._keep(ran)
            if not self._may_go_on():
                return

    def _may_go_on(self) -> bool:
        """Whether this process is still wanted and still the one; asked between batches."""
        if self._stopping.is_set() or not self.leads:
            return False
        now = time.monotonic()
        if now - self._checked_at >= CHECK_SECONDS:
            self._checked_at = now
            if not self._leadership.held():
                self._lead(leads=False)
                return False
            self._tell()
        return True

    def _keep(self, ran: Ran) -> None:
        before = self._untold.get(ran.name)
        if before is not None:
            ran.done += before.done
            ran.failed[:0] = before.failed
            ran.recovered[:0] = before.recovered
        self._untold[ran.name] = ran

    def _presses(self, ran: Ran) -> bool:
        """A failed key has to rest from now on, and a sweep that this ticker has not told of is not yet on the list."""
        return bool(ran.failed or ran.recovered) or ran.name not in self._listed

    def _tell(self, *, at_once: bool = False) -> None:
        """Write down that this process is alive and what it did since it last said so."""
        if not at_once and time.monotonic() - self._told_at < BEAT_SECONDS:
            return
        runs = dict(self._untold)
        now = self._executor.clock.now()
        measured = []
        with self._reads() as session:
            for sweep in self._sweeps:
                if sweep.name in runs:
                    count = sweep.backlog(session, now) if sweep.backlog else (None, None)
                    measured.append(Measured(runs[sweep.name], *count))
        self._do(NoteTick(beat=self.identity.beat(ticking=self.leads), measured=measured))
        self._told_at = time.monotonic()
        self._listed.update(runs)
        self._untold = {name: ran for name, ran in self._untold.items() if ran is not runs.get(name)}

    def _stand_by(self) -> None:
        """Take the place of a ticker that holds the lock and does nothing: a process that hangs or was stopped.

        Judged by whether its row changes, not by the times in it: clocks of two hosts may differ.
        """
        now = time.monotonic()
        if now - self._checked_at < CHECK_SECONDS:
            return
        self._checked_at = now
        with self._reads() as session:
            seen = silent_ticker(session)
        if seen != self._silence[0]:
            self._silence = (seen, now)
        elif now - self._silence[1] > self._silence_seconds:
            _log.warning("scheduler_unseated", silent_for=round(now - self._silence[1]))
            self._leadership.unseat()
            self._silence = (self, now)

    def _watch(self) -> None:
        """Wake the library's clock when it sleeps too long: it reckons in wall time, and one that was set back by an
        hour would let nothing happen for an hour.
        """
        patience = max(3 * self._tick_seconds, 0.5)
        while not self._stopping.wait(patience):
            clockwork = self._clockwork
            if clockwork is not None and time.monotonic() - self._ticked_at > patience:
                clockwork.modify_job(JOB, next_run_time=LONG_AGO)

    def _do(self, command: Command[None]) -> None:
        self._executor.execute(command, actor=SCHEDULER, request=RequestInfo(source="scheduler"))
