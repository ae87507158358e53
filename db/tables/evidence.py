"""Evidence: files stored once by content, their use in items, upload sessions, and expunging by two persons."""

from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from db.columns import datetime, instant, key, reference, words


class Blob(SQLModel, table=True):
    """Content by its sha256. A tombstone (`expunged_at`) keeps the hash after the bytes are gone.

    `text_read` is false where no classification mark could be seen: pictures and scans, where a person has to look.
    """

    __tablename__ = "blob"

    sha256: bytes = Field(primary_key=True)
    size: int = Field(sa_type=BigInteger)
    media_type: str
    text_read: bool
    stored_at: datetime = instant()
    expunged_at: datetime | None = instant(nullable=True)


class UploadSession(SQLModel, table=True):
    """A chunked upload that can be resumed. How much of it has arrived is what is on disk, and nowhere else."""

    __tablename__ = "upload_session"

    id: UUID = key()
    person_id: UUID = reference("person.id")
    item_id: UUID = reference("item.id", index=False)
    unit_id: UUID = reference("unit.id", index=False)
    name: str = words()
    size: int = Field(sa_type=BigInteger)
    declared_sha256: bytes | None = None
    classification: str | None = None
    created_at: datetime = instant()
    expires_at: datetime = instant(index=True)
    finished_at: datetime | None = instant(nullable=True)
    evidence_id: UUID | None = None


class Evidence(SQLModel, table=True):
    """One piece of evidence of an item: a file, or the reference of a paper that must not be here."""

    __tablename__ = "evidence"

    id: UUID = key()
    item_id: UUID = reference("item.id")
    work_item_id: UUID | None = reference("work_item.id", nullable=True)
    kind: str
    name: str = words()
    proves: str = words()
    blob_sha256: bytes | None = Field(default=None, foreign_key="blob.sha256", index=True)
    paper_number: str | None = None
    paper_place: str | None = None
    classification: str | None = None
    added_by: UUID = reference("person.id", index=False)
    unit_id: UUID = reference("unit.id", index=False)
    added_at: datetime = instant()


class ExpungeRequest(SQLModel, table=True):
    """A file that must not be here: one person asks with a reason, another one agrees, the bytes go."""

    __tablename__ = "expunge_request"
    __table_args__ = (
        Index("uq_expunge_request_open", "evidence_id", unique=True, postgresql_where=sql("decided_at IS NULL")),
    )

    id: UUID = key()
    evidence_id: UUID = reference("evidence.id")
    reason: str = words()
    requested_by: UUID = reference("person.id", index=False)
    requested_at: datetime = instant()
    decided_by: UUID | None = reference("person.id", nullable=True, index=False)
    decided_at: datetime | None = instant(nullable=True)
    approved: bool | None = None
    note: str | None = words(nullable=True)
