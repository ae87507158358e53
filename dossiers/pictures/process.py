"""A process as a vector picture: its drawing with what happened, in greys that survive a copier.

What happened is told by outline, fill and words together, never by a shade alone: a step that was done is grey with a
firm outline and its dates, an open one has a heavy outline and a word, one that nobody came to is dashed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import hypot
from typing import Any

from domain.messages.dossiers import LEGEND_TOLD, PICTURE, PICTURE_TOLD, SEVERAL, STEPS_TOLD
from dossiers.pictures.lettering import block, described, em_width, fitted, letters, number
from dossiers.pictures.tiling import Area, Layout, Obstacles, Tile, laid_out

NAME_SIZE, DATE_SIZE, LABEL_SIZE, BADGE_SIZE = 16.0, 12.5, 12.5, 12.5
SMALLEST_NAME, SMALLEST_DATE = 11.0, 9.0
MARGIN = 26.0
"""Around the whole drawing, for badges that stand out over it."""
_PALE, _INK, _GREY = "#777", "#000", "#e2e2e2"
_EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
_OPEN_STATES = frozenset({"open", "late"})
_STATES_TOLD = {
    "completed": "legend_completed", "running": "open", "open": "open", "late": "late", "cancelled": "cancelled",
    "": "legend_untouched",
}  # fmt: skip
"""What is said of a step in each state, as a key of the words."""
_ARROW, _HALF_ARROW = 9.0, 4.0
_PAD = 6.0


@dataclass(frozen=True, slots=True)
class Piece:
    """One page of a process picture: `svg` at its printed size, which piece of how many, on which kind of page."""

    svg: str
    index: int
    count: int
    landscape: bool


@dataclass(slots=True)
class _Canvas:
    """What is painted, in layers from below."""

    holders: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    shapes: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def svg(self) -> str:
        return "".join((*self.holders, *self.flows, *self.shapes, *self.words))


def process_pieces(picture: Mapping[str, Any], *, face: str) -> list[Piece]:
    """The pieces of a process picture in reading order; none for a process that nobody has drawn.

    `picture` has `shapes` (id, kind, name, box, label, event, holds, interrupts, state, runs, returned, dates) and
    `lines` (name, points, label, taken); boxes are [x, y, width, height] in the drawing's units. `state` is "open",
    "late", "running", "completed", "cancelled" or empty. `face` names the fonts, as CSS does.
    """
    shapes, lines = picture["shapes"], picture["lines"]
    if not shapes:
        return []
    layout = laid_out(_whole(shapes, lines), _obstacles(shapes, lines))
    return [
        Piece(_tile_svg(picture, layout, tile, face), index, len(layout.tiles), layout.landscape)
        for index, tile in enumerate(layout.tiles, 1)
    ]


def _whole(shapes: Sequence[Mapping[str, Any]], lines: Sequence[Mapping[str, Any]]) -> Area:
    areas = [_area(part) for shape in shapes for part in (shape["box"], shape["label"]) if part]
    areas += [_area(line["label"]) for line in lines if line["label"]]
    xs = [x for area in areas for x in (area.x, area.right)] + [x for line in lines for x, _ in line["points"]]
    ys = [y for area in areas for y in (area.y, area.bottom)] + [y for line in lines for _, y in line["points"]]
    left, top = min(xs) - MARGIN, min(ys) - MARGIN
    return Area(left, top, max(xs) + MARGIN - left, max(ys) + MARGIN - top)


def _obstacles(shapes: Sequence[Mapping[str, Any]], lines: Sequence[Mapping[str, Any]]) -> Obstacles:
    return Obstacles(
        [_area(shape["box"]) for shape in shapes if not shape["holds"]],
        [_area(each["label"]) for each in (*shapes, *lines) if each["label"]],
        [[(x, y) for x, y in line["points"]] for line in lines],
    )


def _area(box: Sequence[float]) -> Area:
    return Area(*(float(value) for value in box))


def _tile_svg(picture: Mapping[str, Any], layout: Layout, tile: Tile, face: str) -> str:
    area, canvas = tile.area, _Canvas()
    shown = [each for each in picture["shapes"] if _reach(each).meets(area) and _belongs(each, layout, tile)]
    for shape in shown:
        _draw_shape(canvas, shape)
    for line in picture["lines"]:
        if any(_spanned(a, b).meets(area) for a, b in pairwise(line["points"])):
            _draw_line(canvas, line)
    edges = _continued(layout, tile)
    box = " ".join(number(value) for value in (area.x, area.y, area.width, area.height))
    size = f'width="{number(area.width * layout.scale)}mm" height="{number(area.height * layout.scale)}mm"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" {size} font-family="{face}" fill="none" '
        f"{described(_told(shown))}>{canvas.svg()}{edges}</svg>"
    )


def _told(shapes: Sequence[Mapping[str, Any]]) -> str:
    """The steps of a piece by what became of them, for who does not see it."""
    steps = [shape for shape in shapes if not shape["holds"] and shape["kind"] not in _EVENTS and shape["name"]]
    names: dict[str, list[str]] = {}
    for step in steps:
        if not step["kind"].endswith("Gateway"):
            names.setdefault(_STATES_TOLD[step["state"]], []).append(step["name"])
    return PICTURE_TOLD + "".join(
        STEPS_TOLD.format(state=PICTURE[state], names=SEVERAL.join(names[state]))
        for state in dict.fromkeys(_STATES_TOLD.values())
        if state in names
    )


def _belongs(shape: Mapping[str, Any], layout: Layout, tile: Tile) -> bool:
    """Whether a piece shows a shape: in part only when no piece has it whole."""
    box = _area(shape["box"])
    whole = [each for each in layout.tiles if each.area.holds(box)]
    return shape["holds"] or not whole or tile in whole


def _reach(shape: Mapping[str, Any]) -> Area:
    area = _area(shape["box"])
    return Area(area.x - MARGIN, area.y - MARGIN, area.width + 2 * MARGIN, area.height + 2 * MARGIN)


def _spanned(a: Sequence[float], b: Sequence[float]) -> Area:
    return Area(min(a[0], b[0]), min(a[1], b[1]), abs(a[0] - b[0]), abs(a[1] - b[1]))


def _draw_shape(canvas: _Canvas, shape: Mapping[str, Any]) -> None:
    area = _area(shape["box"])
    if shape["holds"]:
        _draw_holder(canvas, shape, area)
    elif shape["kind"] in _EVENTS:
        _draw_event(canvas, shape, area)
    elif shape["kind"].endswith("Gateway"):
        _draw_gateway(canvas, shape, area)
    else:
        _draw_step(canvas, shape, area)
    if shape["label"] and shape["name"] and not shape["holds"]:
        _draw_label(canvas, shape["name"], _area(shape["label"]), came=bool(shape["state"]))


def _outline(state: str, *, heavy: float = 1.6) -> str:
    if state in _OPEN_STATES:
        return f'stroke="{_INK}" stroke-width="3.6" fill="#fff"'
    if state in {"completed", "running"}:
        return f'stroke="{_INK}" stroke-width="{heavy}" fill="{_GREY}"'
    if state == "cancelled":
        return f'stroke="{_INK}" stroke-width="{heavy}" stroke-dasharray="8 3 2 3" fill="#fff"'
    return f'stroke="{_PALE}" stroke-width="1.1" stroke-dasharray="4 3" fill="#fff"'


def _rectangle(area: Area, rest: str, *, radius: float) -> str:
    return (
        f'<rect x="{number(area.x)}" y="{number(area.y)}" width="{number(area.width)}" '
        f'height="{number(area.height)}" rx="{number(radius)}" {rest}/>'
    )


def _draw_holder(canvas: _Canvas, shape: Mapping[str, Any], area: Area) -> None:
    canvas.holders.append(_rectangle(area, f'stroke="{_PALE}" stroke-width="1.4" fill="#fff"', radius=8))
    canvas.words.append(letters(shape["name"], area.x + 12, area.y + 16, size=LABEL_SIZE, anchor="start", fill="#333"))


def _draw_step(canvas: _Canvas, shape: Mapping[str, Any], area: Area) -> None:
    state, dates = shape["state"], shape["dates"]
    canvas.shapes.append(_rectangle(area, _outline(state), radius=7))
    room = area.height - 2 * _PAD / 2 - (DATE_SIZE * 1.25 if dates else 0)
    size, lines = fitted(
        shape["name"], width=area.width - 2 * _PAD, height=room, largest=NAME_SIZE, smallest=SMALLEST_NAME
    )
    ink = _INK if state else "#444"
    canvas.words.append(block(lines, area.x + area.width / 2, area.y + _PAD / 2 + room / 2, size=size, fill=ink))
    if dates:
        small = max(min(DATE_SIZE, (area.width - _PAD) / em_width(dates)), SMALLEST_DATE)
        canvas.words.append(letters(dates, area.x + area.width / 2, area.bottom - small * 0.75, size=small))
    if state in {"open", "late", "cancelled"}:
        _badge(canvas, PICTURE[state], area.right + 6, area.y - 4, dark=True)
    if shape["runs"] > 1:
        _badge(canvas, PICTURE["runs"].format(count=shape["runs"]), area.right + 6, area.bottom + 4, dark=False)
    if shape["returned"]:
        words = PICTURE["returned"].format(count=shape["returned"])
        _badge(canvas, words, area.x - 6 + _badge_width(words), area.y - 4, dark=True)


def _badge_width(words: str) -> float:
    return (em_width(words) + 0.8) * BADGE_SIZE


def _badge(canvas: _Canvas, words: str, right: float, middle: float, *, dark: bool) -> None:
    """Words in a small box that ends at `right`."""
    width, height = _badge_width(words), BADGE_SIZE * 1.35
    box = Area(right - width, middle - height / 2, width, height)
    fill, ink = (_INK, "#fff") if dark else ("#fff", _INK)
    canvas.words.append(_rectangle(box, f'stroke="{_INK}" stroke-width="1" fill="{fill}"', radius=4))
    canvas.words.append(letters(words, right - width / 2, middle, size=BADGE_SIZE, fill=ink))


def _draw_event(canvas: _Canvas, shape: Mapping[str, Any], area: Area) -> None:
    x, y, radius = area.x + area.width / 2, area.y + area.height / 2, area.width / 2
    end = shape["kind"] == "endEvent"
    look = _outline(shape["state"], heavy=3.6 if end else 1.6)
    if shape["kind"] == "boundaryEvent" and not shape["interrupts"] and not shape["state"]:
        look = look.replace('stroke-dasharray="4 3"', 'stroke-dasharray="2 2"')
    canvas.shapes.append(f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" {look}/>')
    ink = _INK if shape["state"] else _PALE
    if shape["kind"] in {"intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}:
        ring = f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius - 3)}" stroke="{ink}" stroke-width="1"/>'
        canvas.shapes.append(ring)
    canvas.shapes.append(_event_sign(shape["event"], x, y, radius * 0.5, ink))


def _event_sign(event: str, x: float, y: float, half: float, ink: str) -> str:
    stroke = f'stroke="{ink}" stroke-width="1.3"'
    if event == "message":
        left, top, right, low = x - half, y - half * 0.7, x + half, y + half * 0.7
        path = f"M{_at(left, top)}H{number(right)}V{number(low)}H{number(left)}ZL{_at(x, y)}L{_at(right, top)}"
        return f'<path d="{path}" {stroke}/>'
    if event == "timer":
        hands = f"M{_at(x, y - half * 0.8)}V{number(y)}H{number(x + half * 0.6)}"
        return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(half)}" {stroke}/><path d="{hands}" {stroke}/>'
    if event == "terminate":
        return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(half)}" fill="{ink}"/>'
    if event:
        path = f"M{_at(x, y - half)}L{_at(x + half, y + half)}H{number(x - half)}Z"
        return f'<path d="{path}" {stroke}/>'
    return ""


def _draw_gateway(canvas: _Canvas, shape: Mapping[str, Any], area: Area) -> None:
    x, y = area.x + area.width / 2, area.y + area.height / 2
    path = f"M{_at(x, area.y)}L{_at(area.right, y)}L{_at(x, area.bottom)}L{_at(area.x, y)}Z"
    canvas.shapes.append(f'<path d="{path}" {_outline(shape["state"])}/>')
    ink, half = (_INK if shape["state"] else _PALE), area.width * 0.17
    stroke = f'stroke="{ink}" stroke-width="2.2"'
    if shape["kind"] == "parallelGateway":
        sign = f"M{_at(x - half, y)}H{number(x + half)}M{_at(x, y - half)}V{number(y + half)}"
    elif shape["kind"] == "exclusiveGateway":
        half *= 0.75
        sign = (
            f"M{_at(x - half, y - half)}L{_at(x + half, y + half)}M{_at(x + half, y - half)}L{_at(x - half, y + half)}"
        )
    else:
        canvas.shapes.append(f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(half)}" {stroke}/>')
        return
    canvas.shapes.append(f'<path d="{sign}" {stroke}/>')


def _draw_label(canvas: _Canvas, words: str, area: Area, *, came: bool) -> None:
    room = max(area.width, em_width(words) * LABEL_SIZE if area.height < LABEL_SIZE * 2 else 0) + 2
    size, lines = fitted(
        words, width=room, height=max(area.height, LABEL_SIZE * 1.3), largest=LABEL_SIZE, smallest=SMALLEST_DATE
    )
    middle, wide = area.y + area.height / 2, max((em_width(line) for line in lines), default=0) * size
    behind = Area(area.x + (area.width - wide) / 2, middle - len(lines) * size * 0.6, wide, len(lines) * size * 1.2)
    # White behind the words: a flow that passes there must not strike them out.
    canvas.words.append(_rectangle(behind, 'fill="#fff" fill-opacity="0.85"', radius=2))
    canvas.words.append(block(lines, area.x + area.width / 2, middle, size=size, fill=_INK if came else "#555"))


def _draw_line(canvas: _Canvas, line: Mapping[str, Any]) -> None:
    points = [(float(x), float(y)) for x, y in line["points"]]
    taken = bool(line["taken"])
    ink, width, dash = (_INK, 2.0, "") if taken else (_PALE, 0.9, ' stroke-dasharray="5 3"')
    end, head = _arrow(points[-2], points[-1])
    path = "M" + "L".join(_at(x, y) for x, y in (*points[:-1], end))
    drawn = f'<path d="{path}" stroke="{ink}" stroke-width="{width}"{dash}/><path d="{head}" fill="{ink}"/>'
    # What was gone lies over what was not.
    canvas.flows.insert(len(canvas.flows) if taken else 0, drawn)
    if line["name"] and line["label"]:
        _draw_label(canvas, line["name"], _area(line["label"]), came=taken)


def _arrow(before: tuple[float, float], tip: tuple[float, float]) -> tuple[tuple[float, float], str]:
    """Where the line ends, and the arrow's outline."""
    length = hypot(tip[0] - before[0], tip[1] - before[1]) or 1.0
    dx, dy = (tip[0] - before[0]) / length, (tip[1] - before[1]) / length
    base = (tip[0] - dx * _ARROW, tip[1] - dy * _ARROW)
    left = (base[0] - dy * _HALF_ARROW, base[1] + dx * _HALF_ARROW)
    right = (base[0] + dy * _HALF_ARROW, base[1] - dx * _HALF_ARROW)
    return base, f"M{_at(*tip)}L{_at(*left)}L{_at(*right)}Z"


def _at(x: float, y: float) -> str:
    return f"{number(x)} {number(y)}"


def _continued(layout: Layout, tile: Tile) -> str:
    """The dashed edges at which the drawing goes on in another piece, with that piece's number."""
    area, made = tile.area, []
    index = {(each.column, each.row): position for position, each in enumerate(layout.tiles, 1)}
    for column, row, x, y, line in (
        (-1, 0, area.x + 18, area.y + 14, f"M{_at(area.x + 1, area.y)}V{number(area.bottom)}"),
        (1, 0, area.right - 18, area.y + 14, f"M{_at(area.right - 1, area.y)}V{number(area.bottom)}"),
        (0, -1, area.x + area.width / 2, area.y + 12, f"M{_at(area.x, area.y + 1)}H{number(area.right)}"),
        (0, 1, area.x + area.width / 2, area.bottom - 12, f"M{_at(area.x, area.bottom - 1)}H{number(area.right)}"),
    ):
        other = index.get((tile.column + column, tile.row + row))
        if other is None:
            continue
        words = PICTURE["continued"].format(number=other)
        anchor = {-1: "start", 1: "end"}.get(column, "middle")
        shift = {-1: -12, 1: 12}.get(column, 0)
        made.append(f'<path d="{line}" stroke="{_PALE}" stroke-width="1" stroke-dasharray="2 4"/>')
        made.append(letters(words, x + shift, y, size=LABEL_SIZE, anchor=anchor, fill="#333"))
    return "".join(made)


def legend(*, face: str) -> str:
    """What the outlines mean, as a strip of 156 mm."""
    canvas, x = _Canvas(), 0.0
    for state in ("completed", "open", "cancelled", ""):
        canvas.shapes.append(_rectangle(Area(x + 2, 5, 44, 22), _outline(state), radius=5))
        words = PICTURE[f"legend_{state or 'untouched'}"]
        canvas.words.append(letters(words, x + 52, 16, size=14, anchor="start"))
        x += 52 + em_width(words) * 14 + 22
    for taken in (True, False):
        _draw_line(canvas, {"points": [(x + 2, 16), (x + 46, 16)], "taken": taken, "name": "", "label": None})
        words = PICTURE["legend_taken" if taken else "legend_not_taken"]
        canvas.words.append(letters(words, x + 52, 16, size=14, anchor="start"))
        x += 52 + em_width(words) * 14 + 22
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(x)} 32" width="156mm" '
        f'height="{number(32 * 156 / x)}mm" font-family="{face}" fill="none" {described(LEGEND_TOLD)}>'
        f"{canvas.svg()}</svg>"
    )
