"""Bulletins: what each is and became, its frozen data, its text in versions, who gets it, what units contributed."""

from datetime import date
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from db.columns import binary, datetime, instant, json, key, reference, words


class Bulletin(SQLModel, table=True):
    """One bulletin, a matter. `kind` is a `domain.bulletins.BulletinKind`, `secrecy` a `Circulation`.

    It tells the time from `from_on` to `as_of`, both local days. `month` (YYYY-MM) is set for the one that is made by
    itself: one per office and month. `corrects_id` is the issued one that this one corrects. `document_id` is set at
    the signing and never changed; `delivery_item_id` is the matter in which its recipients sign for it.
    """

    __tablename__ = "bulletin"
    __table_args__ = (
        Index("uq_bulletin_month", "office_unit_id", "month", unique=True, postgresql_where=sql("month IS NOT NULL")),
        Index("ix_bulletin_office", "office_unit_id", "as_of"),
    )

    item_id: UUID = Field(primary_key=True, foreign_key="item.id")
    office_unit_id: UUID = reference("unit.id", index=False)
    kind: str
    secrecy: str
    from_on: date
    as_of: date
    month: str | None = None
    corrects_id: UUID | None = reference("bulletin.item_id", nullable=True)
    document_id: UUID | None = None
    text_version: int = 0
    delivery_item_id: UUID | None = reference("item.id", nullable=True)
    opened_at: datetime = instant()
    issued_at: datetime | None = instant(nullable=True)
    issued_by: UUID | None = None
    withdrawn_at: datetime | None = instant(nullable=True)
    withdrawn_by: UUID | None = None
    withdrawn_because: str | None = words(nullable=True)


class BulletinSnapshot(SQLModel, table=True):
    """The data of a bulletin as of its day, frozen when it was opened. Append-only: other data are another one."""

    __tablename__ = "bulletin_snapshot"

    item_id: UUID = Field(primary_key=True, foreign_key="bulletin.item_id")
    taken_at: datetime = instant()
    sha256: bytes = binary()
    content: dict[str, object] = json()


class BulletinText(SQLModel, table=True):
    """A version of a bulletin's text: the first is drafted from the snapshot, the others a person saved. Append-only.

    `sections` are {heading, paragraphs}; `note` is the editor's own word before them.
    """

    __tablename__ = "bulletin_text"

    item_id: UUID = Field(primary_key=True, foreign_key="bulletin.item_id")
    version: int = Field(primary_key=True)
    title: str = words()
    note: str = words()
    sections: list[dict[str, object]] = json(list)
    saved_by: UUID | None = None
    saved_at: datetime = instant()


class BulletinRecipient(SQLModel, table=True):
    """Who gets a bulletin, `manner` (`domain.bulletins.Manner`): a unit, which signs for it in the system, or somebody
    outside by name, to whom it goes on paper. `sent_on` and `receipt` are recorded for those outside.
    """

    __tablename__ = "bulletin_recipient"
    __table_args__ = (UniqueConstraint("item_id", "name"),)

    id: UUID = key()
    item_id: UUID = reference("bulletin.item_id", index=False)
    position: int
    manner: str
    unit_id: UUID | None = reference("unit.id", nullable=True, index=False)
    name: str
    sent_on: date | None = None
    receipt: str | None = words(nullable=True)
    recorded_by: UUID | None = None
    recorded_at: datetime | None = instant(nullable=True)


class BulletinContribution(SQLModel, table=True):
    """What a unit sent for the office's bulletins. `used_in_id` is the bulletin that took it up."""

    __tablename__ = "bulletin_contribution"
    __table_args__ = (Index("ix_bulletin_contribution_office", "office_unit_id", "sent_at"),)

    id: UUID = key()
    office_unit_id: UUID = reference("unit.id", index=False)
    unit_id: UUID = reference("unit.id")
    about_item_id: UUID | None = reference("item.id", nullable=True, index=False)
    title: str = words()
    text: str = words()
    sent_by: UUID | None = None
    sent_at: datetime = instant()
    used_in_id: UUID | None = reference("bulletin.item_id", nullable=True)
    used_at: datetime | None = instant(nullable=True)
