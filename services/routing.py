"""The routing facts an instance starts with. Every key a condition may read is there from the start: SpiffWorkflow
raises on a missing name, at the moment the previous person submits.
"""

from typing import Any, LiteralString
from uuid import UUID

from domain.items import ResponsibilityRole, Strength
from services.unit_of_work import UnitOfWork

_READ: LiteralString = (
    "SELECT i.due_strength, (SELECT count(*) FROM item c WHERE c.parent_id = i.id),"
    " (SELECT count(DISTINCT unit_id) FROM responsibility r WHERE r.item_id = i.id AND r.role = %s"
    "   AND r.valid_to IS NULL),"
    " (SELECT count(*) FROM responsibility r WHERE r.item_id = i.id AND r.role = %s AND r.valid_to IS NULL)"
    " FROM item i WHERE i.id = %s"
)


def initial_data(uow: UnitOfWork, key: str, item_id: UUID) -> dict[str, Any]:
    """Routing facts of an item for a new instance of `key`."""
    uow.session.flush()
    version_id = uow.library.newest(uow.session, key)
    bundle = uow.library.bundle(uow.session, version_id)
    [[(strength, members, leads, co_units)]] = uow.read(
        (_READ, (ResponsibilityRole.LEAD, ResponsibilityRole.CO_UNIT, item_id))
    )
    return {
        "joint_lead": leads > 1,
        "has_co_units": co_units > 0,
        "has_members": members > 0,
        "breakthrough_ok": strength == Strength.BREAKTHROUGH_OK,
        "completion_returns": 0,
        "return_to": "",
        "resume_at": "",
        **{f"decision_{bpmn_id}": "" for bpmn_id in bundle.user_tasks},
    }
