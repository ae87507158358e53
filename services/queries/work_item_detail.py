"""One work item with what a person needs to complete it."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from db.tables import Item, ProcessInstance, TaskList, Unit, WorkItem
from domain.errors import NotFound
from services.answers import Withheld, withheld
from services.queries.actions import WorkAction, work_action
from services.queries.ledger import LedgerRow, ledger_row
from services.queries.reading import Reading
from services.queries.timeline import TimelineEntry, steps_of
from services.queries.worklist import WorkRow, work_row


@dataclass(frozen=True, slots=True)
class PartyAnswer:
    """One party of a step that several are asked in; `decision` is null while it is silent, or not for the actor."""

    work_item_id: UUID
    unit_id: UUID
    unit: str
    decision: str | None
    closed_at: datetime | None
    closed_as: str | None


@dataclass(frozen=True, slots=True)
class WorkItemDetail:
    """A work item. `action` is null when the actor may not complete it, or nobody may any more.

    `parties` are all who are asked in this step, as far as the actor may know, `handed_in` what was done in its process
    before, oldest first: the co-units' parts stand there side by side for whoever consolidates them.
    """

    work_item: WorkRow
    item: LedgerRow
    action: WorkAction | None
    parties: tuple[PartyAnswer, ...]
    handed_in: tuple[TimelineEntry, ...]


def work_item_detail(reading: Reading, work_item_id: UUID) -> WorkItemDetail:
    """The work item. Raises NotFound for one of an item that the actor does not see."""
    row = work_row(reading, work_item_id)
    work = reading.session.get_one(WorkItem, work_item_id)
    item = reading.session.get_one(Item, work.item_id)
    instance = reading.session.get_one(ProcessInstance, work.instance_id)
    kept = withheld(reading.session, reading.actor, reading.library, item.id)
    if work.id in kept.apart:
        raise NotFound(f"work item {work_item_id}")
    if work.id in kept.work:
        row = replace(row, decision=None, decision_label=None)
    return WorkItemDetail(
        work_item=row,
        item=ledger_row(reading, item, reading.session.get_one(TaskList, item.list_id)),
        action=work_action(reading, item, work, row.unit, instance.version_id),
        parties=_parties(reading, work, kept),
        handed_in=tuple(steps_of(reading, item.id, instance.id)),
    )


def _parties(reading: Reading, work: WorkItem, kept: Withheld) -> tuple[PartyAnswer, ...]:
    statement = (
        select(WorkItem, Unit.short_name)
        .join(Unit, col(Unit.id) == col(WorkItem.unit_id))
        .where(WorkItem.instance_id == work.instance_id, WorkItem.task_id == work.task_id)
        .order_by(col(Unit.sort_order), col(Unit.short_name), col(WorkItem.id))
    )
    return tuple(
        PartyAnswer(
            row.id, row.unit_id, unit, None if row.id in kept.work else row.decision, row.closed_at, row.closed_as
        )
        for row, unit in reading.session.exec(statement)
        if row.id not in kept.apart
    )
