"""What a step of `adoption` means: one unit's answer to a case, and its date from which on it is supervised."""

from datetime import date
from typing import Any, Final, LiteralString

from domain.calendar import end_of
from domain.replication_errors import AdoptionDateTooLate, ProofMissing
from domain.replication_states import AdoptionState
from services.stepping import Advanced, Done, LockedInstance
from services.unit_of_work import UnitOfWork

ENDS_MATTER: Final = True

_COUNT_PROOFS: LiteralString = (
    "SELECT count(*) FROM evidence e LEFT JOIN blob b ON b.sha256 = e.blob_sha256"
    " WHERE e.item_id = %s AND e.work_item_id IS NOT NULL AND b.expunged_at IS NULL"
)
_READ_LATEST: LiteralString = (
    "SELECT c.due_on FROM adoption a JOIN replication_case c ON c.item_id = a.case_item_id WHERE a.item_id = %s"
)
_READ_PLANNED: LiteralString = "SELECT answer, planned_on, said FROM adoption WHERE item_id = %s"
_SET_ANSWER: LiteralString = (
    "UPDATE adoption SET state = %s, answer = %s, said = %s, planned_on = %s, answered_at = %s WHERE item_id = %s"
)
_SET_STATE: LiteralString = "UPDATE adoption SET state = %s WHERE item_id = %s"
_SETTLE: LiteralString = "UPDATE adoption SET state = %s, settled_at = %s WHERE item_id = %s"
_SET_DUE: LiteralString = "UPDATE item SET due_at = %s, version = version + 1 WHERE id = %s"
_KEEP_DUE: LiteralString = (
    "INSERT INTO deadline_change (item_id, due_at, kind, reason, approved_by, recorded_at)"
    " VALUES (%s, %s, 'original', %s, %s, %s)"
)
_SAID: Final = {"already": "existing", "plan": "plan", "not_applicable": "why_not"}


def check(uow: UnitOfWork, instance: LockedInstance, done: Done) -> dict[str, Any]:
    """Raises ProofMissing for an unproven 已有, AdoptionDateTooLate for a plan beyond the conference's date."""
    if done.bpmn_id == "answer" and done.decision == "already":
        uow.flush()
        [[(proofs,)]] = uow.read((_COUNT_PROOFS, (instance.item_id,)))
        if not proofs:
            raise ProofMissing(str(instance.item_id))
    elif done.bpmn_id == "answer" and done.decision == "plan":
        [[(latest,)]] = uow.read((_READ_LATEST, (instance.item_id,)))
        due = date.fromisoformat(done.form["due_on"])
        if latest is not None and due > latest:
            raise AdoptionDateTooLate(f"{due}", due=f"{due:%Y-%m-%d}", latest=f"{latest:%Y-%m-%d}")
    elif done.bpmn_id == "check_answer" and done.decision == "accept":
        _set_date(uow, instance)
    return {}


def _set_date(uow: UnitOfWork, instance: LockedInstance) -> None:
    """The planned date becomes the matter's: the step that opens next is limited by it."""
    [[(answer, planned_on, plan)]] = uow.read((_READ_PLANNED, (instance.item_id,)))
    if answer == "plan" and planned_on is not None:
        due_at = instance.item_due_at = end_of(planned_on)
        uow.write(_SET_DUE, (due_at, instance.item_id))
        uow.write(_KEEP_DUE, (instance.item_id, due_at, plan, uow.actor.id, uow.now))


def apply(uow: UnitOfWork, instance: LockedInstance, advanced: Advanced, done: Done | None) -> None:
    """Keep the answer and where the unit stands."""
    if advanced.outcome is not None:
        uow.write(_SETTLE, (advanced.outcome, uow.now, instance.item_id))
        return
    if done is None:
        return
    if done.bpmn_id == "answer":
        form = done.form
        planned_on = date.fromisoformat(form["due_on"]) if done.decision == "plan" else None
        said = str(form.get(_SAID[done.decision], ""))
        facts = (AdoptionState.ANSWERED, done.decision, said, planned_on, uow.now, instance.item_id)
        uow.write(_SET_ANSWER, facts)
    elif done.decision == "return" and done.bpmn_id in {"sign_answer", "check_answer"}:
        uow.write(_SET_STATE, (AdoptionState.ASKED, instance.item_id))
    elif done.bpmn_id == "check_answer":
        uow.write(_SET_STATE, (AdoptionState.CARRYING_OUT, instance.item_id))
