"""What units send the office for its bulletins; the next one whose time it falls into takes it up."""

from dataclasses import dataclass, field
from typing import LiteralString
from uuid import UUID

from db.tables import BulletinContribution
from domain.errors import NotFound
from domain.permissions import Permission
from services.unit_of_work import UnitOfWork
from services.visibility import may_see

_IS_OFFICE: LiteralString = "SELECT EXISTS (SELECT FROM task_list WHERE office_unit_id = %s)"
_ITEM_PARTS: LiteralString = (
    "SELECT i.office_unit_id, i.issued_at IS NOT NULL, ARRAY(SELECT unit_id FROM responsibility r"
    " WHERE r.item_id = i.id AND r.unit_id IS NOT NULL AND r.valid_to IS NULL) FROM item i WHERE i.id = %s"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributeToBulletin:
    """A unit's liaison officer sends the office something for its bulletins."""

    office_unit_id: UUID
    unit_id: UUID
    title: str
    text: str = field(metadata={"audit": False})
    about_item_id: UUID | None = None

    def execute(self, uow: UnitOfWork) -> UUID:
        """The contribution's id. Raises PermissionDenied, NotFound for a task that the unit does not see."""
        uow.require(Permission.BULLETIN_CONTRIBUTE, unit_id=self.unit_id)
        [[(is_office,)]] = uow.read((_IS_OFFICE, (self.office_unit_id,)))
        if not is_office:
            raise NotFound(f"office {self.office_unit_id}")
        if self.about_item_id is not None:
            [found] = uow.read((_ITEM_PARTS, (self.about_item_id,)))
            if not found or not may_see(
                uow.actor, office_unit_id=found[0][0], unit_ids=found[0][2], issued=found[0][1]
            ):
                raise NotFound(f"item {self.about_item_id}")
        row = BulletinContribution(
            office_unit_id=self.office_unit_id,
            unit_id=self.unit_id,
            about_item_id=self.about_item_id,
            title=self.title.strip(),
            text=self.text.strip(),
            sent_by=uow.actor.id,
            sent_at=uow.now,
        )
        uow.session.add(row)
        uow.about(row.id)
        return row.id
