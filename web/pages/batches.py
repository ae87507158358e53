"""Batches of 复制推广: collected, ordered, held against earlier lists, looked at, issued; and who takes up what."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from domain.calendar import local_date
from domain.errors import Conflict, DomainError, RuleViolation
from domain.messages.replication import ADOPTION_NAMES, MATRIX_SHEET
from domain.replication_states import CaseState
from services.executor import Command
from services.export import MEDIA_TYPE, batch_workbook, matrix_workbook
from services.queries.adoptions import Matrix, adoption_matrix
from services.queries.offices import offices
from services.queries.reading import Reading, reading
from services.queries.replication import CaseFilter, CaseRow, cases
from services.queries.replication_batches import BatchDetail, batch_detail, batches
from services.queries.replication_record import LikenessRow, likenesses_of
from services.replication_batches import ChangeBatch, DraftBatch, IssueBatch, SettleLikeness
from services.visibility import offices_of
from web.addresses import ListAddress
from web.notices import Notice
from web.typed import id_in, ids_in, number_in
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()

LAST = 9_999
"""The place of a case for which nobody typed one: behind the others."""


def _candidates(asking: Reading) -> list[CaseRow]:
    """Approved cases that are in no batch."""
    found = cases(asking, CaseFilter(states=(CaseState.APPROVED.value,)), limit=200).rows
    return [row for row in found if row.batch is None]


@router.get("/batches", name="batches")
def show_batches(visit: Visiting) -> Response:
    """The batches, and for the office what the next one could be made of."""
    return _batches(visit)


def _batches(visit: Visit, *, refused: DomainError | None = None, typed: Mapping[str, str] | None = None) -> Response:
    own = offices_of(visit.actor)
    may_draft = visit.may("case:manage") and bool(own)
    return visit.page(
        "batches/batches.html",
        status=409 if refused is not None else 200,
        rows=batches(visit.reading),
        candidates=_candidates(visit.reading) if may_draft else [],
        may_draft=may_draft,
        own_offices=[each for each in offices(visit.reading) if each.id in own],
        refused=visit.sentence(refused) if refused is not None else None,
        typed=typed or {},
        year=local_date(visit.reading.now).year,
    )


@router.post("/batches", name="draft_batch")
def draft_batch(visit: Submitting) -> Response:
    """Collect approved cases into a new batch."""
    number = number_in(visit.text("number"))
    command = DraftBatch(
        office_unit_id=id_in(visit.text("office")) or UUID(int=0),
        title=visit.text("title"),
        case_ids=ids_in(visit.texts("case")),
        number=number or None,
    )
    try:
        drafted = visit.run(command)
    except (Conflict, RuleViolation) as error:
        return _batches(visit, refused=error, typed={"title": visit.text("title")})
    return visit.redirect("replication_batch", batch_id=drafted.id, notice=Notice("batch_acted", {"act": "draft"}))


@router.get("/batches/{batch_id}", name="replication_batch")
def show_batch(visit: Visiting, batch_id: UUID) -> Response:
    """One batch: its four columns beside the printed notice; while it is a draft with what may join it."""
    return _batch(visit, batch_id)


def _batch(visit: Visit, batch_id: UUID, *, refused: DomainError | None = None) -> Response:
    detail = batch_detail(visit.reading, batch_id)
    draft = detail.row.issued_at is None
    editable = draft and visit.may("case:manage")
    return visit.page(
        "batches/batch.html",
        status=409 if refused is not None else 200,
        detail=detail,
        row=detail.row,
        editable=editable,
        may_issue=draft and visit.may("batch:issue"),
        candidates=_candidates(visit.reading) if editable else [],
        questions=_questions(visit.reading, detail) if editable else [],
        refused=visit.sentence(refused) if refused is not None else None,
    )


def _questions(asking: Reading, detail: BatchDetail) -> list[tuple[str, LikenessRow]]:
    """What must be decided before the batch can be issued: (title of the case, the published one that it is like)."""
    open_ones = [entry for entry in detail.entries if entry.alike]
    return [
        (entry.title, likeness)
        for entry in open_ones
        for likeness in likenesses_of(asking, entry.case_id)
        if likeness.same is None
    ]


@router.post("/batches/{batch_id}", name="act_on_batch")
def act_on_batch(visit: Submitting, batch_id: UUID) -> Response:
    """Change what is in it and in which order, say whether two cases are the same, or issue it."""
    act = visit.text("act")
    try:
        visit.run(_command(visit, batch_id, act))
    except (Conflict, RuleViolation) as error:
        return _batch(visit, batch_id, refused=error)
    return visit.redirect("replication_batch", batch_id=batch_id, notice=Notice("batch_acted", {"act": act}))


def _command(visit: Submission, batch_id: UUID, act: str) -> Command[object]:
    seen = number_in(visit.text("seen_version"))
    if act == "issue":
        return IssueBatch(batch_id=batch_id, seen_version=seen)
    if act == "settle":
        likeness = id_in(visit.text("likeness")) or UUID(int=0)
        return SettleLikeness(likeness_id=likeness, same=visit.text("same") == "yes", reason=visit.text("reason"))
    chosen = ids_in(visit.texts("case"))
    placed = {case_id: number_in(visit.text(f"place.{case_id}")) or LAST for case_id in chosen}
    return ChangeBatch(
        batch_id=batch_id, seen_version=seen, case_ids=tuple(sorted(chosen, key=lambda id_: placed[id_]))
    )


@router.get("/batches/{batch_id}/list.xlsx", name="batch_export")
def export_batch(visit: Visiting, batch_id: UUID) -> Response:
    """The four columns as a spreadsheet."""
    container = visit.container
    with reading(container.executor, visit.actor, sessions=container.snapshots) as asking:
        detail = batch_detail(asking, batch_id)
        content = batch_workbook(asking, detail)
    return _workbook(content, detail.row.title)


def _workbook(content: bytes, name: str) -> Response:
    named = f"attachment; filename=\"list.xlsx\"; filename*=UTF-8''{quote(name, safe='')}.xlsx"
    return Response(content, media_type=MEDIA_TYPE, headers={"Content-Disposition": named})


Chosen = Annotated[str, Query(max_length=40)]
COLUMNS = 16
"""Cases that the matrix shows side by side when nothing is chosen; more of them nobody reads on a screen."""


@router.get("/adoptions", name="adoptions")
def show_adoptions(visit: Visiting, batch: Chosen = "", unit: Chosen = "", state: Chosen = "") -> Response:
    """Who takes up what: units by cases."""
    narrowed = bool(unit or state)
    whole = adoption_matrix(visit.reading, batch_id=id_in(batch), newest=None if narrowed else COLUMNS)
    matrix = _narrowed(whole, id_in(unit), state if state in ADOPTION_NAMES else "")
    cells = list(matrix.cells.values())
    return visit.page(
        "batches/adoptions.html",
        matrix=matrix,
        left_out=whole.left_out,
        units=whole.units,
        batches=[each for each in batches(visit.reading) if each.issued_at is not None],
        states=ADOPTION_NAMES,
        batch=batch,
        unit=unit,
        state=state,
        settled=matrix.settled(),
        late=sum(cell.late for cell in cells),
        count=len(cells),
        address=ListAddress(visit.url("adoptions"), {"batch": batch, "unit": unit, "state": state}),
        today=_today(visit),
    )


def _today(visit: Visit) -> date:
    return local_date(visit.reading.now)


def _narrowed(matrix: Matrix, unit_id: UUID | None, state: str) -> Matrix:
    """Only one unit's row, only cells of one state; rows and columns without a cell are left out."""
    cells = {
        place: cell
        for place, cell in matrix.cells.items()
        if unit_id in (None, cell.unit_id) and state in ("", cell.state)
    }
    units, columns = {unit for unit, _ in cells}, {case_id for _, case_id in cells}
    return Matrix(
        tuple(each for each in matrix.cases if each[0] in columns),
        tuple(each for each in matrix.units if each[0] in units),
        cells,
    )


@router.get("/adoptions/matrix.xlsx", name="adoptions_export")
def export_adoptions(visit: Visiting, batch: Chosen = "", unit: Chosen = "", state: Chosen = "") -> Response:
    """The matrix as a spreadsheet, narrowed as the page is."""
    container = visit.container
    with reading(container.executor, visit.actor, sessions=container.snapshots) as asking:
        whole = adoption_matrix(asking, batch_id=id_in(batch))
        content = matrix_workbook(asking, _narrowed(whole, id_in(unit), state if state in ADOPTION_NAMES else ""))
        name = f"{MATRIX_SHEET}{local_date(asking.now):%Y%m%d}"
    return _workbook(content, name)
