"""What templates ask of Python: dates, numerals and measures that follow from how long a text is."""

import re
from collections.abc import Iterable
from datetime import date, datetime

_DIGITS = "〇一二三四五六七八九"
_CHARACTER_POINTS = 16.0
_TEXT_WIDTH_POINTS = 442.2
"""156 mm (GB/T 9704-2012, 5.2.1)."""
_HEAD_POINTS = 46.0
"""The largest red head: the standard leaves the size to the office and asks for a sober one (7.2.4)."""
_TITLE_CHARACTERS = 19
"""Characters of 22 pt in a line of the title, with a little air at both sides."""
_PAIRS = (("《", "》"), ("“", "”"), ("（", "）"))
_TORN, _LONELY, _SHORTEST_LAST = 60.0, 120.0, 5
_SIGNATURE_INDENT = 4.0
"""Characters between the date and the right edge (7.3.5.1)."""

# A title breaks after these, before a bracket or a quotation, after a date outside of one or the number of a batch.
_BREAKS = re.compile(
    r"(?<=[、，：；》”）])|(?=（)|(?<=\d日)(?![^（]*）)"
    r"|(?=关于)|(?=的(?:通知|通报|报告|函|意见|决定|纪要|说明)$)|(?=(?:工作|情况|事项|[“《]))|(?<=[一二三四五六七八九十]批)"
)


def chinese_date(value: str | date) -> str:
    """`2026-07-01` as 2026年7月1日, without leading zeros (7.3.5)."""
    day = _day(value)
    return f"{day.year}年{day.month}月{day.day}日"


def chinese_month(value: str | date) -> str:
    """`2026-07-01` as 2026年7月."""
    day = _day(value)
    return f"{day.year}年{day.month}月"


def chinese_number(value: int) -> str:
    """1 to 99 as the numeral of a heading: 一, 十, 十二, 二十三."""
    tens, ones = divmod(value, 10)
    if not tens:
        return _DIGITS[ones]
    return (_DIGITS[tens] if tens > 1 else "") + "十" + (_DIGITS[ones] if ones else "")


def width_of(text: str) -> float:
    """How many characters wide a text is: Latin letters and digits are half a character."""
    return sum(0.5 if character.isascii() else 1.0 for character in text)


def head_points(name: str) -> float:
    """The size of a red head that fits into one line, at most 46 points."""
    return round(min(_HEAD_POINTS, _TEXT_WIDTH_POINTS / (width_of(name) + 0.5)), 1)


def signature_indent(name: str, day: str) -> float:
    """Characters to the right of a signature, so that the date ends four from the edge, centred under the name."""
    return max(0.0, _SIGNATURE_INDENT - max(0.0, (width_of(name) - width_of(day)) / 2))


def title_lines(title: str) -> list[str]:
    """A title in lines of which none is too long and none breaks a word that can be told (7.3.1)."""
    lines: list[str] = []
    for given in title.splitlines():
        lines += _balanced(given.strip())
    return lines


def _balanced(title: str) -> list[str]:
    """The lines that come nearest to one length. A last line of three characters, or a break inside of a quotation,
    is taken only where there is no other way.
    """
    count = -(-width_of(title) // _TITLE_CHARACTERS)
    if count <= 1:
        return [title]
    pieces = [part for piece in _BREAKS.split(title) if piece for part in _cut(piece)]
    best: list[tuple[float, list[str]]] = [(0.0, [])]
    for end in range(1, len(pieces) + 1):
        ways = []
        for start in range(end):
            line = "".join(pieces[start:end])
            if width_of(line) <= _TITLE_CHARACTERS:
                cost, lines = best[start]
                ways.append((cost + _uneven(line, width_of(title) / count, last=end == len(pieces)), [*lines, line]))
        best.append(min(ways))
    return best[-1][1]


def _uneven(line: str, target: float, *, last: bool) -> float:
    torn = any(line.count(opening) != line.count(closing) for opening, closing in _PAIRS)
    return (width_of(line) - target) ** 2 + _TORN * torn + _LONELY * (last and width_of(line) < _SHORTEST_LAST)


def _cut(line: str) -> Iterable[str]:
    """A piece without a place to break is cut into even parts."""
    count = int(-(-width_of(line) // _TITLE_CHARACTERS))
    size = -(-len(line) // count)
    return [line[start : start + size] for start in range(0, len(line), size)] if count > 1 else [line]


def _day(value: str | date) -> date:
    if isinstance(value, date):
        return value
    return datetime.fromisoformat(value).date()


FILTERS = {
    "chinese_date": chinese_date,
    "chinese_month": chinese_month,
    "chinese_number": chinese_number,
    "head_points": head_points,
    "title_lines": title_lines,
    "width_of": width_of,
}


# The numbering of official documents (7.3.3): 一、 （一） 1. （1）; a first sentence in 楷体 where text follows it.
_FIRST_LEVEL = re.compile(r"[一二三四五六七八九十]{1,3}、[^。；]{1,40}$")
_SECOND_LEVEL = re.compile(r"（[一二三四五六七八九十]{1,3}）[^。；]{1,40}。?$")
_SECOND_LEVEL_WITH_TEXT = re.compile(r"（[一二三四五六七八九十]{1,3}）[^。；]{1,40}。.")

TESTS = {
    "first_level": lambda line: bool(_FIRST_LEVEL.match(line)),
    "second_level": lambda line: bool(_SECOND_LEVEL.match(line)),
    "second_level_with_text": lambda line: bool(_SECOND_LEVEL_WITH_TEXT.match(line)),
}
