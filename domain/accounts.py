"""Rules of signing in: which passwords are accepted, and how long an account is locked after wrong ones."""

import re
from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise

from domain.errors import WeakPassword

MIN_LENGTH = 10
MAX_LENGTH = 128
"""Hashing an endless password would be a way to keep the server busy."""
MIN_CLASSES = 3
PHRASE_LENGTH = 20
"""A passphrase of this length needs no mixture of characters."""
MAX_RUN = 4
"""Of characters that repeat, or follow each other as in 1234 or dcba."""
MIN_DIFFERENT = 6
SHORTEST_WORD = 3

LOCK_AFTER = 5
"""Wrong passwords in a row that are forgiven."""
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(hours=1)

_CLASSES = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"\d"), re.compile(r"[^A-Za-z\d]"))


def check_password(password: str, *, about: Iterable[str] = ()) -> None:
    """Accept a new password (GB/T 22239-2019, 8.1.4.1: of some complexity, not easily guessed).

    `about` are words that a guesser tries first: login, name, phone, the local part of an address.

    Raises:
        WeakPassword: its fact `problem` is the rule that it breaks: `too_short`, `too_long`, `too_simple`,
            `too_regular` or `about_you`.
    """
    problem = _problem(password, about)
    if problem is not None:
        raise WeakPassword(problem, problem=problem, min_length=MIN_LENGTH, max_length=MAX_LENGTH)


def _problem(password: str, about: Iterable[str]) -> str | None:
    if len(password) < MIN_LENGTH:
        return "too_short"
    if len(password) > MAX_LENGTH:
        return "too_long"
    classes = sum(bool(kind.search(password)) for kind in _CLASSES)
    if classes < MIN_CLASSES and len(password) < PHRASE_LENGTH:
        return "too_simple"
    if len(set(password)) < MIN_DIFFERENT or _longest_run(password) > MAX_RUN:
        return "too_regular"
    folded = password.casefold()
    if any(len(word) >= SHORTEST_WORD and word.casefold() in folded for word in about):
        return "about_you"
    return None


def _longest_run(password: str) -> int:
    """The longest stretch of characters whose codes keep the same distance of -1, 0 or 1."""
    longest = length = 1
    distance: int | None = None
    for one, next_one in pairwise(password):
        step = ord(next_one) - ord(one)
        length = length + 1 if step == distance else 2
        distance = step if step in {-1, 0, 1} else None
        if distance is None:
            length = 1
        longest = max(longest, length)
    return longest


def lock_for(failures: int) -> timedelta | None:
    """How long an account is locked after so many wrong passwords in a row; None while they are forgiven.

    Doubles with each further one, so that guessing gets nowhere, and ends by itself, so that nobody can shut a
    colleague out for a day.
    """
    beyond = failures - LOCK_AFTER
    if beyond < 0:
        return None
    # The exponent is capped: a counter may be anything, a timedelta may not.
    doublings: int = 2 ** min(beyond, 10)
    return min(FIRST_LOCK * doublings, LONGEST_LOCK)
