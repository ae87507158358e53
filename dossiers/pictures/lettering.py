"""Text in vector pictures: how wide it is, where its lines break, and its SVG, with every character escaped.

Pictures are drawn before a font is known, so widths are those of any face with square characters: one em for a
Chinese character, a little more than half an em for the rest.
"""

import re
from html import escape
from itertools import groupby
from unicodedata import category, east_asian_width

from dossiers import fonts

FAMILY = "Gong Hei"
"""The face of letters in pictures."""
SUBSTITUTE = "〓"
WIDE = frozenset("WFA")
NARROW_EM = 0.56
LINE_EM = 1.2
BASELINE_EM = 0.36
"""From the middle of a line to its baseline."""
_CLOSES, _OPENS = frozenset({"Pe", "Pf", "Po"}), frozenset({"Ps", "Pi"})
"""Unicode categories of marks that begin no line, and of those that end none."""
_BEFORE = {"start": 0.0, "middle": 0.5, "end": 1.0}
_NOTHING = 0.005
_LONGEST_TOLD = 1000
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def em_width(text: str) -> float:
    """The width of one line of text in em."""
    return sum(1.0 if east_asian_width(each) in WIDE else NARROW_EM for each in text)


def wrapped(text: str, *, width: float, size: float, lines: int) -> tuple[str, ...]:
    """`text` in at most so many lines of `width`, an ellipsis at the end of what does not fit.

    Chinese breaks between any two characters save before closing and after opening marks; other words stay whole
    where they can.
    """
    room = max(width / size, 1.0)
    made: list[str] = []
    line = ""
    for piece in _pieces(text, room):
        if line and em_width(line + piece.rstrip()) > room:
            made.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    made += [line.rstrip()] if line.strip() else []
    if len(made) <= lines:
        return tuple(made)
    last = made[lines - 1]
    while last and em_width(last) + 1 > room:
        last = last[:-1]
    return (*made[: lines - 1], f"{last}…")


def fitted(text: str, *, width: float, height: float, largest: float, smallest: float) -> tuple[float, tuple[str, ...]]:
    """The largest size of letters at which `text` fits into a box, with its lines; cut only at the smallest."""
    size = largest
    while size > smallest:
        room = max(int(height // (size * LINE_EM)), 1)
        lines = wrapped(text, width=width, size=size, lines=room)
        if not lines or not lines[-1].endswith("…") or text.rstrip().endswith("…"):
            return size, _balanced(text, lines, width, size)
        size -= 0.5
    return smallest, wrapped(text, width=width, size=smallest, lines=max(int(height // (smallest * LINE_EM)), 1))


def _balanced(text: str, lines: tuple[str, ...], width: float, size: float) -> tuple[str, ...]:
    """As many lines of about one length: no single character left over in the last one."""
    even = lines
    while len(even) == len(lines) > 1 and width > size:
        lines, width = even, width - size / 2
        even = wrapped(text, width=width, size=size, lines=len(lines) + 1)
    return lines


def letters(text: str, x: float, y: float, *, size: float, anchor: str = "middle", fill: str = "#000") -> str:
    """One line of SVG text around the height `y`; `anchor` says which of its points `x` is: start, middle or end.

    Where it begins is reckoned here. WeasyPrint would draw every `text-anchor` as a picture of its own, and of a short
    dossier these pictures took a tenth of the time.
    """
    begins = x - _BEFORE[anchor] * _set_width(text) * size
    return (
        f'<text x="{number(begins)}" y="{number(y + size * BASELINE_EM)}" font-size="{number(size)}" '
        f'fill="{fill}">{printable(text)}</text>'
    )


def _set_width(text: str) -> float:
    """The width of a line as it is set, in em. What comes from the safety net is taken for as wide as it looks."""
    widths = fonts.advances(FAMILY)
    return sum(em_width(each) if _is_rare(each) else widths.get(ord(each), 0.0) for each in text)


def block(lines: tuple[str, ...], x: float, middle: float, *, size: float, fill: str = "#000") -> str:
    """Lines of SVG text, centred around a point."""
    first = middle - (len(lines) - 1) * size * LINE_EM / 2
    return "".join(
        letters(line, x, first + index * size * LINE_EM, size=size, fill=fill) for index, line in enumerate(lines)
    )


def described(words: str) -> str:
    """Attributes that say what a picture shows; word processors read them out, and so does nothing in the PDF."""
    return f'role="img" aria-label="{escape(_NOT_XML.sub("", words[:_LONGEST_TOLD]))}"'


def printable(text: str) -> str:
    """Text as it may stand in XML: characters that XML forbids are left out, the others escaped.

    What the faces lack is set from the safety net, by name: a fallback takes a face that has a character and cannot
    print it (`dossiers.fonts`). What no font has is replaced.
    """
    made = ""
    for rare, run in groupby(_NOT_XML.sub("", text), key=_is_rare):
        words = "".join(run)
        if rare:
            kept = "".join(each if ord(each) in fonts.in_safety_net() else SUBSTITUTE for each in words)
            made += f'<tspan font-family="{fonts.SAFETY_NET}">{escape(kept)}</tspan>'
        else:
            made += escape(words)
    return made


def _is_rare(character: str) -> bool:
    return not character.isspace() and ord(character) not in fonts.in_every_face()


def number(value: float) -> str:
    """A number as short as it can be written with two decimals, the same on every machine."""
    return "0" if abs(value) < _NOTHING else f"{value:.2f}".rstrip("0").rstrip(".")


def _pieces(text: str, room: float) -> list[str]:
    pieces: list[str] = []
    for character in " ".join(text.split()):
        wide = east_asian_width(character) in WIDE
        before = pieces[-1] if pieces else ""
        stays = bool(before) and (
            category(character) in _CLOSES
            or category(before[-1]) in _OPENS
            or (not wide and not before[-1].isspace() and east_asian_width(before[-1]) not in WIDE)
            or character == " "
        )
        if stays and em_width(before) + em_width(character) <= room:
            pieces[-1] = before + character
        else:
            pieces.append(character)
    return pieces
