"""When a figure is not wanted any more: its target was taken off, has the figure of its date, or the office says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from domain.kpi_reporting import WhyCancelled
from domain.permissions import Permission
from services import effects
from services.unit_of_work import UnitOfWork

PROCESS: Final = "kpi_reading"

# A figure of the target's date that came after the question makes all that is still asked needless.
_OVER: LiteralString = (
    " FROM kpi_request r JOIN kpi_target t ON t.id = r.target_id WHERE r.outcome IS NULL AND (t.retired_at IS NOT NULL"
    " OR EXISTS (SELECT FROM kpi_reading f WHERE f.target_id = t.id AND f.as_of >= t.target_on"
    "  AND f.recorded_at > r.asked_at))"
)
_FIND_OVER: LiteralString = "SELECT r.item_id" + _OVER + " ORDER BY r.item_id LIMIT :limit"
_STILL_OVER: LiteralString = "SELECT t.retired_at IS NOT NULL" + _OVER + " AND r.item_id = %s"
_CLAIM_REQUEST: LiteralString = "SELECT id FROM item WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED"
_OPEN_OF_TARGET: LiteralString = "SELECT item_id FROM kpi_request WHERE target_id = %s AND outcome IS NULL ORDER BY 1"
_LOCK_ROOTS: LiteralString = "SELECT id FROM item WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_WHY: LiteralString = "UPDATE kpi_request SET ended_because = %s WHERE item_id = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndKpiRequest:
    """The clock ends a request whose target was taken off, or has the figure of its date."""

    item_id: UUID

    def execute(self, uow: UnitOfWork) -> bool:
        """Whether it ended now."""
        uow.require(Permission.KPI_ASK)
        [claimed] = uow.read((_CLAIM_REQUEST, (self.item_id,)))
        [over] = uow.read((_STILL_OVER, (self.item_id,))) if claimed else [[]]
        if not over:
            uow.audited = False
            return False
        uow.about(self.item_id)
        return cancel_request(uow, self.item_id, WhyCancelled.RETIRED if over[0][0] else WhyCancelled.FINISHED)


def requests_over(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Open requests whose target needs no figure any more."""
    del now
    return session.connection().execute(text(_FIND_OVER), {"limit": limit}).scalars().all()


def end_requests_of(uow: UnitOfWork, target_id: UUID) -> None:
    """End what is asked for a target that is taken off. Called before the target's row is locked: whoever completes a
    step holds its root and then writes a figure of the target.
    """
    [rows] = uow.read((_OPEN_OF_TARGET, (target_id,)))
    ids = [item_id for (item_id,) in rows]
    uow.read((_LOCK_ROOTS, (ids,)))
    for item_id in ids:
        cancel_request(uow, item_id, WhyCancelled.RETIRED)


def cancel_request(uow: UnitOfWork, item_id: UUID, because: str) -> bool:
    """End a request whose root row is held. Whether it was still open."""
    running = effects.running_instances(uow, item_id, PROCESS)
    for instance_id in running:
        effects.cancel_instance(uow, item_id, instance_id)
    if running:
        uow.write(_WHY, (because, item_id))
    return bool(running)
