"""Searching the audit record."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy
from sqlmodel import col

from db.tables import AuditEntry, AuditSeal, Person, Unit
from domain.calendar import end_of, start_of
from domain.errors import PermissionDenied
from domain.permissions import Permission, is_allowed
from services.queries.page import Key, Order, Page, page_of
from services.queries.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """What is searched for. Dates are local and inclusive; `refused` asks for attempts that were, or were not."""

    actor_id: UUID | None = None
    subject_id: UUID | None = None
    unit_id: UUID | None = None
    command: str | None = None
    request_id: str | None = None
    refused: bool | None = None
    error_code: str | None = None
    from_day: date | None = None
    to_day: date | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One executed or refused command. `sequence` is its place in the chain; null while it is not sealed."""

    id: int
    at: datetime
    actor_id: UUID | None
    actor: str
    unit_id: UUID | None
    unit: str | None
    command: str
    subject_id: UUID | None
    payload: dict[str, object] | None
    error_code: str | None
    request_id: str | None
    source: str | None
    sequence: int | None


_NEWEST = Order((col(AuditEntry.id),), (int,), descending=True)


def audit_entries(
    reading: Reading, filters: AuditFilter, *, limit: int = 50, after: Key | None = None
) -> Page[AuditRow]:
    """The entries, newest first. Raises PermissionDenied for who does no auditing, InvalidCursor."""
    if not is_allowed(reading.actor, Permission.AUDIT_READ):
        raise PermissionDenied(f"{reading.actor.name} lacks {Permission.AUDIT_READ}")
    equal = {
        col(AuditEntry.actor_id): filters.actor_id,
        col(AuditEntry.subject_id): filters.subject_id,
        col(AuditEntry.unit_id): filters.unit_id,
        col(AuditEntry.command): filters.command,
        col(AuditEntry.request_id): filters.request_id,
        col(AuditEntry.error_code): filters.error_code,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    if filters.refused is not None:
        missing = col(AuditEntry.error_code).is_(None)
        conditions.append(~missing if filters.refused else missing)
    if filters.from_day is not None:
        conditions.append(col(AuditEntry.at) >= start_of(filters.from_day))
    if filters.to_day is not None:
        conditions.append(col(AuditEntry.at) < end_of(filters.to_day))
    if after is not None:
        conditions.append(_NEWEST.after(after))
    statement = (
        sqlalchemy.select(AuditEntry, col(Person.name), col(Unit.short_name), col(AuditSeal.sequence))
        .outerjoin(Person, col(Person.id) == col(AuditEntry.actor_id))
        .outerjoin(Unit, col(Unit.id) == col(AuditEntry.unit_id))
        .outerjoin(AuditSeal, col(AuditSeal.entry_id) == col(AuditEntry.id))
        .where(*conditions)
        .order_by(*_NEWEST.clauses())
        .limit(limit + 1)
    )
    page = page_of(reading.session.execute(statement).all(), limit, lambda row: (row[0].id,))
    return Page(tuple(_row(*row) for row in page.rows), page.next)


def _row(entry: AuditEntry, person: str | None, unit: str | None, sequence: int | None) -> AuditRow:
    assert entry.id is not None
    return AuditRow(
        id=entry.id,
        at=entry.at,
        actor_id=entry.actor_id,
        actor=person or entry.actor_kind or "",
        unit_id=entry.unit_id,
        unit=unit,
        command=entry.command,
        subject_id=entry.subject_id,
        payload=entry.payload,
        error_code=entry.error_code,
        request_id=entry.request_id,
        source=entry.source,
        sequence=sequence,
    )
