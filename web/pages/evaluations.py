"""单位评价: the evaluations, one with its ranks, progress and scheme, and a score sheet with the facts beside it."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from domain.calendar import local_date
from domain.errors import Conflict, DomainError, RuleViolation
from domain.labels import NAMES
from services.evaluations import OpenEvaluation
from services.queries.evaluation_answers import sheet_answers
from services.queries.evaluation_sheet import score_sheet
from services.queries.evaluations import evaluation_view, list_evaluations
from services.queries.evidence import evidence_of_item
from services.queries.matter_pages import own_steps
from services.queries.offices import offices
from services.queries.units import names_to_choose
from services.visibility import offices_of
from web.notices import Notice
from web.typed import day_in, id_in, named_units
from web.visit import Submitting, Visit, Visiting

router = APIRouter()

UNPROCESSABLE = 422
UNIT_FIELDS = ("host", "assessors", "listed")
"""Fields in which units of the registry are named."""


@router.get("/evaluations", name="evaluations")
def show_evaluations(visit: Visiting) -> Response:
    """The evaluations that one sees, and for the office the way to begin one."""
    return _list(visit)


def _list(
    visit: Visit,
    *,
    refused: DomainError | None = None,
    typed: Mapping[str, str] | None = None,
    unknown: Mapping[str, Sequence[str]] | None = None,
) -> Response:
    asking = visit.reading
    own = offices_of(visit.actor)
    year = local_date(asking.now).year
    return visit.page(
        "evaluations/evaluations.html",
        status=409 if refused is not None else UNPROCESSABLE if unknown else 200,
        rows=list_evaluations(asking),
        own_offices=[each for each in offices(asking) if each.id in own] if visit.may("evaluation:open") else [],
        first_day=date(year, 1, 1),
        last_day=date(year, 12, 31),
        names=NAMES,
        refused=visit.sentence(refused) if refused is not None else None,
        typed=typed or {},
        unknown=unknown or {},
        units=names_to_choose(asking.session) if visit.may("evaluation:open") else (),
    )


@router.post("/evaluations", name="open_evaluation")
def open_evaluation(visit: Submitting) -> Response:
    """Begin an evaluation of some days with the scheme that comes with the program; it can be changed while drafted."""
    year = local_date(visit.reading.now).year
    typed = {name: value for name, value in visit.form.items() if isinstance(value, str)}
    named = {name: named_units(visit.reading, visit.text(name)) for name in UNIT_FIELDS}
    if unknown := {name: strange for name, (_, strange) in named.items() if strange}:
        return _list(visit, typed=typed, unknown=unknown)
    command = OpenEvaluation(
        office_unit_id=id_in(visit.text("office")) or UUID(int=0),
        first_day=day_in(visit.text("first_day")) or date(year, 1, 1),
        last_day=day_in(visit.text("last_day")) or date(year, 12, 31),
        trial=bool(visit.text("trial")),
        host_unit_id=next(iter(named["host"][0]), None),
        assessors=named["assessors"][0],
        listed=named["listed"][0],
    )
    try:
        opened = visit.run(command)
    except (Conflict, RuleViolation) as error:
        return _list(visit, refused=error, typed=typed)
    told = Notice("evaluation_opened", {"number": opened.number, "members": opened.members})
    return visit.redirect("evaluation", item_id=opened.item_id, notice=told)


@router.get("/evaluations/{item_id}", name="evaluation")
def show_evaluation(visit: Visiting, item_id: UUID) -> Response:
    """One evaluation: ranks per group, progress by unit, the scheme."""
    view = evaluation_view(visit.reading, item_id)
    steps = own_steps(visit.reading, [item_id, *(each.item_id for each in view.progress)])
    return visit.page(
        "evaluations/evaluation.html",
        view=view,
        row=view.summary,
        mine=[step for step in steps if step.item_id == item_id],
        by_sheet={step.item_id: step for step in reversed(steps)},
        names=NAMES,
    )


@router.get("/evaluations/sheets/{item_id}", name="score_sheet")
def show_score_sheet(visit: Visiting, item_id: UUID) -> Response:
    """A unit's sheet; every score opens down to its facts. Another unit's is not found."""
    sheet = score_sheet(visit.reading, item_id)
    return visit.page(
        "evaluations/sheet.html",
        sheet=sheet,
        answers=sheet_answers(visit.reading, item_id),
        proofs=[each for each in evidence_of_item(visit.reading, item_id) if each.work_item_id is not None],
        mine=own_steps(visit.reading, [item_id]),
        names=NAMES,
    )
