"""A document as blocks with their place in the source, before anybody asks what they mean.

Readers (`importers.readers`) produce a `Document`; recognition (`importers.recognition`) reads nothing else.
So a new file format needs a reader only, and a new shape of list needs recognition only.
"""

import dataclasses
from collections.abc import Iterator


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Position:
    """Where something starts: line and column from 1, `segment` the page-wise piece of a table from 0.

    In a .docx, which has no lines, `line` counts paragraphs and table rows in reading order and `column` cells.
    """

    line: int
    column: int = 1
    segment: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Heading:
    """A line that heads what follows; `level` from 1, as the file marks it (which is often not to be trusted)."""

    text: str
    level: int
    position: Position


@dataclasses.dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. `printed` is the line as it stands in the file, where cleaning changed it."""

    text: str
    position: Position
    printed: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Cell:
    """One cell: `text` cleaned of markup with inner paragraphs joined by a newline, `printed` as in the file.

    `span` is the number of columns it covers; `continues` is true where it is the lower part of a cell merged
    down over several rows, and then `text` repeats the upper part's.
    """

    text: str
    position: Position
    printed: str = ""
    span: int = 1
    continues: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A table row. `repeats_header` is the file's own mark that the row is printed again on each page."""

    cells: tuple[Cell, ...]
    position: Position
    repeats_header: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """The cells' texts, without positions."""
        return tuple(cell.text for cell in self.cells)


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """Rows that stand together in the file: a whole Word table, or one page of a table in a text file."""

    rows: tuple[Row, ...]
    position: Position


Block = Heading | Paragraph | Table


@dataclasses.dataclass(frozen=True, slots=True)
class Remark:
    """Something the reader met that a reviewer should know, e.g. tracked changes that nobody accepted."""

    code: str
    note: str
    position: Position | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Document:
    """The blocks of one file in reading order. `name` is the file's name without folders, for messages only."""

    blocks: tuple[Block, ...]
    name: str = ""
    remarks: tuple[Remark, ...] = ()

    def tables(self) -> Iterator[Table]:
        """The tables in reading order."""
        return (block for block in self.blocks if isinstance(block, Table))

    def prose(self) -> Iterator[Heading | Paragraph]:
        """Headings and paragraphs in reading order."""
        return (block for block in self.blocks if not isinstance(block, Table))
