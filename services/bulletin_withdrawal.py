"""An issued bulletin afterwards: withdrawn with the list of who has it, and how it went to those outside."""

from dataclasses import dataclass
from datetime import date
from typing import LiteralString
from uuid import UUID

from sqlmodel import select

from db.tables import BulletinRecipient
from domain.bulletin_errors import BulletinNotIssued, RecipientUnknown
from domain.errors import ReasonMissing
from domain.permissions import Permission
from services.bulletin_effects import DELIVERY
from services.bulletins import office_bulletin
from services.documents import withdraw_document
from services.matters import lock_matter, start_matter_process, tell_process
from services.unit_of_work import UnitOfWork

_RUNNING: LiteralString = (
    "SELECT id FROM process_instance WHERE item_id = %s AND key = %s AND ended_at IS NULL ORDER BY id"
)
_REOPEN: LiteralString = (
    "UPDATE item SET status = 'under_way', outcome = NULL, ended_at = NULL, version = version + 1 WHERE id = %s"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawBulletin:
    """The head of the office withdraws an issued bulletin: its document is marked, and every recipient in the system
    is asked to stop using it and to say so; those outside stand on the list.
    """

    item_id: UUID
    reason: str

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, PermissionDenied, ReasonMissing, BulletinNotIssued."""
        row = office_bulletin(uow, self.item_id, Permission.BULLETIN_WITHDRAW)
        if row.document_id is None or row.withdrawn_at is not None:
            raise BulletinNotIssued(str(self.item_id))
        if not self.reason.strip():
            raise ReasonMissing(str(self.item_id))
        withdraw_document(uow, row.document_id, self.reason.strip())
        row.withdrawn_at, row.withdrawn_by, row.withdrawn_because = uow.now, uow.actor.id, self.reason.strip()
        uow.session.flush()
        if row.delivery_item_id is None:
            return
        root_id = lock_matter(uow, row.delivery_item_id)
        [running] = uow.read((_RUNNING, (row.delivery_item_id, DELIVERY)))
        for (instance_id,) in running:
            tell_process(uow, root_id, instance_id, "recalled")
        uow.write(_REOPEN, (row.delivery_item_id,))
        uow.flush()
        start_matter_process(
            uow, item_id=row.delivery_item_id, root_item_id=root_id, process=DELIVERY, data={"recall": True}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOutsideDelivery:
    """The office records how a bulletin went to somebody outside the system, and the receipt if there is one."""

    item_id: UUID
    name: str
    sent_on: date
    receipt: str = ""

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, BulletinNotIssued, RecipientUnknown."""
        row = office_bulletin(uow, self.item_id)
        if row.issued_at is None:
            raise BulletinNotIssued(str(self.item_id))
        found = uow.session.exec(
            select(BulletinRecipient).where(
                BulletinRecipient.item_id == self.item_id, BulletinRecipient.name == self.name.strip()
            )
        ).one_or_none()
        if found is None or found.unit_id is not None:
            raise RecipientUnknown(self.name, name=self.name)
        found.sent_on, found.receipt = self.sent_on, self.receipt.strip() or None
        found.recorded_by, found.recorded_at = uow.actor.id, uow.now
