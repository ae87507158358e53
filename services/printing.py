"""The files of issued documents: drawn from what was frozen, once, and kept as content with their hash.

Drawing takes seconds and happens between two transactions. Two who ask at once both draw, and the same bytes are kept
once; what was kept is never drawn again, so that a later version of the program does not change an issued file.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString
from uuid import UUID, uuid4

import structlog
from sqlmodel import Session

from domain.document_errors import (
    AttachmentMissing,
    IssuedNotDrawn,
    IssuedTookTooLong,
    RendererFailed,
    RenderingTookTooLong,
)
from domain.documents import FORMAT_TYPES, Attached, DocumentFormat
from domain.errors import DomainError
from domain.evidence import CHUNK_BYTES
from domain.evidence_errors import ContentMissing, StorageFull
from domain.permissions import SCHEDULER, Permission
from services.executor import Executor
from services.ports import Draughtsman, FileStore
from services.queries.documents import Frozen, document_detail, frozen_document, unprinted
from services.queries.reading import Reading
from services.unit_of_work import UnitOfWork

_ADD_BLOB: LiteralString = (
    "INSERT INTO blob (sha256, size, media_type, text_read, stored_at) VALUES (%s, %s, %s, true, %s)"
    " ON CONFLICT (sha256) DO NOTHING"
)
_ADD_RENDERING: LiteralString = (
    "INSERT INTO document_rendering (document_id, format, sha256, size, rendered_at) VALUES (%s, %s, %s, %s, %s)"
    " ON CONFLICT (document_id, format) DO NOTHING"
)

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Printed:
    """A file of a document, where it lies, and the name it is handed out under."""

    path: Path
    sha256: str
    name: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepRendering:
    """Keep what was drawn of a document, unless somebody was faster."""

    document_id: UUID
    format: DocumentFormat
    data: bytes = field(metadata={"audit": False}, repr=False)

    def execute(self, uow: UnitOfWork) -> str:
        """The hash of what is kept. Raises StorageFull."""
        uow.about(self.document_id)
        uow.require(Permission.DOCUMENT_KEEP)
        files = uow.storage.files
        sha256 = _stored(files, self.data)
        uow.driver.execute(_ADD_BLOB, (sha256, len(self.data), FORMAT_TYPES[self.format], uow.now))
        uow.driver.execute(_ADD_RENDERING, (self.document_id, self.format, sha256, len(self.data), uow.now))
        uow.noted["sha256"] = sha256.hex()
        return sha256.hex()


def printed(
    executor: Executor, draughtsman: Draughtsman, reading: Reading, document_id: UUID, form: DocumentFormat
) -> Printed:
    """The file of a document that the actor sees, drawn now if it never was.

    Raises DocumentNotFound, and what drawing and keeping raise.
    """
    document_detail(reading, document_id)
    frozen = frozen_document(reading.session, document_id)
    # Drawing takes seconds: no transaction is open meanwhile, and no connection is held.
    reading.session.close()
    return _kept(executor, draughtsman, frozen, form)


def print_pending(
    executor: Executor,
    draughtsman: Draughtsman,
    sessions: Callable[[], Session],
    *,
    passed_over: set[UUID],
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Draw the PDFs of documents that have none yet: how many. What cannot be drawn joins `passed_over`, and the
    reason is in the log and told to whoever asks for the file.
    """
    with sessions() as session:
        waiting = [each for each in unprinted(session, DocumentFormat.PDF, limit=20) if each not in passed_over]
    done = 0
    for document_id in waiting:
        if stopping():
            break
        try:
            with sessions() as session:
                frozen = frozen_document(session, document_id)
            _kept(executor, draughtsman, frozen, DocumentFormat.PDF)
            done += 1
        except DomainError as error:
            passed_over.add(document_id)
            _log.warning("document_not_drawn", document_id=str(document_id), code=error.code, detail=str(error))
    return done


def _kept(executor: Executor, draughtsman: Draughtsman, frozen: Frozen, form: DocumentFormat) -> Printed:
    assert executor.storage is not None, "an application that prints is given a file store"
    files = executor.storage.files
    name = f"{frozen.mark} {frozen.title}.{form}"
    known = frozen.kept.get(form)
    if known is None:
        data = _drawn(draughtsman, frozen, form, files)
        executor.execute(KeepRendering(document_id=frozen.id, format=form, data=data), actor=SCHEDULER)
        with executor.sessions() as session:
            known = frozen_document(session, frozen.id).kept[form]
    path = files.path(known)
    if not path.is_file():
        raise ContentMissing(str(path))
    return Printed(path, known.hex(), name, FORMAT_TYPES[form])


def _drawn(draughtsman: Draughtsman, frozen: Frozen, form: DocumentFormat, files: FileStore) -> bytes:
    """What was frozen, drawn. Whoever asks for it can make it no shorter, and is told what can be done instead."""
    try:
        return _draw(draughtsman, frozen, form, files)
    except RenderingTookTooLong as error:
        raise IssuedTookTooLong(str(error), **error.facts) from error
    except RendererFailed as error:
        raise IssuedNotDrawn(str(error)) from error


def _draw(draughtsman: Draughtsman, frozen: Frozen, form: DocumentFormat, files: FileStore) -> bytes:
    if form is DocumentFormat.DOCX:
        return draughtsman.docx(frozen.template, frozen.content)
    attachments = []
    for file in frozen.files:
        path = files.path(bytes.fromhex(file.sha256))
        if not path.is_file():
            raise AttachmentMissing(str(path), name=file.name)
        attachments.append(
            Attached(
                name=file.name,
                path=path,
                sha256=bytes.fromhex(file.sha256),
                size=file.size,
                media_type=file.media_type,
                description=frozen.descriptions[file.name],
            )
        )
    return draughtsman.pdf(frozen.template, frozen.content, attachments=attachments)


def _stored(files: FileStore, data: bytes) -> bytes:
    """Put bytes among the contents, the way uploads get there."""
    if not files.has_room(len(data)):
        raise StorageFull(str(len(data)))
    upload_id = uuid4()
    for offset in range(0, len(data), CHUNK_BYTES):
        files.append(upload_id, data[offset : offset + CHUNK_BYTES], offset=offset, size=len(data))
    with files.part(upload_id) as part:
        sha256 = part.sha256()
        part.keep(sha256)
        part.discard()
    return sha256
