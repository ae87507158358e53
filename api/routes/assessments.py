"""Summary assessments: start one, see its matrix and what came of it, replace a member, settle what it recommends.

Forming the group, planning, reviewing, grading, meeting and reporting are done by completing work items.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from api.deps import Run
from api.reading import Asking
from api.schemas import Answer, Body, Day
from domain.assessment import Cycle, TakenUpAs
from services.assessment_public import PublishReport
from services.assessment_recommendations import SettleRecommendation
from services.assessments import ReplaceMember, StartAssessment, StopAssessment
from services.queries.assessment_papers import Outcome, Sheet, assessment_outcome, assessment_sheet
from services.queries.assessments import AssessmentDetail, AssessmentRow, assessment, assessments

router = APIRouter(prefix="/assessments", tags=["assessments"])

Words = Annotated[str, Field(min_length=1, max_length=1000)]


class StartBody(Body):
    """The start order. Both days belong to the period; without lists all of the office's are assessed."""

    office_unit_id: UUID
    cycle: Cycle
    period_from: Day
    period_to: Day
    list_ids: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()
    title: Annotated[str, Field(max_length=200)] = ""


class Started(Answer):
    """The new assessment."""

    id: UUID


class Assessments(Answer):
    """All assessments that one sees."""

    items: list[AssessmentRow]


class ReasonBody(Body):
    """Why."""

    reason: Words


class ReplaceBody(Body):
    """Who is lost, and who of the same kind takes the place."""

    lost_unit_id: UUID
    new_unit_id: UUID
    reason: Words


class SettleBody(Body):
    """How a recommendation is taken up, or why it is not. Without a way it is the usual one of its kind; `due_on` and
    `text` are a new item's, `document_number` that of what revokes an item, `list_id` the list that changes as a whole.
    """

    way: TakenUpAs | None = None
    lead_unit_id: UUID | None = None
    due_on: Day | None = None
    text: Annotated[str, Field(max_length=1000)] = ""
    document_number: Annotated[str, Field(max_length=100)] = ""
    list_id: UUID | None = None
    dropped_because: Annotated[str, Field(max_length=1000)] | None = None


class Published(Answer):
    """The public document; its files are at `/documents/{id}.pdf` and `.docx`, `sha256` is that of what was frozen."""

    document_id: UUID
    mark: str
    sha256: str


class Settled(Answer):
    """The item or case that it became, or the item that it changes; null for one that was dropped."""

    item_id: UUID | None


@router.get("")
def list_assessments(asking: Asking) -> Assessments:
    """All assessments that one sees, the newest first."""
    return Assessments(items=list(assessments(asking)))


@router.post("", status_code=201)
def start_assessment(body: StartBody, run: Run) -> Started:
    """Give the start order. 422 `assessment_period_invalid` for a period that has not ended."""
    return Started(id=run(StartAssessment(**body.model_dump())).item_id)


@router.get("/{assessment_id}")
def get_assessment(assessment_id: UUID, asking: Asking) -> AssessmentDetail:
    """An assessment with its matrix of members and items; grades of an item only when no assessor
    is asked for one any more.
    """
    return assessment(asking, assessment_id)


@router.get("/{assessment_id}/outcome")
def get_assessment_outcome(assessment_id: UUID, asking: Asking) -> Outcome:
    """Meetings with minority opinions, the leads' opinions and what became of them, recommendations."""
    return assessment_outcome(asking, assessment_id)


@router.get("/sheets/{matter_id}")
def get_assessment_sheet(matter_id: UUID, asking: Asking) -> Sheet:
    """What stands beside an assessor's form, by the id of the view's matter or of the item's paper."""
    return assessment_sheet(asking, matter_id)


@router.post("/{assessment_id}/stop", status_code=204)
def stop_assessment(assessment_id: UUID, body: ReasonBody, run: Run) -> None:
    """Stop an assessment with everything that is under way in it."""
    run(StopAssessment(assessment_id=assessment_id, reason=body.reason))


@router.post("/{assessment_id}/members", status_code=204)
def replace_member(assessment_id: UUID, body: ReplaceBody, run: Run) -> None:
    """Replace a member that is lost. 422 `substitute_of_other_kind`, `group_without_assessor` and others."""
    run(ReplaceMember(assessment_id=assessment_id, **body.model_dump()))


@router.post("/{assessment_id}/public-report", status_code=201)
def publish_report(assessment_id: UUID, run: Run) -> Published:
    """Issue the public version of the report: without persons, firms, minority opinions and the leads' words. 422
    `assessment_report_missing` before the report is issued, `assessment_report_published` for a second one.
    """
    issued = run(PublishReport(assessment_id=assessment_id))
    return Published(document_id=issued.id, mark=issued.mark, sha256=issued.sha256_of_content.hex())


@router.post("/recommendations/{recommendation_id}")
def settle_recommendation(recommendation_id: UUID, body: SettleBody, run: Run) -> Settled:
    """Take a recommendation up, or drop it with the reason. 422 `recommendation_settled` for one that was settled
    before, `recommendation_way_unfit` for a way that its kind does not have, and others.
    """
    return Settled(item_id=run(SettleRecommendation(recommendation_id=recommendation_id, **body.model_dump())))
