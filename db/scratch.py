"""A scratch copy of some items for who tries something out: temporary tables that stand before the real ones.

PostgreSQL looks for a name among the temporary tables of the session first. So the very statements of the product work
on the copy: no row that anybody else needs is locked, and nothing is left when the transaction is rolled back.
"""

from collections.abc import Mapping
from typing import LiteralString
from uuid import UUID

from sqlalchemy import Connection, text
from sqlmodel import SQLModel

import db.tables  # noqa: F401  registers every table

_OF_ITEMS: LiteralString = "item_id IN (SELECT id FROM pg_temp.item)"
_OF_INSTANCES: LiteralString = "instance_id IN (SELECT id FROM pg_temp.process_instance)"
_OF_WORK: LiteralString = "work_item_id IN (SELECT id FROM pg_temp.work_item)"
_OF_LISTS: LiteralString = "list_id IN (SELECT list_id FROM pg_temp.item)"
_NOTHING: LiteralString = "false"

# What belongs to an item is copied with it; of these, something else decides.
_OTHERWISE: Mapping[str, LiteralString] = {
    "process_timer": _OF_INSTANCES,
    "event_wait": _OF_INSTANCES,
    "submission": _OF_WORK,
    "draft": _OF_WORK,
    "report_rhythm": _OF_LISTS,
    "report_period": _OF_LISTS,
    "light_period": _OF_LISTS,
    "delivery": "subject_id IN (SELECT id FROM pg_temp.work_item UNION ALL SELECT id FROM pg_temp.escalation)",
    # Written to by everything that happens, and read by nothing that is tried out: a copy without rows.
    "activity_log": _NOTHING,
    "audit_entry": _NOTHING,
    "audit_seal": _NOTHING,
    "idempotency_key": _NOTHING,
    "message": _NOTHING,
    "sending": _NOTHING,
    "sending_message": _NOTHING,
    "sending_attempt": _NOTHING,
    "sweep_failure": _NOTHING,
}
_LAST = ("process_timer", "event_wait", "submission", "draft", "delivery")
"""Chosen by what was copied before."""
_ANALYZED = ("item", "work_item", "process_instance", "responsibility", "escalation", "progress_round")
"""Temporary tables are never analysed by themselves."""


def copy_of_items(connection: Connection, list_id: UUID | None) -> int:
    """Copy the items that have not ended, of one list or of all, with everything that belongs to them; how many.

    The connection is in a transaction that the caller rolls back, and is of no other use afterwards.
    """
    _copy(connection, "item", "ended_at IS NULL AND (CAST(:list_id AS uuid) IS NULL OR list_id = :list_id)", list_id)
    names = [name for name in SQLModel.metadata.tables if name != "item" and _rule(name) is not None]
    for name in sorted(names, key=lambda name: (name in _LAST, name)):
        rule = _rule(name)
        assert rule is not None
        _copy(connection, name, rule, list_id)
    for name in _ANALYZED:
        connection.execute(text(f"ANALYZE pg_temp.{name}"))
    found: int = connection.execute(text("SELECT count(*) FROM pg_temp.item")).scalar_one()
    return found


def _rule(name: str) -> LiteralString | None:
    """Which rows of a table are copied; None for a table that is read where it is."""
    if name in _OTHERWISE:
        return _OTHERWISE[name]
    return _OF_ITEMS if "item_id" in SQLModel.metadata.tables[name].columns else None


def _copy(connection: Connection, name: str, rule: LiteralString, list_id: UUID | None) -> None:
    # Names come from the models, never from a request.
    connection.execute(text(f"CREATE TEMPORARY TABLE {name} (LIKE public.{name} INCLUDING ALL)"))
    statement = f"INSERT INTO pg_temp.{name} OVERRIDING SYSTEM VALUE SELECT * FROM public.{name} WHERE {rule}"  # noqa: S608
    connection.execute(text(statement), {"list_id": list_id} if ":list_id" in rule else {})
    for column in SQLModel.metadata.tables[name].columns:
        if column.identity is not None:
            # The copy's numbers go on after those that were copied.
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('pg_temp.{name}', '{column.name}'),"  # noqa: S608
                    f" (SELECT coalesce(max({column.name}), 0) + 1 FROM pg_temp.{name}))"
                )
            )
