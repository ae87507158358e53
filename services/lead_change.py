"""Another unit leads: decided now, in force on a date. History keeps the old lead, evidence stays where it is."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, LiteralString
from uuid import UUID, uuid4

from bpmn.bundle import SHIPPED, Bundle
from domain.items import ResponsibilityRole
from services.stepping import LockedInstance
from services.unit_of_work import UnitOfWork

_END_PROPOSAL: LiteralString = (
    "UPDATE responsibility SET valid_to = %s WHERE item_id = %s AND role = %s AND valid_to IS NULL"
)
_READ_PROPOSED: LiteralString = (
    "SELECT unit_id FROM responsibility WHERE item_id = %s AND role = %s AND valid_to IS NULL"
    " ORDER BY valid_from DESC LIMIT 1"
)
_ADD_CHANGE: LiteralString = (
    "INSERT INTO responsibility_change (id, item_id, instance_id, new_unit_id, old_unit_id, old_stays, effective_on,"
    " decided_by, decided_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_READ_CHANGE: LiteralString = (
    "SELECT item_id, new_unit_id, old_unit_id, old_stays FROM responsibility_change"
    " WHERE id = %s AND applied_at IS NULL"
)
_APPLIED: LiteralString = "UPDATE responsibility_change SET applied_at = %s WHERE id = %s"
_READ_LEADS: LiteralString = (
    "SELECT unit_id, position, collects FROM responsibility WHERE item_id = %s AND role = 'lead' AND valid_to IS NULL"
    " AND unit_id IS NOT NULL ORDER BY position"
)
_END_PARTS: LiteralString = (
    "UPDATE responsibility SET valid_to = %(now)s WHERE item_id = %(item)s AND valid_to IS NULL"
    " AND ((role = 'lead' AND unit_id = ANY(%(old)s)) OR role = 'proposed'"
    "  OR (role = 'co_unit' AND unit_id = %(new)s))"
)
_ADD_PART: LiteralString = (
    "INSERT INTO responsibility (id, item_id, unit_id, role, printed, position, weight, collects, valid_from)"
    " SELECT %s, %s, u.id, %s, u.official_name, %s, 1, %s, %s FROM unit u WHERE u.id = %s"
)
_SET_JOINT: LiteralString = "UPDATE item SET joint_lead = joint_lead AND %s, version = version + 1 WHERE id = %s"
# The new lead answers a step once, also where it takes the place of two.
_SET_ASIDE: LiteralString = (
    "UPDATE work_item w SET closed_at = %(now)s, closed_as = 'superseded', office_unit_id = NULL, escalate_at = NULL,"
    " version = version + 1 WHERE w.item_id = %(item)s AND w.closed_at IS NULL AND w.bpmn_id = ANY(%(steps)s)"
    " AND w.unit_id = ANY(%(old)s) AND EXISTS (SELECT FROM work_item o WHERE o.instance_id = w.instance_id"
    "  AND o.task_id = w.task_id AND o.closed_at IS NULL AND o.unit_id = ANY(%(old)s) AND o.id < w.id)"
)
_MOVE_WORK: LiteralString = (
    "WITH moved AS (UPDATE work_item SET unit_id = %(new)s, epoch = epoch + 1, version = version + 1,"
    "  escalate_at = CASE WHEN paused_at IS NULL THEN %(now)s END"
    "  WHERE item_id = %(item)s AND closed_at IS NULL AND bpmn_id = ANY(%(steps)s) AND unit_id = ANY(%(old)s)"
    "  RETURNING id)"
    " INSERT INTO delivery (topic, subject_id, created_at) SELECT 'opened', id, %(now)s FROM moved"
)
# Who leads now hands the open reports in: they stand on its sheet.
_MOVE_ROUNDS: LiteralString = (
    "UPDATE progress_round r SET unit_id = %(new)s FROM process_instance p WHERE r.item_id = %(item)s"
    " AND p.id = r.instance_id AND p.ended_at IS NULL AND r.unit_id = ANY(%(old)s)"
)


def decided(uow: UnitOfWork, instance: LockedInstance, form: Mapping[str, Any], replaced: UUID | None) -> None:
    """Note the approved change; what takes effect today is carried out at once, the rest on its day by the clock."""
    [proposed] = uow.read((_READ_PROPOSED, (instance.item_id, ResponsibilityRole.PROPOSED)))
    id_, effective_on = uuid4(), date.fromisoformat(form["effective_on"])
    uow.write(
        _ADD_CHANGE,
        (
            id_,
            instance.item_id,
            instance.id,
            proposed[0][0],
            replaced,
            bool(form.get("old_lead_stays")),
            effective_on,
            uow.actor.id,
            uow.now,
        ),
    )
    if effective_on <= uow.today:
        apply_change(uow, id_)


def by_list_change(uow: UnitOfWork, item_id: UUID, instance_id: UUID, new: UUID) -> None:
    """A change of the whole list gives an issued item to another unit, from today on."""
    id_ = uuid4()
    uow.write(_ADD_CHANGE, (id_, item_id, instance_id, new, None, False, uow.today, uow.actor.id, uow.now))
    apply_change(uow, id_)


def end_proposal(uow: UnitOfWork, item_id: UUID) -> None:
    """The unit that was asked has no part in the item any more."""
    uow.write(_END_PROPOSAL, (uow.now, item_id, ResponsibilityRole.PROPOSED))


def apply_change(uow: UnitOfWork, change_id: UUID) -> bool:
    """Carry a decided change out; the caller holds the item's root row. False if somebody did it before."""
    uow.flush()
    [changes] = uow.read((_READ_CHANGE, (change_id,)))
    if not changes:
        return False
    item_id, new, replaced, old_stays = changes[0]
    [leads] = uow.read((_READ_LEADS, (item_id,)))
    leaving = [lead for lead in leads if replaced in {None, lead[0]} and lead[0] != new]
    old = [unit_id for unit_id, _, _ in leaving]
    facts = {"item": item_id, "old": old, "new": new, "now": uow.now, "steps": list(_steps_of_leads())}
    uow.write(_END_PARTS, facts)
    if all(unit_id != new for unit_id, _, _ in leads):
        position = min((position for _, position, _ in leaving), default=0)
        collects = any(collects for _, _, collects in leaving)
        uow.write(_ADD_PART, (uuid4(), item_id, ResponsibilityRole.LEAD, position, collects, uow.now, new))
    if old_stays:
        for position, unit_id in enumerate(old, 80):
            uow.write(_ADD_PART, (uuid4(), item_id, ResponsibilityRole.CO_UNIT, position, False, uow.now, unit_id))
    uow.write(_SET_JOINT, (len(leads) - len(leaving) + 1 > 1, item_id))
    uow.write(_SET_ASIDE, facts)
    uow.write(_MOVE_WORK, facts)
    uow.write(_MOVE_ROUNDS, facts)
    uow.write(_APPLIED, (uow.now, change_id))
    return True


@cache
def _steps_of_leads() -> frozenset[str]:
    """The steps of all shipped processes that leads do: BPMN ids are the same in every version."""
    return frozenset(
        bpmn_id
        for key in SHIPPED
        for bpmn_id, task in Bundle.shipped(key).user_tasks.items()
        if task.properties.get("parties") == "leads"
    )
