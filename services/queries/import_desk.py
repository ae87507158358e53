"""The import desk to read: rows with what is still to settle, the document beside them, how far lists are."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlmodel import col, func, select

from db.tables import ImportFlag, Item, ItemDeadline, Person, PrintedRow, Responsibility, TaskList, Unit, WorkItem
from domain.errors import NotFound
from domain.import_doubts import ORDER, UNIT_UNKNOWN, DoubtLevel, Lineup, hindrances, level_of
from domain.items import UNISSUED, ItemStatus, ListStatus, ResponsibilityRole
from domain.messages.desk import BETWEEN_FIELDS
from domain.permissions import Role
from services.queries.item_detail import (
    Flag,
    Part,
    PrintedDeadline,
    deadlines_of,
    flags_of,
    parts_of,
    visible_item,
)
from services.queries.reading import Reading
from services.recipients import recipients
from services.visibility import OFFICE_ROLES

MOST_ROWS = 2000
"""More rows than any printed list has."""
ISSUE_STEP = "issue"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something to settle about a row: an open flag of the import, or what keeps the row from its issue by itself."""

    code: str
    level: DoubtLevel
    note: str


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A row that is not issued. `confirmed` says that a person stands for its text; units by their registry names or,
    where it has none, as printed.
    """

    id: UUID
    version: int
    position: int
    number: str
    section: str | None
    text: str
    status: str
    due_on: date | None
    deadline_phrase: str
    leads: tuple[str, ...]
    others: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    confirmed: bool

    @property
    def level(self) -> DoubtLevel:
        """How pressing the row is."""
        return min((doubt.level for doubt in self.doubts), key=ORDER.index, default=DoubtLevel.CLEAR)


@dataclass(frozen=True, slots=True)
class PrintedCells:
    """A row as the document prints it; `line` is where it starts, `others` are (header, text)."""

    item_id: UUID
    position: int
    number: str | None
    section: str | None
    text: str
    units: str
    deadlines: tuple[str, ...]
    others: tuple[tuple[str, str], ...]
    line: int | None
    cell: int | None


@dataclass(frozen=True, slots=True)
class DeskItem:
    """The row that is worked on, with what the document prints and who settled what before."""

    row: DeskRow
    printed: PrintedCells
    parts: tuple[Part, ...]
    deadlines: tuple[PrintedDeadline, ...]
    joint_lead: bool
    open_list: bool
    settled: tuple[Flag, ...]
    confirmed_by: str | None


@dataclass(frozen=True, slots=True)
class ListProgress:
    """How far a list is: items that are drafts, registered and waiting for their issue, issued."""

    drafts: int = 0
    registered: int = 0
    issued: int = 0


@dataclass(slots=True)
class _Lines:
    """The parts of one item, collected."""

    leads: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    lead_units: set[UUID | None] = field(default_factory=set)
    collects: bool = False
    groups: bool = False
    unknown: list[str] = field(default_factory=list)


def desk_list(reading: Reading, list_id: UUID) -> TaskList:
    """The list, for somebody of its office. Raises NotFound for everybody else."""
    found = reading.session.get(TaskList, list_id)
    if found is None or found.office_unit_id not in reading.actor.units_as(*OFFICE_ROLES):
        raise NotFound(f"list {list_id}")
    return found


def desk_rows(reading: Reading, list_id: UUID) -> tuple[DeskRow, ...]:
    """The rows that are not issued, in printed order. Raises NotFound for who is not of the list's office."""
    desk_list(reading, list_id)
    items = reading.session.exec(
        select(Item)
        .where(
            Item.list_id == list_id,
            col(Item.parent_id).is_(None),
            col(Item.status).in_([status.value for status in UNISSUED]),
        )
        .order_by(col(Item.position))
        .limit(MOST_ROWS)
    ).all()
    return _rows(reading, items)


def desk_item(reading: Reading, item_id: UUID) -> DeskItem:
    """One row with its document's cells. Raises NotFound, also for an item that is issued or of another office."""
    item = visible_item(reading, item_id)
    desk_list(reading, item.list_id)
    if item.status not in UNISSUED:
        raise NotFound(f"item {item_id} is issued")
    [row] = _rows(reading, [item])
    person = reading.session.get(Person, item.text_confirmed_by) if item.text_confirmed_by else None
    return DeskItem(
        row=row,
        printed=_cells(item, reading.session.get(PrintedRow, item_id)),
        parts=tuple(part for part in parts_of(reading, item_id) if part.valid_to is None),
        deadlines=deadlines_of(reading, item_id),
        joint_lead=item.joint_lead,
        open_list=item.open_list,
        settled=tuple(flag for flag in flags_of(reading, item_id) if flag.resolved_at is not None),
        confirmed_by=person.name if person else None,
    )


def printed_rows(reading: Reading, list_id: UUID, *, first: int, count: int) -> tuple[PrintedCells, ...]:
    """The document's rows from the one at position `first` on, issued or not. Raises NotFound."""
    desk_list(reading, list_id)
    statement = (
        select(Item, PrintedRow)
        .outerjoin(PrintedRow, col(PrintedRow.item_id) == col(Item.id))
        .where(Item.list_id == list_id, col(Item.parent_id).is_(None), col(Item.position) >= first)
        .order_by(col(Item.position))
        .limit(count)
    )
    return tuple(_cells(item, row) for item, row in reading.session.execute(statement))


def list_progress(reading: Reading, list_ids: Iterable[UUID]) -> Mapping[UUID, ListProgress]:
    """How far these lists are; only lists that the actor's office holds are looked at."""
    wanted = list(list_ids)
    statement = (
        sqlalchemy.select(col(Item.list_id), col(Item.status), func.count())
        .where(
            col(Item.list_id).in_(wanted),
            col(Item.office_unit_id).in_(reading.actor.units_as(*OFFICE_ROLES)),
            col(Item.parent_id).is_(None),
        )
        .group_by(col(Item.list_id), col(Item.status))
    )
    counts: dict[UUID, Counter[str]] = defaultdict(Counter)
    for list_id, status, count in reading.session.execute(statement):
        kind = status if status in UNISSUED else ItemStatus.ISSUED
        counts[list_id][kind] += count
    return {
        list_id: ListProgress(
            drafts=counts[list_id][ItemStatus.DRAFT],
            registered=counts[list_id][ItemStatus.REGISTERED],
            issued=counts[list_id][ItemStatus.ISSUED],
        )
        for list_id in wanted
    }


def approvers(reading: Reading, list_id: UUID) -> tuple[str, ...]:
    """Who may approve the list: the leaders of its office but for whoever imported it. Raises NotFound."""
    found = desk_list(reading, list_id)
    leaders = recipients(reading.session, found.office_unit_id, Role.UNIT_LEADER, reading.now)
    return tuple(dict.fromkeys(each.name for each in leaders if each.person_id != found.created_by))


def issue_work(reading: Reading, list_id: UUID, *, limit: int) -> list[UUID]:
    """The open steps that issue an item of this list, in printed order. Raises NotFound."""
    if desk_list(reading, list_id).status != ListStatus.APPROVED:
        return []
    statement = (
        select(WorkItem.id)
        .join(Item, col(Item.id) == col(WorkItem.item_id))
        .where(
            Item.list_id == list_id,
            Item.status == ItemStatus.REGISTERED,
            WorkItem.bpmn_id == ISSUE_STEP,
            col(WorkItem.closed_at).is_(None),
        )
        .order_by(col(Item.position))
        .limit(limit)
    )
    return list(reading.session.exec(statement))


def _rows(reading: Reading, items: Sequence[Item]) -> tuple[DeskRow, ...]:
    ids = [item.id for item in items]
    lines = _lines(reading, ids)
    flags = _open_flags(reading, ids)
    phrases = _phrases(reading, ids)
    groups = _with_members(reading, ids)
    return tuple(
        _row(item, lines[item.id], flags[item.id], phrases[item.id], has_members=item.id in groups) for item in items
    )


def _row(
    item: Item, line: _Lines, flags: Sequence[ImportFlag], phrases: Sequence[tuple[str, Any]], *, has_members: bool
) -> DeskRow:
    lineup = Lineup(
        leads=len(line.lead_units),
        joint_lead=item.joint_lead,
        collects=line.collects,
        open_list=item.open_list,
        groups=line.groups,
        unknown_units=bool(line.unknown),
        members=has_members,
    )
    days = [day for _, day in phrases if day is not None]
    return DeskRow(
        id=item.id,
        version=item.version,
        position=item.position,
        number=item.number,
        section=item.section,
        text=item.text,
        status=item.status,
        due_on=max(days, default=None),
        deadline_phrase=" ".join(phrase for phrase, _ in phrases),
        leads=tuple(line.leads),
        others=tuple(line.others),
        doubts=_doubts(flags, hindrances(lineup), line.unknown),
        confirmed=item.text_confirmed_at is not None,
    )


def _doubts(flags: Sequence[ImportFlag], hindering: Sequence[str], unknown: Sequence[str]) -> tuple[Doubt, ...]:
    found = [
        Doubt(flag.code, level_of(flag.code, blocking=flag.blocking, hindering=hindering), flag.note) for flag in flags
    ]
    # What still hinders although its flag was resolved, or never raised one.
    said = {doubt.code for doubt in found}
    notes = {UNIT_UNKNOWN: BETWEEN_FIELDS.join(unknown)}
    found += [Doubt(code, DoubtLevel.BLOCK, notes.get(code, "")) for code in hindering if code not in said]
    return tuple(sorted(found, key=lambda doubt: ORDER.index(doubt.level)))


def _lines(reading: Reading, ids: Sequence[UUID]) -> dict[UUID, _Lines]:
    statement = (
        select(Responsibility, Unit.short_name)
        .outerjoin(Unit, col(Unit.id) == col(Responsibility.unit_id))
        .where(col(Responsibility.item_id).in_(ids), col(Responsibility.valid_to).is_(None))
        .order_by(col(Responsibility.position), col(Responsibility.id))
    )
    found: dict[UUID, _Lines] = defaultdict(_Lines)
    for part, unit in reading.session.execute(statement):
        line = found[part.item_id]
        name = unit or part.printed
        if part.role == ResponsibilityRole.LEAD:
            line.leads.append(name)
            line.lead_units.add(part.unit_id)
            line.collects |= part.collects
        else:
            line.others.append(name)
        if part.role == ResponsibilityRole.GROUP:
            line.groups = True
        elif part.unit_id is None:
            line.unknown.append(part.printed)
    return found


def _open_flags(reading: Reading, ids: Sequence[UUID]) -> dict[UUID, list[ImportFlag]]:
    statement = (
        select(ImportFlag)
        .where(col(ImportFlag.item_id).in_(ids), col(ImportFlag.resolved_at).is_(None))
        .order_by(col(ImportFlag.blocking).desc(), col(ImportFlag.code), col(ImportFlag.id))
    )
    found: dict[UUID, list[ImportFlag]] = defaultdict(list)
    for flag in reading.session.exec(statement):
        found[flag.item_id].append(flag)
    return found


def _phrases(reading: Reading, ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, Any]]]:
    statement = (
        sqlalchemy.select(col(ItemDeadline.item_id), col(ItemDeadline.phrase), col(ItemDeadline.on_date))
        .where(
            col(ItemDeadline.item_id).in_(ids),
            col(ItemDeadline.replaced_at).is_(None),
            col(ItemDeadline.applies_to) == "row",
        )
        .order_by(col(ItemDeadline.position))
    )
    found: dict[UUID, list[tuple[str, Any]]] = defaultdict(list)
    for item_id, phrase, day in reading.session.execute(statement):
        found[item_id].append((phrase, day))
    return found


def _with_members(reading: Reading, ids: Sequence[UUID]) -> set[UUID]:
    statement = select(col(Item.parent_id)).where(col(Item.parent_id).in_(ids)).distinct()
    return {parent for parent in reading.session.exec(statement) if parent is not None}


def _cells(item: Item, row: PrintedRow | None) -> PrintedCells:
    """The printed cells. Of a list that was imported before its cells were kept there is the text alone."""
    if row is None:
        return PrintedCells(
            item.id, item.position, item.number, item.section, item.text_printed, "", (), (), None, None
        )
    return PrintedCells(
        item_id=item.id,
        position=item.position,
        number=row.number,
        section=row.section,
        text=item.text_printed,
        units=row.units,
        deadlines=tuple(row.deadlines),
        others=tuple((header, text) for header, text in row.others),
        line=row.line,
        cell=row.cell,
    )
