"""When a figure is due: the last period that is over, cut at the target's date, and what a request for it is called."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kpi import KpiKind
from domain.kpi_errors import KpiReadingOutsidePeriod, KpiRhythmUnfit
from domain.kpi_reporting import KpiPeriod, KpiRhythm, check_rhythm, check_within, due_period, on_demand
from domain.messages.assessment_labels import request_title

BASE, END = date(2024, 12, 31), date(2027, 6, 15)


def due(rhythm, today):
    return due_period(rhythm, today, base_on=BASE, target_on=END)


@pytest.mark.parametrize(
    ("rhythm", "today", "name", "first_on", "last_on"),
    [
        (KpiRhythm.MONTHLY, date(2026, 3, 1), "2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        (KpiRhythm.MONTHLY, date(2026, 3, 31), "2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        (KpiRhythm.QUARTERLY, date(2026, 1, 1), "2025-Q4", date(2025, 10, 1), date(2025, 12, 31)),
        (KpiRhythm.HALF_YEARLY, date(2026, 12, 31), "2026-H1", date(2026, 1, 1), date(2026, 6, 30)),
        (KpiRhythm.YEARLY, date(2026, 7, 9), "2025", date(2025, 1, 1), date(2025, 12, 31)),
        # The target's date ends the last period, and nothing is due after it.
        (KpiRhythm.QUARTERLY, date(2027, 6, 16), "2027-Q2", date(2027, 4, 1), END),
        (KpiRhythm.YEARLY, date(2031, 1, 1), "2027", date(2027, 1, 1), END),
    ],
)
def test_the_last_period_that_is_over_is_due(rhythm, today, name, first_on, last_on):
    assert due(rhythm, today) == KpiPeriod(name, first_on, last_on)


@pytest.mark.parametrize("rhythm", KpiRhythm)
def test_nothing_is_due_before_the_first_period_is_over(rhythm):
    assert due(rhythm, date(2025, 1, 31)) is None


@given(st.sampled_from(KpiRhythm), st.dates(date(2025, 1, 1), date(2029, 12, 31)))
def test_what_is_due_is_over_within_the_target_and_never_goes_back(rhythm, today):
    found, later = due(rhythm, today), due(rhythm, today + timedelta(days=1))
    if found is None:
        return
    assert BASE < found.last_on < today
    assert found.last_on <= END
    assert found.first_on is not None
    assert found.first_on <= found.last_on
    assert later is not None
    assert later == found or later.first_on == found.last_on + timedelta(days=1)


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_a_figure_answers_only_for_a_day_that_was_asked_for(day):
    quarter = due(KpiRhythm.QUARTERLY, date(2026, 7, 1))
    if quarter.first_on <= day <= quarter.last_on:
        check_within(quarter, day)
    else:
        with pytest.raises(KpiReadingOutsidePeriod):
            check_within(quarter, day)
    check_within(on_demand(day), day - timedelta(days=300))
    with pytest.raises(KpiReadingOutsidePeriod):
        check_within(on_demand(day), day + timedelta(days=1))


@pytest.mark.parametrize("rhythm", KpiRhythm)
def test_a_growth_is_due_yearly_only(rhythm):
    check_rhythm(KpiKind.SHARE_LEVEL, rhythm)
    if rhythm is KpiRhythm.YEARLY:
        check_rhythm(KpiKind.ANNUAL_AVERAGE_GROWTH, rhythm)
    else:
        with pytest.raises(KpiRhythmUnfit):
            check_rhythm(KpiKind.ANNUAL_AVERAGE_GROWTH, rhythm)


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("2026-03", "2026年3月"),
        ("2026-Q3", "2026年第三季度"),
        ("2026-H2", "2026年下半年"),
        ("2026", "2026年"),
        ("2026-03-09", "截至2026年3月9日"),
    ],
)
def test_a_request_is_called_by_its_period_in_words(period, words):
    assert request_title("利用外资", period, "亿美元") == f"报送“利用外资”{words}数据（亿美元）"
