"""Runs every command the same way, from HTTP, page, CLI, scheduler and importer alike.

Retry, transaction, the command, a permission was checked or it fails, audit entry, one batch of writes, commit.
There is no other commit in the product.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, LiteralString, Protocol, TypeVar, cast, get_type_hints
from uuid import UUID

import orjson
import psycopg
import structlog
from pydantic import TypeAdapter
from pydantic_core import to_json, to_jsonable_python
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bpmn.engine import ProcessEngine
from db.naming import unique_value
from domain.errors import AlreadyExists, DomainError, IdempotencyMismatch, RowLocked, Unavailable
from domain.permissions import Actor, ActorKind
from services.database_errors import connection_was_lost, refusal_of
from services.ports import Clock, Storage
from services.process_library import ProcessLibrary
from services.unit_of_work import TRANSACTION, UnitOfWork
from services.work_calendar import CalendarCache

Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)

ATTEMPTS = 4
BACK_OFF_SECONDS = 0.05
# Serialization failure and deadlock: nothing was written, the same command may simply run again.
RETRYABLE = frozenset({"40001", "40P01"})
NOBODY = UUID(int=0)
IDEMPOTENCY_CONSTRAINT = "pk_idempotency_key"

_log = structlog.get_logger()

_READ_KEY: LiteralString = "SELECT fingerprint, response FROM idempotency_key WHERE actor_id = %s AND key = %s"
_ADD_KEY: LiteralString = (
    "INSERT INTO idempotency_key (actor_id, key, fingerprint, response, at) VALUES (%s, %s, %s, %s, %s)"
)
_ADD_AUDIT: LiteralString = (
    "INSERT INTO audit_entry (at, actor_id, actor_kind, unit_id, command, subject_id, payload, error_code,"
    " request_id, source) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
    " RETURNING pg_current_xact_id()::text"
)


class Command(Protocol[Result_co]):
    """A use case: a frozen dataclass. Fields with metadata `audit=False` stay out of the audit entry's payload,
    those with `audit="refused"` are in it only when the command was refused: done, it left them in its own rows.
    """

    def execute(self, uow: UnitOfWork) -> Result_co:
        """Do it within the unit of work's transaction; never commit."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestInfo:
    """Where a command came from: for the audit entry, and to recognise a repeated request by its `key`."""

    key: UUID | None = None
    request_id: str | None = None
    source: str | None = None


class _CommitLostError(Exception):
    """The connection broke while the commit was under way; `transaction` tells what became of it."""

    def __init__(self, transaction: int) -> None:
        super().__init__(transaction)
        self.transaction = transaction


@dataclass(slots=True)
class Executor:
    """`sessions` opens a session on the application's role."""

    sessions: Callable[[], Session]
    clock: Clock
    engine: ProcessEngine
    library: ProcessLibrary = field(default_factory=ProcessLibrary)
    calendar: CalendarCache = field(default_factory=CalendarCache)
    storage: Storage | None = None

    def execute(self, command: Command[Result], *, actor: Actor, request: RequestInfo = RequestInfo()) -> Result:
        """Run `command` in one transaction, committed when this returns.

        Raises the command's DomainErrors, RowLocked when a row is held too long, AlreadyExists on a taken unique
        value, Unavailable when the database does not answer. A refusal leaves an audit entry of its own.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._once(command, actor, request)
            except DomainError as error:
                # The same request may have run beside this one and closed what this one found closed.
                answered = self._stored_answer(command, actor, request)
                if answered is not None:
                    return _restore(command, answered[0])
                self._audit_refusal(command, actor, request, error)
                raise
            except _CommitLostError as lost:
                if self._was_committed(lost.transaction):
                    return self._answer_again(command, actor, request)
            except (DBAPIError, psycopg.Error) as error:
                self._translate(error, last=attempt == ATTEMPTS)
            time.sleep(BACK_OFF_SECONDS * 3 ** (attempt - 1))
        raise Unavailable("the database did not take the command")

    def _once(self, command: Command[Result], actor: Actor, request: RequestInfo) -> Result:
        with self.sessions() as session:
            uow = self._unit_of_work(session, actor)
            if request.key is not None:
                answered = _answered(uow, command, request.key)
                if answered is not None:
                    return _restore(command, answered[0])
            try:
                result = command.execute(uow)
            except DomainError as error:
                error.subject_id = uow.subject_id
                raise
            if not uow.authorized:
                raise RuntimeError(f"{type(command).__name__} never checked a permission")
            if request.key is not None:
                answer = psycopg.types.json.Jsonb(to_jsonable_python(result, bytes_mode="hex"))
                uow.write(_ADD_KEY, (actor.id or NOBODY, request.key, _fingerprint(command), answer, uow.now))
            if uow.audited:
                transaction = uow.finish(_ADD_AUDIT, _audit_row(command, uow, request, uow.refusal))
            else:
                transaction = uow.finish(TRANSACTION, ())
            _commit(uow, transaction)
        _follow_up(uow)
        return result

    def _audit_refusal(self, command: Command[Any], actor: Actor, request: RequestInfo, error: DomainError) -> None:
        """Record a refused attempt in a transaction of its own: the command's was rolled back."""
        try:
            with self.sessions() as session:
                uow = self._unit_of_work(session, actor)
                uow.subject_id = error.subject_id
                uow.finish(_ADD_AUDIT, _audit_row(command, uow, request, error.code))
                session.commit()
        except (DBAPIError, psycopg.Error):
            # The refusal itself must reach the user even when its record cannot be written.
            _log.exception("refusal_not_audited", command=type(command).__name__, code=error.code)

    def _was_committed(self, transaction: int) -> bool:
        """What became of a transaction whose commit got no answer; waits while the server is still at it."""
        for attempt in range(1, ATTEMPTS + 3):
            try:
                with self.sessions() as session:
                    driver = session.connection().connection.driver_connection
                    assert isinstance(driver, psycopg.Connection)
                    row = driver.execute("SELECT pg_xact_status(%s::text::xid8)", (str(transaction),)).fetchone()
                    if row is not None and row[0] in {"committed", "aborted"}:
                        return bool(row[0] == "committed")
            except (DBAPIError, psycopg.Error):
                _log.warning("database_away", transaction=transaction, attempt=attempt)
            time.sleep(BACK_OFF_SECONDS * 3 ** (attempt - 1))
        raise Unavailable("it is not known whether the command was committed")

    def _answer_again(self, command: Command[Result], actor: Actor, request: RequestInfo) -> Result:
        """The answer of a command that was committed although its answer was lost."""
        answered = self._stored_answer(command, actor, request)
        if answered is None:
            raise Unavailable("committed, but the answer is lost", committed=True)
        return _restore(command, answered[0])

    def _stored_answer(self, command: Command[Any], actor: Actor, request: RequestInfo) -> tuple[object] | None:
        if request.key is None:
            return None
        with self.sessions() as session:
            return _answered(self._unit_of_work(session, actor), command, request.key)

    def _unit_of_work(self, session: Session, actor: Actor) -> UnitOfWork:
        calendar = self.calendar.get(session)
        return UnitOfWork(session, actor, self.clock.now(), self.engine, self.library, calendar, self.storage)

    def _translate(self, error: DBAPIError | psycopg.Error, *, last: bool) -> None:
        """Return if the command may run again; raise what the caller should see if not."""
        original = error.orig if isinstance(error, DBAPIError) else error
        state = getattr(original, "sqlstate", None)
        if state == "55P03":
            raise RowLocked(str(original)) from error
        if state == "23505":
            constraint = getattr(getattr(original, "diag", None), "constraint_name", None) or ""
            if constraint == IDEMPOTENCY_CONSTRAINT and not last:
                return  # the same request ran beside this one: the next attempt finds its answer
            raise AlreadyExists(str(original), what=unique_value(constraint)) from error
        if not (connection_was_lost(original) or state in RETRYABLE):
            raise refusal_of(error) or error from error
        if last:
            raise Unavailable(str(original)) from error


def _commit(uow: UnitOfWork, transaction: int) -> None:
    driver = uow.driver
    try:
        uow.session.commit()
    except (DBAPIError, psycopg.Error) as error:
        if driver.broken:
            raise _CommitLostError(transaction) from error
        raise


def _follow_up(uow: UnitOfWork) -> None:
    for action in uow.after_commit:
        try:
            action()
        except OSError:
            # The command is committed, and its caller must learn that; what is left undone is swept.
            _log.exception("follow_up_failed")


def _audit_row(
    command: Command[Any], uow: UnitOfWork, request: RequestInfo, error_code: str | None
) -> tuple[object, ...]:
    actor = uow.actor
    kind = None if actor.kind is ActorKind.PERSON else actor.kind.value
    payload = _payload(command, refused=error_code is not None)
    return (
        uow.now,
        actor.id,
        kind,
        uow.on_behalf_of,
        type(command).__name__,
        uow.subject_id,
        psycopg.types.json.Jsonb(payload) if payload else None,
        error_code,
        request.request_id,
        request.source,
    )


@lru_cache(maxsize=256)
def _audited_fields(kind: type, *, refused: bool) -> tuple[str, ...]:
    wanted = {True, "refused"} if refused else {True}
    return tuple(f.name for f in fields(kind) if f.metadata.get("audit", True) in wanted)


def _payload(command: Command[Any], *, refused: bool) -> dict[str, object]:
    """The command's own fields, without what is empty and what is kept elsewhere."""
    values = {name: getattr(command, name) for name in _audited_fields(type(command), refused=refused)}
    filled = {name: value for name, value in values.items() if value not in (None, "", (), [], {}, False)}
    return to_jsonable_python(filled, bytes_mode="hex") if filled else {}


def _fingerprint(command: Command[Any]) -> bytes:
    values = {f.name: getattr(command, f.name) for f in fields(cast("Any", command))}
    return hashlib.sha256(type(command).__name__.encode() + to_json(values, bytes_mode="hex")).digest()


def _answered(uow: UnitOfWork, command: Command[Any], key: UUID) -> tuple[object] | None:
    """The stored answer of this request, wrapped because an answer may be None."""
    [rows] = uow.read((_READ_KEY, (uow.actor.id or NOBODY, key)))
    if not rows:
        return None
    fingerprint, response = rows[0]
    if bytes(fingerprint) != _fingerprint(command):
        raise IdempotencyMismatch(str(key))
    return (response,)


@lru_cache(maxsize=256)
def _answer_type(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(get_type_hints(cast("Any", kind).execute)["return"])


def _restore(command: Command[Result], response: object) -> Result:
    restored: Result = _answer_type(type(command)).validate_json(orjson.dumps(response))
    return restored
