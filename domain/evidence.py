"""Evidence: which files are accepted, under which name, and how an upload goes on after it was cut off.

The allow-list is what offices exchange and what can be looked into. Left out on purpose: archives (what is inside
escapes every check here: type, macros, classification marks), the binary formats before 2007 and WPS's own (they
hide macros and their text cannot be read reliably), pages and scripts (a browser would run them).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path, PurePosixPath

from domain.errors import TooLarge
from domain.evidence_errors import EvidenceClassified, FileTypeNotAllowed, InvalidFileName, OffsetMismatch
from domain.messages import CLASSIFICATION_NAMES

CHUNK_BYTES = 4 * 1024 * 1024
"""The most one chunk may carry: it is held in memory until it is on disk."""

NAME_BYTES = 240
"""In UTF-8. File systems allow 255; the rest is for the browser's " (1)"."""

MEGABYTE = 1024 * 1024


class EvidenceKind(StrEnum):
    """A file that is stored here, or a paper that is kept elsewhere."""

    FILE = "file"
    PAPER = "paper"


class Classification(StrEnum):
    """The three levels of state secrets (Law on Guarding State Secrets, art. 14), and internal, which is none."""

    INTERNAL = "internal"
    SECRET = "secret"  # noqa: S105  a level, not a password
    HIGHLY_SECRET = "highly_secret"  # noqa: S105  a level, not a password
    TOP_SECRET = "top_secret"  # noqa: S105  a level, not a password


STATE_SECRET = frozenset({Classification.SECRET, Classification.HIGHLY_SECRET, Classification.TOP_SECRET})


class FileKind(StrEnum):
    """What a file is by its content."""

    PDF = "pdf"
    OFD = "ofd"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    PNG = "png"
    JPEG = "jpeg"
    TIFF = "tiff"
    TEXT = "text"


_OFFICE_OPEN_XML = "application/vnd.openxmlformats-officedocument"

MEDIA_TYPES: dict[FileKind, str] = {
    FileKind.PDF: "application/pdf",
    FileKind.OFD: "application/ofd",
    FileKind.DOCX: f"{_OFFICE_OPEN_XML}.wordprocessingml.document",
    FileKind.XLSX: f"{_OFFICE_OPEN_XML}.spreadsheetml.sheet",
    FileKind.PPTX: f"{_OFFICE_OPEN_XML}.presentationml.presentation",
    FileKind.PNG: "image/png",
    FileKind.JPEG: "image/jpeg",
    FileKind.TIFF: "image/tiff",
    FileKind.TEXT: "text/plain",
}

EXTENSIONS: dict[str, FileKind] = {
    "pdf": FileKind.PDF,
    "ofd": FileKind.OFD,
    "docx": FileKind.DOCX,
    "xlsx": FileKind.XLSX,
    "pptx": FileKind.PPTX,
    "png": FileKind.PNG,
    "jpg": FileKind.JPEG,
    "jpeg": FileKind.JPEG,
    "tif": FileKind.TIFF,
    "tiff": FileKind.TIFF,
    "txt": FileKind.TEXT,
    "csv": FileKind.TEXT,
}

ALLOWED = ", ".join(EXTENSIONS)

# What Windows does not take in a file name; a colleague will save the file there.
_UNSAVEABLE = re.compile(r'[<>:"|?*]')
_DEVICE_NAMES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in a file. `text_read` is false where a person has to look for a mark: pictures and scans."""

    kind: FileKind
    text_read: bool


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the store. `sha256` is its name, and None for a file that does not belong there."""

    path: Path
    sha256: bytes | None
    size: int
    changed_at: datetime


def clean_name(given: str) -> str:
    """The file name under which evidence is kept and downloaded again.

    Folders are cut off, characters that cannot be seen or that turn the direction of writing are dropped (so that
    `fdp.exe` cannot be shown as `exe.pdf`), and the stem is shortened to `NAME_BYTES` with its extension.

    Raises InvalidFileName when nothing is left.
    """
    name = unicodedata.normalize("NFC", given.encode("utf-8", "ignore").decode("utf-8"))
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(" " if unicodedata.category(c) in {"Zl", "Zp", "Zs"} else c for c in name)
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    name = " ".join(_UNSAVEABLE.sub("_", name).split()).strip(". ")
    if not name or not PurePosixPath(name).stem.strip("._ "):
        raise InvalidFileName(repr(given))
    if _DEVICE_NAMES.match(name):
        name = f"_{name}"
    return _shortened(name)


def _shortened(name: str) -> str:
    path = PurePosixPath(name)
    room = NAME_BYTES - len(path.suffix.encode())
    if room <= 0:
        raise InvalidFileName(name)
    stem = path.stem.encode()[:room].decode("utf-8", "ignore")
    return f"{stem.rstrip('. ')}{path.suffix}"


def declared_kind(name: str) -> FileKind:
    """The kind that a file's extension claims. Raises FileTypeNotAllowed."""
    extension = PurePosixPath(name).suffix.removeprefix(".").lower()
    kind = EXTENSIONS.get(extension)
    if kind is None:
        raise FileTypeNotAllowed(name, found=extension, allowed=ALLOWED)
    return kind


def check_size(size: int, *, limit: int) -> None:
    """Refuse a file of more than `limit` bytes, before any of them is sent. Raises TooLarge."""
    if size > limit:
        raise TooLarge(str(size), limit=f"{limit // MEGABYTE} MB")


def check_classification(declared: Classification | None) -> None:
    """Refuse what its uploader says is a state secret: it must not be in this system. Raises EvidenceClassified."""
    if declared is not None and declared in STATE_SECRET:
        raise EvidenceClassified(str(declared), mark=CLASSIFICATION_NAMES[declared], where="declared")


def check_chunk(*, offset: int, length: int, received: int, size: int) -> None:
    """Whether a chunk of `length` bytes for `offset` continues what was received of `size` bytes.

    A chunk that was sent twice is refused too: its sender learns where to go on, and nothing is written twice.

    Raises OffsetMismatch with the right offset, TooLarge when there would be more than was declared.
    """
    if offset != received:
        raise OffsetMismatch(f"{offset}, expected {received}", offset=received)
    if length > CHUNK_BYTES:
        raise TooLarge(str(length), limit=f"{CHUNK_BYTES // MEGABYTE} MB")
    if offset + length > size:
        raise TooLarge(f"{offset + length} of {size}", limit=f"{size} B")
