"""Reading dossiers: which an item has, and whether their proofs are still what they were."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlmodel import Session, col, select

from db.tables import DocumentSeries, IssuedDocument
from services.dossier_content import Scope
from services.dossiers import SERIES
from services.ports import FileStore
from services.queries.documents import frozen_document
from services.queries.evidence_check import stored_contents, verify_contents

EXPUNGED = "expunged"


@dataclass(frozen=True, slots=True)
class Proof:
    """A piece of evidence as a document has it, held against the store.

    `fault` is None while the stored file is the one that was printed, `expunged` for one that was removed by two
    persons since, else the kind of `services.queries.evidence_check.FaultKind`.
    """

    name: str
    sha256: str
    fault: str | None


def dossiers_of(session: Session, item_id: UUID, scope: Scope) -> list[UUID]:
    """The dossiers of an item in one version, the newest first."""
    statement = (
        select(IssuedDocument.id)
        .join(DocumentSeries, col(DocumentSeries.id) == col(IssuedDocument.series_id))
        .where(
            IssuedDocument.item_id == item_id,
            DocumentSeries.key == SERIES,
            IssuedDocument.public == (scope is Scope.PUBLIC),
        )
        .order_by(col(IssuedDocument.issued_at).desc(), col(IssuedDocument.number).desc())
    )
    return list(session.exec(statement).all())


def proofs_of(session: Session, files: FileStore, document_id: UUID) -> list[Proof]:
    """Every proof that an issued document prints or carries, with what has become of its file.

    Reads the files again, so it takes as long as the disk takes. Raises DocumentNotFound.
    """
    frozen = frozen_document(session, document_id)
    named: dict[str, str] = {}
    rows = frozen.content.get("evidence")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and row.get("sha256"):
            named.setdefault(str(row["sha256"]), str(row.get("name") or ""))
    for file in frozen.files:
        named.setdefault(file.sha256, file.name)
    item_id = session.get_one(IssuedDocument, document_id).item_id
    stored = [content for content in stored_contents(session, item_id) if content.sha256.hex() in named]
    faults: dict[Path, str] = {
        fault.path: fault.kind.value for fault in verify_contents(stored, files, progress=lambda _size: None)
    }
    gone = {content.sha256.hex(): EXPUNGED for content in stored if content.expunged}
    return [
        Proof(name, sha256, faults.get(files.path(bytes.fromhex(sha256))) or gone.get(sha256))
        for sha256, name in named.items()
    ]
