"""What the clock writes down about itself, and asking it to try again what it could not do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from domain.errors import NotFound
from domain.permissions import Permission
from services.sweeping import Ran, back_off
from services.unit_of_work import UnitOfWork

FORGOTTEN_AFTER = timedelta(days=1)
"""A process that was not heard of for so long is no longer listed."""
LONGEST_ERROR = 2000
"""Characters of an error that are kept."""

_BEAT: LiteralString = (
    "INSERT INTO heartbeat (id, kind, host, pid, started_at, seen_at, ticking) VALUES (%s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (id) DO UPDATE SET seen_at = EXCLUDED.seen_at, ticking = EXCLUDED.ticking"
)
_FORGET: LiteralString = "DELETE FROM heartbeat WHERE seen_at < %s"
_LEAVE: LiteralString = "DELETE FROM heartbeat WHERE id = %s"
_NOTE: LiteralString = (
    "INSERT INTO sweep_status AS s (name, ran_at, took_seconds, done, failed, done_ever, backlog, oldest_due_at,"
    " lag_seconds) VALUES (%(name)s, %(ran_at)s, %(took)s, %(done)s, %(failed)s, %(done)s, %(backlog)s, %(oldest)s,"
    " %(lag)s) ON CONFLICT (name) DO UPDATE SET ran_at = EXCLUDED.ran_at, took_seconds = EXCLUDED.took_seconds,"
    " done = EXCLUDED.done, failed = EXCLUDED.failed, done_ever = s.done_ever + EXCLUDED.done,"
    " backlog = EXCLUDED.backlog, oldest_due_at = EXCLUDED.oldest_due_at, lag_seconds = EXCLUDED.lag_seconds"
)
_READ_ATTEMPTS: LiteralString = "SELECT key, attempts FROM sweep_failure WHERE name = %s AND key = ANY(%s)"
_ADD_FAILURE: LiteralString = (
    "INSERT INTO sweep_failure (name, key, attempts, first_at, failed_at, next_try_at, error_code, error)"
    " VALUES (%(name)s, %(key)s, %(attempts)s, %(now)s, %(now)s, %(next)s, %(code)s, %(error)s)"
    " ON CONFLICT (name, key) DO UPDATE SET attempts = EXCLUDED.attempts, failed_at = EXCLUDED.failed_at,"
    " next_try_at = EXCLUDED.next_try_at, error_code = EXCLUDED.error_code, error = EXCLUDED.error"
)
_DROP_FAILURES: LiteralString = "DELETE FROM sweep_failure WHERE name = %s AND key = ANY(%s)"
_TRY_AGAIN: LiteralString = (
    "UPDATE sweep_failure SET next_try_at = %s WHERE name = %s AND (%s::text IS NULL OR key = %s) RETURNING key"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """A process that is alive. `kind` is `scheduler` or `worker`; `ticking` is true of the one scheduler that works."""

    id: UUID
    kind: str
    host: str
    pid: int
    started_at: datetime
    ticking: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """A run of a sweep, and what was due and not done after it; `backlog` is None where nobody counts it."""

    ran: Ran
    backlog: int | None = None
    oldest_due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTick:
    """Write down that a process is alive and what its sweeps did. No act of anybody: it leaves no audit entry."""

    beat: Beat
    measured: Sequence[Measured] = field(default=())

    def execute(self, uow: UnitOfWork) -> None:
        """Raises PermissionDenied."""
        uow.require(Permission.SCHEDULER_RUN)
        uow.audited = False
        beat = self.beat
        uow.write(_FORGET, (uow.now - FORGOTTEN_AFTER,))
        uow.write(_BEAT, (beat.id, beat.kind, beat.host, beat.pid, beat.started_at, uow.now, beat.ticking))
        for measured in self.measured:
            _note_run(uow, measured)


def _note_run(uow: UnitOfWork, measured: Measured) -> None:
    ran, oldest = measured.ran, measured.oldest_due_at
    uow.write(
        _NOTE,
        {
            "name": ran.name,
            "ran_at": uow.now,
            "took": ran.took_seconds,
            "done": ran.done,
            "failed": len(ran.failed),
            "backlog": measured.backlog,
            "oldest": oldest,
            "lag": max((uow.now - oldest).total_seconds(), 0.0) if oldest else 0.0,
        },
    )
    if ran.recovered:
        uow.write(_DROP_FAILURES, (ran.name, ran.recovered))
    if not ran.failed:
        return
    [rows] = uow.read((_READ_ATTEMPTS, (ran.name, [failed.key for failed in ran.failed])))
    before: dict[str, int] = dict(rows)
    for failed in ran.failed:
        attempts = before.get(failed.key, 0) + 1
        uow.write(
            _ADD_FAILURE,
            {
                "name": ran.name,
                "key": failed.key,
                "attempts": attempts,
                "now": uow.now,
                "next": uow.now + back_off(attempts),
                "code": failed.error_code,
                "error": failed.error[:LONGEST_ERROR].replace("\0", ""),
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveBeat:
    """A process ends in good order and is no longer listed."""

    id: UUID

    def execute(self, uow: UnitOfWork) -> None:
        """Raises PermissionDenied."""
        uow.require(Permission.SCHEDULER_RUN)
        uow.audited = False
        uow.write(_LEAVE, (self.id,))


@dataclass(frozen=True, slots=True, kw_only=True)
class TryAgain:
    """An administrator mended what was wrong: the sweep tries the key, or all that failed, at its next run."""

    sweep: str
    key: str | None = None

    def execute(self, uow: UnitOfWork) -> int:
        """How many keys will be tried. Raises NotFound when none failed."""
        uow.require(Permission.SCHEDULER_RETRY)
        [rows] = uow.read((_TRY_AGAIN, (uow.now, self.sweep, self.key, self.key)))
        if not rows:
            raise NotFound(f"{self.sweep} {self.key}")
        return len(rows)
