"""Task lists: which there are, and what a list still needs before its items can be issued."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlmodel import col, func, select

from db.tables import ImportFlag, Item, ItemDeadline, Person, Responsibility, TaskList, UnitCandidate
from domain.calendar import local_date
from domain.deadlines import mostly_past
from domain.errors import NotFound
from domain.items import ListStatus, Origin, ResponsibilityRole
from domain.labels import label
from domain.permissions import Permission, is_allowed
from services.queries.counts import Count
from services.queries.item_detail import Flag, flag_of
from services.queries.ledger import LedgerFilter, LedgerGroup, count_ledger
from services.queries.page import Key, Order, Page, page_of
from services.queries.reading import Reading
from services.visibility import OFFICE_ROLES, visible_lists


class ListAction(StrEnum):
    """What an actor may do with a list now."""

    APPROVE = "approve"
    REGISTER = "register"


@dataclass(frozen=True, slots=True)
class ListRow:
    """One list. `declared_count` is what the document says of its own length; the open flags are those to resolve."""

    id: UUID
    version: int
    title: str
    document_number: str | None
    issuer: str | None
    origin: str
    origin_label: str
    kind: str
    status: str
    status_label: str
    office_unit_id: UUID
    declared_count: int | None
    found_count: int
    created_at: datetime
    approved_at: datetime | None
    open_flags: int
    open_blocking: int
    historical: bool


@dataclass(frozen=True, slots=True)
class FlaggedItem:
    """An item with flags to resolve; `seen_version` goes back with the correction."""

    item_id: UUID
    seen_version: int
    number: str
    text: str
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class UnknownUnit:
    """A printed name that the registry does not know: where it stands, and the candidate a person decides on."""

    printed: str
    items: tuple[str, ...]
    candidate_id: UUID | None
    rejected: bool


@dataclass(frozen=True, slots=True)
class ListDetail:
    """A list with what is still open in it. What only its office has to do is empty for everybody else.

    `looks_historical` proposes to approve it as history: most of its dates have passed.
    """

    summary: ListRow
    looks_historical: bool
    source_name: str | None
    lead_rule: str | None
    warnings: tuple[str, ...]
    created_by: str | None
    approved_by: str | None
    by_status: tuple[Count, ...]
    to_resolve: tuple[FlaggedItem, ...]
    unknown_units: tuple[UnknownUnit, ...]
    actions: tuple[ListAction, ...]


@dataclass(frozen=True, slots=True)
class ListName:
    """A list as one chooses it."""

    id: UUID
    title: str


_OPEN_FLAG = col(ImportFlag.resolved_at).is_(None)
_OF_TASKS = col(TaskList.origin) != Origin.MATTERS
_NEWEST = Order((col(TaskList.created_at), col(TaskList.id)), (datetime, UUID), descending=True)


def task_lists(
    reading: Reading,
    *,
    status: ListStatus | None = None,
    own: bool = False,
    limit: int = 50,
    after: Key | None = None,
) -> Page[ListRow]:
    """The lists that the actor sees, newest first; `own`: those of their office only. Raises InvalidCursor."""
    statement = _described().where(visible_lists(reading.actor), _OF_TASKS)
    if own:
        statement = statement.where(col(TaskList.office_unit_id).in_(reading.actor.units_as(*OFFICE_ROLES)))
    if status is not None:
        statement = statement.where(col(TaskList.status) == status)
    if after is not None:
        statement = statement.where(_NEWEST.after(after))
    found = reading.session.execute(statement.order_by(*_NEWEST.clauses()).limit(limit + 1)).all()
    page = page_of(found, limit, lambda row: (row[0].created_at, row[0].id))
    return Page(tuple(_row(*row) for row in page.rows), page.next)


def list_name(reading: Reading, list_id: UUID) -> ListName | None:
    """What a list is called; None for one that the actor does not see."""
    statement = select(TaskList.title, TaskList.origin).where(TaskList.id == list_id, visible_lists(reading.actor))
    found = reading.session.exec(statement).first()
    return None if found is None else ListName(list_id, _title(*found))


def list_names(reading: Reading, *, limit: int = 100) -> list[ListName]:
    """The lists that the actor sees, newest first: to choose one of them."""
    statement = (
        select(TaskList.id, TaskList.title, TaskList.origin)
        .where(visible_lists(reading.actor), _OF_TASKS)
        .order_by(*_NEWEST.clauses())
        .limit(limit)
    )
    return [ListName(id_, _title(title, origin)) for id_, title, origin in reading.session.exec(statement)]


def list_detail(reading: Reading, list_id: UUID, *, with_items: bool = True) -> ListDetail:
    """A list. Raises NotFound for one that the actor does not see.

    Without `with_items` the counts by status and the flagged items are left out, for a page that reads its rows anyway.
    """
    statement = _described().where(visible_lists(reading.actor), col(TaskList.id) == list_id)
    found = reading.session.execute(statement).one_or_none()
    if found is None:
        raise NotFound(f"list {list_id}")
    task_list: TaskList = found[0]
    summary = _row(*found)
    is_office = task_list.office_unit_id in reading.actor.units_as(*OFFICE_ROLES)
    return ListDetail(
        summary=summary,
        looks_historical=task_list.status == ListStatus.DRAFT and _looks_historical(reading, list_id),
        source_name=task_list.source_name,
        lead_rule=task_list.lead_rule,
        warnings=tuple(task_list.warnings),
        created_by=_person(reading, task_list.created_by),
        approved_by=_person(reading, task_list.approved_by),
        by_status=count_ledger(reading, LedgerFilter(list_id=list_id), LedgerGroup.STATUS) if with_items else (),
        to_resolve=_to_resolve(reading, list_id) if is_office and with_items else (),
        unknown_units=_unknown_units(reading, list_id) if is_office else (),
        actions=tuple(_actions(reading, task_list)),
    )


def _looks_historical(reading: Reading, list_id: UUID) -> bool:
    dates = select(col(ItemDeadline.on_date)).join(Item, col(Item.id) == col(ItemDeadline.item_id))
    current = dates.where(
        col(Item.list_id) == list_id,
        col(ItemDeadline.replaced_at).is_(None),
        col(ItemDeadline.applies_to) == "row",
        col(ItemDeadline.on_date).is_not(None),
    )
    known = [day for day in reading.session.scalars(current) if day is not None]
    return mostly_past(known, local_date(reading.limits.now))


def _described() -> Any:
    flags = (
        select(
            col(Item.list_id).label("list_id"),
            func.count().label("open"),
            func.count().filter(col(ImportFlag.blocking)).label("blocking"),
        )
        .join(ImportFlag, col(ImportFlag.item_id) == col(Item.id))
        .where(_OPEN_FLAG)
        .group_by(col(Item.list_id))
        .subquery()
    )
    return sqlalchemy.select(TaskList, func.coalesce(flags.c.open, 0), func.coalesce(flags.c.blocking, 0)).outerjoin(
        flags, flags.c.list_id == col(TaskList.id)
    )


def _title(title: str, origin: str) -> str:
    return label(Origin, title) if origin != Origin.DOCUMENT else title


def _row(task_list: TaskList, open_flags: int, blocking: int) -> ListRow:
    return ListRow(
        id=task_list.id,
        version=task_list.version,
        title=_title(task_list.title, task_list.origin),
        document_number=task_list.document_number,
        issuer=task_list.issuer,
        origin=task_list.origin,
        origin_label=label(Origin, task_list.origin),
        kind=task_list.kind,
        status=task_list.status,
        status_label=label(ListStatus, task_list.status),
        office_unit_id=task_list.office_unit_id,
        declared_count=task_list.declared_count,
        found_count=task_list.found_count,
        created_at=task_list.created_at,
        approved_at=task_list.approved_at,
        open_flags=open_flags,
        open_blocking=blocking,
        historical=task_list.historical,
    )


def _to_resolve(reading: Reading, list_id: UUID) -> tuple[FlaggedItem, ...]:
    statement = (
        sqlalchemy.select(Item, ImportFlag)
        .join(ImportFlag, col(ImportFlag.item_id) == col(Item.id))
        .where(col(Item.list_id) == list_id, _OPEN_FLAG)
        .order_by(col(Item.position), col(ImportFlag.blocking).desc(), col(ImportFlag.code), col(ImportFlag.id))
    )
    flagged: dict[UUID, tuple[Item, list[Flag]]] = {}
    for item, flag in reading.session.execute(statement):
        flagged.setdefault(item.id, (item, []))[1].append(flag_of(flag, None))
    return tuple(
        FlaggedItem(item.id, item.version, item.number, item.text, tuple(flags)) for item, flags in flagged.values()
    )


def _unknown_units(reading: Reading, list_id: UUID) -> tuple[UnknownUnit, ...]:
    statement = (
        sqlalchemy.select(
            col(Responsibility.printed),
            func.array_agg(col(Item.number).distinct()),
            col(UnitCandidate.id),
            func.coalesce(col(UnitCandidate.rejected), False),
        )
        .join(Item, col(Item.id) == col(Responsibility.item_id))
        .outerjoin(UnitCandidate, col(UnitCandidate.printed) == col(Responsibility.printed))
        .where(
            col(Item.list_id) == list_id,
            col(Responsibility.unit_id).is_(None),
            col(Responsibility.valid_to).is_(None),
            col(Responsibility.role) != ResponsibilityRole.GROUP,
        )
        .group_by(col(Responsibility.printed), col(UnitCandidate.id))
        .order_by(col(Responsibility.printed))
    )
    return tuple(
        UnknownUnit(printed, tuple(numbers), candidate, rejected)
        for printed, numbers, candidate, rejected in reading.session.execute(statement)
    )


def _actions(reading: Reading, task_list: TaskList) -> list[ListAction]:
    def may(permission: Permission) -> bool:
        return is_allowed(reading.actor, permission, unit_id=task_list.office_unit_id)

    if task_list.status == ListStatus.DRAFT:
        return [ListAction.APPROVE] if may(Permission.LIST_APPROVE) else []
    return [ListAction.REGISTER] if may(Permission.ITEM_ISSUE) else []


def _person(reading: Reading, person_id: UUID | None) -> str | None:
    found = reading.session.get(Person, person_id) if person_id else None
    return found.name if found else None
