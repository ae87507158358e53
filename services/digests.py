"""What waited for a daily digest, or for the morning, becomes one sending per person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlmodel import Session

from domain.delivery import Channel
from domain.permissions import Permission
from services.hand_over import ADD_CARRIED, ADD_SENDINGS
from services.sendings import OVERTAKEN, WHAT_IT_IS_ABOUT
from services.unit_of_work import UnitOfWork

_FIND: LiteralString = (
    "SELECT recipient_id FROM message WHERE collect_at <= :now GROUP BY recipient_id ORDER BY min(collect_at),"
    " recipient_id LIMIT :limit"
)
_NEXT: LiteralString = "SELECT min(collect_at) FROM message WHERE collect_at > :now"
_ASKED: LiteralString = "SELECT m.id, m.office_unit_id, m.topic, p.email, "
_CLAIMED: LiteralString = (
    " WHERE m.recipient_id = %s AND m.collect_at <= %s ORDER BY m.created_at, m.id FOR NO KEY UPDATE OF m SKIP LOCKED"
)
_CLAIM: LiteralString = (
    _ASKED + OVERTAKEN + " FROM message m JOIN person p ON p.id = m.recipient_id" + WHAT_IT_IS_ABOUT + _CLAIMED
)
_COLLECT: LiteralString = "UPDATE message SET collect_at = NULL WHERE id = ANY(%s)"


def due_digests(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """People for whom something waits whose hour has come."""
    return session.connection().execute(text(_FIND), {"now": now, "limit": limit}).scalars().all()


def next_digest(session: Session, now: datetime) -> datetime | None:
    """When the next digest after `now` is due."""
    found: datetime | None = session.connection().execute(text(_NEXT), {"now": now}).scalar_one()
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectDigest:
    """One person's digest. What was done meanwhile is left out; if that was all, there is none."""

    person_id: UUID

    def execute(self, uow: UnitOfWork) -> int:
        """How many messages it carries."""
        uow.require(Permission.MESSAGE_DELIVER)
        uow.audited = False
        [rows] = uow.read((_CLAIM, (self.person_id, uow.now)))
        if not rows:
            return 0
        uow.write(_COLLECT, ([row[0] for row in rows],))
        left = [row for row in rows if not row[4]]
        address = rows[0][3].strip()
        if not left or not address:
            return 0
        offices = {row[1] for row in left}
        office_unit_id = offices.pop() if len(offices) == 1 else None
        sending_id = uuid4()
        sending = {
            "id": str(sending_id),
            "channel": Channel.MAIL,
            "address": address,
            "endpoint_id": None,
            "recipient_id": str(self.person_id),
            "unit_id": None,
            "office_unit_id": None if office_unit_id is None else str(office_unit_id),
            "topic": left[0][2],
            "digest": len(left) > 1,
        }
        uow.write(ADD_SENDINGS, (uow.now, uow.now, Jsonb([sending])))
        uow.write(ADD_CARRIED, ([sending_id] * len(left), [row[0] for row in left]))
        return len(left)
