"""Periods and report days: monthly, quarterly, of one's own; days off; late openings."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import WorkCalendar, end_of, start_of
from domain.reporting_errors import RhythmInvalid
from domain.rhythm import MISSED, DayOffRule, ReportDate, Rhythm, RhythmKind

CALENDAR = WorkCalendar({date(2026, 3, 25): False, date(2026, 4, 18): True}, frozenset({2026}))
MONTHLY = Rhythm(kind=RhythmKind.MONTHLY, starts_on=date(2026, 1, 15))
QUARTERLY = Rhythm(kind=RhythmKind.QUARTERLY, starts_on=date(2026, 2, 1), due_day=20, co_due_day=15)


def newest(rhythm, today):
    found = rhythm.newest(CALENDAR, today)
    return None if found is None else found.name


def first(rhythm, number, calendar=CALENDAR):
    return list(islice(rhythm.periods(calendar), number))


def test_monthly_reports_are_due_on_the_25th_and_those_of_co_units_on_the_20th():
    january, _, march, april = first(MONTHLY, 4)
    assert (january.name, january.co_due_on, january.due_on) == ("2026-01", date(2026, 1, 20), date(2026, 1, 23))
    assert (march.name, march.due_on) == ("2026-03", date(2026, 3, 24))
    assert april.opens_on == april.co_due_on - timedelta(days=10)
    assert april.as_of == end_of(april.due_on)


def test_quarterly_reports_are_due_in_the_month_after_the_quarter():
    quarter, following = first(QUARTERLY, 2)
    assert (quarter.name, quarter.starts_on, quarter.ends_on) == ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31))
    assert (quarter.co_due_on, quarter.due_on) == (date(2026, 4, 15), date(2026, 4, 20))
    assert quarter.as_of == end_of(date(2026, 3, 31))
    assert following.name == "2026-Q2"


@pytest.mark.parametrize(
    ("rule", "day"),
    [
        (DayOffRule.BEFORE, date(2026, 3, 24)),
        (DayOffRule.AFTER, date(2026, 3, 26)),
        (DayOffRule.STAYS, date(2026, 3, 25)),
    ],
)
def test_a_report_day_that_is_a_day_off_moves_as_the_rule_says(rule, day):
    assert first(replace(MONTHLY, day_off=rule), 3)[2].due_on == day


def test_the_31st_is_the_last_day_where_there_is_none():
    rhythm = replace(MONTHLY, due_day=31, co_due_day=31, day_off=DayOffRule.STAYS)
    assert [p.due_on.day for p in first(rhythm, 4)] == [31, 28, 31, 30]


def test_a_period_in_a_year_without_a_notice_is_provisional():
    assert [p.provisional for p in first(MONTHLY, 13)] == [False] * 12 + [True]


def test_every_so_many_months_and_their_names():
    def names(months, start=date(2026, 1, 1)):
        return [p.name for p in first(replace(MONTHLY, kind=RhythmKind.MONTHS, months=months, starts_on=start), 2)]

    assert names(6) == ["2026-H1", "2026-H2"]
    assert names(12) == ["2026", "2027"]
    assert names(2) == ["2026-01/2026-02", "2026-03/2026-04"]
    assert names(3, date(2026, 2, 1)) == ["2026-02/2026-04", "2026-05/2026-07"]


def test_dates_of_ones_own_are_periods_up_to_each_of_them():
    dates = (ReportDate(date(2026, 5, 15)), ReportDate(date(2026, 9, 10), date(2026, 9, 1)))
    rhythm = Rhythm(kind=RhythmKind.DATES, starts_on=date(2026, 1, 1), dates=dates)
    rhythm.check()
    may, september = rhythm.periods(CALENDAR)
    assert (may.name, may.starts_on, may.co_due_on) == ("2026-05-15", date(2026, 1, 1), date(2026, 5, 15))
    assert (september.starts_on, september.co_due_on) == (date(2026, 5, 16), date(2026, 9, 1))
    assert newest(rhythm, date(2026, 10, 11)) == "2026-09-10"
    assert newest(rhythm, date(2026, 10, 12)) is None
    assert rhythm.next_opening(CALENDAR, date(2027, 1, 1)) is None


def test_a_pause_leaves_out_what_would_be_opened_in_it():
    rhythm = replace(MONTHLY, paused_from=date(2026, 2, 1), paused_until=date(2026, 3, 31))
    assert [p.name for p in first(rhythm, 3)] == ["2026-01", "2026-04", "2026-05"]
    assert newest(rhythm, date(2026, 2, 20)) == "2026-01"


def test_the_end_leaves_out_what_would_be_due_after_it():
    rhythm = replace(MONTHLY, ends_on=date(2026, 3, 24))
    assert [p.name for p in rhythm.periods(CALENDAR)] == ["2026-01", "2026-02", "2026-03"]
    assert [p.name for p in replace(rhythm, ends_on=date(2026, 3, 23)).periods(CALENDAR)][-1] == "2026-02"


def test_of_several_missed_periods_only_the_newest_is_asked_for():
    assert newest(MONTHLY, date(2026, 1, 9)) is None
    assert newest(MONTHLY, date(2026, 1, 10)) == "2026-01"
    assert newest(MONTHLY, date(2026, 6, 30)) == "2026-06"
    assert MONTHLY.next_opening(CALENDAR, date(2026, 6, 30)) == start_of(date(2026, 7, 10))


def test_who_is_asked_late_still_gets_three_working_days():
    march = first(MONTHLY, 3)[2]
    early = datetime(2026, 3, 10, 2, tzinfo=UTC)
    assert march.limits(early, date(2026, 3, 10), CALENDAR) == (end_of(march.co_due_on), end_of(march.due_on))
    late = datetime(2026, 3, 26, 2, tzinfo=UTC)
    assert march.limits(late, date(2026, 3, 26), CALENDAR) == (end_of(date(2026, 3, 30)), end_of(date(2026, 3, 31)))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"due_day": 32}, "out_of_range"),
        ({"months": 0}, "out_of_range"),
        ({"opens_before": 0}, "out_of_range"),
        ({"co_due_day": 26}, "co_units_after_lead"),
        ({"ends_on": date(2025, 12, 31)}, "end_before_start"),
        ({"ends_on": date(2026, 1, 20)}, "no_period"),
        ({"paused_from": date(2026, 1, 1)}, "no_period"),
        ({"paused_until": date(2026, 2, 1)}, "pause_reversed"),
        ({"starts_on": date(1999, 1, 1)}, "year_out_of_range"),
        ({"dates": (ReportDate(date(2026, 5, 1)),)}, "dates_unused"),
        ({"kind": RhythmKind.DATES}, "out_of_range"),
        ({"kind": RhythmKind.DATES, "dates": (ReportDate(date(2026, 5, 1)),) * 2}, "dates_unsorted"),
        (
            {"kind": RhythmKind.DATES, "dates": (ReportDate(date(2026, 5, 1), date(2026, 5, 2)),)},
            "co_units_after_lead",
        ),
        ({"kind": RhythmKind.DATES, "dates": (ReportDate(date(2025, 5, 1)),)}, "no_period"),
    ],
)
def test_a_rule_that_asks_for_nothing_or_contradicts_itself_is_refused(change, problem):
    with pytest.raises(RhythmInvalid) as refused:
        replace(MONTHLY, **change).check()
    assert refused.value.facts["problem"] == problem
    assert refused.value.facts["reason"]


_RHYTHMS = st.builds(
    Rhythm,
    kind=st.sampled_from([RhythmKind.MONTHLY, RhythmKind.QUARTERLY, RhythmKind.MONTHS]),
    starts_on=st.dates(date(2001, 1, 1), date(2090, 1, 1)),
    due_day=st.integers(15, 31),
    co_due_day=st.integers(1, 15),
    months=st.integers(1, 12),
    months_after=st.integers(0, 3),
    day_off=st.sampled_from(DayOffRule),
    opens_before=st.integers(1, 28),
)


@given(_RHYTHMS, st.integers(0, 2000))
def test_periods_follow_each_other_and_are_found_from_any_day(rhythm, later):
    rhythm.check()
    periods = first(rhythm, 6)
    assert periods[0].ends_on >= rhythm.starts_on
    for one, following in pairwise(periods):
        assert following.starts_on == one.ends_on + timedelta(days=1)
        assert one.due_on <= following.due_on
        assert one.name != following.name
    assert all(p.opens_on < p.co_due_on <= p.due_on for p in periods)
    today = rhythm.starts_on + timedelta(days=later)
    every = [p for p in first(rhythm, 100) if p.opens_on <= today]
    asked = every and every[-1].due_on + MISSED >= today
    assert newest(rhythm, today) == (every[-1].name if asked else None)
