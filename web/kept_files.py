"""A small file between its check and its saving: the page that shows what it would change carries it along.

Nothing of a file that was only looked at is stored anywhere.
"""

import base64
import binascii
from dataclasses import dataclass

from starlette.datastructures import UploadFile

from importers.sheets.table import SheetTooLarge
from web.visit import Submission

LONGEST = 700_000
"""Bytes. A field of a form may have a megabyte, and its letters need a third more than the file."""
FIELD, NAME_FIELD = "kept_file", "kept_name"
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file's name and content."""

    name: str
    content: bytes

    @property
    def field(self) -> str:
        """The content as the next form carries it."""
        return base64.b64encode(self.content).decode()


def sent_file(visit: Submission, name: str = "file") -> KeptFile | None:
    """The file that was chosen, or the one that the page carried; None where there is neither.

    Raises SheetTooLarge.
    """
    given = visit.form.get(name)
    if isinstance(given, UploadFile) and given.filename:
        content = given.file.read(LONGEST + 1)
        if len(content) > LONGEST:
            raise SheetTooLarge(given.filename, name=given.filename, limit=f"{LONGEST // 1000} kB")
        return KeptFile(given.filename[-LONGEST_NAME:], content)
    try:
        content = base64.b64decode(visit.text(FIELD), validate=True)
    except (binascii.Error, ValueError):
        return None
    return KeptFile(visit.text(NAME_FIELD)[-LONGEST_NAME:], content) if content else None
