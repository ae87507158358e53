"""Documents, whoever draws them: their series and numbers, the files that are embedded, what a file says it is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePosixPath
from uuid import UUID

from domain.document_errors import MarkPatternRefused, SeriesUnknown, TooManyAttachments
from domain.messages.issued import SERIES_WORDS

MEGABYTE = 1024 * 1024
MAX_ATTACHMENTS = 300
"""Files in one PDF. Beyond this, readers take minutes to open it, and nobody finds anything in the list."""
MAX_ATTACHED_BYTES = 300 * MEGABYTE
"""They are held in memory while the document is written."""

DOSSIER = "dossier"
"""The template of dossiers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file to be embedded in a PDF: where its bytes lie, and what they have to be.

    `sha256` (32 bytes) and `media_type` are what was recorded when the file was taken in; a file that is something
    else now is not embedded, and neither is the document made.
    """

    name: str
    path: Path
    sha256: bytes
    size: int
    media_type: str
    description: str = ""


def check_attachments(attachments: Sequence[Attached]) -> None:
    """Refuse more files, or more bytes, than one document may carry. Raises TooManyAttachments."""
    size = sum(each.size for each in attachments)
    if len(attachments) > MAX_ATTACHMENTS or size > MAX_ATTACHED_BYTES:
        raise TooManyAttachments(
            f"{len(attachments)} files, {size} bytes",
            count=len(attachments),
            megabytes=-(-size // MEGABYTE),
            limit=MAX_ATTACHMENTS,
            limit_megabytes=MAX_ATTACHED_BYTES // MEGABYTE,
        )


class DocumentFormat(StrEnum):
    """As what a document is given out."""

    PDF = "pdf"
    DOCX = "docx"


FORMAT_TYPES = {
    DocumentFormat.PDF: "application/pdf",
    DocumentFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True, slots=True)
class SeriesDefault:
    """What a series is called, and how its numbers are printed where the office has not said otherwise.

    `{office}` is the office's short name, `{year}` and `{number}` those of the document.
    """

    name: str
    pattern: str


SERIES: Mapping[str, SeriesDefault] = {
    key: SeriesDefault(name, pattern) for key, (name, pattern) in SERIES_WORDS.items()
}
"""The series that documents are issued in. Official numbers have no leading zeros (GB/T 9704-2012, 7.2.5)."""

_PLACES = re.compile(r"\{(\w*)\}")


def check_pattern(pattern: str) -> None:
    """Refuse a pattern without its number, or with places that nothing fills. Raises MarkPatternRefused."""
    found = _PLACES.findall(pattern)
    filled = "number" in found and {"number", "year"} >= set(found)
    if not filled or pattern.count("{") != len(found) or pattern.count("}") != len(found):
        raise MarkPatternRefused(pattern, pattern=pattern)


def default_series(key: str) -> SeriesDefault:
    """What is known of a series. Raises SeriesUnknown."""
    if key not in SERIES:
        raise SeriesUnknown(key, series=key)
    return SERIES[key]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a PDF says of itself: the document it would be, and the hashes of the files in it."""

    document_id: UUID | None
    files: Mapping[str, str] = field(default_factory=dict)


class Verdict(StrEnum):
    """What a file is, held against the record."""

    ISSUED = "issued"
    WITHDRAWN = "withdrawn"
    CHANGED = "changed"
    UNKNOWN = "unknown"


class FileVerdict(StrEnum):
    """What an embedded file is, held against the one that was frozen with the document."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"


def compared(frozen: Mapping[str, str], found: Mapping[str, str]) -> dict[str, FileVerdict]:
    """Each file by name: both give hashes in hexadecimal."""
    verdicts = {}
    for name in [*frozen, *(name for name in found if name not in frozen)]:
        if name not in found:
            verdicts[name] = FileVerdict.MISSING
        elif name not in frozen:
            verdicts[name] = FileVerdict.ADDED
        else:
            verdicts[name] = FileVerdict.UNCHANGED if frozen[name] == found[name] else FileVerdict.CHANGED
    return verdicts


def free_name(name: str, taken: Sequence[str]) -> str:
    """A name that no other file of the document has: two of one name would hide each other."""
    path, free, number = PurePosixPath(name), name, 2
    while free in taken:
        free, number = f"{path.stem}({number}){path.suffix}", number + 1
    return free
