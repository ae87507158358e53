"""The working calendar: the country's days, those of a unit, working hours, and what became of each change of them."""

from datetime import date
from uuid import UUID

from sqlmodel import Field, SQLModel

from db.columns import datetime, instant, json, reference


class CalendarDay(SQLModel, table=True):
    """A day on which the notice of the State Council differs from Monday to Friday.

    `notice_year` is the year whose notice says so, where it is not the day's own: the New Year holiday may begin in
    December.
    """

    __tablename__ = "calendar_day"

    day: date = Field(primary_key=True)
    working: bool
    name: str = ""
    notice_year: int | None = None


class CalendarYear(SQLModel, table=True):
    """A year whose notice is loaded, where it came from and who loaded it (nobody: the program itself)."""

    __tablename__ = "calendar_year"

    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    source: str
    loaded_at: datetime = instant()
    loaded_by: UUID | None = None


class UnitCalendarDay(SQLModel, table=True):
    """A day that a unit has off while others work, or works while others are off."""

    __tablename__ = "unit_calendar_day"

    unit_id: UUID = Field(foreign_key="unit.id", primary_key=True)
    day: date = Field(primary_key=True)
    working: bool
    name: str
    set_by: UUID | None = None
    set_at: datetime = instant()


class CalendarHours(SQLModel, table=True):
    """Working hours from a day on, until the next row's. `spans` are pairs of local times, HH:MM."""

    __tablename__ = "calendar_hours"

    valid_from: date = Field(primary_key=True)
    spans: list[list[str]] = json(list)
    set_by: UUID | None = None
    set_at: datetime = instant()


class CalendarChange(SQLModel, table=True):
    """A change of days, until every limit that it touches is computed anew.

    `days` maps each changed day to what it was and what it is: true worked, false off, null as its weekday; `years`
    are those whose notice was not loaded before. With them the calendar before the change can be had again.
    `through` is the last item that was looked at.
    """

    __tablename__ = "calendar_change"

    id: int | None = Field(default=None, primary_key=True)
    unit_id: UUID | None = reference("unit.id", nullable=True, index=False)
    source: str
    years: list[int] = json(list)
    days: dict[str, list[bool | None]] = json()
    changed_at: datetime = instant()
    changed_by: UUID | None = None
    through: UUID | None = None
    recomputed_at: datetime | None = instant(nullable=True)
    looked_at: int = 0
    moved: int = 0
