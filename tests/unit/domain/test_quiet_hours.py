"""Messages wait out nights and days off, and nothing that is allowed is moved."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import LOCAL, WorkCalendar
from domain.quiet_hours import AROUND_THE_CLOCK, QuietHours

# A national holiday on a Thursday and Friday, worked off on the Saturday after.
CALENDAR = WorkCalendar(
    {date(2026, 10, 1): False, date(2026, 10, 2): False, date(2026, 10, 10): True}, frozenset({2026})
)


def local(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("planned", "sent"),
    [
        (local(2026, 9, 29, 10), local(2026, 9, 29, 10)),
        (local(2026, 9, 29, 6), local(2026, 9, 29, 8, 30)),
        (local(2026, 9, 29, 18), local(2026, 9, 30, 8, 30)),
        (local(2026, 9, 30, 23), local(2026, 10, 5, 8, 30)),
        (local(2026, 10, 3, 10), local(2026, 10, 5, 8, 30)),
        (local(2026, 10, 10, 10), local(2026, 10, 10, 10)),
    ],
)
def test_what_is_planned_for_a_night_or_a_day_off_waits_for_the_next_morning_of_work(planned, sent):
    assert QuietHours().next_allowed(planned, CALENDAR) == sent


@given(
    st.integers(0, 2 * 365 * 24 * 60).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.times(),
    st.times(),
    st.booleans(),
)
def test_what_goes_out_goes_out_within_the_hours_and_never_before_it_was_planned(at, one, other, working):
    if one == other:
        return
    hours = QuietHours(min(one, other), max(one, other), working)
    sent = hours.next_allowed(at, CALENDAR)
    assert at <= sent < at + timedelta(days=12)
    there = sent.astimezone(LOCAL)
    assert hours.opens <= there.time() < hours.closes
    assert not working or CALENDAR.is_working(there.date())
    assert hours.next_allowed(sent, CALENDAR) == sent


def test_hours_in_which_nothing_goes_out_are_refused():
    with pytest.raises(ValueError, match="empty"):
        QuietHours(time(18), time(8))


def test_nothing_is_lost_by_a_calendar_without_a_working_day():
    idle = WorkCalendar({date(2026, 1, 1) + timedelta(days=n): False for n in range(400)})
    at = local(2026, 3, 1, 10)
    assert QuietHours().next_allowed(at, idle) == local(2026, 3, 2, 8, 30)


def test_around_the_clock_holds_nothing_back():
    at = local(2026, 10, 1, 3, 17)
    assert AROUND_THE_CLOCK.next_allowed(at, CALENDAR) == at


def test_hours_of_an_office_are_local_times_without_an_offset():
    with pytest.raises(ValueError, match="local"):
        QuietHours(time(8), time(18, tzinfo=UTC))
