"""Questions that end by their date: who has not answered by then is waited for no longer.

A unit that is criticised has two working days to state facts, one that may propose topics has five (`domain.md` P4,
P7). The limits are those of the work items, so that a unit's own calendar counts; when the last has run out, the
clock tells the process.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from domain.permissions import Permission
from services import effects
from services.stepping import advance, lock_instance
from services.unit_of_work import UnitOfWork

OVER: Final = ("hearing_over", "collection_over")
"""The messages that end a question, each waited for by one boundary event."""

_FIND: LiteralString = (
    "SELECT e.instance_id FROM event_wait e WHERE e.name = ANY(:over)"
    " AND EXISTS (SELECT FROM work_item w WHERE w.instance_id = e.instance_id AND w.closed_at IS NULL)"
    " AND NOT EXISTS (SELECT FROM work_item w WHERE w.instance_id = e.instance_id AND w.closed_at IS NULL"
    "  AND w.due_at > :now) ORDER BY e.instance_id LIMIT :limit"
)
_NEXT: LiteralString = (
    "SELECT min(due) FROM (SELECT max(w.due_at) AS due FROM event_wait e"
    " JOIN work_item w ON w.instance_id = e.instance_id AND w.closed_at IS NULL"
    " WHERE e.name = ANY(:over) GROUP BY e.instance_id) q WHERE due > :now"
)
_CLAIM: LiteralString = (
    "SELECT root.id, e.name FROM event_wait e JOIN process_instance p ON p.id = e.instance_id"
    " JOIN item root ON root.id = p.root_item_id WHERE e.instance_id = %s AND e.name = ANY(%s)"
    " FOR NO KEY UPDATE OF root SKIP LOCKED"
)
_STILL_ASKED: LiteralString = (
    "SELECT EXISTS (SELECT FROM event_wait WHERE instance_id = %s AND name = %s) AND NOT EXISTS"
    " (SELECT FROM work_item WHERE instance_id = %s AND closed_at IS NULL AND due_at > %s)"
)


def overdue_questions(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Instances whose question nobody may answer any more."""
    parameters = {"over": list(OVER), "now": now, "limit": limit}
    return session.connection().execute(text(_FIND), parameters).scalars().all()


def next_overdue_question(session: Session, now: datetime) -> datetime | None:
    """When the next question runs out."""
    parameters = {"over": list(OVER), "now": now}
    found: datetime | None = session.connection().execute(text(_NEXT), parameters).scalar_one()
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseQuestion:
    """The clock: the time to answer is over, and the process goes on with what was said."""

    instance_id: UUID

    def execute(self, uow: UnitOfWork) -> bool:
        """Whether it went on now; false when somebody works on the matter, or the last one has answered."""
        uow.require(Permission.TIMER_FIRE)
        [claimed] = uow.read((_CLAIM, (self.instance_id, list(OVER))))
        for root_id, message in claimed:
            [[(still,)]] = uow.read((_STILL_ASKED, (self.instance_id, message, self.instance_id, uow.now)))
            if not still:
                break
            instance = lock_instance(uow, root_id, self.instance_id)
            uow.about(instance.item_id)
            step = uow.engine.send(instance.bundle, instance.state, message, {}, now=uow.now)
            effects.apply(uow, instance, advance(uow, instance, step), None)
            return True
        uow.audited = False
        return False
