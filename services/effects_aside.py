"""What the processes beside an item's supervision mean for it: extension, suspension, change of the lead, yearly and
quarterly checks, the choice on the date.

Keyed by BPMN ids, as `services.effects`, which calls this module and is not called from here.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, LiteralString
from uuid import UUID, uuid4

from domain.calendar import end_of
from domain.deadline_errors import (
    AlreadyLead,
    ItemSuspended,
    NewLeadUnknown,
    NewTargetNotOpen,
    NothingToExtend,
    ResumesInPast,
)
from domain.deadlines import ChangeKind, check_extension, check_in_time, check_new_date
from domain.items import ResponsibilityRole, Strength
from domain.light_facts import FactKind
from services import clock, lead_change, triggers
from services.progress_facts import record_fact
from services.stepping import LockedInstance, Party
from services.unit_lookup import stored_registry
from services.unit_of_work import UnitOfWork

EXTENSION = "extension"
SUSPENSION = "suspension"
CHANGE_OF_RESPONSIBILITY = "change_of_responsibility"
QUARTERLY_CHECK = "quarterly_check"
YEARLY_CHECK = "yearly_check"
DEADLINE_CHOICE = "deadline_choice"
PROCESSES = (EXTENSION, SUSPENSION, CHANGE_OF_RESPONSIBILITY, QUARTERLY_CHECK, YEARLY_CHECK, DEADLINE_CHOICE)

_READ_FORM: LiteralString = (
    "SELECT s.form FROM submission s JOIN work_item w ON w.id = s.work_item_id WHERE w.instance_id = %s"
    " AND w.bpmn_id = ANY(%s) ORDER BY w.closed_at DESC, w.opened_at DESC, w.id LIMIT 1"
)
_COUNT_SUBMITTED: LiteralString = (
    "SELECT count(*) FROM work_item WHERE instance_id = %s AND bpmn_id = %s AND decision = 'submit'"
)
_ADD_SUSPENSION: LiteralString = (
    "INSERT INTO suspension (id, item_id, instance_id, document_number, reason, until_on, started_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
)
_PROPOSE: LiteralString = (
    "INSERT INTO responsibility (id, item_id, unit_id, role, printed, position, weight, collects, valid_from)"
    " SELECT %s, %s, u.id, %s, u.official_name, 90, 1, false, %s FROM unit u WHERE u.id = %s"
)


def check(uow: UnitOfWork, instance: LockedInstance, bpmn_id: str, decision: str, form: Mapping[str, Any]) -> None:
    """Raise what forbids the step that is about to be decided, before anything of it is written."""
    if bpmn_id == "apply_extension" and decision == "submit":
        _check_extension(uow, instance, date.fromisoformat(form["new_date"]))
    elif bpmn_id == "apply_suspension" and decision == "submit":
        _check_suspension(uow, instance, form)
    elif bpmn_id in {"propose_change", "propose_as_office"} and decision == "submit":
        _propose(uow, instance, form)
    elif bpmn_id == "settle_change" and decision == "start_clock":
        triggers.check(uow, instance.item_id, date.fromisoformat(form["event_on"]), _day(form, "due_on"))
    elif bpmn_id == "choose_on_date" and decision == "new_target":
        now = clock.read_clock(uow, instance.item_id)
        if now.strength != Strength.STRIVE:
            raise NewTargetNotOpen(str(instance.item_id))
        check_new_date(now.due_at, date.fromisoformat(form["new_date"]), uow.today)


def _check_extension(uow: UnitOfWork, instance: LockedInstance, new: date) -> None:
    now = clock.read_clock(uow, instance.item_id)
    if now.due_at is None:
        raise NothingToExtend(str(instance.item_id))
    if now.suspended:
        raise ItemSuspended(str(instance.item_id))
    [[(before,)]] = uow.read((_COUNT_SUBMITTED, (instance.id, "apply_extension")))
    if not before and now.paused_at is None:
        # What was applied for in time may be corrected after the date, when it came back from the office.
        check_in_time(now.due_at, uow.now)
    check_new_date(now.due_at, new, uow.today)
    if now.strength != Strength.STRIVE:
        check_extension(clock.changes_of(uow, instance.item_id), new)


def _check_suspension(uow: UnitOfWork, instance: LockedInstance, form: Mapping[str, Any]) -> None:
    if clock.read_clock(uow, instance.item_id).suspended:
        raise ItemSuspended(str(instance.item_id))
    until = _day(form, "until_on")
    if until is not None and until <= uow.today:
        raise ResumesInPast(f"{until}", until=f"{until:%Y-%m-%d}")


def _propose(uow: UnitOfWork, instance: LockedInstance, form: Mapping[str, Any]) -> None:
    """The unit that would lead becomes a party: it is asked, and sees the item from now on."""
    new = unit_called(uow, form["new_lead"])
    leads = {p.unit_id for p in instance.parties if p.role == ResponsibilityRole.LEAD}
    replaced = unit_called(uow, form["replaced_lead"]) if form.get("replaced_lead") else None
    if new in leads:
        raise AlreadyLead(str(new), unit=form["new_lead"])
    if replaced is not None and replaced not in leads:
        raise AlreadyLead(str(replaced), unit=form["replaced_lead"])
    uow.write(_PROPOSE, (uuid4(), instance.item_id, ResponsibilityRole.PROPOSED, uow.now, new))
    instance.parties.append(Party(new, ResponsibilityRole.PROPOSED, 1.0))


def unit_called(uow: UnitOfWork, name: str) -> UUID:
    """The unit that is called so today, by any of its names. Raises NewLeadUnknown."""
    registry = stored_registry(uow.session, uow.today)
    match = registry.lookup(name)
    unit_id = registry.unit_id(match.unit) if match.unit else None
    if unit_id is None:
        raise NewLeadUnknown(name, name=name)
    return unit_id


def apply_outcome(uow: UnitOfWork, instance: LockedInstance, outcome: str) -> None:
    """Carry the end of a process beside the item into the item."""
    if instance.key == EXTENSION and outcome == "approved":
        form = _form(uow, instance, "apply_extension")
        strive = clock.read_clock(uow, instance.item_id).strength == Strength.STRIVE
        kind = ChangeKind.NOTICE if strive else ChangeKind.EXTENSION
        due_at = end_of(date.fromisoformat(form["new_date"]))
        clock.move_deadline(uow, instance.item_id, due_at, kind=kind, reason=form["reason"], instance_id=instance.id)
    elif instance.key == SUSPENSION and outcome == "approved":
        _suspend(uow, instance)
    elif instance.key == CHANGE_OF_RESPONSIBILITY:
        if outcome == "approved":
            form = _form(uow, instance, "propose_change", "propose_as_office")
            replaced = unit_called(uow, form["replaced_lead"]) if form.get("replaced_lead") else None
            lead_change.decided(uow, instance, form, replaced)
        else:
            lead_change.end_proposal(uow, instance.item_id)
    elif instance.key == QUARTERLY_CHECK and outcome == "clock_started":
        form = _form(uow, instance, "settle_change")
        triggers.start_clock(
            uow,
            instance.item_id,
            document_number=form["document_number"],
            happened_on=date.fromisoformat(form["event_on"]),
            due_on=_day(form, "due_on"),
            instance_id=instance.id,
        )
    elif instance.key == DEADLINE_CHOICE and outcome == "new_target":
        form = _form(uow, instance, "choose_on_date")
        due_at = end_of(date.fromisoformat(form["new_date"]))
        clock.move_deadline(
            uow,
            instance.item_id,
            due_at,
            kind=ChangeKind.NEW_TARGET,
            reason=form["reason"],
            instance_id=instance.id,
        )


def _suspend(uow: UnitOfWork, instance: LockedInstance) -> None:
    form = _form(uow, instance, "apply_suspension")
    start_suspension(
        uow,
        instance,
        document_number=form["document_number"],
        reason=form["reason"],
        until_on=_day(form, "until_on"),
    )


def start_suspension(
    uow: UnitOfWork, instance: LockedInstance, *, document_number: str, reason: str, until_on: date | None = None
) -> None:
    """Stop the clock of the item of a process, which decided so, until a local day or until somebody ends it."""
    suspension_id = uuid4()
    uow.write(
        _ADD_SUSPENSION,
        (
            suspension_id,
            instance.item_id,
            instance.id,
            document_number,
            reason,
            until_on,
            uow.now,
        ),
    )
    record_fact(
        uow,
        instance.item_id,
        FactKind.WAITING_FOR,
        document_number,
        effective_at=uow.now,
        source_kind=SUSPENSION,
        source_id=suspension_id,
    )
    clock.suspend(uow, instance.item_id)


def _form(uow: UnitOfWork, instance: LockedInstance, *steps: str) -> Mapping[str, Any]:
    """What the last of these steps was handed in with; the step that ended the instance may be one of them."""
    uow.flush()
    [forms] = uow.read((_READ_FORM, (instance.id, list(steps))))
    form: Mapping[str, Any] = forms[0][0]
    return form


def _day(form: Mapping[str, Any], name: str) -> date | None:
    return date.fromisoformat(form[name]) if form.get(name) else None
