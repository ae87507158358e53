"""The import desk 导入台: the office's lists, the upload of a document, and a list's rows beside what it prints."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile

from domain.calendar import local_date
from domain.errors import DomainError, PermissionDenied, StaleVersion, WrongStatus
from domain.import_doubts import DoubtLevel
from domain.items import DeadlineKind, ListStatus, ResponsibilityRole, Strength
from domain.labels import label
from domain.permissions import Permission, is_allowed
from importers.errors import DocumentTooLarge, UnreadableDocument
from importers.readers.limits import MAX_FILE_BYTES
from services.document_import import import_command
from services.queries.import_desk import (
    DeskItem,
    DeskRow,
    ListProgress,
    PrintedCells,
    approvers,
    desk_item,
    desk_rows,
    list_progress,
    printed_rows,
)
from services.queries.lists import ListDetail, ListRow, list_detail, task_lists
from services.queries.page import MAX_PAGE
from services.queries.units import UnitRow, list_units
from services.unit_lookup import stored_registry
from web.desk_form import RowForm, command_of, sent_form, stored_form
from web.differences import differences
from web.notices import Notice
from web.visit import Submitting, Visit, Visiting

router = APIRouter()

LISTS = 100
ROWS = 60
PRINTED = 8
"""Rows of the document that are shown at once, the worked one among them."""
BEFORE = 2
_UPLOAD_BYTES = MAX_FILE_BYTES + 64 * 1024
"""The document with the other fields of the form around it."""


class NextStep(StrEnum):
    """What a list waits for."""

    SETTLE = "settle"
    APPROVE = "approve"
    REGISTER = "register"
    ISSUE = "issue"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A list on the desk's first page."""

    row: ListRow
    progress: ListProgress
    step: NextStep


@router.get("/desk", name="desk")
def show_desk(visit: Visiting) -> Response:
    """The office's lists."""
    return _first_page(visit)


def _first_page(visit: Visit, *, error: str = "", historical: bool = False, status: int = 200) -> Response:
    _office_only(visit)
    rows = task_lists(visit.reading, own=True, limit=LISTS).rows
    progress = list_progress(visit.reading, [row.id for row in rows])
    shelves = [Shelf(row, progress[row.id], _step(row, progress[row.id])) for row in rows]
    return visit.page(
        "desk/desk.html",
        status=status,
        shelves=shelves,
        open_count=sum(shelf.step is not NextStep.NOTHING for shelf in shelves),
        offices=_offices(visit),
        error=error,
        historical=historical,
        megabytes=MAX_FILE_BYTES // (1024 * 1024),
    )


def _step(row: ListRow, progress: ListProgress) -> NextStep:
    if row.status == ListStatus.DRAFT:
        return NextStep.SETTLE if row.open_blocking else NextStep.APPROVE
    if progress.registered:
        return NextStep.ISSUE
    return NextStep.REGISTER if progress.drafts else NextStep.NOTHING


def _office_only(visit: Visit) -> None:
    """The desk is the office's own. Raises PermissionDenied."""
    if not (visit.may(Permission.LIST_IMPORT) or visit.may(Permission.LIST_APPROVE)):
        raise PermissionDenied(Permission.LIST_IMPORT)


def _offices(visit: Visit) -> list[tuple[UUID, str]]:
    """The units for which the visitor may import, by name."""
    held = {role.unit_id: role.unit for role in visit.account.roles}
    return [
        (unit_id, name)
        for unit_id, name in sorted(held.items(), key=lambda each: each[1])
        if is_allowed(visit.actor, Permission.LIST_IMPORT, unit_id=unit_id)
    ]


@router.post("/desk", name="desk_import", max_body_size=_UPLOAD_BYTES)
def import_document(visit: Submitting) -> Response:
    """Read the document and put its rows on the desk; one that is known already leads to its list."""
    _office_only(visit)
    historical = visit.text("historical") == "yes"
    file = visit.form.get("document")
    if not isinstance(file, UploadFile) or not file.filename:
        return _first_page(visit, error="no_file", historical=historical, status=422)
    content = file.file.read(MAX_FILE_BYTES + 1)
    offices = dict(_offices(visit))
    chosen = visit.text("office")
    office = next((each for each in offices if str(each) == chosen), next(iter(offices), None))
    if office is None:
        raise PermissionDenied(Permission.LIST_IMPORT)
    registry = stored_registry(visit.reading.session, local_date(visit.reading.now))
    try:
        command = import_command(
            visit.actor,
            content,
            name=file.filename,
            office_unit_id=office,
            registry=registry,
            historical=historical,
        )
        found = visit.run(command)
    except (UnreadableDocument, DocumentTooLarge) as error:
        return _first_page(visit, error=visit.sentence(error), historical=historical, status=422)
    facts = {"already": found.already, "items": found.items, "blocking": found.blocking}
    return visit.redirect("desk_list", list_id=found.id, notice=Notice("desk_imported", facts))


class Place(BaseModel):
    """What part of a list the page shows: rows of one level, from which printed row on, which page of the table."""

    model_config = ConfigDict(extra="ignore")

    show: DoubtLevel | None = None
    start: Annotated[int | None, Field(ge=1, le=100_000)] = None
    page: Annotated[int, Field(ge=1, le=1000)] = 1


Asked = Annotated[Place, Query()]


@router.get("/desk/lists/{list_id}", name="desk_list")
def show_list(visit: Visiting, list_id: UUID, place: Asked) -> Response:
    """A list: the row that is most pressing, beside what the document prints of it."""
    rows = desk_rows(visit.reading, list_id)
    return _list_page(visit, list_id, rows, _pressing(rows), place)


@router.get("/desk/lists/{list_id}/items/{item_id}", name="desk_row")
def show_row(visit: Visiting, list_id: UUID, item_id: UUID, place: Asked) -> Response:
    """The same with a row of one's choice."""
    rows = desk_rows(visit.reading, list_id)
    if not any(row.id == item_id for row in rows):
        return visit.redirect("desk_list", list_id=list_id)
    return _list_page(visit, list_id, rows, item_id, place)


@router.post("/desk/lists/{list_id}/items/{item_id}", name="desk_settle")
def settle_row(visit: Submitting, list_id: UUID, item_id: UUID, place: Asked) -> Response:
    """Settle a row and go on to the next one that needs somebody."""
    rows = desk_rows(visit.reading, list_id)
    if not any(row.id == item_id for row in rows):
        raise WrongStatus(str(item_id), status="")
    item = desk_item(visit.reading, item_id)
    stored = _stored(visit, list_id, item)
    sent = sent_form(stored, visit.form)
    version = visit.text("seen_version")
    registry = stored_registry(visit.reading.session, local_date(visit.reading.now))
    command, problems = command_of(
        item, stored, sent, registry, seen_version=int(version) if version.isdecimal() else 0
    )
    if command is None:
        return _list_page(visit, list_id, rows, item_id, place, sent=sent, problems=problems, status=422)
    try:
        visit.run(command)
    except (PermissionDenied, StaleVersion, WrongStatus):
        raise
    except DomainError as error:
        refused = visit.sentence(error)
        rows = desk_rows(visit.reading, list_id)
        return _list_page(visit, list_id, rows, item_id, place, sent=sent, refused=refused, status=422)
    rows = desk_rows(visit.reading, list_id)
    after = _pressing(rows, after=item.row.position)
    notice = Notice("desk_settled", {"number": sent.number, "left": _levels(rows)[DoubtLevel.BLOCK]})
    if after is None:
        return visit.redirect("desk_list", list_id=list_id, notice=notice)
    return visit.redirect("desk_row", list_id=list_id, item_id=after, notice=notice)


def _pressing(rows: Sequence[DeskRow], *, after: int = 0) -> UUID | None:
    """The next row to look at: blocking ones first, then those to compare, in printed order from `after` on."""
    for level in (DoubtLevel.BLOCK, DoubtLevel.CONFIRM, DoubtLevel.INFO):
        found = [row for row in rows if row.level is level]
        if found:
            return next((row.id for row in found if row.position > after), found[0].id)
    return None


def _levels(rows: Sequence[DeskRow]) -> Counter[DoubtLevel]:
    return Counter(row.level for row in rows)


def _list_page(
    visit: Visit,
    list_id: UUID,
    rows: Sequence[DeskRow],
    item_id: UUID | None,
    place: Place,
    *,
    sent: RowForm | None = None,
    problems: Sequence[object] = (),
    refused: str = "",
    status: int = 200,
) -> Response:
    detail = list_detail(visit.reading, list_id, with_items=False)
    item = desk_item(visit.reading, item_id) if item_id else None
    members = _group_members(visit, item) if item else []
    stored = _stored(visit, list_id, item, detail, members) if item else None
    shown = [row for row in rows if place.show in (None, row.level)]
    ordered = sorted(shown, key=lambda row: (tuple(DoubtLevel).index(row.level), row.position))
    at = item.row.position if item else 1
    start = place.start or max(1, at - BEFORE)
    printed = printed_rows(visit.reading, list_id, first=start, count=PRINTED)
    blocking = [row for row in rows if row.level is DoubtLevel.BLOCK]
    return visit.page(
        "desk/list.html",
        status=status,
        detail=detail,
        list=detail.summary,
        item=item,
        form=sent or stored,
        stored=stored,
        problems=problems,
        refused=refused,
        compared=differences(item.printed.text, item.row.text) if item else ([], []),
        rows=ordered[(place.page - 1) * ROWS : place.page * ROWS],
        pages=-(-len(ordered) // ROWS),
        place=place,
        total=len(rows),
        levels=_levels(rows),
        confirmed=sum(row.confirmed for row in rows),
        blocking_at=next((i for i, row in enumerate(blocking, 1) if item and row.id == item.row.id), None),
        neighbours=_neighbours(rows, item),
        next_blocking=_pressing(blocking, after=at) if blocking else None,
        printed=printed,
        start=start,
        more=len(printed) == PRINTED and start + PRINTED <= (detail.summary.found_count or 0),
        has_others=_headers(printed),
        members=members,
        units=_unit_names(visit) if item else [],
        usual_day=_usual_day(rows),
        kinds=_kinds(item),
        strengths=[(each.value, label(Strength, each)) for each in Strength],
        group=next((p.printed for p in item.parts if p.role == ResponsibilityRole.GROUP), None) if item else None,
        progress=list_progress(visit.reading, [list_id])[list_id],
        approvers=approvers(visit.reading, list_id) if detail.summary.status == ListStatus.DRAFT else (),
        may_settle=visit.may(Permission.FLAG_RESOLVE),
    )


def _stored(
    visit: Visit,
    list_id: UUID,
    item: DeskItem,
    detail: ListDetail | None = None,
    members: Sequence[UnitRow] | None = None,
) -> RowForm:
    detail = detail or list_detail(visit.reading, list_id, with_items=False)
    candidates = {each.printed: each.candidate_id for each in detail.unknown_units if not each.rejected}
    members = _group_members(visit, item) if members is None else members
    return stored_form(item, candidates, [unit.id for unit in members])


def _group_members(visit: Visit, item: DeskItem) -> list[UnitRow]:
    """The members of the groups that the row prints, as the registry knows them."""
    found: dict[UUID, UnitRow] = {}
    for part in item.parts:
        if part.role == ResponsibilityRole.GROUP:
            for unit in list_units(visit.reading.session, group=part.printed, limit=MAX_PAGE).rows:
                found[unit.id] = unit
    return list(found.values())


def _unit_names(visit: Visit) -> list[tuple[str, str]]:
    units = list_units(visit.reading.session, limit=MAX_PAGE).rows
    return [(unit.short_name, unit.official_name) for unit in units if unit.successor_id is None]


def _headers(printed: Sequence[PrintedCells]) -> list[str]:
    """The headers of the columns that have no field of their own, in printed order."""
    return list(dict.fromkeys(header for row in printed for header, _ in row.others))


def _usual_day(rows: Sequence[DeskRow]) -> str | None:
    """The date that most rows have, to be proposed where one is missing."""
    days = Counter(row.due_on for row in rows if row.due_on)
    most = days.most_common(1)
    return most[0][0].isoformat() if most and most[0][1] > 1 else None


def _kinds(item: DeskItem | None) -> list[tuple[str, str]]:
    """The kinds of deadline to choose from: a recurrence can be kept, not made up."""
    kept = {line.kind for line in item.deadlines} if item else set()
    offered = (DeadlineKind.BY_DATE, DeadlineKind.RELATIVE, DeadlineKind.ONGOING, DeadlineKind.NONE)
    return [(each.value, label(DeadlineKind, each)) for each in DeadlineKind if each in offered or each in kept]


def _neighbours(rows: Sequence[DeskRow], item: DeskItem | None) -> Mapping[str, UUID | None]:
    ids = [row.id for row in rows]
    at = ids.index(item.row.id) if item else -1
    return {
        "before": ids[at - 1] if at > 0 else None,
        "after": ids[at + 1] if item and at + 1 < len(ids) else None,
    }
