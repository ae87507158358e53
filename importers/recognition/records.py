"""The records of a list: what belongs to one task, whatever page breaks, merged cells and section rows do to it."""

import dataclasses
import re
from collections.abc import Iterator, Sequence

from importers.grammar.characters import half_width, squeeze
from importers.recognition.alignment import LOOSE_NUMBER, NOWHERE, align, align_row
from importers.recognition.columns import WHAT, WHO, Layout, Role, expand, read_header
from importers.recognition.labels import SectionPath, is_note, is_section_line, label_level
from importers.structure import Block, Cell, Document, Heading, Paragraph, Position, Row, Table

_TERMINAL = re.compile(r"[。；;！!？?：:.]”?[）)]?$")
_NUMBER_CELL = re.compile(r"(?:第)?[(]?\d{1,4}[)]?(?:[.、]|项)?")
_HEADER_WITHIN = 4
_ENOUGH_TO_JUDGE = 3
_USUALLY = 0.8


@dataclasses.dataclass(slots=True)
class Field:
    """What one column says of a record, joined over rows and pages."""

    text: str = ""
    printed: str = ""
    merged: bool = False

    def add(self, cell: Cell, *, page_break: bool) -> None:
        """Append what stands in a further row: seamlessly over a page break, else as a new paragraph."""
        glue = "" if page_break else "\n"
        if page_break and self.text[-1:].isascii() and cell.text[:1].isascii():
            # A page cuts Chinese anywhere, but Latin words only between words.
            glue = " " if self.text[-1:].isalpha() and cell.text[:1].isalpha() else ""
        self.text = f"{self.text}{glue}{cell.text}" if self.text else cell.text
        self.printed = f"{self.printed}{'' if page_break else glue}{cell.printed}" if self.printed else cell.printed


@dataclasses.dataclass(slots=True)
class Record:
    """One row of the list as printed. `fields` has an entry for every column of the layout.

    `loose_number` stands in a column without a header; `stray` in columns that the list does not have.
    `carried` means that the row hangs under the same number and task as the one before.
    """

    fields: list[Field]
    position: Position
    section: str = ""
    loose_number: str = ""
    stray: str = ""
    carried: bool = False
    starts_page: bool = False


@dataclasses.dataclass(slots=True)
class TaskList:
    """A table of tasks over all its pages. `captions` are the lines of the table above its header."""

    layout: Layout
    captions: list[str] = dataclasses.field(default_factory=list)
    records: list[Record] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    position: Position = dataclasses.field(default_factory=lambda: Position(1))

    def column(self, *roles: Role) -> list[int]:
        """The indexes of the columns with one of `roles`, in printed order."""
        return [index for index, role in enumerate(self.layout.roles) if role in roles]

    def value(self, record: Record, *roles: Role) -> str:
        """What the columns with `roles` say of `record`, one per line."""
        texts = (record.fields[index].text for index in self.column(*roles))
        return "\n".join(text for text in texts if text)


def find_lists(document: Document) -> list[TaskList]:
    """The lists of tasks in a document, in reading order; empty if it has none."""
    assembler = _Assembler()
    for block in document.blocks:
        assembler.take(block)
    return [found for found in assembler.lists if found.records]


class _Assembler:
    """Walks the blocks once, carrying the open list, its sections and the page it is on."""

    def __init__(self) -> None:
        self.lists: list[TaskList] = []
        self._current: TaskList | None = None
        self._mapping: list[int] = []
        self._sections = SectionPath()

    def take(self, block: Block) -> None:
        if isinstance(block, Heading | Paragraph):
            self._take_prose(block)
        else:
            self._take_table(block)

    def _take_prose(self, block: Heading | Paragraph) -> None:
        """A labelled line between two pages of a list opens a section of it; a note stays with the list."""
        if self._current is not None and is_section_line(block.text):
            self._sections.enter(block.text)
        elif self._current is not None and is_note(block.text):
            self._current.notes.append(block.text)

    def _take_table(self, table: Table) -> None:
        for start in range(min(_HEADER_WITHIN, len(table.rows))):
            found = read_header(table.rows[start : start + 2])
            if found is not None:
                layout, height = found
                captions = [text for row in table.rows[:start] for text in dict.fromkeys(row.texts) if text]
                self._open(layout, captions, table.position)
                self._take_rows(table.rows[start + height :], self._mapping_for(table.rows[start + height :], layout))
                return
        if self._current is None:
            return
        width = max(len(expand(row)) for row in table.rows)
        own = self._current.layout
        if width in {len(own), len(self._mapping)}:
            mapping = self._mapping if width == len(self._mapping) else list(range(width))
            self._take_rows(table.rows, mapping)
        else:
            # Another table altogether; what follows it belongs to no list any more.
            self._current = None

    def _open(self, layout: Layout, captions: list[str], position: Position) -> None:
        """Begin a list, or go on with the one whose header is printed again."""
        if self._current is not None and not captions and layout.same_list(self._current.layout):
            return
        named = Layout(tuple(column for column in layout.columns if column.role is not Role.BLANK))
        self._current = TaskList(named, captions, position=position)
        self._sections = SectionPath()
        self.lists.append(self._current)

    def _mapping_for(self, rows: Sequence[Row], layout: Layout) -> list[int]:
        """Which column of the page is which of the list; by content where the header leaves a column blank."""
        if Role.BLANK not in layout.roles:
            return list(range(len(layout)))
        roles = [role for role in layout.roles if role is not Role.BLANK]
        return align([expand(row) for row in rows], roles, len(layout))

    def _take_rows(self, rows: Sequence[Row], mapping: list[int]) -> None:
        self._mapping = mapping
        first = True
        index = 0
        while index < len(rows):
            header = read_header(rows[index : index + 2])
            if header is not None:
                self._open(header[0], [], rows[index].position)
                index += header[1]
                first = True
                continue
            first = not self._take_row(rows[index], first=first) and first
            index += 1

    def _take_row(self, row: Row, *, first: bool) -> bool:
        """Put one row of the open list where it belongs; whether it was more than an empty line."""
        current = self._current
        cells = expand(row)
        texts = list(dict.fromkeys(cell.text for cell in cells if cell.text))
        if current is None or not texts or _counts_columns(cells):
            return False
        if len(texts) == 1 and self._is_section(current, texts[0], cells):
            if is_note(texts[0]):
                current.notes.append(texts[0])
            else:
                self._sections.enter(texts[0])
            return True
        record = self._record(current, row, cells, first=first)
        previous = current.records[-1] if current.records else None
        if previous is not None and _hangs_under(current, previous, record):
            _merge(current, previous, record)
        elif previous is not None and _continues(current, previous, record, first=first):
            _join(previous, record, page_break=first)
        else:
            current.records.append(record)
        return True

    def _is_section(self, current: TaskList, text: str, cells: Sequence[Cell]) -> bool:
        """Whether a row's only text heads the rows below it."""
        own = [cell for cell in cells if cell.text == text]
        if _NUMBER_CELL.fullmatch(half_width(squeeze(text))):
            return False
        if len(cells) == 1 or len(own) >= max(2, len(cells) - 1) or is_note(text):
            return True
        place = next(index for index, cell in enumerate(cells) if cell.text)
        target = self._mapping[place] if place < len(self._mapping) else NOWHERE
        if target >= 0 and current.layout.roles[target] is Role.NUMBER:
            return True
        return place <= 1 and label_level(text) is not None

    def _record(self, current: TaskList, row: Row, cells: Sequence[Cell], *, first: bool) -> Record:
        """The row by the list's columns."""
        record = Record([Field() for _ in current.layout.columns], row.position, str(self._sections), starts_page=first)
        mapping = self._mapping
        if len(cells) > len(mapping) and not any(cell.text for cell in cells[len(mapping) :]):
            cells = cells[: len(mapping)]
        elif len(cells) != len(mapping) and not any(cell.span > 1 for cell in cells):
            # A row of its own width: a trailing cell was dropped, or one too many was written.
            padded = len(cells) < len(mapping) and bool(cells[0].text)
            mapping = mapping[: len(cells)] if padded else align([cells], current.layout.roles, len(cells))
        elif NOWHERE in mapping or LOOSE_NUMBER in mapping:
            mapping = align_row(cells, current.layout.roles, mapping)
        for cell, target in zip(cells, mapping, strict=False):
            if cell.continues and cell.position.line == row.position.line and cell in cells[: cells.index(cell)]:
                continue
            if target >= 0:
                record.fields[target] = Field(cell.text, cell.printed, cell.continues)
            elif target == LOOSE_NUMBER:
                record.loose_number = cell.text
            elif cell.text:
                record.stray = f"{record.stray} {cell.text}".strip()
        return record


def _counts_columns(cells: Sequence[Cell]) -> bool:
    """Whether a row only numbers the columns (1 2 3 4), as some forms do under their header."""
    numbers = [half_width(squeeze(cell.text)).strip("()") for cell in cells]
    return len(numbers) > 2 and numbers == [str(place) for place in range(1, len(numbers) + 1)]  # noqa: PLR2004


def _empty(record: Record, columns: Sequence[int]) -> bool:
    return not any(record.fields[index].text for index in columns)


def _merged_or_empty(record: Record, columns: Sequence[int]) -> bool:
    return all(record.fields[index].merged or not record.fields[index].text for index in columns)


def _hangs_under(current: TaskList, previous: Record, record: Record) -> bool:
    """Whether the row shares the number or task cell above by a merge, and adds nothing that makes it a task."""
    numbers, what = current.column(Role.NUMBER), current.column(*WHAT)
    shared = [index for index in (*numbers, *what[:1]) if record.fields[index].merged]
    if not shared or _empty(previous, shared):
        return False
    return _merged_or_empty(record, current.column(*WHO, Role.DEADLINE, Role.RANGE)) and (
        not numbers or record.fields[numbers[0]].merged or not record.fields[numbers[0]].text
    )


def _merge(current: TaskList, previous: Record, record: Record) -> None:
    for index in range(len(current.layout)):
        field = record.fields[index]
        if field.text and not field.merged:
            previous.fields[index].add(Cell(field.text, record.position, field.printed), page_break=False)


def _join(previous: Record, record: Record, *, page_break: bool) -> None:
    for above, field in zip(previous.fields, record.fields, strict=True):
        if field.text and not field.merged:
            above.add(Cell(field.text, record.position, field.printed), page_break=page_break)
    previous.stray = f"{previous.stray} {record.stray}".strip()


def _continues(current: TaskList, previous: Record, record: Record, *, first: bool) -> bool:
    """Whether the row is the rest of the one above: over a page break, or cells written on a line of their own."""
    numbers, what = current.column(Role.NUMBER), current.column(*WHAT)
    others = current.column(*WHO, Role.DEADLINE, Role.RANGE)
    if record.loose_number or not _empty(record, numbers):
        return False
    if not numbers:
        return _continues_unnumbered(current, record, what, others, first=first)
    if not first:
        if _empty(record, what[:1]) and not _empty(record, others) and not _empty(record, what):
            record.carried = True
        return _empty(record, what[:1]) and (_empty(record, others) or _empty(record, what))
    halves = [index for index in (*what, *others) if previous.fields[index].text]
    if any(not record.fields[index].text for index in halves):
        return True
    return any(_is_cut(current, previous, index) for index in what)


def _continues_unnumbered(
    current: TaskList, record: Record, what: Sequence[int], others: Sequence[int], *, first: bool
) -> bool:
    """The same for a list without a number column, where a row without who and when is the rest of another."""
    sections = current.column(Role.SECTION)
    if not _empty(record, sections) and not all(record.fields[index].merged for index in sections):
        return False
    if _empty(record, what):
        return True
    starts_anew = any(re.match(r"\s*\d{1,4}[\s.、．]", record.fields[index].text) for index in what)
    return first and bool(others) and _empty(record, others) and not starts_anew


def _is_cut(current: TaskList, previous: Record, index: int) -> bool:
    """Whether a text breaks off without the full stop that this column's texts usually end with."""
    ends = [bool(_TERMINAL.search(record.fields[index].text)) for record in current.records if record is not previous]
    if len(ends) >= _ENOUGH_TO_JUDGE and sum(ends) < len(ends) * _USUALLY:
        return False
    return bool(previous.fields[index].text) and not _TERMINAL.search(previous.fields[index].text)


def all_records(lists: Sequence[TaskList]) -> Iterator[tuple[TaskList, Record]]:
    """Every record with its list."""
    return ((found, record) for found in lists for record in found.records)
