"""Every way through the evaluation of units: opinions, locking, correction, who scores, objection, recheck."""

from datetime import timedelta

import pytest

from tests.unit.models.model_files import drawing
from tests.unit.models.walk import NOW, Walk, bundle

LATER = NOW + timedelta(days=30)
UNTIL = (NOW + timedelta(days=14)).isoformat()


@pytest.mark.parametrize("key", ["unit_evaluation", "unit_score"])
def test_the_models_of_the_evaluation_are_in_order(key):
    assert bundle(key).lint() == []


def test_an_evaluation_runs_from_the_scheme_to_the_circular():
    walk = Walk("unit_evaluation").until("lock_data").do("lock_data")
    assert (walk.open, walk.waits) == (None, {"units_scored"})
    walk.send("units_scored").to_the_end()
    assert walk.outcome == "published"
    assert walk.seen == [
        *("draft_scheme", "give_opinion", "approve_scheme", "lock_data"),
        *("submit_results", "decide_results", "issue_circular"),
    ]


def test_opinions_that_do_not_come_in_time_hold_nothing_up():
    walk = Walk("unit_evaluation", opinions_until=UNTIL).do("draft_scheme")
    assert walk.wait_until(NOW).open == "give_opinion"
    assert walk.wait_until(LATER).open == "approve_scheme"


def test_a_scheme_and_results_that_are_returned_come_back():
    walk = Walk("unit_evaluation").until("approve_scheme").do("approve_scheme", "return")
    assert walk.open == "draft_scheme"
    walk.until("lock_data").do("lock_data").send("units_scored").do("submit_results").do("decide_results", "return")
    assert walk.open == "submit_results"


def test_a_unit_scores_itself_rates_partners_and_waits_for_the_data():
    walk = Walk("unit_score")
    for step in ("self_score", "sign_self_score", "check_self_score", "rate_partners"):
        walk.do(step)
    assert walk.open is None
    assert walk.send("data_locked").to_the_end().outcome == "unit_scored"
    assert walk.seen[4:] == ["confirm_data", "score_by_office", "answer_feedback"]


def test_a_unit_without_partners_rates_nobody():
    walk = Walk("unit_score", has_partners=False).do("self_score").do("sign_self_score").do("check_self_score")
    assert walk.open is None


@pytest.mark.parametrize("step", ["self_score", "sign_self_score", "check_self_score", "rate_partners"])
def test_locking_the_data_ends_a_self_score_that_is_late(step):
    assert Walk("unit_score").until(step).send("data_locked").open == "confirm_data"


@pytest.mark.parametrize("step", ["sign_self_score", "check_self_score"])
def test_a_self_score_that_is_returned_is_done_again(step):
    assert Walk("unit_score").until(step).do(step, "return").open == "self_score"


@pytest.mark.parametrize("decision", ["corrected", "refused"])
def test_wrong_data_are_settled_before_anybody_scores(decision):
    walk = Walk("unit_score").send("data_locked").do("confirm_data", "correct").do("settle_correction", decision)
    assert walk.open == "score_by_office"


@pytest.mark.parametrize(("step", "after"), [("confirm_data", "score_by_office"), ("answer_feedback", None)])
def test_silence_until_the_limit_is_consent(step, after):
    walk = Walk("unit_score", answer_until=UNTIL).send("data_locked", confirm_until=UNTIL).until(step)
    assert walk.wait_until(LATER).open == after
    assert (walk.outcome == "unit_scored") is (after is None)


@pytest.mark.parametrize(
    ("is_host", "scores", "rechecks"),
    [(False, "score_by_office", "recheck"), (True, "score_by_group", "recheck_by_convener")],
)
@pytest.mark.parametrize("ruling", ["uphold", "dismiss"])
def test_an_objection_goes_to_who_did_not_score(is_host, scores, rechecks, ruling):
    walk = Walk("unit_score", is_host=is_host).send("data_locked").do("confirm_data")
    walk.do(scores).do("answer_feedback", "object").do(rechecks, ruling)
    assert walk.outcome == "unit_scored"
    assert "score_by_office" in bundle("unit_score").user_tasks["recheck"].properties["not_by"]


def test_every_flow_of_the_models_is_taken_somewhere():
    flows = set()
    for host in (True, False):
        walk = Walk("unit_score", is_host=host, answer_until=UNTIL)
        walks = [
            walk.fork().until("sign_self_score").do("sign_self_score", "return"),
            walk.fork().until("check_self_score").do("check_self_score", "return").until("rate_partners"),
            walk.fork().until("rate_partners").do("rate_partners").send("data_locked").to_the_end(),
            walk.fork().send("data_locked").do("confirm_data", "correct").to_the_end(),
            walk.fork()
            .send("data_locked", confirm_until=UNTIL)
            .wait_until(LATER)
            .until("answer_feedback")
            .wait_until(LATER),
            walk.fork().send("data_locked").until("answer_feedback").do("answer_feedback", "object").to_the_end(),
            Walk("unit_score", has_partners=False).until("check_self_score").do("check_self_score"),
        ]
        for each in walks:
            flows |= each.flows
    assert flows == set(drawing("unit_score").flows)
