"""The end of the audit record's chain, recomputed: quick enough to be looked at with every search."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import LiteralString

from sqlalchemy import text

from domain.errors import PermissionDenied
from domain.permissions import Permission, is_allowed
from services.queries.reading import Reading
from services.sealing import COLUMNS, seal

TAIL = 200
"""Seals that are recomputed; the whole chain is verified by `dudao audit verify`."""

_READ_TAIL: LiteralString = (
    "SELECT s.sequence, s.digest, s.sealed_at, {columns} FROM audit_seal s LEFT JOIN audit_entry e"
    " ON e.id = s.entry_id ORDER BY s.sequence DESC LIMIT :limit"
).replace("{columns}", COLUMNS)
_READ_UNSEALED: LiteralString = (
    "SELECT count(*), min(at) FROM audit_entry"
    " WHERE id > coalesce((SELECT entry_id FROM audit_seal ORDER BY sequence DESC LIMIT 1), 0)"
)


@dataclass(frozen=True, slots=True)
class ChainTail:
    """How the chain ends. `checked` are the last seals that were recomputed, `broken` the sequences of those that are
    not what was sealed; `unsealed` wait for their seal, the oldest since `unsealed_since`.
    """

    sequence: int
    digest: bytes
    sealed_at: datetime | None
    checked: int
    broken: tuple[int, ...]
    unsealed: int
    unsealed_since: datetime | None


def chain_tail(reading: Reading) -> ChainTail:
    """Recompute the last seals. Raises PermissionDenied for who does no auditing."""
    if not is_allowed(reading.actor, Permission.AUDIT_READ):
        raise PermissionDenied(f"{reading.actor.name} lacks {Permission.AUDIT_READ}")
    connection = reading.session.connection()
    rows = connection.execute(text(_READ_TAIL), {"limit": TAIL + 1}).all()
    unsealed, since = connection.execute(text(_READ_UNSEALED)).one()
    if not rows:
        return ChainTail(0, b"", None, 0, (), unsealed, since)
    broken = []
    # The first of them is what the second is computed from, and is taken as it is.
    for newer, older in pairwise(rows):
        follows = newer[0] == older[0] + 1 and newer[3] is not None
        if not follows or seal(bytes(older[1]), list(newer[3:])) != bytes(newer[1]):
            broken.append(newer[0])
    head = rows[0]
    return ChainTail(head[0], bytes(head[1]), head[2], max(len(rows) - 1, 0), tuple(broken), unsealed, since)
