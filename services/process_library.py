"""The published process versions: bundles by version, kept in memory because they never change."""

from datetime import datetime
from threading import Lock
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from bpmn.bundle import Bundle
from db.tables import ProcessFile, ProcessVersion
from domain.errors import NotFound


class ProcessLibrary:
    """Bundles by version id, loaded once per process. Thread-safe."""

    def __init__(self) -> None:
        self._bundles: dict[int, Bundle] = {}
        self._newest: dict[str, int] = {}
        self._lock = Lock()

    def bundle(self, session: Session, version_id: int) -> Bundle:
        """The bundle of a published version. Raises NotFound."""
        found = self._bundles.get(version_id)
        if found is None:
            version = session.get(ProcessVersion, version_id)
            if version is None:
                raise NotFound(f"process version {version_id}")
            files = session.exec(select(ProcessFile).where(ProcessFile.version_id == version_id)).all()
            found = Bundle.of({file.path: file.content for file in files}, version.key)
            with self._lock:
                found = self._bundles.setdefault(version_id, found)
        return found

    def newest(self, session: Session, key: str) -> int:
        """The id of the newest published version of a process. Raises NotFound.

        Asked of the database each time: another process may have published meanwhile.
        """
        statement = (
            select(ProcessVersion.id).where(ProcessVersion.key == key).order_by(col(ProcessVersion.version).desc())
        )
        version_id = session.exec(statement.limit(1)).first()
        if version_id is None:
            raise NotFound(f"process {key} is not published", what=key)
        return version_id


def next_version(session: Session, key: str) -> int:
    """The number the next published version of a process gets."""
    newest = session.exec(select(func.max(ProcessVersion.version)).where(ProcessVersion.key == key)).one()
    return (newest or 0) + 1


def publish(session: Session, bundle: Bundle, *, published_at: datetime, published_by: UUID | None) -> ProcessVersion:
    """Store a bundle as the newest version of its process; the same bundle again is the version it already is."""
    known = session.exec(select(ProcessVersion).where(ProcessVersion.digest == bundle.digest)).one_or_none()
    if known is not None:
        return known
    version = ProcessVersion(
        key=bundle.key,
        version=next_version(session, bundle.key),
        digest=bundle.digest,
        published_at=published_at,
        published_by=published_by,
    )
    session.add(version)
    session.flush()
    assert version.id is not None
    session.add_all(
        ProcessFile(version_id=version.id, path=path, content=content) for path, content in bundle.files.items()
    )
    return version
