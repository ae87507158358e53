"""A summary assessment from the start order to the report, and what its rules refuse on the way."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from db.tables import (
    Assessment,
    AssessmentPool,
    AssessmentRecusal,
    IssuedDocument,
    Item,
    ItemGrade,
    MinorityOpinion,
    Recommendation,
    Responsibility,
)
from domain.assessment_errors import (
    AssessmentPeriodInvalid,
    GradeNotOpen,
    GroupEven,
    GroupUnitUnknown,
    GroupWithoutAssessor,
    GroupWithoutDistrict,
    NothingToAssess,
    NoticeTooShort,
    RecommendationsOpen,
    SampleNumberUnknown,
    TooFewAssessors,
)
from domain.errors import InvalidForm, NotFound, PermissionDenied, ReasonMissing, WorkItemClosed, WrongStatus
from domain.permissions import Role
from services.assessments import ReplaceMember, SettleRecommendation, StopAssessment
from services.items import StopItem
from tests.assessment_world import MEETING, AssessmentWorld, build_assessment_world
from tests.world import World


@pytest.fixture
def city(world: World) -> AssessmentWorld:
    return build_assessment_world(world)


def rows(city, table):
    with city.world.sessions() as session:
        return list(session.exec(select(table)))


def test_an_assessment_runs_from_its_start_order_to_the_report_and_what_became_of_it(city):
    city.drawn()
    assert set(city.papers()) == {"1", "2", "3", "4"}
    for number in "134":
        city.assess_self(number)
        for _ in range(2):
            city.review(number, "mostly_completed")
        city.settle(number, "mostly_completed")
    city.assess_self("2")
    city.review("2", "completed", seat=1)
    city.review("2", "in_progress", seat=2)
    city.review("2", "breakthrough", seat=3)
    assert city.world.open_work(city.assessment, "hold_group_meeting") == []
    city.settle("2", "breakthrough")
    meeting = MEETING | {
        "minority": [{"unit": "西湖评区", "number": "2", "view": "应评推进中。"}],
        "recommendations": [
            {"kind": "new_item", "unit": "市牵头甲局", "text": "补齐共享接口"},
            {"kind": "list_change", "number": "3", "text": "调整第三项的表述"},
            {"kind": "case", "number": "2", "text": "总结突破经验"},
        ],
    }
    city.world.complete(city.assessment, "hold_group_meeting", form=meeting)
    one, *others = city.opinions()
    city.world.complete(
        one.item_id, "give_opinion", "object", form={"grounds": "已全面上线。", "proposed_grade": "completed"}
    )
    city.world.complete(one.item_id, "answer_opinion", "adopt", form={"grade": "completed", "reply": "佐证属实。"})
    second, *rest = others
    city.world.complete(second.item_id, "give_opinion", "object", form={"grounds": "标准偏严。"})
    city.world.complete(second.item_id, "answer_opinion", "refuse", form={"reply": "标准对各单位一致。"})
    for opinion in rest:
        city.world.complete(opinion.item_id, "give_opinion", "agree")
    city.world.complete(city.assessment, "rule_on_assessment", "approve")
    form = {"title": "试点中期评估报告", "addressee": "市人民政府"}
    city.world.complete(city.assessment, "issue_report", form=form)
    with pytest.raises(RecommendationsOpen):
        city.world.complete(city.assessment, "follow_up", "finish")
    by_kind = {each.kind: each for each in rows(city, Recommendation)}
    made = city.world.do(SettleRecommendation(recommendation_id=by_kind["new_item"].id), city.world.clerk)
    assert city.world.status(made) == "registered"
    for kind in ("list_change", "case"):
        with pytest.raises(ReasonMissing):
            city.world.do(SettleRecommendation(recommendation_id=by_kind[kind].id), city.world.clerk)
    paper = SettleRecommendation(recommendation_id=by_kind["case"].id, document_number="推广线索3号")
    city.world.do(paper, city.world.clerk)
    dropped = SettleRecommendation(recommendation_id=by_kind["list_change"].id, dropped_because="上级正在修订。")
    city.world.do(dropped, city.world.clerk)
    city.world.complete(city.assessment, "follow_up", "finish")
    assert city.world.status(city.assessment) == "settled"
    [opinion] = rows(city, MinorityOpinion)
    assert opinion.view == "应评推进中。"
    assert {(g.stage, g.grade) for g in rows(city, ItemGrade)} >= {
        ("opinion", "completed"),
        ("settled", "breakthrough"),
    }


def test_the_report_is_frozen_with_everything_it_says(city):
    city.drawn()
    city.graded(n1="completed")
    city.world.complete(city.assessment, "hold_group_meeting", form=MEETING)
    for opinion in city.opinions():
        city.world.complete(opinion.item_id, "give_opinion", "agree")
    city.world.complete(city.assessment, "rule_on_assessment", "approve")
    city.world.complete(city.assessment, "issue_report", form={"title": "试点中期评估报告", "addressee": "市人民政府"})
    [assessment] = rows(city, Assessment)
    [document] = rows(city, IssuedDocument)
    assert assessment.document_id == document.id
    assert (document.template, document.item_id) == ("assessment_report", city.assessment)
    for said in ("全面完成", "2026-04", "多数事项按计划推进。", "东湾评区"):
        assert said in document.snapshot


@pytest.mark.parametrize(
    ("names", "refused"),
    [
        (("市评甲局", "市评乙局", "市评丙委", "东湾评区", "西湖评区", "南评区"), GroupEven),
        (("市评甲局", "市评乙局", "市评丙委", "市补丁局", "市牵头甲局"), GroupWithoutDistrict),
        (("市评甲局", "市评乙局", "市评丙委", "东湾评区", "没有这个单位"), GroupUnitUnknown),
        (("市评甲局", "市评乙局", "市评丙委", "东湾评区", "市牵头甲局"), GroupWithoutAssessor),
    ],
)
def test_a_group_that_is_not_fit_is_not_even_proposed(city, names, refused):
    city.start()
    with pytest.raises(refused):
        city.form_group(*names)
    assert city.world.open_work(city.assessment, "approve_group") == []


def test_who_proposed_the_group_does_not_approve_it_and_a_return_asks_for_another(city):
    city.start()
    city.form_group(approve=False)
    work = "approve_group"
    with pytest.raises(PermissionDenied):
        city.world.complete(city.assessment, work, "approve", actor=city.world.clerk)
    city.world.complete(city.assessment, work, "return", reason_code="other", opinion="请再加一个区。")
    assert city.world.open_work(city.assessment, "propose_group")


def test_nobody_assesses_what_their_unit_leads(city):
    city.drawn()
    own = city.papers()["4"]
    assert str(city.members["市评乙局"]) not in own.seats
    recusals = [(r.unit_id, r.task_id, r.reason) for r in rows(city, AssessmentRecusal)]
    assert recusals == [(city.members["市评乙局"], city.tasks["4"], "lead")]


def test_a_unit_that_led_in_the_period_is_recused_after_the_lead_has_changed(city):
    with city.world.sessions() as session:
        part = session.exec(select(Responsibility).where(Responsibility.item_id == city.tasks["1"])).one()
        part.valid_to = city.world.clock.now() - timedelta(days=5)
        session.add(part)
        session.add(
            Responsibility(
                item_id=city.tasks["1"],
                unit_id=city.members["市评丙委"],
                role="lead",
                printed="市评丙委",
                position=0,
                valid_from=city.world.clock.now() - timedelta(days=5),
            )
        )
        session.add(
            Responsibility(
                item_id=city.tasks["3"],
                unit_id=city.members["东湾评区"],
                role="lead",
                printed="东湾评区",
                position=0,
                valid_from=city.world.clock.now() - timedelta(days=20),
                valid_to=city.world.clock.now() - timedelta(days=5),
            )
        )
        session.commit()
    city.drawn()
    recusals = {(r.unit_id, r.task_id) for r in rows(city, AssessmentRecusal)}
    assert (city.members["市评丙委"], city.tasks["1"]) in recusals
    assert (city.members["东湾评区"], city.tasks["3"]) in recusals


def test_the_same_seed_draws_the_same_sample_and_the_draw_is_on_record(city):
    city.drawn(sampling="number", size=2, named=[{"number": "4"}], seed="第5期开奖号")
    pool = rows(city, AssessmentPool)
    assert {each.task_id for each in pool} == set(city.tasks.values())
    drawn = {each.task_id for each in pool if each.drawn}
    assert city.tasks["4"] in drawn
    assert len(drawn) == 2
    [assessment] = rows(city, Assessment)
    assert assessment.seed == "第5期开奖号"


def test_suspended_and_terminated_items_are_listed_and_not_drawn(city):
    with city.world.sessions() as session:
        version = session.get_one(Item, city.tasks["3"]).version
    city.world.clock.at -= timedelta(days=10)
    stop = StopItem(
        item_id=city.tasks["3"], seen_version=version, message="terminate", reason="依据废止", document_number="部发9号"
    )
    city.world.do(stop, city.world.head)
    city.world.clock.at += timedelta(days=10)
    city.drawn()
    assert {each.task_id: each.outside for each in rows(city, AssessmentPool) if each.outside} == {
        city.tasks["3"]: "terminated"
    }
    assert "3" not in city.papers()


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"named": [{"number": "99"}]}, SampleNumberUnknown),
        ({"sampling": "share", "percent": 0}, InvalidForm),
        ({"visits": "sometimes"}, InvalidForm),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused(city, fields, refused):
    city.start()
    city.form_group()
    with pytest.raises(refused):
        city.plan(**fields)


def test_a_plan_is_refused_while_too_few_may_assess_an_item(city):
    with city.world.sessions() as session:
        for position, name in enumerate(("市评甲局", "市评丙委", "东湾评区"), 5):
            session.add(
                Responsibility(
                    item_id=city.tasks["1"],
                    unit_id=city.members[name],
                    role="lead",
                    printed=name,
                    position=position,
                    valid_from=city.world.clock.now() - timedelta(days=20),
                )
            )
        session.commit()
    city.start()
    city.form_group()
    with pytest.raises(TooFewAssessors) as error:
        city.plan()
    assert error.value.facts["numbers"] == "1"


def test_lists_without_an_issued_item_have_nothing_to_assess(city):
    city.start(list_ids=())
    with city.world.sessions() as session:
        for task_id in city.tasks.values():
            session.get_one(Item, task_id).issued_at = city.world.clock.now() + timedelta(days=1)
        session.commit()
    city.form_group()
    with pytest.raises(NothingToAssess):
        city.plan()


def test_a_period_that_ends_before_it_begins_or_after_today_is_refused(city):
    city.world.clock.at -= timedelta(days=2)
    with pytest.raises(AssessmentPeriodInvalid):
        city.start()


def test_a_self_assessment_that_does_not_come_is_not_waited_for(city):
    city.drawn(sampling="number", size=1, named=[{"number": "1"}])
    assert city.reviews("1") == []
    city.world.clock.advance(days=16)
    assert city.fire() == 1
    assert city.papers()["1"].self_outcome == "missed"
    assert len(city.reviews("1")) == 2


def test_a_third_is_asked_only_when_two_differ_by_more_than_one_step(city):
    city.drawn(sampling="number", size=1, named=[{"number": "1"}])
    city.assess_self("1")
    city.review("1", "completed")
    city.review("1", "mostly_completed")
    assert [r.seat for r in city.reviews("1")] == [1, 2]
    assert city.world.open_work(city.papers()["1"].item_id, "settle_grade")


def test_the_third_assessor_is_another_unit_and_the_item_waits_for_it(city):
    city.drawn(sampling="number", size=1, named=[{"number": "1"}])
    city.assess_self("1")
    city.review("1", "completed")
    city.review("1", "not_started")
    assert len({r.unit_id for r in city.reviews("1")}) == 3
    assert city.world.open_work(city.papers()["1"].item_id) == []
    city.review("1", "in_progress")
    assert city.world.open_work(city.papers()["1"].item_id, "settle_grade")


def test_an_assessor_who_declares_a_conflict_is_followed_by_another(city):
    city.drawn(sampling="number", size=1, named=[{"number": "1"}])
    city.assess_self("1")
    first = city.reviews("1")[0]
    city.world.complete(first.item_id, "review_item", "recuse", form={"recusal_reason": "曾参与项目验收。"})
    views = city.reviews("1")
    assert [(r.seat, r.outcome) for r in views if r.unit_id == first.unit_id] == [(first.seat, "recused")]
    assert len([r for r in views if r.outcome is None]) == 2
    assert first.unit_id not in {r.unit_id for r in views if r.outcome is None}
    declared = [r for r in rows(city, AssessmentRecusal) if r.reason == "declared"]
    assert [(r.unit_id, r.statement) for r in declared] == [(first.unit_id, "曾参与项目验收。")]


def test_a_breakthrough_is_refused_where_the_deadline_accepts_none(city):
    city.drawn(sampling="number", size=1, named=[{"number": "1"}])
    city.assess_self("1")
    with pytest.raises(GradeNotOpen):
        city.review("1", "breakthrough")


def test_a_grade_without_its_ground_is_refused(city):
    city.drawn(sampling="number", size=1, named=[{"number": "1"}])
    city.assess_self("1")
    with pytest.raises(InvalidForm):
        city.world.complete(city.reviews("1")[0].item_id, "review_item", "grade", form={"grade": "completed"})


def test_a_grade_that_comes_after_the_assessment_was_stopped_is_refused(city):
    city.drawn(sampling="number", size=1, named=[{"number": "1"}])
    city.assess_self("1")
    review = city.reviews("1")[0]
    [work] = city.world.open_work(review.item_id)
    city.world.do(StopAssessment(assessment_id=city.assessment, reason="上级统一评估。"), city.world.head)
    assert city.world.status(city.assessment) == "settled"
    assert {city.world.status(each) for each in (review.item_id, city.papers()["1"].item_id)} == {"settled"}
    from services.work_items import CompleteWorkItem

    late = CompleteWorkItem(work_item_id=work.id, seen_version=work.version, decision="grade", form={})
    with pytest.raises(WorkItemClosed):
        city.world.do(late, city.world.actor(review.unit_id, Role.ASSESSOR))
    with pytest.raises(WrongStatus):
        city.world.do(StopAssessment(assessment_id=city.assessment, reason="再次"), city.world.head)


def test_an_announced_visit_is_told_to_the_leads_three_days_before(city):
    city.drawn(sampling="number", size=1, named=[{"number": "2"}], visits="announced")
    city.assess_self("2")
    city.review("2", "completed")
    city.review("2", "completed")
    paper = city.papers()["2"].item_id
    with pytest.raises(NoticeTooShort):
        city.world.complete(paper, "give_notice", form={"visit_on": "2026-04-03", "place": "服务窗口"})
    city.world.complete(paper, "give_notice", form={"visit_on": "2026-04-04", "place": "服务窗口"})
    with city.world.sessions() as session:
        visit = session.exec(select(Item).where(Item.kind == "field_visit")).one()
    assert {w.unit_id for w in city.world.open_work(visit.id)} == set(city.world.leads[:2])
    city.world.clock.advance(days=3)
    seen = {"visited_on": "2026-04-04", "place": "服务窗口", "findings": "窗口已启用。"}
    city.world.complete(paper, "check_on_site", form=seen)
    city.settle("2", "completed")


def test_an_unannounced_visit_tells_the_leads_nothing(city):
    city.drawn(sampling="number", size=1, named=[{"number": "1"}], visits="unannounced")
    city.assess_self("1")
    city.review("1", "completed")
    city.review("1", "completed")
    assert city.world.open_work(city.papers()["1"].item_id, "check_on_site")
    with city.world.sessions() as session:
        visible = session.exec(
            select(Item.kind)
            .join(Responsibility, col(Responsibility.item_id) == col(Item.id))
            .where(Responsibility.unit_id == city.world.leads[0], Item.kind != "task")
        ).all()
    assert set(visible) == {"self_assessment"}


def test_what_the_conference_returns_asks_the_leads_only_about_changed_grades(city):
    city.drawn(sampling="number", size=2, named=[{"number": "1"}, {"number": "4"}])
    city.graded()
    city.world.complete(city.assessment, "hold_group_meeting", form=MEETING)
    for opinion in city.opinions():
        city.world.complete(opinion.item_id, "give_opinion", "agree")
    city.world.complete(city.assessment, "rule_on_assessment", "return", reason_code="other", opinion="第一项请再议。")
    changed = MEETING | {"changes": [{"number": "1", "grade": "in_progress", "reason": "尚未上线。"}]}
    city.world.complete(city.assessment, "hold_group_meeting", form=changed)
    assert [opinion.grade for opinion in city.opinions()] == ["in_progress"]
    city.world.complete(city.opinions()[0].item_id, "give_opinion", "agree")
    city.world.complete(city.assessment, "rule_on_assessment", "approve")


def test_a_lead_that_says_nothing_is_silent_and_the_assessment_goes_on(city):
    city.drawn(sampling="number", size=1, named=[{"number": "1"}])
    city.graded()
    city.world.complete(city.assessment, "hold_group_meeting", form=MEETING)
    assert city.world.open_work(city.assessment, "rule_on_assessment") == []
    city.world.clock.advance(days=8)
    city.fire()
    assert city.opinions() == []
    assert city.world.open_work(city.assessment, "rule_on_assessment")


def test_a_lost_member_hands_its_work_to_a_substitute_of_its_kind(city):
    city.drawn(sampling="number", size=1, named=[{"number": "1"}])
    city.assess_self("1")
    lost = city.reviews("1")[0]
    name = next(name for name, unit_id in city.members.items() if unit_id == lost.unit_id)
    new = city.extra["南评区" if "区" in name else "市补丁局"]
    command = ReplaceMember(
        assessment_id=city.assessment, lost_unit_id=lost.unit_id, new_unit_id=new, reason="人员调整。"
    )
    with pytest.raises(PermissionDenied):
        city.world.do(command, city.world.clerk)
    city.world.do(command, city.world.head)
    views = city.reviews("1")
    assert [r.outcome for r in views if r.unit_id == lost.unit_id] == ["cancelled"]
    assert new in {r.unit_id for r in views if r.outcome is None}
    city.review("1", "completed")
    city.review("1", "completed")
    city.settle("1", "completed")


def test_a_lost_chair_hands_the_open_settling_over(city):
    city.drawn(sampling="number", size=1, named=[{"number": "1"}])
    city.assess_self("1")
    city.review("1", "completed")
    city.review("1", "completed")
    chair, new = city.members["市评甲局"], city.extra["市补丁局"]
    command = ReplaceMember(assessment_id=city.assessment, lost_unit_id=chair, new_unit_id=new, reason="机构改革。")
    city.world.do(command, city.world.head)
    [work] = city.world.open_work(city.papers()["1"].item_id, "settle_grade")
    assert work.unit_id == new
    city.settle("1", "completed")
    [meeting] = city.world.open_work(city.assessment, "hold_group_meeting")
    assert meeting.unit_id == new


def test_who_has_no_part_in_it_does_not_learn_that_there_is_an_assessment(city):
    city.drawn()
    stop = StopAssessment(assessment_id=city.assessment, reason="误开")
    with pytest.raises(NotFound):
        city.world.do(stop, city.world.actor(city.world.leads[0], Role.LIAISON))
    with pytest.raises(NotFound):
        city.world.do(StopAssessment(assessment_id=UUID(int=1), reason="误开"), city.world.head)
