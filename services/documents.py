"""Documents are issued: numbered at signing and only then, frozen with their hash, withdrawn with all who have them.

The number comes from a counter that is counted up in the transaction that issues. Two who sign at once wait for each
other there; one that is rolled back leaves no gap. Nothing else is waited for once the counter is held, so it comes
last in the order of locks.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID, uuid4

import orjson
from sqlmodel import col, select

from db.tables import (
    Blob,
    Delivery,
    DocumentRecipient,
    DocumentSeries,
    DocumentWithdrawal,
    Evidence,
    IssuedDocument,
    Unit,
)
from domain.calendar import local_date
from domain.document_errors import AttachmentMissing, ContentRefused, DocumentNotFound, DocumentWithdrawn
from domain.documents import check_pattern, default_series, free_name
from domain.permissions import Permission
from services.occasions import WITHDRAWAL_TOPIC
from services.unit_of_work import UnitOfWork

OWN_KEYS = frozenset({"document_id", "title", "dated", "mark", "number", "year"})
"""What issuing adds to the content; a template prints them, and nobody else sets them."""

_ADD_SERIES: LiteralString = (
    "INSERT INTO document_series (id, office_unit_id, key, name, pattern, created_at) VALUES (%s, %s, %s, %s, %s, %s)"
    " ON CONFLICT ON CONSTRAINT uq_document_series DO NOTHING"
)
_NEXT: LiteralString = (
    "INSERT INTO document_counter (series_id, year, last) VALUES (%s, %s, 1)"
    " ON CONFLICT (series_id, year) DO UPDATE SET last = document_counter.last + 1 RETURNING last"
)


@dataclass(frozen=True, slots=True)
class Issued:
    """A document that is issued if this transaction commits. `sha256_of_content` is that of the snapshot."""

    id: UUID
    year: int
    number: int
    mark: str
    sha256_of_content: bytes
    issued_at: datetime


def issue_document(
    uow: UnitOfWork,
    *,
    series: str,
    template: str,
    title: str,
    content: Mapping[str, Any],
    office_unit_id: UUID,
    item_id: UUID | None = None,
    public: bool = True,
    evidence_ids: Sequence[UUID] = (),
    recipients: Sequence[UUID] = (),
    outside: Sequence[str] = (),
) -> Issued:
    """Number and freeze a document. Call it last, after every other lock of the command; the caller has checked the
    permission.

    `content` is plain JSON data for `<template>.html.j2`. Added to it: `document_id`, `title`, `dated` (today), `year`,
    `number` and `mark`, the last also into `content["head"]` if there is one. `evidence_ids` go with it as embedded
    files; `recipients` are units, `outside` names of others. `public` documents are read by everybody with a role here,
    others by the office, the recipients, and who sees the item.

    Raises SeriesUnknown, ContentRefused, AttachmentMissing for evidence on paper or expunged.
    """
    found = _series(uow, office_unit_id, series)
    files = _files(uow, evidence_ids)
    on = local_date(uow.now)
    document_id = uuid4()
    [rows] = uow.read((_NEXT, (found.id, on.year)))
    number: int = rows[0][0]
    mark = found.pattern.format(year=on.year, number=number)
    own = {"document_id": str(document_id), "title": title, "dated": on.isoformat(), "mark": mark}
    frozen = {**content, **own, "number": number, "year": on.year}
    if isinstance(content.get("head"), Mapping):
        frozen["head"] = {**content["head"], "mark": mark}
    snapshot = _frozen({"template": template, "content": frozen, "files": files})
    sha256 = hashlib.sha256(snapshot.encode()).digest()
    row = IssuedDocument(
        id=document_id,
        office_unit_id=office_unit_id,
        series_id=found.id,
        year=on.year,
        number=number,
        mark=mark,
        title=title,
        template=template,
        item_id=item_id,
        public=public,
        snapshot=snapshot,
        sha256=sha256,
        issued_on=on,
        issued_at=uow.now,
        issued_by=uow.actor.id,
        outside=list(outside),
    )
    uow.session.add(row)
    uow.session.flush()
    _add_recipients(uow, document_id, recipients)
    return Issued(document_id, on.year, number, mark, sha256, uow.now)


def withdraw_document(uow: UnitOfWork, document_id: UUID, reason: str) -> tuple[str, ...]:
    """Take a document back. Its number stays taken, its text stays on record, and nobody is given its file any more
    without being told. The caller has checked the permission.

    Gives the names of all who have it, to be told. Raises DocumentNotFound, DocumentWithdrawn.
    """
    row = uow.session.get(IssuedDocument, document_id)
    if row is None:
        raise DocumentNotFound(str(document_id))
    # Two who withdraw at once: the office's series is their lock, as for those who issue.
    uow.session.exec(
        select(DocumentSeries).where(DocumentSeries.id == row.series_id).with_for_update(key_share=True)
    ).one()
    before = uow.session.get(DocumentWithdrawal, document_id, populate_existing=True)
    if before is not None:
        raise DocumentWithdrawn(str(document_id), withdrawn_on=local_date(before.withdrawn_at).isoformat())
    names = uow.session.exec(
        select(DocumentRecipient.name)
        .where(DocumentRecipient.document_id == document_id)
        .order_by(col(DocumentRecipient.name))
    ).all()
    having = (*names, *row.outside)
    uow.session.add(
        DocumentWithdrawal(
            document_id=document_id,
            reason=reason,
            recipients=list(having),
            withdrawn_at=uow.now,
            withdrawn_by=uow.actor.id,
        )
    )
    uow.session.flush()
    return having


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawDocument:
    """The office takes back a document that it issued; the people of the units that have it are told by message."""

    document_id: UUID
    reason: str

    def execute(self, uow: UnitOfWork) -> tuple[str, ...]:
        """Who has it. Raises DocumentNotFound, PermissionDenied, DocumentWithdrawn."""
        uow.about(self.document_id)
        row = uow.session.get(IssuedDocument, self.document_id)
        if row is None or row.office_unit_id not in uow.actor.units_as():
            uow.authorized = True
            raise DocumentNotFound(str(self.document_id))
        uow.require(Permission.DOCUMENT_WITHDRAW, unit_id=row.office_unit_id)
        having = withdraw_document(uow, self.document_id, self.reason)
        uow.session.add(Delivery(created_at=uow.now, subject_id=self.document_id, topic=WITHDRAWAL_TOPIC))
        uow.session.flush()
        return having


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSeries:
    """The office says how the numbers of a series are printed, from the next one on."""

    office_unit_id: UUID
    key: str
    pattern: str

    def execute(self, uow: UnitOfWork) -> None:
        """Raises PermissionDenied, SeriesUnknown, MarkPatternRefused."""
        uow.about(self.office_unit_id)
        uow.require(Permission.DOCUMENT_SERIES, unit_id=self.office_unit_id)
        check_pattern(self.pattern)
        found = _series(uow, self.office_unit_id, self.key)
        found.pattern = self.pattern
        uow.session.add(found)
        uow.session.flush()


def _series(uow: UnitOfWork, office_unit_id: UUID, key: str) -> DocumentSeries:
    """The office's series, begun with its first document if nobody has set it up."""
    statement = select(DocumentSeries).where(DocumentSeries.office_unit_id == office_unit_id, DocumentSeries.key == key)
    found = uow.session.exec(statement).one_or_none()
    if found is not None:
        return found
    default = default_series(key)
    office = uow.get(Unit, office_unit_id)
    # A brace in a name would be a place that nothing fills.
    pattern = default.pattern.replace("{office}", office.short_name.replace("{", "").replace("}", ""))
    uow.driver.execute(_ADD_SERIES, (uuid4(), office_unit_id, key, default.name, pattern, uow.now))
    return uow.session.exec(statement).one()


def _files(uow: UnitOfWork, evidence_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = []
    for evidence_id in evidence_ids:
        row = uow.get(Evidence, evidence_id)
        blob = uow.session.get(Blob, row.blob_sha256) if row.blob_sha256 is not None else None
        if blob is None or blob.expunged_at is not None:
            raise AttachmentMissing(str(evidence_id), name=row.name)
        files.append(
            {
                "name": free_name(row.name, [file["name"] for file in files]),
                "sha256": blob.sha256.hex(),
                "size": blob.size,
                "media_type": blob.media_type,
                "description": row.proves,
                "evidence_id": str(evidence_id),
            }
        )
    return files


def _frozen(parts: Mapping[str, Any]) -> str:
    """The one spelling of a snapshot: keys in order, no spaces."""
    try:
        return orjson.dumps(parts, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError as error:
        raise ContentRefused(str(error), what=str(error)) from error


def _add_recipients(uow: UnitOfWork, document_id: UUID, recipients: Sequence[UUID]) -> None:
    wanted = list(dict.fromkeys(recipients))
    if not wanted:
        return
    names = dict(uow.session.exec(select(Unit.id, Unit.official_name).where(col(Unit.id).in_(wanted))).all())
    uow.session.add_all(
        DocumentRecipient(document_id=document_id, unit_id=unit_id, name=names[unit_id]) for unit_id in wanted
    )
    uow.session.flush()
