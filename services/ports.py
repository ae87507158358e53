"""What the use cases need from outside. `app.container` fills these; tests put a fixed clock in."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from domain.documents import Attached, Claims
from domain.evidence import StoredFile


class Clock(Protocol):
    """Tells the time, so that tests, demo and rehearsal can set it."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current instant in UTC."""
        return datetime.now(UTC)


class SetClock:
    """A clock that stands where it was put: for the demo's simulated months, and for tests."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """The instant it was put to."""
        return self.at


class Part(Protocol):
    """The bytes of an upload session, held so that nothing is added to them meanwhile."""

    @property
    def path(self) -> Path:
        """Where they lie while they are looked at."""
        ...

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def sha256(self) -> bytes:
        """Their hash."""
        ...

    def keep(self, sha256: bytes) -> None:
        """Store them as this content, safely on disk when this returns. Doing it twice does no harm."""
        ...

    def discard(self) -> None:
        """Remove them."""
        ...


class FileStore(Protocol):
    """Keeps evidence once by its content, and unfinished uploads until they are finished."""

    def has_room(self, size: int) -> bool:
        """Whether so many bytes more leave the machine able to work."""
        ...

    def received(self, upload_id: UUID) -> int:
        """How many bytes of an upload are on disk."""
        ...

    def append(self, upload_id: UUID, data: bytes, *, offset: int, size: int) -> int:
        """Add a chunk to an upload of `size` bytes; it is safely on disk when this returns the next offset.

        Raises OffsetMismatch, TooLarge, StorageFull.
        """
        ...

    def part(self, upload_id: UUID) -> AbstractContextManager[Part]:
        """The upload's bytes, held while the context lasts."""
        ...

    def discard(self, upload_id: UUID) -> None:
        """Remove the upload's bytes, if there are any."""
        ...

    def parts(self) -> Iterator[tuple[UUID, datetime]]:
        """The uploads that have bytes here, and when they last got some."""
        ...

    def path(self, sha256: bytes) -> Path:
        """Where content lies, or would lie."""
        ...

    def remove(self, sha256: bytes) -> None:
        """Remove the bytes of content, if they are here."""
        ...

    def stored(self) -> Iterator[StoredFile]:
        """Every file among the contents."""
        ...


class Draughtsman(Protocol):
    """Draws documents, and reads what a file says it is. Hostile content ends where it is drawn."""

    def pdf(self, template: str, content: Mapping[str, Any], *, attachments: Sequence[Attached] = ()) -> bytes:
        """The PDF/A-3b of plain content; raises the errors of `domain.document_errors`."""
        ...

    def docx(self, template: str, content: Mapping[str, Any]) -> bytes:
        """The same for a word processor."""
        ...

    def sheets(self, template: str, content: Mapping[str, Any]) -> tuple[bytes, ...]:
        """Each page as a picture (PNG), to be looked at before anything is issued."""
        ...

    def claims(self, path: Path) -> Claims:
        """What the PDF at `path` says of itself; nothing for any other file. Raises FileTookTooLong, FileNotRead."""
        ...


class Scanner(Protocol):
    """A virus scanner."""

    def scan(self, path: Path) -> str | None:
        """The name of what was found in the file, or None. Takes at most 20 seconds; raises Unavailable beyond."""
        ...


class NoScanner:
    """For offices whose scanner watches the file system by itself."""

    def scan(self, path: Path) -> str | None:  # noqa: ARG002  the port's signature
        """Nothing is found."""
        return None


@dataclass(frozen=True, slots=True)
class Storage:
    """Where evidence is kept, what looks at it first, and how large one file may be (bytes)."""

    files: FileStore
    max_bytes: int
    scanner: Scanner = field(default_factory=NoScanner)
