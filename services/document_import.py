"""From a file to a draft list: read with the office's own registry, stored by `ImportDocument`."""

import hashlib
from pathlib import Path
from uuid import UUID

from domain.permissions import Actor, Permission, is_allowed
from importers import read_document
from importers.errors import DocumentNotFound
from importers.model import DocumentKind, ParsedDocument
from importers.readers.detect import shown_name
from importers.readers.limits import MAX_FILE_BYTES
from importers.registry import UnitRegistry
from services.lists import ImportDocument


def read_file(path: Path) -> bytes:
    """The file, or as much of it as shows that it is too large. Raises DocumentNotFound."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise DocumentNotFound(str(error), name=shown_name(path.name)) from error


def import_command(
    actor: Actor, content: bytes, *, name: str, office_unit_id: UUID, registry: UnitRegistry, historical: bool = False
) -> ImportDocument:
    """The command that imports `content` for that office, its units looked up in `registry`.

    No connection is held meanwhile: reading takes a second. The command refuses whoever may not import; nothing of
    theirs is parsed, because reading a document costs more than refusing one.

    Raises UnreadableDocument, DocumentTooLarge.
    """
    parsed = ParsedDocument(kind=DocumentKind.NONE)
    if is_allowed(actor, Permission.LIST_IMPORT, unit_id=office_unit_id):
        parsed = read_document(content, name, registry)
    return ImportDocument(
        office_unit_id=office_unit_id,
        source_name=shown_name(name),
        source_digest=hashlib.sha256(content).digest(),
        parsed=parsed,
        historical=historical,
    )
