"""People and their roles from a spreadsheet: planned and checked as a whole, then written as a whole.

A row states what is: the same file again changes nothing, an empty cell leaves what is known, and nobody loses a role
because a file does not mention it: a role ends by its last day.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlmodel import Session, select

from db.tables import Person, Unit, UnitMember
from domain.errors import RolesMixed
from domain.permissions import Permission, Role, check_separation
from importers.sheets.people import PeopleSheet, PersonRow
from importers.sheets.rows import RowProblem
from services.imported_rows import RowResult, outcome, refuse_faulty
from services.unit_lookup import comparable_name, has_ended, stored_registry
from services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ImportedPeople:
    """What each row led to, and the units that have people but nobody who is their liaison today."""

    rows: tuple[RowResult, ...]
    units_without_liaison: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPeople:
    """Bring people and roles to what the sheet states. With `check_only` nothing is written, everything is checked."""

    sheet: PeopleSheet = field(metadata={"audit": False})
    source_name: str = ""
    check_only: bool = False

    def execute(self, uow: UnitOfWork) -> ImportedPeople:
        """Raises PermissionDenied, RowsRefused with every wrong row and its reason."""
        uow.require(Permission.PERSON_IMPORT)
        refuse_faulty(self.sheet.problems)
        plan = _Plan(uow)
        for row in self.sheet.rows:
            plan.take(row)
        plan.check_liaisons()
        plan.check_separation()
        refuse_faulty(plan.problems)
        result = ImportedPeople(tuple(plan.results), plan.units_without_liaison())
        if self.check_only:
            # What the plan changed in memory must not reach the database with the flush before the commit.
            uow.session.expunge_all()
        else:
            plan.write()
        return result


class _Plan:
    """People and roles as they are, changed in memory row by row; written only when no row is wrong."""

    def __init__(self, uow: UnitOfWork) -> None:
        session: Session = uow.session
        self.uow = uow
        self.today = uow.today
        self.problems: list[RowProblem] = []
        self.results: list[RowResult] = []
        self.units = {unit.id: unit for unit in session.exec(select(Unit))}
        self.registry = stored_registry(session, uow.today)
        self.people = {person.id: person for person in session.exec(select(Person))}
        self.logins = {person.login: person for person in self.people.values() if person.login}
        self.members = list(session.exec(select(UnitMember)))
        self.units_of: dict[UUID, set[UUID]] = defaultdict(set)
        self.by_name: dict[str, list[Person]] = defaultdict(list)
        for member in self.members:
            self.units_of[member.person_id].add(member.unit_id)
        for person in self.people.values():
            self.by_name[comparable_name(person.name)].append(person)
        self.new_people: list[Person] = []
        self.new_members: list[UnitMember] = []
        self._number_of: dict[UUID, int] = {}
        self._seen: dict[tuple[UUID, UUID, Role], int] = {}

    def take(self, row: PersonRow) -> None:
        """One row: whose it is, in which unit, and what it changes."""
        unit = self._unit(row)
        person = self._person(row, unit)
        if unit is None or person is None:
            return
        is_new = person.id not in self.people
        if is_new:
            self.people[person.id] = person
            self.new_people.append(person)
            self.by_name[comparable_name(person.name)].append(person)
        fields = [] if is_new else self._changes(person, row)
        if row.login:
            self.logins[row.login] = person
        other = self._seen.setdefault((person.id, unit.id, row.role), row.number)
        if other != row.number:
            self._fail(row, "row_twice", other=other)
            return
        fields += self._role(row, person, unit)
        self.units_of[person.id].add(unit.id)
        self.results.append(
            RowResult(row.number, row.name, outcome(is_new=is_new, fields=fields), () if is_new else tuple(fields))
        )

    def check_liaisons(self) -> None:
        """One liaison per unit at a time, deputies aside, and of one unit only (domain notes, §9 invariant 8, P5)."""
        liaisons = [m for m in self.members if m.role == Role.LIAISON and not m.deputy]
        for index, later in enumerate(liaisons):
            number = self._number_of.get(later.id)
            for earlier in liaisons[:index]:
                row = number or self._number_of.get(earlier.id)
                if row is None or not _overlap(earlier, later):
                    continue
                mine, other = (later, earlier) if number else (earlier, later)
                unit, person = self.units[other.unit_id].short_name, self.people[other.person_id].name
                if mine.unit_id == other.unit_id and mine.person_id != other.person_id:
                    self.problems.append(RowProblem(row, "second_liaison", {"unit": unit, "name": person}))
                elif mine.person_id == other.person_id and mine.unit_id != other.unit_id:
                    self.problems.append(RowProblem(row, "liaison_of_two", {"unit": unit, "name": person}))

    def check_separation(self) -> None:
        """The three administrators are different people and do no business."""
        roles: dict[UUID, set[Role]] = defaultdict(set)
        numbers: dict[UUID, int] = {}
        for member in self.members:
            if member.valid_to is None or member.valid_to >= self.today:
                roles[member.person_id].add(Role(member.role))
            if member.id in self._number_of:
                numbers[member.person_id] = self._number_of[member.id]
        for person_id, number in numbers.items():
            try:
                check_separation(roles[person_id])
            except RolesMixed:
                facts = {"name": self.people[person_id].name}
                self.problems.append(RowProblem(number, "roles_mixed", facts))

    def units_without_liaison(self) -> tuple[str, ...]:
        """Units with a leader today and nobody who is their liaison: reported, because a gap is no fault of a row."""
        led, served = set(), set()
        for member in self.members:
            if member.valid_from <= self.today and (member.valid_to is None or member.valid_to >= self.today):
                if member.role == Role.LIAISON and not member.deputy:
                    served.add(member.unit_id)
                elif member.role in {Role.UNIT_LEADER, Role.LIAISON}:
                    led.add(member.unit_id)
        office = {m.unit_id for m in self.members if m.role == Role.OFFICE_STAFF}
        missing = [self.units[unit_id] for unit_id in led - served - office]
        return tuple(unit.short_name for unit in sorted(missing, key=lambda u: (u.sort_order, u.short_name)))

    def write(self) -> None:
        """People before their roles."""
        session = self.uow.session
        session.add_all(self.new_people)
        session.flush()
        session.add_all(self.new_members)

    def _unit(self, row: PersonRow) -> Unit | None:
        match = self.registry.lookup(row.unit)
        unit_id = self.registry.unit_id(match.unit) if match.unit else None
        if unit_id is None:
            self._fail(row, "unit_unknown", name=row.unit)
            return None
        unit = self.units[unit_id]
        if has_ended(unit, self.today):
            self._fail(row, "unit_ended", name=row.unit, date=unit.valid_to)
            return None
        return unit

    def _person(self, row: PersonRow, unit: Unit | None) -> Person | None:
        """Whose row it is: by login, else by name and phone, else by name and unit; somebody new otherwise."""
        if row.login and row.login in self.logins:
            known = self.logins[row.login]
            if comparable_name(known.name) != comparable_name(row.name):
                self._fail(row, "login_taken", value=row.login, name=known.name)
                return None
            return known
        alike = [p for p in self.by_name[comparable_name(row.name)] if not (row.login and p.login)]
        found = [p for p in alike if row.phone and p.phone == row.phone]
        if not found and unit is not None:
            found = [p for p in alike if unit.id in self.units_of[p.id] and not (row.phone and p.phone)]
        if len(found) > 1:
            self._fail(row, "person_ambiguous", name=row.name, count=len(found))
            return None
        return found[0] if found else self._new_person(row)

    def _new_person(self, row: PersonRow) -> Person:
        return Person(
            name=row.name,
            post=row.post,
            phone=row.phone,
            email=row.email,
            login=row.login or None,
            created_at=self.uow.now,
        )

    def _changes(self, person: Person, row: PersonRow) -> list[str]:
        changed = []
        for name in ("post", "phone", "email", "login"):
            value = getattr(row, name)
            if value and getattr(person, name) != value:
                setattr(person, name, value)
                changed.append(name)
        return changed

    def _role(self, row: PersonRow, person: Person, unit: Unit) -> list[str]:
        """Change the role the person holds or is to hold, or give it."""
        held = next((m for m in self.members if self._is_same(m, row, person, unit)), None)
        if held is None:
            held = UnitMember(
                person_id=person.id,
                unit_id=unit.id,
                role=row.role,
                deputy=bool(row.deputy),
                valid_from=row.valid_from or self.today,
                valid_to=row.valid_to,
            )
            self.members.append(held)
            self.new_members.append(held)
            self._number_of[held.id] = row.number
            return ["role"]
        self._number_of[held.id] = row.number
        changed = []
        stated: Sequence[tuple[str, bool | date | None]] = (
            ("deputy", row.deputy),
            ("valid_from", row.valid_from),
            ("valid_to", row.valid_to),
        )
        for name, value in stated:
            if value is not None and getattr(held, name) != value:
                setattr(held, name, value)
                changed.append(name)
        return changed

    def _is_same(self, member: UnitMember, row: PersonRow, person: Person, unit: Unit) -> bool:
        """Whether the row speaks of this role: it has not ended, or it is the very period that the row states."""
        if (member.person_id, member.unit_id, member.role) != (person.id, unit.id, row.role):
            return False
        if row.valid_from is not None and member.valid_from == row.valid_from:
            return True
        begins_later = row.valid_from is not None and member.valid_to is not None and row.valid_from > member.valid_to
        return not begins_later and (member.valid_to is None or member.valid_to >= self.today)

    def _fail(self, row: PersonRow, code: str, **facts: object) -> None:
        self.problems.append(RowProblem(row.number, code, facts))


def _overlap(one: UnitMember, other: UnitMember) -> bool:
    return (one.valid_to is None or other.valid_from <= one.valid_to) and (
        other.valid_to is None or one.valid_from <= other.valid_to
    )
