"""Reading issued documents: lists, one with its story, what it was frozen as, and whether a file is the one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from db.tables import (
    DocumentRecipient,
    DocumentRendering,
    DocumentSeries,
    DocumentWithdrawal,
    IssuedDocument,
    Item,
    Person,
    Unit,
)
from domain.document_errors import DocumentNotFound
from domain.documents import DOSSIER, Claims, FileVerdict, Verdict, compared
from domain.items import ItemKind
from domain.permissions import BUSINESS, Actor, Permission, is_allowed
from services.queries.page import Key, Order, Page, page_of
from services.queries.reading import Reading
from services.visibility import OFFICE_ROLES, visible_items

_SEARCHED: tuple[Any, ...] = (IssuedDocument.title, IssuedDocument.mark)
ORDER = Order((col(IssuedDocument.issued_at), col(IssuedDocument.id)), (datetime, UUID), descending=True)


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as it is listed, newest first. `withdrawn_at` is when it was taken back."""

    id: UUID
    series: str
    series_name: str
    mark: str
    year: int
    number: int
    title: str
    office_unit_id: UUID
    office_name: str
    item_id: UUID | None
    public: bool
    issued_on: date
    issued_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """A file that goes with a document, as it was when that was signed."""

    name: str
    sha256: str
    size: int
    media_type: str
    evidence_id: UUID | None


@dataclass(frozen=True, slots=True)
class DocumentDetail:
    """One document: what was frozen, who signed it, who has it, which files were drawn from it."""

    row: DocumentRow
    template: str
    content: Mapping[str, Any]
    sha256: str
    files: tuple[EmbeddedFile, ...]
    issued_by: str | None
    recipients: tuple[str, ...]
    withdrawal_reason: str | None
    told: tuple[str, ...]
    renderings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a document is drawn from. `kept` has the hash of each form that was drawn before."""

    id: UUID
    template: str
    content: Mapping[str, Any]
    files: tuple[EmbeddedFile, ...]
    descriptions: Mapping[str, str]
    kept: Mapping[str, bytes]
    mark: str
    title: str


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A series of an office with its last number of this year, 0 where there is none yet."""

    key: str
    name: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a file is. `files` says of each embedded file whether it is the one that was frozen."""

    verdict: Verdict
    document: DocumentRow | None
    files: Mapping[str, FileVerdict]

    @property
    def intact(self) -> bool:
        """Whether the file may be relied on: issued, in force or withdrawn, with every file unchanged."""
        unchanged = all(verdict is FileVerdict.UNCHANGED for verdict in self.files.values())
        return self.verdict in {Verdict.ISSUED, Verdict.WITHDRAWN} and unchanged


def visible_documents(actor: Actor) -> ColumnElement[bool]:
    """Public ones for everybody with a role in business; others for the office, the recipients, and by their item.

    Not a matter's whole dossier by its item: who gave which mark and who stated what stands in it (`domain.answers`).
    Nor a bulletin: who is quoted in one is not for that among its recipients.
    """
    units = actor.units_as(*BUSINESS)
    if not is_allowed(actor, Permission.DOCUMENT_READ) or not units:
        return col(IssuedDocument.id).is_(None)
    received = select(DocumentRecipient.document_id).where(col(DocumentRecipient.unit_id).in_(units))
    return or_(
        col(IssuedDocument.public),
        col(IssuedDocument.office_unit_id).in_(actor.units_as(*OFFICE_ROLES)),
        col(IssuedDocument.id).in_(received),
        and_(
            col(IssuedDocument.template) != DOSSIER,
            col(IssuedDocument.item_id).in_(
                select(Item.id).where(visible_items(actor), Item.kind != ItemKind.BULLETIN)
            ),
        ),
        col(IssuedDocument.item_id).in_(select(Item.id).where(visible_items(actor), Item.kind == ItemKind.TASK)),
    )


def list_documents(
    reading: Reading,
    *,
    item_id: UUID | None = None,
    series: str | None = None,
    year: int | None = None,
    text: str | None = None,
    after: Key | None = None,
    limit: int = 50,
) -> Page[DocumentRow]:
    """A page of the documents that the actor sees, newest first. Raises InvalidCursor."""
    statement = _rows().where(visible_documents(reading.actor))
    if item_id is not None:
        statement = statement.where(col(IssuedDocument.item_id) == item_id)
    if series is not None:
        statement = statement.where(col(DocumentSeries.key) == series)
    if year is not None:
        statement = statement.where(col(IssuedDocument.year) == year)
    if text:
        wanted = (col(column).icontains(text.strip(), autoescape=True) for column in _SEARCHED)
        statement = statement.where(or_(*wanted))
    if after is not None:
        statement = statement.where(ORDER.after(after))
    found = reading.session.execute(statement.order_by(*ORDER.clauses()).limit(limit + 1)).all()
    return page_of([_row(each) for each in found], limit, lambda row: (row.issued_at, row.id))


def documents_of_item(reading: Reading, item_id: UUID) -> tuple[DocumentRow, ...]:
    """The documents about an item that the actor sees, newest first."""
    statement = _rows().where(visible_documents(reading.actor), col(IssuedDocument.item_id) == item_id)
    return tuple(_row(each) for each in reading.session.execute(statement.order_by(*ORDER.clauses())).all())


def document_detail(reading: Reading, document_id: UUID) -> DocumentDetail:
    """One document. Raises DocumentNotFound."""
    statement = _rows().where(visible_documents(reading.actor), col(IssuedDocument.id) == document_id)
    found = reading.session.execute(statement).one_or_none()
    if found is None:
        raise DocumentNotFound(str(document_id))
    document = reading.session.get_one(IssuedDocument, document_id)
    frozen = frozen_document(reading.session, document_id)
    withdrawal = reading.session.get(DocumentWithdrawal, document_id)
    signer = reading.session.get(Person, document.issued_by) if document.issued_by else None
    names = reading.session.exec(
        select(DocumentRecipient.name)
        .where(DocumentRecipient.document_id == document_id)
        .order_by(col(DocumentRecipient.name))
    ).all()
    return DocumentDetail(
        row=_row(found),
        template=frozen.template,
        content=frozen.content,
        sha256=document.sha256.hex(),
        files=frozen.files,
        issued_by=signer.name if signer else None,
        recipients=(*names, *document.outside),
        withdrawal_reason=withdrawal.reason if withdrawal else None,
        told=tuple(withdrawal.recipients) if withdrawal else (),
        renderings={form: sha256.hex() for form, sha256 in frozen.kept.items()},
    )


def frozen_document(session: Session, document_id: UUID) -> Frozen:
    """What a document is drawn from, whoever asks. Raises DocumentNotFound."""
    document = session.get(IssuedDocument, document_id)
    if document is None:
        raise DocumentNotFound(str(document_id))
    snapshot = orjson.loads(document.snapshot)
    files = tuple(
        EmbeddedFile(
            name=each["name"],
            sha256=each["sha256"],
            size=each["size"],
            media_type=each["media_type"],
            evidence_id=UUID(each["evidence_id"]) if each.get("evidence_id") else None,
        )
        for each in snapshot["files"]
    )
    kept = session.exec(select(DocumentRendering).where(DocumentRendering.document_id == document_id)).all()
    return Frozen(
        id=document_id,
        template=snapshot["template"],
        content=snapshot["content"],
        files=files,
        descriptions={each["name"]: each["description"] for each in snapshot["files"]},
        kept={row.format: row.sha256 for row in kept},
        mark=document.mark,
        title=document.title,
    )


def series_of(reading: Reading, office_unit_id: UUID) -> tuple[SeriesRow, ...]:
    """The series that the office has begun or set up."""
    rows = reading.session.exec(
        select(DocumentSeries).where(DocumentSeries.office_unit_id == office_unit_id).order_by(col(DocumentSeries.key))
    ).all()
    return tuple(SeriesRow(row.key, row.name, row.pattern) for row in rows)


def unprinted(session: Session, form: str, *, limit: int) -> list[UUID]:
    """Documents of which this form was never drawn, oldest first."""
    drawn = select(DocumentRendering.document_id).where(DocumentRendering.format == form)
    statement = select(IssuedDocument.id).where(col(IssuedDocument.id).not_in(drawn))
    return list(session.exec(statement.order_by(col(IssuedDocument.issued_at)).limit(limit)).all())


def verify_file(session: Session, sha256: bytes, claims: Claims) -> Verified:
    """Hold a file against the record: by its hash, and failing that by what it says it is.

    Needs no permission: who has the file learns only whether it is genuine, and what is printed on it anyway.
    """
    rendering = session.exec(select(DocumentRendering).where(DocumentRendering.sha256 == sha256)).first()
    document_id = rendering.document_id if rendering else claims.document_id
    found = session.execute(_rows().where(col(IssuedDocument.id) == document_id)).one_or_none() if document_id else None
    if found is None:
        return Verified(Verdict.UNKNOWN, None, {})
    row = _row(found)
    frozen = {file.name: file.sha256 for file in frozen_document(session, row.id).files}
    if rendering is None:
        return Verified(Verdict.CHANGED, row, compared(frozen, claims.files))
    # The bytes are the ones that were kept, and with them every embedded file: a .docx has none.
    verdict = Verdict.WITHDRAWN if row.withdrawn_at else Verdict.ISSUED
    return Verified(verdict, row, compared(frozen, claims.files) if claims.document_id else {})


def _rows() -> Any:
    columns: tuple[Any, ...] = (IssuedDocument, DocumentSeries, Unit.short_name, DocumentWithdrawal.withdrawn_at)
    return (
        sql_select(*columns)
        .join(DocumentSeries, col(DocumentSeries.id) == col(IssuedDocument.series_id))
        .join(Unit, col(Unit.id) == col(IssuedDocument.office_unit_id))
        .join(DocumentWithdrawal, col(DocumentWithdrawal.document_id) == col(IssuedDocument.id), isouter=True)
    )


def _row(found: Any) -> DocumentRow:
    document, series, office, withdrawn_at = found
    return DocumentRow(
        id=document.id,
        series=series.key,
        series_name=series.name,
        mark=document.mark,
        year=document.year,
        number=document.number,
        title=document.title,
        office_unit_id=document.office_unit_id,
        office_name=office,
        item_id=document.item_id,
        public=document.public,
        issued_on=document.issued_on,
        issued_at=document.issued_at,
        withdrawn_at=withdrawn_at,
    )
