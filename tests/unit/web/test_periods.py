"""Periods are written as one reads them, whatever the rhythm calls them."""

import pytest

from web.formatting import written_period


@pytest.mark.parametrize(
    ("period", "chinese", "english"),
    [
        ("2026-11", "2026年11月", "November 2026"),
        ("2026-Q4", "2026年第4季度", "4th quarter 2026"),
        ("2026-H2", "2026年7月至12月", "Jul\u2009–\u2009Dec 2026"),
        ("2026", "2026年", "2026"),
        ("2026-11-22", "2026年11月22日", "November 22, 2026"),
        ("专项核查", "专项核查", "专项核查"),
        ("2026-13-40", "2026-13-40", "2026-13-40"),
    ],
)
def test_a_period_is_written_in_full(period, chinese, english):
    assert written_period(period, locale="zh_Hans_CN") == chinese
    assert written_period(period, locale="en") == english


def test_a_month_is_written_by_the_pattern_where_there_is_one():
    assert written_period("2026-11", "M月", locale="zh_Hans_CN") == "11月"
