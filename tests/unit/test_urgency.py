from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import NO_LIMIT, WorkCalendar, end_of
from domain.urgency import Urgency, UrgencyLimits

NOW = datetime(2026, 3, 10, 1, tzinfo=UTC)  # a Tuesday, 09:00 in Shanghai
LIMITS = UrgencyLimits.at(NOW, WorkCalendar())


@pytest.mark.parametrize(
    ("due_at", "urgency", "days_left"),
    [
        (end_of(date(2026, 3, 9)), Urgency.OVERDUE, -1),
        (end_of(date(2026, 3, 10)), Urgency.TODAY, 0),
        (end_of(date(2026, 3, 11)), Urgency.SOON, 1),
        (end_of(date(2026, 3, 13)), Urgency.SOON, 3),
        (end_of(date(2026, 3, 16)), Urgency.LATER, 6),
        (NO_LIMIT, Urgency.NO_LIMIT, None),
        (None, Urgency.NO_LIMIT, None),
    ],
)
def test_a_limit_is_as_pressing_as_its_last_day(due_at, urgency, days_left):
    assert LIMITS.of(due_at) is urgency
    assert LIMITS.days_left(due_at) == days_left


def test_a_limit_is_overdue_at_the_instant_its_day_ends():
    due_at = end_of(date(2026, 3, 10))
    assert UrgencyLimits.at(due_at - timedelta(microseconds=1), WorkCalendar()).of(due_at) is Urgency.TODAY
    assert UrgencyLimits.at(due_at, WorkCalendar()).of(due_at) is Urgency.OVERDUE


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)) | st.just(NO_LIMIT))  # noqa: DTZ001
def test_the_spans_tile_all_instants_and_agree_with_the_word(due_at):
    def within(urgency: Urgency) -> bool:
        after, until = LIMITS.span(urgency)
        return (after is None or due_at > after) and (until is None or due_at <= until)

    assert [u for u in Urgency if within(u)] == [LIMITS.of(due_at)]
