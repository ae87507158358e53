"""KPI targets: what is measured, what is expected, where it goes, and what is never a number."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.kpi import (
    CUMULATIVE,
    KpiKind,
    KpiState,
    Measure,
    Method,
    Reading,
    Target,
    WhyNot,
    average_growth,
    check_reading,
    check_target,
    expected,
    forecast,
    measure,
    standing,
    state,
)
from domain.kpi_errors import (
    KpiDatesReversed,
    KpiReadingBeforeBase,
    KpiReadingInFuture,
    KpiReadingNotFullYear,
    KpiValueOutOfRange,
)

BASE, END = date(2020, 12, 31), date(2025, 12, 31)
KNOWN = datetime(2024, 1, 10, tzinfo=UTC)
COUNT = Target(KpiKind.CUMULATIVE_COUNT, 120, BASE, END)
SUM = Target(KpiKind.CUMULATIVE_SUM, 90, BASE, END, base=18.5)
GROWTH = Target(KpiKind.ANNUAL_AVERAGE_GROWTH, 5, BASE, END, base=1000)
SHARE = Target(KpiKind.SHARE_LEVEL, 40, BASE, END, base=30)


def reading(day: date, value: float, recorded: datetime = KNOWN) -> Reading:
    return Reading(day, value, recorded)


def yearly(*values: float) -> list[Reading]:
    return [reading(date(2021 + n, 12, 31), value) for n, value in enumerate(values)]


def test_each_kind_is_measured_in_its_own_unit():
    assert measure(COUNT, yearly(20, 45)) == Measure(45, 45 / 120, date(2022, 12, 31))
    assert measure(SHARE, yearly(31, 34)).value == 34
    assert measure(GROWTH, yearly(1050, 1102.5)).value == pytest.approx(5)
    assert measure(SUM, yearly(20.5)).ratio == pytest.approx(20.5 / 90)


def test_a_growth_without_its_base_cannot_be_assessed_and_is_no_zero():
    without = Target(KpiKind.ANNUAL_AVERAGE_GROWTH, 4, BASE, END)
    measured = measure(without, yearly(1100, 1200))
    assert (measured.value, measured.ratio, measured.why_not) == (None, None, WhyNot.BASE_MISSING)
    assert forecast(without, yearly(1100, 1200)).value is None
    assert expected(without, END) is None
    assert state(without, measured, date(2023, 1, 1)) is KpiState.NOT_ASSESSABLE


def test_without_a_reading_nothing_is_said():
    measured = measure(COUNT, [])
    assert (measured.value, measured.why_not) == (None, WhyNot.NO_READING)
    assert state(COUNT, measured, END) is KpiState.NOT_ASSESSABLE
    assert forecast(COUNT, []).method is Method.TOO_FEW


def test_a_corrected_figure_counts_from_when_it_was_known():
    late = KNOWN + timedelta(days=30)
    facts = [reading(date(2021, 12, 31), 20), reading(date(2021, 12, 31), 18, late), reading(date(2022, 12, 31), 45)]
    assert [r.value for r in standing(facts, as_of=END, known_at=KNOWN)] == [20, 45]
    assert [r.value for r in standing(facts, as_of=END, known_at=late)] == [18, 45]
    assert [r.value for r in standing(facts, as_of=date(2022, 6, 1), known_at=late)] == [18]


@pytest.mark.parametrize("target", [COUNT, SUM, SHARE])
def test_an_even_course_runs_from_the_base_to_the_target(target):
    assert expected(target, END) == target.target
    assert expected(target, END + timedelta(days=400)) == target.target
    assert expected(target, BASE) == (0 if target.kind in CUMULATIVE else target.base)


days = st.lists(st.integers(1, 1700), min_size=2, max_size=12, unique=True).map(sorted)
figures = st.floats(0, 1e6, allow_nan=False)


@given(days=days, values=st.data(), kind=st.sampled_from([KpiKind.CUMULATIVE_SUM, KpiKind.SHARE_LEVEL]))
def test_the_forecast_lies_within_its_range_and_keeps_the_bounds_of_its_kind(days, values, kind):
    most = 100 if kind is KpiKind.SHARE_LEVEL else 1e6
    drawn = values.draw(st.lists(st.floats(0, most), min_size=len(days), max_size=len(days)))
    readings = [reading(BASE + timedelta(days=day), value) for day, value in zip(days, drawn, strict=True)]
    seen = forecast(Target(kind, 40, BASE, END, base=1), readings)
    assert seen.used == min(len(days), 6)
    assert seen.value is not None
    assert (seen.low is None) == (seen.used == 2)
    if seen.low is not None and seen.high is not None:
        assert seen.low <= seen.value + 1e-6
        assert seen.value <= seen.high + 1e-6
    if kind is KpiKind.SHARE_LEVEL:
        assert 0 <= seen.value <= 100
    else:
        assert seen.value >= readings[-1].value


@given(days=days, start=st.floats(0, 100), slope=st.floats(0, 10))
def test_a_straight_course_is_continued_exactly_and_without_doubt(days, start, slope):
    readings = [reading(BASE + timedelta(days=day), start + slope * day) for day in days]
    seen = forecast(Target(KpiKind.CUMULATIVE_SUM, 90, BASE, END), readings)
    end = start + slope * (END - BASE).days
    assert seen.value == pytest.approx(end, rel=1e-6, abs=1e-6)
    if seen.low is not None and seen.high is not None:
        assert seen.high - seen.low == pytest.approx(0, abs=max(1e-3, end * 1e-5))


def test_only_the_last_six_readings_make_the_forecast():
    old = [reading(date(2021, 1, n), 0) for n in range(1, 20)]
    new = [reading(date(2023, n, 1), 10.0 * n) for n in range(1, 7)]
    assert forecast(COUNT, [*old, *new]) == forecast(COUNT, new)


def test_growth_is_forecast_from_the_amounts_and_told_as_a_rate():
    seen = forecast(GROWTH, yearly(1050, 1100, 1150))
    assert seen.value == pytest.approx(average_growth(1000, 1250, 5), rel=1e-3)
    assert seen.low is not None
    assert seen.value is not None
    assert seen.low <= seen.value


@given(base=st.floats(1, 1e6), rate=st.floats(-50, 200), years=st.integers(1, 10))
def test_growth_at_one_rate_averages_to_that_rate(base, rate, years):
    assert average_growth(base, base * (1 + rate / 100) ** years, years) == pytest.approx(rate, abs=1e-6)


def test_growth_over_no_year_or_from_nothing_is_no_number():
    assert average_growth(1000, 1000, 0) is None
    assert average_growth(0, 1000, 2) is None
    assert average_growth(None, 1000, 2) is None


@pytest.mark.parametrize(
    ("target", "readings", "on", "stands"),
    [
        (COUNT, yearly(24, 50), date(2023, 1, 1), KpiState.ON_SCHEDULE),
        (COUNT, yearly(24, 30), date(2023, 1, 1), KpiState.BEHIND),
        (COUNT, yearly(60, 121), date(2023, 1, 1), KpiState.REACHED),
        # A share or a rate that is there early may fall again.
        (SHARE, yearly(32, 41), date(2023, 1, 1), KpiState.ON_SCHEDULE),
        (GROWTH, yearly(1050, 1102.5), date(2023, 1, 1), KpiState.ON_SCHEDULE),
        (GROWTH, yearly(1050, 1090), date(2023, 1, 1), KpiState.BEHIND),
        (GROWTH, yearly(1050, 1100, 1160, 1220, 1290), END, KpiState.REACHED),
        (SHARE, yearly(32, 33, 34, 35, 39), END, KpiState.NOT_REACHED),
        # After the date an older figure proves nothing.
        (SHARE, yearly(32, 33), END + timedelta(days=9), KpiState.NOT_ASSESSABLE),
    ],
)
def test_a_target_stands_as_its_newest_reading_says(target, readings, on, stands):
    assert state(target, measure(target, readings), on) is stands


def test_a_share_without_a_base_has_no_course_and_is_behind_until_it_is_there():
    bare = Target(KpiKind.SHARE_LEVEL, 40, BASE, END)
    assert expected(bare, date(2023, 1, 1)) is None
    assert state(bare, measure(bare, yearly(39)), date(2022, 2, 1)) is KpiState.BEHIND


@pytest.mark.parametrize(
    ("target", "day", "value", "refused"),
    [
        (COUNT, date(2026, 5, 1), 3, KpiReadingInFuture),
        (COUNT, BASE, 3, KpiReadingBeforeBase),
        (COUNT, date(2022, 3, 1), 3.5, KpiValueOutOfRange),
        (COUNT, date(2022, 3, 1), -1, KpiValueOutOfRange),
        (SHARE, date(2022, 3, 1), 101, KpiValueOutOfRange),
        (SUM, date(2022, 3, 1), float("nan"), KpiValueOutOfRange),
        (GROWTH, date(2022, 6, 30), 1100, KpiReadingNotFullYear),
    ],
)
def test_a_figure_that_cannot_be_is_refused(target, day, value, refused):
    with pytest.raises(refused):
        check_reading(target, "指标", day, value, date(2026, 3, 1))


def test_a_target_whose_date_comes_before_its_base_is_refused():
    with pytest.raises(KpiDatesReversed):
        check_target(Target(KpiKind.CUMULATIVE_COUNT, 10, END, BASE))
    with pytest.raises(KpiValueOutOfRange):
        check_target(Target(KpiKind.SHARE_LEVEL, 140, BASE, END))
    with pytest.raises(KpiValueOutOfRange):
        check_target(Target(KpiKind.ANNUAL_AVERAGE_GROWTH, 4, BASE, END, base=0))


def test_a_leap_day_has_its_like_in_a_common_year():
    leap = Target(KpiKind.ANNUAL_AVERAGE_GROWTH, 4, date(2020, 2, 29), date(2025, 2, 28), base=10)
    check_reading(leap, "指标", date(2021, 2, 28), 11, date(2026, 1, 1))
    with pytest.raises(KpiReadingNotFullYear):
        check_reading(leap, "指标", date(2021, 2, 27), 11, date(2026, 1, 1))


@given(value=figures, base=st.none() | st.floats(1, 1e6), kind=st.sampled_from(KpiKind))
def test_what_is_assessed_has_a_figure_and_what_has_none_says_why(value, base, kind):
    assume(kind is not KpiKind.SHARE_LEVEL or (value <= 100 and (base is None or base <= 100)))
    measured = measure(Target(kind, 40, BASE, END, base=base), yearly(value))
    assert (measured.value is None) == (measured.why_not is not None)
