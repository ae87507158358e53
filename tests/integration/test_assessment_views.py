"""Independent views, visits, opinions and lost members of a summary assessment."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlmodel import col, select

from db.tables import (
    AssessmentRecusal,
    Item,
    Responsibility,
)
from domain.assessment_errors import (
    GradeNotOpen,
    NoticeTooShort,
    ViewGivenAlready,
)
from domain.errors import InvalidForm, NotFound, PermissionDenied, WorkItemClosed, WrongStatus
from domain.permissions import Membership, Role
from services.assessments import ReplaceMember, StopAssessment
from services.work_items import CompleteWorkItem
from tests.assessment_world import MEETING, SCORES, AssessmentWorld, build_assessment_world
from tests.world import World


@pytest.fixture
def city(world: World) -> AssessmentWorld:
    return build_assessment_world(world)


def rows(city, table):
    with city.world.sessions() as session:
        return list(session.exec(select(table)))


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


def test_one_person_gives_one_view_of_an_item_also_for_two_units(city):
    city.drawn(sampling="number", size=1, named=[{"number": "1"}])
    city.assess_self("1")
    city.review("1", "completed")
    given = next(r for r in city.reviews("1") if r.outcome == "given")
    other = next(r for r in city.reviews("1") if r.outcome is None)
    same = city.world.actor(given.unit_id, Role.ASSESSOR)
    both = replace(same, memberships=same.memberships | {Membership(other.unit_id, Role.ASSESSOR)})
    [work] = city.world.open_work(other.item_id)
    form = {"grade": "completed", "findings": "同上。", **SCORES}
    again = CompleteWorkItem(work_item_id=work.id, seen_version=work.version, decision="grade", form=form)
    with pytest.raises(ViewGivenAlready):
        city.world.do(again, both)
    city.review("1", "completed")
