"""Every end and every way back of the processes beside an item's supervision."""

import pytest

from tests.unit.models.walk import Walk, bundle

ASIDE = {
    "extension": ["apply_extension", "sign_extension", "decide_extension", "take_note", "rule_on_extension"],
    "suspension": ["apply_suspension", "sign_suspension", "decide_suspension"],
    "change_of_responsibility": [
        *("propose_change", "propose_as_office", "state_opinion", "answer_proposal", "decide_change"),
        "rule_on_change",
    ],
    "quarterly_check": ["confirm_unchanged", "settle_change"],
    "yearly_check": ["set_goals", "sign_goals", "report_year", "sign_year", "check_year"],
    "deadline_choice": ["choose_on_date", "sign_new_target", "note_new_target"],
}


@pytest.mark.parametrize("key", ASIDE)
def test_the_paths_below_know_every_step(key):
    assert set(ASIDE[key]) == set(bundle(key).user_tasks)
    assert bundle(key).lint() == []


@pytest.mark.parametrize(
    ("facts", "decisions", "outcome"),
    [
        ({}, [("apply_extension", ""), ("sign_extension", ""), ("decide_extension", "approve")], "approved"),
        ({}, [("apply_extension", ""), ("sign_extension", ""), ("decide_extension", "refuse")], "refused"),
        ({}, [("apply_extension", "withdraw")], "withdrawn"),
        ({"notice_enough": True}, [("apply_extension", ""), ("sign_extension", ""), ("take_note", "")], "approved"),
        (
            {"needs_convener": True},
            [
                *(("apply_extension", ""), ("sign_extension", ""), ("decide_extension", "approve")),
                ("rule_on_extension", "approve"),
            ],
            "approved",
        ),
        (
            {"needs_convener": True},
            [
                *(("apply_extension", ""), ("sign_extension", ""), ("decide_extension", "approve")),
                ("rule_on_extension", "refuse"),
            ],
            "refused",
        ),
    ],
)
def test_an_extension_ends_as_it_was_decided(facts, decisions, outcome):
    walk = Walk("extension", **facts)
    for step, decision in decisions:
        walk.do(step, decision)
    assert walk.outcome == outcome


@pytest.mark.parametrize("step", ["sign_extension", "decide_extension"])
def test_an_extension_that_is_returned_is_applied_for_and_signed_again(step):
    walk = Walk("extension").until(step).do(step, "return")
    assert walk.open == "apply_extension"
    walk.seen.clear()
    assert walk.to_the_end().seen == ["apply_extension", "sign_extension", "decide_extension"]


@pytest.mark.parametrize(
    ("decisions", "outcome"),
    [
        ([("apply_suspension", ""), ("sign_suspension", ""), ("decide_suspension", "approve")], "approved"),
        ([("apply_suspension", ""), ("sign_suspension", ""), ("decide_suspension", "refuse")], "refused"),
        ([("apply_suspension", "withdraw")], "withdrawn"),
    ],
)
def test_a_suspension_ends_as_it_was_decided(decisions, outcome):
    walk = Walk("suspension")
    for step, decision in decisions:
        walk.do(step, decision)
    assert walk.outcome == outcome


@pytest.mark.parametrize("objects", [None, "state_opinion", "answer_proposal"])
@pytest.mark.parametrize("by_office", [True, False])
def test_a_change_of_the_lead_goes_to_the_convener_only_when_somebody_objects(objects, by_office):
    walk = Walk("change_of_responsibility", by_office=by_office)
    walk.do("propose_as_office" if by_office else "propose_change")
    for step in ("state_opinion", "answer_proposal"):
        walk.do(step, "object" if step == objects else "agree")
    walk.do("decide_change", "approve")
    assert walk.open == ("rule_on_change" if objects else None)
    assert walk.to_the_end().outcome == "approved"


@pytest.mark.parametrize(("decision", "outcome"), [("unchanged", "unchanged"), ("changed", "clock_started")])
def test_a_quarter_ends_with_what_the_lead_says(decision, outcome):
    assert Walk("quarterly_check").do("confirm_unchanged", decision).to_the_end().outcome == outcome


def test_a_change_that_the_office_does_not_see_keeps_waiting():
    walk = Walk("quarterly_check").do("confirm_unchanged", "changed").do("settle_change", "keep_waiting")
    assert walk.outcome == "unchanged"


@pytest.mark.parametrize(
    ("decision", "outcome"), [("keep", "kept"), ("adjust", "adjusted"), ("propose_closing", "closing_proposed")]
)
def test_a_year_waits_for_december_and_ends_with_what_the_lead_proposes(decision, outcome):
    walk = Walk("yearly_check").do("set_goals").do("sign_goals")
    assert walk.waits == {"year_check_due", "cancel"}
    walk.send("year_check_due").do("report_year", decision)
    assert walk.to_the_end().outcome == outcome


@pytest.mark.parametrize("decision", ["completed", "breakthrough", "new_target"])
def test_a_choice_ends_as_it_was_made(decision):
    assert Walk("deadline_choice").do("choose_on_date", decision).to_the_end().outcome == decision


@pytest.mark.parametrize("key", ASIDE)
def test_everything_beside_an_item_can_be_cancelled_from_its_first_step_on(key):
    walk = Walk(key).send("cancel")
    assert walk.outcome == "cancelled"
    assert walk.open is None
    assert walk.waits == set()
