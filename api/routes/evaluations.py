"""Evaluations of units: open one, write its scheme, see progress and ranks, and open a sheet down to its facts.

Everything that people do in an evaluation are steps of its processes: `POST /work-items/{id}/complete`.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from api.deps import Run
from api.reading import Asking, example
from api.schemas import Answer, Body, Day, SeenVersion
from domain.errors import NotFound
from services.evaluation_sheets import checked_scheme, self_contained
from services.evaluations import OpenedEvaluation, OpenEvaluation, SaveScheme, shipped_scheme
from services.queries.evaluation_sheet import ScoreSheetView, score_sheet
from services.queries.evaluations import EvaluationRow, EvaluationView, evaluation_view, list_evaluations

router = APIRouter(prefix="/evaluations", tags=["evaluations"])

_ID = UUID("5d1e7c3a-0b2f-4c6d-9e8f-1a2b3c4d5e6f")
_OPENED = OpenedEvaluation(item_id=_ID, number="评价2026年1号", members=24)
SchemeJson = Annotated[
    dict[str, Any],
    Field(description="criteria with parts, bonus, deductions, vetoes, groups, grades; see GET /evaluations/scheme"),
]


class NewEvaluation(Body):
    """What is evaluated: the days, whose last one is the cut-off. Without a scheme it begins with the one that comes
    with the program. `assessors` score the unit that hosts the office, three at least.
    """

    office_unit_id: UUID
    first_day: Day
    last_day: Day
    trial: Annotated[bool, Field(description="A half-year's trial run.")] = False
    host_unit_id: UUID | None = None
    assessors: Annotated[tuple[UUID, ...], Field(max_length=50)] = ()
    listed: Annotated[tuple[UUID, ...], Field(max_length=500, description="Shown even without a task.")] = ()
    scheme: SchemeJson | None = None


class SchemeBody(Body):
    """A scheme; a part's decision table may also be a DMN file, as text in `dmn`."""

    scheme: SchemeJson


class SchemeChange(SchemeBody):
    """The scheme that shall hold, and the version that was looked at."""

    seen_version: SeenVersion


class SchemeVersion(Answer):
    """The version that was saved."""

    version: int


class SchemeChecked(Answer):
    """A scheme that adds up, with its decision tables written out."""

    total: str
    scheme: dict[str, Any]


@router.get("")
def get_evaluations(asking: Asking) -> list[EvaluationRow]:
    """The evaluations in which the actor's units have a part, or that their office keeps; the latest first."""
    return list(list_evaluations(asking))


@router.post("", status_code=201, responses=example(_OPENED, 201))
def open_evaluation(body: NewEvaluation, run: Run) -> OpenedEvaluation:
    """Begin an evaluation. 422 `scheme_refused` names every fault of the scheme with the sum that it gives."""
    return run(OpenEvaluation(**{name: getattr(body, name) for name in NewEvaluation.model_fields}))


@router.get("/scheme")
def get_shipped_scheme(asking: Asking) -> dict[str, Any]:
    """The scheme that comes with the program, to begin from."""
    if not asking.actor.units_as():
        raise NotFound("scheme")
    return shipped_scheme()


@router.post("/scheme/check")
def check_scheme(body: SchemeBody, asking: Asking) -> SchemeChecked:
    """Check a scheme and save nothing: sums, formulas, decision tables that overlap or leave gaps, facts used twice."""
    if not asking.actor.units_as():
        raise NotFound("scheme")
    content = self_contained(body.scheme)
    return SchemeChecked(total=str(checked_scheme(content).total), scheme=content)


@router.get("/sheets/{item_id}")
def get_score_sheet(item_id: UUID, asking: Asking) -> ScoreSheetView:
    """A unit's score sheet with the facts beside every point. Another unit's is not found."""
    return score_sheet(asking, item_id)


@router.get("/{evaluation_id}")
def get_evaluation(evaluation_id: UUID, asking: Asking) -> EvaluationView:
    """One evaluation: scheme, progress by unit, ranks per group (for units once they were decided)."""
    return evaluation_view(asking, evaluation_id)


@router.put("/{evaluation_id}/scheme", responses=example({"version": 2}))
def save_scheme(evaluation_id: UUID, body: SchemeChange, run: Run) -> SchemeVersion:
    """Change the scheme while it is drafted; 409 `scheme_frozen` once it was approved."""
    command = SaveScheme(evaluation_id=evaluation_id, seen_version=body.seen_version, scheme=body.scheme)
    return SchemeVersion(version=run(command))
