"""How the clock is doing, for administrators and for whoever watches the service."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, func, select

from db.tables import Heartbeat, SweepFailure, SweepStatus
from domain.errors import PermissionDenied
from domain.permissions import Permission, is_allowed
from services.queries.reading import Reading

SILENT_AFTER = timedelta(minutes=1)
"""Without a word for so long a process counts as gone."""
INCIDENT_ATTEMPTS = 3
"""So many failures are no hiccup: somebody has to look."""
SHOWN = 200

_TICKER: LiteralString = "SELECT id, seen_at FROM heartbeat WHERE ticking ORDER BY seen_at DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Process:
    """A scheduler or worker that said it is alive. `silent` when it has not for a minute."""

    id: UUID
    kind: str
    host: str
    pid: int
    ticking: bool
    started_at: datetime
    seen_at: datetime
    silent: bool


@dataclass(frozen=True, slots=True)
class SweepRow:
    """A sweep: when it last ran, what is due, how late it is, and how many of its keys fail."""

    name: str
    ran_at: datetime
    took_ms: float
    done: int
    done_ever: int
    backlog: int | None
    oldest_due_at: datetime | None
    lag_seconds: float
    failing: int


@dataclass(frozen=True, slots=True)
class Failure:
    """What a sweep could not do. `incident` when it failed so often that somebody has to look."""

    sweep: str
    key: str
    attempts: int
    first_at: datetime
    failed_at: datetime
    next_try_at: datetime
    error_code: str
    error: str
    incident: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """Everything about the clock at one moment."""

    ticking: bool
    processes: tuple[Process, ...]
    sweeps: tuple[SweepRow, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """What anybody may know: whether the clock goes, and when it last did. `late_seconds` is the largest lag."""

    ticking: bool
    last_tick_at: datetime | None
    late_seconds: float
    incidents: int


def operation(asked: Reading) -> Operation:
    """Processes, sweeps and failures. Raises PermissionDenied."""
    if not is_allowed(asked.actor, Permission.SCHEDULER_READ):
        raise PermissionDenied(f"{asked.actor.name} lacks {Permission.SCHEDULER_READ}")
    session, now = asked.session, asked.now
    beats = session.exec(select(Heartbeat).order_by(col(Heartbeat.kind), col(Heartbeat.started_at))).all()
    processes = tuple(
        Process(b.id, b.kind, b.host, b.pid, b.ticking, b.started_at, b.seen_at, now - b.seen_at > SILENT_AFTER)
        for b in beats
    )
    failures = session.exec(select(SweepFailure).order_by(col(SweepFailure.attempts).desc()).limit(SHOWN)).all()
    grouped = select(SweepFailure.name, func.count()).group_by(col(SweepFailure.name))
    counts: dict[str, int] = dict(session.exec(grouped).all())
    sweeps = tuple(
        SweepRow(
            name=s.name,
            ran_at=s.ran_at,
            took_ms=round(s.took_seconds * 1000, 1),
            done=s.done,
            done_ever=s.done_ever,
            backlog=s.backlog,
            oldest_due_at=s.oldest_due_at,
            lag_seconds=s.lag_seconds,
            failing=counts.get(s.name, 0),
        )
        for s in session.exec(select(SweepStatus).order_by(col(SweepStatus.name)))
    )
    return Operation(
        ticking=any(p.ticking and not p.silent for p in processes),
        processes=processes,
        sweeps=sweeps,
        failures=tuple(
            Failure(
                sweep=f.name,
                key=f.key,
                attempts=f.attempts,
                first_at=f.first_at,
                failed_at=f.failed_at,
                next_try_at=f.next_try_at,
                error_code=f.error_code,
                error=f.error,
                incident=f.attempts >= INCIDENT_ATTEMPTS,
            )
            for f in failures
        ),
    )


_HEALTH: LiteralString = (
    # A process that left in good order takes its row along; the runs of its sweeps stay.
    "SELECT greatest((SELECT max(seen_at) FROM heartbeat WHERE ticking), (SELECT max(ran_at) FROM sweep_status)),"
    " (SELECT coalesce(max(lag_seconds), 0) FROM sweep_status),"
    " (SELECT count(*) FROM sweep_failure WHERE attempts >= :attempts)"
)


def health(session: Session, now: datetime) -> Health:
    """Whether the clock goes: no actor is asked for, and nothing is told that concerns anybody."""
    last, late, incidents = session.connection().execute(text(_HEALTH), {"attempts": INCIDENT_ATTEMPTS}).one()
    return Health(last is not None and now - last <= SILENT_AFTER, last, late, incidents)


def silent_ticker(session: Session) -> tuple[UUID, datetime] | None:
    """The process that said last that it ticks, and when it said so."""
    row = session.connection().execute(text(_TICKER)).first()
    return (row[0], row[1]) if row else None
