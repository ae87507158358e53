"""What a step of `national_report` means: the report of a case to the State Council's inter-ministry office."""

from datetime import date
from typing import Any, Final, LiteralString

from services.replication_papers import report_upward
from services.stepping import Advanced, Done, LockedInstance
from services.unit_of_work import UnitOfWork

ENDS_MATTER: Final = False
"""It runs beside the case's own process; its result is carried back to the case."""

_SET_TITLE: LiteralString = "UPDATE national_report SET title = %s, addressee = %s WHERE instance_id = %s"
_SET_SIGNED: LiteralString = (
    "UPDATE national_report SET signed_at = %s, document_id = %s, document_number = %s WHERE instance_id = %s"
)
_READ_DRAFT: LiteralString = (
    "SELECT s.form FROM submission s JOIN work_item w ON w.id = s.work_item_id WHERE w.instance_id = %s"
    " AND w.bpmn_id = 'draft_report' ORDER BY w.closed_at DESC, w.opened_at DESC, w.id LIMIT 1"
)
_SET_SENT: LiteralString = "UPDATE national_report SET sent_on = %s WHERE instance_id = %s"
_SET_RECEIVED: LiteralString = "UPDATE national_report SET received_on = %s, receipt_number = %s WHERE instance_id = %s"
_ADD_SUPPLEMENT: LiteralString = "UPDATE national_report SET supplements = supplements + 1 WHERE instance_id = %s"
_SET_ANSWER: LiteralString = (
    "UPDATE national_report SET answered_on = %s, answer_number = %s, result_batch = %s, result_words = %s"
    " WHERE instance_id = %s"
)
_SET_RESULT: LiteralString = "UPDATE national_report SET result = %s WHERE instance_id = %s"


def check(_uow: UnitOfWork, _instance: LockedInstance, _done: Done) -> dict[str, Any]:
    """No rule beyond the model's."""
    return {}


def apply(uow: UnitOfWork, instance: LockedInstance, advanced: Advanced, done: Done | None) -> None:
    """Keep the report's number, receipt and answer; the end is the case's result."""
    if done is not None:
        _apply_step(uow, instance, done)
    if advanced.outcome is not None:
        uow.write(_SET_RESULT, (advanced.outcome, instance.id))


def _apply_step(uow: UnitOfWork, instance: LockedInstance, done: Done) -> None:
    form = done.form
    if done.bpmn_id == "draft_report":
        uow.write(_SET_TITLE, (form["title"], form["addressee"], instance.id))
    elif done.bpmn_id == "sign_report" and done.decision == "sign":
        [[(draft,)]] = uow.read((_READ_DRAFT, (instance.id,)))
        uow.flush()
        document = report_upward(uow, instance.item_id, instance.office_unit_id, draft)
        uow.write(_SET_SIGNED, (uow.now, document.id, document.mark, instance.id))
    elif done.bpmn_id == "send_report":
        uow.write(_SET_SENT, (date.fromisoformat(form["sent_on"]), instance.id))
    elif done.bpmn_id == "record_receipt":
        facts = (date.fromisoformat(form["received_on"]), form.get("receipt_number"), instance.id)
        uow.write(_SET_RECEIVED, facts)
    elif done.bpmn_id == "send_supplement":
        uow.write(_ADD_SUPPLEMENT, (instance.id,))
    elif done.bpmn_id == "record_answer":
        answered = date.fromisoformat(form["answered_on"])
        told = (answered, form.get("document_number"), form.get("batch"), done.opinion, instance.id)
        uow.write(_SET_ANSWER, told)
