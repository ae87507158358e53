"""What the office does to an item from its page: the command of each form of the rail, read from what was sent."""

import re
from datetime import date
from uuid import UUID

from domain.calendar import end_of, local_date
from domain.page_errors import DayMissing, UnitNameUnknown
from services.clock_keeping import RecordTrigger, ResumeItem, TakeUpHistory
from services.executor import Command
from services.items import AssignUnits, ExpandGroup, StopItem
from services.lists import CorrectItem
from services.queries.actions import ItemAction
from services.rounds import OpenRound
from services.unit_lookup import stored_registry
from web.visit import Submission

_BETWEEN = re.compile(r"[、，,；;\s]+")  # noqa: RUF001  what people put between names


def office_command(visit: Submission, item_id: UUID, action: ItemAction) -> Command[object]:
    """The command that a form of the rail asks for. Raises UnitNameUnknown, DayMissing."""
    seen = seen_version(visit)
    if action in {ItemAction.WITHDRAW, ItemAction.TERMINATE}:
        return StopItem(
            item_id=item_id,
            seen_version=seen,
            message=action.value,
            reason=visit.text("reason"),
            document_number=visit.text("document_number"),
        )
    if action is ItemAction.RESUME:
        return ResumeItem(item_id=item_id, seen_version=seen, reason=visit.text("reason"))
    if action is ItemAction.RECORD_TRIGGER:
        return RecordTrigger(
            item_id=item_id,
            seen_version=seen,
            document_number=visit.text("document_number"),
            happened_on=_day(visit, "happened_on"),
            due_on=_day(visit, "due_on") if visit.text("due_on") else None,
        )
    if action is ItemAction.TAKE_UP_HISTORY:
        return TakeUpHistory(item_id=item_id, seen_version=seen)
    return _shaping_command(visit, item_id, action, seen)


def _shaping_command(visit: Submission, item_id: UUID, action: ItemAction, seen: int) -> Command[object]:
    """What settles an item before it is issued, or asks for a report outside the rhythm."""
    if action is ItemAction.CORRECT:
        return CorrectItem(
            item_id=item_id, seen_version=seen, text=visit.text("text") or None, number=visit.text("number") or None
        )
    if action is ItemAction.ASSIGN_UNITS:
        leads = _units(visit, "leads")
        return AssignUnits(
            item_id=item_id,
            seen_version=seen,
            leads=leads,
            co_units=_units(visit, "co_units"),
            joint_lead=len(leads) > 1,
        )
    if action is ItemAction.EXPAND_GROUP:
        return ExpandGroup(item_id=item_id, seen_version=seen, unit_ids=_units(visit, "members"))
    due = end_of(_day(visit, "due_on"))
    co_due = end_of(_day(visit, "co_due_on")) if visit.text("co_due_on") else due
    return OpenRound(item_id=item_id, period=visit.text("period"), co_due_at=co_due, due_at=due)


def seen_version(visit: Submission) -> int:
    """The item's version that the visitor looked at."""
    given = visit.text("seen_version")
    return int(given) if given.isdecimal() else 0


def _units(visit: Submission, name: str) -> tuple[UUID, ...]:
    """The units that a field names, as the registry knows them; each once, in order."""
    registry = stored_registry(visit.reading.session, local_date(visit.reading.now))
    found: dict[UUID, None] = {}
    for printed in filter(None, _BETWEEN.split(visit.text(name))):
        match = registry.lookup(printed)
        unit_id = registry.unit_id(match.unit) if match.unit else None
        if unit_id is None:
            raise UnitNameUnknown(printed, unit=printed)
        found[unit_id] = None
    return tuple(found)


def _day(visit: Submission, name: str) -> date:
    try:
        return date.fromisoformat(visit.text(name))
    except ValueError as error:
        raise DayMissing(name) from error
