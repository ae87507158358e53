"""What each kind of entry of a list's change does to an item. The caller holds the items' root rows and the list's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID, uuid4

from sqlmodel import col, func, select

from db.tables import Item, ItemDeadline, ListChange, ListChangeEntry, Responsibility, TaskList, Unit
from domain.calendar import end_of
from domain.deadlines import ChangeKind
from domain.items import FINAL, UNISSUED, DeadlineKind, ItemStatus, ListStatus, ResponsibilityRole
from domain.labels import NAMES, label
from domain.list_acts import ListAct, NewClass
from domain.list_changes import Entry
from domain.urgency import last_day
from services import clock, lead_change
from services.items import (
    NewDeadline,
    add_deadlines,
    current_deadlines,
    register,
    replace_deadlines,
    stop_with_members,
)
from services.responsibility import set_responsibility
from services.unit_of_work import UnitOfWork

_SET_STRENGTH: LiteralString = "UPDATE item SET due_strength = %s WHERE id = %s"


@dataclass
class Acts:
    """One change that comes into force, with the process instance that decided it."""

    uow: UnitOfWork
    change: ListChange
    task_list: TaskList
    instance_id: UUID
    position: int = 0

    def carry_out(self, entry: Entry, items: Sequence[Item], unit_id: UUID | None) -> None:
        """Do what the entry says, and write down of each item what stood there before."""
        if entry.act is ListAct.ADD:
            assert unit_id is not None, "an addition names its unit"
            self._add(entry, unit_id)
            return
        for item in items:
            self.uow.session.refresh(item)
            # A member that was named beside its group has ended with it.
            if item.status not in FINAL:
                self._change(entry, item, unit_id)
        if entry.act is ListAct.END:
            self.task_list.status = ListStatus.ENDED
            self._note(entry.act, None, {"status": ListStatus.APPROVED}, {"status": ListStatus.ENDED})

    def _change(self, entry: Entry, item: Item, unit_id: UUID | None) -> None:
        if entry.act is ListAct.DEADLINE:
            assert entry.deadline is not None, "a deadline names its class"
            before, after = self._set_deadline(item, entry, entry.deadline)
        elif entry.act is ListAct.LEAD:
            assert unit_id is not None, "a lead is named"
            before, after = self._set_lead(item, unit_id)
        else:
            before, after = {"status": item.status}, {}
            # What was never issued was nobody's task: it is taken off the list.
            revoked = entry.act in {ListAct.TERMINATE, ListAct.END} and item.status not in UNISSUED
            after = {"status": stop_with_members(self.uow, item, "terminate" if revoked else "withdraw")}
        self._note(entry.act, item.id, before, after)

    def _note(self, act: ListAct, item_id: UUID | None, before: dict[str, Any], after: dict[str, Any]) -> None:
        self.position += 1
        entry = ListChangeEntry(
            change_id=self.change.item_id, position=self.position, act=act, item_id=item_id, before=before, after=after
        )
        self.uow.session.add(entry)
        self.uow.session.flush()

    def _set_deadline(self, item: Item, entry: Entry, new: NewClass) -> tuple[dict[str, Any], dict[str, Any]]:
        uow, deadline = self.uow, _deadline(entry, new)
        rows = [row for row in current_deadlines(uow, item.id) if row.applies_to == deadline.applies_to]
        before = {"phrase": NAMES.join(row.phrase for row in rows), "due_on": _day(item)}
        if item.issued_at is None:
            replace_deadlines(uow, item, [deadline])
            uow.session.flush()
        else:
            last = uow.session.exec(
                select(func.max(ItemDeadline.position)).where(ItemDeadline.item_id == item.id)
            ).one()
            uow.session.add(
                ItemDeadline(
                    item_id=item.id,
                    position=(last or 0) + 1,
                    phrase=deadline.phrase,
                    kind=deadline.kind,
                    on_date=deadline.on_date,
                    strength=deadline.strength,
                    applies_to=deadline.applies_to,
                    set_at=uow.now,
                )
            )
            uow.session.flush()
            # Only now: of an issued item the database keeps what was printed, unless another stands beside it.
            for row in rows:
                row.replaced_at, row.replaced_by = uow.now, uow.actor.id
                uow.session.add(row)
            uow.session.flush()
            uow.write(_SET_STRENGTH, (deadline.strength, item.id))
            clock.set_deadline(
                uow,
                item.id,
                None if deadline.on_date is None else end_of(deadline.on_date),
                kind=ChangeKind.LIST_CHANGE,
                reason=self.change.reason or "",
                instance_id=self.instance_id,
            )
        uow.flush()
        return before, {"phrase": deadline.phrase, "due_on": deadline.on_date and deadline.on_date.isoformat()}

    def _set_lead(self, item: Item, unit_id: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
        uow = self.uow
        parts = uow.session.exec(
            select(Responsibility.unit_id, Responsibility.role, Unit.short_name)
            .join(Unit, col(Unit.id) == col(Responsibility.unit_id))
            .where(Responsibility.item_id == item.id, col(Responsibility.valid_to).is_(None))
            .order_by(col(Responsibility.position))
        ).all()
        before = [name for _, role, name in parts if role == ResponsibilityRole.LEAD]
        if item.issued_at is None:
            helping = [each for each, role, _ in parts if role == ResponsibilityRole.CO_UNIT and each != unit_id]
            co_units = [each for each in helping if each is not None]
            set_responsibility(uow, item, leads=[unit_id], co_units=co_units, joint_lead=False)
            item.version += 1
            uow.session.add(item)
            uow.session.flush()
        else:
            lead_change.by_list_change(uow, item.id, self.instance_id, unit_id)
        uow.flush()
        return {"leads": before}, {"leads": [uow.get(Unit, unit_id).short_name]}

    def _add(self, entry: Entry, unit_id: UUID) -> None:
        uow, id_ = self.uow, uuid4()
        numbers = uow.session.exec(select(Item.number).where(Item.list_id == self.task_list.id)).all()
        last = uow.session.exec(select(func.max(Item.position)).where(Item.list_id == self.task_list.id)).one()
        item = Item(
            id=id_,
            root_id=id_,
            list_id=self.task_list.id,
            office_unit_id=self.task_list.office_unit_id,
            position=(last or 0) + 1,
            number=str(max((int(number) for number in numbers if number.isdigit()), default=0) + 1),
            text=entry.text,
            text_printed=entry.text,
            text_confirmed_by=uow.actor.id,
            text_confirmed_at=uow.now,
            status=ItemStatus.DRAFT,
            created_at=uow.now,
        )
        uow.session.add(item)
        uow.session.flush()
        set_responsibility(uow, item, leads=[unit_id], co_units=[], joint_lead=False)
        deadlines = [] if entry.deadline is None else [_deadline(entry, entry.deadline)]
        add_deadlines(uow, item, deadlines)
        register(uow, item)
        after = {"leads": [uow.get(Unit, unit_id).short_name], "phrase": NAMES.join(each.phrase for each in deadlines)}
        self._note(entry.act, item.id, {}, after)


def _deadline(entry: Entry, new: NewClass) -> NewDeadline:
    phrase = label(DeadlineKind, new.kind) if entry.due_on is None else f"{entry.due_on} {label(NewClass, new)}"
    return NewDeadline(phrase=phrase, kind=new.kind, on_date=entry.due_on, strength=new.strength)


def _day(item: Item) -> str | None:
    return None if item.due_at is None else last_day(item.due_at).isoformat()
