"""Who got a bulletin and signed for it, and whether what was published is what was frozen."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson
from sqlmodel import col, select

from db.tables import (
    Bulletin,
    BulletinRecipient,
    BulletinSnapshot,
    BulletinText,
    IssuedDocument,
    Person,
    ProcessInstance,
    WorkItem,
)
from domain.bulletins import Manner
from domain.labels import label
from services.bulletin_data import digest_of
from services.queries.reading import Reading


@dataclass(frozen=True, slots=True)
class Receipt:
    """One recipient. A unit in the system signs for itself (`received_at`, `received_by`) and, for one that was
    withdrawn, says that it stopped using it (`recalled_at`); for others the office records day and receipt.
    """

    name: str
    manner: str
    manner_label: str
    unit_id: UUID | None
    received_at: datetime | None
    received_by: str | None
    recalled_at: datetime | None
    sent_on: date | None
    receipt: str | None


def receipts_of(reading: Reading, bulletin: Bulletin) -> tuple[Receipt, ...]:
    """The recipients of a bulletin that the actor's office made, in printed order."""
    rows = reading.session.exec(
        select(BulletinRecipient)
        .where(BulletinRecipient.item_id == bulletin.item_id)
        .order_by(col(BulletinRecipient.position))
    ).all()
    signed: dict[tuple[UUID, str], tuple[datetime | None, str | None]] = {}
    if bulletin.delivery_item_id is not None:
        done = (
            select(WorkItem.unit_id, WorkItem.bpmn_id, WorkItem.closed_at, Person.name)
            .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
            .outerjoin(Person, col(Person.id) == col(WorkItem.closed_by))
            .where(ProcessInstance.item_id == bulletin.delivery_item_id, WorkItem.closed_as == "done")
        )
        signed = {(unit, step): (at, name) for unit, step, at, name in reading.session.exec(done)}
    nobody = (None, None)
    found = []
    for row in rows:
        unit = row.unit_id
        received_at, received_by = signed.get((unit, "receive_bulletin"), nobody) if unit is not None else nobody
        recalled_at, _ = signed.get((unit, "confirm_recall"), nobody) if unit is not None else nobody
        found.append(
            Receipt(
                name=row.name,
                manner=row.manner,
                manner_label=label(Manner, row.manner),
                unit_id=unit,
                received_at=received_at,
                received_by=received_by,
                recalled_at=recalled_at,
                sent_on=row.sent_on,
                receipt=row.receipt,
            )
        )
    return tuple(found)


def published_as_frozen(reading: Reading, item_id: UUID) -> bool | None:
    """Whether an issued bulletin is what was frozen: its data by their digest, its text as it was signed
    (`domain.md` §9, invariant 11). None for one that was not issued.
    """
    bulletin = reading.session.get(Bulletin, item_id)
    if bulletin is None or bulletin.document_id is None:
        return None
    document = reading.session.get(IssuedDocument, bulletin.document_id)
    snapshot = reading.session.get(BulletinSnapshot, item_id)
    text = reading.session.get(BulletinText, (item_id, bulletin.text_version))
    if document is None or snapshot is None or text is None:
        return False
    printed = orjson.loads(document.snapshot)["content"]
    return (
        digest_of(snapshot.content) == snapshot.sha256
        and printed["data"] == snapshot.content
        and printed["data_sha256"] == snapshot.sha256.hex()
        and (printed["title"], printed["note"], printed["sections"]) == (text.title, text.note, text.sections)
    )
