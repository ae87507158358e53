"""BPMN timers of process instances, fired by the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from domain.permissions import Permission
from domain.process_errors import TimerStuck
from services import effects
from services.stepping import advance, lock_instance
from services.unit_of_work import UnitOfWork

_FIND: LiteralString = (
    "SELECT instance_id FROM process_timer WHERE due_at <= :now GROUP BY instance_id"
    " ORDER BY min(due_at), instance_id LIMIT :limit"
)
_COUNT: LiteralString = "SELECT count(*), min(due_at) FROM process_timer WHERE due_at <= :now"
_NEXT: LiteralString = "SELECT min(due_at) FROM process_timer WHERE due_at > :now"
# Whoever holds the item is doing a step of it: the timers that are still due after it are found again.
_CLAIM: LiteralString = (
    "SELECT i.id FROM item i JOIN process_instance p ON p.root_item_id = i.id WHERE p.id = %s"
    " FOR NO KEY UPDATE OF i SKIP LOCKED"
)
_READ_DUE: LiteralString = "SELECT task_id, bpmn_id FROM process_timer WHERE instance_id = %s AND due_at <= %s"


def instances_with_due_timers(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Ids of instances that have a timer due by `now`, those that wait longest first."""
    return session.connection().execute(text(_FIND), {"now": now, "limit": limit}).scalars().all()


def due_timers(session: Session, now: datetime) -> tuple[int, datetime | None]:
    """How many timers are due by `now`, and since when the oldest is."""
    count, oldest = session.connection().execute(text(_COUNT), {"now": now}).one()
    return count, oldest


def next_timer(session: Session, now: datetime) -> datetime | None:
    """When the next timer after `now` goes off."""
    found: datetime | None = session.connection().execute(text(_NEXT), {"now": now}).scalar_one()
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class FireTimers:
    """Every timer of an instance that is due by now goes off, in one step."""

    instance_id: UUID

    def execute(self, uow: UnitOfWork) -> int:
        """How many were due; none when somebody is working on the item or they went off meanwhile.

        Raises TimerStuck when the engine does not know of a timer that the index calls due, and what the step raises.
        """
        uow.require(Permission.TIMER_FIRE)
        uow.about(self.instance_id)
        claimed, due = uow.read((_CLAIM, (self.instance_id,)), (_READ_DUE, (self.instance_id, uow.now)))
        if not claimed or not due:
            uow.audited = False
            return 0
        instance = lock_instance(uow, claimed[0][0], self.instance_id)
        step = uow.engine.fire_timers(instance.bundle, instance.state, now=uow.now)
        settled = {*step.timers_removed, *(timer.task_id for timer in step.timers_added)}
        stuck = [bpmn_id for task_id, bpmn_id in due if task_id not in settled]
        if stuck:
            # Left alone it would be found again every second, and never go off.
            raise TimerStuck(f"{self.instance_id}: {stuck}", timer=", ".join(stuck))
        effects.apply(uow, instance, advance(uow, instance, step), None)
        return len(due)
