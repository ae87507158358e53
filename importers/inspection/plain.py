"""Plain text and CSV: recognised by being readable from end to end."""

import codecs
import re
from pathlib import Path

_PIECE_BYTES = 1024 * 1024
_TOP_CHARACTERS = 16_384
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# A stray control character comes out of old systems' exports; a binary file is full of them.
_CONTROL_SHARE = 0.001


def first_lines(path: Path) -> list[str] | None:
    """The first page or so; None when the file is not text in UTF-8, UTF-16 with its mark, or GB18030."""
    with path.open("rb") as file:
        start = file.read(2)
    encodings = ["utf-16"] if start in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        top = _top(path, encoding)
        if top is not None:
            return top.splitlines()
    return None


def _top(path: Path, encoding: str) -> str | None:
    """The first characters, if every byte of the file is text in this encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    top, characters, controls = "", 0, 0
    with path.open("rb") as file:
        while True:
            piece = file.read(_PIECE_BYTES)
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError:
                return None
            characters += len(text)
            controls += len(_CONTROL.findall(text))
            if controls > max(1, characters * _CONTROL_SHARE):
                return None
            top += text[: _TOP_CHARACTERS - len(top)]
            if not piece:
                return top
