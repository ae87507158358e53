"""总结评估: the assessments, and one with its group, the matrix of members and items, opinions, and what came of it."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from domain.assessment import Cycle, TakenUpAs
from domain.calendar import local_date
from domain.errors import Conflict, DomainError, RuleViolation
from domain.labels import LABELS
from services.assessment_public import PublishReport
from services.assessment_recommendations import SettleRecommendation
from services.assessments import ReplaceMember, StartAssessment, StopAssessment
from services.executor import Command
from services.queries.assessment_papers import assessment_outcome, assessment_sheet
from services.queries.assessments import assessment, assessments
from services.queries.lists import list_names
from services.queries.matter_pages import own_steps
from services.queries.offices import offices
from services.visibility import offices_of
from web.notices import Notice
from web.typed import day_in, id_in, named_units
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()

ASSESSMENT = "/assessments/{item_id}"


@router.get("/assessments", name="assessments")
def show_assessments(visit: Visiting) -> Response:
    """The assessments that one sees, and for the office the start order."""
    return _list(visit)


def _list(visit: Visit, *, refused: DomainError | None = None, typed: Mapping[str, str] | None = None) -> Response:
    asking = visit.reading
    own = offices_of(visit.actor)
    today = local_date(asking.now)
    return visit.page(
        "assessments/assessments.html",
        status=409 if refused is not None else 200,
        rows=assessments(asking),
        own_offices=[each for each in offices(asking) if each.id in own] if visit.may("assessment:run") else [],
        cycles=LABELS[Cycle],
        first_day=date(today.year, 1, 1),
        today=today,
        refused=visit.sentence(refused) if refused is not None else None,
        typed=typed or {},
    )


@router.post("/assessments", name="start_assessment")
def start_assessment(visit: Submitting) -> Response:
    """Give the start order for a period that has ended."""
    cycle = visit.text("cycle")
    today = local_date(visit.reading.now)
    command = StartAssessment(
        office_unit_id=id_in(visit.text("office")) or UUID(int=0),
        cycle=Cycle(cycle) if cycle in set(Cycle) else Cycle.MID_TERM,
        period_from=day_in(visit.text("period_from")) or date(today.year, 1, 1),
        period_to=day_in(visit.text("period_to")) or today,
        title=visit.text("title"),
    )
    try:
        started = visit.run(command)
    except (Conflict, RuleViolation) as error:
        return _list(visit, refused=error, typed=_typed(visit))
    return visit.redirect("assessment", item_id=started.item_id, notice=Notice("assessment_acted", {"act": "start"}))


def _typed(visit: Submission) -> dict[str, str]:
    return {name: value for name, value in visit.form.items() if isinstance(value, str)}


@router.get(ASSESSMENT, name="assessment")
def show_assessment(visit: Visiting, item_id: UUID) -> Response:
    """One assessment with everything that came of it so far."""
    return _page(visit, item_id)


def _page(
    visit: Visit, item_id: UUID, *, refused: str | None = None, act: str = "", typed: Mapping[str, str] | None = None
) -> Response:
    detail = assessment(visit.reading, item_id)
    return visit.page(
        "assessments/assessment.html",
        status=409 if refused is not None else 200,
        detail=detail,
        row=detail.row,
        group=[member for member in detail.members if member.left_at is None],
        outcome=assessment_outcome(visit.reading, item_id),
        lists=list_names(visit.reading) if detail.may_run else (),
        mine=own_steps(visit.reading, [item_id, *(row.id for row in detail.matrix)]),
        refused=refused,
        act=act,
        typed=typed or {},
    )


@router.post(ASSESSMENT, name="act_on_assessment")
def act_on_assessment(visit: Submitting, item_id: UUID) -> Response:
    """Replace a member, settle a recommendation, publish the report, or stop the assessment; the form names which."""
    act = visit.text("act")
    name = visit.text("new_unit")
    found, _ = named_units(visit.reading, name)
    wanted = act == "replace" or (act == "settle" and bool(name.strip()))
    if wanted and len(found) != 1:
        return _page(visit, item_id, refused=name, act="unknown_unit", typed=_typed(visit))
    try:
        visit.run(_command(visit, item_id, act, found))
    except (Conflict, RuleViolation) as error:
        return _page(visit, item_id, refused=visit.sentence(error), act=act, typed=_typed(visit))
    return visit.redirect("assessment", item_id=item_id, notice=Notice("assessment_acted", {"act": act}))


def _command(visit: Submission, item_id: UUID, act: str, found: tuple[UUID, ...]) -> Command[object]:
    if act == "replace":
        return ReplaceMember(
            assessment_id=item_id,
            lost_unit_id=id_in(visit.text("lost_unit")) or UUID(int=0),
            new_unit_id=found[0],
            reason=visit.text("reason"),
        )
    if act == "settle":
        return _settling(visit, found)
    if act == "publish":
        return PublishReport(assessment_id=item_id)
    return StopAssessment(assessment_id=item_id, reason=visit.text("reason"))


def _settling(visit: Submission, found: tuple[UUID, ...]) -> SettleRecommendation:
    """Taken up in the way that was chosen. Nothing chosen drops it, which is refused without a reason."""
    way = visit.text("way")
    taken = TakenUpAs(way) if way in set(TakenUpAs) else None
    return SettleRecommendation(
        recommendation_id=id_in(visit.text("recommendation")) or UUID(int=0),
        way=taken,
        lead_unit_id=found[0] if found else None,
        due_on=day_in(visit.text("due_on")),
        text=visit.text("text"),
        document_number=visit.text("document_number"),
        list_id=id_in(visit.text("list")),
        dropped_because=visit.text("reason") if taken is None else None,
    )


@router.get("/assessments/sheets/{item_id}", name="assessed_item")
def show_sheet(visit: Visiting, item_id: UUID) -> Response:
    """An assessed item's paper, or what an assessor needs beside the form; others' views only when all are in."""
    sheet = assessment_sheet(visit.reading, item_id)
    return visit.page("assessments/sheet.html", sheet=sheet, item_id=item_id, mine=own_steps(visit.reading, [item_id]))
