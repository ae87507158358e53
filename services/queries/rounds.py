"""Progress rounds across items: who still owes the report of a period."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy
from sqlalchemy import false, func
from sqlmodel import col

from db.tables import Item, ProgressRound, ReportPeriod
from services.queries.ledger_facts import Holder, holders_of
from services.queries.page import Key, Order, Page, page_of
from services.queries.preliminary import Preliminary, preliminary_of
from services.queries.reading import Reading
from services.visibility import visible_items


@dataclass(frozen=True, slots=True)
class RoundRow:
    """The round of one item; `outcome` is null while it is open, and `held_by` says on whom it waits.

    `unit_id` is the unit whose report sheet it stands on in `report_period_id`, if it does. `preliminary` are figures
    that its leader has not signed.
    """

    id: UUID
    instance_id: UUID
    item_id: UUID
    number: str
    text: str
    list_id: UUID
    period: str
    opened_at: datetime
    co_due_at: datetime
    due_at: datetime
    outcome: str | None
    percent: int | None
    held_by: tuple[Holder, ...]
    report_period_id: UUID | None = None
    unit_id: UUID | None = None
    provisional: bool = False
    preliminary: Preliminary | None = None


_ORDER = Order((col(ProgressRound.due_at), col(ProgressRound.id)), (datetime, UUID), descending=True)


def progress_rounds(
    reading: Reading,
    *,
    period: str | None = None,
    open_only: bool = False,
    list_id: UUID | None = None,
    limit: int = 50,
    after: Key | None = None,
) -> Page[RoundRow]:
    """The rounds of the items that the actor sees, the latest due first. Raises InvalidCursor."""
    statement = (
        sqlalchemy.select(ProgressRound, Item, func.coalesce(col(ReportPeriod.provisional), false()))
        .join(Item, col(Item.id) == col(ProgressRound.item_id))
        .outerjoin(ReportPeriod, col(ReportPeriod.id) == col(ProgressRound.report_period_id))
        .where(visible_items(reading.actor))
    )
    if period is not None:
        statement = statement.where(col(ProgressRound.period) == period)
    if open_only:
        statement = statement.where(col(ProgressRound.outcome).is_(None))
    if list_id is not None:
        statement = statement.where(col(Item.list_id) == list_id)
    if after is not None:
        statement = statement.where(_ORDER.after(after))
    found = reading.session.execute(statement.order_by(*_ORDER.clauses()).limit(limit + 1)).all()
    page = page_of(found, limit, lambda row: (row[0].due_at, row[0].id))
    held = holders_of(reading, [item.id for _, item, _ in page.rows])
    unsigned = preliminary_of(reading, [each.id for each, *_ in page.rows])
    rows = (
        replace(_row(each, item, held.get(item.id, ())), provisional=provisional, preliminary=unsigned.get(each.id))
        for each, item, provisional in page.rows
    )
    return Page(tuple(rows), page.next)


def _row(each: ProgressRound, item: Item, held: tuple[Holder, ...]) -> RoundRow:
    return RoundRow(
        id=each.id,
        instance_id=each.instance_id,
        item_id=item.id,
        number=item.number,
        text=item.text,
        list_id=item.list_id,
        period=each.period,
        opened_at=each.opened_at,
        co_due_at=each.co_due_at,
        due_at=each.due_at,
        outcome=each.outcome,
        percent=each.percent,
        report_period_id=each.report_period_id,
        unit_id=each.unit_id,
        held_by=tuple(h for h in held if each.outcome is None and h.instance_id == each.instance_id),
    )
