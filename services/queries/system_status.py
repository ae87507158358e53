"""Whether the whole service is well, on one page: the clock, what waits to be sent, the record's seals, the calendar.

Counts and instants only: who runs the service sees no item, no message and no entry of the record.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

from sqlalchemy import text
from sqlmodel import col, select

from db.tables import CalendarYear
from domain.calendar import local_date
from services.queries.operation import Operation, operation
from services.queries.reading import Reading

SEAL_LATE = timedelta(minutes=1)
"""The clock seals every second: what waits longer is a sign that it does not."""

_DELIVERIES: LiteralString = (
    "SELECT (SELECT count(*) FROM delivery), (SELECT min(created_at) FROM delivery),"
    " count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'deferred'),"
    " min(next_try_at) FILTER (WHERE state IN ('queued', 'deferred')), count(*) FILTER (WHERE state = 'dead')"
    " FROM sending WHERE state IN ('queued', 'deferred', 'dead')"
)
_JOBS: LiteralString = (
    "SELECT count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'doing'),"
    " count(*) FILTER (WHERE status = 'failed') FROM procrastinate_jobs"
)
_SEALING: LiteralString = (
    "SELECT (SELECT max(sequence) FROM audit_seal), (SELECT max(sealed_at) FROM audit_seal), count(*), min(at)"
    " FROM audit_entry WHERE id > coalesce((SELECT entry_id FROM audit_seal ORDER BY sequence DESC LIMIT 1), 0)"
)


@dataclass(frozen=True, slots=True)
class DeliveryBacklog:
    """What is on its way: `handed_in` by steps and not looked at yet, sendings `queued` or to be tried again
    (`deferred`), the first of them due `next_at`; those given up (`dead`), and the jobs of the queue.
    """

    handed_in: int
    handed_in_since: datetime | None
    queued: int
    deferred: int
    next_at: datetime | None
    dead: int
    jobs_waiting: int
    jobs_running: int
    jobs_failed: int


@dataclass(frozen=True, slots=True)
class Sealing:
    """How far the audit record is sealed, and what waits for its seal. `late` when the oldest waits too long."""

    sequence: int
    sealed_at: datetime | None
    waiting: int
    waiting_since: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """The years whose holidays are known. `next_known` is whether the coming year is among them, which the notice of
    the State Council usually makes so in November.
    """

    first: int | None
    last: int | None
    missing: tuple[int, ...]
    this_known: bool
    next_known: bool
    next_year: int


@dataclass(frozen=True, slots=True)
class SystemStatus:
    """Everything at one moment."""

    operation: Operation
    deliveries: DeliveryBacklog
    sealing: Sealing
    calendar: Coverage

    @property
    def concerns(self) -> int:
        """How many things somebody should look at: no clock, incidents, given up sendings, late seals, no calendar."""
        return sum(
            (
                not self.operation.ticking,
                any(failure.incident for failure in self.operation.failures),
                self.deliveries.dead > 0,
                self.sealing.late,
                not self.calendar.this_known,
            )
        )


def system_status(asked: Reading) -> SystemStatus:
    """The status. Raises PermissionDenied for who may not look at the clock."""
    found = operation(asked)
    connection = asked.session.connection()
    handed_in, since, queued, deferred, next_at, dead = connection.execute(text(_DELIVERIES)).one()
    waiting, running, failed = connection.execute(text(_JOBS)).one()
    sequence, sealed_at, unsealed, unsealed_since = connection.execute(text(_SEALING)).one()
    late = unsealed_since is not None and asked.now - unsealed_since > SEAL_LATE
    return SystemStatus(
        operation=found,
        deliveries=DeliveryBacklog(handed_in, since, queued, deferred, next_at, dead, waiting, running, failed),
        sealing=Sealing(sequence or 0, sealed_at, unsealed, unsealed_since, late),
        calendar=_coverage(asked),
    )


def _coverage(asked: Reading) -> Coverage:
    years = sorted(asked.session.exec(select(col(CalendarYear.year))))
    this_year = local_date(asked.now).year
    return Coverage(
        first=years[0] if years else None,
        last=years[-1] if years else None,
        missing=tuple(year for year in range(years[0], years[-1]) if year not in years) if years else (),
        this_known=this_year in years,
        next_known=this_year + 1 in years,
        next_year=this_year + 1,
    )
