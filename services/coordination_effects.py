"""What the steps of a coordination mean: escalated, a problem becomes a topic of the next meeting and the item's clock
may stand still; sent back or settled, the clock goes on.
"""

from collections.abc import Mapping
from typing import Any, Final, LiteralString

from db.tables import ConferenceTopic, Item
from domain.conferences import LEVEL_OF_STEP, MEETING_BEFORE
from domain.items import ResponsibilityRole
from domain.messages.conferences import PAUSED_FOR, RESUMED_AFTER, TITLES
from services import clock, effects_aside, triggers
from services.stepping import Advanced, Done, LockedInstance
from services.unit_of_work import UnitOfWork

ENDS_MATTER: Final = False
_LONGEST_TITLE = 60

_READ_APPLICATION: LiteralString = (
    "SELECT s.form, w.closed_by FROM submission s JOIN work_item w ON w.id = s.work_item_id"
    " WHERE w.instance_id = %s AND w.bpmn_id = 'apply_coordination' AND w.decision = 'submit'"
    " ORDER BY w.closed_at DESC, w.opened_at DESC, w.id LIMIT 1"
)
_PAUSED_HERE: LiteralString = (
    "SELECT EXISTS (SELECT FROM suspension WHERE item_id = %s AND instance_id = %s AND resumed_at IS NULL)"
)


def check(_uow: UnitOfWork, _instance: LockedInstance, _done: Done) -> dict[str, Any]:
    """The forms ask each level for its opinion; nothing else forbids a step."""
    return {}


def apply(uow: UnitOfWork, instance: LockedInstance, advanced: Advanced, done: Done | None) -> None:
    """Put an escalated problem before the next meeting, and stop or start the item's clock."""
    step = done.bpmn_id if done is not None else ""
    escalated = done is not None and step in LEVEL_OF_STEP and done.decision == "escalate"
    if done is not None and escalated:
        if step in MEETING_BEFORE:
            _propose(uow, instance, step)
        if done.form.get("pause") and not clock.read_clock(uow, instance.item_id).suspended:
            number = str(done.form.get("document_number") or PAUSED_FOR)
            effects_aside.start_suspension(uow, instance, document_number=number, reason=PAUSED_FOR)
    elif advanced.outcome is not None or (done is not None and done.decision == "return"):
        _resume(uow, instance)


def _propose(uow: UnitOfWork, instance: LockedInstance, step: str) -> None:
    """The problem in the lead's own words, as a topic that waits for an agenda."""
    uow.flush()
    [[(form, applied_by)]] = uow.read((_READ_APPLICATION, (instance.id,)))
    words: Mapping[str, str] = form
    lead = next(p.unit_id for p in instance.parties if p.role == ResponsibilityRole.LEAD)
    text = uow.get(Item, instance.item_id).text
    shown = text if len(text) <= _LONGEST_TITLE else text[: _LONGEST_TITLE - 1] + "…"
    uow.session.add(
        ConferenceTopic(
            office_unit_id=instance.office_unit_id,
            unit_id=lead,
            title=TITLES["topic"].format(text=shown),
            proposal="\n".join(words[name] for name in ("problem", "tried", "wanted") if words.get(name)),
            wanted=MEETING_BEFORE[step],
            proposed_by=applied_by,
            proposed_at=uow.now,
            about_item_id=instance.item_id,
            coordination_id=instance.id,
        )
    )


def _resume(uow: UnitOfWork, instance: LockedInstance) -> None:
    """Only the pause of this coordination ends with it: another one has its own reason."""
    uow.flush()
    [[(paused,)]] = uow.read((_PAUSED_HERE, (instance.item_id, instance.id)))
    if paused:
        triggers.end_suspension(uow, instance.item_id, RESUMED_AFTER)
