"""The unit registry from a spreadsheet: planned and checked as a whole, then written as a whole.

A row states what is: the same file again changes nothing. An empty cell leaves what the registry has, and names and
groups are only added, because other offices' files may have brought them.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from db.tables import Unit, UnitAlias, UnitGroup, UnitGroupMember
from domain.permissions import Permission
from domain.units import UnitKind
from importers.sheets.rows import RowProblem
from importers.sheets.units import UnitRow, UnitSheet
from services.imported_rows import RowOutcome, RowResult, outcome, refuse_faulty
from services.unit_lookup import comparable_name
from services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ImportedUnits:
    """What each row led to."""

    rows: tuple[RowResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportUnits:
    """Bring the registry to what the sheet states. With `check_only` nothing is written, everything is checked."""

    sheet: UnitSheet = field(metadata={"audit": False})
    source_name: str = ""
    check_only: bool = False

    def execute(self, uow: UnitOfWork) -> ImportedUnits:
        """Raises PermissionDenied, RowsRefused with every wrong row and its reason."""
        uow.require(Permission.UNIT_IMPORT)
        refuse_faulty(self.sheet.problems)
        plan = _Plan(uow.session)
        units = [row for row in self.sheet.rows if row.kind is not UnitKind.GROUP]
        groups = [row for row in self.sheet.rows if row.kind is UnitKind.GROUP]
        plan.identify(units)
        plan.claim_names(units)
        plan.claim_groups(groups, units)
        plan.relate(units)
        refuse_faulty(plan.problems)
        results = [plan.describe(row) for row in units] + [plan.describe_group(row) for row in groups]
        if self.check_only:
            # What the plan changed in memory must not reach the database with the flush before the commit.
            uow.session.expunge_all()
        else:
            plan.write()
        return ImportedUnits(tuple(sorted(results, key=lambda result: result.number)))


@dataclass(slots=True)
class _Name:
    """A name, whose it is, and the row that says so (0 for the registry)."""

    unit_id: UUID
    written: str
    number: int


class _Plan:
    """The registry as it is, changed in memory row by row; written only when no row is wrong."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.problems: list[RowProblem] = []
        self.units = {unit.id: unit for unit in session.exec(select(Unit))}
        self.aliases = {alias.name: alias for alias in session.exec(select(UnitAlias))}
        self.groups = {group.name: group for group in session.exec(select(UnitGroup))}
        self.members = {(row.group_id, row.unit_id) for row in session.exec(select(UnitGroupMember))}
        self.new: list[Any] = []
        self.fields: dict[int, list[str]] = defaultdict(list)
        self._by_row: dict[int, Unit] = {}
        self._added: set[int] = set()
        self._names: dict[str, _Name] = {}
        self._before: dict[int, tuple[str, str]] = {}
        self._relations: dict[tuple[UUID, str], UUID] = {}

    def identify(self, rows: Sequence[UnitRow]) -> None:
        """Find each row's unit by its official name; one that was renamed by the official name it had before."""
        known = {comparable_name(unit.official_name): unit for unit in self.units.values()}
        stated = {comparable_name(row.official_name) for row in rows}
        order = max((unit.sort_order for unit in self.units.values()), default=0)
        seen: dict[str, int] = {}
        for row in rows:
            key = comparable_name(row.official_name)
            if seen.setdefault(key, row.number) != row.number:
                self._fail(row, "unit_twice", name=row.official_name, other=seen[key])
                self._by_row[row.number] = self._by_row[seen[key]]
                continue
            former = (comparable_name(name.name) for name in row.former_names)
            unit = known.get(key) or next(
                (known[name] for name in former if name in known and name not in stated), None
            )
            if unit is None:
                order += 1
                unit = Unit(
                    official_name=row.official_name,
                    short_name=row.short_name or row.official_name,
                    kind=row.kind or UnitKind.OTHER,
                    sort_order=order if row.sort_order is None else row.sort_order,
                )
                self._added.add(row.number)
                self.new.append(unit)
                self.units[unit.id] = unit
            self._by_row[row.number] = unit

    def claim_names(self, rows: Sequence[UnitRow]) -> None:
        """Give every name to one unit. A name that two units have would send work to the wrong one."""
        changed = {unit.id for unit in self._by_row.values()}
        for unit in self.units.values():
            # A unit's own row may give it other names than the registry's.
            if unit.id not in changed:
                self._claim(unit.id, unit.official_name, 0)
                self._claim(unit.id, unit.short_name, 0)
        for alias in self.aliases.values():
            self._claim(alias.unit_id, alias.name, 0)
        for group in self.groups:
            self._claim(_NO_UNIT, group, 0)
        for row in rows:
            unit = self._by_row[row.number]
            self._before[row.number] = (unit.official_name, unit.short_name)
            self._set(row, unit, "official_name", row.official_name)
            self._set(row, unit, "short_name", row.short_name or None)
            self._set(row, unit, "kind", row.kind)
            self._set(row, unit, "sort_order", row.sort_order)
            self._set(row, unit, "valid_from", row.valid_from)
            self._set(row, unit, "valid_to", row.valid_to)
            self._claim(unit.id, unit.official_name, row.number)
            self._claim(unit.id, unit.short_name, row.number)
        for row in rows:
            for name in row.aliases:
                self._alias(row, name, "spelling", None, None)
            for former in row.former_names:
                self._alias(row, former.name, "former", former.valid_from, former.valid_to)
            for name in self._before[row.number]:
                # Documents that print it are still to be understood.
                self._alias(row, name, "former", None, None, stated=False)

    def claim_groups(self, groups: Sequence[UnitRow], rows: Sequence[UnitRow]) -> None:
        """Groups by name, those of their own rows and those that units are in."""
        for row in groups:
            if row.official_name not in self.groups:
                self._added.add(row.number)
            self._group(row, row.official_name)
        for row in rows:
            for name in row.groups:
                group = self._group(row, name)
                unit = self._by_row[row.number]
                if (group.id, unit.id) not in self.members:
                    self.members.add((group.id, unit.id))
                    self.new.append(UnitGroupMember(group_id=group.id, unit_id=unit.id))
                    self.fields[row.number].append("groups")

    def relate(self, rows: Sequence[UnitRow]) -> None:
        """Look up parents and successors by any of their names, and refuse circles."""
        for row in rows:
            unit = self._by_row[row.number]
            for relation, name in (("parent", row.parent), ("successor", row.successor)):
                if not name:
                    continue
                found = self._names.get(comparable_name(name))
                if found is None or found.unit_id == _NO_UNIT:
                    self._fail(row, "unit_unknown", name=name)
                elif self._related(unit.id, relation) != found.unit_id:
                    self._relations[unit.id, relation] = found.unit_id
                    self.fields[row.number].append(relation)
        for row in rows:
            unit_id = self._by_row[row.number].id
            for relation in ("parent", "successor"):
                if unit_id in self._chain(unit_id, relation):
                    self._fail(row, f"unit_{relation}_circle", name=row.official_name)

    def describe(self, row: UnitRow) -> RowResult:
        """What a unit's row leads to."""
        fields = tuple(dict.fromkeys(self.fields[row.number]))
        is_new = row.number in self._added
        return RowResult(row.number, row.official_name, outcome(is_new=is_new, fields=fields), () if is_new else fields)

    def describe_group(self, row: UnitRow) -> RowResult:
        """What a group's row leads to."""
        added = row.number in self._added
        return RowResult(row.number, row.official_name, RowOutcome.ADDED if added else RowOutcome.UNCHANGED)

    def write(self) -> None:
        """Units before what refers to them: a flush writes updates of a table before its inserts."""
        for kind in (Unit, UnitGroup, UnitAlias, UnitGroupMember):
            self.session.add_all(row for row in self.new if isinstance(row, kind))
            self.session.flush()
        for (unit_id, relation), related_id in self._relations.items():
            setattr(self.units[unit_id], f"{relation}_id", related_id)

    def _related(self, unit_id: UUID, relation: str) -> UUID | None:
        stored: UUID | None = getattr(self.units[unit_id], f"{relation}_id")
        return self._relations.get((unit_id, relation), stored)

    def _chain(self, unit_id: UUID, relation: str) -> set[UUID]:
        """All units that follow by a relation."""
        seen: set[UUID] = set()
        next_id = self._related(unit_id, relation)
        while next_id is not None and next_id not in seen:
            seen.add(next_id)
            next_id = self._related(next_id, relation)
        return seen

    def _set(self, row: UnitRow, unit: Unit, name: str, value: object) -> None:
        if value is not None and getattr(unit, name) != value:
            setattr(unit, name, value)
            self.fields[row.number].append(name)

    def _claim(self, unit_id: UUID, name: str, number: int) -> bool:
        """Whether the name is the unit's now; a problem of the row where it is another's."""
        key = comparable_name(name)
        owner = self._names.get(key)
        if owner is None:
            self._names[key] = _Name(unit_id, name, number)
            return True
        if owner.unit_id != unit_id and number:
            other = self.units[owner.unit_id].official_name if owner.unit_id in self.units else owner.written
            if owner.number:
                facts = {"name": name, "unit": other, "other": owner.number}
                self.problems.append(RowProblem(number, "name_taken_in_row", facts))
            else:
                self.problems.append(RowProblem(number, "name_taken", {"name": name, "unit": other}))
        return False

    def _alias(
        self, row: UnitRow, name: str, kind: str, valid_from: date | None, valid_to: date | None, *, stated: bool = True
    ) -> None:
        unit = self._by_row[row.number]
        if not stated and comparable_name(name) in self._names:
            return
        known = self.aliases.get(name)
        if known is not None and known.unit_id == unit.id:
            facts = {"kind": kind, "valid_from": valid_from, "valid_to": valid_to}
            if kind == "former" and any(getattr(known, part) != value for part, value in facts.items()):
                for part, value in facts.items():
                    setattr(known, part, value)
                self.fields[row.number].append("former_names")
            return
        # A name that differs from one the unit has only in width or spacing is found already.
        if self._claim(unit.id, name, row.number):
            alias = UnitAlias(unit_id=unit.id, name=name, kind=kind, valid_from=valid_from, valid_to=valid_to)
            self.aliases[name] = alias
            self.new.append(alias)
            self.fields[row.number].append("former_names" if kind == "former" else "aliases")

    def _group(self, row: UnitRow, name: str) -> UnitGroup:
        group = self.groups.get(name)
        if group is None:
            self._claim(_NO_UNIT, name, row.number)
            group = self.groups[name] = UnitGroup(name=name)
            self.new.append(group)
        return group

    def _fail(self, row: UnitRow, code: str, **facts: object) -> None:
        self.problems.append(RowProblem(row.number, code, facts))


_NO_UNIT = UUID(int=0)
"""Stands for the owner of a group's name."""
