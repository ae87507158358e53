"""The clock of one item: its current deadline, whether it stands still, and the work items that run with it.

Everything here is queued on the unit of work behind what the step itself writes, under the root item's lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from domain.calendar import NO_LIMIT, WorkCalendar
from domain.deadlines import Change, ChangeKind, resumed
from domain.items import ItemStatus
from domain.urgency import last_day
from services.unit_of_work import UnitOfWork

WITH_THE_OFFICE = (ItemStatus.CLAIMED, ItemStatus.UNDER_REVIEW, ItemStatus.COMPLETED)
"""While the claim is being looked at, the item's deadline does not run against the lead."""

CLAIM_STEP = "claim_completion"
"""The step of `supervision` whose limit is the item's own deadline."""

_READ: LiteralString = (
    "SELECT due_at, due_strength, paused_at, status, historical,"
    " EXISTS (SELECT FROM suspension s WHERE s.item_id = item.id AND s.resumed_at IS NULL) FROM item WHERE id = %s"
)
_READ_CHANGES: LiteralString = "SELECT kind, due_at FROM deadline_change WHERE item_id = %s ORDER BY id"
_ADD_CHANGE: LiteralString = (
    "INSERT INTO deadline_change (item_id, due_at, kind, instance_id, reason, approved_by, recorded_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
)
_MOVE: LiteralString = (
    "UPDATE item SET due_at = %(due_at)s, due_provisional = %(provisional)s, epoch = epoch + 1, historical = false,"
    " version = version + 1, paused_at = CASE WHEN %(paused)s THEN %(now)s END,"
    " escalate_at = CASE WHEN NOT %(paused)s THEN %(now)s END"
    " WHERE id = %(item)s"
)
_END_DEADLINE: LiteralString = (
    "UPDATE item SET due_at = NULL, due_provisional = false, epoch = epoch + 1, historical = false,"
    " version = version + 1, escalate_at = NULL WHERE id = %s"
)
_MOVE_CLAIM: LiteralString = (
    "UPDATE work_item SET due_at = %(due_at)s, epoch = epoch + 1,"
    " paused_at = CASE WHEN %(suspended)s THEN %(now)s END, escalate_at = CASE WHEN NOT %(suspended)s THEN %(now)s END"
    " WHERE item_id = %(item)s AND bpmn_id = %(step)s AND closed_at IS NULL"
)
_PAUSE: LiteralString = (
    "UPDATE item SET paused_at = coalesce(paused_at, %s), escalate_at = NULL, version = version + 1 WHERE id = %s"
)
_PAUSE_WORK: LiteralString = (
    "UPDATE work_item SET paused_at = coalesce(paused_at, %s), escalate_at = NULL WHERE item_id = %s"
    " AND closed_at IS NULL AND instance_id = ANY(SELECT id FROM process_instance WHERE item_id = %s AND key = ANY(%s))"
)
_RUN: LiteralString = (
    "UPDATE item SET due_at = %s, due_provisional = due_provisional OR %s, paused_at = NULL, escalate_at = %s,"
    " version = version + 1 WHERE id = %s"
)
_READ_PAUSED_WORK: LiteralString = (
    "SELECT w.id, w.due_at, w.paused_at, w.bpmn_id, w.unit_id, p.version_id FROM work_item w"
    " JOIN process_instance p ON p.id = w.instance_id"
    " WHERE w.item_id = %s AND w.paused_at IS NOT NULL AND w.closed_at IS NULL ORDER BY w.id"
)
_RUN_WORK: LiteralString = (
    "UPDATE work_item SET due_at = %s, provisional = provisional OR %s, paused_at = NULL, escalate_at = %s"
    " WHERE id = %s"
)

# A report day that had passed before the pause stays passed: the unit was late then.
_READ_STOPPED_ROUNDS: LiteralString = (
    "SELECT r.id, r.co_due_at, r.due_at FROM progress_round r JOIN process_instance p ON p.id = r.instance_id"
    " WHERE r.item_id = %s AND p.ended_at IS NULL AND p.started_at <= %s AND r.due_at > %s ORDER BY r.id"
)
_MOVE_ROUND: LiteralString = "UPDATE progress_round SET co_due_at = %s, due_at = %s WHERE id = %s"

STOPPED_WITH_THE_ITEM = ["supervision", "progress_round", "yearly_check", "deadline_choice"]
"""Processes whose work items stand still while the item is suspended, the open ones and those that open meanwhile.
What is asked because of the suspension, and what decides on it, goes on.
"""


@dataclass(frozen=True, slots=True)
class ItemClock:
    """An item's clock as the database has it now; `suspended` apart from resting with the office."""

    due_at: datetime | None
    strength: str | None
    paused_at: datetime | None
    status: str
    historical: bool
    suspended: bool


def read_clock(uow: UnitOfWork, item_id: UUID) -> ItemClock:
    """The clock of an item whose root row the caller holds."""
    uow.flush()
    [[row]] = uow.read((_READ, (item_id,)))
    return ItemClock(*row)


def changes_of(uow: UnitOfWork, item_id: UUID) -> Sequence[Change]:
    """What the current deadline was, oldest first."""
    [rows] = uow.read((_READ_CHANGES, (item_id,)))
    return [Change(ChangeKind(kind), due_at) for kind, due_at in rows]


def move_deadline(
    uow: UnitOfWork,
    item_id: UUID,
    due_at: datetime,
    *,
    kind: ChangeKind,
    reason: str,
    instance_id: UUID | None,
    provisional: bool = False,
) -> None:
    """Set a new current deadline, and let the ladder work again for it. The clock stays stopped if it is.

    `provisional`: a year without a holiday notice took part in it.
    """
    clock = read_clock(uow, item_id)
    uow.write(_ADD_CHANGE, (item_id, due_at, kind, instance_id, reason, uow.actor.id, uow.now))
    paused = clock.suspended or clock.paused_at is not None
    uow.write(_MOVE, {"due_at": due_at, "provisional": provisional, "paused": paused, "now": uow.now, "item": item_id})
    uow.write(
        _MOVE_CLAIM,
        {"due_at": due_at, "suspended": clock.suspended, "now": uow.now, "item": item_id, "step": CLAIM_STEP},
    )


def set_deadline(
    uow: UnitOfWork,
    item_id: UUID,
    due_at: datetime | None,
    *,
    kind: ChangeKind,
    reason: str,
    instance_id: UUID,
) -> None:
    """A new current deadline, or none any more for work that goes on without an end."""
    if due_at is not None:
        move_deadline(uow, item_id, due_at, kind=kind, reason=reason, instance_id=instance_id)
        return
    clock = read_clock(uow, item_id)
    uow.write(_ADD_CHANGE, (item_id, None, kind, instance_id, reason, uow.actor.id, uow.now))
    uow.write(_END_DEADLINE, (item_id,))
    facts = {"due_at": NO_LIMIT, "suspended": clock.suspended, "now": uow.now, "item": item_id, "step": CLAIM_STEP}
    uow.write(_MOVE_CLAIM, facts)


def suspend(uow: UnitOfWork, item_id: UUID) -> None:
    """Stop the clock of the item and of its open work items."""
    uow.write(_PAUSE, (uow.now, item_id))
    uow.write(_PAUSE_WORK, (uow.now, item_id, item_id, STOPPED_WITH_THE_ITEM))


def resume(uow: UnitOfWork, item_id: UUID, reason: str) -> None:
    """Let the clock go on with the working time that was left, unless something else still stops it.

    Called when a suspension ended, and when a claim came back from the office.
    """
    clock = read_clock(uow, item_id)
    if clock.suspended or clock.paused_at is None:
        return
    [work] = uow.read((_READ_PAUSED_WORK, (item_id,)))
    for id_, due_at, paused_at, bpmn_id, unit_id, version_id in work:
        calendar = _calendar_of(uow, version_id, bpmn_id, unit_id)
        moved = due_at if due_at >= NO_LIMIT else resumed(due_at, paused_at, uow.now, calendar)
        uow.write(_RUN_WORK, (moved, _beyond(uow, moved, due_at), uow.now, id_))
    if clock.status in WITH_THE_OFFICE:
        return
    due_at = clock.due_at
    if due_at is not None:
        due_at = resumed(due_at, clock.paused_at, uow.now, uow.calendar)
        if due_at != clock.due_at:
            uow.write(_ADD_CHANGE, (item_id, due_at, ChangeKind.PAUSE, None, reason, uow.actor.id, uow.now))
    guessed = due_at is not None and _beyond(uow, due_at, clock.due_at)
    uow.write(_RUN, (due_at, guessed, uow.now if due_at is not None and not clock.historical else None, item_id))
    if due_at is not None and due_at != clock.due_at:
        uow.write(
            _MOVE_CLAIM, {"due_at": due_at, "suspended": False, "now": uow.now, "item": item_id, "step": CLAIM_STEP}
        )


def resume_rounds(uow: UnitOfWork, item_id: UUID, stopped_at: datetime) -> None:
    """Let the report days of open rounds that a suspension stopped go on: the steps to come take their limits from
    them.
    """
    [rounds] = uow.read((_READ_STOPPED_ROUNDS, (item_id, stopped_at, stopped_at)))
    for id_, co_due_at, due_at in rounds:
        co_moved = co_due_at if co_due_at <= stopped_at else resumed(co_due_at, stopped_at, uow.now, uow.calendar)
        uow.write(_MOVE_ROUND, (co_moved, resumed(due_at, stopped_at, uow.now, uow.calendar), id_))


def _calendar_of(uow: UnitOfWork, version_id: int, bpmn_id: str, unit_id: UUID) -> WorkCalendar:
    """The calendar that a step's limit was reckoned by: the unit's own for working days, else the country's."""
    task = uow.library.bundle(uow.session, version_id).user_tasks.get(bpmn_id)
    by_unit = task is not None and task.properties.get("limit", "none").endswith("wd")
    return uow.calendar.of(unit_id) if by_unit else uow.calendar


def _beyond(uow: UnitOfWork, due_at: datetime, before: datetime | None) -> bool:
    """Whether a limit that the pause moved was reckoned in a year whose notice of holidays is not loaded."""
    return due_at != before and due_at < NO_LIMIT and not uow.calendar.covers(uow.today, last_day(due_at))
