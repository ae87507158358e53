"""What of the answers in an item the actor may not read: the one place behind timeline, evidence, scores and dossier.

The rule is `domain.answers`; which steps it holds for, the model of the process says (the property `answers`). An item
whose models have no such step, as every task of the shipped ones, costs one statement.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from bpmn.bundle import Bundle
from db.tables import Evidence, Item, ProcessInstance, WorkItem
from domain.answers import Answers, may_read
from domain.permissions import BUSINESS, Actor
from services.process_library import ProcessLibrary
from services.visibility import OFFICE_ROLES


@dataclass(frozen=True, slots=True)
class Withheld:
    """What the actor does not read of an item: the answers given in `work`; of those in `apart` not even that they were
    asked for, nor the parts `roles` of other units. `loose_of` are units whose evidence belongs to an answer that they
    have not handed in yet.
    """

    work: frozenset[UUID] = frozenset()
    apart: frozenset[UUID] = frozenset()
    roles: frozenset[str] = frozenset()
    loose_of: frozenset[UUID] = frozenset()

    def evidence(self, row: Evidence) -> bool:
        """Whether a piece of the item's evidence goes with an answer that is withheld."""
        return row.unit_id in self.loose_of if row.work_item_id is None else row.work_item_id in self.work


NOTHING: Final = Withheld()


def answers_of(bundle: Bundle, bpmn_id: str) -> Answers:
    """Who reads what is said in a step."""
    task = bundle.user_tasks.get(bpmn_id)
    return Answers(task.properties.get("answers", Answers.SHARED)) if task is not None else Answers.SHARED


def withheld(session: Session, actor: Actor, library: ProcessLibrary, item_id: UUID) -> Withheld:
    """What the actor, who sees the item, does not read of it."""
    steps = _steps(session, library, [item_id])
    if not steps:
        return NOTHING
    item = session.get_one(Item, item_id)
    units = actor.units_as(*BUSINESS)
    of_office = item.office_unit_id in actor.units_as(*OFFICE_ROLES)
    asked = _still_asked(session, item)
    work, apart, loose = set(), set(), set()
    statement = (
        select(WorkItem, ProcessInstance.version_id)
        .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
        .where(
            ProcessInstance.item_id == item_id,
            col(WorkItem.bpmn_id).in_({bpmn_id for _, bpmn_id in steps}),
            col(WorkItem.unit_id).not_in(sorted(units)),
        )
    )
    for row, version_id in session.exec(statement):
        answers, _ = steps.get((version_id, row.bpmn_id), (Answers.SHARED, ""))
        if may_read(answers, gave=False, of_office=of_office, still_asked=row.bpmn_id in asked):
            continue
        work.add(row.id)
        if answers is Answers.OWN and row.unit_id != item.office_unit_id:
            apart.add(row.id)
        if row.closed_at is None:
            loose.add(row.unit_id)
    roles = {parties for answers, parties in steps.values() if answers is Answers.OWN and parties != "office"}
    return Withheld(frozenset(work), frozenset(apart), frozenset() if of_office else frozenset(roles), frozenset(loose))


def unread(
    session: Session,
    actor: Actor,
    library: ProcessLibrary,
    item_ids: Collection[UUID],
    weighs: Collection[UUID] = (),
) -> frozenset[UUID]:
    """Those of these child matters in which something was answered that the actor does not read, or not yet.

    What has been said in several of them may stand in one table: who is shown that need not see the matters. `weighs`
    are parents whose answers the actor weighs together with the office, as the group of an assessment does.
    """
    steps = _steps(session, library, item_ids)
    if not steps:
        return frozenset()
    found = session.exec(select(Item.id, Item.parent_id, Item.office_unit_id).where(col(Item.id).in_(item_ids))).all()
    parents = {item_id: parent_id for item_id, parent_id, _ in found}
    offices = {item_id: office_id for item_id, _, office_id in found}
    beside = select(Item.id).where(col(Item.parent_id).in_({each for each in parents.values() if each is not None}))
    rows: Any = session.execute(
        select(  # type: ignore[call-overload]  # SQLModel's `select` is typed for four columns at most.
            col(Item.parent_id),
            ProcessInstance.item_id,
            ProcessInstance.version_id,
            WorkItem.bpmn_id,
            WorkItem.unit_id,
            WorkItem.closed_at,
            WorkItem.closed_by,
        )
        .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
        .join(Item, col(Item.id) == col(ProcessInstance.item_id))
        .where(col(ProcessInstance.item_id).in_(beside))
    ).all()
    asked = {(row.parent_id, row.bpmn_id) for row in rows if row.closed_at is None}
    units, of_offices = actor.units_as(*BUSINESS), actor.units_as(*OFFICE_ROLES)
    return frozenset(
        row.item_id
        for row in rows
        if row.item_id in parents
        and row.closed_by is not None
        and not may_read(
            steps.get((row.version_id, row.bpmn_id), (Answers.SHARED, ""))[0],
            gave=row.unit_id in units,
            of_office=offices[row.item_id] in of_offices or row.parent_id in weighs,
            still_asked=(row.parent_id, row.bpmn_id) in asked,
        )
    )


def _steps(
    session: Session, library: ProcessLibrary, item_ids: Collection[UUID]
) -> Mapping[tuple[int, str], tuple[Answers, str]]:
    """The steps of the items' processes whose answers are not shared: by version and id, with who is asked in them."""
    versions = select(ProcessInstance.version_id).where(col(ProcessInstance.item_id).in_(item_ids)).distinct()
    return {
        (version_id, bpmn_id): (answers, task.properties.get("parties", ""))
        for version_id in session.exec(versions)
        for bpmn_id, task in library.bundle(session, version_id).user_tasks.items()
        if (answers := Answers(task.properties.get("answers", Answers.SHARED))) is not Answers.SHARED
    }


def _still_asked(session: Session, item: Item) -> frozenset[str]:
    """The steps that are open in the item, or in one beside it under the same parent."""
    # Through the instance: that is where an index leads from an item to its work.
    beside = col(ProcessInstance.item_id) == item.id
    if item.parent_id is not None:
        siblings = select(Item.id).where(Item.parent_id == item.parent_id)
        beside = or_(beside, col(ProcessInstance.item_id).in_(siblings))
    statement = (
        select(WorkItem.bpmn_id)
        .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
        .where(beside, col(WorkItem.closed_at).is_(None))
        .distinct()
    )
    return frozenset(session.exec(statement))
