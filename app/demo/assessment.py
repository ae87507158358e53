"""总结评估 in the sample city: a mid-term assessment of four items to its report.

With a third assessor, a visit, a minority opinion, an opinion that is adopted and one that is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, select

from app.demo.city import OFFICE
from app.demo.script import Act, Script, in_order
from app.demo.stage import Stage
from db.tables import (
    AssessedItem,
    Assessment,
    Item,
    ItemReview,
    LeadOpinion,
    ListChange,
    ProcessInstance,
    ProcessTimer,
    Recommendation,
)
from domain.assessment import Cycle, RecommendationKind, TakenUpAs
from domain.calendar import local_date
from domain.permissions import OPERATOR, SCHEDULER, Actor, Role
from importers.sheets.people import COLUMNS as PEOPLE_COLUMNS
from importers.sheets.people import read_people
from importers.sheets.table import Line
from services.assessment_public import PublishReport
from services.assessment_recommendations import SettleRecommendation
from services.assessments import StartAssessment
from services.executor import Command
from services.people_import import ImportPeople
from services.timers import FireTimers

GROUP: Final = (
    ("市发展改革委", "孟怀远", True),
    ("市教育局", "秦书瑶", False),
    ("市人社局", "邵景行", False),
    ("东湾区人民政府", "温如松", False),
    ("湖西区人民政府", "凌子墨", False),
)
SAMPLE: Final = ("1", "15", "24", "27")
START: Final = 122
"""The day of the start order; the period ends two days before."""
_VIEWS: Final[Mapping[str, tuple[str, ...]]] = {
    "1": ("mostly_completed", "mostly_completed"),
    "15": ("in_progress", "in_progress"),
    # Two who see it two steps apart, and the third in the middle.
    "24": ("completed", "in_progress", "mostly_completed"),
    "27": ("in_progress", "mostly_completed"),
}
_GRADES: Final = {"1": "mostly_completed", "15": "in_progress", "24": "mostly_completed", "27": "in_progress"}
_SCORES: Final = {"completion": 82, "effect": 78, "novelty": 65, "replicability": 70, "risk": 88}
Forms = Mapping[str, Any]


def acts() -> list[Act]:
    """The whole chapter, in order."""
    return in_order([_assessment()])


def _assessment() -> Script:
    script = Script("PG", _id, OFFICE, day=START)
    script.act("assessors", _send_assessors).act("start", _start)
    members = [{"unit": unit, "chair": chair} for unit, _, chair in GROUP]
    grounds = "三个部门、两个区，不评本单位牵头的事项。"
    script.step("propose_group", form={"members": members, "grounds": grounds}).step("approve_group", "approve")
    plan = {
        "method": "资料审查与实地核查相结合，每项两家单位独立评。",
        "sampling": "number",
        "size": len(SAMPLE),
        "named": [{"number": number} for number in SAMPLE],
        "seed": "中期评估第一次抽样",
        "visits": "announced",
        "visit_percent": 25,
    }
    script.step("draft_assessment_plan", form=plan).step("approve_assessment_plan", "approve")
    script.act("self_assessments", _self_assess, after=6).act("time_over", _let_time_pass, after=12)
    script.act("views", _review, after=2).act("third_view", _review, after=2)
    script.act("visit_notice", _notify, after=1).act("visit", _visit, after=6)
    script.act("grades", _settle, after=2)
    script.act("meeting", _meet, after=3)
    script.act("opinions", _give_opinions, after=3).act("answers", _answer, after=3)
    script.act("silence", _let_time_pass, after=6)
    script.step("rule_on_assessment", "approve", opinion="同意评估意见，按程序报送。", after=2)
    report = {
        "title": "服务业扩大开放重点任务中期评估报告",
        "addressee": "市人民政府",
        "next_steps": "对推进中的事项逐项明确节点和责任人，按月调度。",
    }
    script.step("issue_report", form=report, after=2).act("recommendations", _follow_up, after=2)
    script.act("public_report", _publish)
    script.act("list_change", _propose_list_change, after=2).act("list_changed", _approve_list_change, after=2)
    return script.step("follow_up", form={"note": "建议均已有着落。"})


def _id(stage: Stage) -> UUID:
    with stage.session() as session:
        return session.exec(select(Assessment.item_id)).one()


def _send_assessors(stage: Stage, name: str) -> None:
    """The units of the group say who assesses for them."""
    lines = [Line(1, tuple(PEOPLE_COLUMNS[key].title for key in ("name", "unit", "role", "post", "login")))]
    for position, (unit, person, _) in enumerate(GROUP, 1):
        lines.append(Line(position + 1, (person, unit, "评估人员", "处长", f"assessor{position}")))
    stage.do(ImportPeople(sheet=read_people(lines), source_name="assessors"), OPERATOR, name=name)


def _start(stage: Stage, name: str) -> None:
    command = StartAssessment(
        office_unit_id=stage.unit(OFFICE),
        cycle=Cycle.MID_TERM,
        period_from=stage.start,
        period_to=local_date(stage.clock.at) - timedelta(days=2),
        list_ids=(UUID(stage.scope),),
        title="服务业扩大开放重点任务中期评估",
    )
    stage.do(command, stage.person(OFFICE, Role.OFFICE_STAFF), name=name)


def _papers(stage: Stage) -> dict[str, AssessedItem]:
    with stage.session() as session:
        rows = session.exec(
            select(Item.number, AssessedItem)
            .join(AssessedItem, col(AssessedItem.task_id) == col(Item.id))
            .order_by(col(AssessedItem.position))
        ).all()
    return dict(rows)


def one_by_one(name: str, steps: Sequence[Callable[[str], None]]) -> None:
    """Steps of one act: each has a name of its own, and the last one that of the act."""
    for place, step in enumerate(steps, 1):
        step(name if place == len(steps) else f"{name}.{place}")


def _self_assess(stage: Stage, name: str) -> None:
    """All but the last assess themselves in time."""
    form = {"grade": "completed", "done": "任务已按方案推进，材料已归集。", "effect": "办理时间明显缩短。"}
    steps: list[Callable[[str], None]] = []
    for paper in list(_papers(stage).values())[:-1]:
        assert paper.self_item_id is not None
        steps += [
            partial(_complete, stage, paper.self_item_id, ("assess_self", "submit"), form),
            partial(_complete, stage, paper.self_item_id, ("sign_self_assessment", "sign"), {}),
        ]
    one_by_one(name, steps)


def _complete(stage: Stage, item_id: UUID, said: tuple[str, str], form: Forms, name: str) -> None:
    step, decision = said
    stage.complete(name, item_id, step, decision, form=form)


def _let_time_pass(stage: Stage, name: str) -> None:
    """The clock finds what nobody answered in time."""
    with stage.session() as session:
        due = session.exec(
            select(ProcessTimer.instance_id)
            .join(ProcessInstance, col(ProcessInstance.id) == col(ProcessTimer.instance_id))
            .where(ProcessInstance.root_item_id == _id(stage), ProcessTimer.due_at <= stage.clock.at)
            .order_by(col(ProcessTimer.due_at), col(ProcessTimer.instance_id))
        ).all()
    fire = [
        partial(command_of, stage, FireTimers(instance_id=instance_id), SCHEDULER) for instance_id in dict.fromkeys(due)
    ]
    one_by_one(name, fire)


def command_of(stage: Stage, command: Command[Any], actor: Actor, name: str) -> None:
    """A command as a step of an act; nothing if it was done."""
    if not stage.has_done(name):
        stage.do(command, actor, name=name)


def _review(stage: Stage, name: str) -> None:
    """Every assessor who is asked gives a view, each for themselves."""
    steps: list[Callable[[str], None]] = []
    for number, paper in _papers(stage).items():
        with stage.session() as session:
            views = session.exec(
                select(ItemReview)
                .where(ItemReview.assessed_id == paper.item_id, col(ItemReview.outcome).is_(None))
                .order_by(col(ItemReview.seat))
            ).all()
        for view in views:
            form = {"grade": _VIEWS[number][view.seat - 1], "findings": "台账、佐证与自评逐条核对。", **_SCORES}
            steps.append(partial(_complete, stage, view.item_id, ("review_item", "grade"), form))
    one_by_one(name, steps)


def _visited(stage: Stage) -> AssessedItem:
    return next(paper for paper in _papers(stage).values() if paper.visit == "announced")


def _notify(stage: Stage, name: str) -> None:
    paper = _visited(stage).item_id
    on = (local_date(stage.clock.at) + timedelta(days=4)).isoformat()
    form = {"visit_on": on, "place": "综合服务窗口", "wanted": "办件台账、操作手册。"}
    told = partial(_complete, stage, paper, ("give_notice", "notify"), form)

    def noted(name: str) -> None:
        with stage.session() as session:
            visit = session.exec(select(Item.id).where(Item.parent_id == paper, Item.kind == "field_visit")).one()
        _complete(stage, visit, ("receive_notice", "note"), {}, name)

    one_by_one(name, [told, noted])


def _visit(stage: Stage, name: str) -> None:
    seen = {
        "visited_on": local_date(stage.clock.at).isoformat(),
        "place": "综合服务窗口",
        "findings": "窗口运行正常，抽查十件，九件在时限内办结。",
    }
    stage.complete(name, _visited(stage).item_id, "check_on_site", "report", form=seen)


def _settle(stage: Stage, name: str) -> None:
    reason = "依据两家以上单位的独立评价和佐证，综合确定。"
    steps = [
        partial(
            _complete, stage, paper.item_id, ("settle_grade", "settle"), {"grade": _GRADES[number], "reason": reason}
        )
        for number, paper in _papers(stage).items()
    ]
    one_by_one(name, steps)


def _meet(stage: Stage, name: str) -> None:
    form = {
        "held_on": local_date(stage.clock.at).isoformat(),
        "present": [{"unit": unit} for unit, _, _ in GROUP],
        "overall": "抽取的事项总体按方案推进，市场准入一张图成效明显；跨部门数据归集、企业覆盖面仍是短板。",
        "minority": [{"unit": "湖西区人民政府", "number": "24", "view": "专家库尚未实际使用，应评推进中。"}],
        "recommendations": [
            {"kind": "new_item", "unit": "市大数据局", "text": "制定专家库使用规程，每半年公布使用情况。"},
            {"kind": "case", "number": "1", "text": "总结市场准入一张图的做法，作为推广线索。"},
            {"kind": "list_change", "number": "27", "text": "将信用记录归集改为每年一次的常态工作。"},
            {"kind": "list_change", "text": "按机构分工的变化整体调整清单，数据类任务集中到一家牵头。"},
        ],
    }
    stage.complete(name, _id(stage), "hold_group_meeting", "confirm", form=form)


def _opinions(stage: Stage) -> list[tuple[str, LeadOpinion]]:
    with stage.session() as session:
        return list(
            session.exec(
                select(Item.number, LeadOpinion)
                .join(AssessedItem, col(AssessedItem.item_id) == col(LeadOpinion.assessed_id))
                .join(Item, col(Item.id) == col(AssessedItem.task_id))
                .order_by(col(AssessedItem.position), col(LeadOpinion.asked_at))
            )
        )


_OBJECTIONS: Final = {
    "1": "页面已覆盖全部许可事项，评估截止前上线公告已发布。",
    "24": "专家库已组织两次论证，认为应评全面完成。",
}


def _give_opinions(stage: Stage, name: str) -> None:
    """Two leads object, one agrees, and one says nothing."""
    steps: list[Callable[[str], None]] = []
    for number, opinion in _opinions(stage):
        if number in _OBJECTIONS:
            form = {"grounds": _OBJECTIONS[number], "proposed_grade": "completed"}
            steps.append(partial(_complete, stage, opinion.item_id, ("give_opinion", "object"), form))
        elif number != "27":
            steps.append(partial(_complete, stage, opinion.item_id, ("give_opinion", "agree"), {}))
    one_by_one(name, steps)


def _answer(stage: Stage, name: str) -> None:
    adopted = {"grade": "completed", "reply": "上线公告和页面截图属实，予以采纳。"}
    refused = {"reply": "两次论证均在评估期以后，不予采纳。"}
    steps = [
        partial(
            _complete,
            stage,
            opinion.item_id,
            ("answer_opinion", "adopt" if number == "1" else "refuse"),
            adopted if number == "1" else refused,
        )
        for number, opinion in _opinions(stage)
        if number in _OBJECTIONS
    ]
    one_by_one(name, steps)


HALF_A_YEAR: Final = 182


def _follow_up(stage: Stage, name: str) -> None:
    """One becomes an item with a deadline, one a case, one a change of the whole list, and one is not taken up."""
    clerk = stage.person(OFFICE, Role.OFFICE_STAFF)
    with stage.session() as session:
        rows = session.exec(select(Recommendation).order_by(col(Recommendation.position))).all()
    refused = {RecommendationKind.LIST_CHANGE: "清单年度修订时一并研究。"}
    due_on = local_date(stage.clock.at) + timedelta(days=HALF_A_YEAR)
    steps: list[Callable[[str], None]] = []
    for row in rows:
        if row.settled_at is None:
            kind = RecommendationKind(row.kind)
            whole_list = kind is RecommendationKind.LIST_CHANGE and row.task_id is None
            command = SettleRecommendation(
                recommendation_id=row.id,
                way=TakenUpAs.LIST_REVISION if whole_list else None,
                due_on=due_on if kind is RecommendationKind.NEW_ITEM else None,
                text="市场准入一张图" if kind is RecommendationKind.CASE else "",
                dropped_because=None if whole_list else refused.get(kind),
            )
            steps.append(partial(command_of, stage, command, clerk))
    one_by_one(name, steps)


def _publish(stage: Stage, name: str) -> None:
    command_of(stage, PublishReport(assessment_id=_id(stage)), stage.person(OFFICE, Role.UNIT_LEADER), name)


def _list_change(stage: Stage) -> UUID:
    with stage.session() as session:
        return session.exec(select(ListChange.item_id)).one()


def _propose_list_change(stage: Stage, name: str) -> None:
    """The days of two tasks move together, as the group has recommended."""
    due_on = (local_date(stage.clock.at) + timedelta(days=2 * HALF_A_YEAR)).isoformat()
    form = {
        "reason": "评估认为数据类任务应按新的分工重排时限。",
        "document_number": f"滨示联办纪要〔{stage.clock.at:%Y}〕2号",
        "changes": [{"act": "deadline", "numbers": "16、27", "deadline": "firm", "due_on": due_on}],
    }
    stage.complete(name, _list_change(stage), "draft_list_change", "propose", form=form)


def _approve_list_change(stage: Stage, name: str) -> None:
    stage.complete(name, _list_change(stage), "approve_list_change", "approve")
