"""Report sheets: what a unit reports in one period of a list, handed in, signed and reviewed in one act."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from api.deps import Run
from api.examples import COMPLETED, UNIT_ID
from api.reading import Asking, example
from api.schemas import Body, SeenVersion
from services.queries.sheets import SheetView, sheet_view
from services.sheets import ReviewSheet, RowAct, SheetDone, SheetStep, SignSheet, SubmitSheet

router = APIRouter(prefix="/report-sheets/{report_period_id}/{unit_id}", tags=["report sheets"])

LARGEST_SHEET = 300
_DONE = SheetDone(UUID("e5d4c3b2-0f9e-4b8c-9d7e-6f5a4b3c2d99"), UNIT_ID, (COMPLETED,))


class HandedInRow(Body):
    """A row that is handed in. Without a `form` it takes the draft, if that is still the one of `seen_draft`."""

    work_item_id: UUID
    seen_version: SeenVersion
    seen_draft: Annotated[int | None, Field(ge=0, le=2**31 - 1, description="The draft's version one looked at.")] = (
        None
    )
    form: dict[str, Any] | None = None
    opinion: Annotated[str, Field(max_length=2000)] = ""
    evidence_ids: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()


class Submission(Body):
    """The rows of a sheet, all that wait for the unit. `part` is `co_unit` for parts of others' reports.

    `leave_waiting` lets the rows follow later whose co-units have not reported; `preliminary` sends the figures to
    the office at once, marked as unsigned.
    """

    part: Literal["lead", "co_unit"] = "lead"
    rows: Annotated[tuple[HandedInRow, ...], Field(min_length=1, max_length=LARGEST_SHEET)]
    leave_waiting: bool = False
    preliminary: bool = False


class DecidedRow(Body):
    """The decision about a row, the ordinary one if none is given. A return has a reason code and an opinion."""

    work_item_id: UUID
    seen_version: SeenVersion
    decision: Annotated[str | None, Field(max_length=100, examples=["return"])] = None
    opinion: Annotated[str, Field(max_length=2000)] = ""
    reason_code: Annotated[str | None, Field(max_length=100, examples=["material_insufficient"])] = None
    return_to: Annotated[str | None, Field(max_length=100)] = None
    resume_here: bool = False
    return_units: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()


class Decisions(Body):
    """A decision for every row that waits."""

    rows: Annotated[tuple[DecidedRow, ...], Field(min_length=1, max_length=LARGEST_SHEET)]


def _acts(rows: tuple[HandedInRow, ...] | tuple[DecidedRow, ...]) -> tuple[RowAct, ...]:
    return tuple(RowAct(**{name: getattr(row, name) for name in type(row).model_fields}) for row in rows)


@router.get("")
def get_sheet(
    report_period_id: UUID,
    unit_id: UUID,
    asking: Asking,
    part: Annotated[Literal["lead", "co_unit"], Query()] = "lead",
) -> SheetView:
    """A sheet with its rows: where each stands, its draft with who saved it, last period's figures beside it."""
    return sheet_view(asking, report_period_id, unit_id, co_unit=part == "co_unit")


@router.post("/submit", responses=example(_DONE))
def submit_sheet(report_period_id: UUID, unit_id: UUID, body: Submission, run: Run) -> SheetDone:
    """Hand the sheet in. All rows or none: a refusal names the rows, and what was typed stays in the drafts."""
    return run(
        SubmitSheet(
            report_period_id=report_period_id,
            unit_id=unit_id,
            rows=_acts(body.rows),
            step=SheetStep.CONTRIBUTE if body.part == "co_unit" else SheetStep.CONSOLIDATE,
            leave_waiting=body.leave_waiting,
            preliminary=body.preliminary,
        )
    )


@router.post("/sign", responses=example(_DONE))
def sign_sheet(report_period_id: UUID, unit_id: UUID, body: Decisions, run: Run) -> SheetDone:
    """Sign the sheet as the unit's leader, or return rows of it."""
    return run(SignSheet(report_period_id=report_period_id, unit_id=unit_id, rows=_acts(body.rows)))


@router.post("/review", responses=example(_DONE))
def review_sheet(report_period_id: UUID, unit_id: UUID, body: Decisions, run: Run) -> SheetDone:
    """Review the sheet as the office, row by row in one act: only the returned rows come back."""
    return run(ReviewSheet(report_period_id=report_period_id, unit_id=unit_id, rows=_acts(body.rows)))
