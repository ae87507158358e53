"""Which of several work items can be completed at once, and why the others have to be opened one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlmodel import col, select

from db.tables import Item, ProcessInstance, Unit, WorkItem
from services.queries.actions import WorkAction, work_action
from services.queries.folding import sheet_marks
from services.queries.reading import Reading
from services.visibility import visible_items


class Hindrance(StrEnum):
    """GONE: somebody was faster, or it is nobody's of the actor. The others need a page of their own."""

    GONE = "gone"
    FORM = "form"
    EVIDENCE = "evidence"
    SHEET = "sheet"


@dataclass(frozen=True, slots=True)
class BatchOffer:
    """One of the chosen work items. With `hindrance` None it takes `decision`, its ordinary one, without more words."""

    work_item_id: UUID
    seen_version: int
    item_id: UUID | None
    number: str
    text: str
    step: str
    decision: str | None
    decision_label: str
    hindrance: Hindrance | None


def batch_offers(reading: Reading, work_item_ids: Sequence[UUID]) -> list[BatchOffer]:
    """In the order they were named; what is not the actor's to do is GONE."""
    statement = (
        select(WorkItem, Item, Unit.short_name, ProcessInstance.version_id)
        .join(Item, col(Item.id) == col(WorkItem.item_id))
        .join(Unit, col(Unit.id) == col(WorkItem.unit_id))
        .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
        .where(col(WorkItem.id).in_(work_item_ids), visible_items(reading.actor))
    )
    found = {row[0].id: row for row in reading.session.exec(statement)}
    sheets = sheet_marks(reading, [(row[0].id, row[0].bpmn_id) for row in found.values()])
    offers = []
    for id_ in dict.fromkeys(work_item_ids):
        if id_ not in found:
            offers.append(BatchOffer(id_, 1, None, "", "", "", None, "", Hindrance.GONE))
            continue
        work, item, unit, version_id = found[id_]
        offers.append(_offer(work, item, work_action(reading, item, work, unit, version_id), on_sheet=id_ in sheets))
    return offers


def _offer(work: WorkItem, item: Item, action: WorkAction | None, *, on_sheet: bool) -> BatchOffer:
    ordinary = action.decisions[0] if action is not None and action.decisions else None
    hindrance = _hindrance(action, ordinary.decision if ordinary else None, on_sheet=on_sheet)
    return BatchOffer(
        work_item_id=work.id,
        seen_version=work.version,
        item_id=item.id,
        number=item.number,
        text=item.text,
        step=action.step if action is not None else "",
        decision=ordinary.decision if ordinary else None,
        decision_label=ordinary.label if ordinary else "",
        hindrance=hindrance,
    )


def _hindrance(action: WorkAction | None, decision: str | None, *, on_sheet: bool) -> Hindrance | None:
    if action is None:
        return Hindrance.GONE
    if on_sheet:
        return Hindrance.SHEET
    if action.evidence == "required":
        return Hindrance.EVIDENCE
    form = action.form or {}
    asked = form.get("required", ()) or form.get("x-ui", {}).get("required_for", {}).get(decision, ())
    return Hindrance.FORM if asked else None
