"""When to try again, when to give up, what waits for a digest."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import LOCAL
from domain.delivery import (
    GIVE_UP_REFUSED,
    GIVE_UP_UNREACHABLE,
    LONGEST_WAIT,
    PRESSING,
    Digest,
    Outcome,
    Preference,
    Topic,
    next_try,
)

NOW = datetime(2026, 3, 10, 1, tzinfo=UTC)


@given(st.integers(1, 100_000), st.floats(0, 1))
def test_waits_grow_to_an_hour_and_no_further(attempts: int, jitter: float):
    wait = next_try(Outcome.TEMPORARY, attempts=attempts, age=timedelta(), jitter=jitter)
    assert wait is not None
    assert timedelta(seconds=50) < wait <= LONGEST_WAIT * 1.13


def test_a_refusal_is_final_and_an_absence_is_borne_longer_than_a_no():
    def after(outcome: Outcome, age: timedelta) -> bool:
        return next_try(outcome, attempts=3, age=age, jitter=0.5) is not None

    assert not after(Outcome.PERMANENT, timedelta())
    assert after(Outcome.TEMPORARY, GIVE_UP_REFUSED - timedelta(hours=1))
    assert not after(Outcome.TEMPORARY, GIVE_UP_REFUSED)
    assert after(Outcome.UNREACHABLE, timedelta(days=10)), "an outage of ten days loses nothing"
    assert not after(Outcome.UNREACHABLE, GIVE_UP_UNREACHABLE)


@pytest.mark.parametrize("digest", list(Digest))
@pytest.mark.parametrize("topic", sorted(PRESSING))
def test_what_presses_never_waits_for_a_digest(digest: Digest, topic: Topic):
    assert not Preference(digest=digest).waits(topic, of_round=True)


def test_what_waits_is_each_persons_choice():
    assert Preference().waits(Topic.OPENED, of_round=True)
    assert not Preference().waits(Topic.OPENED, of_round=False)
    assert Preference(digest=Digest.EVERYTHING).waits(Topic.ISSUED, of_round=False)
    assert not Preference(digest=Digest.NEVER).waits(Topic.OPENED, of_round=True)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.integers(0, 23))  # noqa: DTZ001  bounds
def test_the_next_digest_is_within_a_day_at_its_local_hour(now: datetime, hour: int):
    at = Preference(digest_hour=hour).next_digest(now)
    assert timedelta() < at - now <= timedelta(days=1)
    assert (at.astimezone(LOCAL).hour, at.astimezone(LOCAL).minute) == (hour, 0)
