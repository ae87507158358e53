"""What an actor may do now with an item: exactly what the commands would let them, so that nothing else is offered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from bpmn.bundle import Bundle
from bpmn.specs import UserTask
from db.tables import Item, ProcessInstance, Unit, WorkItem
from domain.items import FINAL, UNISSUED, ItemKind, ItemStatus, Strength
from domain.permissions import Actor, Permission, Role, is_allowed
from services.continuation import REOPENABLE
from services.items import EDITABLE
from services.queries.clock_actions import clock_actions
from services.queries.reading import Reading
from services.queries.steps import Choice, choices, listed, step_label
from services.rounds import REPORTING


class ItemAction(StrEnum):
    """What can be done with an item beside its steps. CONTINUE and REOPEN make a new item, once."""

    CORRECT = "correct"
    ASSIGN_UNITS = "assign_units"
    EXPAND_GROUP = "expand_group"
    OPEN_ROUND = "open_round"
    CONTINUE = "continue"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    TERMINATE = "terminate"
    EXTENSION = "extension"
    SUSPENSION = "suspension"
    CHANGE_OF_RESPONSIBILITY = "change_of_responsibility"
    COORDINATION = "coordination"
    RECORD_TRIGGER = "record_trigger"
    RESUME = "resume"
    TAKE_UP_HISTORY = "take_up_history"


@dataclass(frozen=True, slots=True)
class ReturnTarget:
    """A step that this one can be returned to."""

    bpmn_id: str
    label: str


@dataclass(frozen=True, slots=True)
class WorkAction:
    """An open work item that the actor may complete, with everything they need for it.

    `seen_version` goes back with the completion. The first decision is the ordinary one; `adverse` is the one that
    needs a reason code and an opinion, as a return always does. `evidence` is `none`, `optional` or `required`.
    `form` is a JSON Schema with hints for its display, null for a step without one.
    """

    work_item_id: UUID
    seen_version: int
    bpmn_id: str
    step: str
    unit_id: UUID
    unit: str
    role: str
    decisions: tuple[Choice, ...]
    adverse: str | None
    return_targets: tuple[ReturnTarget, ...]
    evidence: str
    form_name: str | None
    form: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Actions:
    """The steps that the actor may complete, and what else they may do to the item at its `seen_version`."""

    work: tuple[WorkAction, ...]
    item: tuple[ItemAction, ...]
    seen_version: int


def actions_of(reading: Reading, item: Item) -> Actions:
    """What the actor may do with an item that they see."""
    statement = (
        select(WorkItem, Unit.short_name, ProcessInstance.version_id)
        .join(Unit, col(Unit.id) == col(WorkItem.unit_id))
        .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
        .where(ProcessInstance.item_id == item.id, col(WorkItem.closed_at).is_(None))
        .order_by(col(WorkItem.due_at), col(WorkItem.id))
    )
    found = reading.session.exec(statement).all()
    offered = (work_action(reading, item, work, unit, version_id) for work, unit, version_id in found)
    return Actions(
        work=tuple(action for action in offered if action is not None),
        item=(*_item_actions(reading.actor, item), *map(ItemAction, clock_actions(reading, item))),
        seen_version=item.version,
    )


def work_action(reading: Reading, item: Item, work: WorkItem, unit: str, version_id: int) -> WorkAction | None:
    """The work item as something the actor may complete now; None if they may not."""
    actor = reading.actor
    if work.closed_at is not None or not actor.holds(Role(work.role), work.unit_id):
        return None
    if not is_allowed(actor, Permission.WORK_ITEM_COMPLETE, unit_id=work.unit_id):
        return None
    bundle = reading.library.bundle(reading.session, version_id)
    task = bundle.user_tasks[work.bpmn_id]
    if _did_what_this_step_checks(reading, work, task):
        return None
    form_name = task.properties.get("form")
    return WorkAction(
        work_item_id=work.id,
        seen_version=work.version,
        bpmn_id=work.bpmn_id,
        step=task.name,
        unit_id=work.unit_id,
        unit=unit,
        role=work.role,
        decisions=_decisions(bundle, item, work.bpmn_id),
        adverse=task.properties.get("adverse") or None,
        return_targets=tuple(
            ReturnTarget(target, step_label(bundle, target)) for target in listed(task.properties.get("return_to", ""))
        ),
        evidence=task.properties.get("evidence", "none"),
        form_name=form_name,
        form=bundle.form(form_name) if form_name else None,
    )


def _decisions(bundle: Bundle, item: Item, bpmn_id: str) -> tuple[Choice, ...]:
    possible = choices(bundle, bpmn_id)
    if item.due_strength == Strength.BREAKTHROUGH_OK:
        return possible
    return tuple(choice for choice in possible if choice.decision != "breakthrough")


def _did_what_this_step_checks(reading: Reading, work: WorkItem, task: UserTask) -> bool:
    """No person approves what they submitted."""
    checked: Sequence[str] = listed(task.properties.get("not_by", ""))
    if not checked:
        return False
    own = select(WorkItem.id).where(
        WorkItem.instance_id == work.instance_id,
        col(WorkItem.bpmn_id).in_(checked),
        WorkItem.closed_by == reading.actor.id,
        WorkItem.closed_as == "done",
    )
    return reading.session.exec(own.limit(1)).first() is not None


def _item_actions(actor: Actor, item: Item) -> list[ItemAction]:
    def may(permission: Permission) -> bool:
        return is_allowed(actor, permission, unit_id=item.office_unit_id)

    offered: list[ItemAction] = []
    if item.kind != ItemKind.TASK:
        return offered
    if item.status in EDITABLE:
        if may(Permission.FLAG_RESOLVE):
            offered.append(ItemAction.CORRECT)
        if may(Permission.ITEM_EDIT):
            offered.append(ItemAction.ASSIGN_UNITS)
    if item.status in UNISSUED and item.parent_id is None and may(Permission.ITEM_EDIT):
        offered.append(ItemAction.EXPAND_GROUP)
    if item.status in REPORTING and may(Permission.ROUND_OPEN):
        offered.append(ItemAction.OPEN_ROUND)
    if may(Permission.ITEM_CREATE) and item.status == ItemStatus.CLOSED_FOR_STAGE:
        offered.append(ItemAction.CONTINUE)
    if may(Permission.ITEM_CREATE) and item.status in REOPENABLE:
        offered.append(ItemAction.REOPEN)
    if item.status not in FINAL and may(Permission.ITEM_STOP):
        offered += [ItemAction.WITHDRAW, ItemAction.TERMINATE]
    return offered
