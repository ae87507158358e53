"""Pages as pictures, for whoever writes and wants to see what will be printed. Imported in worker processes only."""

import io
from collections.abc import Mapping
from typing import Any

import pypdfium2

from dossiers.drawing import draw_plain_pdf

DOTS_PER_INCH = 110
"""A4 becomes 909 by 1286: sharp at the width that an editor shows it at, and some 60 kB a page."""
_POINTS_PER_INCH = 72
MOST_PAGES = 40
"""A preview ends here; the PDF has the rest."""


def draw_sheets(template: str, content: Mapping[str, Any]) -> tuple[bytes, ...]:
    """Each page as PNG, the first ones of a long document. Raises as `draw_pdf`."""
    with pypdfium2.PdfDocument(draw_plain_pdf(template, content)) as document:
        return tuple(_picture(document[number]) for number in range(min(len(document), MOST_PAGES)))


def _picture(page: Any) -> bytes:
    drawn = page.render(scale=DOTS_PER_INCH / _POINTS_PER_INCH).to_pil()
    out = io.BytesIO()
    # Few colours are on an official page; a palette makes a third of the size.
    drawn.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()
