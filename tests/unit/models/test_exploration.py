"""All decisions in all situations: nothing in the models is out of reach, and nothing gets stuck."""

from itertools import product

import pytest

from tests.unit.models.model_files import drawing
from tests.unit.models.walk import Walk

REMEMBERED = (
    *("resume_at", "decision_settle_send_back", "decision_claim_completion", "has_co_units", "has_members"),
    *("by_office", "needs_convener", "notice_enough", "decision_choose_on_date", "decision_state_opinion"),
    *("decision_answer_proposal", "decision_report_year", "opinions_wanted", "field_check", "announced"),
    *("decision_give_opinion", "decision_answer_opinion", "decision_review_item", "decision_report_figure"),
)
SHAPES = {
    "extension": ("needs_convener", "notice_enough"),
    "change_of_responsibility": ("by_office", "joint_lead"),
    "summary_assessment": ("opinions_wanted", "joint_lead"),
    "assessed_item": ("field_check", "announced"),
}
"""The two facts that decide a model's way from the start."""
OUTCOMES = {
    "supervision": {"closed", "closed_for_stage", "withdrawn", "terminated"},
    "progress_round": {"accepted", "cancelled"},
    "extension": {"approved", "refused", "withdrawn", "cancelled"},
    "suspension": {"approved", "refused", "withdrawn", "cancelled"},
    "change_of_responsibility": {"approved", "refused", "withdrawn", "cancelled"},
    "yearly_check": {"kept", "adjusted", "closing_proposed", "cancelled"},
    "quarterly_check": {"unchanged", "clock_started", "cancelled"},
    "deadline_choice": {"completed", "breakthrough", "new_target", "cancelled"},
    "summary_assessment": {"reported", "stopped"},
    "assessed_item": {"graded", "cancelled"},
    "item_review": {"given", "recused", "cancelled"},
    "self_assessment": {"submitted", "missed", "cancelled"},
    "kpi_reading": {"recorded", "not_measured", "cancelled"},
    "lead_opinion": {"silent", "agreed", "adopted", "refused", "cancelled"},
    "visit_notice": {"noted", "cancelled"},
    "list_change": {"in_force", "dropped"},
}


EVENTS = {
    *("members_closed", "year_check_due", "items_graded", "opinions_in", "self_assessed", "views_agree", "views_apart"),
    "third_in",
}
"""What an instance may wait for while nobody has to do anything in it."""


def situation(walk: Walk) -> tuple[object, ...]:
    """Two instances in the same situation have the same future, as far as the models' conditions can tell."""
    data = walk.step.data
    return (
        walk.open,
        frozenset(walk.waits),
        min(data["completion_returns"], 2),
        *(data.get(name) for name in REMEMBERED),
    )


def moves(walk: Walk) -> list[Walk]:
    """What can happen next, each on its own copy."""
    following = [walk.fork().send(message) for message in sorted(walk.waits)]
    following += [walk.fork().wait()] if walk.timers else []
    if walk.open is None:
        return following
    adverse = walk.bundle.user_tasks[walk.open].properties.get("adverse")
    for decision in walk.decisions(walk.open):
        targets = (walk.targets(walk.open) or [""]) if decision == adverse else [""]
        for to, straight_back in product(targets, (False, True) if targets != [""] else (False,)):
            following.append(walk.fork().do(walk.open, decision, to=to, straight_back=straight_back))
    return following


@pytest.mark.parametrize("key", OUTCOMES)
def test_every_flow_is_taken_and_every_situation_has_a_way_on(key: str) -> None:
    one, other = SHAPES.get(key, ("has_co_units", "has_members"))
    todo = [Walk(key, **{one: first, other: second}) for first, second in product((True, False), repeat=2)]
    known: set[tuple[object, ...]] = set()
    flows: set[str] = set()
    outcomes: set[str] = set()
    while todo:
        walk = todo.pop()
        flows |= walk.flows
        if walk.step.completed:
            assert walk.outcome is not None
            outcomes.add(walk.outcome)
            continue
        assert walk.open is not None or not walk.waits.isdisjoint(EVENTS)
        if situation(walk) not in known:
            known.add(situation(walk))
            todo += moves(walk)
    assert flows == set(drawing(key).flows)
    assert outcomes == OUTCOMES[key]


LOOPS = {
    "supervision": "check_plan",
    "progress_round": "review_report",
    "extension": "decide_extension",
    "suspension": "decide_suspension",
    "yearly_check": "sign_goals",
    "deadline_choice": "sign_new_target",
    "self_assessment": "sign_self_assessment",
    "kpi_reading": "check_figure",
}
"""A step of each model that sends back to an earlier one."""


@pytest.mark.parametrize("key", LOOPS)
def test_a_hundred_returns_leave_the_state_as_small_as_two(key: str) -> None:
    def back_at(walk: Walk, step: str) -> Walk:
        while walk.open != step:
            assert walk.open is not None
            walk.do(walk.open, "new_target" if walk.open == "choose_on_date" else "")
        return walk

    walk, step = Walk(key), LOOPS[key]
    back_at(walk, step)
    sizes = []
    for _ in range(100):
        walk.seen.clear()
        back_at(walk.do(step, "return"), step)
        sizes.append(len(walk.step.state))
    assert max(sizes) <= sizes[1] * 1.1
    walk.to_the_end()
    if walk.outcome is None:
        walk.send("year_check_due").to_the_end()
    assert walk.outcome in OUTCOMES[key]
