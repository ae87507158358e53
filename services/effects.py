"""What a step of a process means for its item: the joint between the models and the tables.

Keyed by the BPMN ids of `supervision` and `progress_round`, which are stable (design notes, section 4). A model
without these ids simply has no effects. Those of the processes beside them are in `services.effects_aside`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, LiteralString
from uuid import UUID, uuid4

from domain.item_errors import NoMemberCompleted, SendBackContradicted
from domain.items import FINAL, STATUS_AFTER, STATUS_WHILE_OPEN, ItemStatus, ResponsibilityRole
from domain.light_facts import FactKind
from services import clock, effects_aside, readiness
from services.matter_processes import matter_process
from services.matters import end_matter
from services.progress_facts import record_fact
from services.routing import initial_data
from services.stepping import Advanced, Done, LockedInstance, Party, advance, lock_instance, start_instance
from services.unit_of_work import UnitOfWork

SUPERVISION = "supervision"
PROGRESS_ROUND = "progress_round"
COORDINATION = "coordination"

_COUNT_RETURNS: LiteralString = (
    "SELECT count(*) FROM work_item WHERE instance_id = %s AND bpmn_id = 'review_completion' AND decision = 'return'"
)
_SET_STATUS: LiteralString = "UPDATE item SET status = %s, version = version + 1 WHERE id = %s"
# While the claim is looked at, a deadline that it kept does not run against the lead.
_SET_CLAIMED: LiteralString = (
    "UPDATE item SET status = %(status)s, version = version + 1,"
    " paused_at = CASE WHEN due_at > %(now)s THEN coalesce(paused_at, %(now)s) ELSE paused_at END,"
    " escalate_at = CASE WHEN due_at > %(now)s THEN NULL ELSE escalate_at END WHERE id = %(item)s"
)
# A deadline that a historical list brings along has passed for years: it is kept, and blames nobody.
_SET_ISSUED: LiteralString = (
    "UPDATE item i SET issued_at = %(now)s, historical = l.historical AND coalesce(i.due_at <= %(now)s, false),"
    " escalate_at = CASE WHEN i.due_at > %(now)s OR (i.due_at IS NOT NULL AND NOT l.historical)"
    "  THEN %(now)s::timestamptz END"
    " FROM task_list l WHERE l.id = i.list_id AND i.id = %(item)s AND i.issued_at IS NULL"
)
_END_ITEM: LiteralString = (
    "WITH resumed AS (UPDATE suspension SET resumed_at = %(now)s, resumed_by = %(by)s"
    "  WHERE item_id = %(item)s AND resumed_at IS NULL)"
    " UPDATE item SET status = %(status)s, outcome = %(outcome)s, ended_at = %(now)s, paused_at = NULL,"
    " escalate_at = NULL, version = version + 1 WHERE id = %(item)s"
)
_READ_CHILDREN: LiteralString = "SELECT id, status FROM item WHERE parent_id = %s AND id <> %s ORDER BY position, id"
_READ_LEADS_ASKED: LiteralString = (
    "SELECT unit_id FROM work_item WHERE instance_id = %s AND bpmn_id = 'sign_for' AND task_id ="
    " (SELECT task_id FROM work_item WHERE instance_id = %s AND bpmn_id = 'sign_for' ORDER BY opened_at DESC LIMIT 1)"
)
_READ_PARENT: LiteralString = (
    "SELECT i.parent_id, p.id FROM item i JOIN process_instance p ON p.item_id = i.parent_id AND p.ended_at IS NULL"
    " JOIN event_wait e ON e.instance_id = p.id AND e.name = 'members_closed' WHERE i.id = %s"
)
_READ_RUNNING: LiteralString = (
    "SELECT id FROM process_instance WHERE item_id = %s AND key = ANY(%s) AND ended_at IS NULL ORDER BY id"
)
_READ_FORM: LiteralString = (
    "SELECT s.form FROM submission s JOIN work_item w ON w.id = s.work_item_id WHERE w.instance_id = %s"
    " AND w.bpmn_id = %s ORDER BY w.closed_at DESC, w.opened_at DESC, w.id LIMIT 1"
)
_RETIRE_MILESTONES: LiteralString = "UPDATE milestone SET retired_at = %s WHERE item_id = %s AND retired_at IS NULL"
_ADD_MILESTONE: LiteralString = (
    "INSERT INTO milestone (id, item_id, position, title, due_on, unit_id, evidence_planned, accepted_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)
_READ_AS_OF: LiteralString = (
    "SELECT coalesce(p.as_of, r.due_at) FROM progress_round r LEFT JOIN report_period p ON p.id = r.report_period_id"
    " WHERE r.instance_id = %s"
)
_END_ROUND: LiteralString = "UPDATE progress_round SET outcome = %s, percent = %s WHERE instance_id = %s"


def routing_facts(uow: UnitOfWork, instance: LockedInstance, done: Done) -> dict[str, Any]:
    """Facts the model's gateways need beside the decision. Raises what forbids the step."""
    matter = matter_process(instance.key)
    if matter is not None:
        return matter.check(uow, instance, done)
    if instance.key in effects_aside.PROCESSES:
        effects_aside.check(uow, instance, done.bpmn_id, done.decision, done.form)
        return {}
    # A change of the lead may have altered how many take part since the instance was started.
    return _shape(instance.parties) | _facts_of_step(uow, instance, done.bpmn_id, done.outputs)


def _facts_of_step(
    uow: UnitOfWork, instance: LockedInstance, bpmn_id: str, outputs: Mapping[str, Any]
) -> dict[str, Any]:
    if instance.key != SUPERVISION:
        return {}
    if bpmn_id == "issue":
        readiness.check_issuable(uow, instance.item_id)
        [children] = uow.read((_READ_CHILDREN, (instance.item_id, instance.item_id)))
        return {"has_members": any(status not in FINAL for _, status in children)}
    if bpmn_id in {"settle_send_back", "rule_on_send_back"}:
        _check_reassigned(uow, instance, str(outputs[f"decision_{bpmn_id}"]))
    if bpmn_id == "close" and outputs["decision_close"] == "close":
        return _outcome_of_members(uow, instance)
    if bpmn_id == "review_completion":
        [[(before,)]] = uow.read((_COUNT_RETURNS, (instance.id,)))
        return {"completion_returns": before + (outputs["decision_review_completion"] == "return")}
    return {}


def _check_reassigned(uow: UnitOfWork, instance: LockedInstance, decision: str) -> None:
    """What the office decides on a send-back must be what it did: other leads, or the same ones once more."""
    readiness.check_issuable(uow, instance.item_id)
    [asked] = uow.read((_READ_LEADS_ASKED, (instance.id, instance.id)))
    leads = {p.unit_id for p in instance.parties if p.role == ResponsibilityRole.LEAD}
    if (leads != {unit_id for (unit_id,) in asked}) != (decision == "reassign"):
        raise SendBackContradicted(str(instance.item_id))


def _outcome_of_members(uow: UnitOfWork, instance: LockedInstance) -> dict[str, Any]:
    """A group item claims nothing itself: it is done if its members are, and only for the stage if one of them is."""
    [members] = uow.read((_READ_CHILDREN, (instance.item_id, instance.item_id)))
    ended = {status for _, status in members}
    if ended and ended.isdisjoint({ItemStatus.CLOSED, ItemStatus.CLOSED_FOR_STAGE}):
        raise NoMemberCompleted(str(instance.item_id))
    return {"decision_claim_completion": "breakthrough"} if ItemStatus.CLOSED_FOR_STAGE in ended else {}


def _shape(parties: list[Party]) -> dict[str, Any]:
    """How many of each kind take part: a change of responsibility may have altered it since the start."""
    leads = {p.unit_id for p in parties if p.role == ResponsibilityRole.LEAD}
    return {
        "joint_lead": len(leads) > 1,
        "has_co_units": any(p.role == ResponsibilityRole.CO_UNIT for p in parties),
    }


def apply(uow: UnitOfWork, instance: LockedInstance, advanced: Advanced, done: Done | None) -> None:
    """Carry a step's meaning into the item, its rounds, its members and its parent."""
    if instance.key == PROGRESS_ROUND:
        _apply_round(uow, instance, advanced)
    elif instance.key == SUPERVISION:
        if done is not None:
            _apply_step(uow, instance, done)
        _apply_status(uow, instance, advanced)
        if advanced.outcome is not None:
            _cancel(uow, instance, [PROGRESS_ROUND, COORDINATION, *effects_aside.PROCESSES])
            _tell_parent(uow, instance)
    elif instance.key in effects_aside.PROCESSES and advanced.outcome is not None:
        effects_aside.apply_outcome(uow, instance, advanced.outcome)
    elif (matter := matter_process(instance.key)) is not None:
        matter.apply(uow, instance, advanced, done)
        if advanced.outcome is not None and matter.ENDS_MATTER:
            end_matter(uow, instance.item_id, advanced.outcome)


def _apply_step(uow: UnitOfWork, instance: LockedInstance, done: Done) -> None:
    if done.bpmn_id == "issue":
        uow.write(_SET_ISSUED, {"now": uow.now, "item": instance.item_id})
        _issue_members(uow, instance)
    elif done.bpmn_id == "check_plan" and done.decision == "approve":
        _accept_plan(uow, instance)


def _apply_status(uow: UnitOfWork, instance: LockedInstance, advanced: Advanced) -> None:
    if advanced.outcome is not None:
        instance.item_status = STATUS_AFTER[advanced.outcome]
        end_without_process(uow, instance.item_id, advanced.outcome)
        return
    for opened in advanced.opened:
        next_status = STATUS_WHILE_OPEN.get(opened.bpmn_id)
        if next_status is not None and next_status != instance.item_status:
            _set_status(uow, instance, next_status)


def _set_status(uow: UnitOfWork, instance: LockedInstance, status: ItemStatus) -> None:
    before, instance.item_status = instance.item_status, status
    if status == ItemStatus.CLAIMED:
        uow.write(_SET_CLAIMED, {"status": status, "now": uow.now, "item": instance.item_id})
        if instance.item_due_at is not None and instance.item_due_at <= uow.now:
            # The claim is the choice that was asked for on the date.
            _cancel(uow, instance, [effects_aside.DEADLINE_CHOICE])
        return
    uow.write(_SET_STATUS, (status, instance.item_id))
    if before in clock.WITH_THE_OFFICE and status not in clock.WITH_THE_OFFICE:
        clock.resume(uow, instance.item_id, "claim_returned")


def _issue_members(uow: UnitOfWork, parent: LockedInstance) -> None:
    """Start and issue the members of a group item with it: one act of the office, one transaction."""
    [children] = uow.read((_READ_CHILDREN, (parent.item_id, parent.item_id)))
    living = any(status not in FINAL for _, status in children)
    if living and parent.item_status != ItemStatus.ISSUED:
        uow.write(_SET_STATUS, (ItemStatus.ISSUED, parent.item_id))
        parent.item_status = ItemStatus.ISSUED
    for child_id, status in children:
        if status in FINAL:
            continue
        readiness.check_issuable(uow, child_id)
        instance_id, _ = start_instance(
            uow,
            key=SUPERVISION,
            item_id=child_id,
            root_item_id=parent.root_item_id,
            data=initial_data(uow, SUPERVISION, child_id),
        )
        uow.flush()
        child = lock_instance(uow, parent.root_item_id, instance_id)
        [task] = uow.engine.inspect(child.bundle, child.state).open_tasks
        step = uow.engine.complete(child.bundle, child.state, task.task_id, {"decision_issue": "issue"}, now=uow.now)
        uow.write(_SET_ISSUED, {"now": uow.now, "item": child_id})
        _apply_status(uow, child, advance(uow, child, step))


def end_without_process(uow: UnitOfWork, item_id: UUID, outcome: str) -> None:
    """End an item, whether or not its process has been started. The caller holds its root row."""
    uow.write(
        _END_ITEM,
        {"status": STATUS_AFTER[outcome], "outcome": outcome, "now": uow.now, "by": uow.actor.id, "item": item_id},
    )


def _accept_plan(uow: UnitOfWork, instance: LockedInstance) -> None:
    [forms] = uow.read((_READ_FORM, (instance.id, "draft_plan")))
    uow.write(_RETIRE_MILESTONES, (uow.now, instance.item_id))
    milestones = forms[0][0].get("milestones", []) if forms and forms[0][0] else []
    for position, milestone in enumerate(milestones):
        uow.write(
            _ADD_MILESTONE,
            (
                uuid4(),
                instance.item_id,
                position,
                milestone["title"],
                date.fromisoformat(milestone["due_on"]),
                None,
                milestone.get("evidence_planned", ""),
                uow.now,
            ),
        )


def _cancel(uow: UnitOfWork, instance: LockedInstance, keys: list[str]) -> None:
    """End what runs beside the item: once it has ended it collects no more reports, and nothing is decided about it.

    Instances are locked in the order of their ids.
    """
    [running] = uow.read((_READ_RUNNING, (instance.item_id, keys)))
    for (instance_id,) in running:
        cancel_instance(uow, instance.root_item_id, instance_id)


def cancel_instance(uow: UnitOfWork, root_item_id: UUID, instance_id: UUID) -> None:
    """End one process beside an item whose root row the caller holds."""
    beside = lock_instance(uow, root_item_id, instance_id)
    step = uow.engine.send(beside.bundle, beside.state, "cancel", {}, now=uow.now)
    apply(uow, beside, advance(uow, beside, step), None)


def _apply_round(uow: UnitOfWork, instance: LockedInstance, advanced: Advanced) -> None:
    if advanced.outcome is None:
        return
    percent = None
    if advanced.outcome == "accepted":
        forms, [(as_of,)] = uow.read((_READ_FORM, (instance.id, "consolidate")), (_READ_AS_OF, (instance.id,)))
        percent = forms[0][0].get("percent") if forms and forms[0][0] else None
        if percent is not None:
            # A report that is accepted before its period ends tells the state of today, not of a day to come.
            record_fact(
                uow,
                instance.item_id,
                FactKind.PERCENT,
                percent,
                effective_at=min(as_of, uow.now),
                source_kind=PROGRESS_ROUND,
                source_id=instance.id,
            )
    uow.write(_END_ROUND, (advanced.outcome, percent, instance.id))


def _tell_parent(uow: UnitOfWork, instance: LockedInstance) -> None:
    """The last member to end lets the group item go on. Its root row, which we hold, is the parent's too."""
    [parents] = uow.read((_READ_PARENT, (instance.item_id,)))
    if not parents:
        return
    parent_item_id, parent_instance_id = parents[0]
    [siblings] = uow.read((_READ_CHILDREN, (parent_item_id, instance.item_id)))
    if all(status in FINAL for _, status in siblings):
        parent = lock_instance(uow, instance.root_item_id, parent_instance_id)
        step = uow.engine.send(parent.bundle, parent.state, "members_closed", {}, now=uow.now)
        _apply_status(uow, parent, advance(uow, parent, step))


def running_instances(uow: UnitOfWork, item_id: UUID, key: str) -> list[UUID]:
    """The item's running instances of a process, in the order in which they have to be locked."""
    [rows] = uow.read((_READ_RUNNING, (item_id, [key])))
    return [row[0] for row in rows]
