"""Opening a zip that came from outside, and the XML in it, without trusting either."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from importers.errors import ArchiveBomb, DamagedDocument, EncryptedDocument, UnsafeXml
from importers.readers import limits

if TYPE_CHECKING:
    from lxml import etree

_ENCRYPTED_ENTRY = 0x1


class Container:
    """A zip archive within the limits. Raises DamagedDocument, ArchiveBomb or EncryptedDocument when it is not one."""

    def __init__(self, source: bytes | Path, name: str) -> None:
        self.name = name
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)
            entries = self._archive.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeError, EOFError) as error:
            raise DamagedDocument(f"not a zip archive: {error}", name=name) from error
        if len(entries) > limits.MAX_ENTRIES:
            raise ArchiveBomb(f"{len(entries)} entries", name=name)
        # zipfile reads no more of an entry than it declares, so the declared sizes are the sizes that can be met.
        if sum(entry.file_size for entry in entries) > limits.MAX_UNPACKED_BYTES:
            raise ArchiveBomb("declared sizes beyond the limit", name=name)
        for entry in entries:
            if entry.flag_bits & _ENCRYPTED_ENTRY:
                raise EncryptedDocument("an entry of the archive is encrypted", name=name)
            large = entry.file_size > limits.RATIO_COUNTS_FROM_BYTES
            if large and entry.file_size > entry.compress_size * limits.MAX_PACKING_RATIO:
                raise ArchiveBomb(f"{entry.filename!r} packs {entry.file_size}/{entry.compress_size}", name=name)
        self.names = frozenset(entry.filename for entry in entries)

    def read(self, part: str) -> bytes:
        """One part. Raises KeyError if there is none, DamagedDocument or ArchiveBomb."""
        with self.open(part) as stream:
            return stream.read()

    @contextmanager
    def open(self, part: str) -> Iterator[IO[bytes]]:
        """One part, to read as much of it as is needed. Raises as `read` does."""
        entry = self._archive.getinfo(part)
        if entry.file_size > limits.MAX_PART_BYTES:
            raise ArchiveBomb(f"{part!r} has {entry.file_size} bytes", name=self.name)
        try:
            with self._archive.open(entry) as stream:
                yield stream
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError) as error:
            raise DamagedDocument(f"{part!r}: {error}", name=self.name) from error

    def close(self) -> None:
        """Let go of the file."""
        self._archive.close()

    def xml(self, part: str) -> "etree._Element":
        """One part as XML. Raises KeyError if there is none, UnsafeXml or DamagedDocument."""
        return parse_xml(self.read(part), self.name)


def parse_xml(data: bytes, name: str) -> "etree._Element":
    """Parse without entities, document types, network or huge nodes. Raises UnsafeXml or DamagedDocument."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        # A document type is refused whether or not what follows it is well-formed.
        if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
            raise UnsafeXml(str(error), name=name) from error
        raise DamagedDocument(str(error), name=name) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnsafeXml("a document type declaration", name=name)
    return root
