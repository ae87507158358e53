"""Requests for figures of KPI targets for pages: who was asked for which day, what was answered, who holds it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, select

from db.tables import Item, KpiRequest, KpiTarget, Person, ProcessInstance, Unit, WorkItem
from domain.kpi_reporting import KpiAnswer, KpiRequestEnd, WhyCancelled
from domain.labels import label
from domain.permissions import Role
from services.queries.reading import Reading
from services.queries.steps import step_label
from services.visibility import visible_items

MOST = 200
"""The newest requests that are listed at once; a target that is asked for monthly has them for sixteen years."""


@dataclass(frozen=True, slots=True)
class KpiHolder:
    """Who has an open request, at which step, since when and until when; `late` is judged at the reading's moment."""

    work_item_id: UUID
    step: str
    unit: str
    role: str
    role_label: str
    since: datetime
    due_at: datetime | None
    late: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class KpiRequestRow:
    """One request. `asked_by` is null where the clock asked; `outcome` is null while it is open, and then `holder` says
    who has it. The answer is the newest one that the unit gave.
    """

    item_id: UUID
    number: str
    target_id: UUID
    target: str
    unit_of_measure: str
    period: str
    last_on: date
    unit_id: UUID
    unit: str
    asked_at: datetime
    asked_by: str | None
    answer: str | None
    answer_label: str
    value: float | None
    as_of: date | None
    said: str
    answered_at: datetime | None
    outcome: str | None
    outcome_label: str
    ended_at: datetime | None
    ended_because: str
    holder: KpiHolder | None


def kpi_requests(
    asked: Reading, *, target_ids: Sequence[UUID] | None = None, open_only: bool = False
) -> tuple[KpiRequestRow, ...]:
    """The requests that the actor sees, the newest first: of these targets, or of all."""
    statement = (
        select(KpiRequest, KpiTarget, Item.number, Unit.short_name)
        .join(Item, col(Item.id) == col(KpiRequest.item_id))
        .join(KpiTarget, col(KpiTarget.id) == col(KpiRequest.target_id))
        .join(Unit, col(Unit.id) == col(KpiRequest.unit_id))
        .where(visible_items(asked.actor))
        .order_by(col(KpiRequest.asked_at).desc(), col(KpiRequest.last_on).desc(), col(KpiRequest.item_id))
        .limit(MOST)
    )
    if target_ids is not None:
        statement = statement.where(col(KpiRequest.target_id).in_(target_ids))
    if open_only:
        statement = statement.where(col(KpiRequest.outcome).is_(None))
    found = asked.session.exec(statement).all()
    holders = _holders(asked, [row.item_id for row, *_ in found if row.outcome is None])
    askers = {row.asked_by for row, *_ in found if row.asked_by is not None}
    names = dict(asked.session.exec(select(Person.id, Person.name).where(col(Person.id).in_(askers))).all())
    return tuple(
        KpiRequestRow(
            item_id=row.item_id,
            number=number,
            target_id=row.target_id,
            target=target.name,
            unit_of_measure=target.unit,
            period=row.period,
            last_on=row.last_on,
            unit_id=row.unit_id,
            unit=unit,
            asked_at=row.asked_at,
            asked_by=None if row.asked_by is None else names.get(row.asked_by),
            answer=row.answer,
            answer_label=label(KpiAnswer, row.answer),
            value=row.value,
            as_of=row.as_of,
            said=row.said or "",
            answered_at=row.answered_at,
            outcome=row.outcome,
            outcome_label=label(KpiRequestEnd, row.outcome),
            ended_at=row.ended_at,
            ended_because=_because(row.ended_because),
            holder=holders.get(row.item_id),
        )
        for row, target, number, unit in found
    )


def open_counts(asked: Reading, target_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """How many requests of each target are open, of those that the actor sees."""
    statement = (
        select(KpiRequest.target_id)
        .join(Item, col(Item.id) == col(KpiRequest.item_id))
        .where(col(KpiRequest.target_id).in_(target_ids), col(KpiRequest.outcome).is_(None), visible_items(asked.actor))
    )
    counts: dict[UUID, int] = defaultdict(int)
    for target_id in asked.session.exec(statement):
        counts[target_id] += 1
    return counts


def _holders(asked: Reading, item_ids: Sequence[UUID]) -> dict[UUID, KpiHolder]:
    if not item_ids:
        return {}
    statement = (
        select(WorkItem, ProcessInstance.version_id, Unit.short_name)
        .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
        .join(Unit, col(Unit.id) == col(WorkItem.unit_id))
        .where(col(WorkItem.item_id).in_(item_ids), col(WorkItem.closed_at).is_(None))
    )
    return {
        work.item_id: KpiHolder(
            work_item_id=work.id,
            step=step_label(asked.library.bundle(asked.session, version_id), work.bpmn_id),
            unit=unit,
            role=work.role,
            role_label=label(Role, work.role),
            since=work.opened_at,
            due_at=work.due_at,
            late=work.due_at is not None and work.due_at < asked.now,
            mine=asked.actor.holds(Role(work.role), work.unit_id),
        )
        for work, version_id, unit in asked.session.exec(statement)
    }


def _because(words: str | None) -> str:
    """A reason in words: the clock's own ones are codes."""
    return label(WhyCancelled, words) if words in set(WhyCancelled) else words or ""
