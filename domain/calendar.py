"""Working days: weekends and holidays with make-up days, as data.

The days off are the State Council's yearly notice. A year that no notice covers is guessed from weekends alone,
and every date computed with it is provisional until the notice is loaded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")
END_OF_DAY = time(0)

# Stands for "no limit" where an instant is needed for sorting. PostgreSQL's infinity has no Python value.
NO_LIMIT = datetime(9999, 12, 31, tzinfo=UTC)


def local_date(at: datetime) -> date:
    """The date in Asia/Shanghai of an aware instant."""
    return at.astimezone(LOCAL).date()


def end_of(day: date) -> datetime:
    """24:00 local time of `day`, in UTC: the end of a year runs out on 12-31 at 24:00."""
    return datetime.combine(day + timedelta(days=1), END_OF_DAY, LOCAL).astimezone(UTC)


def start_of(day: date) -> datetime:
    """00:00 local time of `day`, in UTC."""
    return datetime.combine(day, END_OF_DAY, LOCAL).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class DueDate:
    """A local date, and whether a year without a holiday notice took part in finding it."""

    day: date
    provisional: bool

    @property
    def at(self) -> datetime:
        """The instant at which it runs out, in UTC."""
        return end_of(self.day)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """`exceptions` maps a date to whether it is worked, where that differs from Monday to Friday.

    `covered_years` are the years whose notice is loaded.
    """

    exceptions: Mapping[date, bool] = field(default_factory=dict)
    covered_years: frozenset[int] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether `day` is worked, by the notice or, outside the covered years, by the weekday."""
        return self.exceptions.get(day, day.weekday() < 5)  # noqa: PLR2004  Monday to Friday

    def add_working_days(self, start: date, count: int) -> DueDate:
        """The `count`-th working day after `start`; `start` itself never counts (Civil Code, article 201).

        `count` is in working days and not negative; 0 gives `start` or, if that is a day off, the next working day.
        """
        day = start
        years = {start.year}
        left = count
        while left > 0 or not self.is_working(day):
            day += timedelta(days=1)
            years.add(day.year)
            if left > 0 and self.is_working(day):
                left -= 1
        return DueDate(day, provisional=not years <= self.covered_years)

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and with `end`; negative when `end` lies before `start`."""
        if end < start:
            return -self.working_days_between(end, start)
        return sum(self.is_working(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))
