"""What one question works with: a session that is only read, who asks, and one instant."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from domain.calendar import WorkCalendar
from domain.permissions import Actor
from domain.urgency import UrgencyLimits
from services.executor import Executor
from services.process_library import ProcessLibrary


@dataclass(slots=True)
class Reading:
    """The counterpart of `UnitOfWork` for reading: every query takes one, and nothing is ever committed."""

    session: Session
    actor: Actor
    now: datetime
    calendar: WorkCalendar
    library: ProcessLibrary
    limits: UrgencyLimits = field(init=False)

    def __post_init__(self) -> None:
        self.limits = UrgencyLimits.at(self.now, self.calendar)


@contextmanager
def reading(executor: Executor, actor: Actor, *, snapshot: bool = False) -> Iterator[Reading]:
    """Read as `actor`. With `snapshot` all statements see one state of the database: for what is read in pieces."""
    with executor.sessions() as session:
        if snapshot:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield Reading(session, actor, executor.clock.now(), executor.calendar.get(session), executor.library)
