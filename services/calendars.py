"""Loading the State Council's yearly notices into the working calendar."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import select

from db.tables import CalendarDay, CalendarYear
from domain.permissions import Permission
from services.unit_of_work import UnitOfWork

SOURCE = "chinesecalendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadShippedYears:
    """Load the years that the chinesecalendar library knows and the database does not.

    A year that is there stays as it is: an office may have corrected it.
    """

    def execute(self, uow: UnitOfWork) -> tuple[int, ...]:
        """The years that were loaded."""
        uow.require(Permission.CALENDAR_LOAD)
        known = set(uow.session.exec(select(CalendarYear.year)))
        days_off, make_up_days = _shipped()
        years = sorted({day.year for day in days_off} - known)
        # The clock asks every day; a day on which there is nothing to load is no act of anybody.
        uow.audited = bool(years)
        for year in years:
            uow.session.add(CalendarYear(year=year, source=SOURCE, loaded_at=uow.now))
        wanted = frozenset(years)
        for days, working in ((days_off, False), (make_up_days, True)):
            uow.session.add_all(
                CalendarDay(day=day, working=working, name=name)
                for day, name in days.items()
                # Only what differs from Monday to Friday is kept; a holiday on a Sunday changes nothing.
                if day.year in wanted and working != (day.weekday() < 5)  # noqa: PLR2004  Monday to Friday
            )
        return tuple(years)


def _shipped() -> tuple[dict[date, str], dict[date, str]]:
    from chinese_calendar import constants

    return dict(constants.holidays), dict(constants.workdays)
