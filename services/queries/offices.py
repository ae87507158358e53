"""Offices: units that keep task lists, to whom others nominate, propose and contribute."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from db.tables import TaskList, Unit
from domain.calendar import local_date
from domain.items import Origin
from services.queries.reading import Reading
from services.unit_lookup import stored_registry


@dataclass(frozen=True, slots=True)
class Office:
    """An office as one chooses it."""

    id: UUID
    name: str


def offices(reading: Reading) -> tuple[Office, ...]:
    """The units that keep lists of tasks, in the registry's order. Which units these are is known to everybody."""
    keeping = select(TaskList.office_unit_id).where(col(TaskList.origin) != Origin.MATTERS)
    rows = reading.session.exec(
        select(Unit.id, Unit.short_name)
        .where(col(Unit.id).in_(keeping))
        .order_by(col(Unit.sort_order), col(Unit.short_name))
    )
    return tuple(Office(unit_id, name) for unit_id, name in rows)


def units_called(reading: Reading, names: list[str]) -> dict[str, UUID | None]:
    """What each name means today: a unit's id, or None for a name that is no unit's."""
    if not names:
        return {}
    registry = stored_registry(reading.session, local_date(reading.now))
    found: dict[str, UUID | None] = {}
    for name in names:
        match = registry.lookup(name)
        found[name] = registry.unit_id(match.unit) if match.unit is not None else None
    return found


def unit_names(reading: Reading, unit_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What units are called, by id; those that are not there are left out."""
    wanted = list(unit_ids)
    if not wanted:
        return {}
    return dict(reading.session.exec(select(Unit.id, Unit.short_name).where(col(Unit.id).in_(wanted))).all())
