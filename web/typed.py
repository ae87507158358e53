"""What people type into the pages' own forms: names of units one after the other, days, ids, paragraphs."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from domain.messages.papers import NAME_SEPARATORS
from services.queries.offices import units_called
from services.queries.reading import Reading

_BETWEEN_NAMES = re.compile(f"[{NAME_SEPARATORS}]+")
LONGEST_NUMBER = 9
"""Digits of a version in a form, so that it fits the column it is compared with."""


def names_in(text: str) -> list[str]:
    """The names in a field, each once: 市商务局、天津海关."""
    return list(dict.fromkeys(name.strip() for name in _BETWEEN_NAMES.split(text) if name.strip()))


def named_units(reading: Reading, text: str) -> tuple[tuple[UUID, ...], tuple[str, ...]]:
    """The units that a field names, and the names that are no unit's."""
    names = names_in(text)
    found = units_called(reading, names)
    ids = tuple(dict.fromkeys(unit_id for name in names if (unit_id := found[name]) is not None))
    return ids, tuple(name for name in names if found[name] is None)


def day_in(text: str) -> date | None:
    """A day as a browser sends it; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def id_in(text: str) -> UUID | None:
    """An id; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def ids_in(texts: Iterable[str]) -> tuple[UUID, ...]:
    """The ids among these texts, in their order, each once."""
    return tuple(dict.fromkeys(found for text in texts if (found := id_in(text)) is not None))


def number_in(text: str) -> int:
    """A version or a count; 0 for anything else."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else 0


def paragraphs_in(text: str) -> tuple[str, ...]:
    """The paragraphs of a field: one a line."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def numbers_of(fields: Iterable[str], prefix: str) -> Sequence[int]:
    """The numbers of the rows that a form has sent, such as 0 and 2 of `section.0.heading` and `section.2.text`."""
    found = (name.removeprefix(prefix + ".").partition(".")[0] for name in fields if name.startswith(prefix + "."))
    return sorted({int(number) for number in found if number.isdecimal() and len(number) <= LONGEST_NUMBER})
