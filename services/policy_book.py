"""Versions of escalation policies, read from the database once: they never change."""

from collections.abc import Collection, Mapping, Sequence
from datetime import time
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from domain.calendar import CalendarUnit
from domain.items import Strength
from domain.ladder import (
    Base,
    EscalationDocument,
    EscalationKind,
    Ladder,
    Policy,
    Rung,
    RungRole,
    SubjectKind,
)
from domain.quiet_hours import QuietHours

_READ: LiteralString = (
    "SELECT p.id, p.name, p.version, p.subject_kind, p.list_id, p.step, p.quiet,"
    " (SELECT json_agg(json_build_array(level, name, kind, recipients, amount, unit, base, every, at_most, channels,"
    "  document, not_for) ORDER BY level) FROM escalation_rung r WHERE r.policy_id = p.id)"
    " FROM escalation_policy p WHERE p.id = ANY(%s)"
)
MOST_KEPT = 2000

_known: dict[UUID, Policy] = {}


def policies(connection: psycopg.Connection[Any], ids: Collection[UUID]) -> Mapping[UUID, Policy]:
    """The versions with these ids; one statement for those that this process has not seen yet."""
    missing = [id_ for id_ in ids if id_ not in _known]
    if missing:
        if len(_known) > MOST_KEPT:
            _known.clear()
            missing = list(ids)
        for row in connection.execute(_READ, (missing,)).fetchall():
            _known[row[0]] = _policy(row)
    return {id_: _known[id_] for id_ in ids if id_ in _known}


def quiet_hours(stored: Mapping[str, Any]) -> QuietHours:
    """The hours as a policy's row has them. Raises ValueError, KeyError, TypeError for what no hours are."""
    return QuietHours(
        time.fromisoformat(stored["opens"]), time.fromisoformat(stored["closes"]), bool(stored["working_days_only"])
    )


def stored_hours(hours: QuietHours) -> dict[str, object]:
    """The hours for a policy's row."""
    return {
        "opens": hours.opens.isoformat("minutes"),
        "closes": hours.closes.isoformat("minutes"),
        "working_days_only": hours.working_days_only,
    }


def _policy(row: Sequence[Any]) -> Policy:
    id_, name, version, kind, list_id, step, quiet, rungs = row
    ladder = Ladder(tuple(_rung(*each) for each in rungs or ()), quiet_hours(quiet))
    return Policy(id_, name, version, SubjectKind(kind), list_id, step, ladder)


def _rung(*row: Any) -> Rung:
    level, name, kind, to, amount, unit, base, every, at_most, channels, document, not_for = row
    return Rung(
        level=level,
        name=name,
        kind=EscalationKind(kind),
        to=tuple(RungRole(role) for role in to),
        amount=amount,
        unit=CalendarUnit(unit),
        base=Base(base),
        every=every,
        at_most=at_most,
        channels=tuple(channels),
        document=EscalationDocument(document) if document else None,
        not_for=tuple(Strength(strength) for strength in not_for),
    )
