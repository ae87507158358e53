"""KPI targets: how a target of each kind is measured from its readings, what its schedule asks for, and where it goes.

After domain notes §1.2: cumulative count, cumulative sum, average yearly growth, share. Where the base is missing the
answer is "cannot be assessed", never zero. Readings have two times: `as_of`, the day the figure is true of, and
`recorded_at`, when it became known; a corrected figure is a later reading of the same day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import isfinite, sqrt

from domain.kpi_errors import (
    KpiDatesReversed,
    KpiReadingBeforeBase,
    KpiReadingInFuture,
    KpiReadingNotFullYear,
    KpiValueOutOfRange,
)

LAST_READINGS = 6
"""How many of the newest readings a forecast looks at: older ones tell of another time."""
BAND = 2.0
"""The half-width of a forecast's range in standard errors: about nineteen times of twenty, were the errors normal."""
FOR_A_LINE = 2
MOST = 1e12
SAME = 1e-9
"""Rates are computed by roots: a target that is met exactly must not be missed by a rounding."""


class KpiKind(StrEnum):
    """What the figure of a reading is. Values as the importer names them."""

    CUMULATIVE_COUNT = "cumulative_count"
    CUMULATIVE_SUM = "cumulative_sum"
    ANNUAL_AVERAGE_GROWTH = "annual_average_growth"
    SHARE_LEVEL = "share_level"


CUMULATIVE = frozenset({KpiKind.CUMULATIVE_COUNT, KpiKind.CUMULATIVE_SUM})


class KpiState(StrEnum):
    """How a target stands. Before its date it is on schedule or behind, afterwards reached or not."""

    REACHED = "reached"
    ON_SCHEDULE = "on_schedule"
    BEHIND = "behind"
    NOT_REACHED = "not_reached"
    NOT_ASSESSABLE = "not_assessable"


class WhyNot(StrEnum):
    """Why a target cannot be assessed."""

    BASE_MISSING = "base_missing"
    NO_READING = "no_reading"


class Method(StrEnum):
    """How a forecast was made."""

    LINEAR = "linear"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Target:
    """What shall be reached. `base_on` is the day from which is counted; `base` is the value on that day.

    For cumulative kinds the figure of a reading is what came together since `base_on`, and `base` (a former year's)
    is only shown. For average growth it is the year's amount, of which `base` is the one to grow from. For a share
    it is the share in percent. `target` is in the figure's unit, for growth in percent a year.
    """

    kind: KpiKind
    target: float
    base_on: date
    target_on: date
    base: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure: true of `as_of`, known since `recorded_at` (UTC)."""

    as_of: date
    value: float
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Measure:
    """What a target has come to by its newest reading; `value` in the unit of the target, or why there is none.

    `ratio` is the value's part of the target, where that says anything.
    """

    value: float | None
    ratio: float | None
    as_of: date | None
    why_not: WhyNot | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where the target will be on its date if it goes on as lately; all three null with fewer than two readings.

    `low` and `high` are null with two readings, between which a line leaves no error to judge by.
    """

    method: Method
    used: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


def check_target(target: Target) -> None:
    """Raise KpiDatesReversed, KpiValueOutOfRange for a target that cannot be one."""
    if target.target_on <= target.base_on:
        raise KpiDatesReversed(
            f"{target.target_on}", target_on=f"{target.target_on:%Y-%m-%d}", base_on=f"{target.base_on:%Y-%m-%d}"
        )
    low, high = (-100.0, 1000.0) if target.kind is KpiKind.ANNUAL_AVERAGE_GROWTH else _range(target.kind)
    _within("", target.target, low, high)
    if target.base is not None:
        _within("", target.base, *_range(target.kind))
        if target.kind is KpiKind.ANNUAL_AVERAGE_GROWTH and target.base == 0:
            _within("", target.base, SAME, MOST)


def check_reading(target: Target, name: str, as_of: date, value: float, today: date) -> None:
    """Raise what is wrong with a figure: of a day to come, before the base, outside its range, not of a whole year."""
    if as_of > today:
        raise KpiReadingInFuture(f"{as_of}", as_of=f"{as_of:%Y-%m-%d}")
    if as_of <= target.base_on:
        raise KpiReadingBeforeBase(f"{as_of}", as_of=f"{as_of:%Y-%m-%d}", base_on=f"{target.base_on:%Y-%m-%d}")
    _within(name, value, *_range(target.kind))
    if target.kind is KpiKind.CUMULATIVE_COUNT and value != int(value):
        raise KpiValueOutOfRange(f"{value}", name=name, value=f"{value:g}", low="0", high="")
    if target.kind is KpiKind.ANNUAL_AVERAGE_GROWTH and not _full_year(target.base_on, as_of):
        raise KpiReadingNotFullYear(f"{as_of}", day=f"{target.base_on:%m-%d}")


def _range(kind: KpiKind) -> tuple[float, float]:
    return (0.0, 100.0) if kind is KpiKind.SHARE_LEVEL else (0.0, MOST)


def _within(name: str, value: float, low: float, high: float) -> None:
    if not isfinite(value) or not low <= value <= high:
        raise KpiValueOutOfRange(f"{value}", name=name, value=f"{value:g}", low=f"{low:g}", high=f"{high:g}")


def _full_year(base_on: date, as_of: date) -> bool:
    if (as_of.month, as_of.day) == (base_on.month, base_on.day):
        return True
    # The last of a month has its like on the last: 29 February in the 28th of a common year.
    return base_on.month == as_of.month and _ends_month(base_on) and _ends_month(as_of)


def _ends_month(day: date) -> bool:
    return (day + timedelta(days=1)).month != day.month


def standing(readings: Iterable[Reading], *, as_of: date, known_at: datetime) -> list[Reading]:
    """The figures that count: for each day up to `as_of` the one recorded last by `known_at`, oldest day first."""
    newest: dict[date, Reading] = {}
    for reading in sorted(readings, key=lambda each: each.recorded_at):
        if reading.as_of <= as_of and reading.recorded_at <= known_at:
            newest[reading.as_of] = reading
    return [newest[day] for day in sorted(newest)]


def figure(target: Target, reading: Reading) -> float | None:
    """A reading in the unit of the target; None where the base is missing."""
    if target.kind is not KpiKind.ANNUAL_AVERAGE_GROWTH:
        return reading.value
    return average_growth(target.base, reading.value, reading.as_of.year - target.base_on.year)


def average_growth(base: float | None, value: float, years: int) -> float | None:
    """The compound average growth over so many whole years, in percent a year. None without a base or a year."""
    if base is None or base <= 0 or years < 1:
        return None
    return float(((max(value, 0.0) / base) ** (1 / years) - 1) * 100)


def measure(target: Target, readings: Sequence[Reading]) -> Measure:
    """What the target has come to by the newest of `readings`, which `standing` gave."""
    if target.kind is KpiKind.ANNUAL_AVERAGE_GROWTH and target.base is None:
        return Measure(None, None, readings[-1].as_of if readings else None, WhyNot.BASE_MISSING)
    if not readings:
        return Measure(None, None, None, WhyNot.NO_READING)
    value = figure(target, readings[-1])
    ratio = value / target.target if value is not None and target.target > 0 else None
    return Measure(value, ratio, readings[-1].as_of)


def expected(target: Target, on: date) -> float | None:
    """What an even course asks for on a day: none before its base is known.

    Cumulative targets begin at zero, a share at its base; an average growth asks for the same rate every year.
    """
    if target.kind is KpiKind.ANNUAL_AVERAGE_GROWTH:
        return None if target.base is None else target.target
    start = 0.0 if target.kind in CUMULATIVE else target.base
    if start is None:
        return None
    passed = (on - target.base_on).days / (target.target_on - target.base_on).days
    return start + (target.target - start) * min(max(passed, 0.0), 1.0)


def forecast(target: Target, readings: Sequence[Reading]) -> Forecast:
    """Where the target will be on its date: a straight line through the last readings by least squares, with the
    range of a prediction by it.

    The line is through the figures as they are read: for growth through the yearly amounts, from which the rate is
    computed afterwards. Bounds that a figure cannot leave are kept: what has come together does not become less, a
    share stays between 0 and 100.
    """
    last = readings[-LAST_READINGS:]
    if len(last) < FOR_A_LINE or (target.kind is KpiKind.ANNUAL_AVERAGE_GROWTH and target.base is None):
        return Forecast(Method.TOO_FEW, len(last))
    if last[-1].as_of >= target.target_on:
        reached = figure(target, last[-1])
        return Forecast(Method.LINEAR, len(last), reached, reached, reached)
    days = [float((reading.as_of - last[0].as_of).days) for reading in last]
    values = [reading.value for reading in last]
    at = float((target.target_on - last[0].as_of).days)
    value, half = _line(days, values, at)
    low = None if half is None else _bounded(target, last[-1].value, value - half)
    high = None if half is None else _bounded(target, last[-1].value, value + half)
    years = target.target_on.year - target.base_on.year

    def in_unit(amount: float | None) -> float | None:
        if amount is None or target.kind is not KpiKind.ANNUAL_AVERAGE_GROWTH:
            return amount
        return average_growth(target.base, amount, years)

    return Forecast(
        Method.LINEAR, len(last), in_unit(_bounded(target, last[-1].value, value)), in_unit(low), in_unit(high)
    )


def _line(days: Sequence[float], values: Sequence[float], at: float) -> tuple[float, float | None]:
    """The line's value at a day, and the half-width of its range."""
    count = len(days)
    middle, level = sum(days) / count, sum(values) / count
    spread = sum((day - middle) ** 2 for day in days)
    slope = sum((day - middle) * (value - level) for day, value in zip(days, values, strict=True)) / spread
    predicted = level + slope * (at - middle)
    if count <= FOR_A_LINE:
        return predicted, None
    errors = sum((value - level - slope * (day - middle)) ** 2 for day, value in zip(days, values, strict=True))
    return predicted, BAND * sqrt(errors / (count - 2) * (1 + 1 / count + (at - middle) ** 2 / spread))


def _bounded(target: Target, last: float, value: float) -> float:
    if target.kind in CUMULATIVE:
        return max(value, last)
    if target.kind is KpiKind.SHARE_LEVEL:
        return min(max(value, 0.0), 100.0)
    return max(value, 0.0)


def state(target: Target, measured: Measure, on: date) -> KpiState:
    """How the target stands on a day. A cumulative target that is reached early stays reached; a rate or a share may
    still fall, so before the date it is on schedule at best.
    """
    if measured.value is None or measured.as_of is None:
        return KpiState.NOT_ASSESSABLE
    there = measured.value >= target.target or abs(measured.value - target.target) < SAME
    if there and (target.kind in CUMULATIVE or measured.as_of >= target.target_on):
        return KpiState.REACHED
    if on >= target.target_on:
        # A figure of an earlier day says nothing about the date itself, unless there is no later one to come.
        return KpiState.NOT_REACHED if measured.as_of >= target.target_on else KpiState.NOT_ASSESSABLE
    wanted = expected(target, measured.as_of)
    if wanted is None:
        return KpiState.ON_SCHEDULE if there else KpiState.BEHIND
    return KpiState.ON_SCHEDULE if there or measured.value >= wanted else KpiState.BEHIND
