"""From the file of a list that was published before to the command that keeps its rows."""

from uuid import UUID

from domain.permissions import Actor, Permission, is_allowed
from domain.replication_errors import NoReplicationList
from importers import read_document
from importers.model import DocumentKind, ParsedDocument
from importers.readers.detect import shown_name
from importers.registry import UnitRegistry
from services.replication_batches import ImportKnownList


def known_list_command(
    actor: Actor,
    content: bytes,
    *,
    name: str,
    digest: bytes,
    office_unit_id: UUID,
    registry: UnitRegistry,
    national: bool = False,
) -> ImportKnownList:
    """The command that imports `content`, read by the importer of documents; who may not is refused unread.

    Raises UnreadableDocument, DocumentTooLarge, NoReplicationList for a list of another kind.
    """
    parsed = ParsedDocument(kind=DocumentKind.REPLICATION_LIST)
    if is_allowed(actor, Permission.CASE_MANAGE, unit_id=office_unit_id):
        parsed = read_document(content, name, registry)
        if parsed.kind is not DocumentKind.REPLICATION_LIST:
            raise NoReplicationList(str(parsed.kind), name=shown_name(name))
    return ImportKnownList(
        office_unit_id=office_unit_id, source=shown_name(name), source_digest=digest, parsed=parsed, national=national
    )
