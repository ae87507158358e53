"""What a unit that is asked about a bulletin reads of it before it is issued, and whether it has it anyway."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from db.tables import Bulletin, BulletinRecipient, Responsibility, Unit, UnitAlias
from domain.bulletins import Circulation, passage_of
from domain.permissions import BUSINESS
from services.queries.reading import Reading


def received(reading: Reading, bulletin: Bulletin) -> bool:
    """Whether it was issued to everybody, or to a unit of the actor's; else they see it because they are asked."""
    if bulletin.issued_at is None or bulletin.secrecy == Circulation.PUBLIC:
        return bulletin.issued_at is not None
    units = sorted(reading.actor.units_as(*BUSINESS))
    sent = select(BulletinRecipient.id).where(
        BulletinRecipient.item_id == bulletin.item_id, col(BulletinRecipient.unit_id).in_(units)
    )
    return reading.session.exec(sent.limit(1)).first() is not None


def passage(reading: Reading, item_id: UUID, sections: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """What a unit that is quoted or criticised reads before the bulletin is issued: what is said of it."""
    units = reading.actor.units_as(*BUSINESS)
    own: set[str] = set()
    others: set[str] = set()
    parts = (
        select(Unit)
        .join(Responsibility, col(Responsibility.unit_id) == col(Unit.id))
        .where(Responsibility.item_id == item_id)
        .order_by(col(Unit.id))
    )
    found = {unit.id: {unit.official_name, unit.short_name} for unit in reading.session.exec(parts)}
    aliases = select(UnitAlias.unit_id, UnitAlias.name).where(col(UnitAlias.unit_id).in_(list(found)))
    for unit_id, name in reading.session.exec(aliases):
        found[unit_id].add(name)
    for unit_id, names in found.items():
        (own if unit_id in units else others).update(names)
    return passage_of(sections, own, others)
