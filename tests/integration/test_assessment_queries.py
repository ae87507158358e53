"""What people see of an assessment: the matrix with recusals, and no view while another is asked for."""

import pytest

from domain.errors import NotFound
from domain.permissions import Actor, Role
from services.queries.assessment_papers import assessment_outcome, assessment_sheet
from services.queries.assessments import assessment, assessments
from services.queries.item_detail import item_detail
from services.queries.reading import reading
from tests.assessment_world import MEETING, AssessmentWorld, build_assessment_world
from tests.world import World


@pytest.fixture
def city(world: World) -> AssessmentWorld:
    return build_assessment_world(world)


def ask(city: AssessmentWorld, actor: Actor):
    return reading(city.world.executor, actor)


def member(city: AssessmentWorld, name: str) -> Actor:
    return city.world.actor(city.members[name], Role.ASSESSOR)


def test_the_matrix_shows_who_is_recused_and_who_is_asked(city):
    city.drawn()
    with ask(city, city.world.clerk) as asked:
        seen = assessment(asked, city.assessment)
    assert [m.unit for m in seen.members] == ["市评甲局", "市评乙局", "市评丙委", "东湾评区", "西湖评区"]
    lines = {row.number: row for row in seen.matrix}
    assert lines["4"].cells[1].state == "recused"
    for row in seen.matrix:
        assert {cell.seat for cell in row.cells if cell.state == "asked"} == {1, 2}
    assert lines["3"].basis == "year_goals"
    assert lines["2"].leads == ("市牵头甲局", "市牵头乙局")
    assert seen.plan is not None
    assert seen.plan.drawn_again


def test_no_grade_is_told_to_anybody_else_before_two_have_given_one(city):
    city.drawn(sampling="number", size=1, named=[{"number": "1"}])
    city.assess_self("1")
    city.review("1", "completed")
    for actor in (city.world.clerk, city.world.head, member(city, "市评甲局")):
        with ask(city, actor) as asked:
            [row] = assessment(asked, city.assessment).matrix
            assert not row.shown
            own = actor.units_as(Role.ASSESSOR)
            assert {cell.grade for cell in row.cells if cell.unit_id not in own} == {None}
    with ask(city, city.world.clerk) as asked:
        assert assessment_sheet(asked, row.id).views == ()
    first = next(review.item_id for review in city.reviews("1") if review.outcome == "given")

    def told(actor: Actor) -> list[str]:
        with ask(city, actor) as asked:
            return [repr(entry.form) for entry in item_detail(asked, first).timeline if entry.name == "review_item"]

    assert told(city.world.clerk) == ["None"]
    city.review("1", "mostly_completed")
    [form] = told(city.world.clerk)
    assert "台账与佐证一致" in form
    with ask(city, city.world.clerk) as asked:
        [row] = assessment(asked, city.assessment).matrix
        views = assessment_sheet(asked, row.id).views
    assert row.shown
    assert {cell.grade for cell in row.cells} == {None, "completed", "mostly_completed"}
    assert [view.grade for view in views] == ["completed", "mostly_completed"]


def test_nobody_reads_the_first_two_views_while_a_third_is_asked_but_who_gave_them(city):
    city.drawn(sampling="number", size=1, named=[{"number": "1"}])
    city.assess_self("1")
    city.review("1", "completed")
    city.review("1", "not_started")
    given = {r.unit_id: r.grade for r in city.reviews("1") if r.outcome == "given"}
    [third] = [r for r in city.reviews("1") if r.outcome is None]
    paper = city.papers()["1"].item_id
    people = [city.world.clerk, city.world.head, *(member(city, name) for name in city.members)]
    for actor in people:
        with ask(city, actor) as asked:
            [row] = assessment(asked, city.assessment).matrix
            assert not row.shown
            assert row.common is None
            own = {cell.unit_id: cell.grade for cell in row.cells if cell.grade}
            assert own == {unit: grade for unit, grade in given.items() if unit in actor.units_as(Role.ASSESSOR)}
    for actor in (city.world.clerk, *(city.world.actor(unit, Role.ASSESSOR) for unit in given)):
        with ask(city, actor) as asked:
            assert assessment_sheet(asked, paper).views == ()
    city.review("1", "in_progress")
    for actor in (city.world.clerk, city.world.actor(third.unit_id, Role.ASSESSOR)):
        with ask(city, actor) as asked:
            [row] = assessment(asked, city.assessment).matrix
            assert (row.shown, row.common) == (True, "in_progress")
            views = assessment_sheet(asked, paper).views
            assert sorted(view.grade for view in views) == ["completed", "in_progress", "not_started"]


def test_who_is_recused_reads_the_views_of_its_item_only_when_the_grade_is_settled(city):
    city.drawn(sampling="number", size=1, named=[{"number": "4"}])
    city.assess_self("4")
    city.review("4", "completed")
    city.review("4", "completed")

    def told(name: str) -> set[str | None]:
        with ask(city, member(city, name)) as asked:
            [row] = assessment(asked, city.assessment).matrix
            return {cell.grade for cell in row.cells}

    assert told("市评乙局") == {None}
    assert told("市评甲局") == {None, "completed"}
    city.settle("4", "completed")
    assert told("市评乙局") == {None, "completed"}


def test_one_assessor_does_not_find_the_other_ones_view(city):
    city.drawn(sampling="number", size=1, named=[{"number": "1"}])
    city.assess_self("1")
    one, other = city.reviews("1")
    with ask(city, city.world.actor(one.unit_id, Role.ASSESSOR)) as asked:
        sheet = assessment_sheet(asked, one.item_id)
        assert sheet.self_assessment["done"] == "办法已印发。"
        assert item_detail(asked, sheet.task_id).summary.number == "1"
        for hidden in (lambda: assessment_sheet(asked, other.item_id), lambda: item_detail(asked, other.item_id)):
            with pytest.raises(NotFound):
                hidden()


def test_a_lead_sees_its_own_papers_and_nothing_of_the_group(city):
    city.drawn(sampling="number", size=1, named=[{"number": "1"}])
    city.graded()
    lead = city.world.actor(city.world.leads[0], Role.UNIT_LEADER)
    paper = city.papers()["1"]
    assert paper.self_item_id is not None
    with ask(city, lead) as asked:
        assert assessments(asked) == ()
        assert item_detail(asked, paper.self_item_id).summary.status == "settled"
        for hidden in (
            lambda: assessment(asked, city.assessment),
            lambda: assessment_sheet(asked, paper.item_id),
            lambda: assessment_outcome(asked, city.assessment),
        ):
            with pytest.raises(NotFound):
                hidden()


def test_what_came_of_it_is_told_in_order(city):
    city.drawn(sampling="number", size=2, named=[{"number": "1"}, {"number": "4"}])
    city.graded(n1="completed")
    meeting = MEETING | {
        "minority": [{"unit": "西湖评区", "number": "1", "view": "应评基本完成。"}],
        "recommendations": [{"kind": "case", "number": "1", "text": "总结经验"}],
    }
    city.world.complete(city.assessment, "hold_group_meeting", form=meeting)
    first = city.opinions()[0]
    city.world.complete(first.item_id, "give_opinion", "object", form={"grounds": "标准偏严。"})
    city.world.complete(first.item_id, "answer_opinion", "refuse", form={"reply": "标准一致。"})
    with ask(city, member(city, "市评乙局")) as asked:
        outcome = assessment_outcome(asked, city.assessment)
        [row] = assessments(asked)
        counts = {each.grade: each.count for each in assessment(asked, city.assessment).counts}
    assert (row.sample, row.graded) == (2, 2)
    assert counts["completed"] == counts["mostly_completed"] == 1
    assert [(m.unit, m.number) for m in outcome.meetings[0].minority] == [("西湖评区", "1")]
    told = {(o.number, o.outcome, o.reply) for o in outcome.opinions}
    assert ("1", "refused", "标准一致。") in told
    assert [r.kind_label for r in outcome.recommendations] == ["作为推广线索"]
