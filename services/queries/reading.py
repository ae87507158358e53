"""What one question works with: a session that is only read, who asks, and one instant."""

from collections.abc import Callable, Iterator
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
def reading(executor: Executor, actor: Actor, *, sessions: Callable[[], Session] | None = None) -> Iterator[Reading]:
    """Read as `actor`. `sessions` opens sessions that cannot write, or that see one state of the database."""
    with (sessions or executor.sessions)() as session:
        yield Reading(session, actor, executor.clock.now(), executor.calendar.get(session), executor.library)
