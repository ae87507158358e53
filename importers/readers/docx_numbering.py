"""The numbers Word prints in front of a paragraph without storing them: 一、 （二） 3. in headings and 序号 columns.

A reader sees them, so the import must; they follow from `numbering.xml` and the order of the paragraphs
(ISO/IEC 29500-1 §17.9).
"""

import dataclasses
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVELS = 9
_PLACEHOLDER = re.compile(r"%([1-9])")
_DIGITS = "〇一二三四五六七八九"
_LEGAL = "零壹贰叁肆伍陆柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_TENS = 10
_WRITTEN_UP_TO = 9999


def chinese(number: int, digits: str = _DIGITS, tens: str = "十百千") -> str:
    """`number` from 0 to 9999 as counted in Chinese: 一, 十, 十一, 二十, 一百零五."""
    if not 0 < number <= _WRITTEN_UP_TO:
        return digits[0] if number == 0 else str(number)
    parts: list[str] = []
    pending_zero = False
    for power in range(3, -1, -1):
        digit = number // 10**power % 10
        if digit == 0:
            pending_zero = bool(parts)
            continue
        if pending_zero:
            parts.append("零")
            pending_zero = False
        parts.append(digits[digit] + (tens[power - 1] if power else ""))
    text = "".join(parts)
    return text[1:] if digits is _DIGITS and _TENS <= number < 2 * _TENS else text


def _roman(number: int) -> str:
    text = ""
    for value, letters in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        count, number = divmod(number, value)
        text += letters * min(count, 9)
    return text


def _letters(number: int) -> str:
    index, repeat = (number - 1) % 26, (number - 1) // 26 + 1
    return chr(ord("A") + index) * min(repeat, 9) if number > 0 else str(number)


def _one_of(signs: str) -> Callable[[int], str]:
    return lambda number: signs[number - 1] if 0 < number <= len(signs) else str(number)


_FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda number: f"{number:02d}",
    "decimalFullWidth": lambda number: str(number).translate({48 + i: 0xFF10 + i for i in range(10)}),
    "decimalFullWidth2": lambda number: str(number).translate({48 + i: 0xFF10 + i for i in range(10)}),
    "decimalEnclosedCircle": _one_of(_CIRCLED),
    "decimalEnclosedCircleChinese": _one_of(_CIRCLED),
    "decimalEnclosedParen": lambda number: f"({number})",
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "taiwaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "japaneseCounting": chinese,
    "ideographDigital": lambda number: "".join(_DIGITS[int(digit)] for digit in str(abs(number))),
    "taiwaneseDigital": lambda number: "".join(_DIGITS[int(digit)] for digit in str(abs(number))),
    "chineseLegalSimplified": lambda number: chinese(number, _LEGAL, "拾佰仟"),
    "ideographTraditional": _one_of(_STEMS),
    "ideographZodiac": _one_of(_BRANCHES),
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperLetter": _letters,
    "lowerLetter": lambda number: _letters(number).lower(),
    "none": lambda _: "",
    "bullet": lambda _: "",
}


@dataclasses.dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    form: str = "decimal"
    text: str = ""
    restarts_after: int | None = None
    arabic_throughout: bool = False


def _value(element: "_Element | None", default: str = "") -> str:
    return default if element is None else element.get(f"{W}val", default)


def _integer(text: str, default: int) -> int:
    return int(text) if re.fullmatch(r"-?\d{1,6}", text) else default


def _read_level(element: "_Element") -> _Level:
    restart = element.find(f"{W}lvlRestart")
    return _Level(
        start=_integer(_value(element.find(f"{W}start"), "1"), 1),
        form=_value(element.find(f"{W}numFmt"), "decimal"),
        text=_value(element.find(f"{W}lvlText")),
        restarts_after=None if restart is None else _integer(_value(restart), 0),
        arabic_throughout=element.find(f"{W}isLgl") is not None,
    )


class Numbering:
    """Counts the numbered paragraphs of one document in reading order. `root` is numbering.xml, if there is one."""

    def __init__(self, root: "_Element | None") -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._abstract: dict[str, str] = {}
        self._overrides: dict[str, dict[int, int]] = {}
        self._counters: dict[str, dict[int, int]] = {}
        self._used_overrides: set[tuple[str, int]] = set()
        if root is not None:
            self._read(root)

    def _read(self, root: "_Element") -> None:
        for abstract in root.findall(f"{W}abstractNum"):
            self._levels[abstract.get(f"{W}abstractNumId", "")] = {
                _integer(level.get(f"{W}ilvl", ""), 0): _read_level(level) for level in abstract.findall(f"{W}lvl")
            }
        for number in root.findall(f"{W}num"):
            identity = number.get(f"{W}numId", "")
            self._abstract[identity] = _value(number.find(f"{W}abstractNumId"))
            for override in number.findall(f"{W}lvlOverride"):
                start = override.find(f"{W}startOverride")
                if start is not None:
                    level = _integer(override.get(f"{W}ilvl", ""), 0)
                    self._overrides.setdefault(identity, {})[level] = _integer(_value(start), 1)

    def next_label(self, number_id: str, level: int) -> str:
        """The label of the next paragraph of list `number_id` at `level`; empty for bullets and unknown lists."""
        abstract = self._abstract.get(number_id, "")
        levels = self._levels.get(abstract)
        if levels is None or level not in levels or not 0 <= level < _LEVELS:
            return ""
        if levels[level].form == "bullet":
            return ""
        counters = self._counters.setdefault(abstract, {})
        start = self._overrides.get(number_id, {}).get(level)
        if start is not None and (number_id, level) not in self._used_overrides:
            self._used_overrides.add((number_id, level))
            counters[level] = start
        else:
            counters[level] = counters[level] + 1 if level in counters else levels[level].start
        for deeper in [index for index in counters if index > level]:
            restarts = levels[deeper].restarts_after if deeper in levels else None
            # 0 never restarts; n restarts after level n - 1 or a higher one was used.
            if restarts is None or (restarts and level < restarts):
                del counters[deeper]
        arabic = levels[level].arabic_throughout

        def shown(match: re.Match[str]) -> str:
            index = int(match[1]) - 1
            used = levels.get(index, _Level())
            count = counters.get(index, used.start)
            return str(count) if arabic else _FORMATS.get(used.form, str)(count)

        return _PLACEHOLDER.sub(shown, levels[level].text)
