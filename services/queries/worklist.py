"""The work list: what waits for a person, for their units, or in the lists of their office; and what they did."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import ColumnElement, Label, Select, SQLColumnExpression, Subquery, union_all
from sqlmodel import col, select

from db.tables import Item, ProcessInstance, TaskList, Unit, WorkItem
from domain.calendar import NO_LIMIT
from domain.errors import NotFound
from domain.labels import label
from domain.lights import Light
from domain.urgency import Urgency, UrgencyLimits
from services.queries.folding import OPEN, SheetMark, sheet_marks, unfolded
from services.queries.item_order import number_columns
from services.queries.page import MAX_PAGE, Key, Order, Page, page_of
from services.queries.reading import Reading
from services.queries.steps import decision_label, step_label
from services.queries.text import contains
from services.visibility import WorkScope, visible_items, visible_work


class WorkSort(StrEnum):
    """Orders of the work list: by limit, by when it was opened, by the item's place in its list."""

    DUE = "due"
    OPENED = "opened"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFilter:
    """What of the open work items is asked for. `kinds` are BPMN ids of steps; empty or None does not narrow.

    The rows of a report sheet are one entry, unless `by_sheet` is off, or single items are searched for.
    """

    scope: WorkScope = WorkScope.MINE
    kinds: tuple[str, ...] = ()
    urgency: Urgency | None = None
    list_id: UUID | None = None
    section: str | None = None
    unit_id: UUID | None = None
    text: str | None = None
    light: Light | None = None
    by_sheet: bool = True

    @property
    def folds(self) -> bool:
        """Whether the rows of a sheet are one entry: not for who looks for items by their words."""
        return self.by_sheet and self.section is None and not self.text


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One line of the work list. `due_at` is None without a limit; `days_left` is negative when it has passed.

    `period` is the reporting period of a step of a progress round, `sheet` the report sheet that the line stands for:
    the line shows the most pressing of its rows. The four before it are those of work done.
    """

    id: UUID
    version: int
    bpmn_id: str
    step: str
    role: str
    unit_id: UUID
    unit: str
    item_id: UUID
    number: str
    text: str
    section: str | None
    list_id: UUID
    list_title: str
    period: str | None
    opened_at: datetime
    due_at: datetime | None
    provisional: bool
    urgency: Urgency
    urgency_label: str
    days_left: int | None
    closed_at: datetime | None = None
    closed_as: str | None = None
    decision: str | None = None
    decision_label: str | None = None
    sheet: SheetMark | None = None


_NUMBER = number_columns(col(WorkItem.id))
_PRINTED: tuple[SQLColumnExpression[Any], ...] = (
    *(col(WorkItem.id), col(WorkItem.version), col(WorkItem.bpmn_id), col(WorkItem.role), col(WorkItem.unit_id)),
    *(col(Unit.short_name), col(WorkItem.item_id), col(Item.number), col(Item.text), col(Item.section)),
    *(col(Item.list_id), col(TaskList.title), col(ProcessInstance.period), col(WorkItem.opened_at)),
    *(col(WorkItem.due_at), col(WorkItem.provisional), col(WorkItem.closed_at), col(WorkItem.closed_as)),
    *(col(WorkItem.decision), col(ProcessInstance.version_id)),
)
"""What `_row` reads, in its order."""


def order_of(sort: WorkSort, *, descending: bool) -> Order:
    """The order for a sort."""
    if sort is WorkSort.DUE:
        return Order((col(WorkItem.due_at), col(WorkItem.id)), (datetime, UUID), descending)
    if sort is WorkSort.OPENED:
        return Order((col(WorkItem.opened_at), col(WorkItem.id)), (datetime, UUID), descending)
    return Order(_NUMBER, (datetime, UUID, int, int, UUID), descending)


def open_work(
    reading: Reading,
    filters: WorkFilter,
    *,
    sort: WorkSort = WorkSort.DUE,
    descending: bool = False,
    limit: int = 50,
    after: Key | None = None,
) -> Page[WorkRow]:
    """A page of open work items. Each source of `visible_work` is read in order from its own index and merged.

    Raises InvalidCursor.
    """
    order = order_of(sort, descending=descending)
    conditions = work_conditions(reading.limits, filters)
    if filters.folds:
        conditions.append(unfolded())
    if after is not None:
        conditions.append(order.after(after))
    keys: list[Label[Any]] = [column.label(f"key_{n}") for n, column in enumerate(order.columns)]
    joins_item = sort is WorkSort.NUMBER or needs_item(filters)
    parts: list[Select[Any]] = []
    for source in visible_work(reading.actor, filters.scope):
        part: Any = select(col(WorkItem.id).label("work_item_id"), *keys).where(source, OPEN, *conditions)
        if joins_item:
            part = with_item(part)
        parts.append(part.order_by(*order.clauses()).limit(limit + 1))
    if not parts:
        return Page((), None)
    page = parts[0].subquery() if len(parts) == 1 else union_all(*(p.subquery().select() for p in parts)).subquery()
    order_keys = [page.c[key.name] for key in keys]
    statement = (
        _described(page)
        .add_columns(*order_keys)
        .order_by(*((key.desc() if descending else key.asc()) for key in order_keys))
        .limit(limit + 1)
    )
    found = reading.session.execute(statement).all()
    page_rows = page_of(found, limit, lambda row: tuple(row[-len(keys) :]))
    rows = tuple(_row(reading, row) for row in page_rows.rows)
    if filters.folds:
        marks = sheet_marks(reading, [(row.id, row.bpmn_id) for row in rows if row.period is not None])
        rows = tuple(replace(row, sheet=marks[row.id]) if row.id in marks else row for row in rows)
    return Page(rows, page_rows.next)


def every_open_work(reading: Reading, filters: WorkFilter) -> Iterator[WorkRow]:
    """All of it, page by page."""
    page = open_work(reading, filters, limit=MAX_PAGE)
    yield from page.rows
    while page.next is not None:
        page = open_work(reading, filters, limit=MAX_PAGE, after=page.next)
        yield from page.rows


def done_work(reading: Reading, *, limit: int = 50, after: Key | None = None) -> Page[WorkRow]:
    """What the actor completed, newest first, as far as the items are still visible. Raises InvalidCursor."""
    order = Order((col(WorkItem.closed_at), col(WorkItem.id)), (datetime, UUID), descending=True)
    statement = (
        _described(None)
        .add_columns(*order.columns)
        .where(col(WorkItem.closed_by) == reading.actor.id, col(WorkItem.closed_as) == "done")
        .where(visible_items(reading.actor))
        .order_by(*order.clauses())
        .limit(limit + 1)
    )
    if after is not None:
        statement = statement.where(order.after(after))
    rows = page_of(reading.session.execute(statement).all(), limit, lambda row: (row[-2], row[-1]))
    return Page(tuple(_row(reading, row) for row in rows.rows), rows.next)


def work_row(reading: Reading, work_item_id: UUID) -> WorkRow:
    """One work item, open or closed, of an item that the actor sees. Raises NotFound."""
    statement = _described(None).where(col(WorkItem.id) == work_item_id, visible_items(reading.actor))
    found = reading.session.execute(statement).one_or_none()
    if found is None:
        raise NotFound(f"work item {work_item_id}")
    return _row(reading, found)


def work_conditions(limits: UrgencyLimits, filters: WorkFilter, *, facets: bool = True) -> list[ColumnElement[bool]]:
    """The filters as conditions; without `facets` kind and urgency are left out."""
    conditions: list[ColumnElement[bool]] = []
    if facets and filters.kinds:
        conditions.append(col(WorkItem.bpmn_id).in_(filters.kinds))
    if facets and filters.urgency is not None:
        after, until = limits.span(filters.urgency)
        conditions += [col(WorkItem.due_at) > after] if after is not None else []
        conditions += [col(WorkItem.due_at) <= until] if until is not None else []
    if filters.unit_id is not None:
        conditions.append(col(WorkItem.unit_id) == filters.unit_id)
    if filters.list_id is not None:
        conditions.append(col(Item.list_id) == filters.list_id)
    if filters.section is not None:
        conditions.append(col(Item.section) == filters.section)
    if filters.light is not None:
        conditions.append(col(Item.light) == filters.light)
    if filters.text:
        conditions.append(contains(filters.text))
    return conditions


def needs_item(filters: WorkFilter) -> bool:
    """Whether the filters ask for something of the item."""
    in_item = (filters.list_id, filters.section, filters.light)
    return any(part is not None for part in in_item) or bool(filters.text)


def with_item(statement: Any) -> Any:
    """The statement over work items, joined with what the filters and the order by number need."""
    return statement.join(Item, col(Item.id) == col(WorkItem.item_id))


def _described(page: Subquery | None) -> Select[Any]:
    """Work items with the words around them, of a page or all."""
    # Columns, not entities: a list is not worked on, and fifty objects of the session cost more than the query.
    statement: Any = sqlalchemy.select(*_PRINTED)
    if page is not None:
        statement = statement.select_from(page).join(WorkItem, col(WorkItem.id) == page.c.work_item_id)
    described: Select[Any] = (
        statement.join(Item, col(Item.id) == col(WorkItem.item_id))
        .join(TaskList, col(TaskList.id) == col(Item.list_id))
        .join(Unit, col(Unit.id) == col(WorkItem.unit_id))
        .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
    )
    return described


def _row(reading: Reading, found: Sequence[Any]) -> WorkRow:
    id_, version, bpmn_id, role, unit_id, unit, item_id, number, text, section, list_id, list_title, *times = found
    period, opened_at, limit, provisional, closed_at, closed_as, decision, version_id, *_ = times
    bundle = reading.library.bundle(reading.session, version_id)
    due_at = None if limit >= NO_LIMIT else limit
    urgency = reading.limits.of(due_at)
    return WorkRow(
        id=id_,
        version=version,
        bpmn_id=bpmn_id,
        step=step_label(bundle, bpmn_id),
        role=role,
        unit_id=unit_id,
        unit=unit,
        item_id=item_id,
        number=number,
        text=text,
        section=section,
        list_id=list_id,
        list_title=list_title,
        period=period,
        opened_at=opened_at,
        due_at=due_at,
        provisional=provisional,
        urgency=urgency,
        urgency_label=label(Urgency, urgency),
        days_left=reading.limits.days_left(due_at),
        closed_at=closed_at,
        closed_as=closed_as,
        decision=decision,
        decision_label=decision_label(bundle, bpmn_id, decision) if decision else None,
    )
