"""Whether the files of evidence are still what they were when they were stored."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from sqlmodel import Session, col, select

from db.file_store import file_sha256
from db.tables import Blob, Evidence, UploadSession
from services.ports import FileStore

SETTLED = timedelta(minutes=10)
"""A file without a row may belong to a transaction that is still under way as long as it is younger than this."""


class FaultKind(StrEnum):
    """What can be wrong with a file."""

    MISSING = "missing"
    CHANGED = "changed"
    ORPHANED = "orphaned"
    NOT_EXPUNGED = "not_expunged"


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that is not what the record says. `names` are those of the evidence it belongs to."""

    kind: FaultKind
    path: Path
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredContent:
    """What the record says of one content."""

    sha256: bytes
    size: int
    expunged: bool
    names: tuple[str, ...]


def stored_contents(session: Session, item_id: UUID | None = None) -> list[StoredContent]:
    """Every content on record, or an item's, in the order in which it was stored."""
    statement = select(Blob).order_by(col(Blob.stored_at), col(Blob.sha256))
    if item_id is not None:
        used = select(Evidence.blob_sha256).where(Evidence.item_id == item_id)
        statement = statement.where(col(Blob.sha256).in_(used))
    names: dict[bytes | None, list[str]] = {}
    for sha256, name in session.exec(select(Evidence.blob_sha256, Evidence.name)).all():
        names.setdefault(sha256, []).append(name)
    return [
        StoredContent(blob.sha256, blob.size, blob.expunged_at is not None, tuple(names.get(blob.sha256, ())))
        for blob in session.exec(statement).all()
    ]


def verify_contents(
    contents: Iterable[StoredContent], files: FileStore, *, progress: Callable[[int], None]
) -> list[Fault]:
    """Read the contents again and compare them with their hashes. `progress` is told the bytes done.

    Takes as long as the disk takes, so no transaction is open meanwhile.
    """
    faults: list[Fault] = []
    for content in contents:
        path = files.path(content.sha256)
        kind = _fault(content, path)
        if kind is not None:
            faults.append(Fault(kind, path, content.names))
        progress(content.size)
    return faults


def _fault(content: StoredContent, path: Path) -> FaultKind | None:
    if content.expunged:
        return FaultKind.NOT_EXPUNGED if path.exists() else None
    try:
        whole = path.stat().st_size == content.size and file_sha256(path) == content.sha256
    except FileNotFoundError:
        return FaultKind.MISSING
    except OSError:
        # A sector that cannot be read any more.
        whole = False
    return None if whole else FaultKind.CHANGED


def orphans(session: Session, files: FileStore, *, now: datetime) -> list[Fault]:
    """Files that belong to nothing on record. `now` is the machine's time, by which files are dated."""
    # Files first: one that comes meanwhile has its row by the time the rows are read, or is young.
    present, parts = list(files.stored()), list(files.parts())
    known = set(session.exec(select(Blob.sha256)).all())
    uploads = set(session.exec(select(UploadSession.id)).all())
    strays = [file.path for file in present if file.sha256 not in known and file.changed_at < now - SETTLED]
    strays += [Path("parts", str(id_)) for id_, grown_at in parts if id_ not in uploads and grown_at < now - SETTLED]
    return [Fault(FaultKind.ORPHANED, path) for path in strays]
