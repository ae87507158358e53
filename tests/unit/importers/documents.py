"""Documents made on the spot: Word files by python-docx as offices' programs write them, and raw archives."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from domain.units import UnitKind
from importers import read_document
from importers.model import ParsedDocument
from importers.registry import AliasRecord, StaticRegistry, UnitRecord

Merge = tuple[int, int, int, int]
"""First row and column, last row and column."""

REGISTRY = StaticRegistry(
    [
        UnitRecord("市商务局", "江北市商务局", UnitKind.DEPARTMENT),
        UnitRecord("市财政局", "江北市财政局", UnitKind.DEPARTMENT),
        UnitRecord("市数据局", "江北市数据局", UnitKind.DEPARTMENT, valid_from="2024-01-01"),
        UnitRecord("市大数据中心", "江北市大数据管理中心", UnitKind.OTHER, successor="市数据局"),
        UnitRecord("市文化和旅游局", "江北市文化和旅游局", UnitKind.DEPARTMENT),
        UnitRecord("市交通运输委", "江北市交通运输委员会", UnitKind.DEPARTMENT),
        UnitRecord("江北海关", "中华人民共和国江北海关", UnitKind.CENTRAL_BRANCH),
        UnitRecord("云湖区人民政府", "江北市云湖区人民政府", UnitKind.DISTRICT),
        UnitRecord("江北港集团", "江北港（集团）有限公司", UnitKind.ENTERPRISE),
    ],
    [
        AliasRecord("市交通委", "市交通运输委"),
        AliasRecord("市港务局", "江北港集团", "former"),
        AliasRecord("无此单位", "不存在的单位"),
    ],
)


def parse(source: str | bytes | WordDocument, name: str = "清单.docx") -> ParsedDocument:
    """The document as the importer reads it, with the invented city's registry."""
    if isinstance(source, str):
        return read_document(source.encode(), "清单.txt", REGISTRY)
    return read_document(source if isinstance(source, bytes) else saved(source), name, REGISTRY)


def saved(document: WordDocument) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def word(*paragraphs: str, rows: Sequence[Sequence[str]] = (), merges: Iterable[Merge] = ()) -> WordDocument:
    """A Word document with paragraphs, then one table."""
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if rows:
        add_table(document, rows, merges)
    return document


def add_table(container: Any, rows: Sequence[Sequence[str]], merges: Iterable[Merge] = ()) -> Any:
    """A table in a document or a cell; `merges` keep the first cell's text, as Word does."""
    if hasattr(container, "add_paragraph") and not hasattr(container, "paragraphs"):
        table = container.add_table(len(rows), len(rows[0]))
    else:
        table = container.add_table(rows=len(rows), cols=len(rows[0]))
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    for top, left, bottom, right in merges:
        first = table.cell(top, left)
        text = first.text
        first.merge(table.cell(bottom, right)).text = text
    return table


def element(tag: str, children: Sequence[Any] = (), **attributes: str) -> Any:
    """A `w:` element."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    for child in children:
        made.append(child)
    return made


def archive(parts: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return buffer.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def with_part(data: bytes, name: str, content: bytes | str) -> bytes:
    """A Word file with one part replaced or added."""
    return archive({**parts_of(data), name: content})
