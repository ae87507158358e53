"""The working calendar: read by everybody; years, units' own days and working hours are kept by who may."""

from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from fastapi import Body as RequestBody
from pydantic import Field

from api.deps import ContainerDep, CurrentActor, ReadSession, Run
from api.reading import example
from api.schemas import Answer, Body, Day
from api.sheets import CheckOnly
from domain.working_hours import USUAL_HOURS
from importers.readers.limits import MAX_FILE_BYTES
from services.calendars import FIRST_YEAR, ImportedYear, RemoveUnitDay, SetUnitDays, SetWorkingHours, UnitDay
from services.notice_import import notice_command
from services.queries.calendars import (
    ChangeRow,
    HoursRow,
    OwnDay,
    YearDetail,
    YearRow,
    calendar_changes,
    calendar_hours,
    calendar_year,
    calendar_years,
    unit_days,
)

router = APIRouter(prefix="/calendar", tags=["calendar"])

LAST_YEAR = 2200
Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
FileBytes = Annotated[
    bytes,
    RequestBody(
        media_type="application/octet-stream", description="The notice (.docx, .txt) or a table (.csv, .xlsx)."
    ),
]
FileName = Annotated[
    str, Query(min_length=1, max_length=200, description="By it a table (.csv, .xlsx) is told from a text.")
]


class Years(Answer):
    """The loaded years, the newest first. A limit beyond them is provisional."""

    years: list[YearRow]


class NewUnitDay(Body):
    """A day on which the unit is off, or works, and why."""

    day: Day
    working: bool = False
    name: Annotated[str, Field(min_length=1, max_length=200, examples=["区庆"])]


class NewUnitDays(Body):
    """Days to set; those that are set already and not named stay."""

    days: Annotated[tuple[NewUnitDay, ...], Field(min_length=1, max_length=400)]


class OwnDays(Answer):
    """A unit's own days, in order."""

    days: list[OwnDay]


class NewHours(Body):
    """The spans of a working day in local time, in order."""

    spans: Annotated[tuple[tuple[time, time], ...], Field(min_length=1, max_length=6)]


class Hours(Answer):
    """Working hours that were set, each from its day on; before the first the usual ones hold."""

    usual: str
    set: list[HoursRow]


class Changes(Answer):
    """The last changes of days. Without `recomputed_at` some limits may still move."""

    changes: list[ChangeRow]


_DAY = {"day": "2027-02-14", "working": True, "name": "春节"}
_YEAR = {
    "year": 2027,
    "source": "通知.docx",
    "loaded_at": datetime(2026, 11, 9, 2).isoformat() + "Z",  # noqa: DTZ001  an example in words
    "loaded_by": "赵管理",
    "days_off": 18,
    "make_up_days": 6,
}
_IMPORTED = {
    "year": 2027,
    "was_loaded": False,
    "written": True,
    "days_off": 18,
    "make_up_days": 6,
    "changes": [{"day": "2027-02-14", "before": None, "after": True, "name": "春节"}],
    "notes": [],
}


@router.get("/years", responses=example({"years": [_YEAR]}))
def get_years(_actor: CurrentActor, session: ReadSession) -> Years:
    """Which years are loaded, from where and by whom."""
    return Years(years=list(calendar_years(session)))


@router.get("/years/{year}", responses=example({"year": 2027, "loaded": _YEAR, "days": [_DAY]}))
def get_year(year: Annotated[int, Path(ge=1, le=9999)], _actor: CurrentActor, session: ReadSession) -> YearDetail:
    """The days of a year that are not as their weekday. A year that is not loaded has none."""
    return calendar_year(session, year)


@router.post("/years", max_body_size=MAX_FILE_BYTES, responses=example(_IMPORTED))
def import_year(
    *,
    data: FileBytes = b"",
    run: Run,
    name: FileName,
    year: Annotated[Year | None, Query(description="Where the file does not say it.")] = None,
    replace: Annotated[bool, Query(description="Replace the year if it is loaded with other days.")] = False,
    check_only: CheckOnly = False,
) -> ImportedYear:
    """Load a year from the State Council's notice (.docx, .txt) or from a table of days (.csv, .xlsx).

    With `check_only` nothing is written, and the answer says what would change. Limits that were provisional, or that
    the change moves, are computed anew within a few minutes.
    """
    # An empty file is an empty body: its sentence is that of the reader, which names the file.
    command = notice_command(run.actor, data, name=name, year=year, replace=replace, check_only=check_only)
    imported = run(command)
    run.executor.calendar.forget()
    return imported


@router.get("/changes")
def get_changes(_actor: CurrentActor, session: ReadSession) -> Changes:
    """The last changes of days, and how far the limits they touch are computed anew."""
    return Changes(changes=list(calendar_changes(session)))


@router.get("/hours")
def get_hours(_actor: CurrentActor, session: ReadSession) -> Hours:
    """The working hours."""
    return Hours(usual=str(USUAL_HOURS), set=list(calendar_hours(session)))


@router.put("/hours/{valid_from}", status_code=204)
def put_hours(valid_from: Annotated[date, Path()], body: NewHours, run: Run) -> None:
    """Set the working hours from a day on; the same day again replaces them."""
    run(SetWorkingHours(valid_from=valid_from, spans=body.spans))
    run.executor.calendar.forget()


@router.get("/units/{unit_id}/days")
def get_unit_days(unit_id: UUID, _actor: CurrentActor, session: ReadSession) -> OwnDays:
    """The days on which a unit is off while others work, or works while others are off."""
    return OwnDays(days=list(unit_days(session, unit_id)))


@router.put("/units/{unit_id}/days")
def put_unit_days(unit_id: UUID, body: NewUnitDays, run: Run, container: ContainerDep) -> OwnDays:
    """Set days of a unit. Its open limits that they touch are computed anew within a few minutes."""
    run(SetUnitDays(unit_id=unit_id, days=tuple(UnitDay(each.day, each.working, each.name) for each in body.days)))
    run.executor.calendar.forget()
    with container.reads() as session:
        return OwnDays(days=list(unit_days(session, unit_id)))


@router.delete("/units/{unit_id}/days/{day}", status_code=204)
def delete_unit_day(unit_id: UUID, day: Annotated[date, Path()], run: Run) -> None:
    """On this day the unit is again like the rest."""
    run(RemoveUnitDay(unit_id=unit_id, day=day))
    run.executor.calendar.forget()
