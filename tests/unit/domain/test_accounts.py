"""Passwords and locking: what is accepted, and how long wrong ones cost."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts import LOCK_AFTER, LONGEST_LOCK, MAX_LENGTH, check_password, lock_for
from domain.errors import WeakPassword


@pytest.mark.parametrize(
    "password", ["Tea-house-47", "三月Spring!雨", "correct horse battery staple", "江上清风 山间明月 a1 皆可入诗"]
)
def test_mixed_or_long_passwords_are_accepted(password):
    check_password(password, about=["zhangsan", "张三"])


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("Ab1!", "too_short"),
        ("A1!" * 50, "too_long"),
        ("teahousefortyseven", "too_simple"),
        ("Aa1!Aa1!Aa1!", "too_regular"),
        ("Tea-12345-house", "too_regular"),
        ("Tea-house-zzzzz", "too_regular"),
        ("fedcba-House1", "too_regular"),
        ("ZhangSan-2026!", "about_you"),
        ("我是张三丰!Tea-house", "about_you"),
    ],
)
def test_a_weak_password_is_refused_with_its_fault(password, problem):
    with pytest.raises(WeakPassword) as caught:
        check_password(password, about=["zhangsan", "张三丰"])
    assert caught.value.facts["problem"] == problem


def test_short_words_about_a_person_do_not_forbid_every_password():
    check_password("Tea-house-47", about=["a", "te", ""])


@given(st.text(max_size=MAX_LENGTH + 5))
def test_every_text_is_accepted_or_refused_with_a_known_fault(password):
    fault = None
    try:
        check_password(password)
    except WeakPassword as error:
        fault = error.facts["problem"]
    assert fault in {None, "too_short", "too_long", "too_simple", "too_regular"}


def test_first_failures_are_forgiven():
    assert [lock_for(n) for n in range(LOCK_AFTER)] == [None] * LOCK_AFTER


@given(st.integers(min_value=LOCK_AFTER, max_value=2**31))
def test_locks_grow_and_end(failures):
    lock, next_lock = lock_for(failures), lock_for(failures + 1)
    assert lock is not None
    assert next_lock is not None
    assert timedelta(0) < lock <= next_lock <= LONGEST_LOCK
    assert lock < next_lock or lock == LONGEST_LOCK
