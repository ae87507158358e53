from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.calendar import LOCAL, CalendarUnit, WorkCalendar, end_of, local_date
from domain.calendar_errors import InvalidWorkingHours
from domain.urgency import last_day
from domain.working_hours import WorkingHours

DAYS, HOURS = CalendarUnit.WORKING_DAYS, CalendarUnit.WORKING_HOURS
UNIT, OTHER = UUID(int=1), UUID(int=2)
SUMMER = WorkingHours(date(2025, 5, 1), ((time(8, 30), time(12)), (time(14, 30), time(18))))
WINTER = WorkingHours(date(2025, 10, 8), ((time(9), time(12)), (time(13), time(17))))
# Two made-up years: a spring festival with two make-up Sundays, a week in October with a make-up Saturday.
NOTICE = {
    **{date(2025, 1, 28) + timedelta(days=n): False for n in range(8)},
    date(2025, 1, 26): True,
    date(2025, 2, 9): True,
    **{date(2025, 10, 1) + timedelta(days=n): False for n in range(7)},
    date(2025, 9, 27): True,
    date(2026, 1, 1): False,
    date(2026, 1, 4): True,
}
CALENDAR = WorkCalendar(NOTICE, frozenset({2024, 2025, 2026}), (WINTER, SUMMER))
DATES = st.dates(date(2024, 11, 1), date(2026, 3, 1))
INSTANTS = st.integers(0, 485 * 86_400).map(lambda s: datetime(2024, 11, 1, tzinfo=UTC) + timedelta(seconds=s))
CALENDARS = st.builds(
    lambda days: WorkCalendar(dict(days), frozenset({2024, 2025, 2026})),
    st.lists(st.tuples(DATES, st.booleans()), max_size=40),
)
AMOUNTS = st.integers(-300, 300)


def local(*parts: int) -> datetime:
    year, month, day, hour, minute = (*parts, 0, 0)[:5]
    return datetime(year, month, day, hour, minute, tzinfo=LOCAL)


def walked(calendar: WorkCalendar, start: date, count: int) -> date:
    """The plain way, day by day."""
    day = start
    while count > 0 or not calendar.is_working(day):
        day += timedelta(days=1)
        count -= count > 0 and calendar.is_working(day)
    return day


@given(calendar=CALENDARS, start=DATES, count=st.integers(0, 260))
def test_the_index_finds_the_day_that_walking_finds(calendar, start, count):
    assert calendar.add_working_days(start, count).day == walked(calendar, start, count)


@given(calendar=CALENDARS, start=DATES, span=st.integers(0, 400))
def test_the_distance_is_the_number_of_working_days_walked(calendar, start, span):
    days = [start + timedelta(days=n) for n in range(1, span + 1)]
    assert calendar.working_days_between(start, start + timedelta(days=span)) == sum(map(calendar.is_working, days))


@given(calendar=CALENDARS, start=DATES, count=st.integers(1, 260))
def test_shifting_a_limit_agrees_with_adding_working_days(calendar, start, count):
    assert calendar.shift(end_of(start), count, DAYS).at == calendar.add_working_days(start, count).at


@given(calendar=CALENDARS, at=INSTANTS, amount=AMOUNTS)
def test_there_and_back_is_the_same_instant_on_a_working_day(calendar, at, amount):
    assume(calendar.is_working(local_date(at)))
    assume(at.astimezone(LOCAL).time() != time(0))
    assert calendar.shift(calendar.shift(at, amount, DAYS).at, -amount, DAYS).at == at


@given(calendar=CALENDARS, at=INSTANTS, first=AMOUNTS, second=AMOUNTS)
def test_working_days_add_up_in_one_direction(calendar, at, first, second):
    assume(first * second > 0)
    halfway = calendar.shift(at, first, DAYS).at
    assert calendar.shift(halfway, second, DAYS).at == calendar.shift(at, first + second, DAYS).at


@given(calendar=CALENDARS, at=INSTANTS, later=st.timedeltas(timedelta(0), timedelta(days=30)), amount=AMOUNTS)
def test_what_begins_later_never_ends_earlier(calendar, at, later, amount):
    for unit in (DAYS, HOURS):
        assert calendar.shift(at, amount, unit).at <= calendar.shift(at + later, amount, unit).at


@given(calendar=CALENDARS, at=INSTANTS, amount=AMOUNTS)
def test_no_limit_falls_on_a_day_off(calendar, at, amount):
    shifted = calendar.shift(at, amount, DAYS).at
    begins = amount == 0 and shifted != at
    assert calendar.is_working(local_date(shifted) if begins else last_day(shifted))


@given(at=INSTANTS, hours=st.integers(-900, 900))
def test_working_hours_count_exactly_that_many(at, hours):
    assume(hours != 0)
    shifted = CALENDAR.shift(at, hours, HOURS).at
    assert CALENDAR.working_time(at, shifted) == timedelta(hours=hours)
    edge = shifted - timedelta(microseconds=1) if hours > 0 else shifted
    assert CALENDAR.is_working_at(edge)


@given(at=INSTANTS)
def test_no_hours_move_only_what_lies_in_time_off(at):
    shifted = CALENDAR.shift(at, 0, HOURS).at
    assert CALENDAR.is_working_at(shifted)
    assert shifted == at if CALENDAR.is_working_at(at) else shifted > at


@given(any_time=INSTANTS, hours=st.integers(-400, 400))
def test_working_hours_there_and_back_are_the_same_instant(any_time, hours):
    at = CALENDAR.shift(any_time, 0, HOURS).at
    there = CALENDAR.shift(at, hours, HOURS).at
    back = CALENDAR.shift(there, -hours, HOURS).at
    # At the edge of a break the end of one span and the beginning of the next are the same working time.
    assert CALENDAR.working_time(back, at) == timedelta(0)
    assert back == at or at.astimezone(LOCAL).time() in {time(8, 30), time(9), time(13), time(14), time(14, 30)}


@given(at=INSTANTS, first=st.integers(1, 90), second=st.integers(1, 90), sign=st.sampled_from([1, -1]))
def test_working_hours_add_up(at, first, second, sign):
    halfway = CALENDAR.shift(at, sign * first, HOURS).at
    assert CALENDAR.shift(halfway, sign * second, HOURS) == CALENDAR.shift(at, sign * (first + second), HOURS)


@pytest.mark.parametrize(
    ("at", "amount", "unit", "expected"),
    [
        # Friday noon, over the make-up Sunday before the festival.
        (local(2025, 1, 24, 12), 1, DAYS, local(2025, 1, 26, 12)),
        (local(2025, 1, 27, 12), 1, DAYS, local(2025, 2, 5, 12)),
        (local(2025, 2, 5, 12), -1, DAYS, local(2025, 1, 27, 12)),
        # Begun in the festival: the end of the first working day after it.
        (local(2025, 1, 30, 15), 1, DAYS, local(2025, 2, 6)),
        (local(2025, 1, 30, 15), 0, DAYS, local(2025, 2, 5)),
        (local(2025, 1, 30, 15), -1, DAYS, local(2025, 1, 27)),
        # Over New Year, with a make-up Sunday in the next year.
        (local(2025, 12, 31, 9), 2, DAYS, local(2026, 1, 4, 9)),
        (local(2026, 1, 5, 9), -3, DAYS, local(2025, 12, 31, 9)),
        # Usual hours, then summer and winter hours.
        (local(2025, 1, 6, 11), 2, HOURS, local(2025, 1, 6, 15)),
        (local(2025, 1, 6, 14), -2, HOURS, local(2025, 1, 6, 10)),
        (local(2025, 1, 27, 16, 30), 2, HOURS, local(2025, 2, 5, 9, 30)),
        (local(2025, 4, 30, 17), 4, HOURS, local(2025, 5, 1, 12)),
        (local(2025, 9, 30, 17), 2, HOURS, local(2025, 10, 8, 10)),
        (local(2025, 9, 27, 18), -7, HOURS, local(2025, 9, 27, 8, 30)),
        (local(2025, 1, 24, 20), 0, HOURS, local(2025, 1, 26, 8, 30)),
        (local(2025, 1, 31, 20), 3, CalendarUnit.DAYS, local(2025, 2, 3, 20)),
        (local(2025, 1, 31, 20), -5, CalendarUnit.HOURS, local(2025, 1, 31, 15)),
    ],
)
def test_examples(at, amount, unit, expected):
    shifted = CALENDAR.shift(at, amount, unit)
    assert shifted.at == expected
    assert shifted.at.tzinfo is UTC
    assert not shifted.provisional


def test_the_end_of_the_last_covered_year_is_not_provisional_by_its_midnight():
    new_year = end_of(date(2026, 12, 31))
    assert not CALENDAR.shift(new_year, -3, DAYS).provisional
    assert not CALENDAR.shift(new_year, -3, HOURS).provisional
    assert CALENDAR.shift(new_year, 1, DAYS).provisional
    assert CALENDAR.shift(new_year, 1, HOURS).provisional
    assert not CALENDAR.shift(new_year, 1, CalendarUnit.DAYS).provisional


def test_a_unit_has_days_of_its_own_and_the_others_do_not():
    holiday, worked = date(2025, 3, 3), date(2025, 3, 8)
    calendar = WorkCalendar(NOTICE, frozenset({2025}), unit_days={UNIT: {holiday: False, worked: True}})
    assert calendar.of(UNIT).add_working_days(date(2025, 2, 28), 5).day == worked
    assert calendar.of(OTHER).add_working_days(date(2025, 2, 28), 5).day == date(2025, 3, 7)
    assert calendar.of(None) is calendar
    assert calendar.of(UNIT) is calendar.of(UNIT)
    assert not calendar.of(UNIT).is_working(date(2025, 1, 28))


def test_a_year_of_festival_days_is_not_too_long():
    closed = WorkCalendar({date(2025, 1, 1) + timedelta(days=n): False for n in range(365)}, frozenset({2025, 2026}))
    assert closed.add_working_days(date(2024, 12, 31), 1).day == date(2026, 1, 1)
    assert closed.shift(local(2025, 6, 1, 10), 1, HOURS).at == local(2026, 1, 1, 9, 30)
    assert closed.shift(local(2025, 6, 1, 10), -1, HOURS).at == local(2024, 12, 31, 16, 30)


@pytest.mark.parametrize("unit", [DAYS, HOURS])
def test_what_lies_beyond_the_years_of_a_date_overflows(unit):
    with pytest.raises(OverflowError):
        CALENDAR.shift(local(9999, 12, 30, 12), 30, unit)
    with pytest.raises(OverflowError):
        CALENDAR.shift(local(1, 1, 5, 12), -60, unit)


@pytest.mark.parametrize(
    "spans",
    [
        (),
        ((time(12), time(8)),),
        ((time(8), time(8)),),
        ((time(8), time(12)), (time(11), time(17))),
        ((time(14), time(17)), (time(8), time(12))),
    ],
)
def test_spans_that_are_no_working_day_are_refused(spans):
    with pytest.raises(InvalidWorkingHours):
        WorkingHours(date(2025, 1, 1), spans)
