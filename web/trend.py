"""Red and yellow by period as a chart drawn on the server: it prints, needs no script, and has the page's colours."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 430, 190
LEFT, BASE, TOP = 28, 164, 22
_TICKS = 3
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """One period, in the drawing's units: `column` is where its place begins, `x` where its bar does."""

    key: str
    red: int
    yellow: int
    column: float
    x: float
    red_height: float
    yellow_height: float
    shown: bool

    width: float
    bar_width: float

    @property
    def middle(self) -> float:
        """The middle of the bar."""
        return self.column + self.width / 2


@dataclass(frozen=True, slots=True)
class Trend:
    """The chart: its bars, the oldest first and the present last, and (value, height) of its lines."""

    bars: tuple[Bar, ...]
    lines: tuple[tuple[int, float], ...]


def trend_of(periods: Sequence[tuple[str, int, int]], now: tuple[int, int], *, shown: str = "") -> Trend:
    """The chart of (key, red, yellow) and of the present, whose key is empty; `shown` is the one looked at."""
    points = [*periods, ("", *now)]
    highest = max(1, *(red + yellow for _, red, yellow in points))
    step = _nice(highest)
    top = step * -(-highest // step)
    scale = (BASE - TOP) / top
    width = (WIDTH - LEFT) / len(points)
    bars = []
    for n, (key, red, yellow) in enumerate(points):
        column = LEFT + n * width
        bar_width = min(28.0, width * 0.56)
        bars.append(
            Bar(
                key=key,
                red=red,
                yellow=yellow,
                column=round(column, 1),
                x=round(column + (width - bar_width) / 2, 1),
                red_height=round(red * scale, 1),
                yellow_height=round(yellow * scale, 1),
                shown=key == shown,
                width=round(width, 1),
                bar_width=round(bar_width, 1),
            )
        )
    return Trend(tuple(bars), tuple((value, round(BASE - value * scale, 1)) for value in range(0, top + 1, step)))


def _nice(highest: int) -> int:
    """The step between lines: 1, 2 or 5 times a power of ten, so that there are about three of them."""
    power = 1
    while True:
        for factor in _STEPS:
            if highest <= factor * power * _TICKS:
                return factor * power
        power *= 10
