"""The numbers of tasks: where a damaged or plain table prints them, and which are missing.

A number is taken from the column made for it, else from where page layouts leave it: alone in the first cell, before
a section's label, or before the text. Only a number that goes on with the count is one; what is missing is counted,
never guessed, and shown as such.
"""

import bisect
import dataclasses
import re
from collections.abc import Sequence

from importers.grammar.characters import half_width
from importers.grammar.dates import number as value_of
from importers.model import Flag, FlagCode

_PLAIN = re.compile(r"(?:第)?\s*[(]?\s*(\d{1,4}|[一二三四五六七八九十]{1,3})\s*[)]?\s*(?:[.、．]|项|条)?")
_BEFORE_LABEL = re.compile(r"(\d{1,3})\s+(?=[(（一二三四五六七八九十第])")
_BEFORE_TEXT = re.compile(r"\s*(\d{1,3})(?:\s+|\s*[.．、]\s*(?!\d))(?=\D)")
_INSIDE = re.compile(r"(?<=[。；;])\s*(\d{1,3})\s+(?=\D)")
_PILE = re.compile(r"\d{1,4}(?:\s+\d{1,4})+")
_LARGEST_STEP = 30


@dataclasses.dataclass(frozen=True, slots=True)
class Numbered:
    """A text that a number was taken off."""

    number: int | None
    rest: str


def plain_number(text: str) -> int | None:
    """The number that is all of a cell (3, 3., （3）, 第3项, 三), None for anything else."""
    match = _PLAIN.fullmatch(half_width(text).strip())
    return value_of(match[1]) if match else None


def is_pile(text: str) -> bool:
    """Whether a cell holds several numbers that slipped together, which number nothing."""
    return bool(_PILE.fullmatch(half_width(text).strip()))


def before_label(text: str) -> Numbered:
    """Take the number off a section cell such as `31 （四）…`."""
    match = _BEFORE_LABEL.match(half_width(text))
    return Numbered(int(match[1]), text[match.end() :]) if match else Numbered(None, text)


def before_text(text: str, last: int | None) -> Numbered:
    """Take the number off a task such as `9 积极引进…`, if it goes on with the count after `last`."""
    match = _BEFORE_TEXT.match(half_width(text))
    if match and _goes_on(int(match[1]), last):
        return Numbered(int(match[1]), text[match.end() :])
    return Numbered(None, text)


def inner_tasks(text: str, number: int) -> list[Numbered]:
    """The tasks of a cell into which several were merged: `number`, then each that counts up from it."""
    found, start, expected = [], 0, number + 1
    current = number
    for match in _INSIDE.finditer(half_width(text)):
        if int(match[1]) == expected:
            found.append(Numbered(current, text[start : match.start()].strip()))
            current, start, expected = expected, match.end(), expected + 1
    return [*found, Numbered(current, text[start:].strip())]


def _goes_on(number: int, last: int | None) -> bool:
    if last is None:
        return number == 1
    return 0 < number - last <= _LARGEST_STEP


def complete(numbers: Sequence[int | None]) -> list[tuple[int | None, tuple[Flag, ...]]]:
    """Fill missing numbers of a list where the count leaves no choice, and flag what is missing, double or skipped."""
    found: list[tuple[int | None, tuple[Flag, ...]]] = []
    seen: set[int] = set()
    known = [index for index, value in enumerate(numbers) if value is not None]
    last, certain = 0, True
    for index, printed in enumerate(numbers):
        flags: list[Flag] = []
        value = printed
        if printed is None:
            value = _inferred(numbers, known, index)
            code = FlagCode.NUMBER_MISSING if value is None else FlagCode.NUMBER_INFERRED
            note = "未印序号，无法由次序推定" if value is None else f"未印序号，按前后次序推定为{value}，请核对"
            flags.append(Flag(code, "number", note, blocking=value is None))
        if value is None:
            certain = False
        elif value in seen:
            flags.append(Flag(FlagCode.NUMBER_DUPLICATE, "number", f"序号{value}重复"))
        elif value > last + 1 and certain:
            skipped = f"{last + 1}" if value == last + 2 else f"{last + 1}—{value - 1}"
            flags.append(Flag(FlagCode.NUMBER_GAP, "number", f"此前缺序号{skipped}，请核对是否漏印"))
        if value is not None:
            seen.add(value)
            last = max(last, value)
        found.append((value, tuple(flags)))
    return found


def _inferred(numbers: Sequence[int | None], known: Sequence[int], index: int) -> int | None:
    """The only number the row at `index` can have: counted from its neighbours, which must agree."""
    place = bisect.bisect_left(known, index)
    before = known[place - 1] if place else -1
    counted = (numbers[before] or 0 if place else 0) + index - before
    if place == len(known):
        return counted
    after = known[place]
    return counted if (numbers[after] or 0) - (after - index) == counted else None
