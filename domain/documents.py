"""What documents are made of, whoever draws them: files that are embedded, and how much one document may carry."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.document_errors import TooManyAttachments

MEGABYTE = 1024 * 1024
MAX_ATTACHMENTS = 300
"""Files in one PDF. Beyond this, readers take minutes to open it, and nobody finds anything in the list."""
MAX_ATTACHED_BYTES = 300 * MEGABYTE
"""They are held in memory while the document is written."""


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
