"""Who signs an open step, changed while it is open: a party is added, or asked again.

Parties are rows, so neither touches the engine: the token has not moved, and the rule simply counts one more.
"""

from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID, uuid4

from sqlmodel import col, func, select

from db.tables import Item, ProcessInstance, Responsibility, Unit, WorkItem
from domain.errors import AlreadyExists, NotFound, ReasonMissing, StaleVersion, WorkItemClosed
from domain.item_errors import NotForOthers
from domain.items import ResponsibilityRole
from domain.permissions import Permission
from domain.telling import said
from services.stepping import LOCK_ROOT
from services.unit_of_work import UnitOfWork
from services.visibility import OFFICE_ROLES

_ADD: LiteralString = (
    "WITH opened AS (INSERT INTO work_item (id, instance_id, item_id, office_unit_id, task_id, bpmn_id, unit_id, role,"
    " opened_at, due_at, provisional, version)"
    " SELECT %s, instance_id, item_id, %s, task_id, bpmn_id, %s, role, %s, due_at, provisional, 1 FROM work_item"
    " WHERE id = %s RETURNING id, opened_at)"
    " INSERT INTO delivery (topic, subject_id, created_at) SELECT 'opened', id, opened_at FROM opened"
)
# Who gave the answer stays on record: that tells it from a party that was never heard.
_SET_ASIDE: LiteralString = "UPDATE work_item SET closed_as = 'superseded', version = version + 1 WHERE id = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddParty:
    """The office asks one more unit to take part in an open step. The unit becomes a co-unit of the item.

    Not in a step of the office's own: nobody else reviews and closes.
    """

    work_item_id: UUID
    seen_version: int
    unit_id: UUID

    def execute(self, uow: UnitOfWork) -> UUID:
        """The new work item's id. Raises AlreadyExists for a party that is asked already, NotForOthers."""
        work, item = _open_step(uow, self.work_item_id, self.seen_version)
        instance = uow.get(ProcessInstance, work.instance_id)
        task = uow.library.bundle(uow.session, instance.version_id).user_tasks[work.bpmn_id]
        if task.properties["parties"] == "office":
            raise NotForOthers(str(work.id), step=said(task.name))
        unit = uow.get(Unit, self.unit_id)
        asked = uow.session.exec(
            select(WorkItem.id).where(
                WorkItem.instance_id == work.instance_id,
                WorkItem.task_id == work.task_id,
                WorkItem.unit_id == self.unit_id,
                col(WorkItem.closed_as).is_distinct_from("superseded"),
            )
        ).first()
        if asked is not None:
            raise AlreadyExists(str(asked), what=unit.short_name)
        part = uow.session.exec(
            select(Responsibility.id).where(
                Responsibility.item_id == item.id,
                Responsibility.unit_id == self.unit_id,
                col(Responsibility.valid_to).is_(None),
            )
        ).first()
        if part is None:
            last = uow.session.exec(
                select(func.max(Responsibility.position)).where(Responsibility.item_id == item.id)
            ).one()
            uow.session.add(
                Responsibility(
                    item_id=item.id,
                    unit_id=self.unit_id,
                    role=ResponsibilityRole.CO_UNIT,
                    printed=unit.official_name,
                    position=(last or 0) + 1,
                    valid_from=uow.now,
                )
            )
            item.version += 1
        id_ = uuid4()
        uow.write(_ADD, (id_, item.office_unit_id, self.unit_id, uow.now, work.id))
        return id_


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAgain:
    """A party of a step that is still open answers once more: its first answer no longer counts, and stays on record.

    `work_item_id` is the answered one.
    """

    work_item_id: UUID
    seen_version: int
    reason: str

    def execute(self, uow: UnitOfWork) -> UUID:
        """The new work item's id. Raises WorkItemClosed when the step was decided, ReasonMissing."""
        work, item = _step(uow, self.work_item_id, self.seen_version)
        if not self.reason.strip():
            raise ReasonMissing(str(work.id))
        others = uow.session.exec(
            select(WorkItem.id).where(
                WorkItem.instance_id == work.instance_id,
                WorkItem.task_id == work.task_id,
                col(WorkItem.closed_at).is_(None),
            )
        ).first()
        if work.closed_as != "done" or others is None:
            raise WorkItemClosed(str(work.id), decision=work.decision or "")
        uow.write(_SET_ASIDE, (work.id,))
        id_ = uuid4()
        uow.write(_ADD, (id_, item.office_unit_id, work.unit_id, uow.now, work.id))
        return id_


def _open_step(uow: UnitOfWork, work_item_id: UUID, seen_version: int) -> tuple[WorkItem, Item]:
    work, item = _step(uow, work_item_id, seen_version)
    if work.closed_at is not None:
        raise WorkItemClosed(str(work.id), decision=work.decision or "")
    return work, item


def _step(uow: UnitOfWork, work_item_id: UUID, seen_version: int) -> tuple[WorkItem, Item]:
    """The work item and its item for the item's office, the root item locked and the version checked."""
    uow.about(work_item_id)
    work = uow.session.get(WorkItem, work_item_id)
    item = uow.session.get(Item, work.item_id) if work is not None else None
    if work is None or item is None or item.office_unit_id not in uow.actor.units_as(*OFFICE_ROLES):
        uow.authorized = True
        raise NotFound(f"work item {work_item_id}")
    uow.require(Permission.WORK_ITEM_ADD_PARTY, unit_id=item.office_unit_id)
    uow.read((LOCK_ROOT, (item.root_id,)))
    uow.session.refresh(work)
    uow.session.refresh(item)
    if work.version != seen_version:
        raise StaleVersion(str(work.id), seen=seen_version, current=work.version)
    return work, item
