"""Every path through the report of one period."""

import pytest

from domain.process_errors import NothingWaits
from tests.unit.models.walk import Walk, bundle

KEY = "progress_round"
STEPS = ["contribute", "consolidate", "sign_report", "review_report"]


def at(step: str, **facts: bool) -> Walk:
    return Walk(KEY, **facts).until(step)


def test_the_walks_below_reach_every_user_task() -> None:
    assert set(STEPS) == set(bundle(KEY).user_tasks)


def test_model_has_no_findings() -> None:
    assert bundle(KEY).lint() == []


def test_round_with_co_units_goes_through_all_steps_and_is_accepted() -> None:
    walk = Walk(KEY).to_the_end()
    assert walk.seen == STEPS
    assert walk.outcome == "accepted"


def test_round_without_co_units_starts_with_the_lead() -> None:
    walk = Walk(KEY, has_co_units=False).to_the_end()
    assert walk.seen == STEPS[1:]
    assert walk.outcome == "accepted"


@pytest.mark.parametrize("step", STEPS)
def test_round_can_be_cancelled_from_every_step(step: str) -> None:
    walk = at(step)
    assert walk.waits == {"cancel"}
    walk.send("cancel")
    assert walk.outcome == "cancelled"
    assert walk.step.completed
    assert walk.open is None
    assert walk.waits == set()


def test_round_that_was_accepted_cannot_be_cancelled() -> None:
    walk = Walk(KEY).to_the_end()
    with pytest.raises(NothingWaits):
        walk.send("cancel")


RETURNS = [(step, to) for step in ("sign_report", "review_report") for to in ("consolidate", "contribute")]


def test_the_returns_below_are_those_of_the_model() -> None:
    walk = Walk(KEY)
    assert {(step, to) for step in STEPS for to in walk.targets(step)} == set(RETURNS)
    assert {step for step in STEPS if "return" in walk.decisions(step)} == {step for step, _ in RETURNS}


@pytest.mark.parametrize(("step", "to"), RETURNS)
def test_after_a_return_the_normal_line_is_walked_again(step: str, to: str) -> None:
    walk = at(step).do(step, "return", to=to)
    assert walk.open == to
    walk.seen.clear()
    assert walk.until(step).seen == STEPS[STEPS.index(to) : STEPS.index(step)]
    assert walk.to_the_end().outcome == "accepted"


@pytest.mark.parametrize(("step", "to"), RETURNS)
def test_a_return_can_come_straight_back(step: str, to: str) -> None:
    walk = at(step).do(step, "return", to=to, straight_back=True).do(to)
    assert walk.open == step
    assert walk.to_the_end().outcome == "accepted"


@pytest.mark.parametrize("step", ["sign_report", "review_report"])
def test_without_co_units_a_return_goes_to_the_lead(step: str) -> None:
    walk = at(step, has_co_units=False).do(step, "return", to="contribute")
    assert walk.open == "consolidate"


def test_a_return_on_the_way_straight_back_replaces_the_first_one() -> None:
    walk = at("review_report").do("review_report", "return", to="contribute").until("sign_report")
    walk.do("sign_report", "return", straight_back=True).do("consolidate")
    assert walk.open == "sign_report"
    walk.do("sign_report").do("review_report", "return", straight_back=True).do("consolidate")
    assert walk.open == "review_report"
