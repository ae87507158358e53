"""The rows of a damaged table as drafts: what each cell is is judged by what it says, the header is only a hint.

Page by page a converter may add an empty column, move the deadline into the units' column, put a row's number into its
own cell, before its text, into a section label or nowhere, and merge rows. Left to right order survives all of that.
"""

import dataclasses
import enum
import itertools
import re
from collections.abc import Iterator, Sequence

from importers.grammar.characters import half_width, squeeze
from importers.grammar.deadlines import read_deadlines
from importers.grammar.headings import is_heading_line
from importers.grammar.responsibility import reads_as_units
from importers.model import DeadlineKind
from importers.registry import UnitRegistry
from importers.structure import Cell, Position, Row, Table

NUMBERS = re.compile(r"\d{1,3}(?:[\s,、.]+\d{1,3})*\.?")
LEADING_NUMBER = re.compile(r"\s*(?P<number>\d{1,3})(?:[.、]\s*|\s+)(?=\S)")
INNER_NUMBER = re.compile(r"(?<=[。;；.])\s*(?P<number>\d{1,3})(?:[.、]\s*|\s+)(?=[^\d\s])")
CLOSED = re.compile(r"(?<=负责)\s+")
SENTENCE_END = ("。", "；", ";", ".", "！", "？", "”", "）")
LONGEST_DEADLINE = 40

DEADLINE_HEADER = re.compile(r"时限|期限|完成时间|时间(?:节点|安排|进度|要求)|办结时间|进度")
UNITS_HEADER = re.compile(r"(?:责任|负责|牵头|承办|主办|落实|实施|配合)(?:单位|部门|主体)|分工")
NUMBER_HEADER = re.compile(r"序号|编号|^号$")


class CellKind(enum.Enum):
    """What a cell says."""

    MARK = enum.auto()
    DEADLINE = enum.auto()
    UNITS = enum.auto()
    TEXT = enum.auto()


@dataclasses.dataclass(frozen=True, slots=True)
class Share:
    """What the cells of a row say of time and units, for one of its tasks."""

    deadline: str = ""
    units: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Draft:
    """One task as found: its text, its number if one is printed, and the section label printed with or before it.

    `merged` is how many tasks shared the printed row; `uncertain` says why its share of the cells is not certain;
    `lost` is set where nothing of the shared cells is left for it.
    """

    text: str
    position: Position
    number: int | None = None
    pile: str = ""
    label: str | None = None
    share: Share = Share()
    merged: int = 1
    uncertain: str = ""
    lost: bool = False
    unplaced: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Columns:
    """What the header promises: whether there are columns for deadlines and units at all."""

    header: tuple[str, ...]
    has_deadlines: bool
    has_units: bool
    has_numbers: bool


def columns(tables: Sequence[Table]) -> Columns:
    """The header of a list, from its first row."""
    header = tuple(squeeze(text) for text in tables[0].rows[0].texts if text.strip()) if tables else ()
    return Columns(
        header,
        any(DEADLINE_HEADER.search(name) for name in header),
        any(UNITS_HEADER.search(name) for name in header),
        any(NUMBER_HEADER.search(name) for name in header),
    )


def is_damaged(tables: Sequence[Table]) -> bool:
    """Whether a list prints numbers but has no column for them: the sign that its columns cannot be trusted."""
    known = columns(tables)
    if known.has_numbers or not (known.has_deadlines or known.has_units):
        return False
    rows = [row for table in tables for row in table.rows if not _is_header(row, known)]
    return any(_numbers(text) or LEADING_NUMBER.match(half_width(text)) for row in rows for text in row.texts)


def _is_header(row: Row, known: Columns) -> bool:
    return tuple(squeeze(text) for text in row.texts if text.strip()) == known.header


class DraftReader:
    """Reads the rows of one list into drafts."""

    def __init__(self, tables: Sequence[Table], registry: UnitRegistry, document_year: int | None) -> None:
        self._tables = tables
        self._registry = registry
        self._year = document_year
        self.columns = columns(tables)

    def drafts(self) -> list[Draft]:
        """The tasks in printed order, with the label in force; rows that only carry a label are no tasks."""
        found: list[Draft] = []
        label: str | None = None
        for row in self._rows():
            marks, cells = self._marks(row)
            printed_label = next((mark for mark in map(_label, marks) if mark), None)
            label = printed_label or label
            if not cells:
                continue
            text, share = self._contents(cells)
            if found and self._continues(found[-1], marks, text, share):
                found[-1] = dataclasses.replace(found[-1], text=found[-1].text + text)
                continue
            found += self._tasks(row, marks, text, share, label)
        return found

    def _rows(self) -> Iterator[Row]:
        for table in self._tables:
            yield from (
                row for row in table.rows if not _is_header(row, self.columns) and any(map(str.strip, row.texts))
            )

    def _marks(self, row: Row) -> tuple[list[str], list[Cell]]:
        """The cells that number or label a row, and those that say something."""
        cells = [cell for cell in row.cells if cell.text.strip() and not cell.continues]
        marks = list(itertools.takewhile(_is_mark, (cell.text for cell in cells)))
        rest = cells[len(marks) :]
        promised = 1 + self.columns.has_deadlines + self.columns.has_units
        if (
            rest
            and len(rest) < promised
            and _label(marks[-1] if marks else "")
            and self._kind(rest[0].text) is not CellKind.TEXT
        ):
            # What looked like a label is the task: 时限 and 单位 follow it directly.
            return marks[:-1], cells[len(marks) - 1 :]
        return marks, rest

    def _kind(self, text: str) -> CellKind:
        if len(squeeze(text)) <= LONGEST_DEADLINE and self._is_deadline(text):
            return CellKind.DEADLINE
        return CellKind.UNITS if reads_as_units(text, self._registry) else CellKind.TEXT

    def _is_deadline(self, text: str) -> bool:
        deadlines = read_deadlines(text, self._year).deadlines
        return bool(deadlines) and all(deadline.kind is not DeadlineKind.UNKNOWN for deadline in deadlines)

    def _contents(self, cells: Sequence[Cell]) -> tuple[str, Share]:
        """The text, the deadline and the units among `cells`: the first is text, the others what they read as."""
        text = cells[0].text
        deadline: list[str] = []
        units: list[str] = []
        for cell in cells[1:]:
            kind = self._kind(cell.text)
            if kind is CellKind.DEADLINE and not deadline:
                deadline.append(cell.text)
            elif kind is CellKind.UNITS or (units and kind is not CellKind.DEADLINE):
                units.append(cell.text)
            elif not deadline and not units and len(cells) > len(("text", "deadline", "units")):
                text += cell.text
            else:
                (units if self.columns.has_units and not units else deadline).append(cell.text)
        return text, Share(" ".join(deadline), " ".join(units))

    def _continues(self, previous: Draft, marks: Sequence[str], text: str, share: Share) -> bool:
        """Whether a row is the rest of the previous one, cut by a page."""
        bare = not marks and not share.deadline and not share.units and not LEADING_NUMBER.match(text)
        return bare and not previous.text.rstrip().endswith(SENTENCE_END)

    def _tasks(self, row: Row, marks: Sequence[str], text: str, share: Share, label: str | None) -> Iterator[Draft]:
        """The task of a row, or the several that were merged into it."""
        numbers = [number for mark in marks for number in _numbers(mark)]
        pile = " ".join(mark.strip() for mark in marks if len(_numbers(mark)) > 1)
        number = numbers[0] if len(numbers) == 1 else None
        if number is None and not pile and (lead := LEADING_NUMBER.match(half_width(text))):
            number, text = int(lead["number"]), text[lead.end() :]
        parts = _split_merged(text, number)
        shares, unplaced = self._shares(share, len(parts))
        assigned = _assign(parts, shares)
        for place, (part, (own, doubt)) in enumerate(zip(parts, assigned, strict=True)):
            yield Draft(
                part.strip(),
                row.position,
                None if number is None else number + place,
                pile,
                label,
                own or Share(),
                len(parts),
                doubt,
                lost=own is None,
                unplaced=unplaced,
            )

    def _shares(self, share: Share, tasks: int) -> tuple[list[Share], str]:
        """The printed share and those appended to the units of a merged row; and what fits no task."""
        first, *appended = CLOSED.split(share.units.strip()) if share.units.strip() else [""]
        shares = [Share(share.deadline, first)]
        loose: list[str] = []
        for piece in appended:
            own = self._appended(piece)
            if own.deadline:
                shares.append(own)
            else:
                loose.append(piece)
        if tasks == 1:
            unplaced = "；".join(f"{extra.deadline} {extra.units}".strip() for extra in shares[1:])
            return [Share(share.deadline, " ".join([first, *loose]))], unplaced
        shares += [Share("", piece) for piece in loose]
        return shares[:tasks], "；".join(f"{extra.deadline} {extra.units}" for extra in shares[tasks:])

    def _appended(self, piece: str) -> Share:
        """`piece` with the deadline it starts with, if it starts with one."""
        words = piece.split()
        for count in range(len(words) - 1, 0, -1):
            head = " ".join(words[:count])
            if len(squeeze(head)) <= LONGEST_DEADLINE and self._is_deadline(head):
                return Share(head, " ".join(words[count:]))
        return Share("", piece)


def _is_mark(text: str) -> bool:
    plain = half_width(text).strip()
    if NUMBERS.fullmatch(plain):
        return True
    lead = LEADING_NUMBER.match(plain)
    return is_heading_line(text) or bool(lead and is_heading_line(plain[lead.end() :]))


def _numbers(mark: str) -> list[int]:
    plain = half_width(mark).strip()
    if NUMBERS.fullmatch(plain):
        return [int(digits) for digits in re.findall(r"\d+", plain)]
    lead = LEADING_NUMBER.match(plain)
    return [int(lead["number"])] if lead and is_heading_line(plain[lead.end() :]) else []


def _label(mark: str) -> str | None:
    plain = half_width(mark).strip()
    if NUMBERS.fullmatch(plain):
        return None
    lead = LEADING_NUMBER.match(plain)
    start = lead.end() if lead and is_heading_line(plain[lead.end() :]) else 0
    return mark.strip()[start:].strip()


def _split_merged(text: str, number: int | None) -> list[str]:
    """The tasks in one cell: split before each number that is the next one and stands after a full stop."""
    if number is None:
        return [text]
    parts, start, due = [], 0, number + 1
    for match in INNER_NUMBER.finditer(half_width(text)):
        if int(match["number"]) == due:
            parts.append(text[start : match.start()])
            start, due = match.end(), due + 1
    return [*parts, text[start:]]


def _pairs(text: str) -> set[str]:
    plain = re.sub(r"[^\w]", "", squeeze(text))
    return {plain[place : place + 2] for place in range(len(plain) - 1)}


def _assign(parts: Sequence[str], shares: Sequence[Share]) -> list[tuple[Share | None, str]]:
    """Which share of the cells belongs to which task of a merged row, and why that is not certain.

    As many shares as tasks are in order. With fewer, the printed share begins with the first task but may hold what
    others lost; an appended one goes to the task that alone shares its words, else to the next in order, uncertainly.
    """
    if len(parts) == 1 or len(shares) == len(parts):
        return [(share, "") for share in shares]
    assigned: list[tuple[Share | None, str]] = [(None, "")] * len(parts)
    assigned[0] = (shares[0], "同一格并入多项任务，本项时限和单位可能含有他项的内容")
    for share in shares[1:]:
        words = _pairs(share.deadline + share.units)
        free = [place for place in range(1, len(parts)) if assigned[place][0] is None]
        common = {place: len(words & _pairs(parts[place])) for place in free}
        best = max(free, key=lambda place: common[place])
        alone = common[best] > 0 and sum(common[place] == common[best] for place in free) == 1
        place = best if alone else free[0]
        assigned[place] = (share, "" if alone else "同一格并入多项任务，时限和单位归属不能确定")
    return assigned
