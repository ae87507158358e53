"""Which page is a matter's own: where more is seen and done than its steps and its timeline."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlmodel import col, select

from db.tables import (
    Adoption,
    AssessedItem,
    Assessment,
    Bulletin,
    Conference,
    Evaluation,
    EvaluationUnit,
    Item,
    ItemReview,
    KpiRequest,
    ListChange,
    ProcessInstance,
    ReplicationCase,
    WorkItem,
)
from domain.permissions import Role
from services.queries.reading import Reading
from services.queries.steps import step_label
from services.visibility import visible_items


class MatterPage(StrEnum):
    """The kinds of pages; `web` has a route of the same name for each."""

    BULLETIN = "bulletin"
    CONFERENCE = "conference"
    CASE = "case"
    EVALUATION = "evaluation"
    SCORE_SHEET = "score_sheet"
    ASSESSMENT = "assessment"
    ASSESSED_ITEM = "assessed_item"
    LIST_CHANGES = "list_changes"
    KPI_TARGET = "kpi_target"


def matter_page(reading: Reading, item_id: UUID) -> tuple[MatterPage, UUID] | None:
    """The page of an item that is a matter, with the id it is opened by; None too for a case that the actor does not
    see. The other pages decide for themselves who may see them.
    """
    session = reading.session
    bulletin = session.exec(
        select(Bulletin.item_id).where((col(Bulletin.item_id) == item_id) | (col(Bulletin.delivery_item_id) == item_id))
    ).first()
    if bulletin is not None:
        return MatterPage.BULLETIN, bulletin
    if session.get(Conference, item_id) is not None:
        return MatterPage.CONFERENCE, item_id
    adoption = session.get(Adoption, item_id)
    case_id = adoption.case_item_id if adoption is not None else item_id
    if session.get(ReplicationCase, case_id) is not None:
        # Whoever has a paper of a case, or had a part in it, does not always see the case itself.
        return (MatterPage.CASE, case_id) if sees_item(reading, case_id) else None
    return _of_judgement(reading, item_id)


def sees_item(reading: Reading, item_id: UUID) -> bool:
    """Whether the actor sees that item: a link to it leads somewhere."""
    found = select(Item.id).where(col(Item.id) == item_id, visible_items(reading.actor))
    return reading.session.exec(found).first() is not None


def _of_judgement(reading: Reading, item_id: UUID) -> tuple[MatterPage, UUID] | None:
    """The pages of evaluations, of assessments and of what they change."""
    session = reading.session
    if session.get(EvaluationUnit, item_id) is not None:
        return MatterPage.SCORE_SHEET, item_id
    if session.get(Evaluation, item_id) is not None:
        return MatterPage.EVALUATION, item_id
    request = session.get(KpiRequest, item_id)
    if request is not None:
        return MatterPage.KPI_TARGET, request.target_id
    change = session.get(ListChange, item_id)
    if change is not None:
        return MatterPage.LIST_CHANGES, change.list_id
    if session.get(AssessedItem, item_id) is not None or session.get(ItemReview, item_id) is not None:
        return MatterPage.ASSESSED_ITEM, item_id
    return (MatterPage.ASSESSMENT, item_id) if session.get(Assessment, item_id) is not None else None


@dataclass(frozen=True, slots=True)
class OwnStep:
    """A step of a matter that waits for the actor."""

    work_item_id: UUID
    item_id: UUID
    step: str


def own_steps(reading: Reading, item_ids: Collection[UUID]) -> tuple[OwnStep, ...]:
    """The steps of these matters that wait for a role which the actor holds, the oldest first."""
    statement = (
        select(WorkItem, ProcessInstance.version_id)
        .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
        .where(col(WorkItem.item_id).in_(list(item_ids)), col(WorkItem.closed_at).is_(None))
        .order_by(col(WorkItem.opened_at), col(WorkItem.id))
    )
    return tuple(
        OwnStep(work.id, work.item_id, step_label(reading.library.bundle(reading.session, version_id), work.bpmn_id))
        for work, version_id in reading.session.exec(statement)
        if reading.actor.holds(Role(work.role), work.unit_id)
    )
