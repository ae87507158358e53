"""Issued documents: numbered at signing, frozen with their hash, withdrawn and never changed."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.columns import datetime, instant, json, key, reference, words


class DocumentSeries(SQLModel, table=True):
    """A series of numbers of an office, such as its orders or its bulletins, and how a number of it is printed."""

    __tablename__ = "document_series"
    __table_args__ = (UniqueConstraint("office_unit_id", "key", name="uq_document_series"),)

    id: UUID = key()
    office_unit_id: UUID = reference("unit.id", index=False)
    # A key of `domain.documents.SERIES`.
    key: str
    name: str
    # With `{year}` and `{number}`.
    pattern: str
    created_at: datetime = instant()


class DocumentCounter(SQLModel, table=True):
    """The last number of a series in a year. Counted up in the transaction that issues: rolled back, it was not."""

    __tablename__ = "document_counter"

    series_id: UUID = Field(foreign_key="document_series.id", primary_key=True)
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    last: int


class IssuedDocument(SQLModel, table=True):
    """A document as it was signed. Append-only.

    `snapshot` is the exact JSON text that `sha256` is of: template, number, content and the files that go with it.
    Every form of the document is drawn from it and from nothing else.
    """

    __tablename__ = "issued_document"
    __table_args__ = (
        UniqueConstraint("series_id", "year", "number", name="uq_issued_document_number"),
        Index("ix_issued_document_office", "office_unit_id", "issued_at", "id"),
    )

    id: UUID = key()
    office_unit_id: UUID = reference("unit.id", index=False)
    series_id: UUID = reference("document_series.id", index=False)
    year: int
    number: int
    mark: str
    title: str = words()
    template: str
    item_id: UUID | None = reference("item.id", nullable=True)
    # For everybody with a role here, or for the office, the recipients and who sees the item.
    public: bool
    snapshot: str = words()
    sha256: bytes
    issued_on: date
    issued_at: datetime = instant()
    issued_by: UUID | None = reference("person.id", nullable=True, index=False)
    # Names of recipients that are no units here.
    outside: list[str] = json(list)


class DocumentRecipient(SQLModel, table=True):
    """A unit that a document was sent to. Append-only."""

    __tablename__ = "document_recipient"

    document_id: UUID = Field(foreign_key="issued_document.id", primary_key=True)
    unit_id: UUID = Field(foreign_key="unit.id", primary_key=True, index=True)
    # What the unit was called then.
    name: str


class DocumentWithdrawal(SQLModel, table=True):
    """A document that was taken back, with everybody who has it. Append-only."""

    __tablename__ = "document_withdrawal"

    document_id: UUID = Field(foreign_key="issued_document.id", primary_key=True)
    reason: str = words()
    recipients: list[str] = json(list)
    withdrawn_at: datetime = instant()
    withdrawn_by: UUID | None = reference("person.id", nullable=True, index=False)


class DocumentRendering(SQLModel, table=True):
    """A file that was drawn from a document's snapshot, kept as content. Append-only: drawn once, never again."""

    __tablename__ = "document_rendering"

    document_id: UUID = Field(foreign_key="issued_document.id", primary_key=True)
    # A value of `domain.documents.DocumentFormat`.
    format: str = Field(primary_key=True)
    sha256: bytes = Field(foreign_key="blob.sha256", index=True)
    size: int = Field(sa_type=BigInteger)
    rendered_at: datetime = instant()


class EscalationOrder(SQLModel, table=True):
    """The document that a level of the ladder asked for, once it was issued. Append-only.

    The first four columns are those of `escalation`, whose rows they name: one for each person who was told.
    """

    __tablename__ = "escalation_order"

    subject_id: UUID = Field(primary_key=True)
    epoch: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    level: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    occurrence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    document_id: UUID = reference("issued_document.id")
