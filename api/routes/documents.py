"""Issued documents: lists, one with its story, its files, withdrawal, and whether a file is the one that was issued."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse
from pydantic import Field

from api.deps import ContainerDep, Read, Run
from api.pagination import Cursor, Limit, Page, decode_cursor
from api.reading import Asking, paged
from api.schemas import Answer, Body
from domain.documents import MAX_ATTACHED_BYTES, DocumentFormat, FileVerdict, Verdict
from domain.ladder import EscalationDocument
from services.documents import SetSeries, WithdrawDocument
from services.orders import REPLY_WITHIN, IssueOrder
from services.printing import printed
from services.queries.documents import (
    DocumentDetail,
    DocumentRow,
    SeriesRow,
    document_detail,
    list_documents,
    series_of,
    verify_file,
)
from services.queries.orders import DueOrder, due_orders

router = APIRouter(tags=["documents"])

_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
MAX_VERIFIED = MAX_ATTACHED_BYTES + 50 * 1024 * 1024
"""Bytes of a file that is held against the record: the attachments of the largest document, and its pages."""


class NewWithdrawal(Body):
    """Why the document is taken back."""

    reason: Annotated[str, Field(min_length=1, max_length=1000, examples=["附表数据有误"])]


class Withdrawn(Answer):
    """Everybody who has the document, to be told."""

    recipients: tuple[str, ...]


class NewPattern(Body):
    """How the numbers of a series are printed, with `{year}` and `{number}`."""

    pattern: Annotated[str, Field(min_length=1, max_length=60, examples=["专报第{number}期"])]


class SeriesList(Answer):
    """The series of an office."""

    items: tuple[SeriesRow, ...]


class VerifiedFile(Answer):
    """What a file is. `files` says of each embedded file whether it is the one that was frozen."""

    verdict: Verdict
    intact: bool
    document: DocumentRow | None
    files: dict[str, FileVerdict]


@router.get("/documents")
def get_documents(
    *,
    asking: Asking,
    item_id: UUID | None = None,
    series: Annotated[str | None, Query(max_length=50)] = None,
    year: Annotated[int | None, Query(ge=2000, le=2200)] = None,
    text: Annotated[str | None, Query(max_length=200)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[DocumentRow]:
    """The documents that the actor sees, newest first."""
    after = decode_cursor(cursor, "issued")
    found = list_documents(asking, item_id=item_id, series=series, year=year, text=text, after=after, limit=limit)
    return paged(found, "issued")


class NewOrder(Body):
    """What the office issues about an item. `escalation_id` is that of the level which asked for it, if one did."""

    document: EscalationDocument
    reply_within: Annotated[int, Field(ge=1, le=60, description="Working days.")] = REPLY_WITHIN
    words: Annotated[str, Field(max_length=2000, examples=["请于本月底前完成"])] = ""
    escalation_id: UUID | None = None


class OrderAnswer(Answer):
    """The document that was issued."""

    id: UUID
    mark: str
    year: int
    number: int


class DueOrders(Answer):
    """What the ladder has asked for and nobody has issued."""

    items: tuple[DueOrder, ...]


async def received(request: Request) -> AsyncIterator[Path]:
    """The body as a file on disk, while the request lasts: it may be large, and is read by another process."""
    with NamedTemporaryFile(prefix="dudao-verify-") as file:
        async for part in request.stream():
            file.write(part)
        file.flush()
        yield Path(file.name)


@router.post(
    "/documents/verify",
    max_body_size=MAX_VERIFIED,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def verify_document(path: Annotated[Path, Depends(received)], asking: Asking, container: ContainerDep) -> VerifiedFile:
    """Whether a file is the one that was issued, and whether each file embedded in it is unchanged."""
    claims = container.draughtsman.claims(path)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").digest()
    found = verify_file(asking.session, sha256, claims)
    return VerifiedFile(verdict=found.verdict, intact=found.intact, document=found.document, files=dict(found.files))


@router.get("/documents/due-orders")
def get_due_orders(asking: Asking) -> DueOrders:
    """Reminder letters and supervision orders that the ladder has asked for and nobody has issued yet."""
    return DueOrders(items=due_orders(asking))


@router.post("/items/{item_id}/orders", status_code=201)
def issue_order(item_id: UUID, body: NewOrder, run: Run) -> OrderAnswer:
    """Issue a notice, a reminder letter or a supervision order about an item to its leads, with its number."""
    issued = run(IssueOrder(item_id=item_id, **body.model_dump()))
    return OrderAnswer(id=issued.id, mark=issued.mark, year=issued.year, number=issued.number)


@router.get("/documents/{document_id}.pdf", response_class=FileResponse, responses=_FILE)
def download_pdf(document_id: UUID, reading: Read, container: ContainerDep) -> FileResponse:
    """The document as PDF/A-3b: drawn when it is first asked for, the same file ever after."""
    return _download(document_id, DocumentFormat.PDF, reading, container)


@router.get("/documents/{document_id}.docx", response_class=FileResponse, responses=_FILE)
def download_docx(document_id: UUID, reading: Read, container: ContainerDep) -> FileResponse:
    """The document for a word processor."""
    return _download(document_id, DocumentFormat.DOCX, reading, container)


@router.get("/documents/{document_id}")
def get_document(document_id: UUID, asking: Asking) -> DocumentDetail:
    """What was frozen, who signed it, who has it, and which files were drawn from it."""
    return document_detail(asking, document_id)


@router.post("/documents/{document_id}/withdraw")
def withdraw(document_id: UUID, body: NewWithdrawal, run: Run) -> Withdrawn:
    """Take a document back. Its number stays taken and its text on record."""
    return Withdrawn(recipients=run(WithdrawDocument(document_id=document_id, reason=body.reason)))


@router.get("/units/{office_unit_id}/document-series")
def get_series(office_unit_id: UUID, asking: Asking) -> SeriesList:
    """The series that an office has begun or set up."""
    return SeriesList(items=series_of(asking, office_unit_id))


@router.put("/units/{office_unit_id}/document-series/{key}", status_code=204)
def set_series(office_unit_id: UUID, key: str, body: NewPattern, run: Run) -> None:
    """Say how the numbers of a series are printed, from the next one on."""
    run(SetSeries(office_unit_id=office_unit_id, key=key, pattern=body.pattern))


def _download(document_id: UUID, form: DocumentFormat, reading: Any, container: Any) -> FileResponse:
    found = printed(container.executor, container.draughtsman, reading, document_id, form)
    plain = f"{document_id}.{form}"
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(found.name, safe='')}",
        "Content-Type": found.media_type,
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "ETag": f'"{found.sha256}"',
    }
    return FileResponse(found.path, headers=headers)
