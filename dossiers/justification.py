"""Full lines of Chinese, flush on both sides.

WeasyPrint widens spaces only (its `justify_line` says that a better algorithm is to be done), and a Chinese line has
none: the right margin would be ragged by a character wherever punctuation is not allowed at a line's end. Here the
missing width is spread over all characters of such a line. The version of WeasyPrint is pinned; a test measures the
margins of a page.
"""

import unicodedata
from collections.abc import Iterator
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.layout import inline

_WIDEST_GAP = 0.25
"""Of a character: a line that would need more (a long address follows) stays ragged instead of falling apart."""

_by_words = inline.justify_line


def install() -> None:
    """Let WeasyPrint in this process justify so."""
    inline.justify_line = _by_characters


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WFA"


def _texts(box: Any) -> Iterator[Any]:
    if isinstance(box, boxes.TextBox):
        yield box
    elif isinstance(box, boxes.LineBox | boxes.InlineBox):
        for child in box.children:
            if child.is_in_normal_flow():
                yield from _texts(child)


def _by_characters(context: Any, line: Any, extra: float) -> None:
    texts = list(_texts(line))
    characters = [c for text in texts for c in text.text]
    gaps = len(characters) - 1
    if not any(_is_wide(c) for c in characters):
        _by_words(context, line, extra)
        return
    if gaps < 1:
        return
    gap = extra / gaps
    if 0 < gap <= texts[0].style["font_size"] * _WIDEST_GAP:
        _widen(context, line, gap, 0.0)


def _widen(context: Any, box: Any, gap: float, shift: float) -> float:
    """Move a box by what was added before it, and add `gap` after each of its characters; gives the new shift."""
    if isinstance(box, boxes.TextBox):
        box.position_x += shift
        style = box.style.copy()
        spacing = style["letter_spacing"]
        style["letter_spacing"] = (0 if spacing == "normal" else spacing) + gap
        box.style = style
        layout = inline.create_layout(box.text, style, context, max_width=None, justification_spacing=0)
        layout.deactivate()
        box.pango_layout = layout
        added = gap * len(box.text)
        box.width += added
        return shift + added
    if isinstance(box, boxes.LineBox | boxes.InlineBox):
        box.position_x += shift
        before = shift
        for child in box.children:
            if child.is_in_normal_flow():
                shift = _widen(context, child, gap, shift)
        box.width += shift - before
        return shift
    box.translate(shift, 0)
    return shift
