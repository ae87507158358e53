"""A conditional deadline starts to run, and a clock that stood still goes on: by the higher level's document, by the
office, or on a date.
"""

from datetime import date
from typing import LiteralString
from uuid import UUID, uuid4

from db.tables import Item
from domain.calendar import end_of, start_of
from domain.deadline_errors import NotConditional, NotHistorical, TriggerNeedsDate
from domain.deadlines import ChangeKind, after_trigger
from domain.items import Strength
from domain.light_facts import FactKind
from domain.urgency import last_day
from services import clock
from services.progress_facts import record_fact
from services.unit_of_work import UnitOfWork

_READ_CONDITION: LiteralString = (
    "SELECT rule, strength FROM item_deadline WHERE item_id = %s AND replaced_at IS NULL AND applies_to = 'row'"
    " ORDER BY (strength = %s) DESC NULLS LAST, position LIMIT 1"
)
_ADD_TRIGGER: LiteralString = (
    "INSERT INTO trigger_event (id, item_id, instance_id, document_number, happened_on, due_at, recorded_by,"
    " recorded_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)
_END_SUSPENSION: LiteralString = (
    "UPDATE suspension SET resumed_at = %s, resumed_by = %s, resumed_because = %s"
    " WHERE item_id = %s AND resumed_at IS NULL RETURNING id, started_at"
)
_SET_STRENGTH: LiteralString = "UPDATE item SET due_strength = %s WHERE id = %s AND due_strength IS NULL"
_TAKE_UP: LiteralString = (
    "UPDATE item SET historical = false, epoch = epoch + 1, escalate_at = CASE WHEN paused_at IS NULL THEN %s END,"
    " version = version + 1 WHERE id = %s"
)
_TAKE_UP_CLAIM: LiteralString = (
    "UPDATE work_item SET due_at = %s, epoch = epoch + 1, escalate_at = CASE WHEN paused_at IS NULL THEN %s END"
    " WHERE item_id = %s AND bpmn_id = %s AND closed_at IS NULL"
)


def is_conditional(uow: UnitOfWork, item_id: UUID) -> tuple[bool, str | None]:
    """Whether the item waits for the higher level, and the rule of its deadline."""
    [rows] = uow.read((_READ_CONDITION, (item_id, Strength.CONDITIONAL_ON_HIGHER_LEVEL)))
    rule, strength = rows[0] if rows else (None, None)
    return strength == Strength.CONDITIONAL_ON_HIGHER_LEVEL, rule


def check(uow: UnitOfWork, item_id: UUID, happened_on: date, due_on: date | None) -> date | None:
    """The date that the trigger makes: as named, or as it follows from the document's words.

    Raises NotConditional, and TriggerNeedsDate where it is neither. None only ends a suspension.
    """
    suspended = clock.read_clock(uow, item_id).suspended
    conditional, rule = is_conditional(uow, item_id)
    if not conditional and not suspended:
        raise NotConditional(str(item_id))
    if not conditional:
        return None
    due = due_on or after_trigger(rule, happened_on, uow.calendar)
    if due is None:
        raise TriggerNeedsDate(str(item_id))
    return due


def start_clock(
    uow: UnitOfWork,
    item_id: UUID,
    *,
    document_number: str,
    happened_on: date,
    due_on: date | None,
    instance_id: UUID | None = None,
) -> None:
    """Record the higher level's document, end the suspension that waited for it, and set the date that follows."""
    due = check(uow, item_id, happened_on, due_on)
    due_at = end_of(due) if due is not None else None
    trigger_id = uuid4()
    uow.write(
        _ADD_TRIGGER,
        (trigger_id, item_id, instance_id, document_number, happened_on, due_at, uow.actor.id, uow.now),
    )
    if clock.read_clock(uow, item_id).suspended:
        end_suspension(uow, item_id, document_number)
    if due_at is not None:
        _, rule = is_conditional(uow, item_id)
        by_rule = due_on is None and (rule or "").endswith("/WORKDAYS")
        guessed = by_rule and not uow.calendar.covers(happened_on, last_day(due_at))
        uow.write(_SET_STRENGTH, (Strength.CONDITIONAL_ON_HIGHER_LEVEL, item_id))
        record_fact(
            uow,
            item_id,
            FactKind.TRIGGERED,
            document_number,
            effective_at=min(start_of(happened_on), uow.now),
            source_kind="trigger_event",
            source_id=trigger_id,
        )
        clock.move_deadline(
            uow,
            item_id,
            due_at,
            kind=ChangeKind.TRIGGER,
            reason=document_number,
            instance_id=instance_id,
            provisional=guessed,
        )


def end_suspension(uow: UnitOfWork, item_id: UUID, because: str) -> None:
    """The clock goes on with the working time that was left. The caller holds the item's root row."""
    [ended] = uow.read((_END_SUSPENSION, (uow.now, uow.actor.id, because, item_id)))
    for suspension_id, started_at in ended:
        record_fact(
            uow,
            item_id,
            FactKind.WAITING_FOR,
            None,
            effective_at=uow.now,
            source_kind="suspension",
            source_id=suspension_id,
        )
        clock.resume_rounds(uow, item_id, started_at)
    clock.resume(uow, item_id, because)


def take_up(uow: UnitOfWork, item: Item) -> None:
    """Let a deadline that was taken over as history count from now on. Raises NotHistorical."""
    if not item.historical:
        raise NotHistorical(str(item.id))
    uow.write(_TAKE_UP, (uow.now, item.id))
    uow.write(_TAKE_UP_CLAIM, (item.due_at, uow.now, item.id, clock.CLAIM_STEP))
