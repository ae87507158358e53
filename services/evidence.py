"""Evidence: paper references, downloads, and removing by two persons what must not be here.

Evidence is never deleted. A file that must not be in this system (a state secret, uploaded by mistake) is expunged:
one person asks with a reason, another one decides, and the bytes go wherever that content was used. The rows, the
hash and both persons stay on record, and the same content is not taken again.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from sqlmodel import col, func, select

from db.tables import Blob, Evidence, ExpungeRequest, Item, Person, Responsibility
from domain.errors import NotFound, PermissionDenied, ReasonMissing, WrongStatus
from domain.evidence import Classification, EvidenceKind
from domain.evidence_errors import (
    ContentMissing,
    EvidenceExpunged,
    ExpungeDecided,
    ExpungePending,
    SecondPersonNeeded,
    UnitAmbiguous,
    UnitNotInvolved,
)
from domain.items import FINAL
from domain.permissions import Permission, is_allowed
from services.answers import withheld
from services.unit_of_work import UnitOfWork
from services.visibility import visible_items


def visible_item(uow: UnitOfWork, item_id: UUID) -> Item:
    """The item, if the actor sees it. Raises NotFound."""
    item = uow.session.exec(select(Item).where(Item.id == item_id, visible_items(uow.actor))).one_or_none()
    if item is None:
        uow.authorized = True
        raise NotFound(f"item {item_id}")
    return item


def visible_evidence(uow: UnitOfWork, evidence_id: UUID) -> tuple[Evidence, Item]:
    """A piece of evidence with its item, if the actor sees that and may read what goes with it. Raises NotFound."""
    uow.about(evidence_id)
    row = uow.session.get(Evidence, evidence_id)
    if row is None:
        uow.authorized = True
        raise NotFound(f"evidence {evidence_id}")
    item = visible_item(uow, row.item_id)
    if withheld(uow.session, uow.actor, uow.library, item.id).evidence(row):
        uow.authorized = True
        raise NotFound(f"evidence {evidence_id}")
    return row, item


def check_open(item: Item) -> None:
    """Refuse new evidence for an item that has ended. Raises WrongStatus."""
    if item.status in FINAL:
        raise WrongStatus(str(item.id), status=item.status)


def adding_unit(uow: UnitOfWork, item: Item, named: UUID | None) -> UUID:
    """The unit for which the actor adds evidence to the item: one that takes part in it now, or its office.

    Raises PermissionDenied, UnitNotInvolved, UnitAmbiguous.
    """
    uow.require(Permission.EVIDENCE_ADD)
    involved = uow.session.exec(
        select(Responsibility.unit_id).where(Responsibility.item_id == item.id, col(Responsibility.valid_to).is_(None))
    ).all()
    units: set[UUID] = {
        unit_id
        for unit_id in (*involved, item.office_unit_id)
        if unit_id is not None and is_allowed(uow.actor, Permission.EVIDENCE_ADD, unit_id=unit_id)
    }
    if named is not None:
        units &= {named}
    if not units:
        raise UnitNotInvolved(f"{uow.actor.name} in item {item.id}")
    if len(units) > 1:
        raise UnitAmbiguous(f"{uow.actor.name} in item {item.id}")
    [unit_id] = units
    uow.require(Permission.EVIDENCE_ADD, unit_id=unit_id)
    return unit_id


def locked_blob(uow: UnitOfWork, sha256: bytes) -> Blob:
    """The row of a content, locked until the end: storing and expunging the same content wait for each other."""
    statement = select(Blob).where(Blob.sha256 == sha256).with_for_update()
    return uow.session.exec(statement.execution_options(populate_existing=True)).one()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPaperReference:
    """Evidence on paper is recorded: what it is called, its document number, its level, and where it is kept.

    This is how classified material takes part; nothing of its content is entered.
    """

    item_id: UUID
    name: str
    proves: str
    document_number: str
    place: str
    classification: Classification | None = None
    unit_id: UUID | None = None

    def execute(self, uow: UnitOfWork) -> UUID:
        """The id of the evidence. Raises NotFound, PermissionDenied, UnitNotInvolved, UnitAmbiguous, WrongStatus."""
        item = visible_item(uow, self.item_id)
        unit_id = adding_unit(uow, item, self.unit_id)
        check_open(item)
        assert uow.actor.id is not None
        row = Evidence(
            id=uuid4(),
            item_id=item.id,
            kind=EvidenceKind.PAPER,
            name=self.name,
            proves=self.proves,
            paper_number=self.document_number,
            paper_place=self.place,
            classification=self.classification,
            added_by=uow.actor.id,
            unit_id=unit_id,
            added_at=uow.now,
        )
        uow.session.add(row)
        uow.about(row.id)
        return row.id


@dataclass(frozen=True, slots=True)
class Download:
    """A file to hand out, under the name it was uploaded with."""

    path: Path
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadEvidence:
    """Somebody takes a file out. A command, so that the audit says who saw what; each part of a file counts."""

    evidence_id: UUID

    def execute(self, uow: UnitOfWork) -> Download:
        """Raises NotFound (also for a paper, which has no file), EvidenceExpunged, ContentMissing."""
        row, _ = visible_evidence(uow, self.evidence_id)
        uow.require(Permission.ITEM_READ)
        if row.blob_sha256 is None:
            raise NotFound(f"evidence {row.id} is a paper")
        blob = uow.get(Blob, row.blob_sha256)
        if blob.expunged_at is not None:
            raise EvidenceExpunged(str(row.id))
        path = uow.storage.files.path(blob.sha256)
        if not path.is_file():
            raise ContentMissing(str(path))
        return Download(path, row.name, blob.media_type, blob.size, blob.sha256.hex())


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestExpunge:
    """Somebody finds that a file must not be here, and asks a second person to have it removed.

    Those who may decide may ask, and also whoever added it: they know best what they did by mistake.
    """

    evidence_id: UUID
    reason: str

    def execute(self, uow: UnitOfWork) -> UUID:
        """The request's id. Raises NotFound, PermissionDenied, ReasonMissing, EvidenceExpunged, ExpungePending."""
        row, item = visible_evidence(uow, self.evidence_id)
        if row.added_by == uow.actor.id:
            uow.require(Permission.EVIDENCE_ADD, unit_id=row.unit_id)
        else:
            _require_expunge(uow, row, item)
        if not self.reason.strip():
            raise ReasonMissing(str(row.id))
        if row.blob_sha256 is None:
            raise NotFound(f"evidence {row.id} is a paper")
        blob = locked_blob(uow, row.blob_sha256)
        if blob.expunged_at is not None:
            raise EvidenceExpunged(str(row.id))
        pending = select(ExpungeRequest.id).where(
            ExpungeRequest.evidence_id == row.id, col(ExpungeRequest.decided_at).is_(None)
        )
        if uow.session.exec(pending).first() is not None:
            raise ExpungePending(str(row.id))
        assert uow.actor.id is not None
        request = ExpungeRequest(
            id=uuid4(), evidence_id=row.id, reason=self.reason, requested_by=uow.actor.id, requested_at=uow.now
        )
        uow.session.add(request)
        return request.id


@dataclass(frozen=True, slots=True)
class ExpungeDecision:
    """What was decided. `uses` counts the pieces of evidence that lost their bytes by it."""

    request_id: UUID
    evidence_id: UUID
    approved: bool
    uses: int
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideExpunge:
    """The second person looks and agrees, or refuses with a note. Agreement removes the bytes from the disk,
    wherever that content is used; its hash stays, and the same content is refused from then on.
    """

    request_id: UUID
    approve: bool
    note: str = ""

    def execute(self, uow: UnitOfWork) -> ExpungeDecision:
        """Raises NotFound, PermissionDenied, SecondPersonNeeded, ExpungeDecided, ReasonMissing for a bare refusal."""
        uow.authorized = True
        request = uow.lock(ExpungeRequest, self.request_id)
        row, item = visible_evidence(uow, request.evidence_id)
        _require_expunge(uow, row, item)
        if request.requested_by == uow.actor.id:
            raise SecondPersonNeeded(str(request.id))
        if request.decided_at is not None:
            decider = uow.session.get(Person, request.decided_by)
            raise ExpungeDecided(str(request.id), who=decider.name if decider else "")
        if not self.approve and not self.note.strip():
            raise ReasonMissing(str(request.id))
        request.decided_by, request.decided_at = uow.actor.id, uow.now
        request.approved, request.note = self.approve, self.note or None
        uses = self._expunge(uow, row) if self.approve else 0
        return ExpungeDecision(request.id, row.id, self.approve, uses, uow.now)

    def _expunge(self, uow: UnitOfWork, row: Evidence) -> int:
        assert row.blob_sha256 is not None
        blob = locked_blob(uow, row.blob_sha256)
        if blob.expunged_at is None:
            blob.expunged_at = uow.now
        files, sha256 = uow.storage.files, blob.sha256
        uow.after_commit.append(lambda: files.remove(sha256))
        uses = uow.session.exec(select(func.count()).select_from(Evidence).where(Evidence.blob_sha256 == sha256))
        return uses.one()


def _require_expunge(uow: UnitOfWork, row: Evidence, item: Item) -> None:
    """The right to expunge in the unit that added it, or in the item's office. Raises PermissionDenied."""
    for unit_id in (row.unit_id, item.office_unit_id):
        if is_allowed(uow.actor, Permission.EVIDENCE_EXPUNGE, unit_id=unit_id):
            uow.require(Permission.EVIDENCE_EXPUNGE, unit_id=unit_id)
            return
    uow.authorized = True
    raise PermissionDenied(f"{uow.actor.name} lacks {Permission.EVIDENCE_EXPUNGE}")
