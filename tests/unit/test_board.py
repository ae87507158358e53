"""What the board makes of its counts: moments of lists with different rhythms, heat, step times, the chart."""

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.queries.board_lights import BoardList, Cell, Column, ColumnCount, Counted, Lights, Period, moments
from services.queries.board_steps import StepTime, quantile
from web.pages.board import MOST_COLUMNS, UNITS_SHOWN, heat_of
from web.trend import BASE, TOP, trend_of

MONTHLY, WEEKLY = UUID(int=1), UUID(int=2)


def close(month, day=1):
    return datetime(2026, month, day, tzinfo=UTC)


def test_lists_of_different_rhythms_meet_at_months_with_their_last_closed_period():
    found = moments(
        [
            Period(MONTHLY, "2026-08", close(9), Lights(red=1, done=2)),
            Period(WEEKLY, "2026-08-20", close(8, 21), Lights(yellow=4)),
            Period(WEEKLY, "2026-09-13", close(9, 14), Lights(red=4, done=1)),
            Period(MONTHLY, "2026-09", close(10), Lights(red=3)),
        ]
    )
    assert [moment.key for moment in found] == ["2026-08", "2026-09"]
    assert found[0].lights == Lights(red=1, yellow=4, done=2)
    assert found[1].lights == Lights(red=7, done=1)
    assert [moment.ended for moment in found] == [2, 3]
    assert dict(found[1].pairs) == {MONTHLY: "2026-09", WEEKLY: "2026-09-13"}


def test_periods_that_are_no_months_are_moments_of_their_own():
    found = moments(
        [Period(WEEKLY, "2026-W36", close(9), Lights(red=1)), Period(WEEKLY, "2026-W35", close(8), Lights())]
    )
    assert [moment.key for moment in found] == ["2026-W35", "2026-W36"]


def counted(lists, units, columns_of_each):
    cells, columns = [], []
    for n in range(lists):
        for k in range(columns_of_each):
            column = Column(UUID(int=n), f"s{k}")
            columns.append(ColumnCount(column, Lights(red=units, green=units)))
            cells += [Cell(UUID(int=100 + u), f"u{u:03}", column, Lights(red=u % 3, green=2)) for u in range(units)]
    names = tuple(BoardList(UUID(int=n), f"l{n}") for n in range(lists))
    return Counted(tuple(columns), tuple(cells), names)


def test_the_heat_table_begins_with_the_units_that_have_most_red():
    heat = heat_of(counted(1, 5, 2), show_all=False)
    assert [row.total.red for row in heat.rows] == [4, 2, 2, 0, 0]
    assert [column.section for column in heat.columns] == ["s0", "s1"]
    assert heat.groups == ()
    assert heat.rows[0].cells == (Lights(red=2, green=2), Lights(red=2, green=2))


def test_lists_stand_over_their_sections_as_long_as_these_fit():
    few, many = heat_of(counted(2, 1, 3), show_all=False), heat_of(counted(8, 1, 3), show_all=False)
    assert [(group.title, group.width) for group in few.groups] == [("l0", 3), ("l1", 3)]
    assert [(column.title, column.section) for column in many.columns] == [(f"l{n}", None) for n in range(8)]
    assert many.columns[0].lights.red == 3
    assert len(heat_of(counted(40, 1, 1), show_all=False).columns) == MOST_COLUMNS


def test_units_beyond_the_first_are_counted_and_shown_when_asked_for():
    table = counted(1, UNITS_SHOWN + 7, 1)
    assert (len(heat_of(table, show_all=False).rows), heat_of(table, show_all=False).more) == (UNITS_SHOWN, 7)
    assert (len(heat_of(table, show_all=True).rows), heat_of(table, show_all=True).more) == (UNITS_SHOWN + 7, 0)


@pytest.mark.parametrize(
    ("typical", "limit", "pressure"),
    [(1, 2, 0), (2, 2, 1), (3, 2, 2), (4, 2, 3), (0, 5, 0), (None, 5, None), (3, None, None)],
)
def test_the_pressure_of_a_step_compares_its_typical_time_with_its_limit(typical, limit, pressure):
    step = StepTime("p", "s", "", limit, typical, typical, 1, 0, 0, 0)
    assert step.pressure == pressure


@given(st.lists(st.integers(0, 300), min_size=1), st.sampled_from([0.5, 0.9]))
def test_at_least_the_share_took_no_longer_than_the_quantile_and_less_took_less(days, share):
    found = quantile(Counter(days), share)
    assert sum(day <= found for day in days) >= share * len(days) > sum(day < found for day in days)


@given(st.lists(st.tuples(st.integers(0, 90_000), st.integers(0, 90_000)), min_size=1, max_size=12))
def test_bars_of_the_trend_stay_in_the_chart_and_grow_with_their_numbers(counts):
    chart = trend_of([(f"2026-{n + 1:02}", red, yellow) for n, (red, yellow) in enumerate(counts)], (1, 2))
    assert [(bar.red, bar.yellow) for bar in chart.bars] == [*counts, (1, 2)]
    heights = {bar.red + bar.yellow: bar.red_height + bar.yellow_height for bar in chart.bars}
    assert max(heights.values()) <= BASE - TOP + 0.2
    drawn = [heights[number] for number in sorted(heights)]
    assert all(lower <= higher + 0.2 for lower, higher in pairwise(drawn))
    assert 2 <= len(chart.lines) <= 5
