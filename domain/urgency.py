"""How pressing a limit is: the same five words for a work item and for an item's deadline, everywhere."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.calendar import NO_LIMIT, WorkCalendar, end_of, local_date

SOON_WORKING_DAYS = 3
"""A reminder goes out three days before the limit (`domain.md` P1 step 4)."""


class Urgency(StrEnum):
    """OVERDUE has run out, TODAY runs out tonight, SOON within three working days; NO_LIMIT never runs out."""

    OVERDUE = "overdue"
    TODAY = "today"
    SOON = "soon"
    LATER = "later"
    NO_LIMIT = "no_limit"


def last_day(due_at: datetime) -> date:
    """The last local day that is still in time: a limit is the instant at which that day ends."""
    return local_date(due_at - timedelta(microseconds=1))


@dataclass(frozen=True, slots=True)
class UrgencyLimits:
    """The instants that part the five: now, the end of today, the end of the third working day."""

    now: datetime
    today_ends: datetime
    soon_ends: datetime

    @classmethod
    def at(cls, now: datetime, calendar: WorkCalendar) -> "UrgencyLimits":
        """The limits as of `now`."""
        today = local_date(now)
        return cls(now, end_of(today), calendar.add_working_days(today, SOON_WORKING_DAYS).at)

    def of(self, due_at: datetime | None) -> Urgency:
        """The urgency of a limit; None and `NO_LIMIT` are none."""
        if due_at is None or due_at >= NO_LIMIT:
            return Urgency.NO_LIMIT
        if due_at <= self.now:
            return Urgency.OVERDUE
        if due_at <= self.today_ends:
            return Urgency.TODAY
        return Urgency.SOON if due_at <= self.soon_ends else Urgency.LATER

    def span(self, urgency: Urgency) -> tuple[datetime | None, datetime | None]:
        """The limits of that urgency as (later than, up to and with); None is unbounded."""
        spans: dict[Urgency, tuple[datetime | None, datetime | None]] = {
            Urgency.OVERDUE: (None, self.now),
            Urgency.TODAY: (self.now, self.today_ends),
            Urgency.SOON: (self.today_ends, self.soon_ends),
            Urgency.LATER: (self.soon_ends, NO_LIMIT - timedelta(microseconds=1)),
            Urgency.NO_LIMIT: (NO_LIMIT - timedelta(microseconds=1), None),
        }
        return spans[urgency]

    def days_left(self, due_at: datetime | None) -> int | None:
        """Calendar days from today to the last day in time; negative when it has passed, None without a limit."""
        if due_at is None or due_at >= NO_LIMIT:
            return None
        return (last_day(due_at) - local_date(self.now)).days
