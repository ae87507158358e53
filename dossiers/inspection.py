"""What a file says it is: the document that its description names, and the hashes of the files in it."""

import hashlib
import re
from pathlib import Path
from uuid import UUID

import pikepdf

from domain.documents import Claims

KEYWORD = re.compile(r"dudao-document:([0-9a-f-]{36})")
"""As `templates/base.html.j2` writes it into the keywords."""


def read_claims(path: Path) -> Claims:
    """Nothing for a file that is no PDF, or names no document. Embedded files are read, not believed."""
    try:
        with pikepdf.open(path) as document:
            named = KEYWORD.search(str(document.docinfo.get("/Keywords", "")))
            if named is None:
                return Claims(None)
            files = {
                name: hashlib.sha256(spec.get_file().read_bytes()).hexdigest()
                for name, spec in document.attachments.items()
            }
            return Claims(UUID(named.group(1)), files)
    except (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, TypeError, AttributeError):
        return Claims(None)
