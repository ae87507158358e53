"""Every end, every way back and every timer of a replication case, of its report upward, and of an adoption."""

from datetime import timedelta

import pytest

from tests.unit.models.model_files import drawing
from tests.unit.models.walk import ENGINE, NOW, Walk, bundle

FACTS = {
    "enough_scores": True,
    "needs_publicity": False,
    "expires_first": False,
    "basis_expires_at": (NOW + timedelta(days=90)).isoformat(),
    "consult_until": (NOW + timedelta(days=15)).isoformat(),
    "consult_again_until": (NOW + timedelta(days=30)).isoformat(),
}
TO_THE_BATCH = ["nominate", "sign_nomination", "check_form", "plan_consultation", "consult", "settle_opinions"]
TO_THE_BATCH += ["appoint_experts", "score", "check_legality", "decide_range"]
STEPS = {
    "replication": [
        *TO_THE_BATCH,
        *("send_second_letter", "consult_again", "request_ministry", "record_ministry_answer", "publicize"),
        *("check_effect", "confirm_effect", "revise_case"),
    ],
    "national_report": [
        *("draft_report", "sign_report", "send_report", "record_receipt", "record_answer", "supplement"),
        "send_supplement",
    ],
    "adoption": ["answer", "sign_answer", "check_answer", "carry_out", "sign_done", "check_done"],
}


def case(**facts: object) -> Walk:
    return Walk("replication", **{**FACTS, **facts})


def later(walk: Walk, **passed: float) -> Walk:
    """The same walk after so much time, its timers gone off."""
    walk._after(ENGINE.fire_timers(walk.bundle, walk.step.state, now=NOW + timedelta(**passed)))
    return walk


def issued(**facts: object) -> Walk:
    walk = case(**facts)
    for step in TO_THE_BATCH:
        walk.do(step)
    return walk.send("batch_issued")


@pytest.mark.parametrize("key", STEPS)
def test_the_paths_below_know_every_step_and_the_linter_finds_nothing(key):
    assert set(STEPS[key]) == set(bundle(key).user_tasks)
    assert bundle(key).lint() == []


@pytest.mark.parametrize(("decision", "outcome"), [("keep", "kept"), ("stop", "stopped")])
def test_twelve_months_after_the_batch_the_effect_is_checked(decision, outcome):
    walk = issued()
    assert walk.open is None
    assert later(walk, days=364).open is None
    assert later(walk, days=366).open == "check_effect"
    assert walk.do("check_effect", decision).do("confirm_effect", "confirm").outcome == outcome


def test_a_basis_that_expires_within_the_year_has_the_effect_checked_on_that_day():
    walk = issued(expires_first=True)
    assert later(walk, days=89).open is None
    assert later(walk, days=90).open == "check_effect"


def test_a_case_that_has_to_be_revised_comes_back_to_its_applicant():
    walk = later(issued(), days=366).do("check_effect", "revise").do("confirm_effect", "return")
    walk.do("check_effect", "revise").do("confirm_effect", "confirm")
    assert walk.open == "revise_case"
    assert walk.do("revise_case").outcome == "revised"


@pytest.mark.parametrize("step", ["check_form", "settle_opinions", "check_legality", "decide_range"])
def test_a_case_that_is_rejected_goes_no_further(step):
    assert case().until(step).do(step, "reject").outcome == "not_adopted"


@pytest.mark.parametrize("step", ["sign_nomination", "check_form", "settle_opinions", "decide_range"])
def test_a_case_that_is_returned_is_nominated_and_signed_again(step):
    walk = case().until(step).do(step, "return")
    assert walk.open == "nominate"
    assert walk.until("plan_consultation").open == "plan_consultation"


def test_departments_that_are_silent_get_a_second_letter_and_only_then_the_case_goes_on():
    walk = later(case().until("consult"), days=14)
    assert walk.open == "consult"
    assert later(walk, days=15).open == "send_second_letter"
    assert walk.do("send_second_letter").open == "consult_again"
    assert later(walk, days=29).open == "consult_again"
    assert later(walk, days=30).open == "settle_opinions"


def test_departments_that_answer_the_second_letter_are_heard():
    walk = later(case().until("consult"), days=16).do("send_second_letter").do("consult_again", "object")
    assert walk.open == "settle_opinions"


def test_with_too_few_scores_more_experts_are_asked():
    walk = case(enough_scores=False).until("score").do("score", "recuse")
    assert walk.open == "appoint_experts"


def test_what_a_ministry_has_to_allow_goes_to_it_and_comes_back():
    walk = case().until("check_legality").do("check_legality", "needs_ministry").do("request_ministry")
    assert walk.fork().do("record_ministry_answer", "refused").outcome == "refused_by_ministry"
    assert walk.do("record_ministry_answer", "approved").open == "decide_range"


def test_a_case_that_is_published_first_waits_for_objections():
    walk = case(needs_publicity=True).until("decide_range").do("decide_range")
    assert walk.do("publicize", "objected").open == "decide_range"
    assert walk.do("decide_range").do("publicize", "no_objection").send("batch_issued").open is None


@pytest.mark.parametrize(("message", "outcome"), [("withdraw", "withdrawn"), ("merge", "merged")])
@pytest.mark.parametrize("step", ["nominate", "consult", "score", "decide_range"])
def test_a_case_can_be_withdrawn_or_merged_at_any_step(step, message, outcome):
    walk = case().until(step).send(message)
    assert (walk.outcome, walk.open, walk.waits) == (outcome, None, set())


def test_a_published_case_can_be_stopped_by_notice():
    walk = issued().send("stop")
    assert walk.outcome == "stopped_by_notice"
    assert ENGINE.inspect(walk.bundle, walk.step.state).timers == ()


def test_a_report_upward_ends_as_it_was_answered():
    walk = Walk("national_report").do("draft_report").do("sign_report", "return").do("draft_report").do("sign_report")
    walk.do("send_report").do("record_receipt").do("record_answer", "more_material").do("supplement")
    walk.do("send_supplement")
    assert walk.fork().do("record_answer", "not_selected").outcome == "not_selected"
    assert walk.do("record_answer", "selected").outcome == "selected"


@pytest.mark.parametrize(
    ("decision", "outcome"), [("already", "already_in_place"), ("not_applicable", "not_applicable")]
)
def test_an_answer_that_needs_no_work_ends_when_the_office_accepts_it(decision, outcome):
    walk = Walk("adoption").do("answer", decision).do("sign_answer", "return").do("answer", decision).do("sign_answer")
    assert walk.fork().do("check_answer", "return").open == "answer"
    assert walk.do("check_answer", "accept").outcome == outcome


def test_a_planned_adoption_is_supervised_until_it_is_shown_to_be_done():
    walk = Walk("adoption").do("answer", "plan").do("sign_answer").do("check_answer").do("carry_out")
    walk.do("sign_done", "return").do("carry_out").do("sign_done").do("check_done", "return")
    assert walk.open == "carry_out"
    assert walk.do("carry_out").do("sign_done").do("check_done", "accept").outcome == "adopted"


@pytest.mark.parametrize("key", ["national_report", "adoption"])
def test_what_hangs_on_a_case_ends_with_it(key):
    walk = Walk(key).send("cancel")
    assert (walk.outcome, walk.open, walk.waits) == ("cancelled", None, set())


def test_every_flow_of_the_models_is_taken_on_some_path():
    for key, walks in {"replication": _cases(), "national_report": _reports(), "adoption": _adoptions()}.items():
        taken = set().union(*(walk.flows for walk in walks))
        assert taken == set(drawing(key).flows), key


def _cases() -> list[Walk]:
    walks = [case().until(step).do(step, "reject") for step in ("check_form", "settle_opinions", "check_legality")]
    walks += [case().until("decide_range").do("decide_range", "reject"), case().send("withdraw"), case().send("merge")]
    walks += [case().until(step).do(step, "return") for step in ("sign_nomination", "check_form", "settle_opinions")]
    walks += [case().until("decide_range").do("decide_range", "return"), issued().send("stop")]
    walks.append(later(issued(expires_first=True), days=91))
    again = later(case().until("consult"), days=16).do("send_second_letter")
    walks += [again.fork().do("consult_again"), later(again, days=31)]
    walks += [case(enough_scores=False).until("score").do("score")]
    asked = case().until("check_legality").do("check_legality", "needs_ministry").do("request_ministry")
    walks += [asked.fork().do("record_ministry_answer", "refused"), asked.do("record_ministry_answer")]
    shown = case(needs_publicity=True).until("decide_range").do("decide_range")
    walks += [shown.fork().do("publicize", "objected"), shown.do("publicize")]
    walks += [
        later(issued(), days=366).do("check_effect", decision).do("confirm_effect") for decision in ("keep", "stop")
    ]
    walks.append(later(issued(), days=366).do("check_effect").do("confirm_effect", "return"))
    walks.append(later(issued(), days=366).do("check_effect", "revise").do("confirm_effect").do("revise_case"))
    return walks


def _reports() -> list[Walk]:
    answered = Walk("national_report").until("record_answer")
    more = answered.fork().do("record_answer", "more_material").do("supplement").do("send_supplement")
    back = Walk("national_report").do("draft_report").do("sign_report", "return")
    return [answered.do("record_answer"), more.do("record_answer", "not_selected"), back, _cancelled("national_report")]


def _adoptions() -> list[Walk]:
    walks = [_cancelled("adoption"), Walk("adoption").do("answer").do("sign_answer", "return")]
    walks += [Walk("adoption").do("answer", said).to_the_end() for said in ("already", "plan", "not_applicable")]
    walks.append(Walk("adoption").until("check_answer").do("check_answer", "return"))
    planned = Walk("adoption").do("answer", "plan").do("sign_answer").do("check_answer").do("carry_out")
    walks += [planned.fork().do("sign_done", "return"), planned.do("sign_done").do("check_done", "return")]
    return walks


def _cancelled(key: str) -> Walk:
    return Walk(key).send("cancel")
