"""What becomes of recommendations of an assessment: items, cases, changes of an item, or nothing with the reason."""

from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from db.tables import DeadlineChange, Item, ProcessInstance, Recommendation, ReplicationCase, Responsibility
from domain.assessment import TakenUpAs
from domain.assessment_errors import (
    RecommendationEarly,
    RecommendationPaperMissing,
    RecommendationReasonMissing,
    RecommendationSettled,
    RecommendationsOpen,
    RecommendationUnitMissing,
    RecommendationWayUnfit,
)
from domain.errors import NotFound, PermissionDenied, WrongStatus
from domain.permissions import Role
from services.assessment_recommendations import SettleRecommendation
from services.assessments import StopAssessment
from services.queries.assessment_papers import assessment_outcome
from services.queries.reading import reading
from services.queries.replication import case_detail
from tests.assessment_world import MEETING, AssessmentWorld, build_assessment_world
from tests.world import World

TWO = {"sampling": "number", "size": 2, "named": [{"number": "1"}, {"number": "2"}]}
NEW = {"kind": "new_item", "unit": "市牵头甲局", "text": "补齐共享接口"}
CASE = {"kind": "case", "number": "2", "text": "总结突破经验"}
CHANGE = {"kind": "list_change", "number": "1", "text": "改为每年一次的常态工作"}
ADDITION = {"kind": "list_change", "text": "清单增列数据质量抽查"}


@pytest.fixture
def city(world: World) -> AssessmentWorld:
    return build_assessment_world(world)


def settle(city, wanted, actor=None, **fields):
    """Settle the recommendation with these words."""
    with city.world.sessions() as session:
        row = session.exec(select(Recommendation).where(Recommendation.text == wanted["text"])).one()
    return city.world.do(SettleRecommendation(recommendation_id=row.id, **fields), actor or city.world.clerk)


def outcome_of(city, actor=None):
    with reading(city.world.executor, actor or city.world.clerk) as asked:
        return {row.text: row for row in assessment_outcome(asked, city.assessment).recommendations}


def get(city, table, key):
    with city.world.sessions() as session:
        return session.get_one(table, key)


def test_a_new_item_is_registered_for_the_unit_that_was_named_and_waits_to_be_issued(city):
    city.reported(NEW, plan=TWO)
    made = settle(city, NEW, due_on=date(2026, 9, 30))
    item = get(city, Item, made)
    assert (item.text, item.status, item.section) == ("补齐共享接口", "registered", "2026 中期评估")
    with city.world.sessions() as session:
        assert session.exec(select(Responsibility.unit_id).where(Responsibility.item_id == made)).all() == [
            city.world.leads[0]
        ]
        assert session.exec(select(DeadlineChange.reason).where(DeadlineChange.item_id == made)).all() == ["original"]
    city.world.complete(made, "issue")
    row = outcome_of(city)["补齐共享接口"]
    assert (row.became_id, row.became_as, row.became_seen, row.became_due_on) == (made, "item", True, date(2026, 9, 30))
    assert row.became_state == "已交办"


def test_a_case_is_nominated_by_the_leads_of_the_item_and_names_the_assessment_as_its_source(city):
    city.reported(CASE, plan=TWO)
    made = settle(city, CASE, text="数据共享的做法")
    case = get(city, ReplicationCase, made)
    named = (case.source_kind, case.source_assessment_id, case.source_item_id, case.clue)
    assert named == ("assessment", city.assessment, city.tasks["2"], "总结突破经验")
    with city.world.sessions() as session:
        applicants = session.exec(
            select(Responsibility.unit_id)
            .where(Responsibility.item_id == made, Responsibility.role == "applicant")
            .order_by(col(Responsibility.position))
        ).all()
    assert set(applicants) == set(city.world.leads[:2])
    assert {work.unit_id for work in city.world.open_work(made)} <= set(city.world.leads[:2])
    row = outcome_of(city)["总结突破经验"]
    assert (row.became_id, row.became_label, row.became_state) == (made, "作为复制推广案例提名", "申报")


def test_the_applicants_of_a_case_learn_its_clue_and_not_the_assessment_that_it_comes_from(city):
    city.reported(CASE, plan=TWO)
    made = settle(city, CASE)
    with reading(city.world.executor, city.world.clerk) as asked:
        assert case_detail(asked, made).source.assessment_id == city.assessment
    with reading(city.world.executor, city.world.actor(city.world.leads[0], Role.LIAISON)) as asked:
        seen = case_detail(asked, made)
    assert (seen.clue, seen.source.assessment_id, seen.source_item_id) == ("总结突破经验", None, city.tasks["2"])


def test_a_change_of_the_lead_opens_its_process_on_the_item_and_the_page_tells_when_it_is_decided(city):
    city.reported(CHANGE, plan=TWO)
    made = settle(city, CHANGE, way=TakenUpAs.CHANGE_OF_LEAD)
    assert made == city.tasks["1"]
    with city.world.sessions() as session:
        process = session.exec(
            select(ProcessInstance).where(
                ProcessInstance.item_id == made, ProcessInstance.key == "change_of_responsibility"
            )
        ).one()
    row = outcome_of(city)[CHANGE["text"]]
    assert (row.became_as, row.became_state) == ("change_of_lead", "办理中")
    with city.world.sessions() as session:
        kept = session.exec(select(Recommendation.became_instance_id)).one()
    assert kept == process.id


def test_a_reworded_item_is_withdrawn_and_goes_on_with_the_new_words_and_the_same_leads(city):
    city.reported(CHANGE, plan=TWO)
    with pytest.raises(PermissionDenied):
        settle(city, CHANGE, way=TakenUpAs.REWORDING)
    made = settle(city, CHANGE, city.world.head, way=TakenUpAs.REWORDING)
    new = get(city, Item, made)
    assert (new.text, new.number, new.status) == ("改为每年一次的常态工作", "1/2", "registered")
    assert new.continues_id == city.tasks["1"]
    assert new.due_at is not None
    assert city.world.status(city.tasks["1"]) == "withdrawn"
    assert outcome_of(city)[CHANGE["text"]].became_id == made


def test_an_item_is_terminated_only_by_the_document_that_revokes_it(city):
    city.reported(CHANGE, plan=TWO)
    with pytest.raises(RecommendationPaperMissing):
        settle(city, CHANGE, city.world.head, way=TakenUpAs.TERMINATION)
    assert city.world.status(city.tasks["1"]) == "issued"
    settle(city, CHANGE, city.world.head, way=TakenUpAs.TERMINATION, document_number="部发9号")
    assert city.world.status(city.tasks["1"]) == "terminated"
    row = outcome_of(city)[CHANGE["text"]]
    assert (row.became_id, row.became_state, row.document_number) == (city.tasks["1"], "已终止", "部发9号")


def test_an_ended_item_does_not_get_another_lead(city):
    city.reported(CHANGE, {**CHANGE, "text": "依据废止，不再推进"}, plan=TWO)
    settle(city, {"text": "依据废止，不再推进"}, city.world.head, way=TakenUpAs.TERMINATION, document_number="部发9号")
    with pytest.raises(WrongStatus):
        settle(city, CHANGE)
    assert outcome_of(city)[CHANGE["text"]].settled_at is None


def test_a_change_of_the_list_that_names_no_item_adds_one(city):
    city.reported(ADDITION, plan=TWO)
    with pytest.raises(RecommendationUnitMissing):
        settle(city, ADDITION)
    with pytest.raises(RecommendationWayUnfit) as refused:
        settle(city, ADDITION, city.world.head, way=TakenUpAs.TERMINATION)
    assert refused.value.facts["ways"] == "列为新的督办事项、调整整张清单"
    assert city.world.status(settle(city, ADDITION, lead_unit_id=city.world.leads[1])) == "registered"


def test_what_is_not_taken_up_has_a_reason_and_what_is_settled_is_not_settled_again(city):
    city.reported(NEW, plan=TWO)
    with pytest.raises(RecommendationReasonMissing):
        settle(city, NEW, dropped_because=" ")
    settle(city, NEW, dropped_because="已有同类事项。")
    assert outcome_of(city)[NEW["text"]].dropped_because == "已有同类事项。"
    with pytest.raises(RecommendationSettled):
        settle(city, NEW)


def test_an_assessment_does_not_end_while_a_recommendation_has_no_answer(city):
    city.reported(NEW, CASE, CHANGE, plan=TWO)
    for position, each in enumerate((NEW, CASE, CHANGE)):
        with pytest.raises(RecommendationsOpen) as refused:
            city.world.complete(city.assessment, "follow_up", "finish")
        assert refused.value.facts["count"] == 3 - position
        settle(city, each)
    city.world.complete(city.assessment, "follow_up", "finish")
    assert city.world.status(city.assessment) == "settled"
    with pytest.raises(WrongStatus):
        settle(city, NEW)


def test_a_stopped_assessment_answers_what_it_had_recommended_with_why_it_was_stopped(city):
    city.drawn(**TWO)
    city.graded()
    city.world.complete(city.assessment, "hold_group_meeting", form=MEETING | {"recommendations": [NEW, CHANGE]})
    with pytest.raises(RecommendationEarly):
        settle(city, NEW)
    city.world.do(StopAssessment(assessment_id=city.assessment, reason="上级统一评估。"), city.world.head)
    rows = outcome_of(city)
    assert [row.dropped_because for row in rows.values()] == ["上级统一评估。"] * 2
    assert all(row.settled_at for row in rows.values())


def test_the_database_takes_no_settled_recommendation_without_an_answer(city):
    city.reported(NEW, plan=TWO)
    with city.world.sessions() as session:
        session.exec(select(Recommendation)).one().settled_at = city.world.clock.now()
        with pytest.raises(IntegrityError, match="ck_recommendation_answered"):
            session.commit()


def test_who_has_no_part_in_the_office_does_not_learn_of_a_recommendation(city):
    city.reported(NEW, plan=TWO)
    with pytest.raises(NotFound):
        settle(city, NEW, city.world.actor(city.world.leads[0], Role.LIAISON))
