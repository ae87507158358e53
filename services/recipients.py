"""Who receives what is sent to a role of a unit, as the registry has it at the moment of sending."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from sqlmodel import Session

from db.batch import Query
from domain.calendar import local_date
from domain.permissions import BUSINESS, Role
from domain.standing_in import Contact, Desk, Held, Recipient, receivers

__all__ = ["Recipient", "desks", "desks_query", "read_desks", "recipients"]

# A unit that was merged is answered for by its successor, also over several reforms. Who still has a role in a unit
# that has ended holds it no more. The substitute counts only while they are there themselves.
_READ_DESKS: LiteralString = (
    "WITH RECURSIVE line AS ("
    " SELECT id AS wanted, id AS unit_id, successor_id, valid_to, 0 AS steps FROM unit WHERE id = ANY(%(units)s)"
    " UNION ALL"
    " SELECT l.wanted, n.id, n.successor_id, n.valid_to, l.steps + 1 FROM line l JOIN unit n ON n.id = l.successor_id"
    "  WHERE (l.valid_to IS NULL OR l.valid_to < %(today)s) AND l.steps < 9"
    "), live AS (SELECT DISTINCT ON (wanted) wanted, unit_id, valid_to FROM line ORDER BY wanted, steps DESC)"
    " SELECT live.wanted, live.unit_id, m.role, m.deputy, p.id, p.name, p.email, p.phone, a.id IS NOT NULL,"
    "  s.id, s.name, s.email, s.phone"
    " FROM live LEFT JOIN (unit_member m JOIN person p ON p.id = m.person_id AND p.disabled_at IS NULL)"
    "  ON m.unit_id = live.unit_id AND m.role = ANY(%(roles)s) AND m.valid_from <= %(today)s"
    "  AND (m.valid_to IS NULL OR m.valid_to >= %(today)s) AND (live.valid_to IS NULL OR live.valid_to >= %(today)s)"
    " LEFT JOIN absence a ON a.person_id = p.id AND a.last_day >= %(today)s AND a.first_day <= %(today)s"
    "  AND a.cancelled_at IS NULL"
    " LEFT JOIN person s ON s.id = a.substitute_id AND s.disabled_at IS NULL"
    "  AND NOT EXISTS (SELECT FROM absence b WHERE b.person_id = s.id AND b.last_day >= %(today)s"
    "   AND b.first_day <= %(today)s AND b.cancelled_at IS NULL)"
    "  AND EXISTS (SELECT FROM unit_member n WHERE n.person_id = s.id AND n.role = ANY(%(roles)s)"
    "   AND n.valid_from <= %(today)s AND (n.valid_to IS NULL OR n.valid_to >= %(today)s))"
    " ORDER BY m.valid_from, p.id"
)
_ROLES = sorted(role.value for role in BUSINESS)


def recipients(
    session: Session, unit_id: UUID, role: Role, now: datetime, *, office_unit_id: UUID | None = None
) -> list[Recipient]:
    """Who receives what is sent to `role` of the unit at the instant `now`; see `domain.standing_in.receivers`.

    `office_unit_id` is the office of the item's list, for when the unit has nobody: without it the answer can be
    empty.
    """
    wanted = {unit_id} if office_unit_id is None else {unit_id, office_unit_id}
    found = desks(session, wanted, now)
    office = found.get(office_unit_id) if office_unit_id is not None else None
    return list(receivers(found.get(unit_id, Desk(unit_id)), role, office))


def desks(session: Session, unit_ids: Collection[UUID], now: datetime) -> Mapping[UUID, Desk]:
    """The units as they stand at the instant `now`, by the ids asked for. One statement."""
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    return read_desks(connection.execute(*desks_query(unit_ids, now)).fetchall())


def desks_query(unit_ids: Collection[UUID], now: datetime) -> Query:
    """The statement of `desks`, for who sends it together with others; `read_desks` reads its rows."""
    return _READ_DESKS, {"units": list(unit_ids), "today": local_date(now), "roles": _ROLES}


def read_desks(rows: Collection[tuple[Any, ...]]) -> Mapping[UUID, Desk]:
    """The desks that the rows describe, by the unit that was asked for."""
    answering: dict[UUID, UUID] = {}
    held: defaultdict[UUID, list[Held]] = defaultdict(list)
    for wanted, unit_id, role, deputy, person_id, name, email, phone, away, *substitute in rows:
        answering[wanted] = unit_id
        if person_id is None:
            continue
        stands_in = Contact(*substitute) if substitute[0] is not None else None
        held[wanted].append(Held(Contact(person_id, name, email, phone), Role(role), deputy, away, stands_in))
    return {wanted: Desk(unit_id, tuple(held[wanted])) for wanted, unit_id in answering.items()}
