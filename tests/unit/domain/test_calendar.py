from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import WorkCalendar, end_of, local_date

# A made-up notice: 1 to 3 May off, 4 May (a Saturday in 2024) worked.
CALENDAR = WorkCalendar(
    {date(2024, 5, 1): False, date(2024, 5, 2): False, date(2024, 5, 3): False, date(2024, 5, 4): True},
    frozenset({2024}),
)
DAYS = st.dates(date(2024, 1, 8), date(2024, 12, 1))


def test_a_make_up_saturday_counts_and_a_holiday_does_not():
    due = CALENDAR.add_working_days(date(2024, 4, 30), 1)
    assert due.day == date(2024, 5, 4)
    assert not due.provisional


def test_a_date_beyond_the_loaded_years_is_provisional():
    assert CALENDAR.add_working_days(date(2024, 12, 31), 1).provisional


def test_the_end_of_the_year_is_midnight_in_shanghai():
    assert end_of(date(2020, 12, 31)) == datetime(2020, 12, 31, 16, tzinfo=UTC)


def test_the_local_date_is_a_day_ahead_of_utc_in_the_evening():
    assert local_date(datetime(2024, 5, 1, 16, 30, tzinfo=UTC)) == date(2024, 5, 2)


@given(start=DAYS, count=st.integers(1, 40))
def test_adding_working_days_counts_exactly_that_many(start, count):
    due = CALENDAR.add_working_days(start, count)
    assert CALENDAR.working_days_between(start, due.day) == count
    assert CALENDAR.is_working(due.day)


@given(start=DAYS, first=st.integers(1, 20), second=st.integers(1, 20))
def test_working_days_add_up(start, first, second):
    halfway = CALENDAR.add_working_days(start, first).day
    assert CALENDAR.add_working_days(halfway, second) == CALENDAR.add_working_days(start, first + second)


@given(start=DAYS, span=st.integers(0, 60))
def test_the_distance_is_the_same_in_both_directions(start, span):
    end = start + timedelta(days=span)
    assert CALENDAR.working_days_between(start, end) == -CALENDAR.working_days_between(end, start)
