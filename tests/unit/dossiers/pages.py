"""Content for documents, and what a PDF really shows: characters with their places, from the drawn page."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

POINT = 25.4 / 72
"""Millimetres."""

SENTENCE = "各单位要明确一名联络员，按月报送进展情况，遇有困难及时提请协调，确保事项按期办结。"


def notice(**changes: Any) -> dict[str, Any]:
    """A notice of the sample city, with every part that an official document can have."""
    content: dict[str, Any] = {
        "title": "关于做好第三季度重点督办事项办理工作的通知",
        "dated": "2026-07-01",
        "author": "市开放办",
        "head": {"name": "滨海示范市开放办公室文件", "mark": "滨示督〔2026〕31号"},
        "addressee": "各区人民政府，市政府各部门",
        "text": "现将有关事项通知如下。\n一、总体要求\n" + f"{SENTENCE}\n" * 3,
        "signature": {"unit": "滨海示范市开放办公室", "date": "2026-07-01"},
        "imprint": {"copies": ["市委办公室"], "office": "滨海示范市开放办公室", "date": "2026-07-02"},
    }
    return content | changes


@dataclass(frozen=True, slots=True)
class Glyph:
    """A drawn character: its box in mm from the page's upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    baseline: float


@dataclass(frozen=True, slots=True)
class Line:
    """Characters on one baseline, from left to right."""

    glyphs: tuple[Glyph, ...]

    @property
    def text(self) -> str:
        return "".join(glyph.text for glyph in self.glyphs)

    @property
    def baseline(self) -> float:
        return self.glyphs[0].baseline

    @property
    def left(self) -> float:
        return min(glyph.left for glyph in self.glyphs)

    @property
    def right(self) -> float:
        return max(glyph.right for glyph in self.glyphs)

    @property
    def top(self) -> float:
        return min(glyph.top for glyph in self.glyphs)


class Drawn:
    """A PDF as it was drawn."""

    def __init__(self, content: bytes) -> None:
        self.document = pypdfium2.PdfDocument(io.BytesIO(content))

    def __len__(self) -> int:
        return len(self.document)

    def text(self, page: int) -> str:
        """Everything on a page (from 0), line by line."""
        return "\n".join(line.text for line in self.lines(page))

    def lines(self, page: int) -> list[Line]:
        """The lines of a page, from top to bottom."""
        glyphs = sorted(self._glyphs(page), key=lambda glyph: (round(glyph.baseline, 1), glyph.left))
        return [Line(tuple(line)) for _, line in groupby(glyphs, key=lambda glyph: round(glyph.baseline, 1))]

    def _glyphs(self, number: int) -> Iterator[Glyph]:
        page = self.document[number]
        height = page.get_height()
        text = page.get_textpage()
        for index in range(text.count_chars()):
            character = chr(pdfium.FPDFText_GetUnicode(text.raw, index))
            if character.isspace():
                continue
            left, bottom, right, top = text.get_charbox(index)
            x, y = pdfium.c_double(), pdfium.c_double()
            pdfium.FPDFText_GetCharOrigin(text.raw, index, x, y)
            size = pdfium.FPDFText_GetFontSize(text.raw, index)
            edges = (left * POINT, (height - top) * POINT, right * POINT, (height - bottom) * POINT)
            yield Glyph(character, *edges, size, (height - y.value) * POINT)
