"""Progress rounds: one short instance per item and reporting period."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import select

from db.tables import Item, ProgressRound
from domain.errors import AlreadyExists, NotFound, WrongStatus
from domain.item_errors import RoundLimits
from domain.items import ItemStatus
from domain.permissions import ActorKind, Permission
from services import effects
from services.routing import initial_data
from services.stepping import LOCK_ROOT, start_instance
from services.unit_of_work import UnitOfWork
from services.visibility import OFFICE_ROLES

REPORTING = frozenset({ItemStatus.IN_PROGRESS, ItemStatus.CLAIMED, ItemStatus.UNDER_REVIEW})


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRound:
    """The office, or the clock, asks for the report of a period. `co_due_at` and `due_at` are instants in UTC:
    when the co-units' parts and the lead's report are due.
    """

    item_id: UUID
    period: str
    co_due_at: datetime
    due_at: datetime

    def execute(self, uow: UnitOfWork) -> UUID:
        """The round's instance id. Raises AlreadyExists for a period that is open or done, WrongStatus, RoundLimits."""
        item = uow.session.get(Item, self.item_id)
        uow.about(self.item_id)
        of_office = item is not None and item.office_unit_id in uow.actor.units_as(*OFFICE_ROLES)
        if item is None or (uow.actor.kind is ActorKind.PERSON and not of_office):
            uow.authorized = True
            raise NotFound(f"item {self.item_id}")
        uow.require(Permission.ROUND_OPEN, unit_id=item.office_unit_id)
        uow.read((LOCK_ROOT, (item.root_id,)))
        uow.session.refresh(item)
        if self.co_due_at > self.due_at:
            raise RoundLimits(self.period)
        if item.status not in REPORTING:
            raise WrongStatus(str(item.id), status=item.status)
        known = uow.session.exec(
            select(ProgressRound.id).where(ProgressRound.item_id == item.id, ProgressRound.period == self.period)
        ).first()
        if known is not None:
            raise AlreadyExists(self.period, what="round")
        instance_id = uuid4()
        # The round's row is written with the batch, before the work items that take their limits from it: so the
        # limits are handed over rather than read.
        start_instance(
            uow,
            key=effects.PROGRESS_ROUND,
            item_id=item.id,
            root_item_id=item.root_id,
            data=initial_data(uow, effects.PROGRESS_ROUND, item.id),
            period=self.period,
            instance_id=instance_id,
            round_limits=(self.co_due_at, self.due_at),
        )
        uow.write(
            "INSERT INTO progress_round (id, item_id, instance_id, period, co_due_at, due_at, opened_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (uuid4(), item.id, instance_id, self.period, self.co_due_at, self.due_at, uow.now),
        )
        return instance_id
