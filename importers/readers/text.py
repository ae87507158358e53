"""Plain text: what a converter or an OCR leaves of a document, with tables as lines.

Three shapes of table occur: cells separated by tabs (a blank line ends a page), one cell per line behind a tab
(a blank line ends a row), and markdown's pipes.
"""

import dataclasses
import enum
import re
from collections.abc import Iterator, Sequence

from importers.readers.limits import MAX_COLUMNS, Budget
from importers.readers.markup import INDENT, clean
from importers.structure import Block, Cell, Document, Heading, Paragraph, Position, Row, Table

_HEADING = re.compile(r"(#{1,6})\s+(\S.*)")
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,}|={3,})\s*")
_PIPE_DELIMITER = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*")
_STARTS_A_ROW = re.compile(r"\s*(?:\d{1,4}\s*\t|[（(]?[一二三四五六七八九十]{1,3}[）)、.．])")
_LINE_ENDS = re.compile(r"\r\n?|[\n\x0b\x0c\x85\u2028\u2029]")


class _Kind(enum.Enum):
    BLANK = enum.auto()
    TABBED = enum.auto()
    STACKED = enum.auto()
    PIPED = enum.auto()
    OTHER = enum.auto()


@dataclasses.dataclass(frozen=True, slots=True)
class _Line:
    number: int
    raw: str
    kind: _Kind


def _kind(raw: str) -> _Kind:
    stripped = raw.strip(INDENT)
    if not stripped:
        return _Kind.TABBED if raw.count("\t") > 1 else _Kind.BLANK
    tabs = raw.count("\t")
    if tabs == 1 and raw.lstrip(" \u3000").startswith("\t"):
        return _Kind.STACKED
    if tabs:
        return _Kind.TABBED
    if stripped.startswith("|") and stripped.endswith("|") and stripped.count("|") > 2:  # noqa: PLR2004 - two cells
        return _Kind.PIPED
    return _Kind.OTHER


def read_text(text: str, name: str) -> Document:
    """Read `text`; `name` is used in messages. Raises TooComplexDocument beyond the limits."""
    budget = Budget(name)
    budget.spend(characters=len(text))
    lines = [_Line(number, raw, _kind(raw)) for number, raw in enumerate(_LINE_ENDS.split(text), start=1)]
    blocks: list[Block] = []
    segment = 0
    for run in _runs(lines):
        for block in _blocks(run, segment):
            budget.spend(blocks=1)
            if isinstance(block, Table):
                segment += 1
                budget.spend(cells=sum(len(row.cells) for row in block.rows))
            blocks.append(block)
    return Document(tuple(blocks), name=name)


def _runs(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Lines that stand together: a page of a table, piles of one-cell lines with blank lines between, or one line."""
    index = 0
    while index < len(lines):
        kind, end = lines[index].kind, index + 1
        if kind is _Kind.TABBED:
            # Stacked and other lines directly under a tabbed one belong to it: cells with line breaks, section rows.
            last = index
            while end < len(lines) and lines[end].kind in {_Kind.TABBED, _Kind.STACKED, _Kind.OTHER}:
                if lines[end].kind is not _Kind.OTHER:
                    last = end
                end += 1
            end = last + 1
        elif kind is _Kind.STACKED:
            last = index
            while end < len(lines) and lines[end].kind in {_Kind.STACKED, _Kind.BLANK}:
                if lines[end].kind is _Kind.STACKED or "\t" in lines[end].raw:
                    last = end
                end += 1
            end = last + 1
        elif kind is _Kind.PIPED:
            while end < len(lines) and lines[end].kind is _Kind.PIPED:
                end += 1
        if kind is not _Kind.BLANK:
            yield list(lines[index:end])
        index = end


def _blocks(run: list[_Line], segment: int) -> Iterator[Block]:
    """What one run of lines is."""
    kind = run[0].kind
    if kind is _Kind.TABBED:
        yield _tabbed_table(run, segment)
    elif kind is _Kind.PIPED:
        rows = [(line.number, _pipe_cells(line.raw)) for line in run if not _PIPE_DELIMITER.fullmatch(line.raw)]
        if rows:
            yield _table(rows, segment)
    elif kind is _Kind.STACKED and (rows := _stacked_rows(run)):
        yield _table(rows, segment)
    else:
        for line in run:
            yield from _prose(line)


def _prose(line: _Line) -> Iterator[Block]:
    if _RULE.fullmatch(line.raw):
        return
    position = Position(line.number, 1 + len(line.raw) - len(line.raw.lstrip(INDENT)))
    heading = _HEADING.fullmatch(line.raw.strip(INDENT))
    if heading:
        yield Heading(clean(heading[2]), len(heading[1]), position)
    elif text := clean(line.raw):
        yield Paragraph(text, position, line.raw)


def _tabbed_table(run: list[_Line], segment: int) -> Table:
    """Rows of a run; a row whose cells have line breaks is put together again from its lines."""
    tabs = max(run[0].raw.count("\t"), 1)
    rows: list[tuple[int, list[tuple[int, str]]]] = []
    index = 0
    while index < len(run):
        number, raw = run[index].number, run[index].raw
        index += 1
        while (
            0 < raw.count("\t") < tabs
            and index < len(run)
            and raw.count("\t") + run[index].raw.count("\t") <= tabs
            and not _STARTS_A_ROW.match(run[index].raw)
        ):
            raw = f"{raw}\n{run[index].raw}"
            index += 1
        rows.append((number, _split(raw, "\t")))
    return _table(rows, segment)


def _stacked_rows(run: list[_Line]) -> list[tuple[int, list[tuple[int, str]]]]:
    """One row per pile of lines, if the piles are alike enough to be rows; else nothing."""
    piles: list[list[_Line]] = [[]]
    for line in run:
        if "\t" in line.raw:
            piles[-1].append(line)
        elif piles[-1]:
            piles.append([])
    piles = [pile for pile in piles if pile]
    width = len(piles[0])
    alike = sum(len(pile) == width for pile in piles)
    if len(piles) < 2 or width < 2 or alike * 2 < len(piles):  # noqa: PLR2004 - one row or one column is no table
        return []
    return [(pile[0].number, [(2, line.raw.strip(INDENT)) for line in pile]) for pile in piles]


def _pipe_cells(raw: str) -> list[tuple[int, str]]:
    start = raw.index("|") + 1
    return [(start + column, cell) for column, cell in _split(raw.strip(INDENT)[1:-1], "|")]


def _split(raw: str, separator: str) -> list[tuple[int, str]]:
    """The cells of a line with the column each starts in."""
    cells, column = [], 1
    for cell in raw.split(separator):
        cells.append((column, cell))
        column += len(cell) + 1
    return cells


def _table(rows: list[tuple[int, list[tuple[int, str]]]], segment: int) -> Table:
    """A table of printed cells; cells beyond the limit of columns are kept together in the last one."""
    built: list[Row] = []
    for line, cells in rows:
        if len(cells) > MAX_COLUMNS:
            kept, rest = cells[: MAX_COLUMNS - 1], cells[MAX_COLUMNS - 1 :]
            cells = [*kept, (rest[0][0], "\n".join(text for _, text in rest))]  # noqa: PLW2901 - the row, cut to size
        built.append(
            Row(
                tuple(Cell(clean(raw), Position(line, column, segment), raw.strip(INDENT)) for column, raw in cells),
                Position(line, 1, segment),
            )
        )
    return Table(tuple(built), built[0].position)
