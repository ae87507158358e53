"""What a change of a whole list did to one item, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from db.tables import Item, ListChange, ListChangeEntry, Person, TaskList, Unit
from domain.errors import RuleViolation
from domain.items import FINAL, ItemStatus, ListStatus
from domain.labels import NAMES, label
from domain.list_acts import ListAct, NewClass
from domain.list_changes import Entry, entries_of
from services.queries.reading import Reading


@dataclass(frozen=True, slots=True)
class ChangedItem:
    """What a change did to one item; `before` and `after` in words, with the status' word for one that ended."""

    act: str
    act_label: str
    item_id: UUID | None
    number: str
    text: str
    before: str
    after: str


def changed_item(entry: ListChangeEntry, item: Item | None) -> ChangedItem:
    """One entry in words."""
    return ChangedItem(
        act=entry.act,
        act_label=label(ListAct, entry.act),
        item_id=entry.item_id,
        number=item.number if item is not None else "",
        text=item.text if item is not None else "",
        before=_words(entry.act, entry.before),
        after=_words(entry.act, entry.after),
    )


def _words(act: str, facts: Mapping[str, Any]) -> str:
    if act == ListAct.END:
        return label(ListStatus, facts.get("status"))
    if "status" in facts:
        return label(ItemStatus, facts["status"])
    parts = [NAMES.join(facts.get("leads", ())), str(facts.get("phrase") or "")]
    return " ".join(part for part in parts if part)


_HANDED_IN: LiteralString = (
    "SELECT s.form FROM submission s JOIN work_item w ON w.id = s.work_item_id WHERE w.item_id = :change"
    " AND w.bpmn_id = 'draft_list_change' AND w.closed_as = 'done' ORDER BY w.closed_at DESC LIMIT 1"
)
# What stands there now, of what an entry may change.
_STANDS: LiteralString = (
    "SELECT i.id, i.number, i.text, i.status, (SELECT string_agg(u.short_name, :between ORDER BY r.position)"
    "  FROM responsibility r JOIN unit u ON u.id = r.unit_id WHERE r.item_id = i.id AND r.role = 'lead'"
    "  AND r.valid_to IS NULL) AS leads, (SELECT string_agg(d.phrase, :between ORDER BY d.position)"
    "  FROM item_deadline d WHERE d.item_id = i.id AND d.replaced_at IS NULL AND d.applies_to = 'row') AS phrase"
    " FROM item i WHERE i.list_id = :list AND i.kind = 'task' ORDER BY i.position"
)


def proposed_items(reading: Reading, change_id: UUID, list_id: UUID) -> tuple[ChangedItem, ...]:
    """What a change that is being prepared would do, as it was last handed in; nothing before, or where the list has
    changed so that it says nothing any more.
    """
    connection = reading.session.connection()
    form: Mapping[str, Any] | None = connection.execute(text(_HANDED_IN), {"change": change_id}).scalar()
    if not form:
        return ()
    rows = connection.execute(text(_STANDS), {"list": list_id, "between": NAMES}).all()
    # Of several items with one number the one that has not ended.
    items = {row.number: row for row in sorted(rows, key=lambda row: row.status not in FINAL)}
    try:
        entries = entries_of(form, items.keys())
    except RuleViolation:
        return ()
    return tuple(line for entry in entries for line in _proposed(entry, items))


def _proposed(entry: Entry, items: Mapping[str, Any]) -> list[ChangedItem]:
    due = f"{entry.due_on or ''} {label(NewClass, entry.deadline)}".strip()
    act_label = label(ListAct, entry.act)
    if entry.act is ListAct.ADD:
        return [ChangedItem(entry.act, act_label, None, "", entry.text, "", f"{entry.unit} {due}".strip())]
    if entry.act is ListAct.END:
        ended = label(ListStatus, ListStatus.ENDED)
        return [ChangedItem(entry.act, act_label, None, "", "", label(ListStatus, ListStatus.APPROVED), ended)]
    lines = []
    for row in (items[number] for number in entry.numbers):
        before, after = label(ItemStatus, row.status), act_label
        if entry.act is ListAct.DEADLINE:
            before, after = row.phrase or "", due
        elif entry.act is ListAct.LEAD:
            before, after = row.leads or "", entry.unit
        lines.append(ChangedItem(entry.act, act_label, row.id, row.number, row.text, before, after))
    return lines


@dataclass(frozen=True, slots=True)
class ChangeOfItem:
    """A change of its list that an item was part of, with who approved it for which office."""

    change: ListChange
    entry: ChangedItem
    person: str
    unit_id: UUID
    unit: str


def changes_of_item(reading: Reading, item: Item) -> list[ChangeOfItem]:
    """The changes of its list that an item which the actor sees was part of, oldest first."""
    statement = (
        select(ListChange, ListChangeEntry, Person.name, Unit)
        .join(ListChangeEntry, col(ListChangeEntry.change_id) == col(ListChange.item_id))
        .join(TaskList, col(TaskList.id) == col(ListChange.list_id))
        .join(Unit, col(Unit.id) == col(TaskList.office_unit_id))
        .outerjoin(Person, col(Person.id) == col(ListChange.approved_by))
        .where(ListChangeEntry.item_id == item.id)
        .order_by(col(ListChangeEntry.id))
    )
    return [
        ChangeOfItem(change, changed_item(entry, item), name or "", unit.id, unit.short_name)
        for change, entry, name, unit in reading.session.exec(statement)
    ]
