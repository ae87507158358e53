"""Writing down what lights and scores read: a fact with two times, never changed afterwards."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.light_facts import FactKind
from services.unit_of_work import UnitOfWork

_ADD: LiteralString = (
    "INSERT INTO progress_fact (item_id, kind, value, effective_at, recorded_at, source_kind, source_id)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
)


def record_fact(
    uow: UnitOfWork,
    item_id: UUID,
    kind: FactKind,
    value: object,
    *,
    effective_at: datetime,
    source_kind: str,
    source_id: UUID | None = None,
) -> None:
    """Queue a fact that holds since `effective_at` (UTC) and is known since now; the item's light is judged again.

    `value` is JSON in the form that `FactKind` says. A correction is a second fact with the same `effective_at`.
    `source_kind` and `source_id` name the row that it comes from, such as a round's instance.
    """
    uow.write(_ADD, (item_id, kind, Jsonb(value), effective_at, uow.now, source_kind, source_id))
