"""What a caller is told when the database cannot answer a question or store a value."""

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.errors import DomainError, Unavailable, UnstorableValue


def refusal_of(error: BaseException) -> DomainError | None:
    """The refusal that stands for a driver's error; None for one that is a fault of the program.

    A character that PostgreSQL has no place for (NUL) or a number beyond a column's range comes from the request;
    a lost connection, an exhausted pool and a statement over its time limit pass.
    """
    if isinstance(error, PoolTimeout):
        return Unavailable(str(error))
    original = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, psycopg.DataError):
        return UnstorableValue(str(original))
    if isinstance(original, psycopg.errors.QueryCanceled) or connection_was_lost(original):
        return Unavailable(str(original))
    return None


def connection_was_lost(original: BaseException | None) -> bool:
    """Whether a driver's error means that the server went away (class 08, 57P) or was not reached (no state)."""
    state = getattr(original, "sqlstate", None)
    return isinstance(original, psycopg.OperationalError) and (state is None or state.startswith(("08", "57P")))
