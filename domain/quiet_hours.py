"""When people may be disturbed: what is planned for a night or a day off waits for the next morning of work."""

import datetime as dt
from dataclasses import dataclass

from domain.calendar import LOCAL, WorkCalendar

LONGEST_SEARCH = 60
"""Days looked ahead for a working day. No holiday is as long: a calendar without one is wrong, and nothing may be
lost by it."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Messages go out from `opens` until before `closes`, local time of Asia/Shanghai; on `working_days_only` or
    every day.

    Raises ValueError when nothing would ever go out, and for times with an offset: local time has none.
    """

    opens: dt.time = dt.time(8, 30)
    closes: dt.time = dt.time(18, 0)
    working_days_only: bool = True

    def __post_init__(self) -> None:
        if self.opens.tzinfo is not None or self.closes.tzinfo is not None:
            raise ValueError("the hours in which messages go out are local times, without an offset")
        if self.opens >= self.closes:
            raise ValueError("the hours in which messages go out are empty")

    def next_allowed(self, at: dt.datetime, calendar: WorkCalendar) -> dt.datetime:
        """`at` itself if it is within the hours, else the next moment that is. Aware, in UTC."""
        local = at.astimezone(LOCAL)
        day = local.date()
        if self._allows(day, calendar):
            if self.opens <= local.time() < self.closes:
                return at.astimezone(dt.UTC)
            if local.time() < self.opens:
                return self.opening(day)
        for ahead in range(1, LONGEST_SEARCH + 1):
            later = day + dt.timedelta(days=ahead)
            if self._allows(later, calendar):
                return self.opening(later)
        return self.opening(day + dt.timedelta(days=1))

    def last_opening(self, at: dt.datetime, calendar: WorkCalendar) -> dt.datetime:
        """The last moment not after `at` at which the hours begin; `at` where there is none for many days."""
        day = at.astimezone(LOCAL).date()
        for back in range(LONGEST_SEARCH + 1):
            earlier = day - dt.timedelta(days=back)
            if self._allows(earlier, calendar) and self.opening(earlier) <= at:
                return self.opening(earlier)
        return at

    def opening(self, day: dt.date) -> dt.datetime:
        """When the hours begin on that day, in UTC."""
        return dt.datetime.combine(day, self.opens, LOCAL).astimezone(dt.UTC)

    def _allows(self, day: dt.date, calendar: WorkCalendar) -> bool:
        return not self.working_days_only or calendar.is_working(day)


AROUND_THE_CLOCK = QuietHours(dt.time(0), dt.time.max, working_days_only=False)
"""Nothing is held back."""
OUTER_HOURS = QuietHours(dt.time(8), dt.time(21), working_days_only=False)
"""When mail, robots and phones are used for what no policy has hours for. The inbox is filled at any time."""
