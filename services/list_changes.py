"""Changes of a whole approved list: begun by the office, from the list itself or from what an assessment recommends.

Everything between is done by completing work items; what their steps mean is in `services.list_change_effects`.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from db.tables import Item, ListChange, TaskList
from domain.errors import NotFound
from domain.items import ItemKind, ListStatus, Origin
from domain.labels import label
from domain.list_change_errors import ListChangeRunning, ListNotInForce
from domain.permissions import Permission
from services.matters import OpenedMatter, next_number, open_matter
from services.unit_of_work import UnitOfWork
from services.visibility import OFFICE_ROLES

KEY = "list_change"
TITLE_LENGTH = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class StartListChange:
    """The office begins to change a list: what it changes is written in the step that opens, and its convener approves.

    Source: domain notes M27 (lists are adjusted as things develop).
    """

    list_id: UUID

    def execute(self, uow: UnitOfWork) -> OpenedMatter:
        """Raises NotFound, PermissionDenied, ListNotInForce, ListChangeRunning."""
        task_list = uow.session.get(TaskList, self.list_id)
        uow.about(self.list_id)
        if task_list is None or task_list.office_unit_id not in uow.actor.units_as(*OFFICE_ROLES):
            uow.authorized = True
            raise NotFound(f"list {self.list_id}")
        uow.require(Permission.LIST_CHANGE, unit_id=task_list.office_unit_id)
        return begin_list_change(uow, self.list_id)


def begin_list_change(uow: UnitOfWork, list_id: UUID) -> OpenedMatter:
    """Open the change of a list; the caller has checked the permission. Raises ListNotInForce, ListChangeRunning."""
    task_list = in_force(uow, list_id)
    running = uow.session.exec(
        select(ListChange.item_id)
        .join(Item, col(Item.id) == col(ListChange.item_id))
        .where(ListChange.list_id == list_id, col(Item.ended_at).is_(None))
    ).first()
    if running is not None:
        raise ListChangeRunning(str(running))
    called = label(Origin, task_list.title) if task_list.origin != Origin.DOCUMENT else task_list.title
    number = next_number(uow, task_list.office_unit_id, ItemKind.LIST_CHANGE, uow.today.year)
    opened = open_matter(
        uow,
        kind=ItemKind.LIST_CHANGE,
        office_unit_id=task_list.office_unit_id,
        title=f"{label(ItemKind, ItemKind.LIST_CHANGE)} {called[:TITLE_LENGTH]}",
        number=f"{uow.today.year}-{number}",
        process=KEY,
    )
    uow.session.add(ListChange(item_id=opened.item_id, list_id=list_id, begun_at=uow.now, begun_by=uow.actor.id))
    uow.session.flush()
    return opened


def in_force(uow: UnitOfWork, list_id: UUID) -> TaskList:
    """An approved list that has not ended, its row locked. Raises NotFound, ListNotInForce."""
    task_list = uow.lock(TaskList, list_id)
    uow.session.refresh(task_list)
    if task_list.status != ListStatus.APPROVED or task_list.origin == Origin.MATTERS:
        raise ListNotInForce(str(list_id))
    return task_list
