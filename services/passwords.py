"""Hashing and checking passwords with argon2id, at a cost that a flood of sign-ins cannot turn against the server."""

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's password storage cheat sheet asks for at least 19 MiB and two passes; more memory hurts a guesser most.
_HASHER = PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1)
# Forty threads hashing at once would take two gigabytes.
_AT_ONCE = BoundedSemaphore(4)


def hash_password(password: str) -> str:
    """The hash to store, with its parameters and a fresh salt in it."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Whether `password` is the one. Without a stored hash it takes the same time and says no."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(stored or _nobodys_hash(), password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash("the password of nobody")
