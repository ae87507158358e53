"""Who holds which role: a directory. Phone numbers only for those who may have them (domain notes, P5)."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import and_
from sqlmodel import Session, col, select

from db.tables import Person, Unit, UnitMember
from domain.errors import NotFound
from domain.permissions import Actor, ActorKind, Permission, Role, is_allowed
from services.queries.page import Key, Order, Page, page_of
from services.sign_in import held_on

PEOPLE_ORDER = Order(
    (col(Unit.sort_order), col(Unit.short_name), col(UnitMember.role), col(Person.name), col(UnitMember.id)),
    (int, str, str, str, UUID),
)


class AccountState(StrEnum):
    """Whether a person can sign in."""

    NONE = "none"
    NOT_YET = "not_yet"
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One role of one person. None stands for what the actor may not know."""

    member_id: UUID
    person_id: UUID
    name: str
    post: str
    unit_id: UUID
    unit: str
    role: Role
    deputy: bool
    valid_from: date
    valid_to: date | None
    phone: str | None
    email: str | None
    login: str | None
    account: AccountState | None
    sort_order: int


def list_people(
    session: Session,
    actor: Actor,
    *,
    on: date,
    unit_id: UUID | None = None,
    role: Role | None = None,
    after: Key | None = None,
    limit: int = 50,
) -> Page[PersonRow]:
    """Roles held on a day, in the order of the units."""
    statement = (
        select(Person, UnitMember, Unit)
        .join(UnitMember, and_(col(UnitMember.person_id) == col(Person.id), held_on(on)))
        .join(Unit, col(Unit.id) == col(UnitMember.unit_id))
        .order_by(*PEOPLE_ORDER.clauses())
        .limit(limit + 1)
    )
    if unit_id is not None:
        statement = statement.where(UnitMember.unit_id == unit_id)
    if role is not None:
        statement = statement.where(UnitMember.role == role)
    if after is not None:
        statement = statement.where(PEOPLE_ORDER.after(after))
    rows = [_row(actor, *found) for found in session.exec(statement)]
    return page_of(rows, limit, lambda row: (row.sort_order, row.unit, row.role.value, row.name, row.member_id))


def people_of(
    session: Session, actor: Actor, *, on: date, unit_ids: Collection[UUID]
) -> Mapping[UUID, tuple[PersonRow, ...]]:
    """Roles held in these units on a day, by unit; a unit in which nobody holds one is left out."""
    statement = (
        select(Person, UnitMember, Unit)
        .join(UnitMember, and_(col(UnitMember.person_id) == col(Person.id), held_on(on)))
        .join(Unit, col(Unit.id) == col(UnitMember.unit_id))
        .where(col(UnitMember.unit_id).in_(unit_ids))
        .order_by(*PEOPLE_ORDER.clauses())
    )
    found: defaultdict[UUID, list[PersonRow]] = defaultdict(list)
    for person, member, unit in session.exec(statement):
        found[unit.id].append(_row(actor, person, member, unit))
    return {unit_id: tuple(rows) for unit_id, rows in found.items()}


def may_reach(actor: Actor, *, person_id: UUID, unit_id: UUID) -> bool:
    """Whether the actor may have somebody's phone number: the office, colleagues, whoever invites, oneself."""
    if actor.kind is ActorKind.OPERATOR or actor.id == person_id or unit_id in actor.units_as():
        return True
    return bool(actor.units_as(Role.OFFICE_STAFF)) or is_allowed(actor, Permission.ACCOUNT_MANAGE)


def _row(actor: Actor, person: Person, member: UnitMember, unit: Unit) -> PersonRow:
    reachable = may_reach(actor, person_id=person.id, unit_id=unit.id)
    keeps_accounts = is_allowed(actor, Permission.ACCOUNT_MANAGE) or is_allowed(actor, Permission.PERSON_IMPORT)
    return PersonRow(
        member_id=member.id,
        person_id=person.id,
        name=person.name,
        post=person.post,
        unit_id=unit.id,
        unit=unit.short_name,
        role=Role(member.role),
        deputy=member.deputy,
        valid_from=member.valid_from,
        valid_to=member.valid_to,
        phone=person.phone if reachable else None,
        email=person.email if reachable else None,
        login=person.login if keeps_accounts else None,
        account=_account(person) if keeps_accounts else None,
        sort_order=unit.sort_order,
    )


def _account(person: Person) -> AccountState:
    if person.login is None:
        return AccountState.NONE
    if person.disabled_at is not None:
        return AccountState.DISABLED
    return AccountState.ACTIVE if person.password_hash else AccountState.NOT_YET


def person_called(session: Session, name: str) -> UUID:
    """The person with this login, or the only one of this name. Raises NotFound."""
    by_login = session.exec(select(Person.id).where(Person.login == name.lower())).first()
    if by_login is not None:
        return by_login
    found = session.exec(select(Person.id).where(Person.name == name).limit(2)).all()
    if len(found) != 1:
        raise NotFound(f"person {name}")
    return found[0]
