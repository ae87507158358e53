"""Batches of 复制推广: those that were issued are for everybody who works here, drafts for their office."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import ColumnElement, or_
from sqlmodel import col, func, select

from db.tables import (
    Item,
    KnownReplication,
    Person,
    ReplicationBatch,
    ReplicationBatchEntry,
    ReplicationCase,
    ReplicationLikeness,
)
from domain.errors import NotFound
from domain.permissions import BUSINESS
from services.queries.reading import Reading
from services.replication_columns import batch_columns
from services.visibility import OFFICE_ROLES


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch in the list."""

    id: UUID
    number: int
    title: str
    cases: int
    drafted_by: str
    drafted_at: datetime
    issued_at: datetime | None
    document_id: UUID | None
    version: int


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """One row in its four columns: as it was issued, or as it would be issued today. `alike` are open questions."""

    case_id: UUID
    position: int
    title: str
    content: str
    range_text: str
    responsible_text: str
    alike: int


@dataclass(frozen=True, slots=True)
class BatchDetail:
    """A batch with its rows."""

    row: BatchRow
    entries: tuple[BatchEntry, ...]


@dataclass(frozen=True, slots=True)
class KnownRow:
    """A row of an earlier list that new cases are compared with."""

    id: UUID
    source: str
    national: bool
    position: int
    title: str
    range_text: str
    responsible_text: str


def _seen(reading: Reading) -> ColumnElement[bool]:
    own = col(ReplicationBatch.office_unit_id).in_(reading.actor.units_as(*OFFICE_ROLES))
    if not reading.actor.units_as(*BUSINESS):
        return own
    return or_(own, col(ReplicationBatch.issued_at).is_not(None))


def _statement(reading: Reading) -> Any:
    counted = (
        select(func.count())
        .select_from(ReplicationBatchEntry)
        .where(ReplicationBatchEntry.batch_id == ReplicationBatch.id)
        .correlate(ReplicationBatch)
        .scalar_subquery()
    )
    return (
        sqlalchemy.select(ReplicationBatch, col(Person.name), counted)
        .join(Person, col(Person.id) == col(ReplicationBatch.drafted_by))
        .where(_seen(reading))
    )


def _row(batch: ReplicationBatch, drafted_by: str, count: int) -> BatchRow:
    return BatchRow(
        id=batch.id,
        number=batch.number,
        title=batch.title,
        cases=count,
        drafted_by=drafted_by,
        drafted_at=batch.drafted_at,
        issued_at=batch.issued_at,
        document_id=batch.document_id,
        version=batch.version,
    )


def batches(reading: Reading) -> tuple[BatchRow, ...]:
    """The batches that the actor sees, the newest first. There are two a year."""
    found = reading.session.execute(_statement(reading).order_by(col(ReplicationBatch.number).desc()))
    return tuple(_row(*row) for row in found)


def batch_detail(reading: Reading, batch_id: UUID) -> BatchDetail:
    """One batch with its four columns. Raises NotFound."""
    found = reading.session.execute(_statement(reading).where(col(ReplicationBatch.id) == batch_id)).one_or_none()
    if found is None:
        raise NotFound(f"batch {batch_id}")
    questions = (
        select(func.count())
        .select_from(ReplicationLikeness)
        .where(ReplicationLikeness.item_id == ReplicationBatchEntry.item_id, col(ReplicationLikeness.same).is_(None))
        .correlate(ReplicationBatchEntry)
        .scalar_subquery()
    )
    rows = reading.session.execute(
        sqlalchemy.select(ReplicationBatchEntry, Item, ReplicationCase, questions)
        .join(Item, col(Item.id) == col(ReplicationBatchEntry.item_id))
        .join(ReplicationCase, col(ReplicationCase.item_id) == col(Item.id))
        .where(col(ReplicationBatchEntry.batch_id) == batch_id)
        .order_by(col(ReplicationBatchEntry.position))
    )
    return BatchDetail(_row(*found), tuple(_entry(reading, *row) for row in rows))


def _entry(
    reading: Reading, entry: ReplicationBatchEntry, item: Item, case: ReplicationCase, questions: int
) -> BatchEntry:
    if entry.content is not None:
        columns = (entry.title or "", entry.content, entry.range_text or "", entry.responsible_text or "")
    else:
        fresh = batch_columns(reading.session, item, case)
        columns = (fresh.title, fresh.content, fresh.range_text, fresh.responsible_text)
    return BatchEntry(entry.item_id, entry.position, *columns, alike=questions)


def known_rows(reading: Reading) -> tuple[KnownRow, ...]:
    """What the actor's office compares new cases with."""
    rows = reading.session.exec(
        select(KnownReplication)
        .where(col(KnownReplication.office_unit_id).in_(reading.actor.units_as(*OFFICE_ROLES)))
        .order_by(col(KnownReplication.imported_at), col(KnownReplication.source), col(KnownReplication.position))
    )
    return tuple(
        KnownRow(
            id=row.id,
            source=row.source,
            national=row.national,
            position=row.position,
            title=row.title,
            range_text=row.range_text,
            responsible_text=row.responsible_text,
        )
        for row in rows
    )
