"""The working calendar 工作日历: the year at a glance, the notices behind it, units' own days, working hours."""

from datetime import date, time
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from domain.calendar import local_date
from domain.calendar_errors import NoDays
from domain.errors import DomainError
from domain.working_hours import USUAL_HOURS
from services.calendars import FIRST_YEAR, RemoveUnitDay, SetUnitDays, SetWorkingHours, UnitDay
from services.notice_import import notice_command
from services.queries.calendars import (
    calendar_changes,
    calendar_hours,
    calendar_year,
    calendar_years,
    unit_days,
)
from services.queries.page import MAX_PAGE
from services.queries.units import list_units
from web.kept_files import sent_file
from web.months import months_of
from web.notices import Notice
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()

LAST_YEAR = 2200
UNPROCESSABLE = 422
LONGEST_RUN = 60
"""Days that a unit's own days are set for at once."""
SPANS = 3
"""Spans of a working day that the form offers."""


class CalendarAddress(BaseModel):
    """Which year, and whose: the country's, or that of a unit with its own days."""

    model_config = ConfigDict(extra="ignore")

    year: Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR)] = None
    unit: UUID | Literal[""] = ""


Asked = Annotated[CalendarAddress, Query()]


@router.get("/calendar", name="calendar")
def show_calendar(visit: Visiting, asked: Asked) -> Response:
    """A year."""
    return _calendar_page(visit, asked)


def _calendar_page(
    visit: Visit,
    asked: CalendarAddress,
    *,
    refused: DomainError | None = None,
    beside: str = "",
    typed: Submission | None = None,
) -> Response:
    """`beside` names the form that was refused, so that the sentence stands in it."""
    reading = visit.reading
    session, today = reading.session, local_date(reading.now)
    year, unit_id = asked.year or today.year, asked.unit or None
    detail = calendar_year(session, year)
    own = {each.day: each for each in unit_days(session, unit_id)} if unit_id else {}
    years = calendar_years(session)
    return visit.page(
        "calendar/calendar.html",
        status=UNPROCESSABLE if refused else 200,
        year=year,
        unit_id=unit_id,
        months=months_of(year, reading.calendar.of(unit_id), {day.day: day for day in detail.days}, own, today),
        loaded=detail.loaded,
        years=years,
        shown_years=sorted({row.year for row in years[:4]} | {today.year, today.year + 1, year}),
        own=[day for day in own.values() if day.day.year == year],
        units=list_units(session, limit=MAX_PAGE).rows,
        hours=calendar_hours(session),
        usual=str(USUAL_HOURS),
        changes=calendar_changes(session),
        refused=visit.sentence(refused) if refused else None,
        beside=beside,
        typed=typed,
        spans=range(SPANS),
        today=today,
    )


@router.post("/calendar/import", name="import_calendar")
def import_calendar(visit: Submitting) -> Response:
    """First what a notice would change, then, from the page that shows it, the saving."""
    year = visit.text("year")
    try:
        file = sent_file(visit)
        if file is None:
            raise NoDays("no file")
        command = notice_command(
            visit.actor,
            file.content,
            name=file.name,
            year=int(year) if year.isdecimal() else None,
            replace=True,
            check_only=not visit.text("save"),
        )
        if command.check_only:
            found = visit.run_unrepeatable(command)
            return visit.page("calendar/preview.html", found=found, file=file, year=year)
        found = visit.run(command)
    except DomainError as error:
        return _calendar_page(visit, CalendarAddress(), refused=error, beside="import", typed=visit)
    visit.container.executor.calendar.forget()
    facts = {"year": found.year, "days_off": found.days_off, "make_up_days": found.make_up_days}
    return visit.redirect_to(f"{visit.url('calendar')}?year={found.year}", notice=Notice("year_loaded", facts))


@router.post("/calendar/days", name="set_unit_days")
def set_own_days(visit: Submitting, asked: Asked) -> Response:
    """A unit's own days: one, or several in a row."""
    unit_id = UUID(visit.text("unit_id"))
    first, last = _day(visit.text("first")), _day(visit.text("last") or visit.text("first"))
    working, name = visit.text("working") == "yes", visit.text("name")
    asked = CalendarAddress(year=first.year if first else asked.year, unit=unit_id)
    try:
        if first is None or last is None or not 0 <= (last - first).days < LONGEST_RUN:
            raise NoDays(visit.text("first"))
        days = [date.fromordinal(each) for each in range(first.toordinal(), last.toordinal() + 1)]
        count = visit.run(SetUnitDays(unit_id=unit_id, days=tuple(UnitDay(day, working, name) for day in days)))
    except DomainError as error:
        return _calendar_page(visit, asked, refused=error, beside="days", typed=visit)
    visit.container.executor.calendar.forget()
    return visit.redirect_to(_address(visit, asked), notice=Notice("unit_days_set", {"count": count}))


@router.post("/calendar/days/remove", name="remove_unit_day")
def remove_own_day(visit: Submitting) -> Response:
    """On this day the unit is again like the rest."""
    unit_id, day = UUID(visit.text("unit_id")), date.fromisoformat(visit.text("day"))
    visit.run(RemoveUnitDay(unit_id=unit_id, day=day))
    visit.container.executor.calendar.forget()
    asked = CalendarAddress(year=day.year, unit=unit_id)
    return visit.redirect_to(_address(visit, asked), notice=Notice("unit_day_removed", {"day": day.isoformat()}))


@router.post("/calendar/hours", name="set_hours")
def set_hours(visit: Submitting) -> Response:
    """Working hours from a day on."""
    try:
        spans = [(visit.text(f"from.{each}"), visit.text(f"to.{each}")) for each in range(SPANS)]
        given = tuple((_time(start), _time(end)) for start, end in spans if start or end)
        valid_from = _day(visit.text("valid_from"))
        if valid_from is None:
            raise NoDays(visit.text("valid_from"))
        visit.run(SetWorkingHours(valid_from=valid_from, spans=given))
    except DomainError as error:
        return _calendar_page(visit, CalendarAddress(), refused=error, beside="hours", typed=visit)
    visit.container.executor.calendar.forget()
    return visit.redirect("calendar", notice=Notice("hours_set", {"day": valid_from.isoformat()}))


def _address(visit: Visit, asked: CalendarAddress) -> str:
    return f"{visit.url('calendar')}?year={asked.year}&unit={asked.unit}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _time(text: str) -> time:
    """A local time; midnight where none is given, which no span can be right with."""
    try:
        return time.fromisoformat(text)
    except ValueError:
        return time(0)
