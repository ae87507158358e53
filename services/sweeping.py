"""Running a sweep: everything that is due, one transaction each, and a failure of one key stops no other."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, LiteralString

import structlog
from sqlalchemy import text
from sqlmodel import Session

from domain.errors import AnswerLost, DomainError, RowLocked, Unavailable
from domain.permissions import SCHEDULER
from services.database_errors import DATABASE_ERRORS
from services.executor import Executor, RequestInfo
from services.sweeps import Sweep

BATCH = 200
FIRST_BACK_OFF = timedelta(seconds=5)
LONGEST_BACK_OFF = timedelta(hours=1)
SEARCH = "(search)"
"""The key under which a failure of the search itself is kept."""
_FAILURES: LiteralString = "SELECT name, key, next_try_at FROM sweep_failure"
_SOURCE = RequestInfo(source="scheduler")
_log = structlog.get_logger()


def back_off(attempts: int) -> timedelta:
    """How long a key rests after so many failures: 5 s, 20 s, 80 s ... an hour."""
    longer: int = 4 ** (min(attempts, 8) - 1)
    return min(FIRST_BACK_OFF * longer, LONGEST_BACK_OFF)


@dataclass(frozen=True, slots=True)
class Failed:
    """A key that could not be done."""

    key: str
    error_code: str
    error: str


@dataclass(slots=True)
class Ran:
    """What one run of a sweep did. `left` says that there is more to do at once."""

    name: str
    began: datetime
    done: int = 0
    took_seconds: float = 0.0
    left: bool = False
    failed: list[Failed] = field(default_factory=list)
    # Keys that had failed before and were done now.
    recovered: list[str] = field(default_factory=list)

    @property
    def eventful(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.done or self.failed or self.recovered)


def key_text(key: object) -> str:
    """A key as it is written down."""
    return "/".join(map(str, key)) if isinstance(key, tuple) else str(key)


@dataclass(slots=True)
class Look:
    """What a sweep found: the next keys by their text. `known` are keys that failed before, and whether they rest."""

    sweep: Sweep[Any]
    known: Mapping[str, bool]
    fresh: dict[str, Any] = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)
    failed: Failed | None = None

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do and nothing to tell."""
        return not self.fresh and self.failed is None and SEARCH not in self.known


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Runs sweeps. `reads` opens sessions that cannot write; `threads` commands are under way at a time: while one
    waits for its commit to reach the disk, the next one computes.
    """

    executor: Executor
    reads: Callable[[], Session]
    threads: int = 1
    batch: int = BATCH

    def look(self, sweeps: Iterable[Sweep[Any]]) -> "list[Look]":
        """What each of the sweeps finds now, in one transaction that only reads: a look at all of them is cheap.

        Raises an error of the database when it does not answer.
        """
        found = []
        with self.reads() as session:
            known = self._failures(session)
            for sweep in sweeps:
                look = Look(sweep, known.get(sweep.name, {}))
                try:
                    look.fresh = self._find(session, look)
                except Exception as error:  # noqa: BLE001  one search must not keep the other sweeps waiting
                    session.rollback()
                    look.failed = self._failed(sweep, SEARCH, error)
                found.append(look)
        return found

    def run(self, sweep: Sweep[Any], go_on: Callable[[], bool] = lambda: True, look: "Look | None" = None) -> Ran:
        """Do what is due until nothing is left or `go_on`, asked before each batch, says no. Goes on from a `look`.

        Raises Unavailable, or an error of the database, when that is what stands in the way.
        """
        began = time.monotonic()
        ran = Ran(sweep.name, self.executor.clock.now())
        [look] = [look] if look is not None else self.look([sweep])
        threads = self.threads if sweep.side_by_side else 1
        with ThreadPoolExecutor(threads, sweep.name) if threads > 1 else nullcontext() as pool:
            while look.fresh and go_on():
                fresh, look.fresh = look.fresh, {}
                look.tried.update(fresh)
                for result in (pool.map if pool else map)(lambda pair: self._one(sweep, *pair), fresh.items()):
                    _note(ran, look.known, *result)
                with self.reads() as session:
                    try:
                        look.fresh = self._find(session, look)
                    except Exception as error:  # noqa: BLE001  as above
                        look.failed = self._failed(sweep, SEARCH, error)
        ran.left = bool(look.fresh)
        if look.failed is not None:
            ran.failed.append(look.failed)
        elif SEARCH in look.known:
            ran.recovered.append(SEARCH)
        ran.took_seconds = time.monotonic() - began
        return ran

    def _find(self, session: Session, look: "Look") -> dict[str, Any]:
        """The next keys by their text, without those that rest or were tried in this run.

        Keys that stay due stand first in every answer; asking for so many more than a batch finds those behind them.
        """
        passed = look.tried | {key for key, rests in look.known.items() if rests}
        standing = passed - look.tried
        while True:
            limit = self.batch + len(standing)
            found: Sequence[Any] = look.sweep.find(session, self.executor.clock.now(), limit)
            keys = {key_text(key): key for key in found}
            fresh = {name: key for name, key in keys.items() if name not in passed}
            if fresh or len(found) < limit:
                return dict(list(fresh.items())[: self.batch])
            standing |= keys.keys()

    def _one(self, sweep: Sweep[Any], name: str, key: Any) -> tuple[str, Failed | None]:
        try:
            self.executor.execute(sweep.command(key), actor=SCHEDULER, request=_SOURCE)
        except AnswerLost:
            # Committed; what it answered nobody needs.
            return name, None
        except RowLocked:
            # Somebody is at it; it is found again in the next run.
            _log.info("sweep_key_locked", sweep=sweep.name, key=name)
            return name, None
        except Exception as error:  # noqa: BLE001  whatever is wrong with one key must not keep the others waiting
            return name, self._failed(sweep, name, error)
        return name, None

    def _failed(self, sweep: Sweep[Any], name: str, error: Exception) -> Failed:
        """The failure of this key, unless it is the database that failed: then raises what it was."""
        if isinstance(error, (Unavailable, *DATABASE_ERRORS)) and not self._database_answers():
            raise error
        code = error.code if isinstance(error, DomainError) else "internal_error"
        known = isinstance(error, DomainError)
        _log.warning("sweep_key_failed", sweep=sweep.name, key=name, code=code, exc_info=None if known else error)
        return Failed(name, code, str(error) if known else f"{type(error).__name__}: {error}")

    def _database_answers(self) -> bool:
        try:
            with self.reads() as session:
                session.connection().execute(text("SELECT 1"))
        except DATABASE_ERRORS:
            return False
        return True

    def _failures(self, session: Session) -> Mapping[str, Mapping[str, bool]]:
        """The failed keys of every sweep, and whether each still rests.

        A rest that ends later than any rest lasts was written by a clock that has been set back since.
        """
        now = self.executor.clock.now()
        found: defaultdict[str, dict[str, bool]] = defaultdict(dict)
        for name, key, next_try_at in session.connection().execute(text(_FAILURES)):
            found[name][key] = now < next_try_at <= now + LONGEST_BACK_OFF
        return found


def _note(ran: Ran, known: Iterable[str], name: str, failed: Failed | None) -> None:
    if failed is not None:
        ran.failed.append(failed)
        return
    ran.done += 1
    if name in known:
        ran.recovered.append(name)
