"""Characters that the faces lack: set from the safety net without moving the line, or refused.

A glyph of another font has another height and would make its line taller, and with it the page of 22 lines uneven. In
an element of its own, without a line height, it takes the line's.
"""

import unicodedata
from itertools import groupby
from xml.etree.ElementTree import Element

from domain.document_errors import CharactersUnprintable
from dossiers import fonts

RARE = "rare"
"""The class of the elements; the style sheets know it."""
QUOTED = "data-quoted"
"""Marks words that were said by somebody and cannot be changed any more: what cannot be printed of them becomes 〓."""
_SUBSTITUTE = "〓"
_MOST_NAMED = 20
_NOT_SET = frozenset({"head", "style", "script", "svg"})


def mark_rare(root: Element) -> None:
    """Put rare characters below `root` into elements of their own, and drop what nobody sees (controls, marks).

    Raises CharactersUnprintable naming those that no font has.
    """
    unprintable: set[str] = set()
    _walk(root, unprintable, quoted=False)
    if unprintable:
        named = sorted(unprintable)[:_MOST_NAMED]
        shown = "、".join(f"{character}（U+{ord(character):04X}）" for character in named)
        raise CharactersUnprintable(shown, characters=shown)


def _walk(element: Element, unprintable: set[str], *, quoted: bool) -> None:
    quoted = quoted or element.get(QUOTED) is not None
    children = list(element)
    texts = [element.text, *(child.tail for child in children)]
    for child in children:
        if isinstance(child.tag, str) and child.tag.rpartition("}")[2] not in _NOT_SET:
            _walk(child, unprintable, quoted=quoted)
    added = 0
    for position, text in enumerate(texts):
        if not text or text.isascii():
            continue
        first, wrapped = _split(text, unprintable, quoted=quoted)
        if position == 0:
            element.text = first
        else:
            children[position - 1].tail = first
        for each in wrapped:
            element.insert(position + added, each)
            added += 1


def _split(text: str, unprintable: set[str], *, quoted: bool) -> tuple[str, list[Element]]:
    first, wrapped = "", []
    for rare, run in groupby(_kept(text, unprintable, quoted=quoted), key=_is_rare):
        piece = "".join(run)
        if rare:
            element = Element("span", {"class": RARE})
            element.text = piece
            wrapped.append(element)
        elif wrapped:
            wrapped[-1].tail = piece
        else:
            first = piece
    return first, wrapped


def _kept(text: str, unprintable: set[str], *, quoted: bool) -> list[str]:
    kept = []
    for character in text:
        if character.isspace() or not _is_unseen(character):
            if not character.isspace() and _is_rare(character) and ord(character) not in fonts.in_safety_net():
                if not quoted:
                    unprintable.add(character)
                kept.append(_SUBSTITUTE)
            else:
                kept.append(character)
    return kept


def kept(text: str) -> str:
    """A text without what nobody sees: controls and marks that turn or hide it."""
    return "".join(character for character in text if character.isspace() or not _is_unseen(character))


def _is_rare(character: str) -> bool:
    return not character.isspace() and ord(character) not in fonts.in_every_face()


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs"} or 0xFE00 <= ord(character) <= 0xFE0F  # noqa: PLR2004
