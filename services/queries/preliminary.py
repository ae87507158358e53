"""Unsigned figures: which reports still stand on them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from db.tables import Item, Person, PreliminaryReport, ProgressRound, Unit, WorkItem
from services.queries.among import among
from services.queries.reading import Reading
from services.visibility import visible_items


@dataclass(frozen=True, slots=True)
class Preliminary:
    """Figures that were sent before the leader of the unit signed them, and that nobody has signed since."""

    percent: int
    form: Mapping[str, Any]
    unit: str
    sent_by: str
    sent_at: datetime


def preliminary_of(reading: Reading, round_ids: Iterable[UUID]) -> dict[UUID, Preliminary]:
    """The unsigned figures that these rounds stand on now, by round."""
    return _read(reading, among(col(ProgressRound.id), list(round_ids)), key=lambda each: each.id)


def preliminary_of_items(reading: Reading, item_ids: Iterable[UUID]) -> dict[UUID, Preliminary]:
    """The unsigned figures of open rounds, by item; of several rounds the newest."""
    return _read(reading, among(col(ProgressRound.item_id), list(item_ids)), key=lambda each: each.item_id)


def unsigned_by_unit(reading: Reading, report_period_id: UUID) -> Counter[UUID]:
    """How many reports of each unit stand on unsigned figures in a period, as far as the actor sees the items."""
    seen = select(Item.id).where(visible_items(reading.actor))
    wanted = and_(col(ProgressRound.report_period_id) == report_period_id, col(ProgressRound.item_id).in_(seen))
    return Counter(unit_id for unit_id, _ in _read(reading, wanted, key=lambda each: (each.unit_id, each.id)))


def _read(reading: Reading, wanted: Any, *, key: Any) -> dict[Any, Preliminary]:
    step, review = aliased(WorkItem), aliased(WorkItem)
    # The office reviews a report once it is signed; a report that was returned is reviewed again later.
    signed = exists(
        select(review.id).where(
            col(review.instance_id) == col(ProgressRound.instance_id),
            col(review.bpmn_id) == "review_report",
            col(review.opened_at) >= col(PreliminaryReport.sent_at),
        )
    )
    statement = (
        select(ProgressRound, PreliminaryReport, Unit.short_name, Person.name)
        .join(PreliminaryReport, col(PreliminaryReport.round_id) == col(ProgressRound.id))
        .join(step, and_(col(step.id) == col(PreliminaryReport.work_item_id)))
        .join(Unit, col(Unit.id) == col(PreliminaryReport.unit_id))
        .outerjoin(Person, col(Person.id) == col(PreliminaryReport.sent_by))
        .where(wanted, col(ProgressRound.outcome).is_(None), ~signed)
        # Returned by the leader, the figures are the unit's own again.
        .where(col(step.decision).is_distinct_from("return"))
        .order_by(col(ProgressRound.id), col(PreliminaryReport.sent_at).desc())
        .ext(distinct_on(col(ProgressRound.id)))
    )
    found = sorted(reading.session.exec(statement), key=lambda row: row[1].sent_at)
    return {
        key(each): Preliminary(sent.percent, sent.form, unit, person or "", sent.sent_at)
        for each, sent, unit, person in found
    }
