"""Finding by the first characters of an id, as a console prints them: among what the actor sees, and only if unique."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, select
from sqlmodel import Session, col

from db.tables import IssuedDocument, Item, ProgressRound, TaskList, WorkItem
from domain.errors import AmbiguousReference, NotFound
from services.queries.documents import visible_documents
from services.queries.reading import Reading
from services.visibility import visible_items, visible_lists

SHORTEST = 4
SHOWN = 8
"""Characters of an id that tables print."""


def item_called(reading: Reading, reference: str) -> UUID:
    """The item whose id starts so. Raises NotFound, AmbiguousReference."""
    return one_called(
        reading.session, select(col(Item.id)).where(visible_items(reading.actor)), col(Item.id), reference
    )


def round_called(reading: Reading, item_id: UUID, period: str) -> UUID:
    """The round of an item that the actor sees, by its period such as 2026-09. Raises NotFound."""
    statement = select(col(ProgressRound.id)).where(
        col(ProgressRound.item_id) == item_id, col(ProgressRound.period) == period
    )
    found = reading.session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound(f"round {period} of item {item_id}")
    return found


def list_called(reading: Reading, reference: str) -> UUID:
    """The list whose id starts so. Raises NotFound, AmbiguousReference."""
    return one_called(
        reading.session, select(col(TaskList.id)).where(visible_lists(reading.actor)), col(TaskList.id), reference
    )


def any_list_called(session: Session, reference: str) -> UUID:
    """The list whose id starts so, of whichever office: for the operator. Raises NotFound, AmbiguousReference."""
    return one_called(session, select(col(TaskList.id)), col(TaskList.id), reference)


def work_item_called(reading: Reading, reference: str) -> UUID:
    """The open work item whose id starts so. Raises NotFound, AmbiguousReference."""
    statement = (
        select(col(WorkItem.id))
        .join(Item, col(Item.id) == col(WorkItem.item_id))
        .where(visible_items(reading.actor), col(WorkItem.closed_at).is_(None))
    )
    return one_called(reading.session, statement, col(WorkItem.id), reference)


def document_called(reading: Reading, reference: str) -> UUID:
    """The document whose number it is, or whose id starts so. Raises NotFound, AmbiguousReference."""
    seen = select(col(IssuedDocument.id)).where(visible_documents(reading.actor))
    by_mark = reading.session.scalars(seen.where(col(IssuedDocument.mark) == reference.strip()).limit(2)).all()
    if len(by_mark) == 1:
        return by_mark[0]
    return one_called(reading.session, seen, col(IssuedDocument.id), reference)


def short(id_: UUID) -> str:
    """What a table prints of an id."""
    return str(id_)[:SHOWN]


def one_called(session: Session, statement: Any, column: ColumnElement[UUID] | Any, reference: str) -> UUID:
    """The one row of `statement` whose `column` starts so. Raises NotFound, AmbiguousReference."""
    wanted = reference.strip().lower()
    if len(wanted) < SHORTEST or not set(wanted) <= set("0123456789abcdef-"):
        raise NotFound(reference)
    narrowed = statement.where(cast(column, String).startswith(wanted, autoescape=True)).limit(2)
    found: list[UUID] = list(session.scalars(narrowed))
    if not found:
        raise NotFound(reference)
    if len(found) > 1:
        raise AmbiguousReference(reference, reference=reference)
    return found[0]
