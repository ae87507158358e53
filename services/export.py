"""Lists as spreadsheets: the rows that are shown to the same person, and nothing that runs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from domain.calendar import LOCAL, local_date
from domain.labels import (
    EXPORTED_AT,
    EXPORTED_BY,
    EXPORTED_ROWS,
    LATE_SHEET,
    LEDGER_ABOUT,
    LEDGER_SHEET,
    LISTING,
    PARTS,
    PROVISIONAL,
    YES,
)
from domain.labels_of_columns import LATE_COLUMNS, LEDGER_COLUMNS
from domain.messages.replication import BATCH_COLUMNS, BATCH_SHEET, MATRIX_SHEET, UNIT_COLUMN
from services.queries.adoptions import Matrix
from services.queries.late_reports import LateReport
from services.queries.ledger import LedgerFilter, LedgerRow, LedgerSort, whole_ledger
from services.queries.reading import Reading
from services.queries.replication_batches import BatchDetail

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ADVANCED_EVERY: Final = 50
STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
LONGEST_CELL: Final = 32_767
"""Characters; a spreadsheet program refuses a file with a longer cell."""

_WIDTHS: Final[Mapping[str, int]] = {
    "list_title": 18, "document_number": 18, "number": 7, "section": 16, "text": 48, "measures": 48,
    "deadline_phrase": 18, "due_on": 12, "provisional": 8, "strength_label": 12, "leads": 18, "co_units": 24,
    "groups": 14, "status_label": 12, "urgency_label": 12, "light_words": 40, "days_left": 9,
    "held_by": 24, "held_since": 12,
    "percent": 9, "percent_on": 12, "unsigned_percent": 9, "members": 9, "issued_at": 12, "ended_at": 12,
}  # fmt: skip
_THIN: Final = Side(style="thin", color="FFBFBFBF")
_BORDER: Final = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD: Final = PatternFill("solid", fgColor="FFEDEDED")


def ledger_workbook(
    reading: Reading,
    filters: LedgerFilter,
    *,
    sort: LedgerSort = LedgerSort.NUMBER,
    descending: bool = False,
    progress: Callable[[int], None] | None = None,
) -> bytes:
    """The .xlsx of what the ledger shows the actor; `progress` is told how many rows are written.

    Read in a snapshot: a list that is worked on while it is printed shall still be one list.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(LEDGER_SHEET)
    sheet.freeze_panes = "A2"
    for position, name in enumerate(LEDGER_COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(position)].width = _WIDTHS[name]
    sheet.append([_head(sheet, title) for title in LEDGER_COLUMNS.values()])
    count = 0
    for row in whole_ledger(reading, filters, sort=sort, descending=descending):
        values = ledger_values(row)
        sheet.append([_cell(sheet, values[name]) for name in LEDGER_COLUMNS])
        count += 1
        if progress is not None and count % ADVANCED_EVERY == 0:
            progress(count)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(LEDGER_COLUMNS))}{count + 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    _describe(book, reading, count)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def late_workbook(reading: Reading, rows: Sequence[LateReport]) -> bytes:
    """The .xlsx of a list of late reports."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(LATE_SHEET)
    sheet.freeze_panes = "A2"
    for position, name in enumerate(LATE_COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(position)].width = 48 if name == "text" else 16
    sheet.append([_head(sheet, title) for title in LATE_COLUMNS.values()])
    for row in rows:
        values = late_values(row)
        sheet.append([_cell(sheet, values[name]) for name in LATE_COLUMNS])
    _describe(book, reading, len(rows))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def batch_workbook(reading: Reading, batch: BatchDetail) -> bytes:
    """The .xlsx of a batch of replicated cases in its four columns."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(BATCH_SHEET)
    sheet.freeze_panes = "A2"
    for position, width in enumerate((7, 32, 80, 16, 24), 1):
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.append([_head(sheet, title) for title in BATCH_COLUMNS])
    for row in batch.entries:
        values = (row.position, row.title, row.content, row.range_text, row.responsible_text)
        sheet.append([_cell(sheet, value) for value in values])
    sheet.page_setup.orientation = "landscape"
    sheet.print_title_rows = "1:1"
    _describe(book, reading, len(batch.entries))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def matrix_workbook(reading: Reading, matrix: Matrix) -> bytes:
    """The .xlsx of who takes up what: units by cases."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(MATRIX_SHEET)
    sheet.freeze_panes = "B2"
    sheet.column_dimensions["A"].width = 20
    for position in range(2, len(matrix.cases) + 2):
        sheet.column_dimensions[get_column_letter(position)].width = 18
    heads = [UNIT_COLUMN, *(f"{number} {title}" for _, number, title in matrix.cases)]
    sheet.append([_head(sheet, title) for title in heads])
    for unit_id, unit in matrix.units:
        cells = [matrix.cells.get((unit_id, case_id)) for case_id, _, _ in matrix.cases]
        values = [unit, *(cell.state_label if cell is not None else None for cell in cells)]
        sheet.append([_cell(sheet, value) for value in values])
    _describe(book, reading, len(matrix.units))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def late_values(row: LateReport) -> dict[str, str | int | date | None]:
    """What the list of late reports prints of a row, by the names of `LATE_COLUMNS`."""
    return {
        "list_title": row.list_title,
        "period": row.period,
        "unit": row.unit,
        "part": PARTS[row.part],
        "number": row.number,
        "text": row.text,
        "due_on": row.due_on,
        "reported_on": row.reported_on,
        "days_late": row.days_late,
        "unsigned": YES if row.unsigned else None,
        "waits_for": LISTING.join(row.waits_for),
    }


def ledger_values(row: LedgerRow) -> dict[str, str | int | float | date | None]:
    """What the ledger prints of a row, by the names of `LEDGER_COLUMNS`."""
    held_since = min((holder.since for holder in row.held_by), default=None)
    return {
        "list_title": row.list_title,
        "document_number": row.document_number,
        "number": row.number,
        "section": row.section,
        "text": row.text,
        "measures": "\n".join(row.measures),
        "deadline_phrase": row.deadline_phrase,
        "due_on": row.due_on,
        "provisional": PROVISIONAL if row.provisional else None,
        "strength_label": row.strength_label,
        "leads": LISTING.join(row.leads),
        "co_units": LISTING.join(row.co_units),
        "groups": LISTING.join(row.groups),
        "status_label": row.status_label,
        "urgency_label": row.urgency_label,
        "light_words": row.light_words,
        "days_left": row.days_left,
        "held_by": LISTING.join(f"{holder.unit} {holder.step}" for holder in row.held_by),
        "held_since": _day(held_since),
        "percent": None if row.percent is None else row.percent / 100,
        "percent_on": row.percent_on,
        "unsigned_percent": None if row.unsigned_percent is None else row.unsigned_percent / 100,
        "members": f"{row.members_ended}/{row.members}" if row.members else None,
        "issued_at": _day(row.issued_at),
        "ended_at": _day(row.ended_at),
    }


def _day(at: datetime | None) -> date | None:
    return None if at is None else local_date(at)


def _head(sheet: Any, title: str) -> Any:
    cell = _cell(sheet, title)
    cell.font, cell.fill = Font(bold=True), _HEAD
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    """A cell that holds `value` (text, number, date, nothing) and nothing else: text stays text, however it starts."""
    if not isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=value)
        if isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"
        elif isinstance(value, float):
            cell.number_format = "0%"
    else:
        text = ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST_CELL]
        cell = WriteOnlyCell(sheet, value=text)
        # The library makes a formula of everything that starts with "=".
        cell.data_type = "s"
        if text.startswith(STARTS_A_FORMULA):
            # And a person who edits the cell would make one of it.
            cell.quotePrefix = True
    cell.border = _BORDER
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell


def _describe(book: Workbook, reading: Reading, count: int) -> None:
    sheet: Any = book.create_sheet(LEDGER_ABOUT)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 12, 30
    at = f"{reading.now.astimezone(LOCAL):%Y-%m-%d %H:%M}"
    facts: Iterable[tuple[str, str | int]] = (
        (EXPORTED_AT, at),
        (EXPORTED_BY, reading.actor.name),
        (EXPORTED_ROWS, count),
    )
    for name, value in facts:
        sheet.append([_cell(sheet, name), _cell(sheet, value)])
