"""The process that reads a PDF's first page: `python -m importers.inspection.pdf_process FILE` prints JSON."""

import json
import logging
import resource
import sys
from pathlib import Path
from typing import Any

from importers.inspection.lines import Piece, lines_of

_CPU_SECONDS = 20
_MEMORY_BYTES = 2 * 1024**3
_LINES, _LENGTH = 40, 400


def read(path: Path) -> dict[str, Any]:
    """`encrypted`, `lines` (top first) and `properties` of the PDF. Raises whatever pypdf raises."""
    from pypdf import PasswordType, PdfReader

    with path.open("rb") as file:
        reader = PdfReader(file, strict=False)
        # Many official PDFs forbid copying with an owner's password and open without one.
        if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
            return {"encrypted": True, "lines": [], "properties": {}}
        page = reader.pages[0]
        pieces: list[Piece] = []

        def place(text: str, cm: list[float], tm: list[float], _font: object, size: float) -> None:
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            right, down = _TURNED.get(page.rotation % 360, _upright)(x, y)
            pieces.append((right, down, abs(size * tm[3] * cm[3]) or 1.0, text.replace("\n", " ")))

        try:
            drawn = page.extract_text(visitor_text=place).splitlines()
        except Exception:  # noqa: BLE001  a page whose text cannot be read is evidence all the same, like a scan
            drawn, pieces = [], []
        try:
            properties = {str(name): str(value) for name, value in (reader.metadata or {}).items()}
        except Exception:  # noqa: BLE001  properties that cannot be read carry no mark that a reader could see
            properties = {}
    lines = lines_of(pieces) or [line for line in drawn if line.strip()]
    return {
        "encrypted": False,
        "lines": [line[:_LENGTH] for line in lines[:_LINES]],
        "properties": properties,
    }


def _upright(x: float, y: float) -> tuple[float, float]:
    """A page's coordinates grow upwards."""
    return x, -y


# What is right and what is down on a page that is shown turned clockwise by so many degrees.
_TURNED = {
    90: lambda x, y: (y, x),
    180: lambda x, y: (-x, y),
    270: lambda x, y: (-y, -x),
}


def main() -> None:
    """Limit this process, then read. A file beyond the limits ends it with a code that is not 0."""
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(logging.CRITICAL)
    json.dump(read(Path(sys.argv[1])), sys.stdout)


if __name__ == "__main__":
    main()
