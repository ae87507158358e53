"""What becomes of a limit when the calendar that it was reckoned by changes."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from domain.calendar import WorkCalendar, end_of, local_date
from services.recompute import moved_limit

DAYS = st.dates(date(2026, 12, 1), date(2027, 3, 31))
EXCEPTIONS = st.dictionaries(DAYS, st.booleans(), max_size=25)
OPENED = st.integers(0, 60 * 86_400).map(lambda s: datetime(2026, 12, 1, tzinfo=UTC) + timedelta(seconds=s))
LOADED = frozenset({2026, 2027})


@given(old=EXCEPTIONS, new=EXCEPTIONS, opened=OPENED, limit=st.integers(1, 20))
def test_a_limit_as_it_was_opened_becomes_the_one_it_would_be_opened_with_now(old, new, opened, limit):
    before, after = WorkCalendar(old, frozenset({2026})), WorkCalendar(new, LOADED)
    due = before.add_working_days(local_date(opened), limit).at
    moved = moved_limit(opened, due, limit, before=before, after=after)
    assert moved.at == after.add_working_days(local_date(opened), limit).at
    assert not moved.provisional
    # Whoever opened it with the new calendar already, or moves it twice, changes nothing.
    assert moved_limit(opened, moved.at, limit, before=before, after=after) == moved


@given(old=EXCEPTIONS, new=EXCEPTIONS, opened=OPENED, limit=st.integers(1, 20), more=st.integers(1, 20))
def test_a_limit_that_a_pause_moved_keeps_its_distance_in_working_days(old, new, opened, limit, more):
    before, after = WorkCalendar(old, LOADED), WorkCalendar(new, LOADED)
    start = local_date(opened)
    due = before.add_working_days(start, limit + more).at
    assume(due != after.add_working_days(start, limit).at)
    moved = moved_limit(opened, due, limit, before=before, after=after)
    assert moved.at == after.add_working_days(start, limit + more).at


@given(days=EXCEPTIONS, opened=OPENED, limit=st.integers(1, 20), due=DAYS)
def test_without_a_change_no_limit_moves(days, opened, limit, due):
    calendar = WorkCalendar(days, LOADED)
    assert moved_limit(opened, end_of(due), limit, before=calendar, after=calendar).at == end_of(due)


def test_a_limit_on_a_day_off_was_set_by_a_person_and_stays():
    before, after = WorkCalendar({}, LOADED), WorkCalendar({date(2027, 1, 8): False}, LOADED)
    saturday = end_of(date(2027, 1, 9))
    opened = datetime(2027, 1, 4, 3, tzinfo=UTC)
    assert moved_limit(opened, saturday, 3, before=before, after=after).at == saturday
