"""All decisions in all situations: nothing in the models is out of reach, and nothing gets stuck."""

from itertools import product

import pytest

from tests.unit.models.model_files import drawing
from tests.unit.models.walk import Walk

REMEMBERED = ("resume_at", "decision_settle_send_back", "decision_claim_completion", "has_co_units", "has_members")
OUTCOMES = {
    "supervision": {"closed", "closed_for_stage", "withdrawn", "terminated"},
    "progress_round": {"accepted", "cancelled"},
}


def situation(walk: Walk) -> tuple[object, ...]:
    """Two instances in the same situation have the same future, as far as the models' conditions can tell."""
    data = walk.step.data
    return (walk.open, min(data["completion_returns"], 2), *(data.get(name) for name in REMEMBERED))


def moves(walk: Walk) -> list[Walk]:
    """What can happen next, each on its own copy."""
    following = [walk.fork().send(message) for message in sorted(walk.waits)]
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
    todo = [Walk(key, has_co_units=co, has_members=members) for co, members in product((True, False), repeat=2)]
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
        assert walk.open is not None or "members_closed" in walk.waits
        if situation(walk) not in known:
            known.add(situation(walk))
            todo += moves(walk)
    assert flows == set(drawing(key).flows)
    assert outcomes == OUTCOMES[key]


@pytest.mark.parametrize("key", OUTCOMES)
def test_a_hundred_returns_leave_the_state_as_small_as_two(key: str) -> None:
    step = {"supervision": "check_plan", "progress_round": "review_report"}[key]
    walk = Walk(key).until(step)
    sizes = []
    for _ in range(100):
        walk.seen.clear()
        walk.do(step, "return").until(step)
        sizes.append(len(walk.step.state))
    assert max(sizes) <= sizes[1] * 1.1
    assert walk.to_the_end().outcome in OUTCOMES[key]
