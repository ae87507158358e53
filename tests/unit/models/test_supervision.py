"""Every path through the life of an item."""

import pytest

from domain.process_errors import NothingWaits
from tests.unit.models.walk import Walk, bundle

KEY = "supervision"
PLAN = ["issue", "sign_for", "draft_plan", "sign_plan", "confirm_plan", "check_plan"]
COMPLETION = ["claim_completion", "countersign", "sign_completion", "review_completion", "close", "file_item"]
STEPS = [*PLAN, *COMPLETION, "settle_send_back", "rule_on_send_back", "decide_by_meeting"]


def at(step: str, **facts: bool) -> Walk:
    """An item that has arrived at `step` on the shortest way."""
    walk = Walk(KEY, **facts)
    if step in {"settle_send_back", "rule_on_send_back"}:
        walk.until("sign_for").do("sign_for", "send_back")
        if step == "rule_on_send_back":
            walk.do("settle_send_back").do("sign_for", "send_back")
    elif step == "decide_by_meeting":
        for _ in range(3):
            walk.until("review_completion").do("review_completion", "return")
    else:
        walk.until(step)
    assert walk.open == step
    return walk


def test_the_walks_below_reach_every_user_task() -> None:
    assert set(STEPS) == set(bundle(KEY).user_tasks)


def test_model_has_no_findings() -> None:
    assert bundle(KEY).lint() == []


def test_item_with_co_units_goes_through_all_steps_and_is_closed() -> None:
    walk = Walk(KEY).to_the_end()
    assert walk.seen == [*PLAN, *COMPLETION]
    assert walk.outcome == "closed"


def test_item_without_co_units_skips_their_confirmation_and_countersignature() -> None:
    walk = Walk(KEY, has_co_units=False).to_the_end()
    assert walk.seen == [step for step in (*PLAN, *COMPLETION) if step not in {"confirm_plan", "countersign"}]
    assert walk.outcome == "closed"


def test_breakthrough_closes_the_item_for_the_stage() -> None:
    walk = at("claim_completion").do("claim_completion", "breakthrough").to_the_end()
    assert walk.outcome == "closed_for_stage"


def test_what_counts_is_the_last_claim() -> None:
    walk = at("claim_completion").do("claim_completion", "breakthrough").until("review_completion")
    walk.do("review_completion", "return").do("claim_completion", "completed").to_the_end()
    assert walk.outcome == "closed"


def test_group_item_waits_for_its_members_and_is_then_closed() -> None:
    walk = Walk(KEY, has_members=True).do("issue")
    assert walk.open is None
    assert walk.outcome is None
    assert walk.waits == {"members_closed", "withdraw", "terminate"}
    walk.send("members_closed").to_the_end()
    assert walk.seen == ["issue", "close", "file_item"]
    assert walk.outcome == "closed"


def test_item_without_members_does_not_wait_for_them() -> None:
    for step in STEPS:
        assert at(step).waits == {"withdraw", "terminate"}
    with pytest.raises(NothingWaits):
        at("claim_completion").send("members_closed")


def test_group_item_whose_closing_is_refused_is_reviewed_by_the_office() -> None:
    walk = Walk(KEY, has_members=True).do("issue").send("members_closed").do("close", "return")
    assert walk.open == "review_completion"
    assert walk.to_the_end().outcome == "closed"


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("message", "outcome"), [("withdraw", "withdrawn"), ("terminate", "terminated")])
def test_item_can_be_stopped_from_every_step(step: str, message: str, outcome: str) -> None:
    walk = at(step)
    task = walk.step.open_tasks[0].task_id
    walk.send(message)
    assert walk.outcome == outcome
    assert walk.step.completed
    assert walk.step.closed == (task,)
    assert walk.open is None
    assert walk.waits == set()


@pytest.mark.parametrize(("message", "outcome"), [("withdraw", "withdrawn"), ("terminate", "terminated")])
def test_group_item_can_be_stopped_while_it_waits_for_its_members(message: str, outcome: str) -> None:
    walk = Walk(KEY, has_members=True).do("issue").send(message)
    assert walk.outcome == outcome
    assert walk.waits == set()


@pytest.mark.parametrize("message", ["withdraw", "terminate"])
def test_item_that_has_ended_cannot_be_stopped(message: str) -> None:
    walk = Walk(KEY).to_the_end()
    with pytest.raises(NothingWaits):
        walk.send(message)


# Where each decision of each step leads, on an item with co-units; a return with the step it goes to.
NEXT = {
    ("issue", "issue", ""): "sign_for",
    ("sign_for", "accept", ""): "draft_plan",
    ("sign_for", "send_back", ""): "settle_send_back",
    ("settle_send_back", "uphold", ""): "sign_for",
    ("settle_send_back", "reassign", ""): "sign_for",
    ("settle_send_back", "clarify", ""): "sign_for",
    ("rule_on_send_back", "uphold", ""): "sign_for",
    ("rule_on_send_back", "reassign", ""): "sign_for",
    ("rule_on_send_back", "clarify", ""): "sign_for",
    ("draft_plan", "submit", ""): "sign_plan",
    ("sign_plan", "sign", ""): "confirm_plan",
    ("sign_plan", "return", "draft_plan"): "draft_plan",
    ("confirm_plan", "confirm", ""): "check_plan",
    ("confirm_plan", "object", "draft_plan"): "draft_plan",
    ("check_plan", "approve", ""): "claim_completion",
    ("check_plan", "return", "draft_plan"): "draft_plan",
    ("check_plan", "return", "sign_plan"): "sign_plan",
    ("claim_completion", "completed", ""): "countersign",
    ("claim_completion", "breakthrough", ""): "countersign",
    ("countersign", "agree", ""): "sign_completion",
    ("countersign", "disagree", "claim_completion"): "claim_completion",
    ("sign_completion", "sign", ""): "review_completion",
    ("sign_completion", "return", "claim_completion"): "claim_completion",
    ("review_completion", "approve", ""): "close",
    ("review_completion", "return", "claim_completion"): "claim_completion",
    ("review_completion", "return", "countersign"): "countersign",
    ("review_completion", "return", "sign_completion"): "sign_completion",
    ("decide_by_meeting", "approve", ""): "close",
    ("decide_by_meeting", "return", "claim_completion"): "claim_completion",
    ("close", "close", ""): "file_item",
    ("close", "return", "review_completion"): "review_completion",
    ("file_item", "file", ""): None,
}


def test_the_table_names_every_decision_and_every_return_of_the_model() -> None:
    walk = Walk(KEY)
    offered = {
        (step, decision, to)
        for step, task in bundle(KEY).user_tasks.items()
        for decision in walk.decisions(step)
        for to in ((walk.targets(step) or [""]) if decision == task.properties.get("adverse") else [""])
    }
    assert offered == set(NEXT)


@pytest.mark.parametrize(("step", "decision", "to"), NEXT)
def test_decision_leads_on(step: str, decision: str, to: str) -> None:
    assert at(step).do(step, decision, to=to).open == NEXT[step, decision, to]


RETURNS = sorted({(step, decision, to) for step, decision, to in NEXT if to})


@pytest.mark.parametrize(("step", "decision", "to"), RETURNS)
def test_after_a_return_the_normal_line_is_walked_again(step: str, decision: str, to: str) -> None:
    walk = at(step).do(step, decision, to=to)
    line = [*PLAN, *COMPLETION]
    walk.seen.clear()
    walk.until("review_completion" if step == "decide_by_meeting" else step)
    end = "review_completion" if step == "decide_by_meeting" else step
    assert walk.seen == line[line.index(to) : line.index(end)]


@pytest.mark.parametrize(
    ("step", "to"),
    [
        ("sign_plan", "draft_plan"),
        ("check_plan", "draft_plan"),
        ("check_plan", "sign_plan"),
        ("sign_completion", "claim_completion"),
        ("review_completion", "claim_completion"),
        ("review_completion", "countersign"),
        ("review_completion", "sign_completion"),
        ("close", "review_completion"),
    ],
)
def test_a_return_can_come_straight_back(step: str, to: str) -> None:
    walk = at(step).do(step, "return", to=to, straight_back=True).do(to)
    assert walk.open == step
    assert walk.to_the_end().outcome == "closed"


@pytest.mark.parametrize("to", ["claim_completion", "sign_completion"])
def test_straight_back_works_without_co_units_too(to: str) -> None:
    walk = at("review_completion", has_co_units=False)
    assert walk.do("review_completion", "return", to=to, straight_back=True).do(to).open == "review_completion"


def test_a_changed_plan_is_signed_again_before_co_units_confirm_it() -> None:
    walk = at("confirm_plan").do("confirm_plan", "object", straight_back=True)
    assert walk.do("draft_plan").open == "sign_plan"
    assert walk.do("sign_plan").open == "confirm_plan"


def test_a_return_on_the_way_straight_back_replaces_the_first_one() -> None:
    walk = at("review_completion").do("review_completion", "return", to="countersign", straight_back=True)
    walk.do("countersign", "disagree").do("claim_completion")
    assert walk.open == "countersign"
    walk = at("check_plan").do("check_plan", "return", to="sign_plan", straight_back=True)
    walk.do("sign_plan", "return").do("draft_plan").do("sign_plan")
    assert walk.open == "confirm_plan"


def test_a_second_return_does_not_remember_that_the_first_came_straight_back() -> None:
    walk = at("review_completion").do("review_completion", "return", straight_back=True).do("claim_completion")
    walk.do("review_completion", "return").do("claim_completion")
    assert walk.open == "countersign"


def test_without_co_units_nothing_returns_to_their_countersignature() -> None:
    walk = at("review_completion", has_co_units=False).do("review_completion", "return", to="countersign")
    assert walk.open == "claim_completion"


@pytest.mark.parametrize("settled", ["uphold", "clarify"])
def test_a_second_sending_back_is_for_the_leader_to_rule_on(settled: str) -> None:
    """`domain.md` section 8: a second return only through the leader in charge."""
    walk = at("settle_send_back").do("settle_send_back", settled).do("sign_for", "send_back")
    assert walk.open == "rule_on_send_back"
    assert walk.do("rule_on_send_back", "uphold").do("sign_for", "send_back").open == "rule_on_send_back"


def test_a_newly_responsible_unit_may_send_back_once_itself() -> None:
    walk = at("settle_send_back").do("settle_send_back", "reassign").do("sign_for", "send_back")
    assert walk.open == "settle_send_back"


def test_a_third_return_of_a_claim_goes_to_a_meeting() -> None:
    """`domain.md` P1 step 6: at most two returns, then a meeting."""
    walk = at("review_completion")
    for to in ("claim_completion", "sign_completion"):
        walk.do("review_completion", "return", to=to)
        assert walk.open == to
        walk.until("review_completion")
    walk.do("review_completion", "return", to="countersign")
    assert walk.open == "decide_by_meeting"


def test_an_approval_after_two_returns_needs_no_meeting() -> None:
    walk = at("review_completion")
    for _ in range(2):
        walk.do("review_completion", "return").until("review_completion")
    assert walk.do("review_completion").open == "close"


def test_after_a_meeting_sent_a_claim_back_the_next_return_is_for_a_meeting_again() -> None:
    walk = at("decide_by_meeting").do("decide_by_meeting", "return").until("review_completion")
    assert walk.do("review_completion", "return").open == "decide_by_meeting"
    assert walk.do("decide_by_meeting").to_the_end().outcome == "closed"
