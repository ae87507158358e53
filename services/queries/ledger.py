"""The ledger 台账: every visible item with what an office prints of it, who holds it, and how far it has come."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Label, Select, SQLColumnExpression, and_, case, exists, func, literal, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from db.tables import Item, Responsibility, TaskList, Unit
from db.tables import Light as FrozenRow
from domain.calendar import NO_LIMIT, end_of
from domain.items import FINAL, TASK_STATUSES, ClockState, ItemKind, ItemStatus, ResponsibilityRole, Strength
from domain.labels import LISTING, label
from domain.light_words import light_words
from domain.lights import Judgement, Light
from domain.urgency import Urgency, UrgencyLimits, last_day
from services.queries.counts import Count
from services.queries.item_order import number_columns
from services.queries.ledger_facts import Facts, Holder, facts_of
from services.queries.page import MAX_PAGE, Key, Order, Page, page_of
from services.queries.reading import Reading
from services.queries.text import contains
from services.visibility import parts_of_visible, visible_items


class LedgerSort(StrEnum):
    """Orders of the ledger: as printed, by current deadline, by when it was issued or ended."""

    NUMBER = "number"
    DUE = "due"
    ISSUED = "issued"
    ENDED = "ended"


class LedgerGroup(StrEnum):
    """What the ledger can be counted by."""

    STATUS = "status"
    URGENCY = "urgency"
    LIST = "list"
    SECTION = "section"
    LEAD = "lead"
    LIGHT = "light"


FrozenPairs = tuple[tuple[UUID, str], ...]
"""Frozen periods: (id of the list, name of its period)."""
RUNNING = tuple(status for status in TASK_STATUSES if status not in FINAL)
"""The states of everything that has not ended, which has no status of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFilter:
    """What of the ledger is asked for. `unit_role` narrows `unit_id` to one part; dates are local and inclusive.

    `urgency` asks for items that have not ended; an ended item is never overdue. `parent_id` asks for the members
    of a group item. An empty `section` asks for items in none. `light_before`: the present light shows since that day
    or earlier. With `frozen` the lights asked for are those of these periods, and only items that have one are left.
    """

    list_id: UUID | None = None
    section: str | None = None
    unit_id: UUID | None = None
    unit_role: ResponsibilityRole | None = None
    statuses: tuple[ItemStatus, ...] = ()
    due_from: date | None = None
    due_to: date | None = None
    urgency: Urgency | None = None
    lights: tuple[Light, ...] = ()
    light_before: date | None = None
    frozen: FrozenPairs = ()
    parent_id: UUID | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One line. `due_on` is the last day in time, `provisional` that a year without a holiday
    notice took part in finding it; `days_left` is negative when overdue and None once it has ended.

    `leads`, `co_units` and `groups` are the units that have a part now, by their name in the registry or, where it
    has none, as printed; `percent` is that of the last report the office accepted, on `percent_on`;
    `unsigned_percent` is of an open report that its leader has not signed. `clock` says why the date
    does not press.
    """

    id: UUID
    version: int
    number: str
    list_id: UUID
    list_title: str
    document_number: str | None
    section: str | None
    text: str
    measures: tuple[str, ...]
    deadline_phrase: str
    due_on: date | None
    provisional: bool
    strength: str | None
    strength_label: str
    leads: tuple[str, ...]
    co_units: tuple[str, ...]
    groups: tuple[str, ...]
    status: str
    status_label: str
    urgency: Urgency | None
    urgency_label: str
    light: str | None
    light_words: str
    light_since: datetime | None
    clock: ClockState | None
    days_left: int | None
    held_by: tuple[Holder, ...]
    percent: int | None
    percent_on: date | None
    parent_id: UUID | None
    members: int
    members_ended: int
    issued_at: datetime | None
    ended_at: datetime | None
    unsigned_percent: int | None = None
    kind: str = ItemKind.TASK


_LEAD = aliased(Responsibility)
_FINAL = [status.value for status in FINAL]
# A clock that stands still presses nobody, and neither does a date that was history when the item was issued.
_DUE: SQLColumnExpression[Any] = case(
    (col(Item.historical) | col(Item.paused_at).is_not(None), literal(NO_LIMIT)),
    else_=func.coalesce(col(Item.due_at), NO_LIMIT),
)


def order_of(sort: LedgerSort, *, descending: bool = False) -> Order:
    """The order for a sort. What has no date comes last, whichever way dates run."""
    if sort is LedgerSort.NUMBER:
        return Order(number_columns(col(Item.id)), (datetime, UUID, int, int, UUID), descending)
    missing = literal(datetime.min.replace(tzinfo=NO_LIMIT.tzinfo)) if descending else literal(NO_LIMIT)
    columns = {
        LedgerSort.DUE: col(Item.due_at),
        LedgerSort.ISSUED: col(Item.issued_at),
        LedgerSort.ENDED: col(Item.ended_at),
    }
    at: SQLColumnExpression[Any] = func.coalesce(columns[sort], missing)
    return Order((at, col(Item.id)), (datetime, UUID), descending)


def ledger(
    reading: Reading,
    filters: LedgerFilter,
    *,
    sort: LedgerSort = LedgerSort.NUMBER,
    descending: bool = False,
    limit: int = 50,
    after: Key | None = None,
) -> Page[LedgerRow]:
    """A page of the ledger. Raises InvalidCursor.

    First the ids in order, then what is printed of these: a sort that carries every item's text is slow.
    """
    order = order_of(sort, descending=descending)
    keys: list[Label[Any]] = [column.label(f"key_{n}") for n, column in enumerate(order.columns)]
    narrowed = narrowed_ledger(reading, select(col(Item.id).label("item_id"), *keys), filters)
    if after is not None:
        narrowed = narrowed.where(order.after(after))
    place = narrowed.order_by(*order.clauses()).limit(limit + 1).subquery()
    own_keys = [place.c[key.name] for key in keys]
    statement = (
        select(Item, TaskList, *own_keys)
        .select_from(place)
        .join(Item, col(Item.id) == place.c.item_id)
        .join(TaskList, col(TaskList.id) == col(Item.list_id))
        .order_by(*(key.desc() if descending else key.asc() for key in own_keys))
    )
    found = reading.session.execute(statement).all()
    page = page_of(found, limit, lambda row: tuple(row[2:]))
    facts = facts_of(reading, [row[0].id for row in page.rows])
    return Page(tuple(_row(reading.limits, row[0], row[1], facts) for row in page.rows), page.next)


def whole_ledger(
    reading: Reading, filters: LedgerFilter, *, sort: LedgerSort = LedgerSort.NUMBER, descending: bool = False
) -> Iterator[LedgerRow]:
    """All rows in order, read page by page. Read in a snapshot, so that they are those of one moment."""
    after: Key | None = None
    while True:
        page = ledger(reading, filters, sort=sort, descending=descending, limit=MAX_PAGE, after=after)
        yield from page.rows
        if page.next is None:
            return
        after = page.next


def count_ledger(reading: Reading, filters: LedgerFilter, group: LedgerGroup | None = None) -> tuple[Count, ...]:
    """How many visible items the filters leave, by `group`; without one a single count of all.

    By LEAD an item with two leads counts for both.
    """
    key: SQLColumnExpression[Any]
    name: SQLColumnExpression[Any]
    if group is LedgerGroup.STATUS:
        key = name = col(Item.status)
    elif group is LedgerGroup.URGENCY:
        key = name = _urgency(reading.limits)
    elif group is LedgerGroup.LIGHT:
        key = name = func.coalesce(col(Item.light), "")
    elif group is LedgerGroup.LIST:
        key, name = col(TaskList.id), col(TaskList.title)
    elif group is LedgerGroup.SECTION:
        key = name = func.coalesce(col(Item.section), "")
    elif group is LedgerGroup.LEAD:
        key, name = col(Unit.id), col(Unit.short_name)
    else:
        number = _count_all(reading, filters)
        return (Count("all", "all", number),) if number else ()
    statement = narrowed_ledger(reading, select(key, name, func.count()), filters)
    if group is LedgerGroup.LEAD:
        leads = and_(
            col(_LEAD.item_id) == col(Item.id),
            col(_LEAD.role) == ResponsibilityRole.LEAD,
            col(_LEAD.valid_to).is_(None),
        )
        statement = statement.join(_LEAD, leads).join(Unit, col(Unit.id) == col(_LEAD.unit_id))
    found = reading.session.execute(statement.group_by(key, name).order_by(func.count().desc(), name)).all()
    words: Callable[[str], str] = str
    if group is LedgerGroup.STATUS:
        words = _word_of(ItemStatus)
    elif group is LedgerGroup.URGENCY:
        words = _word_of(Urgency)
    elif group is LedgerGroup.LIGHT:
        words = _word_of(Light)
    return tuple(Count(str(value), words(word), n) for value, word, n in found)


def _count_all(reading: Reading, filters: LedgerFilter) -> int:
    """Each part of what is visible is counted from its own index, which an OR of them would not let the database do."""
    conditions = _conditions(reading.limits, filters)
    total = 0
    for part in parts_of_visible(reading.actor):
        total += reading.session.execute(select(func.count()).select_from(Item).where(part, *conditions)).scalar_one()
    return total


def _word_of(kind: type[StrEnum]) -> Callable[[str], str]:
    return lambda value: label(kind, value)


def narrowed_ledger(reading: Reading, statement: Any, filters: LedgerFilter) -> Select[Any]:
    """A selection from visible items and their lists, narrowed by the filters."""
    narrowed: Select[Any] = (
        statement.select_from(Item)
        .join(TaskList, col(TaskList.id) == col(Item.list_id))
        .where(visible_items(reading.actor), *_conditions(reading.limits, filters))
    )
    return narrowed


def _conditions(limits: UrgencyLimits, filters: LedgerFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [col(Item.kind) == ItemKind.TASK]
    if filters.list_id is not None:
        conditions.append(col(Item.list_id) == filters.list_id)
    if filters.section is not None:
        conditions.append(func.coalesce(col(Item.section), "") == filters.section)
    if filters.unit_id is not None or filters.unit_role is not None:
        conditions.append(_has_part(filters.unit_id, filters.unit_role))
    if filters.statuses:
        conditions.append(col(Item.status).in_([status.value for status in filters.statuses]))
    if filters.due_from is not None:
        conditions.append(col(Item.due_at) >= end_of(filters.due_from))
    if filters.due_to is not None:
        conditions.append(col(Item.due_at) <= end_of(filters.due_to))
    if filters.urgency is not None:
        after, until = limits.span(filters.urgency)
        conditions.append(col(Item.status).not_in(_FINAL))
        conditions += [after < _DUE] if after is not None else []
        conditions += [until >= _DUE] if until is not None else []
    conditions += _light_conditions(filters)
    if filters.parent_id is not None:
        conditions.append(col(Item.parent_id) == filters.parent_id)
    if filters.text:
        conditions.append(contains(filters.text))
    return conditions


def _light_conditions(filters: LedgerFilter) -> list[ColumnElement[bool]]:
    lights = [light.value for light in filters.lights]
    conditions: list[ColumnElement[bool]] = []
    if filters.light_before is not None:
        conditions.append(col(Item.light_since) <= end_of(filters.light_before))
    if filters.frozen:
        frozen = select(FrozenRow.item_id).where(
            col(FrozenRow.item_id) == col(Item.id),
            tuple_(col(Item.list_id), col(FrozenRow.period)).in_(filters.frozen),
        )
        conditions.append(exists(frozen.where(col(FrozenRow.light).in_(lights)) if lights else frozen))
    elif lights:
        conditions.append(col(Item.light).in_(lights))
    return conditions


def _has_part(unit_id: UUID | None, role: ResponsibilityRole | None) -> ColumnElement[bool]:
    """The unit has a part now; any unit, or in any role, where None."""
    part = select(Responsibility.id).where(
        col(Responsibility.item_id) == col(Item.id), col(Responsibility.valid_to).is_(None)
    )
    if unit_id is not None:
        part = part.where(col(Responsibility.unit_id) == unit_id)
    if role is not None:
        part = part.where(col(Responsibility.role) == role)
    return exists(part)


def _urgency(limits: UrgencyLimits) -> SQLColumnExpression[str]:
    """`UrgencyLimits.of` as SQL; empty for what has ended."""
    spans = [(word, limits.span(word)[1]) for word in Urgency]
    return case(
        (col(Item.status).in_(_FINAL), literal("")),
        *((until >= _DUE, literal(word.value)) for word, until in spans if until is not None),
        else_=literal(Urgency.NO_LIMIT.value),
    )


def clock_state(item: Item) -> ClockState | None:
    """Why the item's deadline does not press although it may have passed; None while its clock runs."""
    if item.paused_at is not None:
        return ClockState.PAUSED
    return ClockState.HISTORICAL if item.historical else None


def ledger_row(reading: Reading, item: Item, task_list: TaskList) -> LedgerRow:
    """The line of one item that the caller has found visible."""
    return _row(reading.limits, item, task_list, facts_of(reading, [item.id]))


def _row(limits: UrgencyLimits, item: Item, task_list: TaskList, facts: Facts) -> LedgerRow:
    ended = item.status in FINAL
    clock = None if ended else clock_state(item)
    due_at = item.due_at if clock is None else None
    urgency = None if ended else limits.of(due_at)
    parts: Sequence[tuple[str, str]] = facts.parts.get(item.id, ())
    percent, percent_on = facts.progress.get(item.id, (None, None))
    members, members_ended = facts.members.get(item.id, (0, 0))
    return LedgerRow(
        id=item.id,
        version=item.version,
        number=item.number,
        list_id=task_list.id,
        list_title=task_list.title,
        document_number=task_list.document_number,
        section=item.section,
        text=item.text,
        measures=tuple(item.measures),
        deadline_phrase=LISTING.join(facts.phrases.get(item.id, ())),
        due_on=last_day(item.due_at) if item.due_at else None,
        provisional=item.due_provisional,
        strength=item.due_strength,
        strength_label=label(Strength, item.due_strength),
        leads=tuple(name for role, name in parts if role == ResponsibilityRole.LEAD),
        co_units=tuple(name for role, name in parts if role == ResponsibilityRole.CO_UNIT),
        groups=tuple(name for role, name in parts if role == ResponsibilityRole.GROUP),
        status=item.status,
        status_label=label(ItemStatus, item.status),
        urgency=urgency,
        light=item.light,
        light_words="" if item.light is None else light_words(Judgement.kept(item.light, item.light_reason or {})),
        light_since=item.light_since,
        urgency_label=label(ClockState, clock) or label(Urgency, urgency),
        clock=clock,
        days_left=None if ended else limits.days_left(due_at),
        held_by=facts.holders.get(item.id, ()),
        percent=percent,
        percent_on=percent_on,
        unsigned_percent=facts.unsigned.get(item.id),
        kind=item.kind,
        parent_id=item.parent_id,
        members=members,
        members_ended=members_ended,
        issued_at=item.issued_at,
        ended_at=item.ended_at,
    )
