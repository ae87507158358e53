"""What a person set going: the processes whose first step they completed, and where each of them is now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import and_, exists, not_, text, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from db.tables import Item, ProcessInstance, WorkItem
from services.queries.page import Key, Order, Page, page_of
from services.queries.reading import Reading
from services.queries.steps import decision_label, step_label
from services.visibility import visible_items

SHOWN_HOLDERS = 3
"""Of a step in which many are asked, so many are named."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A step that waits, and for whom since when."""

    step: str
    unit: str
    since: datetime


@dataclass(frozen=True, slots=True)
class StartedRow:
    """One process. `decision` is what the person did; `holders` are empty once it has ended, `more` counts the rest."""

    instance_id: UUID
    item_id: UUID
    number: str
    text: str
    step: str
    decision: str
    period: str | None
    at: datetime
    ended_at: datetime | None
    holders: tuple[Holder, ...]
    more: int


_HOLDERS = text(
    "SELECT w.instance_id, w.bpmn_id, u.short_name, w.opened_at FROM work_item w JOIN unit u ON u.id = w.unit_id"
    " WHERE w.instance_id = ANY(:ids) AND w.closed_at IS NULL ORDER BY w.opened_at, w.id"
)


def started_by(reading: Reading, *, limit: int = 50, after: Key | None = None) -> Page[StartedRow]:
    """The newest first, as far as the items are still visible to the actor. Raises InvalidCursor."""
    order = Order((col(WorkItem.closed_at), col(WorkItem.id)), (datetime, UUID), descending=True)
    earlier = aliased(WorkItem)
    had_begun = exists(
        select(earlier.id).where(
            col(earlier.instance_id) == col(WorkItem.instance_id),
            col(earlier.closed_by).is_not(None),
            tuple_(col(earlier.closed_at), col(earlier.id)) < tuple_(col(WorkItem.closed_at), col(WorkItem.id)),
        )
    )
    statement: Any = (
        sqlalchemy.select(
            *(col(ProcessInstance.id), col(ProcessInstance.version_id), col(ProcessInstance.period)),
            *(col(ProcessInstance.ended_at), col(Item.id), col(Item.number), col(Item.text)),
            *(col(WorkItem.bpmn_id), col(WorkItem.decision), *order.columns),
        )
        .select_from(WorkItem)
        .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
        .join(Item, col(Item.id) == col(WorkItem.item_id))
        .where(
            and_(col(WorkItem.closed_by) == reading.actor.id, col(WorkItem.closed_as) == "done"),
            not_(had_begun),
            visible_items(reading.actor),
        )
        .order_by(*order.clauses())
        .limit(limit + 1)
    )
    if after is not None:
        statement = statement.where(order.after(after))
    found = page_of(reading.session.execute(statement).all(), limit, lambda row: (row[-2], row[-1]))
    holders = _holders(reading, [(row[0], row[1]) for row in found.rows])
    return Page(tuple(_row(reading, row, holders.get(row[0], [])) for row in found.rows), found.next)


def _row(reading: Reading, row: Sequence[Any], holders: Sequence[Holder]) -> StartedRow:
    instance_id, version_id, period, ended_at, item_id, number, words, bpmn_id, decision, at, _ = row
    bundle = reading.library.bundle(reading.session, version_id)
    return StartedRow(
        instance_id=instance_id,
        item_id=item_id,
        number=number,
        text=words,
        step=step_label(bundle, bpmn_id),
        decision=decision_label(bundle, bpmn_id, decision),
        period=period,
        at=at,
        ended_at=ended_at,
        holders=tuple(holders[:SHOWN_HOLDERS]),
        more=max(0, len(holders) - SHOWN_HOLDERS),
    )


def _holders(reading: Reading, instances: Sequence[tuple[UUID, int]]) -> dict[UUID, list[Holder]]:
    """Who holds each of these instances, of that process version."""
    if not instances:
        return {}
    versions = dict(instances)
    found: dict[UUID, list[Holder]] = {}
    for instance_id, bpmn_id, unit, since in reading.session.execute(_HOLDERS, {"ids": list(versions)}):
        bundle = reading.library.bundle(reading.session, versions[instance_id])
        found.setdefault(instance_id, []).append(Holder(step_label(bundle, bpmn_id), unit, since))
    return found
