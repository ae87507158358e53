"""Runs every command the same way, from HTTP, page, CLI, scheduler and importer alike.

Retry, transaction, the command, a permission was checked or it fails, audit entry, one batch of writes, commit.
There is no other commit in the product.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, LiteralString, Protocol, TypeVar, cast, get_type_hints
from uuid import UUID

import orjson
import psycopg
import structlog
from pydantic import TypeAdapter
from pydantic_core import to_json, to_jsonable_python
from sqlmodel import Session

from bpmn.engine import ProcessEngine
from domain.errors import AnswerLost, DomainError, FateUnknown, IdempotencyMismatch, Unavailable
from domain.permissions import Actor, ActorKind
from services.database_errors import (
    DATABASE_ERRORS,
    connection_lost,
    ends_connection,
    passes,
    refusal_of,
    state_of,
    violated,
)
from services.ports import Clock, Storage
from services.process_library import ProcessLibrary
from services.unit_of_work import TRANSACTION, UnitOfWork
from services.work_calendar import CalendarCache

Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)

ATTEMPTS = 4
BACK_OFF_SECONDS = 0.05
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
    " RETURNING pg_current_xact_id()::text, id"
)
# What became of a transaction, and whether the audit has the very entry that it was to write.
_READ_FATE: LiteralString = (
    "SELECT pg_xact_status(%s::text::xid8), EXISTS (SELECT FROM audit_entry WHERE id = %s AND at = %s"
    " AND command = %s AND actor_id IS NOT DISTINCT FROM %s AND subject_id IS NOT DISTINCT FROM %s)"
)
# `pg_xact_status` of a number that no transaction has had yet.
_IN_THE_FUTURE = "22023"


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
    """The connection broke while the commit was under way; what identifies the transaction tells its fate.

    The number alone does not: a server that crashed gives the numbers out again that it had not written down.
    """

    def __init__(self, transaction: str, entry: tuple[object, ...] | None) -> None:
        super().__init__(transaction)
        self.transaction = transaction
        self.entry = entry


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
                answered = self._answered_beside(command, actor, request, error)
                if answered is not None:
                    return _restore(command, answered[0])
                self._audit_refusal(command, actor, request, error)
                raise
            except _CommitLostError as lost:
                if self._was_committed(lost):
                    return self._answer_again(command, actor, request)
            except DATABASE_ERRORS as error:
                _raise_refusal(error, last=attempt == ATTEMPTS)
            time.sleep(BACK_OFF_SECONDS * 3 ** (attempt - 1))
        raise Unavailable("the database did not take the command")

    def _once(self, command: Command[Result], actor: Actor, request: RequestInfo) -> Result:
        with _opened(self.sessions) as session:
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
            entry = None
            if uow.audited:
                row = _audit_row(command, uow, request, uow.refusal)
                transaction, number = uow.finish(_ADD_AUDIT, row)
                entry = (number, uow.now, type(command).__name__, actor.id, uow.subject_id)
            else:
                (transaction,) = uow.finish(TRANSACTION, ())
            _commit(uow, transaction, entry)
        _follow_up(uow)
        return result

    def _audit_refusal(self, command: Command[Any], actor: Actor, request: RequestInfo, error: DomainError) -> None:
        """Record a refused attempt in a transaction of its own: the command's was rolled back."""
        try:
            with _opened(self.sessions) as session:
                uow = self._unit_of_work(session, actor)
                uow.subject_id = error.subject_id
                uow.finish(_ADD_AUDIT, _audit_row(command, uow, request, error.code))
                session.commit()
        except DATABASE_ERRORS:
            # The refusal itself must reach the user even when its record cannot be written.
            _log.exception("refusal_not_audited", command=type(command).__name__, code=error.code)

    def _was_committed(self, lost: _CommitLostError) -> bool:
        """What became of a transaction whose commit got no answer; waits while the server is still at it."""
        for attempt in range(1, ATTEMPTS + 3):
            try:
                with _opened(self.sessions) as session:
                    status, recorded = _fate(session, lost)
                if status == "aborted":
                    return False
                if status == "committed":
                    return recorded or lost.entry is None
            except DATABASE_ERRORS as error:
                if state_of(error) == _IN_THE_FUTURE:
                    return False  # the server crashed before it wrote anything of this transaction down
                _log.warning("database_away", transaction=lost.transaction, attempt=attempt)
            time.sleep(BACK_OFF_SECONDS * 3 ** (attempt - 1))
        raise FateUnknown("it is not known whether the command was committed")

    def _answer_again(self, command: Command[Result], actor: Actor, request: RequestInfo) -> Result:
        """The answer of a command that was committed although its answer was lost."""
        try:
            answered = self._stored_answer(command, actor, request)
        except DATABASE_ERRORS as error:
            raise AnswerLost(str(error)) from error
        if answered is None:
            raise AnswerLost("committed without a key")
        return _restore(command, answered[0])

    def _answered_beside(
        self, command: Command[Any], actor: Actor, request: RequestInfo, refused: DomainError
    ) -> tuple[object] | None:
        """The same request may have run beside this one and closed what this one found closed: then its answer."""
        if isinstance(refused, IdempotencyMismatch):
            return None
        try:
            return self._stored_answer(command, actor, request)
        except (IdempotencyMismatch, *DATABASE_ERRORS):
            # What the user is told is why the command was refused, not that the answer could not be looked up.
            _log.warning("stored_answer_not_read", command=type(command).__name__, exc_info=True)
            return None

    def _stored_answer(self, command: Command[Any], actor: Actor, request: RequestInfo) -> tuple[object] | None:
        if request.key is None:
            return None
        with _opened(self.sessions) as session:
            return _answered(self._unit_of_work(session, actor), command, request.key)

    def _unit_of_work(self, session: Session, actor: Actor) -> UnitOfWork:
        calendar = self.calendar.get(session)
        return UnitOfWork(session, actor, self.clock.now(), self.engine, self.library, calendar, self.storage)


@contextmanager
def _opened(sessions: Callable[[], Session]) -> Iterator[Session]:
    """A session whose end never hides why the work in it failed: a dead connection cannot be rolled back.

    Above all it must not hide that a commit got no answer, or the command would simply run again.
    """
    session = sessions()
    try:
        yield session
    except BaseException as error:
        with suppress(*DATABASE_ERRORS):
            if isinstance(error, _CommitLostError) or ends_connection(error):
                session.invalidate()
            else:
                session.close()
        raise
    session.close()


def _raise_refusal(error: BaseException, *, last: bool) -> None:
    """Return if the command may run again; raise what the caller should see if not."""
    # The same request ran beside this one: the next attempt finds its answer.
    if not last and (passes(error) or violated(error) == IDEMPOTENCY_CONSTRAINT):
        return
    refusal = refusal_of(error)
    if refusal is None:
        raise error
    raise refusal from error


def _fate(session: Session, lost: _CommitLostError) -> tuple[str | None, bool]:
    driver = session.connection().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    entry = lost.entry or (None,) * 5
    row = driver.execute(_READ_FATE, (lost.transaction, *entry)).fetchone()
    assert row is not None
    return row[0], row[1]


def _commit(uow: UnitOfWork, transaction: str, entry: tuple[object, ...] | None) -> None:
    driver = uow.driver
    try:
        uow.session.commit()
    except DATABASE_ERRORS as error:
        # A server that is told to go may have committed before it says so.
        if driver.closed or connection_lost(error):
            raise _CommitLostError(transaction, entry) from error
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
    payload = _payload(command, refused=error_code is not None) | uow.noted
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
