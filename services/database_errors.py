"""What an error of the database means to whoever asked: try again, another person's lock, or no database at all."""

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from db.naming import unique_value
from domain.errors import AlreadyExists, DomainError, RowLocked, TookTooLong, Unavailable, UnstorableValue

DATABASE_ERRORS = (DBAPIError, PoolTimeout, psycopg.Error)
"""What code that talks to the database may raise: through SQLAlchemy, for its pool, or straight from the driver."""

_LOCKED = "55P03"
_UNIQUE = "23505"
# Serialization failure and deadlock: nothing was written, the same command may simply run again.
_RETRYABLE = frozenset({"40001", "40P01"})
# Cancelled by `statement_timeout`, ended by `idle_in_transaction_session_timeout` or `transaction_timeout`.
_ENDED = frozenset({"25P03", "25P04"})
_TOO_LONG = _ENDED | {"57014"}
# Connection exceptions, shutdown by an operator or a crash, too many connections.
_CONNECTION = ("08", "57P", "53300")
# Out of memory or disk, errors below the database.
_EXHAUSTED = ("53", "58")


def original(error: BaseException) -> BaseException:
    """The driver's error behind SQLAlchemy's."""
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def state_of(error: BaseException) -> str | None:
    """The SQLSTATE; None when the server did not get to say anything."""
    state: str | None = getattr(original(error), "sqlstate", None)
    return state


def connection_lost(error: BaseException) -> bool:
    """Whether the connection is gone, or there was none: what it was used for may be done on another one."""
    state = state_of(error)
    if state is None:
        return isinstance(original(error), psycopg.OperationalError)
    return state.startswith(_CONNECTION)


def ends_connection(error: BaseException) -> bool:
    """Whether the connection is of no more use, not even for a rollback."""
    return connection_lost(error) or state_of(error) in _ENDED


def violated(error: BaseException) -> str | None:
    """The unique constraint that the statement would have broken."""
    if state_of(error) != _UNIQUE:
        return None
    return getattr(getattr(original(error), "diag", None), "constraint_name", None) or ""


def passes(error: BaseException) -> bool:
    """Whether the same transaction may well succeed a moment later: it left nothing behind."""
    return connection_lost(error) or state_of(error) in _RETRYABLE


def refusal_of(error: BaseException) -> DomainError | None:
    """The error a user is told; None for one that only a fault of the program explains."""
    told = str(original(error))
    state = state_of(error)
    constraint = violated(error)
    if state == _LOCKED:
        return RowLocked(told)
    if constraint is not None:
        return AlreadyExists(told, what=unique_value(constraint))
    if isinstance(original(error), psycopg.DataError):
        # A character that PostgreSQL has no place for (NUL) or a number beyond a column's range: the request's.
        return UnstorableValue(told)
    if state in _TOO_LONG:
        return TookTooLong(told)
    if passes(error) or isinstance(error, PoolTimeout) or (state or "").startswith(_EXHAUSTED):
        return Unavailable(told)
    return None
