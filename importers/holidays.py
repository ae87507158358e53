"""A year's notice of days off and make-up days (国务院办公厅关于…年部分节假日安排的通知), checked as a whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from domain.calendar_errors import ContradictoryDay, DayOutsideYear, NoticeIncomplete, WrongWeekday

WEEKDAYS = "一二三四五六日"
LONGEST_HOLIDAY = 31
"""In days. The longest there was had 9; a span far beyond that is a slip in a month."""

# Statutory since 1999 and on fixed dates (全国年节及纪念日放假办法, article 2). A file without them is not the year's.
_FIXED = {"元旦": ((1, 1),), "劳动节": ((5, 1),), "国庆节": ((10, 1), (10, 2), (10, 3))}
_MONTHS_AROUND = (12, 1)


@dataclass(frozen=True, slots=True)
class NoticeDay:
    """One day of a notice: off, or worked, and the holiday it belongs to."""

    day: date
    working: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class YearNotice:
    """The days of one year's notice in order, each once. `notes` are sentences that were understood as advice."""

    year: int
    days: tuple[NoticeDay, ...]
    notes: tuple[str, ...] = ()


def shown_day(day: date) -> str:
    """A day with its weekday, as messages print it."""
    return f"{day.year}年{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）"


def check_weekday(day: date, printed: str, *, where: str) -> None:
    """Refuse a weekday that is not the date's; `printed` is its last character (一 … 六, 日 or 天).

    Raises WrongWeekday.
    """
    actual = WEEKDAYS[day.weekday()]
    if printed.replace("天", "日") != actual:
        raise WrongWeekday(
            str(day), where=where, day=f"{day.month}月{day.day}日", printed=f"周{printed}", actual=f"周{actual}"
        )


def check_year(day: date, year: int, *, where: str) -> None:
    """Refuse a day of another year, except around New Year: the holiday may begin in December and end in January.

    Raises DayOutsideYear.
    """
    around = (day.year, day.month) in {(year - 1, _MONTHS_AROUND[0]), (year + 1, _MONTHS_AROUND[1])}
    if day.year != year and not around:
        raise DayOutsideYear(str(day), where=where, day=shown_day(day), year=year)


def complete_notice(year: int, days: Iterable[tuple[NoticeDay, str]], notes: Iterable[str] = ()) -> YearNotice:
    """The notice made of all days, each with where it stands.

    Raises ContradictoryDay, NoticeIncomplete when a public holiday with a fixed date is missing.
    """
    found: dict[date, NoticeDay] = {}
    for each, where in days:
        known = found.setdefault(each.day, each)
        if known.working != each.working:
            raise ContradictoryDay(str(each.day), day=shown_day(each.day), where=where)
    missing = [
        name
        for name, dates in _FIXED.items()
        for day in (date(year, *fixed) for fixed in dates)
        if (found[day].working if day in found else day.weekday() < 5)  # noqa: PLR2004  Monday to Friday
    ]
    if missing:
        raise NoticeIncomplete(str(year), year=year, missing="、".join(dict.fromkeys(missing)))
    return YearNotice(year, tuple(found[day] for day in sorted(found)), tuple(notes))


def span_of(first: date, last: date) -> tuple[date, ...] | None:
    """The days from `first` to `last`; None when they are turned round or too many for a holiday."""
    length = (last - first).days + 1
    return tuple(first + timedelta(days=n) for n in range(length)) if 1 <= length <= LONGEST_HOLIDAY else None
