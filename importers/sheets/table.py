"""Reading a spreadsheet that came from outside: rows of text with their numbers, and nothing that runs.

Formulas are never computed: their stored value is read, and one without is an empty cell. Sizes are limited
before anything is unpacked.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from domain.errors import RuleViolation, TooLarge
from importers.errors import DamagedDocument, EncryptedDocument, MacroDocument, UnsafeXml
from importers.readers.container import Container

MAX_BYTES = 8 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 64
MAX_CELL = 4_000
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")


class UnreadableSheet(RuleViolation):
    """The file is not a spreadsheet this system reads."""

    code = "sheet_unreadable"


class SheetTooLarge(TooLarge):
    """The spreadsheet has more bytes, rows or columns than the limit."""

    code = "sheet_too_large"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number as the spreadsheet program shows it, and its cells as text without outer white space.

    `cells` may be shorter than the header. A cell longer than `MAX_CELL` is cut just beyond it, so that its reader
    can tell.
    """

    number: int
    cells: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return not any(self.cells)


def read_path(path: Path) -> list[Line]:
    """The rows of the first sheet of a file. Raises UnreadableSheet, SheetTooLarge and what `read_bytes` raises."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableSheet(str(error), name=path.name) from error
    return read_bytes(data, path.name)


def read_bytes(data: bytes, name: str) -> list[Line]:
    """The rows of the first sheet of an .xlsx, or of a .csv (UTF-8, UTF-16 with its mark, or GB18030).

    Raises:
        UnreadableSheet, SheetTooLarge: it is no such file, or larger than the limits.
        EncryptedDocument, MacroDocument, ArchiveBomb, UnsafeXml: it is one that is not opened.
    """
    if len(data) > MAX_BYTES:
        raise SheetTooLarge(f"{len(data)} bytes", name=name, limit=f"{MAX_BYTES // 1024 // 1024} MB")
    if data.startswith(_ZIP):
        return list(_limited(_workbook_lines(data, name), name))
    if data.startswith(_OLE):
        raise UnreadableSheet("the old binary format, or encrypted", name=name)
    return list(_limited(_csv_lines(data, name), name))


def _limited(lines: Iterator[Line], name: str) -> Iterator[Line]:
    for count, line in enumerate(lines, 1):
        if count > MAX_ROWS:
            raise SheetTooLarge(f"more than {MAX_ROWS} rows", name=name, limit=f"{MAX_ROWS} 行")
        if len(line.cells) > MAX_COLUMNS and any(line.cells[MAX_COLUMNS:]):
            raise SheetTooLarge(f"more than {MAX_COLUMNS} columns", name=name, limit=f"{MAX_COLUMNS} 列")
        yield Line(line.number, line.cells[:MAX_COLUMNS])


def _workbook_lines(data: bytes, name: str) -> Iterator[Line]:
    from openpyxl import load_workbook

    _check_package(data, name)
    try:
        book: Any = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            if not book.worksheets:
                raise UnreadableSheet("no sheet", name=name)
            sheet = book.worksheets[0]
            # What the file declares as its used range is ignored: programs write it wrongly, attackers on purpose.
            sheet.reset_dimensions()
            for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
                if number > MAX_ROWS:
                    raise SheetTooLarge(f"more than {MAX_ROWS} rows", name=name, limit=f"{MAX_ROWS} 行")
                yield Line(number, tuple(_text(value) for value in row[: MAX_COLUMNS + 1]))
        finally:
            book.close()
    except (UnreadableSheet, SheetTooLarge):
        raise
    except Exception as error:
        # openpyxl raises whatever a damaged file makes it raise: KeyError, zlib.error, ParseError, ValueError, …
        raise UnreadableSheet(f"{type(error).__name__}: {error}", name=name) from error


def _check_package(data: bytes, name: str) -> None:
    try:
        package = Container(data, name)
        if any(part.rpartition("/")[2].lower() == "vbaproject.bin" for part in package.names):
            raise MacroDocument("vbaProject.bin", name=name)
        if "xl/workbook.xml" not in package.names:
            raise UnreadableSheet("an archive without a workbook", name=name)
        for part in package.names:
            # No spreadsheet program writes a document type; with one, entities would be expanded while reading.
            if part.lower().endswith((".xml", ".rels")) and b"<!DOCTYPE" in package.read(part):
                raise UnsafeXml(f"a document type in {part!r}", name=name)
    except DamagedDocument as error:
        raise UnreadableSheet(str(error), name=name) from error
    except EncryptedDocument as error:
        raise UnreadableSheet("encrypted", name=name) from error


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        # A phone number typed as a number comes back as 13800000000.0.
        return str(int(value))
    return str(value).strip()[: MAX_CELL + 1]


def _csv_lines(data: bytes, name: str) -> Iterator[Line]:
    text = _decode(data, name)
    head = text[:4096]
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        start = 1
        for row in reader:
            yield Line(start, tuple(cell.strip()[: MAX_CELL + 1] for cell in row))
            start = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableSheet(f"line {reader.line_num}: {error}", name=name) from error


def _decode(data: bytes, name: str) -> str:
    encodings: Sequence[str] = ("utf-16",) if data.startswith(_BYTE_ORDER_MARKS) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UnreadableSheet("binary data", name=name)
