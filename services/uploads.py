"""Uploads: a session per file, chunks that can be resumed, and the inspection that makes evidence of it.

What has arrived is what is on disk: a chunk writes no row, so an upload of 200 MB costs the database two commands,
and a process that dies in the middle loses at most the chunk under way. A resumed part is proven whole by the hash
that its uploader may declare.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, true
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, func, select

from db.tables import Blob, Evidence, UploadSession
from domain.errors import NotFound, RuleViolation
from domain.evidence import (
    MEDIA_TYPES,
    Classification,
    EvidenceKind,
    Inspection,
    check_classification,
    check_size,
    clean_name,
    declared_kind,
)
from domain.evidence_errors import (
    ContentExpunged,
    HashMismatch,
    MalwareFound,
    StorageFull,
    TooManyUploads,
    UploadEnded,
    UploadIncomplete,
)
from domain.permissions import Actor, Permission
from importers.inspection import inspect_file, refuse_marked_name
from services.evidence import adding_unit, check_open, locked_blob, visible_item
from services.ports import Part, Storage
from services.unit_of_work import UnitOfWork

LIFETIME = timedelta(days=3)
"""An upload that a bad line interrupts on Friday goes on on Monday."""

MAX_OPEN = 20
"""Unfinished uploads of one person: with the size limit, how much of the disk one account can fill."""

STRAY_AGE = timedelta(days=1)
"""A part without a session is removed at this age; a younger one may belong to a transaction under way."""


@dataclass(frozen=True, slots=True)
class UploadState:
    """How far an upload is. `evidence_id` is set once it is finished."""

    id: UUID
    item_id: UUID
    name: str
    size: int
    offset: int
    expires_at: datetime
    evidence_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class StoredEvidence:
    """What an upload became. `text_read` is false where a person has to look for a classification mark."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    text_read: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StartUpload:
    """A person is about to send a file for an item, on behalf of a unit that takes part in it.

    Everything that can be refused before the first byte is: size (bytes), name, extension, a mark in the name, a
    declared state secret, content that was expunged. `sha256` is in hexadecimal digits.
    """

    item_id: UUID
    name: str
    size: int
    sha256: str | None = None
    classification: Classification | None = None
    unit_id: UUID | None = None

    def execute(self, uow: UnitOfWork) -> UploadState:
        """Raises NotFound, PermissionDenied, WrongStatus, TooLarge, StorageFull, TooManyUploads and RuleViolations."""
        uow.about(self.item_id)
        item = visible_item(uow, self.item_id)
        unit_id = adding_unit(uow, item, self.unit_id)
        check_open(item)
        check_size(self.size, limit=uow.storage.max_bytes)
        name = clean_name(self.name)
        declared_kind(name)
        refuse_marked_name(name)
        check_classification(self.classification)
        declared = bytes.fromhex(self.sha256) if self.sha256 else None
        if declared is not None:
            known = uow.session.get(Blob, declared)
            if known is not None and known.expunged_at is not None:
                raise ContentExpunged(self.sha256 or "")
        self._check_room(uow)
        row = UploadSession(
            person_id=_person(uow.actor),
            item_id=item.id,
            unit_id=unit_id,
            name=name,
            size=self.size,
            declared_sha256=declared,
            classification=self.classification,
            created_at=uow.now,
            expires_at=uow.now + LIFETIME,
        )
        uow.session.add(row)
        return _state(row, 0)

    def _check_room(self, uow: UnitOfWork) -> None:
        # A person's own leftovers go at once; the sweep removes those of people who do not come back.
        _remove_expired(uow, col(UploadSession.person_id) == uow.actor.id)
        open_uploads = uow.session.exec(
            select(func.count())
            .select_from(UploadSession)
            .where(
                UploadSession.person_id == uow.actor.id,
                col(UploadSession.finished_at).is_(None),
            )
        ).one()
        if open_uploads >= MAX_OPEN:
            raise TooManyUploads(str(uow.actor.id), count=open_uploads)
        if not uow.storage.files.has_room(self.size):
            raise StorageFull(f"no room for {self.size} bytes")


def upload_state(session: Session, storage: Storage, actor: Actor, upload_id: UUID, *, now: datetime) -> UploadState:
    """How far the actor's upload is: for whoever comes back after an interruption. Raises NotFound, UploadEnded."""
    row = _own(session.get(UploadSession, upload_id), actor, upload_id)
    if row.finished_at is not None:
        return _state(row, row.size)
    _check_alive(row, now)
    return _state(row, storage.files.received(upload_id))


def receive_chunk(
    session: Session, storage: Storage, actor: Actor, upload_id: UUID, *, offset: int, data: bytes, now: datetime
) -> UploadState:
    """Add a chunk to the actor's upload; its bytes are safe when this returns.

    No command: it changes no row, and its uploader, size and hash are in the audit with start and finish.

    Raises NotFound, UploadEnded, OffsetMismatch with the offset to go on from, TooLarge, StorageFull.
    """
    row = _own(session.get(UploadSession, upload_id), actor, upload_id)
    if row.finished_at is not None:
        raise UploadEnded(str(upload_id))
    _check_alive(row, now)
    return _state(row, storage.files.append(upload_id, data, offset=offset, size=row.size))


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishUpload:
    """All bytes are there: they are checked, stored once by content, and become evidence of what `proves` says.

    What is refused is not kept. Finishing twice gives the same evidence.
    """

    upload_id: UUID
    proves: str

    def execute(self, uow: UnitOfWork) -> StoredEvidence:
        """Raises NotFound, UploadEnded, UploadIncomplete, and why the content is refused."""
        row = _locked(uow, self.upload_id)
        uow.require(Permission.EVIDENCE_ADD, unit_id=row.unit_id)
        if row.evidence_id is not None:
            uow.about(row.evidence_id)
            return _stored(uow.get(Evidence, row.evidence_id), uow)
        _check_alive(row, uow.now)
        check_open(visible_item(uow, row.item_id))
        with uow.storage.files.part(row.id) as part:
            if part.size != row.size:
                raise UploadIncomplete(str(row.id), offset=part.size, size=row.size)
            try:
                digest, inspection = _examine(uow.storage, row, part)
                _claim(uow, digest, row.size, inspection)
                part.keep(digest)
            except RuleViolation:
                part.discard()
                raise
            except OSError as error:
                raise StorageFull(str(error)) from error
        return self._record(uow, row, digest)

    def _record(self, uow: UnitOfWork, row: UploadSession, digest: bytes) -> StoredEvidence:
        evidence = Evidence(
            id=uuid4(),
            item_id=row.item_id,
            kind=EvidenceKind.FILE,
            name=row.name,
            proves=self.proves,
            blob_sha256=digest,
            classification=row.classification,
            added_by=row.person_id,
            unit_id=row.unit_id,
            added_at=uow.now,
        )
        uow.session.add(evidence)
        row.evidence_id, row.finished_at = evidence.id, uow.now
        uow.about(evidence.id)
        files = uow.storage.files
        uow.after_commit.append(lambda: files.discard(row.id))
        return _stored(evidence, uow)


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonUpload:
    """The person does not want to go on with an upload: what has arrived of it is removed."""

    upload_id: UUID

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, UploadEnded when it is evidence already."""
        row = _locked(uow, self.upload_id)
        uow.require(Permission.EVIDENCE_ADD, unit_id=row.unit_id)
        if row.finished_at is not None:
            raise UploadEnded(str(row.id))
        uow.session.delete(row)
        files = uow.storage.files
        uow.after_commit.append(lambda: files.discard(self.upload_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepUploads:
    """Remove what nobody will come back for: expired sessions, parts without a session, and bytes of expunged
    content that a process did not live to remove. Repeats what `after_commit` of a dead process left undone.
    """

    def execute(self, uow: UnitOfWork) -> int:
        """The number of sessions that were removed."""
        uow.require(Permission.EVIDENCE_SWEEP)
        removed = _remove_expired(uow, true())
        live = set(uow.session.exec(select(UploadSession.id).where(col(UploadSession.finished_at).is_(None))).all())
        expunged = uow.session.exec(select(Blob.sha256).where(col(Blob.expunged_at).is_not(None))).all()
        # A sweep that found nothing is no act of anybody.
        uow.audited = removed > 0
        files, now = uow.storage.files, uow.now

        def remove() -> None:
            for upload_id, grown_at in list(files.parts()):
                if upload_id not in live and grown_at < now - STRAY_AGE:
                    files.discard(upload_id)
            for sha256 in expunged:
                files.remove(sha256)

        uow.after_commit.append(remove)
        return removed


def _remove_expired(uow: UnitOfWork, whose: ColumnElement[bool]) -> int:
    """Remove sessions that have expired, with what has arrived of them; how many there were."""
    statement = select(UploadSession).where(col(UploadSession.expires_at) <= uow.now, whose)
    expired = uow.session.exec(statement.with_for_update(skip_locked=True)).all()
    files, upload_ids = uow.storage.files, [row.id for row in expired]
    for row in expired:
        uow.session.delete(row)
    uow.session.flush()

    def discard() -> None:
        for upload_id in upload_ids:
            files.discard(upload_id)

    uow.after_commit.append(discard)
    return len(expired)


def _examine(storage: Storage, row: UploadSession, part: Part) -> tuple[bytes, Inspection]:
    """The hash and the kind of what arrived, or why it is refused."""
    digest = part.sha256()
    if row.declared_sha256 is not None and digest != row.declared_sha256:
        raise HashMismatch(f"{digest.hex()}, declared {row.declared_sha256.hex()}")
    inspection = inspect_file(part.path, row.name)
    threat = storage.scanner.scan(part.path)
    if threat is not None:
        raise MalwareFound(threat, threat=threat)
    return digest, inspection


def _claim(uow: UnitOfWork, digest: bytes, size: int, inspection: Inspection) -> None:
    """The content's row, locked until the end, so that nobody expunges it meanwhile. Raises ContentExpunged."""
    uow.session.execute(
        insert(Blob)
        .values(
            sha256=digest,
            size=size,
            media_type=MEDIA_TYPES[inspection.kind],
            text_read=inspection.text_read,
            stored_at=uow.now,
        )
        .on_conflict_do_nothing()
    )
    blob = locked_blob(uow, digest)
    if blob.expunged_at is not None:
        raise ContentExpunged(digest.hex())


def _locked(uow: UnitOfWork, upload_id: UUID) -> UploadSession:
    uow.about(upload_id)
    uow.authorized = True
    return _own(uow.lock(UploadSession, upload_id), uow.actor, upload_id)


def _own(row: UploadSession | None, actor: Actor, upload_id: UUID) -> UploadSession:
    if row is None or row.person_id != actor.id:
        raise NotFound(f"upload {upload_id}")
    return row


def _check_alive(row: UploadSession, now: datetime) -> None:
    if row.expires_at <= now:
        raise UploadEnded(str(row.id))


def _person(actor: Actor) -> UUID:
    assert actor.id is not None, "only persons hold the permission to add evidence"
    return actor.id


def _state(row: UploadSession, offset: int) -> UploadState:
    return UploadState(row.id, row.item_id, row.name, row.size, offset, row.expires_at, row.evidence_id)


def _stored(row: Evidence, uow: UnitOfWork) -> StoredEvidence:
    blob = uow.get(Blob, row.blob_sha256)
    return StoredEvidence(row.id, row.name, blob.media_type, blob.size, blob.sha256.hex(), blob.text_read)
