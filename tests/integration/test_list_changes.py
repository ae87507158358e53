"""A whole list is changed at once: many deadlines, leads and ends, additions, and the end of the list."""

from datetime import date

import pytest
from sqlmodel import col, select

from db.tables import (
    Assessment,
    DeadlineChange,
    Item,
    ItemDeadline,
    ListChange,
    ListChangeEntry,
    Recommendation,
    Responsibility,
    TaskList,
    Unit,
)
from domain.assessment import TakenUpAs
from domain.assessment_errors import RecommendationListUnclear
from domain.calendar import end_of
from domain.errors import NotFound, OwnSubmission, PermissionDenied
from domain.items import ListStatus, Origin
from domain.list_change_errors import (
    ListChangeItemEnded,
    ListChangeLeadAlready,
    ListChangeRunning,
    ListNotInForce,
    ListWithoutEnd,
)
from domain.permissions import Role
from services.items import StopItem
from services.list_changes import StartListChange
from services.queries.item_detail import item_detail
from services.queries.list_changes import list_changes
from services.queries.reading import reading
from tests.assessment_world import AssessmentWorld, build_assessment_world
from tests.integration.test_assessment_recommendations import outcome_of, settle
from tests.world import World

TWO = {"sampling": "number", "size": 2, "named": [{"number": "1"}, {"number": "2"}]}
REVISION = {"kind": "list_change", "text": "清单按新的分工整体调整"}


@pytest.fixture
def city(world: World) -> AssessmentWorld:
    return build_assessment_world(world)


def list_of(city) -> TaskList:
    with city.world.sessions() as session:
        return session.get_one(TaskList, session.get_one(Item, city.tasks["1"]).list_id)


def begin(city, actor=None):
    return city.world.do(StartListChange(list_id=list_of(city).id), actor or city.world.clerk).item_id


def propose(city, change, *changes, paper="会议纪要〔2026〕3号"):
    form = {"reason": "分工调整。", "document_number": paper, "changes": list(changes)}
    city.world.complete(change, "draft_list_change", "propose", form=form)


def approve(city, change):
    return city.world.complete(change, "approve_list_change", "approve")


def item(city, number) -> Item:
    with city.world.sessions() as session:
        return session.get_one(Item, city.tasks[number])


def leads(city, number) -> list[str]:
    part = col(Responsibility.role) == "lead"
    statement = select(Unit.short_name).join(Responsibility, col(Responsibility.unit_id) == col(Unit.id))
    current = statement.where(
        part, Responsibility.item_id == city.tasks[number], col(Responsibility.valid_to).is_(None)
    )
    return rows(city, current.order_by(col(Responsibility.position)))


def rows(city, statement):
    with city.world.sessions() as session:
        return list(session.exec(statement).all())


def test_many_deadlines_leads_and_ends_and_an_addition_take_effect_at_once(city):
    change = begin(city)
    propose(
        city,
        change,
        {"act": "deadline", "numbers": "1", "deadline": "strive", "due_on": "2027-06-30"},
        {"act": "lead", "numbers": "2、3", "unit": "市评丙委"},
        {"act": "terminate", "numbers": "4"},
        {"act": "add", "text": "建立按月会商制度", "unit": "市评甲局", "deadline": "firm", "due_on": "2026-12-31"},
    )
    assert item(city, "1").due_strength is None
    assert leads(city, "3") == ["市牵头乙局"]
    approve(city, change)
    first = item(city, "1")
    assert (first.due_at, first.due_strength) == (end_of(date(2027, 6, 30)), "strive")
    changes = rows(
        city, select(DeadlineChange).where(DeadlineChange.item_id == first.id).order_by(col(DeadlineChange.id))
    )
    assert [each.kind for each in changes] == ["original", "list_change"]
    assert changes[0].due_at == end_of(date(2026, 12, 31))
    phrases = rows(
        city, select(ItemDeadline).where(ItemDeadline.item_id == first.id).order_by(col(ItemDeadline.position))
    )
    assert [(each.phrase, each.replaced_at is None) for each in phrases] == [
        ("2026年底前", False),
        ("2027-06-30 力争完成", True),
    ]
    assert (leads(city, "2"), leads(city, "3")) == (["市评丙委"], ["市评丙委"])
    assert {work.unit_id for work in city.world.open_work(city.tasks["2"])} == {city.members["市评丙委"]}
    assert item(city, "4").status == "terminated"
    [added] = rows(city, select(Item).where(Item.text == "建立按月会商制度"))
    assert (added.list_id, added.number, added.status) == (list_of(city).id, "5", "registered")
    city.world.complete(added.id, "issue")
    [kept] = rows(city, select(ListChange))
    assert (kept.number, kept.reason, kept.document_number) == (1, "分工调整。", "会议纪要〔2026〕3号")
    assert [entry.act for entry in rows(city, select(ListChangeEntry).order_by(col(ListChangeEntry.position)))] == [
        *("deadline", "lead", "lead", "terminate", "add"),
    ]


def test_work_that_goes_on_gets_a_day_and_work_with_a_day_goes_on(city):
    change = begin(city)
    propose(
        city,
        change,
        {"act": "deadline", "numbers": "1", "deadline": "ongoing"},
        {"act": "deadline", "numbers": "3", "deadline": "breakthrough_ok", "due_on": "2026-11-30"},
    )
    approve(city, change)
    assert (item(city, "1").due_at, item(city, "1").due_strength) == (None, None)
    assert (item(city, "3").due_at, item(city, "3").due_strength) == (end_of(date(2026, 11, 30)), "breakthrough_ok")


def test_nothing_takes_effect_when_one_of_the_items_has_ended_meanwhile(city):
    change = begin(city)
    propose(city, change, {"act": "withdraw", "numbers": "1"}, {"act": "lead", "numbers": "3", "unit": "市评丙委"})
    third = item(city, "3")
    city.world.do(
        StopItem(item_id=third.id, seen_version=third.version, message="withdraw", reason="重复。"), city.world.head
    )
    with pytest.raises(ListChangeItemEnded) as refused:
        approve(city, change)
    assert refused.value.facts["numbers"] == "3"
    assert item(city, "1").status == "issued"
    city.world.complete(change, "approve_list_change", "return", reason_code="other", opinion="第3项已撤回。")
    city.world.complete(change, "draft_list_change", "drop", form={"reason": "并入下一次调整。"})
    with reading(city.world.executor, city.world.clerk) as asked:
        [row] = list_changes(asked, list_of(city).id).changes
    assert (row.dropped, row.number, row.reason, row.items) == (True, None, "并入下一次调整。", ())


def test_a_list_ends_with_all_that_is_left_of_it_and_takes_no_further_change(city):
    change = begin(city)
    with pytest.raises(ListWithoutEnd):
        propose(city, change, {"act": "end"})
    with city.world.sessions() as session:
        session.get_one(TaskList, list_of(city).id).origin = Origin.DOCUMENT
        session.commit()
    propose(city, change, {"act": "end"})
    approve(city, change)
    assert list_of(city).status == ListStatus.ENDED
    assert {item(city, number).status for number in city.tasks} == {"terminated"}
    with pytest.raises(ListNotInForce):
        begin(city)
    with reading(city.world.executor, city.world.clerk) as asked:
        seen = list_changes(asked, list_of(city).id)
    assert (seen.status_label, seen.may_begin, seen.changes[0].items[-1].act_label) == ("已终结", False, "终结清单")


def test_a_list_has_one_change_at_a_time_and_nobody_approves_their_own(city):
    change = begin(city)
    with pytest.raises(ListChangeRunning):
        begin(city)
    with pytest.raises(PermissionDenied):
        begin(city, city.world.actor(city.world.office, Role.CONVENER))
    with pytest.raises(NotFound):
        begin(city, city.world.actor(city.world.leads[0], Role.LIAISON))
    with pytest.raises(ListChangeLeadAlready):
        propose(city, change, {"act": "lead", "numbers": "1", "unit": "市牵头甲局"})
    propose(city, change, {"act": "withdraw", "numbers": "1"})
    clerk, convener = city.world.clerk, city.world.actor(city.world.office, Role.CONVENER)
    city.world.people[city.world.office, Role.CONVENER] = type(convener)(
        id=clerk.id, name=clerk.name, memberships=convener.memberships | clerk.memberships
    )
    with pytest.raises(OwnSubmission):
        approve(city, change)


def test_a_recommendation_becomes_a_change_of_the_list_and_each_leads_to_the_other(city):
    city.reported(REVISION, plan=TWO)
    made = settle(city, REVISION, way=TakenUpAs.LIST_REVISION)
    with reading(city.world.executor, city.world.clerk) as asked:
        [row] = list_changes(asked, list_of(city).id).changes
    assert row.asked_by is not None
    assert (row.id, row.asked_by.assessment_id, row.asked_by.text) == (made, city.assessment, REVISION["text"])
    told = outcome_of(city)[REVISION["text"]]
    assert (told.became_id, told.became_as, told.became_label, told.became_state) == (
        *(made, "list_revision", "调整整张清单", "办理中"),
    )
    propose(city, made, {"act": "lead", "numbers": "3", "unit": "市评丙委"})
    approve(city, made)
    assert outcome_of(city)[REVISION["text"]].became_state == "办毕"
    assert leads(city, "3") == ["市评丙委"]


def test_which_of_several_lists_is_changed_has_to_be_said(city):
    city.reported(REVISION, plan=TWO)
    own = list_of(city).id
    with city.world.sessions() as session:
        assessment = session.get_one(Assessment, city.assessment)
        assessment.list_ids = [*assessment.list_ids, str(own)]
        session.commit()
    with pytest.raises(RecommendationListUnclear):
        settle(city, REVISION, way=TakenUpAs.LIST_REVISION)
    settle(city, REVISION, way=TakenUpAs.LIST_REVISION, list_id=own)
    [row] = rows(city, select(Recommendation))
    assert row.became_as == "list_revision"


def test_a_unit_reads_in_its_items_story_what_the_list_changed_and_nothing_of_other_items(city):
    change = begin(city)
    propose(city, change, {"act": "lead", "numbers": "3", "unit": "市评丙委"}, {"act": "withdraw", "numbers": "4"})
    newcomer = city.world.actor(city.members["市评丙委"], Role.LIAISON)
    with reading(city.world.executor, newcomer) as asked, pytest.raises(NotFound):
        list_changes(asked, list_of(city).id)
    approve(city, change)
    with reading(city.world.executor, newcomer) as asked:
        [row] = list_changes(asked, list_of(city).id).changes
        assert [(each.number, each.before, each.after) for each in row.items] == [("3", "市牵头乙局", "市评丙委")]
        story = item_detail(asked, city.tasks["3"]).timeline
    [told] = [entry for entry in story if entry.name == "list_change"]
    assert (told.label, told.decision_label, told.document_number) == (
        "清单调整",
        "调整牵头单位",
        "会议纪要〔2026〕3号",
    )
    assert told.opinion == "市牵头乙局 → 市评丙委 分工调整。"
