"""The ladder of coordination and the models say the same."""

from bpmn.bundle import Bundle
from domain.conferences import LEVEL_OF_STEP, MEETING_BEFORE, MINUTES_WORKING_DAYS, CoordinationLevel


def test_every_step_of_a_coordination_stands_on_a_level_in_the_order_of_the_ladder():
    assert set(LEVEL_OF_STEP) == set(Bundle.shipped("coordination").user_tasks)
    assert list(dict.fromkeys(LEVEL_OF_STEP.values())) == list(CoordinationLevel)


def test_a_problem_is_escalated_to_a_meeting_from_steps_that_can_escalate():
    tasks = Bundle.shipped("coordination").user_tasks
    assert all("escalate" in tasks[step].properties["decisions"].split(",") for step in MEETING_BEFORE)


def test_minutes_are_drafted_and_signed_within_five_working_days():
    tasks = Bundle.shipped("joint_conference").user_tasks
    limits = [tasks[step].properties["limit"] for step in ("draft_minutes", "sign_minutes")]
    assert sum(int(limit.removesuffix("wd")) for limit in limits) == MINUTES_WORKING_DAYS
