"""Units and people 单位和人员: the registry, roles, leave, names to decide on, and the import of sheets."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from api.pagination import decode_cursor, encode_cursor
from domain.calendar import local_date
from domain.errors import DomainError, NotFound, RowsRefused
from domain.permissions import Permission, Role, is_allowed
from domain.units import UnitKind
from importers.sheets.people import PeopleSheet, read_people
from importers.sheets.table import read_bytes
from importers.sheets.units import UnitSheet, read_units
from services.absences import EndAbsence, RecordAbsence
from services.people_import import ImportedPeople, ImportPeople
from services.queries.absences import absences
from services.queries.page import MAX_PAGE
from services.queries.people import PersonRow, people_of
from services.queries.units import CandidateRow, UnitRow, list_candidates, list_units, unit_detail
from services.unit_import import ImportedUnits, ImportUnits
from services.units import AddCandidateAsUnit, AliasKind, ConfirmCandidate, RejectCandidate
from web.addresses import ListAddress
from web.kept_files import KeptFile, sent_file
from web.notices import Notice
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()

ROWS = 100
CANDIDATES = 20
UNPROCESSABLE = 422
ORDER = "units page"
CLERKS = (Role.LIAISON, Role.OFFICE_STAFF)
"""Whom a unit's work goes to first; a unit without one receives through others."""


class UnitsAddress(BaseModel):
    """What the address asks for."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    name: Annotated[str, Query(max_length=100)] = ""
    kind: UnitKind | Literal[""] = ""
    cursor: Annotated[str, Query(max_length=500)] = ""


@router.get("/units", name="units")
def show_units(visit: Visiting, asked: Annotated[UnitsAddress, Query()]) -> Response:
    """The registry."""
    return _units_page(visit, asked)


def _units_page(
    visit: Visit, asked: UnitsAddress, *, refused: DomainError | None = None, about: UUID | None = None
) -> Response:
    """`about` is the candidate whose decision was refused."""
    reading = visit.reading
    session, today = reading.session, local_date(reading.now)
    found = list_units(
        session,
        kind=asked.kind or None,
        name=asked.name,
        after=decode_cursor(asked.cursor or None, ORDER),
        limit=ROWS,
    )
    people = people_of(session, visit.actor, on=today, unit_ids=[row.id for row in found.rows])
    following = encode_cursor(ORDER, found.next)
    address = ListAddress(visit.url("units"), {"name": asked.name, "kind": asked.kind and asked.kind.value})
    candidates: Sequence[CandidateRow] = ()
    if visit.may(Permission.UNIT_CONFIRM):
        candidates = list_candidates(session, on=today, limit=CANDIDATES).rows
    leave = absences(reading)
    return visit.page(
        "units/units.html",
        status=UNPROCESSABLE if refused else 200,
        asked=asked,
        address=address,
        rows=found.rows,
        people=people,
        clerks=CLERKS,
        without=[row for row in found.rows if row.valid_to is None and not _has_clerk(people.get(row.id, ()))],
        kinds_of=[kind for kind in UnitKind if kind is not UnitKind.GROUP],
        next_page=address.but(cursor=following) if following else None,
        candidates=candidates,
        choices=list_units(session, limit=MAX_PAGE).rows if candidates else (),
        absences=leave,
        away={row.person_id for row in leave if row.first_day <= today},
        today=today,
        refused=visit.sentence(refused) if refused else None,
        about=about,
    )


def _has_clerk(people: Sequence[PersonRow]) -> bool:
    return any(row.role in CLERKS for row in people)


@router.post("/units/candidates/{candidate_id}", name="decide_candidate")
def decide_candidate(visit: Submitting, candidate_id: UUID) -> Response:
    """A printed name is this unit, a new one, or none."""
    decision, unit_id = visit.text("decision"), visit.text("unit_id")
    command: ConfirmCandidate | AddCandidateAsUnit | RejectCandidate
    try:
        if decision == "confirm" and unit_id:
            former = AliasKind.FORMER if visit.text("former") else AliasKind.SPELLING
            command = ConfirmCandidate(candidate_id=candidate_id, unit_id=UUID(unit_id), kind=former)
        elif decision == "add":
            command = AddCandidateAsUnit(
                candidate_id=candidate_id,
                official_name=visit.text("official_name"),
                short_name=visit.text("short_name") or visit.text("official_name"),
                kind=UnitKind(visit.text("kind")),
            )
        elif decision == "reject":
            command = RejectCandidate(candidate_id=candidate_id)
        else:
            raise NotFound("no unit was chosen")
        visit.run(command)
    except DomainError as error:
        return _units_page(visit, UnitsAddress(), refused=error, about=candidate_id)
    facts = {"printed": visit.text("printed"), "decision": decision}
    return visit.redirect("units", notice=Notice("candidate_decided", facts))


@router.get("/units/import", name="import_units")
def show_import(visit: Visiting) -> Response:
    """Where the sheets of units and people are brought."""
    return _import_page(visit)


@router.post("/units/import", name="check_units")
def import_sheet(visit: Submitting) -> Response:
    """First what a sheet would change or what is wrong with it, then, from that page, the saving."""
    what = "people" if visit.text("what") == "people" else "units"
    file: KeptFile | None = None
    try:
        file = sent_file(visit)
        if file is None:
            raise NotFound("no file")
        found = _run_import(visit, what, file)
        if not visit.text("save"):
            return _import_page(visit, what=what, file=file, found=found)
    except RowsRefused as error:
        rows = error.facts["rows"]
        assert isinstance(rows, list)
        return _import_page(visit, what=what, file=file, faults=rows)
    except DomainError as error:
        return _import_page(visit, what=what, refused=error)
    changed = sum(row.outcome != "unchanged" for row in found.rows)
    return visit.redirect("units", notice=Notice("sheet_imported", {"rows": len(found.rows), "changed": changed}))


def _run_import(visit: Submission, what: str, file: KeptFile) -> ImportedPeople | ImportedUnits:
    """Check the sheet, or save it. The command refuses whoever may not import; nothing of theirs is parsed."""
    check_only = not visit.text("save")
    run = visit.run_unrepeatable if check_only else visit.run
    if what == "people":
        may_import = is_allowed(visit.actor, Permission.PERSON_IMPORT)
        people = read_people(read_bytes(file.content, file.name)) if may_import else PeopleSheet()
        return run(ImportPeople(sheet=people, source_name=file.name, check_only=check_only))
    may_import = is_allowed(visit.actor, Permission.UNIT_IMPORT)
    units = read_units(read_bytes(file.content, file.name)) if may_import else UnitSheet()
    return run(ImportUnits(sheet=units, source_name=file.name, check_only=check_only))


def _import_page(
    visit: Visit,
    *,
    what: str = "units",
    file: KeptFile | None = None,
    found: ImportedPeople | ImportedUnits | None = None,
    faults: Sequence[Mapping[str, Any]] = (),
    refused: DomainError | None = None,
) -> Response:
    if not visit.may(Permission.UNIT_IMPORT):
        raise NotFound("no import for this visitor")
    return visit.page(
        "units/import.html",
        status=UNPROCESSABLE if faults or refused else 200,
        what=what,
        file=file,
        found=found,
        faults=faults,
        refused=visit.sentence(refused) if refused else None,
    )


@router.get("/units/{unit_id}", name="unit")
def show_unit(visit: Visiting, unit_id: UUID) -> Response:
    """A unit: its names, its people, who is away."""
    return _unit_page(visit, unit_id)


def _unit_page(
    visit: Visit, unit_id: UUID, *, refused: DomainError | None = None, typed: Submission | None = None
) -> Response:
    reading = visit.reading
    session, today = reading.session, local_date(reading.now)
    detail = unit_detail(session, unit_id)
    people = people_of(session, visit.actor, on=today, unit_ids=[unit_id]).get(unit_id, ())
    members = {row.person_id: row.name for row in people}
    leads = is_allowed(visit.actor, Permission.ABSENCE_RECORD, unit_id=unit_id)
    recordable = {id_: name for id_, name in members.items() if leads or id_ == visit.actor.id}
    return visit.page(
        "units/unit.html",
        status=UNPROCESSABLE if refused else 200,
        detail=detail,
        parent=_unit(visit, detail.unit.parent_id),
        people=people,
        members=members,
        recordable=recordable if visit.may(Permission.ABSENCE_SELF) else {},
        absences=[row for row in absences(reading) if row.person_id in members],
        today=today,
        refused=visit.sentence(refused) if refused else None,
        typed=typed,
    )


def _unit(visit: Visit, unit_id: UUID | None) -> UnitRow | None:
    return unit_detail(visit.reading.session, unit_id).unit if unit_id else None


@router.post("/units/{unit_id}", name="record_absence")
def record_absence(visit: Submitting, unit_id: UUID) -> Response:
    """Somebody is away, and somebody stands in."""
    substitute = visit.text("substitute_id")
    first = _day(visit.text("first_day"))
    try:
        command = RecordAbsence(
            person_id=UUID(visit.text("person_id")),
            first_day=first,
            last_day=_day(visit.text("last_day")),
            substitute_id=UUID(substitute) if substitute else None,
        )
        visit.run(command)
    except DomainError as error:
        return _unit_page(visit, unit_id, refused=error, typed=visit)
    return visit.redirect("unit", unit_id=unit_id, notice=Notice("absence_recorded"))


@router.post("/units/{unit_id}/absences/{absence_id}/end", name="end_absence")
def end_absence(visit: Submitting, unit_id: UUID, absence_id: UUID) -> Response:
    """Somebody is back early, or does not go at all."""
    last = visit.text("last_day")
    try:
        visit.run(EndAbsence(absence_id=absence_id, last_day=_day(last) if last else None))
    except DomainError as error:
        return _unit_page(visit, unit_id, refused=error, typed=visit)
    return visit.redirect("unit", unit_id=unit_id, notice=Notice("absence_ended"))


def _day(text: str) -> date:
    """A day; one long past where none is given, which every rule refuses."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min
