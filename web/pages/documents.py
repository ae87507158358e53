"""Issued documents: the list, one with its files and who has it, withdrawal, and whether a file is the original."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, Response
from starlette.datastructures import UploadFile

from api.pagination import decode_cursor, encode_cursor
from domain.addresses import DOCUMENT
from domain.document_errors import DocumentNotFound
from domain.documents import MAX_ATTACHED_BYTES, DocumentFormat, FileVerdict, Verdict
from domain.errors import Conflict, DomainError, RuleViolation
from domain.labels import LABELS
from domain.messages.issued import SERIES_WORDS
from services.documents import WithdrawDocument
from services.printing import printed
from services.queries.documents import Verified, document_detail, list_documents, verify_file
from services.queries.matter_pages import MatterPage, matter_page, sees_item
from services.visibility import offices_of
from web.addresses import ListAddress
from web.notices import Notice
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()

DRAWN = 50
EARLIEST, LATEST = 2000, 2200
MAX_VERIFIED = MAX_ATTACHED_BYTES + 50 * 1024 * 1024
"""Bytes of a file that is held against the record: the attachments of the largest document, and its pages."""
_PART = 1024 * 1024


@router.get("/documents", name="documents")
def show_documents(
    *,
    visit: Visiting,
    series: Annotated[str, Query(max_length=50)] = "",
    year: Annotated[str, Query(max_length=4)] = "",
    text: Annotated[str, Query(max_length=200)] = "",
    cursor: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """The documents that the visitor may read, the newest first."""
    return _list(visit, {"series": series, "year": year, "text": text}, cursor=cursor)


def _list(
    visit: Visit,
    asked: Mapping[str, str],
    *,
    cursor: str = "",
    verified: Verified | None = None,
    refused: DomainError | None = None,
) -> Response:
    given = asked.get("year", "")
    year = int(given) if given.isdecimal() and EARLIEST <= int(given) <= LATEST else None
    series = asked.get("series") or None
    after = decode_cursor(cursor or None, "issued")
    page = list_documents(
        visit.reading, series=series, year=year, text=asked.get("text") or None, after=after, limit=DRAWN
    )
    address = ListAddress(visit.url("documents"), dict(asked))
    following = encode_cursor("issued", page.next)
    return visit.page(
        "documents/documents.html",
        status=422 if refused is not None else 200,
        rows=page.rows,
        series=series or "",
        every_series={key: name for key, (name, _) in SERIES_WORDS.items()},
        year=given,
        text=asked.get("text") or "",
        next_page=address.but(cursor=following) if following else None,
        first_page=address if cursor else None,
        verified=verified,
        verdict_words=LABELS[Verdict],
        file_words=LABELS[FileVerdict],
        refused=visit.sentence(refused) if refused is not None else None,
    )


@router.post("/documents", name="verify_document", max_body_size=MAX_VERIFIED)
def verify_document(visit: Submitting) -> Response:
    """Say of a file whether it is one that was issued here, and whether what is embedded in it is unchanged."""
    given = visit.form.get("file")
    if not isinstance(given, UploadFile) or not given.filename:
        return _list(visit, {})
    try:
        verified = _verified(visit, given)
    except DomainError as error:
        return _list(visit, {}, refused=error)
    return _list(visit, {}, verified=verified)


def _verified(visit: Submission, given: UploadFile) -> Verified:
    # The file is read by another process, so it has to lie somewhere.
    with NamedTemporaryFile(prefix="dudao-verify-") as kept:
        while part := given.file.read(_PART):
            kept.write(part)
        kept.flush()
        path = Path(kept.name)
        claims = visit.container.draughtsman.claims(path)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").digest()
    return verify_file(visit.reading.session, sha256, claims)


@router.get(DOCUMENT, name="document")
def show_document(visit: Visiting, document_id: UUID) -> Response:
    """One document: its pages, its files, who signed it, who has it."""
    return _document(visit, document_id)


def _document(visit: Visit, document_id: UUID, *, refused: DomainError | None = None) -> Response:
    detail = document_detail(visit.reading, document_id)
    row = detail.row
    found = matter_page(visit.reading, row.item_id) if row.item_id is not None else None
    # A bulletin is withdrawn with the receipts of its recipients, on its own page.
    elsewhere = found is not None and found[0] is MatterPage.BULLETIN
    own = row.office_unit_id in offices_of(visit.actor)
    return visit.page(
        "documents/document.html",
        status=409 if refused is not None else 200,
        detail=detail,
        row=row,
        matter=found,
        item_seen=row.item_id is not None and sees_item(visit.reading, row.item_id),
        may_withdraw=own and visit.may("document:withdraw") and row.withdrawn_at is None and not elsewhere,
        ready=DocumentFormat.PDF in detail.renderings,
        refused_file=None,
        refused=visit.sentence(refused) if refused is not None else None,
    )


@router.get("/documents/{document_id}/drawing", name="document_drawing")
def draw_document(visit: Visiting, document_id: UUID) -> Response:
    """Draw the file of a document that has none yet, while its page says so; what the page then shows in that place.

    The worker that draws what nobody asked for may be faster: then this only finds what it kept.
    """
    if "hx-request" not in visit.request.headers:
        return visit.redirect("document", document_id=document_id)
    container, refused = visit.container, None
    try:
        printed(container.executor, container.draughtsman, visit.reading, document_id, DocumentFormat.PDF)
    except DocumentNotFound:
        raise
    except DomainError as error:
        refused = visit.sentence(error)
    visit.close_reading()
    return visit.page("documents/drawing.html", document_id=document_id, ready=refused is None, refused_file=refused)


@router.post(DOCUMENT, name="withdraw_document")
def withdraw(visit: Submitting, document_id: UUID) -> Response:
    """Take a document back; its number stays taken."""
    try:
        having = visit.run(WithdrawDocument(document_id=document_id, reason=visit.text("reason")))
    except (Conflict, RuleViolation) as error:
        return _document(visit, document_id, refused=error)
    return visit.redirect(
        "document", document_id=document_id, notice=Notice("document_withdrawn", {"count": len(having)})
    )


@router.get("/documents/{document_id}/file.{form}", name="document_file")
def send_document(visit: Visiting, document_id: UUID, form: DocumentFormat) -> Response:
    """The file: drawn when it is first asked for, the same ever after."""
    container = visit.container
    found = printed(container.executor, container.draughtsman, visit.reading, document_id, form)
    named = quote(found.name, safe="")
    headers = {
        "Content-Disposition": f"attachment; filename=\"document.{form}\"; filename*=UTF-8''{named}",
        "Content-Type": found.media_type,
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "ETag": f'"{found.sha256}"',
    }
    return FileResponse(found.path, headers=headers)
