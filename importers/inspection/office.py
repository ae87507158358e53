"""Office Open XML (.docx, .xlsx, .pptx): its kind, macros, and the lines in which a mark would stand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from domain.evidence import ALLOWED, FileKind
from domain.evidence_errors import FileDamaged, FileEncrypted, FileExpandsTooFar, FileHasMacros, FileTypeNotAllowed
from importers.errors import ArchiveBomb, EncryptedDocument, UnreadableDocument
from importers.readers.container import Container

if TYPE_CHECKING:
    from lxml import etree

Read = TypeVar("Read")

CONTENT_TYPES = "[Content_Types].xml"
_MAIN_TYPES = {
    f"application/vnd.openxmlformats-officedocument.{name}.main+xml": kind
    for name, kind in (
        ("wordprocessingml.document", FileKind.DOCX),
        ("spreadsheetml.sheet", FileKind.XLSX),
        ("presentationml.presentation", FileKind.PPTX),
    )
}
# Word and WPS write these with or without the macro-enabled type; the part is what runs.
_PROGRAM_PARTS = ("vbaproject.bin", "vbadata.xml")
_PROGRAM_FOLDERS = ("xl/macrosheets/",)
_PROGRAM_TYPES = ("macroenabled", "vbaproject", "excel.macrosheet", "intlmacrosheet")
_PROPERTY_PARTS = ("docProps/core.xml", "docProps/app.xml", "docProps/custom.xml")
_PARAGRAPHS_LOOKED_AT = 200
_ROWS_LOOKED_AT = 10
_HEADERS_LOOKED_AT = 12
_SHARED_STRINGS_LOOKED_AT = 100_000
_INDEX_DIGITS = 12


@contextmanager
def opened(path: Path) -> Iterator[Container]:
    """The archive at `path`. What the import says about a document is said here about evidence.

    Raises FileEncrypted, FileExpandsTooFar, FileDamaged.
    """
    try:
        package = Container(path, path.name)
        try:
            yield package
        finally:
            package.close()
    except EncryptedDocument as error:
        raise FileEncrypted(str(error)) from error
    except ArchiveBomb as error:
        raise FileExpandsTooFar(str(error)) from error
    except (UnreadableDocument, KeyError) as error:
        raise FileDamaged(str(error)) from error


def main_part(package: Container) -> tuple[FileKind, str]:
    """The kind of document and the name of its main part. Raises FileHasMacros, FileTypeNotAllowed."""
    _refuse_programs(package)
    for element in package.xml(CONTENT_TYPES):
        content_type = element.get("ContentType", "").lower()
        if any(word in content_type for word in _PROGRAM_TYPES):
            raise FileHasMacros(content_type)
    for element in package.xml(CONTENT_TYPES):
        kind = _MAIN_TYPES.get(element.get("ContentType", "").partition(";")[0].strip())
        part = element.get("PartName", "").lstrip("/")
        if kind is not None and part in package.names:
            return kind, part
    raise FileTypeNotAllowed("no main part", found="zip", allowed=ALLOWED)


def _refuse_programs(package: Container) -> None:
    for name in package.names:
        lowered = name.lower()
        if lowered.rpartition("/")[2] in _PROGRAM_PARTS or lowered.startswith(_PROGRAM_FOLDERS):
            raise FileHasMacros(name)


def tops(package: Container, kind: FileKind, main: str) -> list[list[str]]:
    """Groups of lines that each start at the top of something. Raises KeyError for a part that is not there."""
    if kind is FileKind.DOCX:
        return _word_tops(package, main)
    if kind is FileKind.XLSX:
        sheet = _first(package, "xl/worksheets/sheet")
        return [_sheet_rows(package, sheet)] if sheet else []
    slide = _first(package, "ppt/slides/slide")
    return [[text for _, text in _paragraphs(package, slide)]] if slide else []


def properties(package: Container) -> dict[str, str]:
    """The document's properties, custom ones by their names."""
    found: dict[str, str] = {}
    for part in _PROPERTY_PARTS:
        if part in package.names:
            for element in package.xml(part):
                name = element.get("name") or str(element.tag).rpartition("}")[2]
                found[f"{part}:{name}"] = _whole_text(element)
    return found


def _first(package: Container, prefix: str) -> str | None:
    """The part that was made first: `sheet1.xml` before `sheet10.xml`."""
    parts = [name for name in package.names if name.startswith(prefix) and name.endswith(".xml")]
    return min(parts, key=lambda name: (len(name), name), default=None)


def _word_tops(package: Container, main: str) -> list[list[str]]:
    body: list[str] = []
    # A text box stands anywhere on the page, and its place is not read: each line of one may be a mark.
    boxes: list[list[str]] = []
    for in_box, text in _paragraphs(package, main):
        if in_box:
            boxes.append([text])
        else:
            body.extend(text.split("\n"))
    headers = sorted(n for n in package.names if n.startswith("word/header") and n.endswith(".xml"))
    lines = [[text for _, text in _paragraphs(package, part)] for part in headers[:_HEADERS_LOOKED_AT]]
    return [body, *boxes, *lines]


def _paragraphs(package: Container, part: str) -> list[tuple[bool, str]]:
    """The first paragraphs of a part, each with whether it stands in a text box."""

    def read(element: "etree._Element") -> tuple[bool, str]:
        return any(_local(a) == "txbxContent" for a in element.iterancestors()), _own_text(element)

    return list(islice(_elements(package, part, "p", read), _PARAGRAPHS_LOOKED_AT))


def _own_text(paragraph: "etree._Element") -> str:
    """The paragraph's text without that of text boxes anchored in it, which are paragraphs of their own."""
    words: list[str] = []
    skipped: set[etree._Element] = set()
    for element in paragraph.iter():
        parent = element.getparent()
        if parent in skipped or (_local(element) == "p" and element is not paragraph):
            skipped.add(element)
        elif _local(element) == "t":
            words.append(element.text or "")
        elif _local(element) in {"tab", "ptab"}:
            words.append(" ")
        elif _local(element) in {"br", "cr"}:
            words.append("\n")
    return "".join(words)


def _sheet_rows(package: Container, sheet: str) -> list[str]:
    """The first rows of a sheet, their cells set apart by a blank."""

    def read(row: "etree._Element") -> list[tuple[int | None, str]]:
        return [_cell(element) for element in row if _local(element) == "c"]

    rows = list(islice(_elements(package, sheet, "row", read), _ROWS_LOOKED_AT))
    wanted = {index for row in rows for index, _ in row if index is not None}
    shared: dict[int, str] = {}
    if wanted and "xl/sharedStrings.xml" in package.names:
        strings = _elements(package, "xl/sharedStrings.xml", "si", _whole_text)
        shared = {index: text for index, text in enumerate(islice(strings, max(wanted) + 1)) if index in wanted}
    return [" ".join(text if index is None else shared.get(index, "") for index, text in row) for row in rows]


def _cell(element: "etree._Element") -> tuple[int | None, str]:
    """A cell's text, or where it stands among the strings that all sheets share."""
    text = _whole_text(element)
    if element.get("t") == "s" and text.isdecimal() and len(text) < _INDEX_DIGITS:
        return min(int(text), _SHARED_STRINGS_LOOKED_AT), ""
    return None, text


def _elements(package: Container, part: str, name: str, read: "Callable[[etree._Element], Read]") -> Iterator["Read"]:
    """What `read` makes of the elements called `name`, one by one, so that only as much of a part is unpacked as is
    looked at. Raises FileDamaged.
    """
    from lxml import etree

    with package.open(part) as stream:
        events = etree.iterparse(
            stream, events=("end",), tag=f"{{*}}{name}", resolve_entities=False, load_dtd=False, no_network=True
        )
        try:
            for _, element in events:
                if element.getroottree().docinfo.internalDTD is not None:
                    raise FileDamaged(f"{part}: a document type declaration")
                yield read(element)
        except etree.XMLSyntaxError as error:
            raise FileDamaged(f"{part}: {error}") from error


def _local(element: "etree._Element") -> str:
    return str(element.tag).rpartition("}")[2]


def _whole_text(element: "etree._Element") -> str:
    return "".join(str(piece) for piece in element.itertext())
