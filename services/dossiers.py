"""Dossiers 案卷: everything about an item or a case as one numbered, frozen document with its proofs.

A dossier is an issued document of a series of its own (`services/documents.py`): it is numbered when it is made, drawn
by the worker from what was frozen, kept, and verified as every other one. What it adds is its content.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson
from sqlmodel import col, select

from db.file_store import file_sha256
from db.tables import Blob, Evidence, Item
from domain.document_errors import AttachmentChanged, AttachmentMissing
from domain.documents import DOSSIER, Attached, check_attachments
from domain.messages.dossiers import DOCUMENT_TITLE, SCOPES
from domain.permissions import Permission
from services.documents import Issued, issue_document
from services.dossier_content import Scope, dossier_content
from services.evidence import visible_item
from services.queries.reading import Reading
from services.unit_of_work import UnitOfWork

SERIES: Final = "dossier"
TEMPLATE: Final = DOSSIER
_LONGEST_SUBJECT = 60
"""Characters of the subject in the document's title; all of it stands in the document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDossier:
    """The office makes the dossier of an item as it stands now.

    The public version never carries files; `with_files` off leaves them out of the whole one too, with their hashes in
    the list: for an item with more files than one document can hold.
    """

    item_id: UUID
    scope: Scope = Scope.FULL
    with_files: bool = True

    def execute(self, uow: UnitOfWork) -> Issued:
        """The issued document. Nothing of the item changes.

        Raises NotFound, PermissionDenied, TooManyAttachments, AttachmentMissing, AttachmentChanged.
        """
        uow.about(self.item_id)
        item = visible_item(uow, self.item_id)
        uow.require(Permission.DOSSIER_ISSUE, unit_id=item.office_unit_id)
        # Nobody takes a step while it is read: what is said of the steps and of the item is said of one moment.
        uow.lock(Item, item.root_id)
        reading = Reading(uow.session, uow.actor, uow.now, uow.calendar, uow.library)
        content = dossier_content(reading, item.id, scope=self.scope, with_files=self.with_files)
        check_files(uow, content.files)
        data = content.data
        subject: str = data["subject"]
        short = subject if len(subject) <= _LONGEST_SUBJECT else f"{subject[: _LONGEST_SUBJECT - 1]}…"
        return issue_document(
            uow,
            series=SERIES,
            template=TEMPLATE,
            title=DOCUMENT_TITLE.format(paper=data["paper"], scope=SCOPES[self.scope], subject=short),
            content={**data, "fingerprint": fingerprint(data)},
            office_unit_id=item.office_unit_id,
            item_id=item.id,
            public=self.scope is Scope.PUBLIC,
            evidence_ids=content.files,
        )


def fingerprint(data: object) -> str:
    """The sha256 of frozen content in its one spelling, as it is printed on the cover."""
    return hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()


def check_files(uow: UnitOfWork, evidence_ids: Sequence[UUID]) -> None:
    """Refuse before a number is given what could not be drawn: too much, missing, or not what was taken in.

    Raises TooManyAttachments, AttachmentMissing, AttachmentChanged.
    """
    statement = (
        select(Evidence.name, Blob)
        .join(Blob, col(Blob.sha256) == col(Evidence.blob_sha256))
        .where(col(Evidence.id).in_(evidence_ids))
        .order_by(col(Evidence.added_at), col(Evidence.id))
    )
    attachments = [
        Attached(
            name=name,
            path=uow.storage.files.path(blob.sha256),
            sha256=blob.sha256,
            size=blob.size,
            media_type=blob.media_type,
        )
        for name, blob in uow.session.exec(statement)
    ]
    check_attachments(attachments)
    for attached in attachments:
        try:
            same = file_sha256(attached.path) == attached.sha256
        except OSError as error:
            raise AttachmentMissing(f"{attached.path}: {error.strerror}", name=attached.name) from error
        if not same:
            raise AttachmentChanged(str(attached.path), name=attached.name)
