"""One written form for comparison: width, traditional characters, white space, with positions kept.

Everything here is for *comparing*; what a document prints is never replaced by it.
"""

import functools
import re

WIDE = str.maketrans(
    {
        **{chr(0xFF01 + i): chr(0x21 + i) for i in range(94)},
        "\u3000": " ",
        "\u00a0": " ",
        "\u2009": " ",
    }
)
HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
GAP_BETWEEN_HAN = re.compile(rf"(?<=[{HAN}，。；：、！？“”‘’《》（）【】])\s+(?=[{HAN}，。；：、！？“”‘’《》（）【】])")
WHITE = re.compile(r"[\s\u3000\u00a0\u2009\u200b\ufeff]+")


@functools.cache
def _converter() -> "functools.partial[str]":
    from opencc import OpenCC

    return functools.partial(OpenCC("t2s").convert)


@functools.cache
def simplified(char: str) -> str:
    """The simplified form of one character; the character itself where it has none.

    Character by character, because a conversion of whole words may change the length and the positions with it.
    """
    if char.isascii():
        return char
    form: str = _converter()(char)
    return form if len(form) == 1 else char


def to_simplified(text: str) -> str:
    """`text` with every traditional character simplified; the length stays."""
    return "".join(map(simplified, text))


def half_width(text: str) -> str:
    """`text` with full-width digits, letters and punctuation made half-width; the length stays."""
    return text.translate(WIDE)


def squeeze(text: str) -> str:
    """`text` without white space of any kind."""
    return WHITE.sub("", text)


def tidy(text: str) -> str:
    """Printed text as a person would retype it: no gaps between Chinese characters, single spaces elsewhere."""
    return GAP_BETWEEN_HAN.sub("", WHITE.sub(" ", text)).strip()


def comparable(text: str) -> tuple[str, list[int]]:
    """`text` for comparison (no white space, half-width, simplified), and where in `text` each character stands."""
    chars: list[str] = []
    positions: list[int] = []
    for position, char in enumerate(text):
        if not WHITE.fullmatch(char):
            chars.append(simplified(char.translate(WIDE)))
            positions.append(position)
    return "".join(chars), positions
