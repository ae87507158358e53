"""How a large drawing is laid out over pages: which orientation, how many pieces, and where it is cut.

A drawing may never be so small that its words cannot be read on paper. One that would be is cut between its shapes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

MILLIMETRES_PER_UNIT = 0.158
"""The smallest scale: the letters of a step, 16 units, are 2.5 mm (7 pt) high."""
LARGEST_SCALE = 0.25
PORTRAIT = (156.0, 200.0)
LANDSCAPE = (247.0, 126.0)
"""What a page of the dossier has for a picture, in millimetres."""
CAPTION = 18.0
"""Millimetres below a picture."""
OVERLAP = 18.0
"""Units that two neighbouring pieces share, so that a flow is found again on the next page."""
_STEP = 4.0
_SHAPE_CUT, _LABEL_CUT, _FLOW_CUT = 60, 12, 2


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of the drawing, in its units."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    def holds(self, other: "Area") -> bool:
        """Whether the other lies within it."""
        across = self.x <= other.x and other.right <= self.right
        return across and self.y <= other.y and other.bottom <= self.bottom

    def meets(self, other: "Area") -> bool:
        """Whether the two have a point in common."""
        across = self.x <= other.right and other.x <= self.right
        return across and self.y <= other.bottom and other.y <= self.bottom


@dataclass(frozen=True, slots=True)
class Tile:
    """One piece: what of the drawing it shows, and in which column and row of the whole it stands, from 0."""

    area: Area
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The pieces in reading order, whether they lie on landscape pages, and millimetres per unit for all of them."""

    tiles: tuple[Tile, ...]
    landscape: bool
    scale: float
    columns: int
    rows: int

    @property
    def pages(self) -> int:
        """Pages that the pieces take: low ones stand below each other on an upright page."""
        if self.landscape:
            return len(self.tiles)
        highest = max(tile.area.height for tile in self.tiles) * self.scale + CAPTION
        return ceil(len(self.tiles) / max(int((PORTRAIT[1] + CAPTION) // highest), 1))


@dataclass(frozen=True, slots=True)
class Obstacles:
    """What a cut should not go through: shapes and words, and flows if it can be helped."""

    shapes: Sequence[Area]
    labels: Sequence[Area]
    flows: Sequence[Sequence[tuple[float, float]]]


def laid_out(whole: Area, obstacles: Obstacles) -> Layout:
    """The layout with the fewest pages; of several such one that is whole or upright, then the largest letters."""
    layouts = [_try(whole, obstacles, page, landscape=page is LANDSCAPE) for page in (PORTRAIT, LANDSCAPE)]
    return min(layouts, key=lambda each: (each.pages, each.landscape and len(each.tiles) > 1, -each.scale))


def _try(whole: Area, obstacles: Obstacles, page: tuple[float, float], *, landscape: bool) -> Layout:
    across = _pieces(whole.width, page[0] / MILLIMETRES_PER_UNIT)
    down = _pieces(whole.height, page[1] / MILLIMETRES_PER_UNIT)
    lefts = _cuts(whole.x, whole.right, across, page[0] / MILLIMETRES_PER_UNIT, obstacles, axis=0)
    tops = _cuts(whole.y, whole.bottom, down, page[1] / MILLIMETRES_PER_UNIT, obstacles, axis=1)
    tiles = tuple(
        Tile(_between(whole, left, right, top, bottom), column, row)
        for row, (top, bottom) in enumerate(pairwise(tops))
        for column, (left, right) in enumerate(pairwise(lefts))
    )
    widest = max(tile.area.width for tile in tiles)
    highest = max(tile.area.height for tile in tiles)
    scale = min(page[0] / widest, page[1] / highest, LARGEST_SCALE)
    return Layout(tiles, landscape, scale, across, down)


def _pieces(length: float, room: float) -> int:
    return 1 if length <= room else max(ceil((length - 2 * OVERLAP) / (room - 2 * OVERLAP)), 2)


def _between(whole: Area, left: float, right: float, top: float, bottom: float) -> Area:
    """A piece with what it shares with its neighbours."""
    left, top = max(left - OVERLAP, whole.x), max(top - OVERLAP, whole.y)
    right, bottom = min(right + OVERLAP, whole.right), min(bottom + OVERLAP, whole.bottom)
    return Area(left, top, right - left, bottom - top)


def _cuts(start: float, end: float, pieces: int, room: float, obstacles: Obstacles, *, axis: int) -> list[float]:
    """Where to cut along an axis: within what the pages leave, through as little as possible."""
    cuts = [start]
    largest = room - 2 * OVERLAP
    for index in range(1, pieces):
        left = pieces - index
        # Not so early that the rest no longer fits, and not later than this page can hold.
        low, high = max(end - left * largest, cuts[-1] + 1), min(cuts[-1] + largest, end - 1)
        even = cuts[-1] + (end - cuts[-1]) / (left + 1)
        low, high = min(low, even), max(high, even)
        places = [low + _STEP * step for step in range(int((high - low) // _STEP) + 1)]
        cuts.append(min(places, key=lambda at: (_harm(at, obstacles, axis), abs(at - even))))
    return [*cuts, end]


def _harm(at: float, obstacles: Obstacles, axis: int) -> float:
    def through(areas: Sequence[Area]) -> int:
        spans = ((area.x, area.right) if axis == 0 else (area.y, area.bottom) for area in areas)
        return sum(low - OVERLAP / 2 < at < high + OVERLAP / 2 for low, high in spans)

    crossed = sum(
        min(a[axis], b[axis]) <= at <= max(a[axis], b[axis]) for flow in obstacles.flows for a, b in pairwise(flow)
    )
    return _SHAPE_CUT * through(obstacles.shapes) + _LABEL_CUT * through(obstacles.labels) + _FLOW_CUT * crossed
