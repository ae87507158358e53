"""What an actor sees: the one rule behind every list, count, export and file.

Office roles see the lists of their office; everybody else sees the issued items in which one of their units has or
had a part. Administrators see no item. What is not visible answers 404, so that its existence is not told.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, or_
from sqlmodel import col, select

from db.tables import Item, Responsibility
from domain.items import ItemStatus
from domain.permissions import BUSINESS, Actor, Role

OFFICE_ROLES = (Role.OFFICE_STAFF, Role.UNIT_LEADER, Role.CONVENER, Role.ASSESSOR)
# Before its issue an item is the office's own business.
UNISSUED = frozenset({ItemStatus.DRAFT, ItemStatus.REGISTERED})


def may_see(actor: Actor, *, office_unit_id: UUID, unit_ids: Collection[UUID], status: str) -> bool:
    """Whether the actor sees an item of that office in which `unit_ids` have a part."""
    if office_unit_id in actor.units_as(*OFFICE_ROLES):
        return True
    return status not in UNISSUED and not actor.units_as(*BUSINESS).isdisjoint(unit_ids)


def visible_items(actor: Actor) -> ColumnElement[bool]:
    """The same rule as a condition on `item`."""
    offices = actor.units_as(*OFFICE_ROLES)
    units = actor.units_as(*BUSINESS)
    if not units:
        return false()
    part = exists(
        select(Responsibility.id).where(
            col(Responsibility.item_id) == col(Item.id), col(Responsibility.unit_id).in_(units)
        )
    )
    return or_(col(Item.office_unit_id).in_(offices), and_(col(Item.status).not_in([str(s) for s in UNISSUED]), part))
