"""What a person sees of their own account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from db.tables import ApiToken, Person, Unit, UnitMember, UserSession
from domain.calendar import local_date
from domain.permissions import GRANTS, Actor, Role
from services.accounts import public_id
from services.sign_in import SessionPolicy, held_on


@dataclass(frozen=True, slots=True)
class HeldRole:
    """One role in one unit, held today."""

    unit_id: UUID
    unit: str
    role: Role
    deputy: bool


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
        select(UnitMember.unit_id, Unit.short_name, UnitMember.role, UnitMember.deputy)
        .join(Unit, col(Unit.id) == col(UnitMember.unit_id))
        .where(UnitMember.person_id == person_id, held_on(local_date(now)))
        .order_by(col(Unit.sort_order), col(Unit.id), col(UnitMember.role))
    )
    roles = tuple(HeldRole(unit_id, unit, Role(role), deputy) for unit_id, unit, role, deputy in rows)
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


def own_tokens(session: Session, actor: Actor) -> Sequence[ApiToken]:
    """The person's tokens, revoked and expired ones too, the newest first."""
    return session.exec(
        select(ApiToken)
        .where(ApiToken.person_id == actor.id)
        .order_by(col(ApiToken.created_at).desc(), col(ApiToken.id))
    ).all()
