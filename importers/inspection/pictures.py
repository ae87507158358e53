"""Pictures: PNG, JPEG and TIFF, as scanners and telephones make them. Only their frame is read, never a pixel."""

import os
import struct
from pathlib import Path
from typing import BinaryIO

from domain.evidence import FileKind
from domain.evidence_errors import FileDamaged

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_TIFF = (b"II*\x00", b"MM\x00*")
_TAIL_BYTES = 64 * 1024
_JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_JPEG_SCAN, _JPEG_END = 0xDA, b"\xff\xd9"


def kind_of(head: bytes) -> FileKind | None:
    """The kind of picture that starts with `head`, if it is one."""
    if head.startswith(_PNG):
        return FileKind.PNG
    if head.startswith(_JPEG):
        return FileKind.JPEG
    return FileKind.TIFF if head.startswith(_TIFF) else None


def check(path: Path, kind: FileKind) -> None:
    """Raise FileDamaged unless the picture has a size and an end."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        try:
            sound = {FileKind.PNG: _png, FileKind.JPEG: _jpeg, FileKind.TIFF: _tiff}[kind](file, size)
        except struct.error:
            sound = False
    if not sound:
        raise FileDamaged(f"{path}: {kind}")


def _png(file: BinaryIO, size: int) -> bool:
    file.seek(len(_PNG))
    length, name, width, height = struct.unpack(">I4sII", file.read(16))
    file.seek(max(0, size - _TAIL_BYTES))
    return bool(length == 13 and name == b"IHDR" and width and height and b"IEND" in file.read())  # noqa: PLR2004 IHDR's length


def _jpeg(file: BinaryIO, size: int) -> bool:
    """Segments up to the scan, with a frame that has a size; an end near the end (telephones append a thumbnail)."""
    file.seek(2)
    framed = False
    while True:
        mark, code, length = struct.unpack(">BBH", file.read(4))
        if mark != 0xFF or length < 2:  # noqa: PLR2004  the length counts its own two bytes
            return False
        if code in _JPEG_FRAMES:
            _, _, width = struct.unpack(">BHH", file.read(5))
            framed = bool(width)
            length -= 5
        if code == _JPEG_SCAN:
            break
        file.seek(length - 2, os.SEEK_CUR)
    file.seek(max(file.tell(), size - _TAIL_BYTES))
    return framed and _JPEG_END in file.read()


def _tiff(file: BinaryIO, size: int) -> bool:
    order = "<" if file.read(2) == b"II" else ">"
    file.seek(4)
    [directory] = struct.unpack(f"{order}I", file.read(4))
    if not 8 <= directory < size:  # noqa: PLR2004  the header's length
        return False
    file.seek(directory)
    [entries] = struct.unpack(f"{order}H", file.read(2))
    return bool(entries) and directory + 2 + 12 * entries <= size
