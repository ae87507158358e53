"""What the rules of an assessment refuse on its way, each by the command or form that a person would use."""

import pytest
from sqlmodel import col, select

from db.tables import AssessmentMember, Responsibility
from domain.assessment_errors import (
    AssessorConflict,
    GradeNotOpen,
    GroupTooSmall,
    MinorityAbsent,
    NoQuorum,
    NotAMember,
    NotInSample,
    SubstituteOfOtherKind,
)
from domain.errors import InvalidForm, ReasonMissing
from domain.permissions import Role
from services.assessments import ReplaceMember
from services.queries.item_detail import item_detail
from services.queries.reading import reading
from tests.assessment_world import MEETING, SCORES, AssessmentWorld, build_assessment_world
from tests.world import World

ONE = {"sampling": "number", "size": 1, "named": [{"number": "1"}]}


@pytest.fixture
def city(world: World) -> AssessmentWorld:
    return build_assessment_world(world)


def lead_from_now(city, number, unit_id):
    """The item has this unit in the lead too, as after a change of the lead that nobody told the assessors of."""
    with city.world.sessions() as session:
        session.add(
            Responsibility(
                item_id=city.tasks[number],
                unit_id=unit_id,
                role="lead",
                printed="后来牵头",
                position=7,
                valid_from=city.world.clock.now(),
            )
        )
        session.commit()


def test_a_group_of_three_is_too_small(city):
    city.start()
    with pytest.raises(GroupTooSmall):
        city.form_group("市评甲局", "市评乙局", "东湾评区")


def test_an_assessor_whose_unit_has_come_to_lead_the_item_does_not_grade_it(city):
    city.drawn(**ONE)
    city.assess_self("1")
    review = city.reviews("1")[0]
    lead_from_now(city, "1", review.unit_id)
    with pytest.raises(AssessorConflict):
        city.review("1", "completed", seat=review.seat)
    city.world.complete(review.item_id, "review_item", "recuse", form={"recusal_reason": "本单位已牵头该项。"})
    assert review.unit_id not in {each.unit_id for each in city.reviews("1") if each.outcome is None}


@pytest.mark.parametrize("score", [-1, 101, "高"])
def test_a_score_outside_its_range_is_refused(city, score):
    city.drawn(**ONE)
    city.assess_self("1")
    form = {"grade": "completed", "findings": "台账一致。", **SCORES, "effect": score}
    with pytest.raises(InvalidForm):
        city.world.complete(city.reviews("1")[0].item_id, "review_item", "grade", form=form)
    assert all(each.grade is None for each in city.reviews("1"))


def test_a_member_is_replaced_by_one_of_its_kind_with_a_reason_and_only_if_it_is_one(city):
    city.drawn(**ONE)
    lost, other_kind, same = city.members["市评丙委"], city.extra["南评区"], city.extra["市补丁局"]

    def replace(**fields):
        named = {"lost_unit_id": lost, "new_unit_id": same, "reason": "人员调整。"} | fields
        city.world.do(ReplaceMember(assessment_id=city.assessment, **named), city.world.head)

    for fields, refused in (
        ({"new_unit_id": other_kind}, SubstituteOfOtherKind),
        ({"lost_unit_id": city.world.leads[0]}, NotAMember),
        ({"reason": " "}, ReasonMissing),
    ):
        with pytest.raises(refused):
            replace(**fields)
    replace()
    with city.world.sessions() as session:
        now = session.exec(select(AssessmentMember).where(col(AssessmentMember.valid_to).is_(None))).all()
    assert len(now) == 5
    assert same in {row.unit_id for row in now}


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"present": [{"unit": "市评甲局"}, {"unit": "东湾评区"}]}, NoQuorum),
        (
            {
                "present": [{"unit": "市评甲局"}, {"unit": "市评乙局"}, {"unit": "市评丙委"}],
                "minority": [{"unit": "西湖评区", "view": "不同意。"}],
            },
            MinorityAbsent,
        ),
        ({"minority": [{"unit": "市评乙局", "number": "4", "view": "本单位已完成。"}]}, AssessorConflict),
        ({"changes": [{"number": "1", "grade": "breakthrough", "reason": "有突破。"}]}, GradeNotOpen),
        ({"changes": [{"number": "3", "grade": "completed", "reason": "已完成。"}]}, NotInSample),
        ({"recommendations": [{"kind": "case", "number": "3", "text": "总结经验"}]}, NotInSample),
    ],
)
def test_a_meeting_that_breaks_a_rule_is_refused_as_a_whole(city, changes, refused):
    city.drawn(sampling="number", size=2, named=[{"number": "1"}, {"number": "4"}])
    city.graded()
    with pytest.raises(refused):
        city.world.complete(city.assessment, "hold_group_meeting", form=MEETING | changes)
    assert city.opinions() == []
    assert city.world.open_work(city.assessment, "hold_group_meeting")


def test_an_objection_is_refused_only_with_an_answer(city):
    city.drawn(**ONE)
    city.graded()
    city.world.complete(city.assessment, "hold_group_meeting", form=MEETING)
    [opinion] = city.opinions()
    city.world.complete(opinion.item_id, "give_opinion", "object", form={"grounds": "标准偏严。"})
    with pytest.raises(InvalidForm):
        city.world.complete(opinion.item_id, "answer_opinion", "refuse", form={})


def test_the_office_reads_an_assessors_form_on_the_timeline_only_when_both_have_graded(city):
    city.drawn(**ONE)
    city.assess_self("1")
    first, second = city.reviews("1")
    city.world.clock.advance(hours=1)
    city.review("1", "completed", seat=first.seat)

    def said(actor):
        with reading(city.world.executor, actor) as asked:
            timeline = item_detail(asked, first.item_id).timeline
        return [
            (entry.withheld, entry.form is not None and "台账与佐证一致。" in str(entry.form))
            for entry in timeline
            if entry.name == "review_item"
        ]

    assert said(city.world.actor(first.unit_id, Role.ASSESSOR)) == [(False, True)]
    assert said(city.world.clerk) == [(True, False)]
    city.world.clock.advance(hours=1)
    city.review("1", "completed", seat=second.seat)
    assert said(city.world.clerk) == [(False, True)]
