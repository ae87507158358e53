"""Every end and every way of the models of a summary assessment."""

from datetime import timedelta

import pytest

from tests.unit.models.walk import NOW, Walk, bundle

STEPS = {
    "summary_assessment": {
        *("propose_group", "approve_group", "draft_assessment_plan", "approve_assessment_plan", "hold_group_meeting"),
        *("rule_on_assessment", "issue_report", "follow_up"),
    },
    "assessed_item": {"give_notice", "check_on_site", "settle_grade"},
    "item_review": {"review_item"},
    "self_assessment": {"assess_self", "sign_self_assessment"},
    "lead_opinion": {"give_opinion", "answer_opinion"},
    "visit_notice": {"receive_notice"},
    "list_change": {"draft_list_change", "approve_list_change"},
}


@pytest.mark.parametrize("key", STEPS)
def test_the_paths_below_know_every_step(key):
    assert set(bundle(key).user_tasks) == STEPS[key]
    assert bundle(key).lint() == []


def test_an_assessment_goes_from_the_group_to_what_became_of_its_recommendations():
    walk = Walk("summary_assessment", opinions_wanted=True)
    for step in ("propose_group", "approve_group", "draft_assessment_plan", "approve_assessment_plan"):
        walk.do(step)
    assert walk.open is None
    walk.send("items_graded").do("hold_group_meeting")
    assert walk.open is None
    walk.send("opinions_in").do("rule_on_assessment").do("issue_report").do("follow_up")
    assert walk.outcome == "reported"


@pytest.mark.parametrize(
    ("step", "again"),
    [
        ("approve_group", "propose_group"),
        ("approve_assessment_plan", "draft_assessment_plan"),
        ("rule_on_assessment", "hold_group_meeting"),
    ],
)
def test_what_the_conference_returns_is_done_again(step, again):
    walk = Walk("summary_assessment")
    while walk.open != step:
        if walk.open is None:
            walk.send("items_graded")
        else:
            walk.do(walk.open)
    assert walk.do(step, "return").open == again


def test_a_meeting_that_changes_no_grade_again_asks_the_leads_nothing_more():
    walk = Walk("summary_assessment", opinions_wanted=False)
    for step in ("propose_group", "approve_group", "draft_assessment_plan", "approve_assessment_plan"):
        walk.do(step)
    assert walk.send("items_graded").do("hold_group_meeting").open == "rule_on_assessment"


@pytest.mark.parametrize("key", [key for key in STEPS if key not in {"summary_assessment", "list_change"}])
def test_a_part_ends_with_the_assessment_that_is_stopped(key):
    assert Walk(key).send("cancel").outcome == "cancelled"


def test_a_stopped_assessment_ends_from_where_it_is():
    assert Walk("summary_assessment").do("propose_group").send("cancel").outcome == "stopped"


@pytest.mark.parametrize(
    ("facts", "messages", "steps"),
    [
        ({}, ["self_assessed", "views_agree"], ["settle_grade"]),
        ({}, ["self_assessed", "views_apart", "third_in"], ["settle_grade"]),
        ({"field_check": True}, ["self_assessed", "views_agree"], ["check_on_site", "settle_grade"]),
        (
            {"field_check": True, "announced": True},
            ["self_assessed", "views_apart", "third_in"],
            ["give_notice", "check_on_site", "settle_grade"],
        ),
    ],
)
def test_an_item_is_graded_after_two_or_three_views_and_the_visit_that_was_planned(facts, messages, steps):
    walk = Walk("assessed_item", **facts)
    for message in messages:
        assert walk.open is None
        walk.send(message)
    for step in steps:
        walk.do(step)
    assert walk.outcome == "graded"


def test_an_item_whose_assessors_differ_waits_for_the_third():
    walk = Walk("assessed_item").send("self_assessed").send("views_apart")
    assert walk.open is None
    assert walk.waits == {"third_in", "cancel"}


@pytest.mark.parametrize(("decision", "outcome"), [("grade", "given"), ("recuse", "recused")])
def test_an_assessor_grades_or_declares_a_conflict(decision, outcome):
    assert Walk("item_review").do("review_item", decision).outcome == outcome


@pytest.mark.parametrize("signing", [False, True])
def test_a_self_assessment_that_is_not_there_the_day_after_fifteen_days_is_not_waited_for(signing):
    walk = Walk("self_assessment")
    if signing:
        walk.do("assess_self")
    assert walk.timers == [NOW + timedelta(days=16)]
    assert walk.wait().outcome == "missed"


def test_a_self_assessment_is_signed_and_may_come_back_to_be_written_again():
    walk = Walk("self_assessment").do("assess_self").do("sign_self_assessment", "return")
    assert walk.do("assess_self").do("sign_self_assessment").outcome == "submitted"


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ([("give_opinion", "agree")], "agreed"),
        ([("give_opinion", "object"), ("answer_opinion", "adopt")], "adopted"),
        ([("give_opinion", "object"), ("answer_opinion", "refuse")], "refused"),
    ],
)
def test_an_objection_is_adopted_or_refused(steps, outcome):
    walk = Walk("lead_opinion")
    for step, decision in steps:
        walk.do(step, decision)
    assert walk.outcome == outcome


def test_who_says_nothing_in_seven_days_is_silent_and_has_not_agreed():
    walk = Walk("lead_opinion")
    assert walk.timers == [NOW + timedelta(days=8)]
    assert walk.wait().outcome == "silent"


def test_an_objection_that_is_answered_late_is_no_silence():
    walk = Walk("lead_opinion").do("give_opinion", "object")
    assert walk.timers == []


def test_a_notice_is_taken_note_of():
    assert Walk("visit_notice").do("receive_notice").outcome == "noted"


def test_a_change_of_a_list_goes_to_the_convener_comes_back_and_may_be_dropped():
    assert Walk("list_change").do("draft_list_change", "propose").do("approve_list_change").outcome == "in_force"
    back = Walk("list_change").do("draft_list_change", "propose").do("approve_list_change", "return")
    assert back.open == "draft_list_change"
    assert back.do("draft_list_change", "drop").outcome == "dropped"
