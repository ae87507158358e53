"""Putting pieces of text that stand somewhere on a page together to lines, top first."""

from collections.abc import Iterable

Piece = tuple[float, float, float, str]
"""x, y (growing downwards), height, text."""


def lines_of(pieces: Iterable[Piece]) -> list[str]:
    """The lines of a page. Pieces whose tops differ by less than half their height stand on one line."""
    rows: list[tuple[float, float, list[tuple[float, str]]]] = []
    for x, y, height, text in sorted(pieces, key=lambda piece: (piece[1], piece[0])):
        if not text.strip():
            continue
        if rows and abs(y - rows[-1][0]) <= max(height, rows[-1][1]) / 2:
            rows[-1][2].append((x, text))
        else:
            rows.append((y, height, [(x, text)]))
    return [" ".join(text.strip() for _, text in sorted(row)) for _, _, row in rows]
