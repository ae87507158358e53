"""Charts as vector pictures: indicators before and after, and the progress of an item over time.

Drawn by hand rather than by a plotting library: two small pictures do not weigh 60 MB of wheels, and these have the
document's own fonts, the printed numbers, and the same bytes on every machine. Shades are told apart by outline and
hatching, and every bar has its figure printed beside it, so that nobody has to measure.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from domain.messages.dossiers import CHART, INDICATOR_TOLD, INDICATORS_TOLD, POINT_TOLD, PROGRESS_TOLD
from dossiers.pictures.lettering import described, em_width, letters, number, wrapped

WIDTH = 624.0
"""Units of a chart's width; printed over 156 mm, so that four are a millimetre."""
MILLIMETRES = 156.0
SIZE = 14.0
"""Letters of 3.5 mm (10 pt)."""
_BAR, _BETWEEN, _GAP = 20.0, 4.0, 22.0
_NAME_WIDTH, _FIGURE_WIDTH = 168.0, 120.0
_NAME_LINES = 3
_PLOT_HEIGHT, _LEFT, _RIGHT, _TOP = 190.0, 46.0, 22.0, 20.0
_MOST_MARKS = 12
_MONTH_WIDTH = 52.0


def indicator_chart(indicators: Sequence[Mapping[str, Any]], *, face: str) -> str:
    """Pairs of bars: each indicator before (outlined) and after (filled), with figure and unit.

    An indicator has `name`, `unit`, `before` and `after` as text. Each pair has a scale of its own, because a number
    of days and an amount of money have nothing in common; one whose values are no numbers is left to the table.
    Empty when none can be drawn.
    """
    drawn, told = [], INDICATORS_TOLD
    top = 34.0
    for indicator in indicators:
        before, after = figure(indicator.get("before")), figure(indicator.get("after"))
        if before is None or after is None or min(before, after) < 0:
            continue
        drawn.append(_pair(indicator, before, after, top))
        told += INDICATOR_TOLD.format_map(indicator)
        top += 2 * _BAR + _BETWEEN + _GAP
    if not drawn:
        return ""
    return _svg("".join((_key(), *drawn)), top - _GAP + 8, face, told)


def figure(value: object) -> Decimal | None:
    """The number that a text is, with thousands commas and a percent sign or without; None for what is none."""
    text = str(value if value is not None else "").strip().replace(",", "").rstrip("%")
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _key() -> str:
    x, made = _NAME_WIDTH, []
    for kind in ("before", "after"):
        made.append(_bar(x, 4, 28, 14, after=kind == "after"))
        made.append(letters(CHART[kind], x + 36, 11, size=SIZE, anchor="start"))
        x += 36 + em_width(CHART[kind]) * SIZE + 24
    return "".join(made)


def _pair(indicator: Mapping[str, Any], before: Decimal, after: Decimal, top: float) -> str:
    room = WIDTH - _NAME_WIDTH - _FIGURE_WIDTH
    largest = max(before, after) or Decimal(1)
    lines = wrapped(str(indicator["name"]), width=_NAME_WIDTH - 14, size=SIZE, lines=_NAME_LINES)
    middle = top + _BAR + _BETWEEN / 2
    first = middle - (len(lines) - 1) * SIZE * 0.6
    made = [
        letters(line, _NAME_WIDTH - 12, first + place * SIZE * 1.2, size=SIZE, anchor="end")
        for place, line in enumerate(lines)
    ]
    for place, (kind, value) in enumerate((("before", before), ("after", after))):
        y = top + place * (_BAR + _BETWEEN)
        width = max(float(value / largest) * room, 1.0)
        made.append(_bar(_NAME_WIDTH, y, width, _BAR, after=kind == "after"))
        words = f"{indicator[kind]}{indicator.get('unit') or ''}".strip()
        [told] = wrapped(words, width=_FIGURE_WIDTH, size=SIZE, lines=1) or ("",)
        made.append(letters(told, _NAME_WIDTH + width + 7, y + _BAR / 2, size=SIZE, anchor="start"))
    axis = f"M{number(_NAME_WIDTH)} {number(top - 4)}V{number(top + 2 * _BAR + _BETWEEN + 4)}"
    return "".join((*made, f'<path d="{axis}" stroke="#000" stroke-width="1"/>'))


def _bar(x: float, y: float, width: float, height: float, *, after: bool) -> str:
    fill = "#595959" if after else "#fff"
    return (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" '
        f'stroke="#000" stroke-width="1" fill="{fill}"/>'
    )


def progress_chart(progress: Mapping[str, Any], *, face: str) -> str:
    """The reported per cent over time, as steps, with due dates as dashed verticals. Empty without two points.

    `progress` has `points` ([ISO date, per cent]), oldest first, `dues` ([ISO date, words]), `start` and `end` (ISO).
    """
    points = [(date.fromisoformat(day), float(percent)) for day, percent in progress["points"]]
    if len(points) <= 1:
        return ""
    start, end = date.fromisoformat(progress["start"]), date.fromisoformat(progress["end"])
    dues = [(date.fromisoformat(day), words) for day, words in progress["dues"]]
    first = min(start, points[0][0])
    last = max([end, points[-1][0], *(day for day, _ in dues)])
    span = max((last - first).days, 1)

    def across(day: date) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * (day - first).days / span

    made = [_grid(), *_months(first, last, across)]
    made += [_due(across(day), words, place) for place, (day, words) in enumerate(dues)]
    path = f"M{number(across(first))} {number(_up(0))}"
    for day, percent in points:
        path += f"H{number(across(day))}V{number(_up(percent))}"
    path += f"H{number(across(max(end, points[-1][0])))}"
    made.append(f'<path d="{path}" stroke="#000" stroke-width="2.4"/>')
    made += _marks([(across(day), percent) for day, percent in points])
    told = PROGRESS_TOLD + "".join(POINT_TOLD.format(day=day, percent=f"{percent:g}") for day, percent in points)
    return _svg("".join(made), _TOP + _PLOT_HEIGHT + 46 + 18 * bool(dues), face, told)


def _up(percent: float) -> float:
    return _TOP + _PLOT_HEIGHT * (1 - min(max(percent, 0.0), 100.0) / 100)


def _grid() -> str:
    made = []
    for percent in (0, 25, 50, 75, 100):
        y = _up(percent)
        rest = 'stroke="#000" stroke-width="1.2"' if percent == 0 else 'stroke="#bbb" stroke-width="0.6"'
        made.append(f'<path d="M{number(_LEFT)} {number(y)}H{number(WIDTH - _RIGHT)}" {rest}/>')
        made.append(letters(f"{percent}%", _LEFT - 6, y, size=12, anchor="end"))
    return "".join(made)


def _months(first: date, last: date, across: Any) -> list[str]:
    """The months below the axis, every one or so many that their words do not touch."""
    count = (last.year - first.year) * 12 + last.month - first.month
    every = max(-(-count // 9), 1)
    made: list[str] = []
    written = -_MONTH_WIDTH
    for step in range(0, count + 1, every):
        month = first.month - 1 + step
        day = max(date(first.year + month // 12, month % 12 + 1, 1), first)
        x, y = across(day), _TOP + _PLOT_HEIGHT
        made.append(f'<path d="M{number(x)} {number(y)}v5" stroke="#000" stroke-width="1"/>')
        if x - written >= _MONTH_WIDTH:
            made.append(letters(f"{day:%Y-%m}", x, y + 16, size=12))
            written = x
    return made


def _due(x: float, words: str, place: int) -> str:
    anchor = "end" if x > WIDTH * 0.6 else "start"
    y = _TOP + _PLOT_HEIGHT + 34 + 15 * (place % 2)
    line = f"M{number(x)} {number(_TOP - 6)}V{number(y - 6)}"
    return f'<path d="{line}" stroke="#000" stroke-width="1.2" stroke-dasharray="6 4"/>' + letters(
        words, x + (5 if anchor == "start" else -5), y, size=12, anchor=anchor
    )


def _marks(points: Sequence[tuple[float, float]]) -> list[str]:
    every = max(-(-len(points) // _MOST_MARKS), 1)
    made = []
    for place, (x, percent) in enumerate(points):
        made.append(f'<circle cx="{number(x)}" cy="{number(_up(percent))}" r="3.4" fill="#000"/>')
        if place % every == 0 or place == len(points) - 1:
            made.append(letters(f"{percent:g}%", x - 5, _up(percent) - 10, size=12, anchor="end"))
    return made


def _svg(inside: str, height: float, face: str, told: str) -> str:
    scale = MILLIMETRES / WIDTH
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(WIDTH)} {number(height)}" '
        f'width="{number(MILLIMETRES)}mm" height="{number(height * scale)}mm" font-family="{face}" '
        f'fill="none" {described(told)}>{inside}</svg>'
    )
