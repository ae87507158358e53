"""A year's days off and make-up days as a table: 日期, 安排 (休 or 班), and if wanted 名称 and 星期."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.calendar_errors import CalendarFileEmpty, ImpossibleDay
from importers.grammar.characters import half_width, squeeze
from importers.holidays import NoticeDay, YearNotice, check_weekday, check_year, complete_notice
from importers.sheets.rows import Column, Row, RowProblem, read_rows
from importers.sheets.table import Line

COLUMNS = {
    "day": Column("日期", ("时间", "date", "day"), needed=True),
    "working": Column("安排", ("类型", "放假上班", "是否上班", "休班", "working"), needed=True),
    "name": Column("名称", ("节日", "节假日", "说明", "备注", "name")),
    "weekday": Column("星期", ("周", "周几", "weekday")),
}
_KINDS = {
    **dict.fromkeys(("休", "放假", "休息", "假", "节假日", "补休", "调休", "否", "off", "false"), False),
    **dict.fromkeys(("班", "上班", "调休上班", "补班", "工作日", "是", "on", "true"), True),
}
_DATE = re.compile(r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?(?:\d{1,2}:\d{2}(?::\d{2})?)?")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)?(?P<day>[一二三四五六日天])")
_WEEKDAY_NUMBERS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class HolidaySheet:
    """What the table says, or why its rows are refused."""

    notice: YearNotice | None
    problems: tuple[RowProblem, ...] = ()


def read_holidays(lines: Sequence[Line], name: str, *, year: int | None = None) -> HolidaySheet:
    """The days of one year. `year` is by default the one that most rows are of.

    Raises CalendarFileEmpty, ImpossibleDay, WrongWeekday, DayOutsideYear, ContradictoryDay, NoticeIncomplete.
    """
    if all(line.is_empty for line in lines):
        raise CalendarFileEmpty("no row", name=name)
    rows, problems = read_rows(lines, COLUMNS)
    read = [(row, _day(row), row.choice("working", _KINDS, needed=True)) for row in rows]
    if problems:
        return HolidaySheet(None, tuple(problems))
    found = [(row, day, working) for row, day, working in read if day is not None and working is not None]
    if year is None:
        [(year, _)] = Counter(day.year for _, day, _ in found).most_common(1)
    for row, day, _ in found:
        check_year(day, year, where=_place(row))
        said = row.words("weekday")
        match = _WEEKDAY.fullmatch(squeeze(said))
        if match:
            check_weekday(day, match["day"], where=_place(row))
        elif said:
            row.fail("value_unknown", column=row.title("weekday"), value=said, allowed="、".join(_WEEKDAY_NUMBERS))
    if problems:
        return HolidaySheet(None, tuple(problems))
    days = [(NoticeDay(day, working, row.words("name")), _place(row)) for row, day, working in found]
    return HolidaySheet(complete_notice(year, days))


def _place(row: Row) -> str:
    return f"第{row.number}行"


def _day(row: Row) -> date | None:
    text = row.words("day", needed=True)
    match = _DATE.fullmatch(squeeze(half_width(text)))
    if not match:
        if text:
            row.fail("date_invalid", column=row.title("day"), value=text)
        return None
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError as error:
        raise ImpossibleDay(str(error), day=text, where=_place(row)) from error
