"""Splitting a cell of measures: 一是…二是…, 1.…2.…, （1）…（2）…, one paragraph each."""

import functools
import itertools
import re
from collections.abc import Callable, Sequence

_COUNT = "一二三四五六七八九十"
_ORDINALS = [*_COUNT, *(f"十{digit}" for digit in _COUNT[:9]), "二十"]
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_MOST = 20
# An item begins the cell or follows the end of a sentence: 其一是 and 进一步 are no items.
_START = r"(?:(?<=[。；;！!？?：:\n」”])|^)\s*"

# Each style with what the n-th item (from 1) begins with.
_STYLES: tuple[Callable[[int], str], ...] = (
    lambda n: rf"{_ORDINALS[n - 1]}是",
    lambda n: rf"{_ORDINALS[n - 1]}要",
    lambda n: rf"第{_ORDINALS[n - 1]}[，,、]",
    lambda n: rf"[（(]{_ORDINALS[n - 1]}[）)]",
    lambda n: rf"[（(]{n}[）)]",
    lambda n: _CIRCLED[n - 1],
    lambda n: rf"{_ORDINALS[n - 1]}、",
    lambda n: rf"{n}(?:[.．、）)]|．)(?!\d)",
)

_SENTENCE_END = re.compile(r"[。；;！!？?]$")


@functools.cache
def _pattern(begins: str) -> re.Pattern[str]:
    return re.compile(_START + begins)


def _starts(text: str, style: Callable[[int], str]) -> list[int]:
    """Where the items of one style begin, counted up from the first without a gap; empty for fewer than two."""
    starts: list[int] = []
    place = 0
    for count in range(1, _MOST + 1):
        match = _pattern(style(count)).search(text, place)
        if match is None:
            break
        starts.append(match.start() + len(match[0]) - len(match[0].lstrip()))
        place = match.end()
    return starts if len(starts) > 1 else []


def split_measures(text: str) -> tuple[str, ...]:
    """The measures of a cell in order; all of `text` is in them. A lead-in stays with the first.

    Without numbered items paragraphs of whole sentences are measures; the sentences of one paragraph are one, since
    nobody said where another begins.
    """
    if not text.strip():
        return ()
    found = [starts for style in _STYLES if (starts := _starts(text, style))]
    if not found:
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        return tuple(lines) if all(_SENTENCE_END.search(line) for line in lines) else (text,)
    starts = min(found, key=lambda places: (places[0], -len(places)))
    bounds = [0, *starts[1:], len(text)]
    pieces = (text[start:end].strip() for start, end in itertools.pairwise(bounds))
    return tuple(piece for piece in pieces if piece)


def breaks_off(measures: Sequence[str]) -> bool:
    """Whether numbered items stop where a further one is plainly there, e.g. 一是…三是…: one was lost or misprinted."""
    for style in _STYLES:
        counted = len(measures) if re.match(style(1), measures[0]) else 0
        later = range(max(counted, 1) + 1, min(counted + 4, _MOST))
        if counted and any(_pattern(style(n)).search(measures[-1]) for n in later):
            return True
    return False
