"""The working calendar from the database, kept in memory for a short while."""

import time
from collections import defaultdict
from datetime import date
from datetime import time as time_of_day
from threading import Lock
from uuid import UUID

from sqlmodel import Session, select

from db.tables import CalendarDay, CalendarHours, CalendarYear, UnitCalendarDay
from domain.calendar import WorkCalendar
from domain.working_hours import WorkingHours

# A newly loaded notice reaches every process within this time; reading it for each step would cost a round trip.
SECONDS_KEPT = 30.0


class CalendarCache:
    """The calendar as of at most `SECONDS_KEPT` ago. Thread-safe."""

    def __init__(self) -> None:
        self._calendar: WorkCalendar | None = None
        self._read_at = 0.0
        self._lock = Lock()

    def get(self, session: Session) -> WorkCalendar:
        """The working calendar; read from the database when the copy is old."""
        calendar = self._calendar
        if calendar is None or time.monotonic() - self._read_at > SECONDS_KEPT:
            with self._lock:
                calendar = read_calendar(session)
                self._calendar, self._read_at = calendar, time.monotonic()
        return calendar

    def forget(self) -> None:
        """Read afresh next time: a notice was loaded in this process."""
        self._calendar = None


def read_calendar(session: Session) -> WorkCalendar:
    """The working calendar as the database has it now."""
    days = session.exec(select(CalendarDay)).all()
    years = session.exec(select(CalendarYear.year)).all()
    units: dict[UUID, dict[date, bool]] = defaultdict(dict)
    for row in session.exec(select(UnitCalendarDay)):
        units[row.unit_id][row.day] = row.working
    hours = tuple(working_hours(row) for row in session.exec(select(CalendarHours)))
    return WorkCalendar({day.day: day.working for day in days}, frozenset(years), hours, dict(units))


def working_hours(row: CalendarHours) -> WorkingHours:
    """Working hours as they are stored."""
    spans = [(time_of_day.fromisoformat(start), time_of_day.fromisoformat(end)) for start, end in row.spans]
    return WorkingHours(row.valid_from, tuple(spans))
