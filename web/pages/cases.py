"""Cases of 复制推广: the list, a nomination, one case with all that was said about it, and the experts' desk."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.pagination import decode_cursor, encode_cursor
from domain.calendar import local_date
from domain.errors import Conflict, DomainError, RuleViolation
from domain.items import ResponsibilityRole
from domain.messages.papers import NAMES_JOINED
from domain.messages.replication import ANSWERS, RESULTS, STATE_NAMES
from domain.replication_states import BEFORE_ISSUE, IN_FORCE, CaseState
from services.dossier_content import Scope
from services.dossiers import IssueDossier
from services.queries.actions import WorkAction
from services.queries.clue_sources import clue_choices
from services.queries.documents import documents_of_item
from services.queries.expert_desk import given_scores
from services.queries.item_detail import parts_of, visible_item
from services.queries.offices import offices
from services.queries.references import round_called
from services.queries.replication import CaseDetail, CaseFilter, case_detail, cases
from services.queries.work_item_detail import work_item_detail
from services.queries.worklist import WorkFilter, open_work
from services.replication import (
    REPORTABLE,
    MergeCases,
    NominateCase,
    RecordLetterAnswer,
    ReportUpward,
    StopCase,
    WithdrawCase,
)
from services.replication_sources import ClueSource
from services.visibility import offices_of
from web.addresses import ListAddress
from web.forms import FormView, form_view
from web.notices import Notice
from web.typed import day_in, id_in, named_units
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()

DRAWN = 40
GROUPS: Mapping[str, tuple[CaseState, ...]] = {
    "before": (
        CaseState.NOMINATION,
        CaseState.FORMAL_CHECK,
        CaseState.CONSULTATION,
        CaseState.EXPERTS,
        CaseState.LEGALITY,
        CaseState.MINISTRY,
        CaseState.CONFERENCE,
        CaseState.PUBLICITY,
    ),
    "approved": (CaseState.APPROVED,),
    "running": (CaseState.IMPLEMENTING, CaseState.EFFECT_CHECK),
    "ended": (
        CaseState.KEPT,
        CaseState.REVISED,
        CaseState.STOPPED,
        CaseState.NOT_ADOPTED,
        CaseState.REFUSED_BY_MINISTRY,
        CaseState.WITHDRAWN,
        CaseState.MERGED,
    ),
}
"""How people ask for cases; the single states are in the list beside."""
PARTS = ("background", "practices", "results", "innovation", "replicability", "risks", "next_steps", "policy_basis")
SCORE, LEAD = "score", ResponsibilityRole.LEAD
_MERGEABLE = CaseFilter(states=tuple(sorted(BEFORE_ISSUE)))


@router.get("/cases", name="cases")
def show_cases(
    *,
    visit: Visiting,
    group: Annotated[str, Query(max_length=20)] = "",
    state: Annotated[str, Query(max_length=30)] = "",
    text: Annotated[str, Query(max_length=100)] = "",
    expired: Annotated[str, Query(max_length=5)] = "",
    cursor: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """The cases that the visitor sees, by where they stand."""
    states = (CaseState(state),) if state in set(CaseState) else GROUPS.get(group, ())
    filters = CaseFilter(states=tuple(each.value for each in states), text=text or None, basis_expired=expired == "yes")
    page = cases(visit.reading, filters, limit=DRAWN, after=decode_cursor(cursor or None, "cases"))
    address = ListAddress(visit.url("cases"), {"group": group, "state": state, "text": text, "expired": expired})
    following = encode_cursor("cases", page.next)
    return visit.page(
        "cases/cases.html",
        rows=page.rows,
        address=address,
        group=group if group in GROUPS else "",
        groups=list(GROUPS),
        state=state,
        states=STATE_NAMES,
        text=text,
        expired=expired,
        next_page=address.but(cursor=following) if following else None,
        first_page=address if cursor else None,
    )


@router.get("/cases/new", name="new_case")
def show_nomination(
    visit: Visiting,
    item: UUID | None = None,
    period: Annotated[str, Query(max_length=30)] = "",
    assessment: UUID | None = None,
) -> Response:
    """A clue becomes a case; `item` is the task it comes from, `period` that of the task's report, or an assessment."""
    named = f"assessment:{assessment}" if assessment else ""
    if item is not None and period:
        named = f"round:{round_called(visit.reading, visible_item(visit.reading, item).id, period)}"
    return _nomination(visit, item_id=item, typed={"source": named})


def _nomination(
    visit: Visit,
    *,
    item_id: UUID | None = None,
    refused: str | None = None,
    unknown: tuple[str, ...] = (),
    typed: Mapping[str, str],
) -> Response:
    source = visible_item(visit.reading, item_id) if item_id is not None else None
    own = [role.unit for role in visit.account.roles if role.role.value in {"liaison", "unit_leader"}]
    if source is not None and offices_of(visit.actor):
        own = [
            part.unit
            for part in parts_of(visit.reading, source.id)
            if part.role == LEAD and part.unit and part.valid_to is None
        ]
    return visit.page(
        "cases/nominate.html",
        status=422 if refused or unknown else 200,
        offices=offices(visit.reading),
        source=source,
        choices=clue_choices(visit.reading, item_id),
        own=NAMES_JOINED.join(dict.fromkeys(own)),
        refused=refused,
        unknown=NAMES_JOINED.join(unknown),
        typed=typed,
    )


@router.post("/cases/new", name="nominate_case")
def nominate(visit: Submitting) -> Response:
    """Open the case, and go to its first step if that is the visitor's own."""
    item_id = id_in(visit.text("item"))
    applicants, unknown = named_units(visit.reading, visit.text("applicants"))
    if unknown or not applicants:
        return _nomination(visit, item_id=item_id, unknown=unknown or ("?",), typed=_typed(visit))
    source = _source(visit, item_id)
    command = NominateCase(
        office_unit_id=id_in(visit.text("office")) or UUID(int=0),
        title=visit.text("title"),
        applicants=applicants,
        source_kind=source.kind,
        source_item_id=source.item_id,
        source_round_id=source.round_id,
        source_assessment_id=source.assessment_id,
        clue=visit.text("clue"),
    )
    try:
        opened = visit.run(command)
    except (Conflict, RuleViolation) as error:
        return _nomination(visit, item_id=item_id, refused=visit.sentence(error), typed=_typed(visit))
    mine = [work for work in opened.opened if work.unit_id in visit.own_units]
    if mine:
        return visit.redirect("step", work_item_id=mine[0].id)
    return visit.redirect("case", item_id=opened.item_id, notice=Notice("case_acted", {"act": "nominate"}))


def _source(visit: Submission, item_id: UUID | None) -> ClueSource:
    """What was chosen; whether the visitor sees it, and it fits together, the command says."""
    kind, _, named = visit.text("source").partition(":")
    if kind == "round":
        return ClueSource("round", item_id, round_id=id_in(named))
    if kind == "assessment":
        return ClueSource("assessment", item_id, assessment_id=id_in(named))
    return ClueSource("item", item_id) if item_id is not None else ClueSource("call")


def _typed(visit: Submission) -> dict[str, str]:
    return {name: value for name, value in visit.form.items() if isinstance(value, str)}


@router.get("/cases/{item_id}", name="case")
def show_case(visit: Visiting, item_id: UUID) -> Response:
    """One case: its text, figures, opinions, scores, who takes it up; for an expert with the marks beside it."""
    return _case(visit, case_detail(visit.reading, item_id))


def _case(
    visit: Visit,
    detail: CaseDetail,
    *,
    refused: DomainError | None = None,
    act: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    row = detail.row
    state = CaseState(row.state)
    mine = [held for held in row.held_by if visit.acts_as(held.role, held.unit_id)]
    scoring = next((held for held in mine if held.bpmn_id == SCORE), None)
    work = work_item_detail(visit.reading, scoring.work_item_id) if scoring is not None else None
    may_manage, of_office = visit.may("case:manage"), bool(offices_of(visit.actor))
    nominates = visit.may("case:nominate") and not of_office
    may_merge = may_manage and state in BEFORE_ISSUE
    kept = cases(visit.reading, _MERGEABLE, limit=200).rows if may_merge else ()
    return visit.page(
        "cases/case.html",
        status=409 if refused is not None else 200,
        detail=detail,
        row=row,
        parts=[(part, detail.dossier[part]) for part in PARTS if detail.dossier.get(part)],
        indicators=detail.dossier.get("indicators") or [],
        firms=detail.dossier.get("firms") or [],
        answers=ANSWERS,
        results=RESULTS,
        mine=[held for held in mine if held is not scoring],
        scoring=work if work is not None and work.action is not None else None,
        score_form=_marks(work.action) if work is not None and work.action is not None else None,
        documents=documents_of_item(visit.reading, row.id),
        may_withdraw=nominates and state in BEFORE_ISSUE,
        may_merge=may_merge,
        merge_into=[each for each in kept if each.id != row.id],
        may_report=may_manage and state in REPORTABLE,
        may_stop=visit.may("item:stop") and state in IN_FORCE,
        may_answer=may_manage,
        may_dossier=visit.may("dossier:issue") and of_office,
        today=local_date(visit.reading.now),
        refused=visit.sentence(refused) if refused is not None else None,
        act=act,
        typed=typed or {},
    )


def _marks(action: WorkAction) -> FormView:
    """The expert's form, filled for the ordinary decision, which needs every mark."""
    return form_view(action.form or {}, decision=action.decisions[0].decision)


@router.post("/cases/{item_id}", name="act_on_case")
def act_on_case(visit: Submitting, item_id: UUID) -> Response:
    """Withdraw, merge, stop, report upward, record an answer, make the dossier; the form names which."""
    act = visit.text("act")
    try:
        answer = _carry_out(visit, item_id, act)
    except (Conflict, RuleViolation) as error:
        return _case(visit, case_detail(visit.reading, item_id), refused=error, act=act, typed=_typed(visit))
    return answer or visit.redirect("case", item_id=item_id, notice=Notice("case_acted", {"act": act}))


def _carry_out(visit: Submission, item_id: UUID, act: str) -> Response | None:
    reason = visit.text("reason")
    if act == "withdraw":
        visit.run(WithdrawCase(item_id=item_id, reason=reason))
    elif act == "merge":
        into = id_in(visit.text("into")) or item_id
        visit.run(MergeCases(item_id=item_id, into_id=into, reason=reason))
        return visit.redirect("case", item_id=into, notice=Notice("case_acted", {"act": act}))
    elif act == "stop":
        visit.run(StopCase(item_id=item_id, reason=reason))
    elif act == "report":
        opened = [work for work in visit.run(ReportUpward(item_id=item_id)) if work.unit_id in visit.own_units]
        return visit.redirect("step", work_item_id=opened[0].id) if opened else None
    elif act == "dossier":
        scope = Scope.PUBLIC if visit.text("scope") == Scope.PUBLIC else Scope.FULL
        issued = visit.run(IssueDossier(item_id=item_id, scope=scope))
        return visit.redirect("document", document_id=issued.id) if visit.has_page("document") else None
    else:
        visit.run(_letter_answer(visit))
    return None


def _letter_answer(visit: Submission) -> RecordLetterAnswer:
    return RecordLetterAnswer(
        letter_id=id_in(visit.text("letter")) or UUID(int=0),
        answered_on=day_in(visit.text("answered_on")) or local_date(visit.reading.now),
        answer=visit.text("answer"),
        answer_number=visit.text("answer_number") or None,
    )


@router.get("/expert-desk", name="expert_desk")
def show_expert_desk(visit: Visiting) -> Response:
    """What waits for the visitor as an expert, and what they have scored."""
    waiting = open_work(visit.reading, WorkFilter(kinds=(SCORE,)), limit=100).rows
    return visit.page(
        "cases/expert_desk.html",
        waiting=[(work, visit.due(work.due_at, provisional=work.provisional)) for work in waiting],
        given=given_scores(visit.reading),
    )
