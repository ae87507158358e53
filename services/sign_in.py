"""Signing in and out, and who stands behind a session's or a token's secret."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    DateTime,
    LargeBinary,
    Select,
    and_,
    any_,
    bindparam,
    delete,
    func,
    or_,
    update,
)
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from db.tables import Absence, ApiToken, Person, UnitMember, UserSession
from domain.accounts import lock_for
from domain.calendar import local_date
from domain.errors import NotFound, SignInFailed
from domain.permissions import ANONYMOUS, Actor, Membership, Role, with_lent
from services import passwords
from services.executor import Executor, RequestInfo
from services.secrets import digest_of, new_secret
from services.unit_of_work import UnitOfWork

_HOLDER: Any = col(UnitMember.person_id).label("holder")
SEEN_EVERY = timedelta(minutes=1)
"""How exactly a session's last use is known: writing it at each request would make every read a write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPolicy:
    """How long a session lasts at most, and how long without use."""

    lifetime: timedelta = timedelta(hours=12)
    idle: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The actor behind a secret. Of a session it also has the CSRF token that its writes must carry."""

    actor: Actor
    credential: bytes
    csrf_token: str | None = None
    stale: bool = False

    def csrf_matches(self, given: str | None) -> bool:
        """Whether a write may go on: tokens are not sent by browsers on their own, cookies are."""
        if self.csrf_token is None:
            return True
        return given is not None and hmac.compare_digest(given.encode(), self.csrf_token.encode())


def identify_session(session: Session, secret: str, *, now: datetime, policy: SessionPolicy) -> Identity | None:
    """Who signed in with this session, if it still counts."""
    key = digest_of(secret)
    values = {"key": key, "now": now, "today": local_date(now), "last_use": now - policy.idle}
    rows = session.execute(_BY_SESSION, values).all()
    if not rows:
        return None
    stale = rows[0].last_seen_at <= now - SEEN_EVERY
    return Identity(actor=_actor(rows), credential=key, csrf_token=rows[0].csrf_token, stale=stale)


def identify_token(session: Session, secret: str, *, now: datetime) -> Identity | None:
    """Whose personal token this is, if it still counts."""
    key = digest_of(secret)
    rows = session.execute(_BY_TOKEN, {"key": key, "now": now, "today": local_date(now)}).all()
    if not rows:
        return None
    used = rows[0].last_used_at
    return Identity(actor=_actor(rows), credential=key, stale=used is None or used <= now - SEEN_EVERY)


def actor_by_login(session: Session, login: str, *, now: datetime) -> Actor:
    """The person with this login, as the command line's `--as` acts. Raises NotFound, also for a disabled account."""
    today = local_date(now)
    statement = (
        select(Person.id, Person.name, UnitMember.unit_id, UnitMember.role)
        .add_columns(_HOLDER)
        .join(UnitMember, _members(today), isouter=True)
        .where(col(Person.login) == login.strip().lower(), col(Person.disabled_at).is_(None))
    )
    rows = session.execute(statement).all()
    if not rows:
        raise NotFound(f"login {login}")
    return _actor(rows)


def held_on(day: date | BindParameter[date]) -> ColumnElement[bool]:
    """The condition on `unit_member` for a role held on a local date; the last day counts."""
    until = col(UnitMember.valid_to)
    return and_(col(UnitMember.valid_from) <= day, or_(until.is_(None), until >= day))


def _members(today: Any) -> ColumnElement[bool]:
    """The condition on `unit_member` for the roles that a person may act in on a local date: their own, and those of
    who is on leave and named them as substitute. It ends with the leave; what was lent is not lent on.
    """
    away = aliased(Person)
    absent = (
        select(Absence.person_id)
        .join(away, and_(col(away.id) == col(Absence.person_id), col(away.disabled_at).is_(None)))
        .where(
            col(Absence.substitute_id) == col(Person.id),
            col(Absence.cancelled_at).is_(None),
            col(Absence.first_day) <= today,
            col(Absence.last_day) >= today,
        )
        .correlate(Person)
    )
    # As an array the ids are looked up in the index; as two joins, every request would pay for the rare second one.
    whose = func.array_append(func.array(absent.scalar_subquery()), col(Person.id))
    return and_(col(UnitMember.person_id) == any_(whose), held_on(today))


def _with_memberships(chosen: Any, credential: Any) -> Select[Any]:
    """`chosen` columns of a credential, with its person and one row for each role that they may act in today."""
    statement: Select[Any] = (
        chosen.add_columns(Person.id, Person.name, UnitMember.unit_id, UnitMember.role, _HOLDER)
        .join(Person, and_(col(Person.id) == credential.person_id, col(Person.disabled_at).is_(None)))
        .join(UnitMember, _members(bindparam("today", type_=Date)), isouter=True)
        .where(
            credential.token_hash == bindparam("key", type_=LargeBinary),
            credential.expires_at > bindparam("now", type_=DateTime(timezone=True)),
        )
    )
    return statement


# Made once: every request asks one of them, and putting one together takes longer than the answer.
_BY_SESSION = _with_memberships(select(UserSession.csrf_token, UserSession.last_seen_at), UserSession).where(
    col(UserSession.last_seen_at) > bindparam("last_use", type_=DateTime(timezone=True))
)
_BY_TOKEN = _with_memberships(select(ApiToken.last_used_at), ApiToken).where(col(ApiToken.revoked_at).is_(None))


def _actor(rows: Sequence[Any]) -> Actor:
    person_id = rows[0].id
    held = [(Membership(row.unit_id, Role(row.role)), row.holder) for row in rows if row.unit_id is not None]
    own = frozenset(membership for membership, holder in held if holder == person_id)
    lent = with_lent(own, [(membership, holder) for membership, holder in held if holder != person_id])
    return Actor(id=person_id, name=rows[0].name, memberships=own | {membership for membership, _ in lent}, lent=lent)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session. `secret` goes into the cookie and is stored nowhere."""

    person_id: UUID
    secret: str = field(repr=False)
    csrf_token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Login and password become a session. `replaces` is the secret of the session the browser had before.

    Gives None, with the failure counted, when they do not belong together or the account cannot sign in now. Use
    `sign_in`, which turns that into an error after the count is committed.
    """

    login: str
    password: str = field(repr=False, metadata={"audit": False})
    source: str = ""
    policy: SessionPolicy = field(default=SessionPolicy(), metadata={"audit": False})
    replaces: str | None = field(default=None, repr=False, metadata={"audit": False})

    def execute(self, uow: UnitOfWork) -> SignedIn | None:
        """Takes the person's row first, so that guesses made at the same time are counted one after another."""
        uow.authorized = True  # the password is the permission
        person = uow.session.exec(
            select(Person).where(Person.login == self.login.strip().lower()).with_for_update(key_share=True)
        ).one_or_none()
        if person is not None:
            uow.about(person.id)
        stored = person.password_hash if person is not None and _may_try(person, uow.now) else None
        # Unknown, disabled and locked accounts cost the same time as a wrong password.
        correct = passwords.verify_password(stored, self.password)
        if person is None or stored is None or not correct:
            if person is not None and stored is not None:
                count_failure(person, uow.now)
            uow.refusal = SignInFailed.code
            return None
        person.failed_attempts, person.locked_until = 0, None
        if passwords.needs_rehash(stored):
            person.password_hash = passwords.hash_password(self.password)
        if self.replaces is not None:
            uow.session.execute(delete(UserSession).where(col(UserSession.token_hash) == digest_of(self.replaces)))
        return open_session(uow, person, policy=self.policy, source=self.source)


def sign_in(executor: Executor, command: SignIn, request: RequestInfo) -> SignedIn:
    """Run `command` for somebody who is nobody yet. Raises SignInFailed.

    The answer holds a secret, so it is never stored under an idempotency key.
    """
    signed_in = executor.execute(command, actor=ANONYMOUS, request=without_key(request))
    if signed_in is None:
        raise SignInFailed(command.login)
    return signed_in


def without_key(request: RequestInfo) -> RequestInfo:
    """The request for a command whose answer or own fields hold a secret: with an idempotency key the answer would be
    stored, and a fast hash of the fields.
    """
    return RequestInfo(request_id=request.request_id, source=request.source)


def _may_try(person: Person, now: datetime) -> bool:
    return person.disabled_at is None and (person.locked_until is None or person.locked_until <= now)


def count_failure(person: Person, now: datetime) -> None:
    """One more wrong password: from the fifth in a row on the account is locked for a growing while."""
    person.failed_attempts += 1
    lock = lock_for(person.failed_attempts)
    if lock is not None:
        person.locked_until = now + lock


def open_session(uow: UnitOfWork, person: Person, *, policy: SessionPolicy, source: str) -> SignedIn:
    """A new session of a person who proved who they are. Their sessions that have ended are swept away."""
    uow.session.execute(
        delete(UserSession).where(
            col(UserSession.person_id) == person.id,
            or_(col(UserSession.expires_at) <= uow.now, col(UserSession.last_seen_at) <= uow.now - policy.idle),
        )
    )
    secret, csrf_token = new_secret(), new_secret()
    row = UserSession(
        token_hash=digest_of(secret),
        person_id=person.id,
        csrf_token=csrf_token,
        created_at=uow.now,
        last_seen_at=uow.now,
        expires_at=uow.now + policy.lifetime,
        source=source,
    )
    uow.session.add(row)
    return SignedIn(person.id, secret, csrf_token, row.expires_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOut:
    """End the session. One that has ended already is none the worse for it."""

    credential: bytes = field(repr=False, metadata={"audit": False})

    def execute(self, uow: UnitOfWork) -> None:
        """Whoever holds the session may end it."""
        uow.authorized = True
        uow.session.execute(delete(UserSession).where(col(UserSession.token_hash) == self.credential))


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteUse:
    """A session or token was used: the idle time starts again. Nobody decided it, so it is not audited."""

    credential: bytes = field(repr=False)

    def execute(self, uow: UnitOfWork) -> None:
        """Whoever holds the credential uses it."""
        uow.authorized, uow.audited = True, False
        for statement in (
            update(UserSession).where(col(UserSession.token_hash) == self.credential).values(last_seen_at=uow.now),
            update(ApiToken).where(col(ApiToken.token_hash) == self.credential).values(last_used_at=uow.now),
        ):
            uow.session.execute(statement)
