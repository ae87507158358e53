"""Labels that order official text: 第一章, 一、, （二）, 3., and what they make of a line."""

import re

from importers.grammar.characters import half_width, squeeze

_COUNT = "一二三四五六七八九十百零〇"
# From the outer to the inner; the first two are a book's, the next two every document's.
_STYLES = (
    re.compile(rf"第[{_COUNT}\d]{{1,4}}[编篇章]"),
    re.compile(rf"第[{_COUNT}\d]{{1,4}}[节部]分?"),
    re.compile(rf"[{_COUNT}]{{1,3}}[、.]"),
    re.compile(rf"\([{_COUNT}]{{1,3}}\)"),
)
UNLABELLED = len(_STYLES)
_LONGEST_SECTION = 60
_SENTENCE_END = re.compile(r"[。;!?]$")
NOTE = re.compile(r"(?:注|备注|说明|附注)\s*\d*\s*[:：]|合计|总计|小计")


def label_level(text: str) -> int | None:
    """How deep a labelled line stands, 0 the outermost; None without a label, or if the label is all there is."""
    plain = half_width(text).strip()
    for level, style in enumerate(_STYLES):
        match = style.match(plain)
        if match and squeeze(plain[match.end() :]):
            return level
    return None


def is_section_line(text: str) -> bool:
    """Whether a line of its own heads a part of a list: labelled, short, and no sentence."""
    plain = half_width(text).strip()
    return label_level(text) is not None and len(plain) <= _LONGEST_SECTION and not _SENTENCE_END.search(plain)


def is_note(text: str) -> bool:
    """Whether a row or line is a note about the list (注：…, 合计) and neither task nor section."""
    return bool(NOTE.match(half_width(text).strip()))


class SectionPath:
    """The sections that are open at a place of a list, outermost first."""

    def __init__(self) -> None:
        self._open: dict[int, str] = {}

    def enter(self, text: str) -> None:
        """Open a section; those as deep or deeper end."""
        level = label_level(text)
        depth = UNLABELLED if level is None else level
        self._open = {open_level: name for open_level, name in self._open.items() if open_level < depth}
        self._open[depth] = text

    def __str__(self) -> str:
        return " / ".join(name for _, name in sorted(self._open.items()))
