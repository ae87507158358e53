"""People, their roles in units, and how they sign in."""

from datetime import date
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from db.columns import binary, datetime, instant, key, reference, words


class Person(SQLModel, table=True):
    """A natural person. `login` and `password_hash` are the account; a person without a login cannot sign in."""

    __tablename__ = "person"

    id: UUID = key()
    name: str
    post: str = ""
    phone: str = ""
    email: str = ""
    login: str | None = Field(default=None, unique=True)
    password_hash: str | None = words(nullable=True)
    password_changed_at: datetime | None = instant(nullable=True)
    failed_attempts: int = 0
    locked_until: datetime | None = instant(nullable=True)
    disabled_at: datetime | None = instant(nullable=True)
    created_at: datetime = instant()


class UnitMember(SQLModel, table=True):
    """One role of a person in a unit. `valid_to` is the last day, by the local calendar."""

    __tablename__ = "unit_member"
    __table_args__ = (Index("ix_unit_member_unit_role", "unit_id", "role"),)

    id: UUID = key()
    person_id: UUID = reference("person.id")
    unit_id: UUID = reference("unit.id", index=False)
    role: str
    deputy: bool = False
    valid_from: date
    valid_to: date | None = None


class SignInLink(SQLModel, table=True):
    """A one-time link for the first sign-in or a reset. Only the hash of its token is stored."""

    __tablename__ = "sign_in_link"

    token_hash: bytes = Field(primary_key=True)
    person_id: UUID = reference("person.id")
    purpose: str
    created_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = instant(nullable=True)


class UserSession(SQLModel, table=True):
    """A signed-in browser. The cookie holds the token; the table its hash."""

    __tablename__ = "user_session"

    token_hash: bytes = Field(primary_key=True)
    person_id: UUID = reference("person.id")
    csrf_token: str
    created_at: datetime = instant()
    last_seen_at: datetime = instant()
    expires_at: datetime = instant()
    source: str = ""


class ApiToken(SQLModel, table=True):
    """A personal bearer token. Shown once when made; the table holds its hash."""

    __tablename__ = "api_token"

    id: UUID = key()
    token_hash: bytes = binary()
    person_id: UUID = reference("person.id")
    name: str
    created_at: datetime = instant()
    expires_at: datetime = instant()
    last_used_at: datetime | None = instant(nullable=True)
    revoked_at: datetime | None = instant(nullable=True)

    __table_args__ = (Index("uq_api_token_token_hash", "token_hash", unique=True),)


class Absence(SQLModel, table=True):
    """Days on which a person is away, both counted, by the local calendar. `substitute_id` is who stands in.

    One that is called off stays, with when and by whom; one that ends early has an earlier `last_day`.
    """

    __tablename__ = "absence"
    __table_args__ = (Index("ix_absence_person", "person_id", "last_day"),)

    id: UUID = key()
    person_id: UUID = reference("person.id", index=False)
    first_day: date
    last_day: date
    substitute_id: UUID | None = reference("person.id", nullable=True)
    recorded_by: UUID = reference("person.id", index=False)
    recorded_at: datetime = instant()
    cancelled_by: UUID | None = reference("person.id", nullable=True, index=False)
    cancelled_at: datetime | None = instant(nullable=True)
