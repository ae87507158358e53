"""Word documents (.docx): the body's XML read directly, because position, merged cells, repeated header rows and
automatic numbers all matter here, and because nothing of an untrusted file but the parts named below is opened.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from importers.errors import DamagedDocument, TooComplexDocument
from importers.readers.container import Container
from importers.readers.docx_numbering import Numbering
from importers.readers.limits import MAX_COLUMNS, MAX_NESTING, Budget
from importers.readers.markup import INDENT, clean
from importers.structure import Block, Cell, Document, Heading, Paragraph, Position, Remark, Row, Table

if TYPE_CHECKING:
    from lxml.etree import _Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_ALTERNATE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Choice"

# Deleted and moved-away text, field codes, properties, and notes are not what the page shows in the line.
_NOT_SHOWN = frozenset(
    f"{W}{tag}"
    for tag in ("del", "moveFrom", "delText", "instrText", "pPr", "rPr", "tblPr", "tcPr", "trPr", "sdtPr", "sdtEndPr")
)
_OFF = frozenset({"0", "false", "off"})
_HEADING_STYLE = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)
_OUTLINE_LEVELS = 9
_STYLE_DEPTH = 12


def _flag(parent: "_Element | None", tag: str) -> bool:
    element = None if parent is None else parent.find(f"{W}{tag}")
    return element is not None and element.get(f"{W}val", "true") not in _OFF


def _number(parent: "_Element | None", path: str, default: int) -> int:
    element = None if parent is None else parent.find(path)
    text = "" if element is None else element.get(f"{W}val", "")
    return int(text) if re.fullmatch(r"\d{1,6}", text) else default


class _Styles:
    """What paragraph styles say of outline level and numbering, with inheritance."""

    def __init__(self, root: "_Element | None") -> None:
        self._by_id = {} if root is None else {s.get(f"{W}styleId", ""): s for s in root.findall(f"{W}style")}

    def _chain(self, style_id: str) -> "Iterator[_Element]":
        for _ in range(_STYLE_DEPTH):
            style = self._by_id.get(style_id)
            if style is None:
                return
            yield style
            based = style.find(f"{W}basedOn")
            style_id = "" if based is None else based.get(f"{W}val", "")

    def outline_level(self, style_id: str) -> int | None:
        """The heading level from 1 of a style, None for body text."""
        for style in self._chain(style_id):
            level = _number(style, f"{W}pPr/{W}outlineLvl", _OUTLINE_LEVELS)
            if level < _OUTLINE_LEVELS:
                return level + 1
            name = style.find(f"{W}name")
            named = _HEADING_STYLE.fullmatch("" if name is None else name.get(f"{W}val", ""))
            if named:
                return int(named[1])
        return None

    def numbering(self, style_id: str) -> tuple[str, int] | None:
        """The list and level a style numbers its paragraphs by."""
        for style in self._chain(style_id):
            found = style.find(f"{W}pPr/{W}numPr/{W}numId")
            if found is not None:
                return found.get(f"{W}val", ""), _number(style, f"{W}pPr/{W}numPr/{W}ilvl", 0)
        return None


def _relations(container: Container, part: str) -> dict[str, str]:
    """Targets of a part's relations by the last word of their type, e.g. styles: word/styles.xml."""
    folder, _, file = part.rpartition("/")
    try:
        root = container.xml(f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels")
    except KeyError:
        return {}
    found: dict[str, str] = {}
    for relation in root:
        if isinstance(relation.tag, str) and relation.get("TargetMode") != "External":
            target = relation.get("Target", "")
            path = target[1:] if target.startswith("/") else f"{folder}/{target}" if folder else target
            found.setdefault(relation.get("Type", "").rpartition("/")[2], path)
    return found


def main_part(container: Container) -> str | None:
    """The path of the archive's main office part, whatever program wrote it; None if it names none."""
    path = _relations(container, "").get("officeDocument")
    return path if path in container.names else None


def read_docx(container: Container, name: str) -> Document:
    """Read the body of a Word document.

    Raises DamagedDocument, UnsafeXml, ArchiveBomb, TooComplexDocument; `name` is used in messages.
    """
    part = main_part(container)
    if part is None:
        raise DamagedDocument("no main document part", name=name)
    related = _relations(container, part)

    def optional(kind: str) -> "_Element | None":
        path = related.get(kind, "")
        return _transitional(container, path) if path in container.names else None

    body = _transitional(container, part).find(f"{W}body")
    if body is None:
        raise DamagedDocument("no body", name=name)
    return _Body(name, _Styles(optional("styles")), Numbering(optional("numbering"))).read(body)


def _transitional(container: Container, part: str) -> "_Element":
    """A part's XML; files saved as Strict Open XML use other namespaces for the same elements."""
    root = container.xml(part)
    if root.tag.startswith(f"{{{_STRICT}}}"):
        for element in root.iter():
            if isinstance(element.tag, str) and element.tag.startswith(f"{{{_STRICT}}}"):
                element.tag = W + element.tag[len(_STRICT) + 2 :]
                for key, value in list(element.attrib.items()):
                    if str(key).startswith(f"{{{_STRICT}}}"):
                        element.set(W + str(key)[len(_STRICT) + 2 :], value)
    return root


class _Body:
    """One pass over the body, counting lines, tables and numbers as it goes."""

    def __init__(self, name: str, styles: _Styles, numbering: Numbering) -> None:
        self._name = name
        self._styles = styles
        self._numbering = numbering
        self._budget = Budget(name)
        self._line = 0
        self._segment = 0
        self._tracked = False

    def read(self, body: "_Element") -> Document:
        blocks = tuple(self._blocks(body, 0))
        remarks: tuple[Remark, ...] = ()
        if self._tracked:
            remarks = (Remark("tracked_changes", "文档含有未接受的修订：按接受全部修订后的文字读取，请核对。"),)
        return Document(blocks, name=self._name, remarks=remarks)

    def _children(self, parent: "_Element", depth: int) -> "Iterator[_Element]":
        """Paragraphs and tables directly in `parent`, through content controls and change marks."""
        if depth > MAX_NESTING:
            raise TooComplexDocument(name=self._name, limit=f"{MAX_NESTING}层嵌套")
        for child in parent:
            if child.tag in {f"{W}p", f"{W}tbl", f"{W}tr", f"{W}tc"}:
                yield child
            elif child.tag in {f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins", f"{W}moveTo", f"{W}smartTag"}:
                yield from self._children(child, depth + 1)
            elif child.tag == _ALTERNATE:
                chosen = child.find(_CHOICE)
                if chosen is None:
                    chosen = child.find(_FALLBACK)
                if chosen is not None:
                    yield from self._children(chosen, depth + 1)

    def _blocks(self, parent: "_Element", depth: int) -> Iterator[Block]:
        for child in self._children(parent, depth):
            self._budget.spend(blocks=1)
            if child.tag == f"{W}tbl":
                yield from self._table(child, depth + 1)
            elif child.tag == f"{W}p":
                yield from self._paragraph_blocks(child, depth)

    def _paragraph_blocks(self, element: "_Element", depth: int) -> Iterator[Block]:
        self._line += 1
        position = Position(self._line)
        printed, boxes = self._paragraph(element)
        if text := clean(printed):
            properties = element.find(f"{W}pPr")
            level = _number(properties, f"{W}outlineLvl", _OUTLINE_LEVELS) + 1
            if level > _OUTLINE_LEVELS:
                level = self._styles.outline_level(self._style(properties)) or 0
            yield Heading(text, level, position) if level else Paragraph(text, position, printed)
        for box in boxes:
            yield from self._blocks(box, depth + 1)

    @staticmethod
    def _style(properties: "_Element | None") -> str:
        style = None if properties is None else properties.find(f"{W}pStyle")
        return "" if style is None else style.get(f"{W}val", "")

    def _label(self, properties: "_Element | None") -> str:
        """The automatic number in front of a paragraph."""
        found = None if properties is None else properties.find(f"{W}numPr/{W}numId")
        if found is not None:
            used = (found.get(f"{W}val", ""), _number(properties, f"{W}numPr/{W}ilvl", 0))
        else:
            used = self._styles.numbering(self._style(properties)) or ("", 0)
        return self._numbering.next_label(*used)

    def _paragraph(self, element: "_Element") -> "tuple[str, list[_Element]]":
        """The text a paragraph shows, and the text boxes anchored in it."""
        parts = [self._label(element.find(f"{W}pPr"))]
        boxes: list[_Element] = []
        self._runs(element, parts, boxes, 0)
        text = "".join(parts)
        self._budget.spend(characters=len(text))
        return text, boxes

    def _runs(self, element: "_Element", parts: list[str], boxes: "list[_Element]", depth: int) -> None:
        if depth > MAX_NESTING * 2:
            raise TooComplexDocument(name=self._name, limit=f"{MAX_NESTING * 2}层嵌套")
        for child in element:
            tag = child.tag
            if tag in _NOT_SHOWN:
                self._tracked = self._tracked or tag in {f"{W}del", f"{W}moveFrom"}
            elif tag == f"{W}t":
                parts.append(child.text or "")
            elif tag in {f"{W}tab", f"{W}ptab"}:
                parts.append("\t")
            elif tag in {f"{W}br", f"{W}cr"}:
                parts.append("\n")
            elif tag == f"{W}noBreakHyphen":
                parts.append("-")
            elif tag == f"{W}txbxContent":
                boxes.append(child)
            elif tag == _FALLBACK and element.find(_CHOICE) is not None:
                continue
            elif not (tag == f"{W}r" and _flag(child.find(f"{W}rPr"), "vanish")):
                self._tracked = self._tracked or tag == f"{W}ins"
                self._runs(child, parts, boxes, depth + 1)

    def _table(self, element: "_Element", depth: int) -> Iterator[Block]:
        """A table, then the tables and boxes that stand inside its cells as blocks of their own."""
        segment, self._segment = self._segment, self._segment + 1
        inner: list[Block] = []
        rows: list[Row] = []
        above: dict[int, Cell] = {}
        for row in self._children(element, depth):
            if row.tag == f"{W}tr" and not self._deleted(row):
                self._line += 1
                rows.append(self._row(row, segment, above, inner, depth))
        if rows:
            yield Table(tuple(rows), rows[0].position)
        yield from inner

    def _deleted(self, row: "_Element") -> bool:
        deleted = row.find(f"{W}trPr/{W}del") is not None
        self._tracked = self._tracked or deleted
        return deleted

    def _row(self, row: "_Element", segment: int, above: dict[int, Cell], inner: list[Block], depth: int) -> Row:
        """One row; `above` holds, by grid column, the cells that a merge may continue, and is brought up to date."""
        position = Position(self._line, 1, segment)
        properties = row.find(f"{W}trPr")
        cells: list[Cell] = []
        column = min(_number(properties, f"{W}gridBefore", 0), MAX_COLUMNS)
        cells.extend(Cell("", Position(self._line, index + 1, segment)) for index in range(column))
        for element in self._children(row, depth):
            if element.tag != f"{W}tc" or column >= MAX_COLUMNS:
                continue
            self._budget.spend(cells=1)
            cell = self._cell(element, Position(self._line, column + 1, segment), inner, depth)
            merged = element.find(f"{W}tcPr/{W}vMerge")
            upper = above.get(column)
            if merged is not None and merged.get(f"{W}val", "continue") == "continue" and upper is not None:
                # Word keeps what was typed into a merged-away cell and shows none of it.
                cell = Cell(upper.text, cell.position, upper.printed, cell.span, continues=True)
            if merged is None:
                above.pop(column, None)
            else:
                above[column] = cell
            cells.append(cell)
            column += cell.span
        return Row(tuple(cells), position, repeats_header=_flag(properties, "tblHeader"))

    def _cell(self, element: "_Element", position: Position, inner: list[Block], depth: int) -> Cell:
        """One cell; its paragraphs separated by newlines."""
        printed: list[str] = []
        for child in self._children(element, depth):
            if child.tag == f"{W}tbl":
                inner.extend(self._table(child, depth + 1))
            elif child.tag == f"{W}p":
                text, boxes = self._paragraph(child)
                printed.append(text)
                for box in boxes:
                    inner.extend(self._blocks(box, depth + 1))
        text = "\n".join(printed).strip(INDENT + "\n")
        span = max(1, min(_number(element, f"{W}tcPr/{W}gridSpan", 1), MAX_COLUMNS))
        return Cell(clean(text), position, text, span)
