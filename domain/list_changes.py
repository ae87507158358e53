"""How an approved task list is changed as a whole: what each entry of a change needs, and which items it names.

After domain notes M27 (lists are adjusted as things develop) and P3 step 11 (recommendations become adjustments, a
version of the list). Pure: items are known by their numbers.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from domain.labels import NAMES, label
from domain.list_acts import EntryPart, ListAct, NewClass
from domain.list_change_errors import (
    ListChangeEmpty,
    ListChangeIncomplete,
    ListChangeNumberTwice,
    ListChangeNumberUnknown,
    ListChangePaperMissing,
    ListChangeWithEnd,
)
from domain.telling import said, side_by_side

NAMES_ITEMS: Final = frozenset({ListAct.DEADLINE, ListAct.LEAD, ListAct.WITHDRAW, ListAct.TERMINATE})
NEEDS_PAPER: Final = frozenset({ListAct.TERMINATE, ListAct.END})
"""What ends a task needs the document that revokes it (domain notes, section 8)."""
_RANGE: Final = re.compile(r"(\d+)\s*[-~\u2013\u2014\u81f3\u5230]+\s*(\d+)")
_BETWEEN: Final = re.compile(r"[、,;\uff0c\uff1b\s]+")
LONGEST_RANGE: Final = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a change. `numbers` are items of the list; of an addition and of the list's end there are none."""

    act: ListAct
    numbers: tuple[str, ...] = ()
    deadline: NewClass | None = None
    due_on: date | None = None
    unit: str = ""
    text: str = ""


def numbers_in(words: str, known: Collection[str]) -> tuple[str, ...]:
    """The numbers that are written, each as the list has it: `3、5—8`, also `6-1` where an item is called so.

    Raises ListChangeNumberUnknown.
    """
    found: list[str] = []
    for part in filter(None, _BETWEEN.split(_RANGE.sub(lambda m: m[0].replace(" ", ""), words.strip()))):
        span = _RANGE.fullmatch(part)
        if part in known or span is None:
            found.append(part)
            continue
        first, last = int(span[1]), int(span[2])
        if not first <= last <= first + LONGEST_RANGE:
            raise ListChangeNumberUnknown(part, numbers=part)
        found += [str(number) for number in range(first, last + 1)]
    unknown = [number for number in found if number not in known]
    if unknown:
        raise ListChangeNumberUnknown(", ".join(unknown), numbers=NAMES.join(unknown))
    return tuple(found)


def entries_of(form: Mapping[str, Any], known: Collection[str]) -> tuple[Entry, ...]:
    """The entries of a change as somebody has written them, each complete and no item named twice.

    Raises ListChangeEmpty, ListChangeIncomplete, ListChangeNumberUnknown, ListChangeNumberTwice, ListChangePaperMissing
    and ListChangeWithEnd for an end of the list beside anything else.
    """
    entries = tuple(_entry(row, known, place) for place, row in enumerate(form.get("changes") or [], 1))
    if not entries:
        raise ListChangeEmpty("no entry")
    twice = [number for number, count in Counter(n for e in entries for n in e.numbers).items() if count > 1]
    if twice:
        raise ListChangeNumberTwice(", ".join(twice), numbers=NAMES.join(twice))
    acts = {entry.act for entry in entries}
    if ListAct.END in acts and len(entries) > 1:
        raise ListChangeWithEnd(str(len(entries)))
    if acts & NEEDS_PAPER and not (form.get("document_number") or "").strip():
        raise ListChangePaperMissing(", ".join(sorted(acts & NEEDS_PAPER)))
    return entries


def _entry(row: Mapping[str, Any], known: Collection[str], place: int) -> Entry:
    act = ListAct(row["act"])
    new = NewClass(row["deadline"]) if row.get("deadline") else None
    due_on = date.fromisoformat(row["due_on"]) if row.get("due_on") else None
    unit, text = (row.get("unit") or "").strip(), (row.get("text") or "").strip()
    numbers = numbers_in(row.get("numbers") or "", known) if act in NAMES_ITEMS else ()
    entry = Entry(act, numbers, new, due_on, unit, text)
    missing = _missing(entry)
    if missing:
        words = side_by_side((said(label(EntryPart, each)) for each in missing), NAMES)
        raise ListChangeIncomplete(f"entry {place}: {', '.join(missing)}", place=place, missing=words)
    return entry


def _missing(entry: Entry) -> Sequence[EntryPart]:
    """What is not said and should be, or is said and means nothing."""
    missing = []
    if entry.act in NAMES_ITEMS and not entry.numbers:
        missing.append(EntryPart.NUMBERS)
    if entry.act in {ListAct.LEAD, ListAct.ADD} and not entry.unit:
        missing.append(EntryPart.UNIT)
    if entry.act is ListAct.ADD and not entry.text:
        missing.append(EntryPart.TEXT)
    if entry.act is ListAct.DEADLINE and entry.deadline is None:
        missing.append(EntryPart.DEADLINE)
    if entry.deadline is not None and (entry.due_on is None) is not (entry.deadline is NewClass.ONGOING):
        missing.append(EntryPart.DUE_ON)
    return missing
