"""The unit registry: read by everybody, imported from a spreadsheet, printed names decided on by a person."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from api.deps import ContainerDep, CurrentActor, ReadSession, Run
from api.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, encode_cursor
from api.schemas import Answer, Body
from api.sheets import CheckOnly, RowAnswer, SheetBytes, SheetName
from domain.calendar import local_date
from domain.permissions import Permission, is_allowed
from domain.units import UnitKind
from importers.sheets.table import MAX_BYTES, read_bytes
from importers.sheets.units import UnitSheet, read_units
from services.queries.units import list_candidates, list_units, unit_detail
from services.unit_import import ImportUnits
from services.units import AddCandidateAsUnit, AliasKind, ConfirmCandidate, RejectCandidate

router = APIRouter(prefix="/units", tags=["units"])

Name = Annotated[str, Field(min_length=1, max_length=200)]


class UnitAnswer(Answer):
    """One unit. Work of a unit that ended goes to its successor."""

    id: UUID
    official_name: Annotated[str, Field(examples=["江北市商务局"])]
    short_name: Annotated[str, Field(examples=["市商务局"])]
    kind: UnitKind
    parent_id: UUID | None
    successor_id: UUID | None
    successor: str | None
    valid_from: date | None
    valid_to: date | None


class OtherNameAnswer(Answer):
    """Another name of a unit: a spelling, or one it had."""

    name: str
    kind: AliasKind
    valid_from: date | None
    valid_to: date | None


class UnitDetailAnswer(Answer):
    """One unit with all its names and groups."""

    unit: UnitAnswer
    names: list[OtherNameAnswer]
    groups: list[str]


class UnitsImported(Answer):
    """What each row of the spreadsheet led to."""

    rows: list[RowAnswer]


class CandidateAnswer(Answer):
    """A printed name that the registry does not know. `alike` is a proposal, never a decision."""

    id: UUID
    printed: str
    context: str
    seen_at: datetime
    alike: list[str]


class Confirmation(Body):
    """The printed name means this unit."""

    unit_id: UUID
    kind: AliasKind = AliasKind.SPELLING


class NewUnit(Body):
    """The printed name is a unit that the registry lacks."""

    official_name: Name
    short_name: Name
    kind: UnitKind
    parent_id: UUID | None = None


class UnitRef(Answer):
    """The unit that a printed name stands for now."""

    unit_id: UUID


@router.get("")
def get_units(
    *,
    _actor: CurrentActor,
    session: ReadSession,
    kind: UnitKind | None = None,
    name: Annotated[str, Query(max_length=200, description="Part of any of the unit's names.")] = "",
    group: Annotated[str, Query(max_length=200, description="Only members of this group.")] = "",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[UnitAnswer]:
    """Units in the office's order."""
    page = list_units(session, kind=kind, name=name, group=group, after=decode_cursor(cursor, "units"), limit=limit)
    return Page(
        items=[UnitAnswer.model_validate(row) for row in page.rows], next_cursor=encode_cursor("units", page.next)
    )


@router.post("/imports", max_body_size=MAX_BYTES)
def import_units(*, data: SheetBytes, run: Run, name: SheetName, check_only: CheckOnly = False) -> UnitsImported:
    """Import a spreadsheet: all of its rows, or none if one is wrong. The same file again changes nothing."""
    # The command refuses whoever may not import; nothing of theirs is parsed.
    allowed = is_allowed(run.actor, Permission.UNIT_IMPORT)
    sheet = read_units(read_bytes(data, name)) if allowed else UnitSheet()
    return UnitsImported.model_validate(run(ImportUnits(sheet=sheet, source_name=name, check_only=check_only)))


@router.get("/candidates")
def get_candidates(
    _actor: CurrentActor,
    session: ReadSession,
    container: ContainerDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[CandidateAnswer]:
    """Printed names that wait for a decision, the last seen first."""
    today = local_date(container.clock.now())
    page = list_candidates(session, on=today, after=decode_cursor(cursor, "candidates"), limit=limit)
    return Page(
        items=[CandidateAnswer.model_validate(row) for row in page.rows],
        next_cursor=encode_cursor("candidates", page.next),
    )


@router.post("/candidates/{candidate_id}/confirm")
def confirm_candidate(candidate_id: UUID, body: Confirmation, run: Run) -> UnitRef:
    """The printed name means this unit, here and in every document to come."""
    command = ConfirmCandidate(candidate_id=candidate_id, unit_id=body.unit_id, kind=body.kind)
    return UnitRef(unit_id=run(command))


@router.post("/candidates/{candidate_id}/add", status_code=201)
def add_candidate_as_unit(candidate_id: UUID, body: NewUnit, run: Run) -> UnitRef:
    """The printed name is a unit that the registry lacks."""
    command = AddCandidateAsUnit(
        candidate_id=candidate_id,
        official_name=body.official_name,
        short_name=body.short_name,
        kind=body.kind,
        parent_id=body.parent_id,
    )
    return UnitRef(unit_id=run(command))


@router.post("/candidates/{candidate_id}/reject", status_code=204)
def reject_candidate(candidate_id: UUID, run: Run) -> None:
    """The printed name is no unit; it is not asked about again."""
    run(RejectCandidate(candidate_id=candidate_id))


@router.get("/{unit_id}")
def get_unit(unit_id: UUID, _actor: CurrentActor, session: ReadSession) -> UnitDetailAnswer:
    """One unit with all its names and groups."""
    return UnitDetailAnswer.model_validate(unit_detail(session, unit_id))
