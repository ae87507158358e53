"""How dates, times, numbers and identifiers are written, in the language of the page.

Patterns are those of the CLDR and come from the templates, where they are translated like words.
"""

import re
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any

from babel.dates import format_date, format_datetime, format_interval, format_skeleton
from babel.numbers import format_decimal
from jinja2 import Environment

from domain.calendar import LOCAL, local_date
from domain.items import DeadlineKind, ItemStatus, ListStatus, ResponsibilityRole, Strength
from domain.labels import label
from domain.ladder import EscalationDocument, EscalationKind, RungRole
from domain.permissions import Role
from domain.urgency import Urgency
from web.translations import Language

KILOBYTE = 1024
_HALF = re.compile(r"(\d{4})-H([12])")
_YEAR = re.compile(r"\d{4}")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
WORDS = {
    "deadline_kind": DeadlineKind,
    "document": EscalationDocument,
    "escalation": EscalationKind,
    "list_status": ListStatus,
    "responsibility": ResponsibilityRole,
    "role": Role,
    "rung_role": RungRole,
    "status": ItemStatus,
    "strength": Strength,
    "urgency": Urgency,
}


def local_day(value: date | datetime) -> date:
    """The local day of an instant; a day is itself."""
    return local_date(value) if isinstance(value, datetime) else value


def written_day(value: date | datetime, pattern: str, *, locale: str) -> str:
    """A day by a CLDR pattern, such as `d MMM`."""
    return _written(local_day(value), pattern, locale)


@lru_cache(maxsize=4096)
def _written(day: date, pattern: str, locale: str) -> str:
    """Kept: a page writes the same few days again and again, and a pattern is read anew each time."""
    return format_date(day, pattern, locale=locale)


def written_moment(value: datetime, pattern: str, *, locale: str) -> str:
    """A local time by a CLDR pattern, such as `HH:mm`."""
    return format_datetime(value.astimezone(LOCAL), pattern, locale=locale)


def written_period(value: str, pattern: str | None = None, *, locale: str) -> str:
    """A reporting period as one reads it: a month such as `2026-10` by a CLDR pattern or in full, a quarter such as
    `2026-Q4`, a half year such as `2026-H1` as its months, a year and a day such as `2026-11-17` in full; as it is
    where it is called something else.
    """
    if month := _MONTH.fullmatch(value):
        first = date(int(month[1]), int(month[2]), 1)
        return _written(first, pattern, locale) if pattern else format_skeleton("yMMMM", first, locale=locale)
    if quarter := _QUARTER.fullmatch(value):
        first = date(int(quarter[1]), 3 * int(quarter[2]) - 2, 1)
        return format_skeleton("yQQQQ", first, locale=locale)
    if half := _HALF.fullmatch(value):
        year, last = int(half[1]), 6 * int(half[2])
        return format_interval(date(year, last - 5, 1), date(year, last, 1), "yMMM", locale=locale)
    if _YEAR.fullmatch(value):
        return format_skeleton("y", date(int(value), 1, 1), locale=locale)
    try:
        return _written(date.fromisoformat(value), "long", locale)
    except ValueError:
        return value


def machine_day(value: date | datetime) -> str:
    """For `datetime` attributes: the local day."""
    return local_day(value).isoformat()


def machine_moment(value: datetime) -> str:
    """For `datetime` attributes: the local time with its offset."""
    return value.astimezone(LOCAL).isoformat(timespec="minutes")


def number(value: float, *, locale: str) -> str:
    """With separators between thousands."""
    return format_decimal(value, locale=locale)


def short_hash(value: str | bytes) -> str:
    """The first eight digits in two groups, as people compare them."""
    digits = value.hex() if isinstance(value, bytes) else value
    return f"{digits[:4]} {digits[4:8]}"


def file_size(value: int) -> str:
    """Bytes for people."""
    size, unit = float(value), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if size < KILOBYTE or unit == "GB":
            break
        size /= KILOBYTE
    return f"{size:.0f} {unit}" if unit in {"B", "kB"} else f"{size:.1f} {unit}"


def add_filters(environment: Environment, language: Language) -> None:
    """Give the templates of this language their filters."""
    filters: dict[str, Any] = {
        "day": partial(written_day, locale=language.locale),
        "moment": partial(written_moment, locale=language.locale),
        "period": partial(written_period, locale=language.locale),
        "machine_day": machine_day,
        "machine_moment": machine_moment,
        "number": partial(number, locale=language.locale),
        "short_hash": short_hash,
        "file_size": file_size,
    }
    # 中文 words of identifiers: `{{ word(role|role_word) }}` has them in the language of the page.
    for name, kind in WORDS.items():
        filters[f"{name}_word"] = partial(label, kind)
    environment.filters.update(filters)
