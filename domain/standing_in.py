"""Who receives what is addressed to a role of a unit: whoever holds it today and is there, or who stands in.

A person who left, was disabled or is away receives nothing (`domain.md` P5: gap → deputy, then the unit, then the
office of the conference).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.permissions import Role


class Standing(StrEnum):
    """Why somebody receives: they hold the role, stand in by name, are its deputy, or are the next in the line."""

    HOLDER = "holder"
    SUBSTITUTE = "substitute"
    DEPUTY = "deputy"
    UNIT_LEADER = "unit_leader"
    OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Contact:
    """A person and how to reach them."""

    person_id: UUID
    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives, for which unit and role. `unit_id` is the unit that answers today: the successor of one that was
    merged, or the office where the unit has nobody at all.
    """

    person_id: UUID
    name: str
    unit_id: UUID
    role: Role
    email: str = ""
    phone: str = ""
    standing: Standing = Standing.HOLDER


@dataclass(frozen=True, slots=True)
class Held:
    """One role held today by a person with a usable account. `substitute` is set while they are away, if there is one
    who is there.
    """

    contact: Contact
    role: Role
    deputy: bool = False
    away: bool = False
    substitute: Contact | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """A unit as it stands today: the id of the unit that answers for it, and the roles held there."""

    unit_id: UUID
    held: tuple[Held, ...] = ()


def receivers(desk: Desk, role: Role, office: Desk | None) -> tuple[Recipient, ...]:
    """Who receives what is for `role` of the unit: never nobody while the unit, or the office, has anybody at all.

    The holders who are there, and the named substitutes of those who are not; where there is neither, the deputies;
    then the unit's leader, its office, and last the office of the conference with its head.
    """
    line = [
        _present(desk, role),
        deputies(desk, role),
        *(
            _as(standing, (*_present(unit, next_role), *deputies(unit, next_role)))
            for standing, unit, next_role in (
                (Standing.UNIT_LEADER, desk, Role.UNIT_LEADER),
                (Standing.OFFICE, desk, Role.OFFICE_STAFF),
                (Standing.OFFICE, office, Role.OFFICE_STAFF),
                (Standing.OFFICE, office, Role.UNIT_LEADER),
            )
            if unit is not None
        ),
    ]
    return next((found for found in line if found), ())


def deputies(desk: Desk, role: Role) -> tuple[Recipient, ...]:
    """The deputies of a role who are there."""
    found = [_recipient(desk, h.contact, role, Standing.DEPUTY) for h in _of(desk, role) if h.deputy and not h.away]
    return _once(found)


def _present(desk: Desk, role: Role) -> tuple[Recipient, ...]:
    found = [_recipient(desk, h.contact, role, Standing.HOLDER) for h in _of(desk, role) if not h.deputy and not h.away]
    found += [
        _recipient(desk, h.substitute, role, Standing.SUBSTITUTE)
        for h in _of(desk, role)
        if not h.deputy and h.away and h.substitute is not None
    ]
    return _once(found)


def _of(desk: Desk, role: Role) -> Iterable[Held]:
    return (held for held in desk.held if held.role == role)


def _recipient(desk: Desk, contact: Contact, role: Role, standing: Standing) -> Recipient:
    return Recipient(contact.person_id, contact.name, desk.unit_id, role, contact.email, contact.phone, standing)


def _as(standing: Standing, found: Sequence[Recipient]) -> tuple[Recipient, ...]:
    return _once(Recipient(r.person_id, r.name, r.unit_id, r.role, r.email, r.phone, standing) for r in found)


def _once(found: Iterable[Recipient]) -> tuple[Recipient, ...]:
    """Each person once, where they stand first."""
    by_person: dict[UUID, Recipient] = {}
    for recipient in found:
        by_person.setdefault(recipient.person_id, recipient)
    return tuple(by_person.values())
