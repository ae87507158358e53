"""From lines of text to named cells, and the reading of one cell: words, dates, lists. Every fault is collected."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from importers.grammar.characters import half_width, squeeze
from importers.sheets.table import MAX_CELL, Line

HEADER_WITHIN = 10
"""Lines above the header: a title, a note on how to fill it in."""
MAX_WORDS = 200

Value = TypeVar("Value")

_SEPARATORS = re.compile(r"[、；;\n\r]+")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_NOTHING = frozenset({"", "-", "—", "/", "无"})


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row is refused. `number` is its row in the file, `code` a key of `domain.messages.ROW_PROBLEMS`."""

    number: int
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the title that messages use, and the other titles under which it is recognised."""

    title: str
    others: tuple[str, ...] = ()
    needed: bool = False


@dataclass(slots=True)
class Row:
    """One row by column, with the faults found while reading it."""

    number: int
    cells: Mapping[str, str]
    columns: Mapping[str, Column]
    problems: list[RowProblem]

    def fail(self, code: str, **facts: object) -> None:
        """Note a fault of this row."""
        self.problems.append(RowProblem(self.number, code, facts))

    def title(self, column: str) -> str:
        """What the user calls the column."""
        return self.columns[column].title

    def words(self, column: str, *, limit: int = MAX_WORDS, needed: bool = False) -> str:
        """The cell on one line; a dash counts as empty."""
        text = " ".join(self.cells.get(column, "").split())
        if text in _NOTHING:
            text = ""
        if needed and not text:
            self.fail("value_missing", column=self.title(column))
        if len(text) > limit:
            self.fail("value_too_long", column=self.title(column), limit=limit)
        return text

    def listed(self, column: str) -> tuple[str, ...]:
        """The entries of a cell that lists several, in order, each once."""
        raw = self.cells.get(column, "")
        if len(raw) > MAX_CELL:
            self.fail("value_too_long", column=self.title(column), limit=MAX_CELL)
        entries = (" ".join(entry.split()) for entry in _SEPARATORS.split(raw))
        found = tuple(dict.fromkeys(entry for entry in entries if entry not in _NOTHING))
        for entry in found:
            if len(entry) > MAX_WORDS:
                self.fail("value_too_long", column=self.title(column), limit=MAX_WORDS)
        return found

    def choice(self, column: str, choices: Mapping[str, Value], *, needed: bool = False) -> Value | None:
        """The value that the cell's word stands for; None where it is empty or unknown."""
        text = self.words(column, needed=needed)
        if not text:
            return None
        key = squeeze(half_width(text)).casefold()
        if key not in choices:
            self.fail("value_unknown", column=self.title(column), value=text, allowed="、".join(_shown(choices)))
        return choices.get(key)

    def day(self, column: str) -> date | None:
        """The cell's date; None where it is empty or no date."""
        text = self.words(column)
        return read_date(self, column, text) if text else None

    def number_of(self, column: str) -> int | None:
        """The cell's whole number; None where it is empty or no number."""
        text = half_width(self.words(column))
        if not text:
            return None
        if not re.fullmatch(r"-?\d{1,6}", text):
            self.fail("number_invalid", column=self.title(column), value=text)
            return None
        return int(text)


def _shown(choices: Mapping[str, Value]) -> Iterator[str]:
    """The first word for every value: the others are there for people who write it differently."""
    seen: list[Value] = []
    for word, value in choices.items():
        if value not in seen:
            seen.append(value)
            yield word


def read_date(row: Row, column: str, text: str) -> date | None:
    """A date as people write it (2026-03-10, 2026/3/10, 2026年3月10日); a fault of the row if it is none."""
    match = _DATE.fullmatch(squeeze(half_width(text)))
    try:
        found = date(*map(int, match.groups())) if match else None
    except ValueError:
        found = None
    if found is None:
        row.fail("date_invalid", column=row.title(column), value=text)
    return found


def read_rows(lines: Sequence[Line], columns: Mapping[str, Column]) -> tuple[list[Row], list[RowProblem]]:
    """The rows under the header, and the list that collects every fault from here on.

    The header is the first line among the first `HEADER_WITHIN` that names a needed column.
    """
    problems: list[RowProblem] = []
    found = _header(lines, columns)
    if found is None:
        first = lines[0].number if lines else 1
        missing = [column.title for column in columns.values() if column.needed]
        return [], [RowProblem(first, "column_missing", {"column": title}) for title in missing]
    index, keys = found
    number = lines[index].number
    for key, column in columns.items():
        if column.needed and key not in keys:
            problems.append(RowProblem(number, "column_missing", {"column": column.title}))
        if keys.count(key) > 1:
            problems.append(RowProblem(number, "column_twice", {"column": column.title}))
    if problems:
        # Every row would repeat the same complaint.
        return [], problems
    rows = [
        Row(
            each.number,
            {key: cell for key, cell in zip(keys, each.cells, strict=False) if key is not None},
            columns,
            problems,
        )
        for each in lines[index + 1 :]
        if not each.is_empty
    ]
    if not rows:
        problems.append(RowProblem(number, "no_rows"))
    return rows, problems


def _header(lines: Sequence[Line], columns: Mapping[str, Column]) -> tuple[int, list[str | None]] | None:
    """Where the header is, and which column each of its cells names."""
    titles = {_plain(title): key for key, column in columns.items() for title in (column.title, *column.others)}
    needed = {key for key, column in columns.items() if column.needed}
    for index, line in enumerate(lines[:HEADER_WITHIN]):
        keys = [titles.get(_plain(cell)) for cell in line.cells]
        if needed & set(keys):
            return index, keys
    return None


def _plain(title: str) -> str:
    """A header cell for comparison: without white space and the mark of a needed column."""
    return squeeze(half_width(title)).strip("*").casefold()
