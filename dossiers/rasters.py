"""Vector pictures as dots, for word processors, which do not agree on vectors. Imported in worker processes only."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2

from dossiers.drawing import draw_page

DOTS_PER_INCH = 220
"""What office printers need for letters of 7 pt: 156 mm become 1351 dots and some 40 kB."""
_POINTS_PER_INCH, _MILLIMETRES_PER_INCH = 72, 25.4
_GREYS = 16
"""Pictures are drawn in greys; so many, black and white among them, keep the edges of letters smooth."""
_STEP = 255 / (_GREYS - 1)

_HAIR = 0.05
_MEASURE = {side: re.compile(rf'{side}="([0-9.]+)mm"') for side in ("width", "height")}


@dataclass(frozen=True, slots=True)
class Raster:
    """A picture as PNG, with its printed size in millimetres."""

    png: bytes
    width: float
    height: float


def rasters_of(pictures: Sequence[str]) -> list[Raster]:
    """Each SVG with its printed size (`width` and `height` in mm), in the faces of documents; the same dots each time.

    Raises FontsMissing, and AddressRefused for a picture that would fetch something.
    """
    if not pictures:
        return []
    with pypdfium2.PdfDocument(draw_page(_sheet_of(pictures)).write_pdf()) as document:
        return [_raster(document[number]) for number in range(len(document))]


def _sheet_of(pictures: Sequence[str]) -> str:
    """A page for each picture, of its size."""
    pages = "".join(f'<div style="page: p{number}">{picture}</div>' for number, picture in enumerate(pictures))
    sizes = "".join(f"@page p{number} {{ size: {_size(each)} }}" for number, each in enumerate(pictures))
    rules = f"@page {{ margin: 0 }} {sizes} body {{ margin: 0 }} div {{ line-height: 0 }} svg {{ display: block }}"
    return f"<!doctype html><html><head><style>{rules}</style></head><body>{pages}</body></html>"


def _size(picture: str) -> str:
    """Of the page, as CSS: a hair more than the picture's, which must not flow over to a second page."""
    width, height = (float(_MEASURE[side].search(picture)[1]) + _HAIR for side in ("width", "height"))  # type: ignore[index]  # ours
    return f"{width}mm {height}mm"


def _raster(page: Any) -> Raster:
    drawn = page.render(scale=DOTS_PER_INCH / _POINTS_PER_INCH, grayscale=True).to_pil().convert("L")
    out = io.BytesIO()
    drawn = drawn.point([round(value / _STEP) for value in range(256)])
    drawn.putpalette([grey for level in range(_GREYS) for grey in (round(level * _STEP),) * 3])
    drawn.save(out, "PNG", optimize=True, bits=4, dpi=(DOTS_PER_INCH, DOTS_PER_INCH))
    width, height = (dots * _MILLIMETRES_PER_INCH / DOTS_PER_INCH for dots in drawn.size)
    return Raster(out.getvalue(), width, height)
