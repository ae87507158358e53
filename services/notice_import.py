"""From a file to the command that loads a year's notice: a document's running text, or a table."""

import hashlib
from pathlib import PurePath

from domain.permissions import Actor, Permission, is_allowed
from importers.calendar_notice import read_notice
from importers.holidays import YearNotice
from importers.readers.detect import shown_name
from importers.sheets.holidays import read_holidays
from importers.sheets.table import read_bytes
from services.calendars import ImportYearNotice
from services.imported_rows import refuse_faulty

TABLES = frozenset({".csv", ".xlsx"})


def notice_command(
    actor: Actor,
    content: bytes,
    *,
    name: str,
    year: int | None = None,
    replace: bool = False,
    check_only: bool = False,
) -> ImportYearNotice:
    """The command that loads the year that `content` states: a .csv or .xlsx by its name, else a .docx or .txt.

    The command refuses whoever may not load; nothing of theirs is parsed.

    Raises RowsRefused for a table with wrong rows, UnreadableDocument and SheetTooLarge for a file that is not read,
    and what `domain.calendar_errors` has for one whose days cannot be right.
    """
    notice = YearNotice(year or 0, ())
    if is_allowed(actor, Permission.CALENDAR_LOAD):
        notice = _read(content, name, year)
    return ImportYearNotice(
        notice=notice,
        source_name=shown_name(name),
        source_digest=hashlib.sha256(content).digest(),
        replace=replace,
        check_only=check_only,
    )


def _read(content: bytes, name: str, year: int | None) -> YearNotice:
    if PurePath(name).suffix.lower() not in TABLES:
        return read_notice(content, name, year=year)
    sheet = read_holidays(read_bytes(content, name), shown_name(name), year=year)
    refuse_faulty(sheet.problems)
    assert sheet.notice is not None
    return sheet.notice
