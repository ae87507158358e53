"""Who is responsible for an item: the units' parts, ended and written anew, never changed in place."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from db.tables import Item, Responsibility, Unit
from domain.item_errors import CollectorNotLead, JointLeadNotTwo, PartyTwice
from domain.items import ResponsibilityRole
from services.readiness import JOINT_LEADS
from services.unit_of_work import UnitOfWork


def set_responsibility(
    uow: UnitOfWork,
    item: Item,
    *,
    leads: Sequence[UUID],
    co_units: Sequence[UUID],
    joint_lead: bool,
    collecting: UUID | None = None,
) -> None:
    """End the item's current parts and write new ones; who had a part before keeps it in the record.

    Raises NotFound for a unit that the registry does not have, PartyTwice, JointLeadNotTwo, CollectorNotLead.
    """
    names = {unit_id: uow.get(Unit, unit_id).official_name for unit_id in (*leads, *co_units)}
    # A unit that leads and cooperates would countersign its own claim.
    twice = [unit_id for unit_id, count in Counter((*leads, *co_units)).items() if count > 1]
    if twice:
        raise PartyTwice(str(twice[0]), unit=names[twice[0]])
    if joint_lead and len(leads) != JOINT_LEADS:
        raise JointLeadNotTwo(str(item.id), count=len(leads))
    if collecting is not None and collecting not in leads:
        raise CollectorNotLead(str(collecting))
    statement = select(Responsibility).where(
        Responsibility.item_id == item.id,
        col(Responsibility.valid_to).is_(None),
        Responsibility.role != ResponsibilityRole.OVERSIGHT,
    )
    printed: dict[UUID, str] = {}
    for row in uow.session.exec(statement):
        row.valid_to = uow.now
        if row.unit_id is not None:
            printed[row.unit_id] = row.printed
    item.joint_lead = joint_lead
    collector = collecting or (leads[0] if leads and not joint_lead and len(leads) > 1 else None)
    parts = [(u, ResponsibilityRole.LEAD) for u in leads] + [(u, ResponsibilityRole.CO_UNIT) for u in co_units]
    for position, (unit_id, role) in enumerate(parts):
        uow.session.add(
            Responsibility(
                item_id=item.id,
                unit_id=unit_id,
                role=role,
                printed=printed.get(unit_id, names[unit_id]),
                position=position,
                collects=unit_id == collector,
                valid_from=uow.now,
            )
        )
