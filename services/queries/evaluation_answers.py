"""What a unit and the office said to each other about a score sheet: corrections, objections, rulings, with reasons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from db.tables import Item, Person, ProcessInstance, Submission, Unit, WorkItem
from services.queries.reading import Reading
from services.queries.steps import decision_label, step_label
from services.visibility import visible_items

ANSWERS = ("confirm_data", "settle_correction", "answer_feedback", "recheck", "recheck_by_convener")
_LISTS = ("corrections", "objections", "rulings")


@dataclass(frozen=True, slots=True)
class Said:
    """One point of an answer: `target` is a part of the scheme or the number of a fact."""

    target: str
    points: object
    reason: str


@dataclass(frozen=True, slots=True)
class SheetAnswer:
    """One answer about a sheet. `decision` is empty for a step without one."""

    step: str
    decision: str
    unit: str
    person: str | None
    at: datetime
    opinion: str
    said: tuple[Said, ...]


def sheet_answers(reading: Reading, item_id: UUID) -> tuple[SheetAnswer, ...]:
    """The answers about the sheet whose matter is `item_id`, in their order; none for who may not see it."""
    statement = (
        select(WorkItem, ProcessInstance.version_id, Person.name, Submission)
        .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
        .join(Item, col(Item.id) == col(WorkItem.item_id))
        .outerjoin(Person, col(Person.id) == col(WorkItem.closed_by))
        .outerjoin(Submission, col(Submission.work_item_id) == col(WorkItem.id))
        .where(WorkItem.item_id == item_id, col(WorkItem.bpmn_id).in_(ANSWERS), WorkItem.closed_as == "done")
        .where(visible_items(reading.actor))
        .order_by(col(WorkItem.closed_at), col(WorkItem.id))
    )
    found = []
    for work, version_id, person, submission in reading.session.exec(statement):
        bundle = reading.library.bundle(reading.session, version_id)
        form: Mapping[str, Any] = (submission.form if submission is not None else None) or {}
        found.append(
            SheetAnswer(
                step=step_label(bundle, work.bpmn_id),
                decision=decision_label(bundle, work.bpmn_id, work.decision),
                unit=reading.session.get_one(Unit, work.unit_id).short_name,
                person=person,
                at=work.closed_at or work.opened_at,
                opinion=(submission.opinion if submission is not None else None) or "",
                said=tuple(_said(form)),
            )
        )
    return tuple(found)


def _said(form: Mapping[str, Any]) -> Iterable[Said]:
    for name in _LISTS:
        for each in form.get(name, ()):
            target = each.get("target") or each.get("fact") or ""
            reason = each.get("reason") or each.get("grounds") or each.get("problem") or ""
            yield Said(str(target), each.get("points"), str(reason))
