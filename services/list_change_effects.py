"""What the steps of a list's change mean: looked through when it is proposed, carried out as one when it is approved.

Looked through again at the approval: an item may have ended meanwhile, and then nothing of the change takes effect.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from db.tables import Item, ListChange, Responsibility, TaskList
from domain.items import FINAL, UNISSUED, ItemKind, ItemStatus, ListStatus, Origin, ResponsibilityRole
from domain.labels import NAMES
from domain.list_acts import ListAct
from domain.list_change_errors import (
    ListChangeDayPast,
    ListChangeItemEnded,
    ListChangeLeadAlready,
    ListChangeNumberTwice,
    ListChangeUnitUnknown,
    ListNotInForce,
    ListWithoutEnd,
)
from domain.list_changes import Entry, entries_of
from services import list_change_acts
from services.assessment_outcome import form_of
from services.side_processes import ACTIVE
from services.stepping import LOCK_ROOT, Advanced, Done, LockedInstance
from services.unit_lookup import stored_registry
from services.unit_of_work import UnitOfWork

ENDS_MATTER = True
_STOPPED = frozenset({ListAct.WITHDRAW, ListAct.TERMINATE, ListAct.END})
_CHANGEABLE = ACTIVE | UNISSUED


@dataclass(frozen=True, slots=True)
class Prepared:
    """One entry with the items and the unit that it names, in the order of the list."""

    entry: Entry
    items: tuple[Item, ...]
    unit_id: UUID | None


def check(uow: UnitOfWork, instance: LockedInstance, done: Done) -> dict[str, Any]:
    """Raises what forbids the change, before it goes to the convener and before it takes effect."""
    if done.decision == "propose":
        prepare(uow, instance.item_id, done.form)
    elif done.decision == "approve":
        change, form = uow.get(ListChange, instance.item_id), form_of(uow, instance.id, "draft_list_change")
        # All at once, always in the order of their ids, and the list's row last as in every command.
        for root_id in sorted({item.root_id for each in prepare(uow, change.item_id, form) for item in each.items}):
            uow.read((LOCK_ROOT, (root_id,)))
        uow.session.expire_all()
        prepare(uow, instance.item_id, form)
    return {}


def apply(uow: UnitOfWork, instance: LockedInstance, advanced: Advanced, done: Done | None) -> None:
    """Carry an approved change out, or keep why it was dropped."""
    if advanced.outcome is None or done is None:
        return
    change = uow.get(ListChange, instance.item_id)
    if advanced.outcome == "dropped":
        change.reason = done.form["reason"]
        uow.session.add(change)
        return
    subject = uow.subject_id
    form = form_of(uow, instance.id, "draft_list_change")
    prepared = prepare(uow, change.item_id, form)
    task_list = uow.lock(TaskList, change.list_id)
    before = uow.session.exec(select(ListChange.number).where(ListChange.list_id == change.list_id)).all()
    change.number = 1 + sum(number is not None for number in before)
    change.reason, change.document_number = form["reason"], (form.get("document_number") or "").strip() or None
    change.in_force_at, change.approved_by = uow.now, uow.actor.id
    uow.session.add(change)
    acts = list_change_acts.Acts(uow, change, task_list, instance.id)
    for each in prepared:
        acts.carry_out(each.entry, each.items, each.unit_id)
    task_list.version += 1
    uow.session.add(task_list)
    uow.session.flush()
    uow.subject_id = subject


def prepare(uow: UnitOfWork, change_id: UUID, form: Mapping[str, Any]) -> tuple[Prepared, ...]:
    """What a change says, with its items. Raises what forbids it."""
    change = uow.get(ListChange, change_id)
    task_list = uow.get(TaskList, change.list_id)
    if task_list.status != ListStatus.APPROVED:
        raise ListNotInForce(str(task_list.id))
    items = uow.session.exec(
        select(Item).where(Item.list_id == task_list.id, Item.kind == ItemKind.TASK).order_by(col(Item.position))
    ).all()
    entries = entries_of(form, {item.number for item in items})
    return tuple(_prepared(uow, task_list, entry, items) for entry in entries)


def _prepared(uow: UnitOfWork, task_list: TaskList, entry: Entry, items: Sequence[Item]) -> Prepared:
    if entry.due_on is not None and entry.due_on <= uow.today:
        raise ListChangeDayPast(f"{entry.due_on}", due_on=f"{entry.due_on:%Y-%m-%d}")
    if entry.act is ListAct.END:
        if task_list.origin != Origin.DOCUMENT:
            raise ListWithoutEnd(task_list.origin)
        # Members end with the item that they are of.
        return Prepared(entry, tuple(i for i in items if i.status not in FINAL and i.parent_id is None), None)
    unit_id = _unit(uow, entry.unit) if entry.unit else None
    named = tuple(_named(items, number) for number in entry.numbers)
    allowed = frozenset(ItemStatus) - FINAL if entry.act in _STOPPED else _CHANGEABLE
    ended = [item.number for item in named if item.status not in allowed]
    if ended:
        raise ListChangeItemEnded(", ".join(ended), numbers=NAMES.join(ended))
    if entry.act is ListAct.LEAD and unit_id is not None:
        led = [item.number for item in named if _leads(uow, item.id) == [unit_id]]
        if led:
            raise ListChangeLeadAlready(", ".join(led), numbers=NAMES.join(led), unit=entry.unit)
    return Prepared(entry, named, unit_id)


def _named(items: Sequence[Item], number: str) -> Item:
    """The item of that number: of several, the one that is left. Raises ListChangeNumberTwice."""
    found = [item for item in items if item.number == number]
    left = [item for item in found if item.status not in FINAL]
    if len(left) > 1:
        raise ListChangeNumberTwice(number, numbers=number)
    return (left or found)[0]


def _leads(uow: UnitOfWork, item_id: UUID) -> list[UUID | None]:
    statement = select(Responsibility.unit_id).where(
        Responsibility.item_id == item_id,
        Responsibility.role == ResponsibilityRole.LEAD,
        col(Responsibility.valid_to).is_(None),
    )
    return list(uow.session.exec(statement))


def _unit(uow: UnitOfWork, name: str) -> UUID:
    registry = stored_registry(uow.session, uow.today)
    match = registry.lookup(name)
    unit_id = registry.unit_id(match.unit) if match.unit else None
    if unit_id is None:
        raise ListChangeUnitUnknown(name, unit=name)
    return unit_id
