"""The red items of the board: whose, since when, how far behind, what is being done, who is next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, select

from db.tables import Item, ProcessInstance, ProgressRound, Submission, WorkItem
from db.tables import Light as FrozenRow
from domain.calendar import local_date
from domain.light_words import light_words
from domain.lights import Judgement, Light
from services.queries.ledger import FrozenPairs, LedgerFilter, narrowed_ledger
from services.queries.ledger_facts import Holder, holders_of
from services.queries.lights import leads_of
from services.queries.reading import Reading
from services.sheets import SheetStep


@dataclass(frozen=True, slots=True)
class LastReport:
    """What the last report that the office accepted says was done, and when it was handed in."""

    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RedRow:
    """A red item. `since` and `days` are known of the present light only; `lag` is in percentage points behind the
    schedule and `overdue_days` in calendar days, None where the light has another reason, which `words` says.
    """

    item_id: UUID
    number: str
    text: str
    leads: tuple[str, ...]
    since: datetime | None
    days: int | None
    lag: int | None
    overdue_days: int | None
    words: str
    report: LastReport | None
    held_by: tuple[Holder, ...]


def red_rows(
    reading: Reading, list_id: UUID | None, frozen: FrozenPairs = (), *, limit: int = 10
) -> tuple[RedRow, ...]:
    """The items that have been red for longest or, with `frozen`, those that were red at the close of these periods."""
    found: list[tuple[Item, Mapping[str, object]]]
    narrowed = narrowed_ledger(reading, select(Item), LedgerFilter(list_id=list_id))
    if frozen:
        statement = (
            narrowed.join(FrozenRow, col(FrozenRow.item_id) == col(Item.id))
            .where(
                tuple_(col(Item.list_id), col(FrozenRow.period)).in_(frozen), col(FrozenRow.light) == Light.RED.value
            )
            .add_columns(col(FrozenRow.reason))
            .order_by(col(Item.light_since), col(Item.id))
        )
        found = [(item, reason) for item, reason in reading.session.execute(statement.limit(limit))]
    else:
        statement = narrowed.where(col(Item.light) == Light.RED.value).order_by(col(Item.light_since), col(Item.id))
        found = [(item, item.light_reason or {}) for item in reading.session.execute(statement.limit(limit)).scalars()]
    ids = [item.id for item, _ in found]
    leads, reports, holders = leads_of(reading, ids), _last_reports(reading, ids), holders_of(reading, ids)
    return tuple(
        _row(reading, item, reason, now=not frozen, leads=leads, report=reports.get(item.id), held_by=holders)
        for item, reason in found
    )


def _row(
    reading: Reading,
    item: Item,
    reason: Mapping[str, object],
    *,
    now: bool,
    leads: Mapping[UUID, Sequence[str]],
    report: LastReport | None,
    held_by: Mapping[UUID, tuple[Holder, ...]],
) -> RedRow:
    shown = Judgement.kept(Light.RED, reason)
    since = item.light_since if now else None
    return RedRow(
        item_id=item.id,
        number=item.number,
        text=item.text,
        leads=tuple(leads[item.id]),
        since=since,
        days=(local_date(reading.now) - local_date(since)).days if since else None,
        lag=_positive(shown.facts.get("lag")),
        overdue_days=_positive(shown.facts.get("overdue_days")),
        words=light_words(shown),
        report=report,
        held_by=held_by.get(item.id, ()),
    )


def _positive(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _last_reports(reading: Reading, item_ids: Sequence[UUID]) -> dict[UUID, LastReport]:
    if not item_ids:
        return {}
    statement: Any = (
        select(col(ProcessInstance.item_id), col(Submission.form), col(WorkItem.closed_at))
        .join(ProgressRound, col(ProgressRound.instance_id) == col(ProcessInstance.id))
        .join(WorkItem, col(WorkItem.instance_id) == col(ProcessInstance.id))
        .join(Submission, col(Submission.work_item_id) == col(WorkItem.id))
        .where(
            col(ProcessInstance.item_id).in_(item_ids),
            ProgressRound.outcome == "accepted",
            WorkItem.bpmn_id == SheetStep.CONSOLIDATE,
            WorkItem.closed_as == "done",
        )
        .ext(distinct_on(col(ProcessInstance.item_id)))
        .order_by(col(ProcessInstance.item_id), col(WorkItem.closed_at).desc())
    )
    found: dict[UUID, LastReport] = {}
    for item_id, form, at in reading.session.execute(statement):
        words = str((form or {}).get("progress") or "")
        if words:
            found[item_id] = LastReport(words, at)
    return found
