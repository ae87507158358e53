"""Who reported late or not at all: by period, unit and item, with the days."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import and_, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from db.tables import Item, ProgressRound, TaskList, Unit, WorkItem
from domain.calendar import local_date
from domain.urgency import last_day
from services.queries.preliminary import preliminary_of
from services.queries.reading import Reading
from services.visibility import visible_items

MOST = 2000
"""Rows of one answer; who has more late reports than that asks by list and period."""


@dataclass(frozen=True, slots=True)
class LateReport:
    """One report that came late, or has not come. `part` is `lead` or `co_unit`.

    A lead has reported when its signed report reaches the office, a co-unit when it answered the lead; what is returned
    afterwards was in time all the same. `reported_on` is None while it is missing. `unsigned` says that figures were
    sent ahead, `waits_for` names the co-units without whose parts the lead cannot report.
    """

    round_id: UUID
    item_id: UUID
    number: str
    text: str
    list_id: UUID
    list_title: str
    period: str
    unit_id: UUID
    unit: str
    part: str
    due_on: date
    reported_on: date | None
    days_late: int
    unsigned: bool
    waits_for: tuple[str, ...]


def late_reports(
    reading: Reading, *, list_id: UUID | None = None, period: str | None = None, missing_only: bool = True
) -> tuple[LateReport, ...]:
    """The late reports of items that the actor sees, the latest of all first, at most `MOST`; with `missing_only` off
    also those that have come meanwhile.
    """
    conditions = [visible_items(reading.actor), col(ProgressRound.outcome).is_distinct_from("cancelled")]
    conditions += [col(Item.list_id) == list_id] if list_id is not None else []
    conditions += [col(ProgressRound.period) == period] if period is not None else []
    leads = _leads(reading, conditions, missing_only=missing_only)
    parts = _parts(reading, conditions, missing_only=missing_only)
    waits: dict[UUID, list[str]] = defaultdict(list)
    for row in parts:
        if row.reported_on is None:
            waits[row.round_id].append(row.unit)
    unsigned = preliminary_of(reading, [row.round_id for row in leads if row.reported_on is None])
    found = [_with(row, unsigned=row.round_id in unsigned, waits_for=waits.get(row.round_id, ())) for row in leads]
    found += parts
    found.sort(key=lambda row: (-row.days_late, row.unit, row.list_title, row.number, row.part))
    return tuple(found[:MOST])


def _leads(reading: Reading, conditions: Sequence[Any], *, missing_only: bool) -> list[LateReport]:
    review = aliased(WorkItem)
    reported: Any = (
        select(func.min(col(review.opened_at)))
        .where(col(review.instance_id) == col(ProgressRound.instance_id), col(review.bpmn_id) == "review_report")
        .scalar_subquery()
    )
    late = and_(reported.is_(None), col(ProgressRound.outcome).is_(None), col(ProgressRound.due_at) <= reading.now)
    if not missing_only:
        late = or_(late, reported > col(ProgressRound.due_at))
    statement = (
        _described()
        .add_columns(col(ProgressRound.due_at), reported)
        .join(Unit, col(Unit.id) == col(ProgressRound.unit_id))
        .where(*conditions, late)
        .order_by(col(ProgressRound.due_at))
        .limit(MOST)
    )
    return [_row(reading, found, "lead") for found in reading.session.execute(statement)]


def _parts(reading: Reading, conditions: Sequence[Any], *, missing_only: bool) -> list[LateReport]:
    """By co-unit: its first answer counts, and a party that is no longer asked owes none."""
    asked: Any = (
        sqlalchemy.select(
            col(WorkItem.instance_id).label("instance_id"),
            col(WorkItem.unit_id).label("unit_id"),
            func.min(col(WorkItem.due_at)).label("due_at"),
            func.min(col(WorkItem.closed_at)).filter(col(WorkItem.closed_as) == "done").label("reported"),
            func.bool_or(col(WorkItem.closed_at).is_(None)).label("open"),
        )
        .join(ProgressRound, col(ProgressRound.instance_id) == col(WorkItem.instance_id))
        .join(Item, col(Item.id) == col(ProgressRound.item_id))
        .where(*conditions, col(WorkItem.bpmn_id) == "contribute")
        .group_by(col(WorkItem.instance_id), col(WorkItem.unit_id))
        .subquery()
    )
    late = and_(asked.c.reported.is_(None), asked.c.open, asked.c.due_at <= reading.now)
    if not missing_only:
        late = or_(late, asked.c.reported > asked.c.due_at)
    statement = (
        _described()
        .add_columns(asked.c.due_at, asked.c.reported)
        .join(asked, asked.c.instance_id == col(ProgressRound.instance_id))
        .join(Unit, col(Unit.id) == asked.c.unit_id)
        .where(late)
        .order_by(asked.c.due_at)
        .limit(MOST)
    )
    return [_row(reading, found, "co_unit") for found in reading.session.execute(statement)]


def _described() -> Any:
    columns = (col(ProgressRound.id), col(Item.id), col(Item.number), col(Item.text), col(Item.list_id))
    return (
        sqlalchemy.select(*columns, col(TaskList.title), col(ProgressRound.period), col(Unit.id), col(Unit.short_name))
        .select_from(ProgressRound)
        .join(Item, col(Item.id) == col(ProgressRound.item_id))
        .join(TaskList, col(TaskList.id) == col(Item.list_id))
    )


def _row(reading: Reading, found: Sequence[Any], part: str) -> LateReport:
    round_id, item_id, number, text, list_id, list_title, period, unit_id, unit, due_at, reported = found
    due_on = last_day(due_at)
    until: datetime = reported or reading.now
    return LateReport(
        round_id=round_id,
        item_id=item_id,
        number=number,
        text=text,
        list_id=list_id,
        list_title=list_title,
        period=period,
        unit_id=unit_id,
        unit=unit,
        part=part,
        due_on=due_on,
        reported_on=local_date(reported) if reported else None,
        days_late=max(1, (local_date(until) - due_on).days),
        unsigned=False,
        waits_for=(),
    )


def _with(row: LateReport, *, unsigned: bool, waits_for: Iterable[str]) -> LateReport:
    return replace(row, unsigned=unsigned, waits_for=tuple(waits_for))
