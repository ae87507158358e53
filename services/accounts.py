"""Accounts: invited and reset by one-time links, kept by their owners, disabled by an administrator."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, update
from sqlmodel import Session, col, select

from db.tables import ApiToken, Delivery, Person, SignInLink, UnitMember, UserSession
from domain.accounts import check_password
from domain.errors import LinkUnusable, NoAccount, NotFound, OwnAccount, WrongPassword
from domain.permissions import Permission
from services import passwords
from services.secrets import TOKEN_PREFIX, digest_of, new_secret
from services.sign_in import SessionPolicy, SignedIn, held_on, open_session
from services.unit_of_work import UnitOfWork

LINK_LIFETIME = timedelta(days=3)
MAX_TOKEN_DAYS = 366


class LinkPurpose(StrEnum):
    """What a one-time link is for."""

    FIRST_SIGN_IN = "first_sign_in"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """A one-time link. `secret` is shown once and stored nowhere; a newer link takes its place."""

    login: str
    name: str
    purpose: LinkPurpose
    secret: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitePeople:
    """Links for the first sign-in of these logins; with none named, of everybody who holds a role and never had one.

    Somebody who has a password already gets none: that would be a reset.
    """

    logins: tuple[str, ...] = ()

    def execute(self, uow: UnitOfWork) -> tuple[IssuedLink, ...]:
        """In order of login. Raises PermissionDenied, NotFound with the first login that nobody has."""
        uow.require(Permission.ACCOUNT_MANAGE)
        wanted = {login.strip().lower() for login in self.logins}
        condition: ColumnElement[bool]
        if wanted:
            condition = col(Person.login).in_(wanted)
        else:
            held = select(UnitMember.id).where(UnitMember.person_id == col(Person.id), held_on(uow.today))
            condition = col(Person.login).is_not(None) & exists(held)
        people = uow.session.exec(select(Person).where(condition).order_by(col(Person.login))).all()
        missing = wanted - {person.login for person in people}
        if missing:
            raise NotFound(f"login {min(missing)}")
        return tuple(
            _issue(uow, person, LinkPurpose.FIRST_SIGN_IN)
            for person in people
            if person.password_hash is None and person.disabled_at is None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetAccount:
    """A link to set a new password, for somebody who forgot theirs. The old one works until the link is used."""

    login: str

    def execute(self, uow: UnitOfWork) -> IssuedLink:
        """Raises PermissionDenied, NotFound, also for a disabled account."""
        uow.require(Permission.ACCOUNT_MANAGE)
        person = person_by_login(uow.session, self.login)
        if person.disabled_at is not None:
            raise NotFound(f"login {self.login} is disabled")
        person.failed_attempts, person.locked_until = 0, None
        return _issue(uow, person, LinkPurpose.RESET)


def _issue(uow: UnitOfWork, person: Person, purpose: LinkPurpose) -> IssuedLink:
    if person.login is None:
        raise NoAccount(str(person.id), name=person.name)
    _use_up_links(uow, person.id)
    secret = new_secret()
    expires_at = uow.now + LINK_LIFETIME
    uow.session.add(
        SignInLink(
            token_hash=digest_of(secret),
            person_id=person.id,
            purpose=purpose,
            created_at=uow.now,
            expires_at=expires_at,
        )
    )
    uow.session.add(Delivery(topic=f"account_{purpose}", subject_id=person.id, created_at=uow.now))
    uow.about(person.id)
    return IssuedLink(person.login, person.name, purpose, secret, expires_at)


def _use_up_links(uow: UnitOfWork, person_id: UUID) -> None:
    uow.session.execute(
        update(SignInLink)
        .where(col(SignInLink.person_id) == person_id, col(SignInLink.used_at).is_(None))
        .values(used_at=uow.now)
    )


@dataclass(frozen=True, slots=True)
class LinkDescription:
    """Whom a usable link is for. Looking does not use it up: mail programs open links before people do."""

    name: str
    login: str
    purpose: LinkPurpose
    expires_at: datetime


def describe_link(session: Session, secret: str, *, now: datetime) -> LinkDescription:
    """What the link with this secret is for. Raises LinkUnusable."""
    person, link = _usable_link(session, secret, now)
    return LinkDescription(person.name, person.login or "", LinkPurpose(link.purpose), link.expires_at)


def _usable_link(session: Session, secret: str, now: datetime, *, lock: bool = False) -> tuple[Person, SignInLink]:
    statement = select(SignInLink).where(SignInLink.token_hash == digest_of(secret))
    if lock:
        # Two clicks at once: the second waits here and then finds the link used.
        statement = statement.with_for_update()
    link = session.exec(statement).one_or_none()
    if link is None or link.used_at is not None or link.expires_at <= now:
        raise LinkUnusable("unknown, used or expired")
    person = session.get_one(Person, link.person_id)
    if person.disabled_at is not None or person.login is None:
        raise LinkUnusable("of a disabled account")
    return person, link


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemLink:
    """Set a password with a one-time link and be signed in. Whatever was open with the old password ends."""

    secret: str = field(repr=False, metadata={"audit": False})
    password: str = field(repr=False, metadata={"audit": False})
    source: str = ""
    policy: SessionPolicy = field(default=SessionPolicy(), metadata={"audit": False})

    def execute(self, uow: UnitOfWork) -> SignedIn:
        """Raises LinkUnusable, WeakPassword; after the latter the link still works."""
        uow.authorized = True  # the link is the permission
        person, link = _usable_link(uow.session, self.secret, uow.now, lock=True)
        uow.about(person.id)
        _set_password(uow, person, self.password)
        link.used_at = uow.now
        _end_access(uow, person.id)
        return open_session(uow, person, policy=self.policy, source=self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword:
    """A person replaces their password. Their other sessions end; the one they work with stays."""

    current: str = field(repr=False, metadata={"audit": False})
    new: str = field(repr=False, metadata={"audit": False})
    keep: bytes = field(repr=False, metadata={"audit": False})

    def execute(self, uow: UnitOfWork) -> None:
        """Raises WrongPassword, WeakPassword."""
        uow.require(Permission.ACCOUNT_SELF)
        person = _own_row(uow)
        if not passwords.verify_password(person.password_hash, self.current):
            raise WrongPassword(person.login or "")
        _set_password(uow, person, self.new)
        uow.session.execute(
            delete(UserSession).where(col(UserSession.person_id) == person.id, col(UserSession.token_hash) != self.keep)
        )


def _set_password(uow: UnitOfWork, person: Person, password: str) -> None:
    about = (person.login or "", person.name, person.phone, person.email.partition("@")[0])
    check_password(password, about=about)
    person.password_hash = passwords.hash_password(password)
    person.password_changed_at = uow.now
    person.failed_attempts, person.locked_until = 0, None


def _own_row(uow: UnitOfWork) -> Person:
    if uow.actor.id is None:
        raise NotFound("only people have accounts")
    uow.about(uow.actor.id)
    return uow.lock(Person, uow.actor.id)


def _end_access(uow: UnitOfWork, person_id: UUID) -> None:
    """End everything by which the person is signed in now."""
    uow.session.execute(delete(UserSession).where(col(UserSession.person_id) == person_id))
    uow.session.execute(
        update(ApiToken)
        .where(col(ApiToken.person_id) == person_id, col(ApiToken.revoked_at).is_(None))
        .values(revoked_at=uow.now)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableAccount:
    """Shut a person out at once: sessions, tokens and links end. Their past work keeps their name."""

    login: str

    def execute(self, uow: UnitOfWork) -> None:
        """Raises PermissionDenied, NotFound, OwnAccount."""
        uow.require(Permission.ACCOUNT_MANAGE)
        person = person_by_login(uow.session, self.login)
        uow.about(person.id)
        if person.id == uow.actor.id:
            raise OwnAccount(self.login)
        person.disabled_at = person.disabled_at or uow.now
        _end_access(uow, person.id)
        _use_up_links(uow, person.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableAccount:
    """Let a disabled person in again, with the password they had."""

    login: str

    def execute(self, uow: UnitOfWork) -> None:
        """Raises PermissionDenied, NotFound."""
        uow.require(Permission.ACCOUNT_MANAGE)
        person = person_by_login(uow.session, self.login)
        uow.about(person.id)
        person.disabled_at = None
        person.failed_attempts, person.locked_until = 0, None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSessionOf:
    """Sign somebody out of one of their browsers: it was left open, or is not theirs."""

    login: str
    session_id: str

    def execute(self, uow: UnitOfWork) -> None:
        """Raises PermissionDenied, NotFound for a session that ended already."""
        uow.require(Permission.ACCOUNT_MANAGE)
        person = person_by_login(uow.session, self.login)
        uow.about(person.id)
        for row in uow.session.exec(select(UserSession).where(UserSession.person_id == person.id)):
            if public_id(row.token_hash) == self.session_id:
                uow.session.delete(row)
                return
        raise NotFound(f"session {self.session_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockAccount:
    """Let somebody try again at once who was locked out after wrong passwords. Their password stays as it is."""

    login: str

    def execute(self, uow: UnitOfWork) -> None:
        """Raises PermissionDenied, NotFound. Nothing happens to an account that is not locked."""
        uow.require(Permission.ACCOUNT_MANAGE)
        person = person_by_login(uow.session, self.login)
        uow.about(person.id)
        person.failed_attempts, person.locked_until = 0, None


def person_by_login(session: Session, login: str) -> Person:
    """The person with this login, for an administrator. Raises NotFound."""
    person = session.exec(select(Person).where(Person.login == login.strip().lower()).with_for_update()).one_or_none()
    if person is None:
        raise NotFound(f"login {login}")
    return person


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A personal token. `secret` is shown once and stored nowhere."""

    id: UUID
    name: str
    secret: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateToken:
    """A token with which a person's own programs act for them. `days` is how long it lasts."""

    name: str
    days: int = 90

    def execute(self, uow: UnitOfWork) -> IssuedToken:
        """Raises PermissionDenied. Days beyond `MAX_TOKEN_DAYS` are cut to it."""
        uow.require(Permission.ACCOUNT_SELF)
        person = _own_row(uow)
        secret = new_secret(TOKEN_PREFIX)
        token = ApiToken(
            token_hash=digest_of(secret),
            person_id=person.id,
            name=self.name,
            created_at=uow.now,
            expires_at=uow.now + timedelta(days=min(self.days, MAX_TOKEN_DAYS)),
        )
        uow.session.add(token)
        return IssuedToken(token.id, token.name, secret, token.expires_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeToken:
    """A person ends one of their tokens."""

    token_id: UUID

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound for a token of somebody else. Revoking twice is no error."""
        uow.require(Permission.ACCOUNT_SELF)
        person = _own_row(uow)
        token = uow.session.get(ApiToken, self.token_id)
        if token is None or token.person_id != person.id:
            raise NotFound(f"token {self.token_id}")
        token.revoked_at = token.revoked_at or uow.now


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSession:
    """A person ends one of their sessions, such as one forgotten on another machine."""

    session_id: str

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound for a session of somebody else."""
        uow.require(Permission.ACCOUNT_SELF)
        person = _own_row(uow)
        for row in uow.session.exec(select(UserSession).where(UserSession.person_id == person.id)):
            if public_id(row.token_hash) == self.session_id:
                uow.session.delete(row)
                return
        raise NotFound(f"session {self.session_id}")


def public_id(credential: bytes) -> str:
    """A name for a session: part of the hash of its secret, of no use to anybody else."""
    return credential.hex()[:16]
