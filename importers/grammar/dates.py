"""Points in time as official documents print them, read to the last day that is still in time.

年底前, 年底, 年内 and a bare year all end on 31 December 24:00; 月底前 and a bare month on the month's last day
(domain notes §2.1 and §9, invariant 14). 6月前, without 底, is read literally: the last day of May.
"""

import calendar
import dataclasses
import datetime as dt
import re

DIGITS = {"〇": 0, "○": 0, "两": 2} | {char: value for value, char in enumerate("零一二三四五六七八九")}
NUMERAL = "零〇○一二两三四五六七八九十"
LAST_MONTH = 12
EARLIEST, LATEST = 1949, 2200
# The first five-year plan that ran on the calendar kept since is the sixth, 1981–1985; the fourteenth ends in 2025.
PLAN_PERIOD_OFFSET = 1955
FIRST_REGULAR_PLAN = 6


def number(text: str) -> int | None:
    """The value of an Arabic number or a Chinese one below one hundred; None for anything else.

    >>> number("30"), number("十五"), number("二十"), number("半")
    (30, 15, 20, None)
    """
    if text.isascii() and text.isdigit():
        return int(text)
    if not text or any(char not in NUMERAL for char in text):
        return None
    if "十" not in text:
        return int("".join(str(DIGITS[char]) for char in text))
    tens, _, ones = text.partition("十")
    if len(tens) > 1 or len(ones) > 1:
        return None
    return (DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0)


def last_day(year: int, month: int = LAST_MONTH) -> dt.date:
    """The last day of a month, of the year by default."""
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def plan_end(ordinal: str) -> dt.date | None:
    """The last day of the five-year plan period with this ordinal (十四 → 2025-12-31), None before the sixth."""
    value = number(ordinal)
    if value is None or value < FIRST_REGULAR_PLAN:
        return None
    return last_day(PLAN_PERIOD_OFFSET + 5 * value)


_N = rf"(?:\d{{1,2}}|[{NUMERAL}]{{1,3}})"
_YEAR = rf"(?P<year>\d{{4}}|[{NUMERAL}]{{4}})年{{1,2}}"
_SAID = r"(?P<said>今|本|当|明|后)年"
_TO = r"(?:-|—|–|~|至|到)+"
_SPAN = (
    rf"(?:\d{{4}}|[{NUMERAL}]{{4}})(?:年度?(?:{_N}月)?)?{_TO}(?=(?:\d{{4}}|[{NUMERAL}]{{4}})年)"
    rf"|(?:(?P<from_year>\d{{4}})年)?{_N}月(?:底|份)?{_TO}(?={_N}月)"
)
_PART = (
    rf"(?P<half>上半年|下半年)|第?(?P<quarter>[1-4一二三四])季度|(?P<month>{_N})月份?"
    rf"(?:(?P<day>{_N})[日号]|(?P<third>上旬|上中旬|中旬|中下旬|下旬|初|中))?|(?P<middle>年中|(?<=年)中(?![央国心]))"
)

# One printed point in time. A span ends with its second date; a plan's name (十四五) stands for its last year.
POINT = re.compile(
    rf"(?P<span>{_SPAN})?(?:"
    rf"(?P<numeric>\d{{4}}[-./]\d{{1,2}}(?:[-./]\d{{1,2}})?)(?!\d)(?:[底末])?(?:之前|以前|前)?"
    rf"|[“\"']?(?P<plan>[{NUMERAL}]{{1,3}})五[”\"']?(?:规划)?(?:末期?|期末|期间|时期|期内)"
    rf"|(?<![\d半每{NUMERAL}])(?P<bare>年{{1,2}}[底末]|年度?内|岁末|全年)(?:之前|以前|前)?"
    rf"|(?:(?:{_YEAR}|{_SAID})度?)?(?:{_PART})?(?P<end>年?[底末终]|全年|内|期间)?(?P<before>之前|以前|前)?"
    rf")"
)
# A part of the year that a calendar does not tell: 2025年春节前, 2025年汛期前, 2025年初.
NAMED_TIME = re.compile(r"初|[^\d,;。、]{1,6}(?:之前|以前|前)(?!期|瞻|沿|端|列|置)")


@dataclasses.dataclass(frozen=True, slots=True)
class Point:
    """A point in time in a text: its place, the day (None while the document's year is unknown) and its printed form.

    `literal_before` marks 6月前 and 2022年前, where a reader may also mean the end of that month or year.
    """

    start: int
    end: int
    date: dt.date | None
    printed: str
    literal_before: bool = False
    year_printed: bool = True


def _year(match: re.Match[str], document_year: int | None) -> int | None:
    if printed := match["year"] or match["from_year"]:
        return number(printed)
    if document_year is None:
        return None
    return document_year + {"明": 1, "后": 2}.get(match["said"] or "", 0)


def _month_date(match: re.Match[str], year: int, month: int) -> dt.date:
    if day := number(match["day"] or ""):
        return dt.date(year, month, day)
    third = match["third"]
    if third in ("上旬", "初"):
        return dt.date(year, month, 10)
    if third in ("上中旬", "中旬", "中"):
        return dt.date(year, month, 20)
    return last_day(year, month)


def _literal_before(match: re.Match[str]) -> bool:
    """Whether 前 stands directly after a month or a year, without 底 or a day."""
    return bool(match["before"] and not match["end"] and not any(match[k] for k in ("day", "third", "half", "quarter")))


def _dated(match: re.Match[str], year: int) -> dt.date:
    """The last day in time for a point with a known year. Raises ValueError for 2月30日 and the like."""
    month = number(match["month"] or "")
    if match["half"]:
        return last_day(year, 6 if match["half"] == "上半年" else LAST_MONTH)
    if match["quarter"]:
        return last_day(year, (number(match["quarter"]) or 4) * 3)
    if match["middle"]:
        return last_day(year, 6)
    first = dt.date(year, month or 1, 1)
    if _literal_before(match):
        return first - dt.timedelta(days=1)
    return _month_date(match, year, month) if month else last_day(year)


def _only_year(match: re.Match[str]) -> bool:
    """Whether a year is all that was read."""
    return bool(match["year"] or match["said"]) and not any(
        match[part] for part in ("half", "quarter", "month", "middle", "end", "before")
    )


def _read(match: re.Match[str], document_year: int | None) -> tuple[dt.date | None, bool] | None:
    """The day and whether the year was printed; None where the text only looks like a date."""
    if match["numeric"]:
        parts = [int(part) for part in re.split(r"[-./]", match["numeric"])]
        return (dt.date(*parts) if len(parts) == len(("year", "month", "day")) else last_day(*parts)), True
    if match["plan"]:
        end = plan_end(match["plan"])
        return (end, True) if end else None
    if match["bare"]:
        return (last_day(document_year) if document_year else None), False
    if not any(match[part] for part in ("year", "said", "half", "quarter", "month", "middle")):
        return None
    year = _year(match, document_year)
    if year is None:
        return None, False
    return _dated(match, year), bool(match["year"] or match["from_year"])


def points(text: str, document_year: int | None = None) -> list[Point]:
    """Every point in time in `text` (half-width, without white space), in order.

    `document_year` gives the year of 年底前, 6月底前, 今年; without it their date is None. Impossible days
    (2月30日) and years outside 1949–2200 are not points.
    """
    found = []
    for match in POINT.finditer(text):
        if _only_year(match) and NAMED_TIME.match(text, match.end()):
            continue
        try:
            read = _read(match, document_year)
        except ValueError:
            continue
        if read is not None and (read[0] is None or EARLIEST <= read[0].year <= LATEST):
            literal = not match["numeric"] and not match["plan"] and not match["bare"] and _literal_before(match)
            found.append(Point(match.start(), match.end(), read[0], match[0], literal, read[1]))
    return found
