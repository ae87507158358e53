"""Extensions within their limits, dates that follow from triggers, and pauses that take no working day away."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import WorkCalendar, end_of, local_date
from domain.deadline_errors import ExtensionTooLate, ExtensionTooLong, ExtensionUsedUp, NewDateNotLater
from domain.deadlines import (
    Change,
    ChangeKind,
    add_months,
    after_trigger,
    check_extension,
    check_in_time,
    check_new_date,
    goals_due,
    mostly_past,
    quarter,
    resumed,
    year_due,
)
from domain.urgency import last_day

CALENDAR = WorkCalendar(covered_years=frozenset(range(2020, 2040)))
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
ORIGINAL = Change(ChangeKind.ORIGINAL, end_of(date(2026, 8, 31)))


def test_six_months_after_a_last_of_month_is_the_last_of_a_shorter_one():
    assert add_months(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert add_months(date(2023, 8, 31), 6) == date(2024, 2, 29)
    check_extension([ORIGINAL], date(2027, 2, 28))
    with pytest.raises(ExtensionTooLong):
        check_extension([ORIGINAL], date(2027, 3, 1))


@given(day=DAYS, count=st.integers(0, 48))
def test_adding_months_keeps_the_day_or_takes_the_months_last(day, count):
    later = add_months(day, count)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == count
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


def test_two_extensions_are_used_up_whatever_lies_between():
    history = [
        ORIGINAL,
        Change(ChangeKind.EXTENSION, end_of(date(2026, 9, 30))),
        Change(ChangeKind.PAUSE, end_of(date(2026, 10, 31))),
        Change(ChangeKind.EXTENSION, end_of(date(2026, 11, 30))),
    ]
    with pytest.raises(ExtensionUsedUp):
        check_extension(history, date(2026, 12, 1))
    check_extension(history[:-1], date(2026, 12, 1))


@given(shift=st.integers(1, 300))
def test_what_a_pause_moved_is_added_to_the_six_months(shift):
    paused = Change(ChangeKind.PAUSE, end_of(date(2026, 8, 31) + timedelta(days=shift)))
    latest = date(2027, 2, 28) + timedelta(days=shift)
    check_extension([ORIGINAL, paused], latest)
    with pytest.raises(ExtensionTooLong):
        check_extension([ORIGINAL, paused], latest + timedelta(days=1))


def test_after_a_trigger_the_months_run_from_the_date_it_made():
    trigger = Change(ChangeKind.TRIGGER, end_of(date(2027, 6, 30)))
    check_extension([ORIGINAL, trigger], date(2027, 12, 30))
    with pytest.raises(ExtensionTooLong):
        check_extension([ORIGINAL, trigger], date(2027, 12, 31))


def test_the_last_instant_of_the_date_is_in_time_and_the_next_is_not():
    due_at = end_of(date(2026, 6, 30))
    check_in_time(due_at, due_at)
    with pytest.raises(ExtensionTooLate):
        check_in_time(due_at, due_at + timedelta(microseconds=1))


def test_a_new_date_is_later_and_not_past():
    current = end_of(date(2026, 6, 30))
    check_new_date(current, date(2026, 7, 1), date(2026, 6, 1))
    check_new_date(None, date(2026, 6, 1), date(2026, 6, 1))
    with pytest.raises(NewDateNotLater):
        check_new_date(current, date(2026, 6, 30), date(2026, 6, 1))
    with pytest.raises(NewDateNotLater):
        check_new_date(current, date(2026, 7, 2), date(2026, 7, 3))


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        ("P6M", date(2026, 9, 9)),
        ("P1Y", date(2027, 3, 9)),
        ("P2W", date(2026, 3, 23)),
        ("P10D", date(2026, 3, 19)),
        ("P10D/WORKDAYS", date(2026, 3, 23)),
        ("FREQ=YEARLY", None),
        (None, None),
    ],
)
def test_a_relative_rule_counts_from_the_trigger(rule, due):
    assert after_trigger(rule, date(2026, 3, 9), CALENDAR) == due


INSTANTS = st.integers(0, 5_000_000).map(lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


@given(paused_at=INSTANTS, pause=st.integers(0, 900), left=st.integers(0, 300))
def test_a_pause_keeps_the_working_days_that_were_left(paused_at, pause, left):
    due_at = CALENDAR.add_working_days(local_date(paused_at), left).at
    now = paused_at + timedelta(days=pause)
    moved = resumed(due_at, paused_at, now, CALENDAR)
    assert moved >= due_at
    before = CALENDAR.working_days_between(local_date(paused_at), last_day(due_at))
    assert CALENDAR.working_days_between(local_date(now), last_day(moved)) >= before
    assert last_day(moved) == last_day(due_at) or CALENDAR.working_days_between(
        local_date(now), last_day(moved)
    ) <= max(before, 1)


@given(due_at=INSTANTS, late=st.integers(0, 100), pause=st.integers(0, 300))
def test_what_was_late_before_a_pause_is_as_late_after_it(due_at, late, pause):
    paused_at = due_at + timedelta(days=late)
    now = paused_at + timedelta(days=pause)
    assert now - resumed(due_at, paused_at, now, CALENDAR) == paused_at - due_at


def test_goals_are_due_at_the_end_of_january_and_the_check_at_the_end_of_the_year():
    assert goals_due(date(2026, 1, 5), CALENDAR) == end_of(date(2026, 1, 31))
    assert goals_due(date(2026, 3, 10), CALENDAR) == end_of(date(2026, 4, 7))
    assert year_due(date(2026, 12, 1), CALENDAR) == end_of(date(2026, 12, 31))
    assert year_due(date(2027, 2, 1), CALENDAR) == end_of(date(2027, 2, 15))


@pytest.mark.parametrize(("day", "name"), [(date(2026, 3, 31), "2026-Q1"), (date(2026, 4, 1), "2026-Q2")])
def test_a_quarter_has_a_name(day, name):
    assert quarter(day) == name


def test_a_list_is_of_the_past_when_more_than_half_of_its_dates_are():
    today = date(2026, 3, 10)
    past, future = date(2022, 12, 31), date(2026, 12, 31)
    assert mostly_past([past, past, future], today)
    assert not mostly_past([past, future], today)
    assert not mostly_past([], today)
