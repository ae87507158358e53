"""What a person sees of their own account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy
from sqlmodel import Session, col, select

from db.tables import ApiToken, Person, Unit, UnitMember, UserSession
from domain.calendar import local_date
from domain.errors import PermissionDenied
from domain.permissions import GRANTS, Actor, Permission, Role, is_allowed
from domain.units import UnitKind
from services.accounts import public_id
from services.sign_in import SessionPolicy, held_on

SHOWN = 500
"""Sessions or locks of one answer."""


@dataclass(frozen=True, slots=True)
class HeldRole:
    """One role in one unit, held today; `of_office`: the unit is an office, which runs lists."""

    unit_id: UUID
    unit: str
    role: Role
    deputy: bool
    of_office: bool = False


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """Who is signed in, and what they may do somewhere."""

    id: UUID
    name: str
    login: str
    post: str
    phone: str
    email: str
    password_changed_at: datetime | None
    roles: tuple[HeldRole, ...]
    permissions: tuple[str, ...]


def own_account(session: Session, person_id: UUID, *, now: datetime) -> OwnAccount:
    """The account of a person who is signed in."""
    person = session.get_one(Person, person_id)
    rows = session.execute(
        sqlalchemy.select(
            *(
                col(UnitMember.unit_id),
                col(Unit.short_name),
                col(UnitMember.role),
                col(UnitMember.deputy),
                col(Unit.kind),
            )
        )
        .join(Unit, col(Unit.id) == col(UnitMember.unit_id))
        .where(col(UnitMember.person_id) == person_id, held_on(local_date(now)))
        .order_by(col(Unit.sort_order), col(Unit.id), col(UnitMember.role))
    )
    roles = tuple(
        HeldRole(unit_id, unit, Role(role), deputy, of_office=kind == UnitKind.OFFICE)
        for unit_id, unit, role, deputy, kind in rows
    )
    return OwnAccount(
        id=person.id,
        name=person.name,
        login=person.login or "",
        post=person.post,
        phone=person.phone,
        email=person.email,
        password_changed_at=person.password_changed_at,
        roles=roles,
        permissions=tuple(sorted({permission for held in roles for permission in GRANTS[held.role]})),
    )


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser in which the person is signed in. `current` is the one that asks."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    source: str
    current: bool


def own_sessions(
    session: Session, actor: Actor, *, now: datetime, policy: SessionPolicy, current: bytes
) -> list[OpenSession]:
    """The sessions that still count, the last used first."""
    rows = session.exec(
        select(UserSession)
        .where(
            UserSession.person_id == actor.id,
            col(UserSession.expires_at) > now,
            col(UserSession.last_seen_at) > now - policy.idle,
        )
        .order_by(col(UserSession.last_seen_at).desc(), col(UserSession.token_hash))
    )
    return [
        OpenSession(
            public_id(row.token_hash),
            row.created_at,
            row.last_seen_at,
            row.expires_at,
            row.source,
            row.token_hash == current,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class SessionOf:
    """A browser in which somebody is signed in, for the security administrator. `own` is one of the visitor's."""

    id: str
    login: str
    name: str
    created_at: datetime
    last_seen_at: datetime
    source: str
    own: bool


@dataclass(frozen=True, slots=True)
class LockedAccount:
    """An account that is locked after wrong passwords, and until when."""

    login: str
    name: str
    failed_attempts: int
    locked_until: datetime


def open_sessions(session: Session, actor: Actor, *, now: datetime, policy: SessionPolicy) -> list[SessionOf]:
    """Everybody's sessions that still count, the last used first. Raises PermissionDenied."""
    _require_keeper(actor)
    rows = session.exec(
        select(UserSession, Person)
        .join(Person, col(Person.id) == col(UserSession.person_id))
        .where(col(UserSession.expires_at) > now, col(UserSession.last_seen_at) > now - policy.idle)
        .order_by(col(UserSession.last_seen_at).desc(), col(UserSession.token_hash))
        .limit(SHOWN)
    )
    return [
        SessionOf(
            public_id(row.token_hash),
            person.login or "",
            person.name,
            row.created_at,
            row.last_seen_at,
            row.source,
            person.id == actor.id,
        )
        for row, person in rows
    ]


def locked_accounts(session: Session, actor: Actor, *, now: datetime) -> list[LockedAccount]:
    """Who may not sign in at the moment after wrong passwords, the longest first. Raises PermissionDenied."""
    _require_keeper(actor)
    statement = select(Person).where(col(Person.locked_until) > now).order_by(col(Person.locked_until).desc())
    return [
        LockedAccount(person.login or "", person.name, person.failed_attempts, person.locked_until)
        for person in session.exec(statement.limit(SHOWN))
        if person.locked_until is not None
    ]


def _require_keeper(actor: Actor) -> None:
    if not is_allowed(actor, Permission.ACCOUNT_MANAGE):
        raise PermissionDenied(f"{actor.name} lacks {Permission.ACCOUNT_MANAGE}")


def own_tokens(session: Session, actor: Actor) -> Sequence[ApiToken]:
    """The person's tokens, revoked and expired ones too, the newest first."""
    return session.exec(
        select(ApiToken)
        .where(ApiToken.person_id == actor.id)
        .order_by(col(ApiToken.created_at).desc(), col(ApiToken.id))
    ).all()
