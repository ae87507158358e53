"""The office's own registry for reading documents: what a printed name means on a given day."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from db.tables import Unit, UnitAlias, UnitGroup
from domain.units import UnitKind
from importers.grammar.characters import half_width, squeeze, to_simplified
from importers.registry import AliasRecord, StaticRegistry, UnitMatch, UnitRecord


def comparable_name(name: str) -> str:
    """The form in which two spellings of one name are equal: no white space, half-width, simplified."""
    return to_simplified(half_width(squeeze(name)))


class StoredRegistry:
    """Satisfies `importers.registry.UnitRegistry`; `unit` of a match is the unit's short name, as documents print it.

    A unit that ended before the day is found under its old names and answers with its successor; before that day it
    answers for itself.
    """

    def __init__(
        self, units: Iterable[Unit], aliases: Iterable[UnitAlias], groups: Iterable[UnitGroup], on: date
    ) -> None:
        known = list(units)
        names = _names(known)
        self._ids = {names[unit.id]: unit.id for unit in known}
        records = [_record(unit, names, on) for unit in known]
        records += [UnitRecord(group.name, group.name, UnitKind.GROUP) for group in groups]
        self._static = StaticRegistry(
            records, [AliasRecord(alias.name, names[alias.unit_id], alias.kind) for alias in aliases]
        )

    def lookup(self, printed: str) -> UnitMatch:
        """Find the unit that `printed` names. Never raises; an unknown name has `unit` None."""
        return self._static.lookup(printed)

    def names(self) -> Iterable[str]:
        """Every official name, short name and alias, in comparable form."""
        return self._static.names()

    def unit_id(self, name: str) -> UUID | None:
        """The id of the unit that a match called `name`; None for a group."""
        return self._ids.get(name)


def stored_registry(session: Session, on: date) -> StoredRegistry:
    """The registry as the database has it, read for the day `on`."""
    units = session.exec(select(Unit).order_by(col(Unit.sort_order), col(Unit.id))).all()
    aliases = session.exec(select(UnitAlias).order_by(col(UnitAlias.name))).all()
    groups = session.exec(select(UnitGroup).order_by(col(UnitGroup.name))).all()
    return StoredRegistry(units, aliases, groups, on)


def has_ended(unit: Unit, on: date) -> bool:
    """Whether the unit was dissolved before the day; its last day counts."""
    return unit.valid_to is not None and unit.valid_to < on


def _names(units: list[Unit]) -> dict[UUID, str]:
    """What each unit is called in matches: its short name, or the official one where two share the short one."""
    shared = Counter(unit.short_name for unit in units)
    return {unit.id: unit.short_name if shared[unit.short_name] == 1 else unit.official_name for unit in units}


def _record(unit: Unit, names: dict[UUID, str], on: date) -> UnitRecord:
    passed_on = unit.successor_id is not None and (unit.valid_to is None or has_ended(unit, on))
    return UnitRecord(
        name=names[unit.id],
        official_name=unit.official_name,
        kind=UnitKind(unit.kind),
        parent=names.get(unit.parent_id, "") if unit.parent_id else "",
        successor=names[unit.successor_id] if passed_on and unit.successor_id else "",
    )
