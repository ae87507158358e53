"""The chain over the audit record: each seal binds its entry to all entries before it.

Entries are chained in the order of their numbers, apart from the transactions that write them, because a chain's
head in every step would make all commits wait for each other. Numbers are given out before the commit, so an entry
with a smaller number may appear after one with a larger. But who gets a number holds the table's writer lock from
before until the end of the transaction: once all who held it at one moment have ended, all numbers given out by then
are there or never will be. Up to that number is sealed, so that none is passed over, and an entry that turns up
below the head afterwards was put there by somebody else. (The oldest running transaction would do as well, but it may
be that of another database of the server, and last for hours.)
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, LiteralString

import orjson
from sqlalchemy import text
from sqlmodel import Session

from domain.permissions import Permission
from services.unit_of_work import UnitOfWork

FIRST: Final = bytes(32)
"""What stands before the first seal's entry."""
FORMAT: Final = 1
BATCH: Final = 2000
PATIENCE_SECONDS: Final = 2.0
"""How long one call waits for running transactions; the next call starts anew."""
_POLL_SECONDS: Final = 0.01
_SHOWN: Final = 20

COLUMNS: LiteralString = (
    "e.id, e.at, e.actor_id, e.actor_kind, e.unit_id, e.command, e.subject_id, e.payload, e.error_code,"
    " e.request_id, e.source"
)
_LOCK: LiteralString = "SELECT pg_try_advisory_xact_lock(hashtextextended('dudao audit seal', 0))"
_READ_NEWEST: LiteralString = "SELECT coalesce(max(id), 0) FROM audit_entry"
_READ_WRITERS: LiteralString = (
    "SELECT coalesce(array_agg(virtualtransaction), '{}') FROM pg_locks WHERE locktype = 'relation' AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND relation = 'audit_entry'::regclass AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()"
)
_READ_HEAD: LiteralString = "SELECT sequence, entry_id, digest FROM audit_seal ORDER BY sequence DESC LIMIT 1"
_READ_UNSEALED: LiteralString = (
    "SELECT {columns} FROM audit_entry e WHERE e.id > %s AND e.id <= %s ORDER BY e.id LIMIT %s"
).replace("{columns}", COLUMNS)
_READ_ALL: LiteralString = (
    "SELECT s.entry_id, s.sequence, s.digest, {columns} FROM audit_seal s FULL JOIN audit_entry e"
    " ON e.id = s.entry_id ORDER BY coalesce(s.entry_id, e.id)"
).replace("{columns}", COLUMNS)
_ADD_SEALS: LiteralString = (
    "INSERT INTO audit_seal (entry_id, sequence, digest, sealed_at)"
    " SELECT entry_id, sequence, digest, %s FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[])"
    " AS s(entry_id, sequence, digest)"
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one call did: how many entries it sealed, and whether more can be sealed at once.

    `busy` says that another sealer is at it, `waiting` that a running transaction kept it from sealing.
    """

    entries: int
    more: bool = False
    busy: bool = False
    waiting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SealAudit:
    """Chain what is not chained yet. May be called at any time and by many at once: one of them works.

    It leaves no audit entry, which would have to be sealed in turn; the seals are its record.
    """

    patience: float = PATIENCE_SECONDS

    def execute(self, uow: UnitOfWork) -> Sealed:
        """Raises PermissionDenied."""
        uow.require(Permission.AUDIT_SEAL)
        uow.audited = False
        [[(locked,)]] = uow.read((_LOCK, ()))
        if not locked:
            return Sealed(0, busy=True)
        # The newest number first, then who writes: in the other order a writer could come in between.
        [[(newest,)], heads] = uow.read((_READ_NEWEST, ()), (_READ_HEAD, ()))
        sequence, head, digest = (heads[0][0], heads[0][1], bytes(heads[0][2])) if heads else (0, 0, FIRST)
        if newest <= head:
            return Sealed(0)
        if not self._writers_ended(uow):
            return Sealed(0, waiting=True)
        [entries] = uow.read((_READ_UNSEALED, (head, newest, BATCH)))
        ids, sequences, digests = [], [], []
        for entry in entries:
            sequence += 1
            digest = seal(digest, entry)
            ids.append(entry[0])
            sequences.append(sequence)
            digests.append(digest)
        if ids:
            uow.write(_ADD_SEALS, (uow.now, ids, sequences, digests))
        return Sealed(len(ids), more=len(ids) == BATCH)

    def _writers_ended(self, uow: UnitOfWork) -> bool:
        """Whether everybody who is writing entries now has ended; waits a moment for it."""
        deadline = time.monotonic() + self.patience
        waited_for: set[str] | None = None
        while True:
            [[(writers,)]] = uow.read((_READ_WRITERS, ()))
            waited_for = set(writers) if waited_for is None else waited_for & set(writers)
            if not waited_for:
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)


def seal(previous: bytes, entry: Any) -> bytes:
    """The digest that binds `entry` (a row of the columns above) to everything before it: sha256."""
    return hashlib.sha256(previous + canonical(entry)).digest()


def canonical(entry: Any) -> bytes:
    """The bytes of an entry that are sealed: its values as JSON, keys sorted, instants in UTC."""
    id_, at, *others = entry
    values = [value if isinstance(value, dict | str | int) or value is None else str(value) for value in others]
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return orjson.dumps([FORMAT, id_, moment, *values], option=orjson.OPT_SORT_KEYS)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The digest the chain had at a sequence, as somebody wrote it down outside of the database."""

    sequence: int
    digest: bytes


@dataclass(slots=True)
class Verification:
    """What recomputing the chain found. All lists show the first few; the counts are complete.

    `broken` are (sequence, entry id) whose entry or seal is not what was sealed, `missing` the numbers of sealed
    entries that are gone, `gaps` sequences without a seal, `inserted` entries below the head that were never
    sealed. `unsealed` are the entries behind the head, which the next sealing takes.
    """

    sealed: int = 0
    sequence: int = 0
    digest: bytes = FIRST
    broken_count: int = 0
    broken: list[tuple[int, int]] = field(default_factory=list)
    missing_count: int = 0
    missing: list[int] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)
    inserted_count: int = 0
    inserted: list[int] = field(default_factory=list)
    unsealed: int = 0
    unsealed_since: datetime | None = None
    anchor_holds: bool | None = None

    @property
    def intact(self) -> bool:
        """Whether the record is what it was when it was sealed."""
        found = self.broken_count + self.missing_count + self.inserted_count + len(self.gaps)
        return not found and self.anchor_holds is not False


def verify(
    session: Session, *, anchor: Anchor | None = None, progress: Callable[[int], None] | None = None
) -> Verification:
    """Recompute the whole chain. `progress` is told how many rows were read.

    After a fault it goes on from the stored digest, so that each fault is found once and not at every entry after.
    Somebody who can rewrite all seals is found by `anchor` alone: write the head down elsewhere from time to time.
    """
    found = Verification(anchor_holds=None if anchor is None else False)
    waiting: list[tuple[int, datetime]] = []
    for count, (seal_row, entry) in enumerate(_rows(session), 1):
        if progress is not None and count % BATCH == 0:
            progress(count)
        if seal_row is None:
            waiting.append((entry[0], entry[1]))
            continue
        # Entries without a seal that are followed by a sealed one cannot be waiting for theirs.
        for entry_id, _ in waiting:
            found.inserted_count += 1
            _note(found.inserted, entry_id)
        waiting.clear()
        _check(found, seal_row, entry, anchor)
    found.unsealed = len(waiting)
    found.unsealed_since = waiting[0][1] if waiting else None
    return found


def _check(found: Verification, seal_row: tuple[int, int, bytes], entry: Any, anchor: Anchor | None) -> None:
    entry_id, sequence, digest = seal_row
    expected = found.sequence + 1
    for gone in range(expected, min(sequence, expected + _SHOWN)):
        _note(found.gaps, gone)
    if entry is None:
        found.missing_count += 1
        _note(found.missing, entry_id)
    # What stood before a gap is not known, so that the seal after it cannot be recomputed.
    elif sequence < expected or (sequence == expected and seal(found.digest, entry) != digest):
        found.broken_count += 1
        _note(found.broken, (sequence, entry_id))
    found.sealed += 1
    found.sequence, found.digest = sequence, digest
    if anchor is not None and anchor.sequence == sequence:
        found.anchor_holds = anchor.digest == digest


def _note(listed: list[Any], value: Any) -> None:
    if len(listed) < _SHOWN:
        listed.append(value)


def _rows(session: Session) -> Iterator[tuple[tuple[int, int, bytes] | None, Any]]:
    """(seal, entry) in the order of the entries' numbers, either None where the other has no partner."""
    connection = session.connection(execution_options={"stream_results": True, "max_row_buffer": BATCH})
    for entry_id, sequence, digest, *entry in connection.execute(text(_READ_ALL)):
        yield (
            None if entry_id is None else (entry_id, sequence, bytes(digest)),
            None if entry[0] is None else entry,
        )
