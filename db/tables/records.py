"""What proves and what travels: audit entries with their seals, idempotency keys, deliveries."""

from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from db.columns import binary, datetime, instant, json, json_or_null, serial


class AuditEntry(SQLModel, table=True):
    """One executed or refused command. Append-only; chained by the sealer, not in the step's transaction."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject_id", postgresql_using="hash"),)

    id: int | None = serial()
    at: datetime = instant()
    actor_id: UUID | None = None
    # Only of actors that are no person.
    actor_kind: str | None = None
    unit_id: UUID | None = None
    command: str
    subject_id: UUID | None = None
    payload: dict[str, object] | None = json_or_null()
    error_code: str | None = None
    request_id: str | None = None
    source: str | None = None


class AuditSeal(SQLModel, table=True):
    """The hash that binds one audit entry to all entries before it."""

    __tablename__ = "audit_seal"

    entry_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    sequence: int = Field(unique=True, sa_type=BigInteger)
    digest: bytes = binary()
    sealed_at: datetime = instant()


class IdempotencyKey(SQLModel, table=True):
    """What a request with this key was answered. Also tells whether a commit whose answer was lost took place."""

    __tablename__ = "idempotency_key"

    actor_id: UUID = Field(primary_key=True)
    key: UUID = Field(primary_key=True)
    fingerprint: bytes = binary()
    response: object = json()
    at: datetime = instant(index=True)


class Delivery(SQLModel, table=True):
    """Something to tell somebody, written in the transaction that caused it: there is a message if and only if the
    change was committed. Whoever hands it over takes the row away, and finds the recipients then.
    """

    __tablename__ = "delivery"

    id: int | None = serial()
    created_at: datetime = instant()
    subject_id: UUID
    topic: str
