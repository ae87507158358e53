"""The periods in which a list's units report, and how far each unit's sheet has come."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import and_, func
from sqlmodel import col, select

from db.tables import Item, ProgressRound, ReportPeriod, Unit, WorkItem
from services.queries.reading import Reading
from services.sheets import SheetStep
from services.visibility import visible_items

SHOWN = 12
"""Periods of one answer, the last one first: a year of monthly reports."""


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A period that was opened, with how many of its reports the actor sees and how many are accepted."""

    id: UUID
    period: str
    opened_at: datetime
    co_due_at: datetime
    due_at: datetime
    provisional: bool
    sheet: bool
    rows: int
    accepted: int

    @property
    def open(self) -> bool:
        """Whether a report of it is still to be accepted."""
        return self.accepted < self.rows


@dataclass(frozen=True, slots=True)
class UnitSheet:
    """One unit's reports in a period, counted by how far they have come.

    Each count includes the later ones: what is accepted was signed, what was signed was handed in. `late` are those
    past their limit that the office has not got. `parts` wait for co-units.
    """

    unit_id: UUID
    unit: str
    rows: int
    handed_in: int
    signed: int
    accepted: int
    late: int
    parts: int


def report_periods(reading: Reading, list_id: UUID) -> tuple[PeriodRow, ...]:
    """The opened periods of a list, the last one first, as far as the actor sees items in them."""
    statement = (
        sqlalchemy.select(ReportPeriod, func.count(), func.count().filter(col(ProgressRound.outcome) == "accepted"))
        .join(ProgressRound, col(ProgressRound.report_period_id) == col(ReportPeriod.id))
        .join(Item, col(Item.id) == col(ProgressRound.item_id))
        .where(
            col(ReportPeriod.list_id) == list_id,
            visible_items(reading.actor),
            col(ProgressRound.outcome).is_distinct_from("cancelled"),
        )
        .group_by(ReportPeriod.__table__.c.id)  # type: ignore[attr-defined]
        .order_by(col(ReportPeriod.due_at).desc(), col(ReportPeriod.id))
        .limit(SHOWN)
    )
    return tuple(
        PeriodRow(
            id=each.id,
            period=each.period,
            opened_at=each.opened_at,
            co_due_at=each.co_due_at,
            due_at=each.due_at,
            provisional=each.provisional,
            sheet=each.sheet,
            rows=rows,
            accepted=accepted,
        )
        for each, rows, accepted in reading.session.execute(statement)
    )


def reporting_list(reading: Reading, list_ids: Collection[UUID]) -> UUID | None:
    """The one of these lists whose units report next or reported last; None where none ever did."""
    statement = (
        select(ReportPeriod.list_id)
        .where(col(ReportPeriod.list_id).in_(list_ids))
        .order_by(col(ReportPeriod.due_at).desc(), col(ReportPeriod.id))
    )
    return reading.session.exec(statement.limit(1)).first()


def sheets_of(reading: Reading, report_period_id: UUID) -> tuple[UnitSheet, ...]:
    """How far the reports of each unit have come in a period, those with most late reports first."""
    step = (
        select(func.min(col(WorkItem.bpmn_id)))
        .where(col(WorkItem.instance_id) == col(ProgressRound.instance_id), col(WorkItem.closed_at).is_(None))
        .correlate(ProgressRound)
        .scalar_subquery()
    )
    rounds = (
        sqlalchemy.select(
            col(ProgressRound.unit_id), col(ProgressRound.outcome), col(ProgressRound.due_at), step.label("step")
        )
        .join(Item, col(Item.id) == col(ProgressRound.item_id))
        .where(
            col(ProgressRound.report_period_id) == report_period_id,
            visible_items(reading.actor),
            col(ProgressRound.outcome).is_distinct_from("cancelled"),
        )
        .subquery()
    )
    accepted = rounds.c.outcome == "accepted"
    signed = accepted | (rounds.c.step == SheetStep.REVIEW)
    handed_in = signed | (rounds.c.step == SheetStep.SIGN)
    late = and_(rounds.c.outcome.is_(None), rounds.c.step != SheetStep.REVIEW, rounds.c.due_at <= reading.now)
    counts = [func.count().filter(each) for each in (handed_in, signed, accepted, late)]
    waiting: Any = func.count().filter(rounds.c.step == SheetStep.CONTRIBUTE)
    statement = (
        sqlalchemy.select(col(Unit.id), col(Unit.short_name), func.count(), *counts, waiting)
        .join(Unit, col(Unit.id) == rounds.c.unit_id)
        .group_by(col(Unit.id), col(Unit.short_name))
        .order_by(counts[3].desc(), col(Unit.short_name))
    )
    return tuple(UnitSheet(*row) for row in reading.session.execute(statement))


def open_report_work(reading: Reading, round_ids: Collection[UUID]) -> dict[tuple[UUID, UUID], UUID]:
    """The open work items of these rounds, by round and by the unit they wait for: whom to urge."""
    statement = (
        select(ProgressRound.id, WorkItem.unit_id, WorkItem.id)
        .join(WorkItem, col(WorkItem.instance_id) == col(ProgressRound.instance_id))
        .where(col(ProgressRound.id).in_(round_ids), col(WorkItem.closed_at).is_(None))
        .order_by(col(WorkItem.opened_at).desc(), col(WorkItem.id))
    )
    return {(round_id, unit_id): work_item_id for round_id, unit_id, work_item_id in reading.session.exec(statement)}
