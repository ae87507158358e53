"""A year drawn as twelve months: weeks of days, each off or worked, and why it differs from its weekday."""

from calendar import Calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain.calendar import WorkCalendar, weekday
from services.queries.calendars import OwnDay, SpecialDay

_MONDAYS = Calendar(firstweekday=0)
MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True)
class Cell:
    """A day. `mark` is `off` or `work` where it differs from its weekday; `own` says that the unit alone differs."""

    day: date
    working: bool
    mark: str
    name: str
    own: bool
    today: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month by weeks from Monday; None where a week has days of the months beside it."""

    first: date
    weeks: tuple[tuple[Cell | None, ...], ...]

    @property
    def working_days(self) -> int:
        """How many of its days are worked."""
        return sum(cell.working for week in self.weeks for cell in week if cell is not None)


def months_of(
    year: int,
    calendar: WorkCalendar,
    days: Mapping[date, SpecialDay],
    own: Mapping[date, OwnDay],
    today: date,
) -> tuple[Month, ...]:
    """The year in `calendar`, which is that of the unit whose `own` days are given."""

    def cell(day: date) -> Cell:
        working = calendar.is_working(day)
        said = own.get(day) or days.get(day)
        mark = "" if working == weekday(day) and day not in own else "work" if working else "off"
        return Cell(day, working, mark, said.name if said else "", day in own, day == today)

    return tuple(
        Month(
            date(year, month, 1),
            tuple(
                tuple(cell(day) if day.month == month else None for day in week)
                for week in _MONDAYS.monthdatescalendar(year, month)
            ),
        )
        for month in MONTHS
    )
