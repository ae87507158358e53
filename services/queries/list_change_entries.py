"""What a change of a whole list did to one item, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from db.tables import Item, ListChange, ListChangeEntry, Person, TaskList, Unit
from domain.items import ItemStatus, ListStatus
from domain.labels import NAMES, label
from domain.list_acts import ListAct
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
