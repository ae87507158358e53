"""Every path through the models of bulletins, their delivery, conferences and coordination."""

from itertools import product

import pytest

from tests.unit.models.model_files import drawing
from tests.unit.models.walk import Walk, bundle

FACTS = {
    "bulletin": ("has_quoted", "has_criticised", "needs_convener"),
    "bulletin_delivery": ("recall",),
    "joint_conference": ("special_meeting",),
    "coordination": ("has_co_units",),
}
OUTCOMES = {
    "bulletin": {"issued", "dropped", "withheld"},
    "bulletin_delivery": {"received", "stopped"},
    "joint_conference": {"concluded", "called_off", "not_held"},
    "coordination": {"resolved", "withdrawn", "cancelled"},
}
LEVELS = [
    "coordinate_office",
    "coordinate_special",
    "coordinate_conference",
    "coordinate_city",
    "coordinate_ministry",
]


def begin(key: str, **facts: bool) -> Walk:
    return Walk(key, **{**dict.fromkeys(FACTS[key], False), **facts})


def moves(walk: Walk) -> list[Walk]:
    following = [walk.fork().send(message) for message in sorted(walk.waits)]
    if walk.open is not None:
        following += [walk.fork().do(walk.open, decision) for decision in walk.decisions(walk.open)]
    return following


@pytest.mark.parametrize("key", FACTS)
def test_every_flow_is_taken_and_every_situation_has_a_way_on(key: str) -> None:
    todo = [
        begin(key, **dict(zip(FACTS[key], given, strict=True)))
        for given in product((True, False), repeat=len(FACTS[key]))
    ]
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
        assert walk.open is not None
        # What was decided last at each step may be asked for later; who asks is all that else matters.
        situation = (walk.open, *sorted((name, str(value)) for name, value in walk.step.data.items()))
        if situation not in known:
            known.add(situation)
            todo += moves(walk)
    assert flows == set(drawing(key).flows)
    assert outcomes == OUTCOMES[key]


@pytest.mark.parametrize("key", FACTS)
def test_the_models_have_no_findings(key: str) -> None:
    assert bundle(key).lint() == []


def test_a_plain_brief_is_edited_checked_looked_at_for_secrets_and_signed_by_the_head() -> None:
    walk = begin("bulletin").to_the_end()
    assert walk.seen == ["edit_text", "check_text", "check_secrecy", "sign_as_head"]
    assert walk.outcome == "issued"


def test_who_is_quoted_confirms_and_who_is_criticised_is_heard_before_the_convener_signs() -> None:
    walk = begin("bulletin", has_quoted=True, has_criticised=True, needs_convener=True)
    walk.until("state_facts").do("state_facts", "state").to_the_end()
    assert walk.seen == [
        *("edit_text", "check_text", "confirm_quotes", "state_facts", "weigh_facts", "check_secrecy"),
        "sign_as_convener",
    ]
    assert walk.outcome == "issued"


def test_silence_of_the_criticised_ends_with_the_time_and_the_office_weighs_what_was_said() -> None:
    walk = begin("bulletin", has_criticised=True).until("state_facts")
    assert walk.waits == {"hearing_over"}
    assert walk.send("hearing_over").open == "weigh_facts"
    assert walk.waits == set()


def test_who_has_nothing_to_add_is_not_weighed() -> None:
    walk = begin("bulletin", has_criticised=True).until("state_facts").do("state_facts", "nothing_to_add")
    assert walk.open == "check_secrecy"


@pytest.mark.parametrize("step", ["check_text", "confirm_quotes", "weigh_facts", "check_secrecy", "sign_as_head"])
def test_a_returned_text_goes_through_every_check_again(step: str) -> None:
    walk = begin("bulletin", has_quoted=True, has_criticised=True).until(
        "state_facts" if step == "weigh_facts" else "edit_text"
    )
    if walk.open == "state_facts":
        walk.do("state_facts", "state")
    walk.until(step).do(step, "return")
    assert walk.open == "edit_text"
    walk.seen.clear()
    assert walk.to_the_end().seen[:4] == ["edit_text", "check_text", "confirm_quotes", "state_facts"]


@pytest.mark.parametrize(
    ("step", "decision", "outcome"), [("edit_text", "drop", "dropped"), ("check_secrecy", "refuse", "withheld")]
)
def test_a_bulletin_that_is_not_issued_ends_without_a_signature(step: str, decision: str, outcome: str) -> None:
    walk = begin("bulletin").until(step).do(step, decision)
    assert walk.outcome == outcome
    assert not {"sign_as_head", "sign_as_convener"} & set(walk.seen)


def test_a_delivery_ends_with_its_receipts_or_with_the_recall() -> None:
    assert begin("bulletin_delivery").do("receive_bulletin").outcome == "received"
    assert begin("bulletin_delivery").send("recalled").outcome == "stopped"
    assert begin("bulletin_delivery", recall=True).do("confirm_recall").outcome == "received"


def test_a_conference_collects_meets_and_registers_what_it_resolved() -> None:
    walk = begin("joint_conference").to_the_end()
    assert walk.seen == [
        *("propose_topics", "prepare_agenda", "hold_premeeting", "settle_agenda", "hold_meeting", "draft_minutes"),
        *("sign_minutes", "register_resolutions"),
    ]


def test_a_special_meeting_needs_no_collection_and_no_meeting_before_it() -> None:
    walk = begin("joint_conference", special_meeting=True).to_the_end()
    assert walk.seen[:3] == ["prepare_agenda", "settle_agenda", "hold_meeting"]
    assert walk.outcome == "concluded"


def test_a_conference_that_is_put_off_gets_a_new_day_from_the_convener() -> None:
    walk = begin("joint_conference").until("hold_meeting").do("hold_meeting", "postpone")
    assert walk.open == "settle_agenda"


@pytest.mark.parametrize(("step", "outcome"), [("prepare_agenda", "called_off"), ("hold_meeting", "not_held")])
def test_a_conference_can_be_cancelled(step: str, outcome: str) -> None:
    assert begin("joint_conference").until(step).do(step, "cancel").outcome == outcome


@pytest.mark.parametrize("count", range(len(LEVELS)))
def test_a_problem_climbs_until_somebody_settles_it(count: int) -> None:
    walk = begin("coordination").until(LEVELS[0])
    for level in LEVELS[:count]:
        walk.do(level, "escalate")
    walk.do(LEVELS[count], "resolve")
    assert walk.outcome == "resolved"
    assert walk.seen == ["apply_coordination", "sign_coordination", *LEVELS[: count + 1]]


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_may_send_it_back_and_the_applicant_may_withdraw(level: str) -> None:
    walk = begin("coordination").until(LEVELS[0])
    while walk.open != level:
        walk.do(str(walk.open), "escalate")
    walk.do(level, "return")
    assert walk.open == "apply_coordination"
    assert walk.do("apply_coordination", "withdraw").outcome == "withdrawn"


def test_what_all_co_units_agree_to_needs_no_office() -> None:
    walk = begin("coordination", has_co_units=True).until("answer_request").do("answer_request", "agree")
    assert walk.outcome == "resolved"
    walk = begin("coordination", has_co_units=True).until("answer_request").do("answer_request", "refuse")
    assert walk.open == "coordinate_office"


@pytest.mark.parametrize(
    ("key", "step"),
    [("bulletin", "sign_as_head"), ("joint_conference", "hold_premeeting"), ("coordination", LEVELS[0])],
)
def test_a_hundred_returns_leave_the_state_as_small_as_two(key: str, step: str) -> None:
    walk = begin(key).until(step)
    sizes = []
    for _ in range(100):
        walk.seen.clear()
        walk.do(step, "return").until(step)
        sizes.append(len(walk.step.state))
    assert max(sizes) <= sizes[1] * 1.1
