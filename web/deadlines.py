"""A limit as people read it: the last day that is in time, how pressing it is, and the working days that are left."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.calendar import local_date
from domain.urgency import Urgency, last_day
from services.queries.reading import Reading


@dataclass(frozen=True, slots=True)
class Due:
    """`left` is in working days, or in calendar days where `calendar_days` says so; negative when late.

    `day` and `left` are None without a limit. `provisional`: a year without a holiday notice took part in finding it.
    """

    day: date | None
    left: int | None
    urgency: Urgency
    provisional: bool = False
    calendar_days: bool = False

    @property
    def state(self) -> str:
        """The value of `data-due`, which the style sheet knows."""
        return {Urgency.OVERDUE: "over", Urgency.TODAY: "today", Urgency.SOON: "soon"}.get(self.urgency, "")


def due_of_step(reading: Reading, due_at: datetime | None, *, provisional: bool = False) -> Due:
    """A step's limit, in working days: those are what a person still has."""
    urgency = reading.limits.of(due_at)
    if due_at is None or urgency is Urgency.NO_LIMIT:
        return Due(None, None, Urgency.NO_LIMIT)
    day, today = last_day(due_at), local_date(reading.now)
    left = reading.calendar.working_days_between(today, day)
    if urgency is Urgency.OVERDUE:
        # At least a day late, also where only days off lie between.
        left = min(left, -1)
    return Due(day, left, urgency, provisional)


def due_of_item(reading: Reading, due_at: datetime | None, *, provisional: bool = False) -> Due:
    """An item's deadline, in calendar days: it lies months away, and documents count that way."""
    left = reading.limits.days_left(due_at)
    if due_at is None or left is None:
        return Due(None, None, Urgency.NO_LIMIT, calendar_days=True)
    return Due(last_day(due_at), left, reading.limits.of(due_at), provisional, calendar_days=True)
