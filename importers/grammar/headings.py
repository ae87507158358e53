"""Numbered headings of official documents, and the running text under them.

The levels a converter marks are not to be trusted (one document prints its （一）…（九） on three levels), so a heading
is known by its style of numbering, and styles nest in the order in which a document first uses them.
"""

import dataclasses
import re
from collections.abc import Iterable

from importers.grammar.characters import WHITE, half_width, squeeze
from importers.grammar.dates import NUMERAL, number
from importers.grammar.repair import Passage
from importers.structure import Heading, Paragraph

_HAN = rf"(?P<ordinal>[{NUMERAL}百]+)"
_STYLES = (
    ("第一章", re.compile(rf"第{_HAN}[章编篇]\s*")),
    ("第一部分", re.compile(rf"第{_HAN}部分\s*")),
    ("第一节", re.compile(rf"第{_HAN}节\s*")),
    ("一、", re.compile(rf"{_HAN}\s*[、.]\s*")),
    ("（一）", re.compile(rf"\(\s*{_HAN}\s*\)\s*[、.]?\s*")),
    ("1.", re.compile(r"(?P<ordinal>\d{1,2})\s*[.、](?!\d)\s*")),
    ("（1）", re.compile(r"\(\s*(?P<ordinal>\d{1,2})\s*\)\s*")),
)
LONGEST_HEADING = 40
LONGEST_RUN_IN = 24


@dataclasses.dataclass(frozen=True, slots=True)
class Numbering:
    """What the number of a heading says: its style, its place in the sequence, and the words after it."""

    style: str
    ordinal: int | None
    title: str


def numbering(text: str) -> Numbering | None:
    """The numbering that `text` starts with, None where there is none.

    >>> numbering("（二） 优化服务")
    Numbering(style='（一）', ordinal=2, title='优化服务')
    """
    plain = half_width(text).lstrip()
    lead = len(text) - len(half_width(text).lstrip())
    for style, pattern in _STYLES:
        if match := pattern.match(plain):
            return Numbering(style, number(match["ordinal"]), text[lead + match.end() :].strip())
    return None


def is_heading_line(text: str) -> bool:
    """Whether a line is a numbered heading and nothing more."""
    plain = squeeze(text)
    return len(plain) <= LONGEST_HEADING and not re.search(r"[。；;]", plain) and numbering(text) is not None


def _run_in(text: str) -> str | None:
    """The heading that a paragraph starts with (（一）加大力度。…), None where it starts with none."""
    head, stop, rest = text.partition("。")
    if numbering(head) is not None and stop and rest.strip() and len(squeeze(head)) <= LONGEST_RUN_IN:
        return head
    return None


class _Outline:
    """The headings a place stands under, by style."""

    def __init__(self) -> None:
        self._order: list[str] = []
        self._now: dict[str, str] = {}

    def enter(self, heading: str) -> None:
        """Start a section; what was nested in one of its style ends."""
        known = numbering(heading)
        style = known.style if known else ""
        if style not in self._order:
            self._order.append(style)
        for nested in self._order[self._order.index(style) :]:
            self._now.pop(nested, None)
        self._now[style] = WHITE.sub(" ", heading).strip()

    @property
    def headings(self) -> tuple[tuple[str, str], ...]:
        return tuple(self._now.items())


def passages(blocks: Iterable[Heading | Paragraph]) -> list[Passage]:
    """The running text of a document, each paragraph with the headings it stands under."""
    outline = _Outline()
    found: list[Passage] = []
    fresh = True
    for block in blocks:
        if isinstance(block, Heading) or is_heading_line(block.text):
            outline.enter(block.text)
            fresh = True
            continue
        run_in = _run_in(block.text)
        if run_in is not None:
            outline.enter(run_in)
        afresh = fresh or run_in is not None
        found.append(Passage(block.text, outline.headings, starts_afresh=afresh, position=block.position))
        fresh = False
    return found
