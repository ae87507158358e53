"""The working calendar as people look at it: years, days, units' own days, working hours, and what still moves."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from db.tables import CalendarChange, CalendarDay, CalendarHours, CalendarYear, Person, Unit, UnitCalendarDay
from domain.errors import NotFound
from services.work_calendar import working_hours

RECENT_CHANGES = 20


@dataclass(frozen=True, slots=True)
class YearRow:
    """A loaded year: how many weekdays are off in it, and how many days of the weekend are worked."""

    year: int
    source: str
    loaded_at: datetime
    loaded_by: str | None
    days_off: int
    make_up_days: int


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that is not as its weekday."""

    day: date
    working: bool
    name: str


@dataclass(frozen=True, slots=True)
class YearDetail:
    """A year and its days in order. A year that is not loaded has none, and its limits are provisional."""

    year: int
    loaded: YearRow | None
    days: tuple[SpecialDay, ...]


@dataclass(frozen=True, slots=True)
class OwnDay:
    """A day on which a unit differs from the country, and who said so when."""

    day: date
    working: bool
    name: str
    set_by: str | None
    set_at: datetime


@dataclass(frozen=True, slots=True)
class HoursRow:
    """Working hours from a day on, as pairs of local times (HH:MM)."""

    valid_from: date
    spans: tuple[tuple[str, str], ...]
    shown: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change of days, and how far the limits that it touches are computed anew. `unit` is None for the country."""

    id: int
    unit: str | None
    source: str
    days: int
    years: tuple[int, ...]
    changed_at: datetime
    looked_at: int
    moved: int
    recomputed_at: datetime | None


def calendar_years(session: Session) -> tuple[YearRow, ...]:
    """The loaded years, the newest first."""
    counts: Counter[tuple[int, bool]] = Counter()
    year = func.extract("year", col(CalendarDay.day))
    for found, working, number in session.exec(
        select(year, CalendarDay.working, func.count()).group_by(year, col(CalendarDay.working))
    ):
        counts[int(found), working] = number
    statement = (
        select(CalendarYear, Person.name)
        .outerjoin(Person, col(Person.id) == col(CalendarYear.loaded_by))
        .order_by(col(CalendarYear.year).desc())
    )
    return tuple(
        YearRow(row.year, row.source, row.loaded_at, person, counts[row.year, False], counts[row.year, True])
        for row, person in session.exec(statement)
    )


def calendar_year(session: Session, year: int) -> YearDetail:
    """One year with its days."""
    loaded = next((row for row in calendar_years(session) if row.year == year), None)
    days = session.exec(
        select(CalendarDay).where(func.extract("year", col(CalendarDay.day)) == year).order_by(col(CalendarDay.day))
    )
    return YearDetail(year, loaded, tuple(SpecialDay(row.day, row.working, row.name) for row in days))


def unit_days(session: Session, unit_id: UUID) -> tuple[OwnDay, ...]:
    """The own days of a unit, in order. Raises NotFound."""
    if session.get(Unit, unit_id) is None:
        raise NotFound(f"unit {unit_id}")
    statement = (
        select(UnitCalendarDay, Person.name)
        .outerjoin(Person, col(Person.id) == col(UnitCalendarDay.set_by))
        .where(UnitCalendarDay.unit_id == unit_id)
        .order_by(col(UnitCalendarDay.day))
    )
    return tuple(OwnDay(row.day, row.working, row.name, person, row.set_at) for row, person in session.exec(statement))


def calendar_hours(session: Session) -> tuple[HoursRow, ...]:
    """The working hours that were set, in order. None set means the usual ones."""
    rows = session.exec(select(CalendarHours).order_by(col(CalendarHours.valid_from)))
    return tuple(
        HoursRow(row.valid_from, tuple((start, end) for start, end in row.spans), str(working_hours(row)))
        for row in rows
    )


def calendar_changes(session: Session) -> Sequence[ChangeRow]:
    """The last changes, the newest first; those that are not finished among them tell what is still to move."""
    statement = (
        select(CalendarChange, Unit.short_name)
        .outerjoin(Unit, col(Unit.id) == col(CalendarChange.unit_id))
        .order_by(col(CalendarChange.id).desc())
        .limit(RECENT_CHANGES)
    )
    return [
        ChangeRow(
            id=row.id or 0,
            unit=unit,
            source=row.source,
            days=len(row.days),
            years=tuple(row.years),
            changed_at=row.changed_at,
            looked_at=row.looked_at,
            moved=row.moved,
            recomputed_at=row.recomputed_at,
        )
        for row, unit in session.exec(statement)
    ]
