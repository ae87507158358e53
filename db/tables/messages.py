"""Messages to people, what was sent of them over which channel, and how people want to be told."""

from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from db.columns import binary, datetime, instant, json, key, reference, serial, words


class Message(SQLModel, table=True):
    """One thing told to one person, in their inbox from the moment it was handed over.

    `facts` is what was true then: number and text of the item, the step, the limit. `collect_at` is when it goes into
    a digest, and null when it was sent by itself or has been collected.
    """

    __tablename__ = "message"
    __table_args__ = (
        # The row of `delivery` is gone by then; its number stays, so that one event tells a person once.
        UniqueConstraint("delivery_id", "recipient_id"),
        Index("ix_message_inbox", "recipient_id", "created_at", "id"),
        Index("ix_message_unread", "recipient_id", postgresql_where=sql("read_at IS NULL")),
        Index("ix_message_collect_at", "collect_at", postgresql_where=sql("collect_at IS NOT NULL")),
        Index("ix_message_subject", "subject_id"),
    )

    id: UUID = key()
    delivery_id: int = Field(sa_type=BigInteger)
    recipient_id: UUID = reference("person.id", index=False)
    unit_id: UUID | None = None
    office_unit_id: UUID | None = None
    topic: str
    # `work_item`, `item`, `escalation`, `person`, `document` or `round`.
    subject_kind: str
    subject_id: UUID
    item_id: UUID | None = None
    facts: dict[str, object] = json()
    created_at: datetime = instant()
    read_at: datetime | None = instant(nullable=True)
    collect_at: datetime | None = instant(nullable=True)


class Sending(SQLModel, table=True):
    """Messages on their way to one address over one channel: usually one message, a digest has many.

    `state` is a value of `domain.delivery.SendingState`. `reference` is the stable part of the Message-ID; it is the
    same in every attempt, so that who gets a mail twice sees that it is one. `claimed_until` is how long a worker has
    for the attempt under way; it is set before anything is sent.
    """

    __tablename__ = "sending"
    __table_args__ = (
        Index("ix_sending_due", "next_try_at", postgresql_where=sql("state IN ('queued', 'deferred')")),
        Index("ix_sending_log", "created_at", "id"),
        Index("ix_sending_dead", "office_unit_id", "created_at", postgresql_where=sql("state = 'dead'")),
    )

    id: UUID = key()
    channel: str
    address: str
    endpoint_id: UUID | None = reference("channel_endpoint.id", nullable=True)
    recipient_id: UUID | None = reference("person.id", nullable=True)
    unit_id: UUID | None = None
    office_unit_id: UUID | None = None
    topic: str
    digest: bool = False
    state: str
    attempts: int = 0
    next_try_at: datetime = instant()
    claimed_until: datetime | None = instant(nullable=True)
    message_id: str | None = None
    last_answer: str | None = words(nullable=True)
    created_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)


class SendingMessage(SQLModel, table=True):
    """Which messages a sending carries."""

    __tablename__ = "sending_message"

    sending_id: UUID = Field(foreign_key="sending.id", primary_key=True)
    message_id: UUID = Field(foreign_key="message.id", primary_key=True, index=True)


class SendingAttempt(SQLModel, table=True):
    """The delivery log: what was sent to whom, when, and what the other side answered. Append-only.

    `number` counts from 1. A number that is missing is an attempt whose process died before it could say how it ended.
    """

    __tablename__ = "sending_attempt"

    id: int | None = serial()
    sending_id: UUID = reference("sending.id")
    number: int
    started_at: datetime = instant()
    ended_at: datetime = instant()
    channel: str
    address: str
    message_id: str
    # `accepted`, `temporary` or `permanent`.
    outcome: str
    answer: str = words()


class ChannelEndpoint(SQLModel, table=True):
    """A webhook, a group robot or an HTTP gateway of one unit, or of one person. `unit_id` is null for a gateway that
    serves every unit; `secret` is sealed with the installation's key and shown to nobody again.
    """

    __tablename__ = "channel_endpoint"

    id: UUID = key()
    kind: str
    name: str
    url: str
    unit_id: UUID | None = reference("unit.id", nullable=True)
    person_id: UUID | None = reference("person.id", nullable=True)
    secret: bytes | None = binary(nullable=True)
    # Which topics it is told; empty for all.
    topics: list[str] = json(list)
    # Of an HTTP gateway: the request's body with placeholders, its content type and its headers.
    options: dict[str, object] = json()
    enabled: bool = True
    created_at: datetime = instant()
    created_by: UUID | None = None
    tested_at: datetime | None = instant(nullable=True)
    version: int = 1


class MessagePreference(SQLModel, table=True):
    """How one person wants to be told. Without a row the defaults of `domain.delivery.Preference` hold."""

    __tablename__ = "message_preference"

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    mail: bool = True
    digest: str
    digest_hour: int
    changed_at: datetime = instant()


class CalendarFeed(SQLModel, table=True):
    """A secret address where a person's calendar program reads the limits of their units. Only its hash is kept."""

    __tablename__ = "calendar_feed"

    token_hash: bytes = Field(primary_key=True)
    person_id: UUID = reference("person.id")
    created_at: datetime = instant()
    last_read_at: datetime | None = instant(nullable=True)
    revoked_at: datetime | None = instant(nullable=True)
