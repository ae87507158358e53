"""单位评价 in the sample city: from the scheme to the circular. A unit finds a fact wrong; objections are upheld and
dismissed, one of them of the body that hosts the office, before the convener; one tolerance, and one veto.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, select

from app.demo.city import OFFICE
from app.demo.replication import EXPERTS
from app.demo.script import Act, Script
from app.demo.stage import Stage
from db.tables import Evaluation, EvaluationUnit, Unit, WorkItem
from domain.evaluation_scores import ScoreSheet
from domain.permissions import Role
from services.evaluation_sheets import scope_of, unit_sheets, units_of
from services.evaluations import OpenEvaluation
from services.queries.evaluation_facts import partners
from services.work_items import CompleteWorkItem

REF: Final = "P1"
HOST: Final = "市商务局"
"""The body that hosts the office: experts of other units score it."""
ASSESSORS: Final = EXPERTS[:3]
LISTED: Final = ("市服务贸易协会",)
OPENED, CUT_OFF, LOCKED = 168, 188, 190
"""Days of the play: the scheme is drafted, the evaluated days end, the data are locked."""
VETOED, UPHELD, DISMISSED = "市药监局", "市市场监管局", "市文化和旅游局"
SUMMARY: Final = "按任务清单逐项推进，按月报送，牵头任务的节点和配合任务的材料均已自查。"

Form = Callable[[Stage, WorkItem], Mapping[str, Any] | None]


def acts() -> list[Act]:
    """The whole chapter, in order."""
    script = Script(REF, evaluation_of, OFFICE, day=OPENED)
    script.act("opened", _open).step("draft_scheme", "submit", form={"note": "请重点看分组和扣分项。"})
    script.step("give_opinion", "agree", after=3).step("approve_scheme", "approve", after=2)
    script.on(OPENED + 9).act("self_scored", _each("self_score", "submit", _self_scored))
    script.act("self_signed", _each("sign_self_score", "sign"), after=1)
    script.act("self_checked", _each("check_self_score", "accept"), after=2)
    script.act("rated", _each("rate_partners", "submit", _rated), after=1)
    script.on(LOCKED).step("lock_data", "lock", after=0)
    script.act("confirmed", _confirm, after=2)
    explanation = "当月的核查记录属实，佐证材料在系统里，这一条不应计入。"
    script.act("corrected", _each("settle_correction", "corrected", lambda *_: {"explanation": explanation}), after=1)
    script.act("scored", _each("score_by_office", "score", _scored), after=3)
    script.act("scored_host", _each("score_by_group", "score", _scored))
    script.act("answered", _answer, after=4)
    script.act("rechecked", _each("recheck", None, _rechecked, second=True, decide=_ruling), after=4)
    script.act("rechecked_host", _each("recheck_by_convener", "dismiss"), after=1)
    script.step("submit_results", "submit", form={"summary": "一票否决一家，容错一项。"}, after=2)
    script.step("decide_results", "approve", form={"meeting": "联席会议年度第一次会议"}, after=3)
    requirements = "各单位要对照扣分事项制定整改措施，一个月内报办公室。"
    script.step("issue_circular", "issue", form={"requirements": requirements}, after=1)
    return script.acts


def evaluation_of(stage: Stage) -> UUID:
    """The evaluation's matter. Raises LookupError before it was opened."""
    with stage.session() as session:
        found = session.exec(select(Evaluation.item_id).order_by(col(Evaluation.first_day))).first()
    if found is None:
        raise LookupError(REF)
    return found


def _open(stage: Stage, name: str) -> None:
    command = OpenEvaluation(
        office_unit_id=stage.unit(OFFICE),
        first_day=stage.start,
        last_day=stage.start + timedelta(days=CUT_OFF),
        host_unit_id=stage.unit(HOST),
        assessors=tuple(map(stage.unit, ASSESSORS)),
        listed=tuple(map(stage.unit, LISTED)),
    )
    stage.do(command, stage.person(OFFICE, Role.OFFICE_STAFF), name=name)


def _each(
    bpmn_id: str,
    decision: str | None,
    form: Form | None = None,
    *,
    second: bool = False,
    decide: Callable[[Stage, WorkItem], str] | None = None,
) -> Callable[[Stage, str], None]:
    """Everybody of every unit who is asked for a step completes it."""

    def perform(stage: Stage, name: str) -> None:
        works = _open_works(stage, bpmn_id)
        if not works:
            raise LookupError(f"{name}: {bpmn_id} is not open")
        for work in works:
            chosen = decide(stage, work) if decide is not None else decision
            told = form(stage, work) if form is not None else None
            opinion = "查无新的事实，维持原评分。" if chosen == "dismiss" else ""
            last = work is works[-1]
            _complete(stage, work, chosen, told, name if last else None, opinion=opinion, second=second)

    return perform


def _open_works(stage: Stage, bpmn_id: str) -> list[WorkItem]:
    evaluation_id = evaluation_of(stage)
    with stage.session() as session:
        statement = (
            select(WorkItem)
            .join(EvaluationUnit, col(EvaluationUnit.item_id) == col(WorkItem.item_id))
            .join(Unit, col(Unit.id) == col(EvaluationUnit.unit_id))
            .where(EvaluationUnit.evaluation_id == evaluation_id, WorkItem.bpmn_id == bpmn_id)
            .where(col(WorkItem.closed_at).is_(None))
            .order_by(col(Unit.sort_order), col(WorkItem.unit_id))
        )
        return list(session.exec(statement))


def _complete(
    stage: Stage,
    work: WorkItem,
    decision: str | None,
    form: Mapping[str, Any] | None,
    name: str | None,
    *,
    opinion: str = "",
    second: bool = False,
) -> None:
    command = CompleteWorkItem(
        work_item_id=work.id, seen_version=work.version, decision=decision, form=form or {}, opinion=opinion
    )
    stage.do(command, stage.person(work.unit_id, Role(work.role), second=second), name=name)


def _of(stage: Stage, work: WorkItem) -> EvaluationUnit:
    with stage.session() as session:
        return session.get_one(EvaluationUnit, work.item_id)


def _self_scored(_stage: Stage, _work: WorkItem) -> Mapping[str, Any]:
    return {"summary": SUMMARY, "scores": [{"part": "completed", "points": 46, "reason": "牵头任务按节点推进"}]}


def _confirm(stage: Stage, name: str) -> None:
    """One unit finds a fact against it wrong, the others confirm their data."""
    works = _open_works(stage, "confirm_data")
    item_id, key = _finding_wrong(stage)
    wrong = {"corrections": [{"fact": key, "problem": "当月已经通过办公室核查，系统里的判定早于核查。"}]}
    for work in works:
        decision, form = ("correct", wrong) if work.item_id == item_id else ("confirm", {})
        _complete(stage, work, decision, form, name if work is works[-1] else None)


def _finding_wrong(stage: Stage) -> tuple[UUID, str]:
    """The unit, by the matter of its sheet, and the fact: none whose story is told otherwise. Raises LookupError."""
    with stage.session() as session:
        row = session.get_one(Evaluation, evaluation_of(stage))
        for each in unit_sheets(session, row):
            told = each.name in {HOST, VETOED, UPHELD, DISMISSED}
            if not told and each.sheet is not None and each.sheet.deductions:
                return each.row.item_id, each.sheet.deductions[-1].fact_key
    raise LookupError("no unit has a fact against it")


def _rated(stage: Stage, work: WorkItem) -> Mapping[str, Any]:
    """Eight points, and a little more or less by how a name sorts: no two units are alike."""
    unit = _of(stage, work)
    with stage.session() as session:
        row = session.get_one(Evaluation, unit.evaluation_id)
        rows = units_of(session, unit.evaluation_id)
        shared = partners(session, scope_of(row, rows, stage.clock.now()))[unit.unit_id]
        names = sorted(stage.short_name(each.unit_id) for each in rows if each.unit_id in shared)
    points = (8, 9, 7.5, 8.5, 9.5)
    return {"ratings": [{"unit": each, "points": points[at % len(points)]} for at, each in enumerate(names)]}


def _scored(stage: Stage, work: WorkItem) -> Mapping[str, Any]:
    name = stage.short_name(_of(stage, work).unit_id)
    at = sum(map(ord, name))
    scores = [
        {"part": "quality", "points": 3 + at % 3 / 2, "reason": "内容实，数字对得上。"},
        {"part": "adoption", "points": 4 + at % 4 / 2, "reason": "推广清单逐项有答复。"},
    ]
    form: dict[str, Any] = {"scores": scores}
    if name == VETOED:
        form["vetoes"] = [{"kind": "falsified", "basis": "佐证材料的验收日期系事后补填，已查实。"}]
    if name == HOST:
        form["bonus"] = [{"kind": "commended", "points": 3, "basis": "服务业开放工作受到市政府通报表扬"}]
    return form


def _answer(stage: Stage, name: str) -> None:
    """One asks for tolerance of a deduction, two object to a score, the others accept."""
    works = _open_works(stage, "answer_feedback")
    if not works:
        raise LookupError(f"{name}: answer_feedback is not open")
    tolerated = False
    for work in works:
        unit, sheet = _sheet(stage, work)
        objections: Sequence[Mapping[str, str]] = ()
        if unit in {UPHELD, DISMISSED, HOST}:
            grounds = "评分未计入季度评比材料。" if unit == UPHELD else "认为报送质量评分偏低。"
            objections = [{"kind": "score", "target": "quality", "grounds": grounds}]
        elif sheet.deductions and not tolerated and unit not in {HOST, VETOED}:
            grounds = "改革先行先试，程序合规，未谋私利，因外部标准调整造成滞后。"
            objections = [{"kind": "tolerance", "target": sheet.deductions[0].fact_key, "grounds": grounds}]
            tolerated = True
        decision, form = ("object", {"objections": objections}) if objections else ("accept", {})
        _complete(stage, work, decision, form, name if work is works[-1] else None)


def _sheet(stage: Stage, work: WorkItem) -> tuple[str, ScoreSheet]:
    """A unit's short name, and its sheet as it stands."""
    with stage.session() as session:
        unit = session.get_one(EvaluationUnit, work.item_id)
        [found] = unit_sheets(session, session.get_one(Evaluation, unit.evaluation_id), only=work.item_id)
        assert found.sheet is not None
        return found.name, found.sheet


def _ruling(stage: Stage, work: WorkItem) -> str:
    return "dismiss" if stage.short_name(_of(stage, work).unit_id) == DISMISSED else "uphold"


def _rechecked(stage: Stage, work: WorkItem) -> Mapping[str, Any] | None:
    unit, sheet = _sheet(stage, work)
    if unit == DISMISSED:
        return None
    if unit == UPHELD:
        return {"rulings": [{"kind": "score", "target": "quality", "points": 4, "reason": "材料属实，予以改正。"}]}
    reason = "符合“三个区分开来”，尽职免责。"
    return {"rulings": [{"kind": "tolerance", "target": sheet.deductions[0].fact_key, "reason": reason}]}
