"""What a person finds in their inbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_
from sqlalchemy import select as select_rows
from sqlmodel import Session, col, func, select

from db.tables import CalendarFeed, Escalation, Message, MessagePreference
from domain.addresses import message_path
from domain.delivery import Digest, Preference
from domain.errors import NotFound
from domain.ladder import SubjectKind
from domain.notices import notice
from services.occasions import DOCUMENT
from services.queries.page import Key, Order, Page, page_of
from services.queries.reading import Reading


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One message, worded as of now: what is said of the limit changes with the days. `path` is the page on which it
    is answered.
    """

    id: UUID
    topic: str
    title: str
    reason: str
    action: str
    item_id: UUID | None
    work_item_id: UUID | None
    path: str
    number: str
    text: str
    due_at: datetime | None
    days_left: int | None
    left: str
    created_at: datetime
    read_at: datetime | None


_ORDER = Order((col(Message.created_at), col(Message.id)), (datetime, UUID), descending=True)


def inbox(reading: Reading, *, unread_only: bool, limit: int, after: Key | None = None) -> Page[InboxRow]:
    """The messages of the person who asks, the newest first."""
    statement = _messages_of(reading.actor.id)
    if unread_only:
        statement = statement.where(col(Message.read_at).is_(None))
    if after is not None:
        statement = statement.where(_ORDER.after(after))
    rows = reading.session.execute(statement.order_by(*_ORDER.clauses()).limit(limit + 1)).all()
    return page_of([_row(row, step, reading.now) for row, step in rows], limit, lambda row: (row.created_at, row.id))


def path_of_message(reading: Reading, message_id: UUID) -> str:
    """The page on which a message of one's own is answered. Raises NotFound."""
    found = reading.session.execute(_messages_of(reading.actor.id).where(col(Message.id) == message_id)).first()
    if found is None:
        raise NotFound(f"message {message_id}")
    message, step = found
    return _row(message, step, reading.now).path


def _messages_of(person_id: UUID | None) -> Any:
    """The person's messages, each with the step whose ladder sent it."""
    of_step = and_(
        col(Message.subject_kind) == "escalation",
        col(Escalation.id) == col(Message.subject_id),
        col(Escalation.subject_kind) == SubjectKind.WORK_ITEM,
    )
    return (
        select_rows(Message, col(Escalation.subject_id))
        .outerjoin(Escalation, of_step)
        .where(col(Message.recipient_id) == person_id)
    )


def unread_count(session: Session, person_id: UUID | None) -> int:
    """How many messages the person has not read."""
    statement = select(func.count()).select_from(Message)
    return session.exec(statement.where(Message.recipient_id == person_id, col(Message.read_at).is_(None))).one()


def own_preference(session: Session, person_id: UUID | None) -> Preference:
    """How the person wants to be told."""
    row = session.get(MessagePreference, person_id)
    return Preference() if row is None else Preference(row.mail, Digest(row.digest), row.digest_hour)


@dataclass(frozen=True, slots=True)
class FeedState:
    """Whether the person's calendar has an address, since when, and when it was last read."""

    created_at: datetime
    last_read_at: datetime | None


def own_feed(session: Session, person_id: UUID | None) -> FeedState | None:
    """The person's calendar address, if there is one in force."""
    statement = select(CalendarFeed).where(CalendarFeed.person_id == person_id, col(CalendarFeed.revoked_at).is_(None))
    row = session.exec(statement).first()
    return None if row is None else FeedState(row.created_at, row.last_read_at)


def _row(row: Message, asked_step: UUID | None, now: datetime) -> InboxRow:
    work_item_id = row.subject_id if row.subject_kind == SubjectKind.WORK_ITEM else asked_step
    document_id = row.subject_id if row.subject_kind == DOCUMENT else None
    told = notice(row.topic, row.facts, now)
    due_at = row.facts.get("due_at")
    return InboxRow(
        id=row.id,
        topic=row.topic,
        title=told.headline,
        reason=told.reason,
        action=told.action,
        item_id=row.item_id,
        work_item_id=work_item_id,
        path=message_path(work_item_id=work_item_id, item_id=row.item_id, document_id=document_id),
        number=str(row.facts.get("number") or ""),
        text=told.text,
        due_at=None if due_at is None else datetime.fromisoformat(str(due_at)),
        days_left=told.days_left,
        left=told.left,
        created_at=row.created_at,
        read_at=row.read_at,
    )
