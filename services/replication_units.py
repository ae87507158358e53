"""Units as the forms of 复制推广 name them."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from db.tables import Unit
from domain.replication import RangeUnit
from domain.replication_errors import UnitNotKnown
from services.unit_lookup import stored_registry
from services.unit_of_work import UnitOfWork


def units_called(uow: UnitOfWork, names: Sequence[str]) -> list[UUID]:
    """The units that are called so today, by any of their names, in this order. Raises UnitNotKnown."""
    if not names:
        return []
    registry = stored_registry(uow.session, uow.today)
    found = []
    for name in names:
        match = registry.lookup(name)
        unit_id = registry.unit_id(match.unit) if match.unit else None
        if unit_id is None:
            raise UnitNotKnown(name, name=name)
        found.append(unit_id)
    return found


def named_units(uow: UnitOfWork, unit_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The short names of units."""
    rows = uow.session.exec(select(Unit.id, Unit.short_name).where(col(Unit.id).in_(unit_ids)))
    return dict(rows.all())


def range_registry(uow: UnitOfWork) -> list[RangeUnit]:
    """The units that exist today, as a range sees them, in the registry's order."""
    rows = uow.session.exec(
        select(Unit)
        .where(col(Unit.successor_id).is_(None))
        .where((col(Unit.valid_to).is_(None)) | (col(Unit.valid_to) > uow.today))
        .order_by(col(Unit.sort_order), col(Unit.official_name))
    )
    return [RangeUnit(unit.id, unit.short_name, unit.kind) for unit in rows]
