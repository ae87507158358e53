"""Reading about evidence: what an item has, and what waits to be expunged."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from db.tables import Blob, Evidence, ExpungeRequest, Item, Person, ProgressRound, Unit, WorkItem
from domain.errors import NotFound
from domain.permissions import Actor
from services.answers import withheld
from services.queries.reading import Reading
from services.visibility import visible_items


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One piece of evidence as it is listed. `step` is the BPMN id of the step it was handed in with, if any.

    `text_read` is false where nobody has looked for a classification mark: pictures and scans.
    """

    id: UUID
    kind: str
    name: str
    proves: str
    media_type: str | None
    size: int | None
    sha256: str | None
    text_read: bool | None
    classification: str | None
    document_number: str | None
    place: str | None
    added_by: UUID
    added_by_name: str
    unit_id: UUID
    unit_name: str
    added_at: datetime
    work_item_id: UUID | None
    step: str | None
    expunged_at: datetime | None
    expunge_request_id: UUID | None


def evidence_of_item(reading: Reading, item_id: UUID) -> list[EvidenceRow]:
    """The item's evidence that the actor reads, oldest first. Raises NotFound when they do not see the item."""
    session, seen = reading.session, visible_items(reading.actor)
    if session.exec(select(Item.id).where(Item.id == item_id, seen)).one_or_none() is None:
        raise NotFound(f"item {item_id}")
    # SQLModel's `select` is typed for four columns at most.
    columns: tuple[Any, ...] = (Evidence, Blob, Person.name, Unit.short_name, WorkItem.bpmn_id, ExpungeRequest.id)
    statement = (
        sql_select(*columns)
        .join(Person, col(Person.id) == col(Evidence.added_by))
        .join(Unit, col(Unit.id) == col(Evidence.unit_id))
        .join(Blob, col(Blob.sha256) == col(Evidence.blob_sha256), isouter=True)
        .join(WorkItem, col(WorkItem.id) == col(Evidence.work_item_id), isouter=True)
        .join(
            ExpungeRequest,
            (col(ExpungeRequest.evidence_id) == col(Evidence.id)) & col(ExpungeRequest.decided_at).is_(None),
            isouter=True,
        )
        .where(col(Evidence.item_id) == item_id)
        .order_by(col(Evidence.added_at), col(Evidence.id))
    )
    kept = withheld(session, reading.actor, reading.library, item_id)
    return [_listed(row) for row in session.execute(statement) if not kept.evidence(row[0])]


def loose_evidence(reading: Reading, item_ids: Collection[UUID]) -> dict[UUID, list[EvidenceRow]]:
    """What the actor has added to these items and not handed in with a step yet, by item, oldest first."""
    columns: tuple[Any, ...] = (Evidence, Blob, Person.name, Unit.short_name)
    statement = (
        sql_select(*columns)
        .join(Person, col(Person.id) == col(Evidence.added_by))
        .join(Unit, col(Unit.id) == col(Evidence.unit_id))
        .join(Blob, col(Blob.sha256) == col(Evidence.blob_sha256), isouter=True)
        .where(
            col(Evidence.item_id).in_(item_ids),
            col(Evidence.added_by) == reading.actor.id,
            col(Evidence.work_item_id).is_(None),
            col(Blob.expunged_at).is_(None),
        )
        .order_by(col(Evidence.added_at), col(Evidence.id))
    )
    found: dict[UUID, list[EvidenceRow]] = defaultdict(list)
    for row in reading.session.execute(statement):
        found[row[0].item_id].append(_listed((*row, None, None)))
    return found


@dataclass(frozen=True, slots=True)
class RoundProof:
    """A piece of evidence that a unit handed in with its report of a round."""

    id: UUID
    kind: str
    name: str
    unit: str


def evidence_of_rounds(reading: Reading, round_ids: Collection[UUID]) -> dict[UUID, list[RoundProof]]:
    """What was handed in with the steps of these rounds, by round, oldest first. The caller saw them on their sheet."""
    statement = (
        sql_select(
            col(ProgressRound.id), col(Evidence.id), col(Evidence.kind), col(Evidence.name), col(Unit.short_name)
        )
        .join(WorkItem, col(WorkItem.instance_id) == col(ProgressRound.instance_id))
        .join(Evidence, col(Evidence.work_item_id) == col(WorkItem.id))
        .join(Unit, col(Unit.id) == col(Evidence.unit_id))
        .where(col(ProgressRound.id).in_(round_ids))
        .order_by(col(Evidence.added_at), col(Evidence.id))
    )
    found: dict[UUID, list[RoundProof]] = defaultdict(list)
    for round_id, *piece in reading.session.execute(statement):
        found[round_id].append(RoundProof(*piece))
    return found


def _listed(found: Any) -> EvidenceRow:
    row, blob, person, unit, step, request_id = found
    return EvidenceRow(
        id=row.id,
        kind=row.kind,
        name=row.name,
        proves=row.proves,
        media_type=blob.media_type if blob else None,
        size=blob.size if blob else None,
        sha256=blob.sha256.hex() if blob else None,
        text_read=blob.text_read if blob else None,
        classification=row.classification,
        document_number=row.paper_number,
        place=row.paper_place,
        added_by=row.added_by,
        added_by_name=person,
        unit_id=row.unit_id,
        unit_name=unit,
        added_at=row.added_at,
        work_item_id=row.work_item_id,
        step=step,
        expunged_at=blob.expunged_at if blob else None,
        expunge_request_id=request_id,
    )


@dataclass(frozen=True, slots=True)
class PendingExpunge:
    """A request that waits for its second person. `uses` is how many pieces of evidence have that content."""

    id: UUID
    evidence_id: UUID
    item_id: UUID
    name: str
    reason: str
    requested_by: UUID
    requested_by_name: str
    requested_at: datetime
    uses: int


def pending_expunges(session: Session, actor: Actor) -> list[PendingExpunge]:
    """The open requests about evidence that the actor sees, oldest first."""
    same = aliased(Evidence)
    uses = (
        select(func.count())
        .select_from(same)
        .where(col(same.blob_sha256) == col(Evidence.blob_sha256))
        .correlate(Evidence)
        .scalar_subquery()
    )
    statement = (
        select(ExpungeRequest, Evidence, Person.name, uses)
        .join(Evidence, col(Evidence.id) == col(ExpungeRequest.evidence_id))
        .join(Item, col(Item.id) == col(Evidence.item_id))
        .join(Person, col(Person.id) == col(ExpungeRequest.requested_by))
        .where(col(ExpungeRequest.decided_at).is_(None), visible_items(actor))
        .order_by(col(ExpungeRequest.requested_at), col(ExpungeRequest.id))
    )
    return [
        PendingExpunge(
            id=request.id,
            evidence_id=row.id,
            item_id=row.item_id,
            name=row.name,
            reason=request.reason,
            requested_by=request.requested_by,
            requested_by_name=name,
            requested_at=request.requested_at,
            uses=count,
        )
        for request, row, name, count in session.exec(statement).all()
    ]
