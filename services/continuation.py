"""An item that ended goes on: its next stage after a breakthrough, or supervision taken up again.

Both are a new item of the same list, linked by `continues_id`, registered and waiting to be issued. The ended one and
its record stay as they are.
"""

from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID, uuid4

from sqlmodel import col, func, select

from db.tables import Item, Responsibility, TaskList, Unit
from domain.errors import AlreadyExists, ReasonMissing, WrongStatus
from domain.items import DeadlineKind, ItemStatus, ResponsibilityRole
from domain.labels import label
from domain.permissions import Permission
from services.items import (
    CreatedItem,
    NewDeadline,
    add_deadlines,
    copied_deadline,
    current_deadlines,
    office_item,
    register,
)
from services.responsibility import set_responsibility
from services.unit_lookup import has_ended
from services.unit_of_work import UnitOfWork

REOPENABLE = frozenset({ItemStatus.CLOSED, ItemStatus.WITHDRAWN, ItemStatus.TERMINATED})

_READ_NEXT_GOAL: LiteralString = (
    "SELECT s.form ->> 'next_goal' FROM submission s JOIN work_item w ON w.id = s.work_item_id"
    " WHERE w.item_id = %s AND w.bpmn_id = 'claim_completion' AND w.decision = 'breakthrough'"
    " ORDER BY w.closed_at DESC, w.opened_at DESC, w.id LIMIT 1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinueItem:
    """A stage that was closed by a breakthrough goes on with a new goal (domain notes, P1: deadline classes).

    Without a `goal` it is the one that the lead claimed with; without deadlines the item is ongoing.
    """

    item_id: UUID
    seen_version: int
    goal: str | None = None
    deadlines: tuple[NewDeadline, ...] = ()

    def execute(self, uow: UnitOfWork) -> CreatedItem:
        """Raises NotFound, PermissionDenied, StaleVersion, WrongStatus, AlreadyExists when it goes on already."""
        item = office_item(uow, self.item_id, Permission.ITEM_CREATE, self.seen_version)
        if item.status != ItemStatus.CLOSED_FOR_STAGE:
            raise WrongStatus(str(item.id), status=item.status)
        [goals] = uow.read((_READ_NEXT_GOAL, (item.id,)))
        goal = self.goal or (goals[0][0] if goals else None) or item.text
        ongoing = NewDeadline(phrase=label(DeadlineKind, DeadlineKind.ONGOING), kind=DeadlineKind.ONGOING)
        return go_on(uow, item, text=goal, deadlines=self.deadlines or (ongoing,))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenItem:
    """An item that was closed, withdrawn or terminated is supervised again (domain notes, section 8).

    Without deadlines those of the ended item are taken over.
    """

    item_id: UUID
    seen_version: int
    reason: str
    deadlines: tuple[NewDeadline, ...] = ()
    document_number: str = ""

    def execute(self, uow: UnitOfWork) -> CreatedItem:
        """Raises NotFound, PermissionDenied, StaleVersion, WrongStatus, ReasonMissing, AlreadyExists."""
        item = office_item(uow, self.item_id, Permission.ITEM_CREATE, self.seen_version)
        if item.status not in REOPENABLE:
            raise WrongStatus(str(item.id), status=item.status)
        if not self.reason.strip():
            raise ReasonMissing(str(item.id))
        deadlines = self.deadlines or tuple(copied_deadline(row) for row in current_deadlines(uow, item.id))
        return go_on(uow, item, text=item.text, deadlines=deadlines)


def go_on(uow: UnitOfWork, item: Item, *, text: str, deadlines: tuple[NewDeadline, ...]) -> CreatedItem:
    """A new item of the same list and units after one that ended, whose root row is held; it waits to be issued.

    Raises AlreadyExists when the ended one goes on already.
    """
    known = uow.session.exec(
        select(Item.number).where(Item.continues_id == item.id, Item.status != ItemStatus.WITHDRAWN)
    ).first()
    if known is not None:
        raise AlreadyExists(str(item.id), what=known)
    uow.lock(TaskList, item.list_id)
    last = uow.session.exec(select(func.max(Item.position)).where(Item.list_id == item.list_id)).one() or 0
    id_ = uuid4()
    row = Item(
        id=id_,
        root_id=id_,
        list_id=item.list_id,
        office_unit_id=item.office_unit_id,
        position=last + 1,
        number=_next_number(uow, item),
        section=item.section,
        article=item.article,
        text=text,
        text_printed=item.text_printed,
        text_confirmed_by=uow.actor.id,
        text_confirmed_at=uow.now,
        measures=list(item.measures),
        range=item.range,
        kpi=item.kpi,
        by_duty=item.by_duty,
        status=ItemStatus.DRAFT,
        continues_id=item.id,
        created_at=uow.now,
    )
    uow.session.add(row)
    uow.session.flush()
    _take_over_units(uow, item, row)
    add_deadlines(uow, row, deadlines)
    uow.about(row.id)
    register(uow, row)
    return CreatedItem(row.id, row.number)


def _next_number(uow: UnitOfWork, item: Item) -> str:
    """`6/2` after `6`, `6/3` after that: the original number remains citable, and members are `6-1`."""
    base, slash, stage = item.number.rpartition("/")
    if not (slash and stage.isdigit()):
        base = item.number
    taken = set(uow.session.exec(select(Item.number).where(Item.list_id == item.list_id)))
    stages = range(2, len(taken) + 3)
    return next(number for number in (f"{base}/{n}" for n in stages) if number not in taken)


def _take_over_units(uow: UnitOfWork, item: Item, row: Item) -> None:
    """The units of the ended item; for one that a reform dissolved since, its successor."""
    parts = uow.session.exec(
        select(Responsibility)
        .where(Responsibility.item_id == item.id, col(Responsibility.valid_to).is_(None))
        .where(col(Responsibility.unit_id).is_not(None))
        .order_by(col(Responsibility.position))
    ).all()
    leads, co_units, collecting = [], [], None
    for part in parts:
        assert part.unit_id is not None
        unit_id = _today(uow, part.unit_id)
        if part.role == ResponsibilityRole.LEAD:
            leads.append(unit_id)
            collecting = unit_id if part.collects else collecting
        elif part.role == ResponsibilityRole.CO_UNIT:
            co_units.append(unit_id)
    leads = list(dict.fromkeys(leads))
    set_responsibility(
        uow,
        row,
        leads=leads,
        co_units=[unit_id for unit_id in dict.fromkeys(co_units) if unit_id not in leads],
        # Two leads that were merged since are one.
        joint_lead=item.joint_lead and len(leads) > 1,
        collecting=collecting,
    )


def _today(uow: UnitOfWork, unit_id: UUID) -> UUID:
    unit = uow.get(Unit, unit_id)
    passed = {unit.id}
    while has_ended(unit, uow.today) and unit.successor_id is not None and unit.successor_id not in passed:
        unit = uow.get(Unit, unit.successor_id)
        passed.add(unit.id)
    return unit.id
