"""A summary assessment from the start order to the report, and what its rules refuse on the way."""

from datetime import timedelta

import pytest
from sqlmodel import select

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
    GroupEven,
    GroupUnitUnknown,
    GroupWithoutAssessor,
    GroupWithoutDistrict,
    NothingToAssess,
    RecommendationsOpen,
    SampleNumberUnknown,
    TooFewAssessors,
)
from domain.errors import InvalidForm, PermissionDenied
from services.assessment_recommendations import SettleRecommendation
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
    for each in rows(city, Recommendation):
        city.world.do(
            SettleRecommendation(recommendation_id=each.id, dropped_because="上级正在修订。"), city.world.clerk
        )
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
