"""What an actor sees: the one rule behind every list, count, export and file.

Office roles see the lists of their office; everybody else sees the issued items in which one of their units has or
had a part. Administrators see no item. What is not visible answers 404, so that its existence is not told.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, not_, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from db.tables import Item, Responsibility, TaskList, WorkItem
from domain.permissions import BUSINESS, Actor, Role

OFFICE_ROLES = (Role.OFFICE_STAFF, Role.UNIT_LEADER, Role.CONVENER, Role.ASSESSOR)
# The roles that steps ask for.
WORKING_ROLES = (Role.LIAISON, Role.UNIT_LEADER, Role.OFFICE_STAFF, Role.CONVENER, Role.ASSESSOR)


def may_see(actor: Actor, *, office_unit_id: UUID, unit_ids: Collection[UUID], issued: bool) -> bool:
    """Whether the actor sees an item of that office in which `unit_ids` have or had a part."""
    if office_unit_id in actor.units_as(*OFFICE_ROLES):
        return True
    return issued and not actor.units_as(*BUSINESS).isdisjoint(unit_ids)


def visible_items(actor: Actor) -> ColumnElement[bool]:
    """The same rule as a condition on `item`."""
    offices = actor.units_as(*OFFICE_ROLES)
    units = actor.units_as(*BUSINESS)
    if not units:
        return false()
    part = exists(_parts_held(units).where(col(Responsibility.item_id) == col(Item.id), _in_force(Item)))
    # Not by the status: an item that was withdrawn before its issue stays the office's own business.
    has_part = and_(col(Item.issued_at).is_not(None), part)
    # An OR, even with nothing on its other side, would keep the database from starting with the units' parts.
    return or_(col(Item.office_unit_id).in_(offices), has_part) if offices else has_part


def visible_lists(actor: Actor) -> ColumnElement[bool]:
    """The lists that the actor sees, as a condition on `task_list`: those of their office, and those with an item that
    they see.
    """
    offices = actor.units_as(*OFFICE_ROLES)
    has_item = select(Item.id).where(col(Item.list_id) == col(TaskList.id), visible_items(actor)).exists()
    own = col(TaskList.office_unit_id).in_(offices) if offices else false()
    return own | has_item


def parts_of_visible(actor: Actor) -> list[ColumnElement[bool]]:
    """The same rule as conditions that exclude each other: to count all of it, the offices' items from their index,
    the others from the units' parts. To look at one item it would be slow.
    """
    offices = actor.units_as(*OFFICE_ROLES)
    units = actor.units_as(*BUSINESS)
    if not units:
        return []
    # Nearly every part is held still, and then the item need not be asked whether it was held at the issue.
    held = col(Item.id).in_(_parts_held(units).where(col(Responsibility.valid_to).is_(None)))
    item = aliased(Item)
    former = _parts_held(units).join(item, col(item.id) == col(Responsibility.item_id))
    # That it ended at all is said besides: the database knows how few of them there are, and begins with these.
    ended = col(Responsibility.valid_to).is_not(None)
    had = col(Item.id).in_(former.where(ended, col(Responsibility.valid_to) > col(item.issued_at)))
    issued = col(Item.issued_at).is_not(None)
    own = col(Item.office_unit_id).in_(offices)
    parts = [and_(issued, held), and_(issued, not_(held), had)]
    return [own, *(and_(not_(own), part) for part in parts)] if offices else parts


def _parts_held(units: Collection[UUID]) -> Any:
    return select(Responsibility.item_id).where(col(Responsibility.unit_id).in_(units))


def _in_force(item: Any) -> ColumnElement[bool]:
    """Who was named before the issue only, and corrected, never had a part."""
    return or_(col(Responsibility.valid_to).is_(None), col(Responsibility.valid_to) > col(item.issued_at))


class WorkScope(StrEnum):
    """Whose open work is asked for: what the actor may complete, what waits for their units, their office's lists."""

    MINE = "mine"
    UNIT = "unit"
    ALL = "all"


def visible_work(actor: Actor, scope: WorkScope) -> list[ColumnElement[bool]]:
    """The open work of a scope, as conditions on `work_item` that exclude each other.

    Each is an equality on the leading columns of one index, so that a list is read in order and a count without
    the table. Each is within `visible_items` without asking for the item: whose unit is asked has a part in an
    issued item, and the office's own steps, which come before the issue too, are left out for who holds no office
    role there.
    """
    if scope is WorkScope.ALL:
        return [col(WorkItem.office_unit_id) == office for office in offices_of(actor)]
    held = sorted({(m.unit_id, m.role) for m in actor.memberships if m.role in BUSINESS})
    if scope is WorkScope.MINE:
        return [and_(col(WorkItem.unit_id) == unit, col(WorkItem.role) == role) for unit, role in held]
    offices = actor.units_as(*OFFICE_ROLES)
    sources = []
    for unit in _sorted(actor.units_as(*BUSINESS)):
        for role in WORKING_ROLES:
            source = and_(col(WorkItem.unit_id) == unit, col(WorkItem.role) == role)
            if unit not in offices and (unit, role) not in held:
                source = and_(source, col(WorkItem.office_unit_id) != unit)
            sources.append(source)
    return sources


def offices_of(actor: Actor) -> list[UUID]:
    """The units whose lists the actor sees whole, if they are offices."""
    return _sorted(actor.units_as(*OFFICE_ROLES))


def _sorted(units: Collection[UUID]) -> list[UUID]:
    """In one order always, so that the same question is the same statement."""
    return sorted(units)
