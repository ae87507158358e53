"""One entry of the work list per report sheet: its rows are completed together, so they wait together.

Of the rows of a sheet that wait in one step the most pressing one stands for all; the others are folded into it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, exists, func, not_, or_, text, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from db.tables import Item, ProgressRound, ReportPeriod, WorkItem
from services.queries.reading import Reading
from services.sheets import SheetStep

STEPS = tuple(step.value for step in SheetStep)
OPEN = col(WorkItem.closed_at).is_(None)


@dataclass(frozen=True, slots=True)
class SheetMark:
    """The sheet that an entry of the work list stands for: `waiting` of its `rows` wait in this step."""

    report_period_id: UUID
    unit_id: UUID
    part: str
    waiting: int
    rows: int


# The same for everybody, and putting it together takes longer than asking it.
@cache
def folded() -> ColumnElement[bool]:
    """Whether a more pressing row of the same sheet stands for this work item."""
    reviewed = col(WorkItem.bpmn_id) == SheetStep.REVIEW
    return or_(and_(reviewed, _twin(of_office=True)), and_(not_(reviewed), _twin(of_office=False)))


def _twin(*, of_office: bool) -> ColumnElement[bool]:
    """A more pressing open row of the sheet. The office reviews the sheets of many units, so that its twins are found
    among the rounds of the one unit; a unit's own steps are all on its one sheet, and found among its open work.
    """
    own, other, twin = aliased(ProgressRound), aliased(ProgressRound), aliased(WorkItem)
    same = [col(other.report_period_id) == col(own.report_period_id)]
    same += [col(other.unit_id) == col(own.unit_id)] if of_office else []
    return exists(
        select(own.id)
        .join(ReportPeriod, and_(col(ReportPeriod.id) == col(own.report_period_id), col(ReportPeriod.sheet)))
        .join(other, and_(*same))
        .join(twin, col(twin.instance_id) == col(other.instance_id))
        .where(
            col(own.instance_id) == col(WorkItem.instance_id),
            col(twin.bpmn_id) == col(WorkItem.bpmn_id),
            col(twin.unit_id) == col(WorkItem.unit_id),
            col(twin.role) == col(WorkItem.role),
            col(twin.closed_at).is_(None),
            tuple_(col(twin.due_at), col(twin.id)) < tuple_(col(WorkItem.due_at), col(WorkItem.id)),
        )
        .correlate(WorkItem)
    )


@cache
def unfolded() -> ColumnElement[bool]:
    """The entries of the work list: what is on no sheet, and one row of each sheet."""
    return or_(col(WorkItem.bpmn_id).not_in(STEPS), not_(folded()))


def folded_pairs(
    source: ColumnElement[bool], conditions: Iterable[ColumnElement[bool]], *, with_items: bool
) -> Select[Any]:
    """How many work items of a source are folded into others, by step and limit; `with_items` when the conditions ask
    for the item. All rows of a sheet meet the same conditions, so that all of a sheet but one are folded.
    """
    sheet_of = case(
        (col(WorkItem.bpmn_id) == SheetStep.REVIEW, col(ProgressRound.unit_id)), else_=col(WorkItem.unit_id)
    )
    sheet = (col(ProgressRound.report_period_id), col(WorkItem.bpmn_id), col(WorkItem.unit_id), sheet_of)
    place = func.row_number().over(partition_by=sheet, order_by=(col(WorkItem.due_at), col(WorkItem.id)))
    part: Any = (
        select(col(WorkItem.bpmn_id), col(WorkItem.due_at), place.label("place"))
        .select_from(ProgressRound)
        .join(ReportPeriod, and_(col(ReportPeriod.id) == col(ProgressRound.report_period_id), col(ReportPeriod.sheet)))
        .join(WorkItem, col(WorkItem.instance_id) == col(ProgressRound.instance_id))
    )
    if with_items:
        part = part.join(Item, col(Item.id) == col(WorkItem.item_id))
    open_rounds = col(ProgressRound.outcome).is_(None)
    placed = part.where(open_rounds, source, OPEN, col(WorkItem.bpmn_id).in_(STEPS), *conditions).subquery()
    pairs: Any = select(placed.c.bpmn_id, placed.c.due_at, func.count().label("n")).where(placed.c.place > 1)
    grouped: Select[Any] = pairs.group_by(placed.c.bpmn_id, placed.c.due_at)
    return grouped


# For each work item: its sheet, how many of its rows wait in this step, and how many rows there are.
_MARKS = text(
    "SELECT w.id, p.id, s.unit_id, s.waiting, s.total FROM work_item w"
    " JOIN progress_round r ON r.instance_id = w.instance_id JOIN report_period p ON p.id = r.report_period_id"
    " CROSS JOIN LATERAL ("
    "  SELECT CASE WHEN w.bpmn_id = 'review_report' THEN r.unit_id ELSE w.unit_id END AS unit_id,"
    "  count(*) FILTER (WHERE EXISTS (SELECT FROM work_item x WHERE x.instance_id = o.instance_id"
    "   AND x.bpmn_id = w.bpmn_id AND x.unit_id = w.unit_id AND x.closed_at IS NULL)) AS waiting,"
    "  count(*) FILTER (WHERE (w.bpmn_id <> 'contribute' AND o.unit_id = w.unit_id) OR w.bpmn_id = 'review_report'"
    "   OR EXISTS (SELECT FROM work_item x WHERE x.instance_id = o.instance_id AND x.bpmn_id = w.bpmn_id"
    "    AND x.unit_id = w.unit_id)) AS total"
    "  FROM progress_round o WHERE o.report_period_id = p.id"
    "  AND (w.bpmn_id <> 'review_report' OR o.unit_id = r.unit_id)) s"
    " WHERE w.id = ANY(:ids) AND w.bpmn_id = ANY(:steps) AND p.sheet AND s.total > 1"
).bindparams(bindparam("steps", value=list(STEPS)))


def sheet_marks(reading: Reading, work: Iterable[tuple[UUID, str]]) -> dict[UUID, SheetMark]:
    """The sheets that these work items, named with their steps, stand for; a sheet of one row is none."""
    steps = {id_: step for id_, step in work if step in STEPS}
    if not steps:
        return {}
    return {
        id_: SheetMark(
            report_period_id=period_id,
            unit_id=unit_id,
            part="co_unit" if steps[id_] == SheetStep.CONTRIBUTE else "lead",
            waiting=waiting,
            rows=total,
        )
        for id_, period_id, unit_id, waiting, total in reading.session.execute(_MARKS, {"ids": list(steps)})
    }
