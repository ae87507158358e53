"""What kind of file this is, by its content (a name proves nothing), and reading it or saying why not."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from importers.errors import (
    ClassifiedDocument,
    DocumentNotFound,
    DocumentTooLarge,
    EmptyDocument,
    EncryptedDocument,
    LegacyWord,
    MacroDocument,
    OtherOffice,
    ScannedPdf,
    TextPdf,
    UnreadableDocument,
    UnsafeXml,
    WrongEncoding,
)
from importers.grammar.marks import TOP_LINES, mark_in_lines
from importers.readers import limits
from importers.readers.container import Container
from importers.structure import Document, Table

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PDF_MARK_WITHIN = 1024
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_CONTENT_TYPES = "[Content_Types].xml"
_FORMATS_BY_PART = (("xl/", "电子表格"), ("ppt/", "演示文稿"))
_PDF_PAGES_LOOKED_AT = 5
# In Chinese prose nearly every character is among the 3,755 of GB 2312's first level; in text of another
# encoding read as GB18030 hardly more than half are.
_COMMON_SHARE = 0.8
_FIRST_LEVEL = (0xB0A1, 0xD7F9)
_TWO_BYTES = 2
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_CONTROL_SHARE = 0.001


def load_document(source: Path | str | bytes, name: str | None = None) -> Document:
    """Read a file (a path, or its bytes) into blocks. `name` is what messages call it.

    Raises a subclass of `importers.errors.UnreadableDocument`, or DocumentTooLarge; nothing else, whatever the file.
    """
    if isinstance(source, bytes):
        return _read(source, shown_name(name or "文件"))
    path = Path(source)
    shown = shown_name(name or path.name)
    try:
        if not path.is_file():
            raise DocumentNotFound(f"{path} is no file", name=shown)
        with path.open("rb") as file:
            data = file.read(limits.MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise DocumentNotFound(str(error), name=shown) from error
    return _read(data, shown)


def shown_name(name: str) -> str:
    """`name` without folders and control characters, short enough for a sentence."""
    base = re.split(r"[\\/]", name)[-1]
    return "".join(char for char in base if char.isprintable())[:120] or "文件"


def _read(data: bytes, name: str) -> Document:
    if len(data) > limits.MAX_FILE_BYTES:
        raise DocumentTooLarge(name=name, limit=f"{limits.MAX_FILE_BYTES // limits.MEBI} MB")
    if not data.strip():
        raise EmptyDocument(name=name)
    if b"%PDF-" in data[:_PDF_MARK_WITHIN]:
        raise _pdf_problem(data, name)
    if data.startswith(_OLE):
        raise _ole_problem(data, name)
    if data.startswith(b"{\\rtf"):
        raise LegacyWord("rich text", name=name)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _read_archive(data, name)
    return _read_plain(data, name)


def _read_archive(data: bytes, name: str) -> Document:
    from importers.readers.docx import main_part, read_docx

    container = Container(data, name)
    if any(part.rpartition("/")[2].lower() == "vbaproject.bin" for part in container.names):
        raise MacroDocument("vbaProject.bin", name=name)
    if _CONTENT_TYPES not in container.names:
        if "mimetype" in container.names and container.read("mimetype").startswith(b"application/vnd.oasis"):
            raise OtherOffice("OpenDocument", name=name, format="OpenDocument 文件")
        raise UnreadableDocument("an archive, not a document", name=name)
    for prefix, what in _FORMATS_BY_PART:
        if any(part.startswith(prefix) for part in container.names):
            raise OtherOffice(prefix, name=name, format=what)
    types = {
        element.get("PartName", ""): element.get("ContentType", "")
        for element in container.xml(_CONTENT_TYPES)
        if element.get("PartName")
    }
    if any("macroEnabled" in content_type for content_type in types.values()):
        raise MacroDocument("macro-enabled content type", name=name)
    part = main_part(container)
    if part is None or types.get(f"/{part}", _WORD_TYPE).partition(";")[0] != _WORD_TYPE:
        raise UnreadableDocument("an office archive without a Word document", name=name)
    return _admissible(read_docx(container, name), name)


def _lines(document: Document) -> Iterator[str]:
    """The lines of a document from its top; heads of documents are often set in a table."""
    for block in document.blocks:
        if isinstance(block, Table):
            yield from (line for row in block.rows for cell in row.cells for line in cell.text.split("\n") if line)
        else:
            yield from block.text.split("\n")


def _admissible(document: Document, name: str) -> Document:
    """`document`, unless there is nothing in it, or a classification mark at its top."""
    if not document.blocks:
        raise EmptyDocument("no text in the document", name=name)
    mark = mark_in_lines(itertools.islice(_lines(document), TOP_LINES))
    if mark is not None:
        raise ClassifiedDocument(name=name, mark=mark)
    return document


def _ole_problem(data: bytes, name: str) -> UnreadableDocument:
    """Which of the formats in Microsoft's old container it is."""
    import olefile

    try:
        with olefile.OleFileIO(data) as ole:
            streams = {"/".join(entry).lower() for entry in ole.listdir()}
    except Exception as error:  # noqa: BLE001 - olefile raises whatever a damaged container makes it raise
        return UnreadableDocument(f"damaged OLE container: {error}", name=name)
    if {"encryptedpackage", "encryptioninfo"} & streams:
        return EncryptedDocument("an encrypted office package", name=name)
    if "worddocument" in streams:
        return LegacyWord("Word 97-2003", name=name)
    if {"workbook", "book"} & streams:
        return OtherOffice("Excel 97-2003", name=name, format="电子表格")
    if "powerpoint document" in streams:
        return OtherOffice("PowerPoint 97-2003", name=name, format="演示文稿")
    return UnreadableDocument("an OLE container without a document", name=name)


def _pdf_problem(data: bytes, name: str) -> UnreadableDocument:
    """Encrypted, pictures only, or with text: no PDF is imported, but each is mended differently."""
    import io
    import logging

    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)

    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            return EncryptedDocument("an encrypted PDF", name=name)
        pages = reader.pages[:_PDF_PAGES_LOOKED_AT]
        with_fonts = any("/Font" in (page.get("/Resources") or {}) for page in pages)
    except Exception as error:  # noqa: BLE001 - pypdf raises whatever a damaged or hostile PDF makes it raise
        return UnreadableDocument(f"damaged PDF: {error}", name=name)
    return TextPdf(name=name) if with_fonts else ScannedPdf(name=name)


def _read_plain(data: bytes, name: str) -> Document:
    from importers.readers.text import read_text

    if len(data) > limits.MAX_TEXT_BYTES:
        raise DocumentTooLarge(name=name, limit=f"{limits.MAX_TEXT_BYTES // limits.MEBI} MB")
    text = _decode(data, name)
    head = text[:2048].lstrip().lower()
    if head.startswith("<?xml") and ("<!doctype" in head or "<!entity" in text.lower()):
        raise UnsafeXml("an XML file with a document type", name=name)
    if head.startswith(("<?xml", "<html", "<!doctype html", "<w:document")):
        raise OtherOffice("markup", name=name, format="网页或 XML 文件")
    return _admissible(read_text(text, name), name)


def _decode(data: bytes, name: str) -> str:
    """The text of a plain file. Raises UnreadableDocument for binary data, WrongEncoding for unknown text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return _printable(data.decode("utf-16"), name)
        except UnicodeDecodeError as error:
            raise UnreadableDocument(f"binary data: {error}", name=name) from error
    try:
        return _printable(data.decode("utf-8-sig"), name)
    except UnicodeDecodeError:
        pass
    if b"\x00" in data:
        raise UnreadableDocument("binary data", name=name)
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise WrongEncoding(str(error), name=name) from error
    text = _printable(text, name)
    if not _is_chinese_prose(text):
        raise WrongEncoding("decodes as GB18030, but not to Chinese", name=name)
    return text


def _printable(text: str, name: str) -> str:
    """`text`, unless it has the control characters of a binary file."""
    if len(_CONTROL.findall(text)) > max(1, len(text) * _CONTROL_SHARE):
        raise UnreadableDocument("binary data", name=name)
    return text


def _is_chinese_prose(text: str) -> bool:
    """Whether the characters beyond ASCII are mostly those of modern Chinese."""
    common = rare = 0
    for char in text:
        if char.isascii() or not char.isalpha():
            continue
        code = char.encode("gb18030")
        first_level = len(code) == _TWO_BYTES and _FIRST_LEVEL[0] <= int.from_bytes(code) <= _FIRST_LEVEL[1]
        common, rare = (common + 1, rare) if first_level else (common, rare + 1)
    return common >= (common + rare) * _COMMON_SHARE
