"""Lights: the default rules on the cases of `domain.md` §5.3, two times, and words with numbers."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpmn.decisions import read_table, shipped_table
from domain.calendar import WorkCalendar, end_of, start_of
from domain.decision_tables import DecisionTable, check_table
from domain.light_facts import (
    DeadlineClass,
    Fact,
    FactKind,
    FrozenLight,
    History,
    Round,
    Stage,
    State,
    deadline_class,
    situation,
)
from domain.light_words import light_words
from domain.lights import FACTS, RULE_OUTCOMES, SEVERITY, Judgement, Light, expected_percent, judge

ISSUED = start_of(date(2027, 1, 1))
DUE = end_of(date(2027, 4, 10))
WORKING_DAYS = WorkCalendar().working_days_between


def rules() -> DecisionTable:
    checked = check_table(read_table(shipped_table("lights")), FACTS, RULE_OUTCOMES)
    assert isinstance(checked, DecisionTable), checked
    return checked


RULES = rules()
STATE = State("in_progress", DeadlineClass.FIRM, issued_at=ISSUED, due_at=DUE)


def day(number: int) -> datetime:
    """The end of a day of the hundred that the item has."""
    return end_of(date(2027, 1, 1) + timedelta(days=number - 1))


def seen(state: State = STATE, at: datetime = ISSUED, number: int = 1) -> Fact:
    return Fact(number, FactKind.STATE, state.to_json(), at, at)


def percent(value: int, at: datetime, *, known: datetime | None = None, number: int = 2) -> Fact:
    return Fact(number, FactKind.PERCENT, value, at, known or at)


def shown(history: History, as_of: datetime, known_on: datetime | None = None) -> Judgement:
    return judge(situation(history, as_of=as_of, known_on=known_on or as_of), RULES, WORKING_DAYS)


@pytest.mark.parametrize(
    ("reported", "light"), [(80, "green"), (71, "green"), (70, "yellow"), (50, "yellow"), (49, "red"), (0, "red")]
)
def test_ten_points_behind_is_yellow_and_more_than_thirty_is_red(reported: int, light: str) -> None:
    assert shown(History([seen(), percent(reported, day(80))]), day(80)).light == light


@pytest.mark.parametrize(("reported", "light"), [(41, "green"), (40, "yellow"), (19, "red")])
def test_without_a_deadline_the_stages_of_the_plan_are_what_is_lagged_behind(reported: int, light: str) -> None:
    state = replace(STATE, deadline_class=DeadlineClass.NONE, due_at=None)
    stages = [Stage(day(50), ISSUED), Stage(day(100), ISSUED)]
    history = History([seen(state), percent(reported, day(50))], stages=stages)
    assert shown(history, day(50)).light == light


def test_a_light_says_the_numbers_and_the_rule() -> None:
    found = shown(History([seen(), percent(62, day(80))]), day(80))
    assert light_words(found) == "黄灯：截至2027年3月21日应完成80%，实报62%，落后18个百分点（落后10至30个百分点）"
    assert Judgement.kept(found.light, found.reason) == found


def test_a_report_is_compared_with_the_schedule_of_its_own_period_until_one_is_missing() -> None:
    history = History([seen(), percent(58, day(60))])
    assert shown(history, day(85)).facts["expected_percent"] == 60
    late = replace(history, rounds=[Round(day(70), day(84))])
    found = shown(late, day(85))
    assert (found.facts["expected_percent"], found.facts["missing_reports"], found.light) == (85, 1, "yellow")


def test_a_report_handed_in_before_its_period_ends_counts_at_once() -> None:
    history = History([seen(), percent(40, day(50), known=day(46))])
    assert shown(history, day(47)).facts["reported_percent"] == 40
    assert shown(history, day(45), day(60)).facts["reported_percent"] is None


def test_the_third_period_in_a_row_behind_is_red() -> None:
    lights = [FrozenLight("yellow", day(n), day(n)) for n in (20, 40)]
    history = History([seen(), percent(45, day(60))], lights=lights)
    assert shown(history, day(60)).light is Light.RED
    between = replace(history, lights=[lights[0], FrozenLight("green", day(40), day(40))])
    assert shown(between, day(60)).light is Light.YELLOW
    pause = [lights[0], FrozenLight("yellow", day(30), day(30)), FrozenLight("grey", day(40), day(40))]
    assert shown(replace(history, lights=pause), day(60)).light is Light.RED
    assert "此前已连续2期" in light_words(shown(history, day(60)))


@pytest.mark.parametrize(
    ("kind", "light"),
    [("firm", "red"), ("breakthrough", "red"), ("strive", "yellow"), ("ongoing", "green"), ("none", "red")],
)
def test_the_day_after_the_limit_is_red_only_for_a_limit_that_binds(kind: str, light: str) -> None:
    history = History([seen(replace(STATE, deadline_class=DeadlineClass(kind))), percent(100, day(100))])
    assert shown(history, day(100)).facts["overdue_days"] == 0
    assert shown(history, day(101)).light == light


def test_a_completion_claimed_in_time_is_not_overdue_while_the_office_examines_it() -> None:
    claimed = replace(STATE, status="under_review")
    assert shown(History([seen(claimed)]), day(99)).light is Light.GREEN
    assert shown(History([seen(claimed)]), day(103)).light is Light.YELLOW


def test_near_the_limit_is_yellow_with_the_working_days_left() -> None:
    found = shown(History([seen(), percent(95, day(95))]), day(95))
    assert (found.code, light_words(found)) == (
        "near_due",
        "黄灯：截至2027年4月5日应完成95%，实报95%，与序时进度一致，离时限还有4个工作日（离时限不足10个工作日，尚未申请办结）",
    )


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (replace(STATE, issued_at=None), "不亮灯：未起算"),
        (replace(STATE, deadline_class=DeadlineClass.CONDITIONAL), "不亮灯：待触发"),
        (replace(STATE, paused_at=day(5)), "不亮灯：暂停，2027年1月6日起"),
        (replace(STATE, historical=True, due_at=ISSUED - timedelta(days=300)), "不亮灯：接收前已过时限的历史事项"),
        (replace(STATE, status="closed", ended_at=day(9)), "办结：已销号"),
        (replace(STATE, status="terminated", ended_at=day(9)), "不亮灯：已终止"),
    ],
)
def test_a_clock_that_does_not_run_shows_no_light_and_says_why(state: State, words: str) -> None:
    assert light_words(shown(History([seen(state)]), day(10))) == words


def test_a_suspended_item_says_whom_it_waits_for() -> None:
    waiting = Fact(2, FactKind.WAITING_FOR, "商务部", day(5), day(5))
    found = shown(History([seen(replace(STATE, paused_at=day(5))), waiting]), day(10))
    assert light_words(found) == "不亮灯：暂停，2027年1月6日起等待商务部"


def test_a_triggered_condition_starts_the_clock() -> None:
    state = replace(STATE, deadline_class=DeadlineClass.CONDITIONAL)
    triggered = Fact(2, FactKind.TRIGGERED, "商服贸函〔2027〕12号", day(50), day(50))
    found = shown(History([seen(state), triggered, percent(50, day(75), number=3)]), day(75))
    assert (found.facts["expected_percent"], found.facts["lag"]) == (50, 0)


def test_time_stood_still_is_not_expected_to_be_worked() -> None:
    paused = replace(STATE, paused_at=day(20))
    resumed = replace(STATE, due_at=DUE + timedelta(days=30))
    history = History([seen(), seen(paused, day(20), 2), seen(resumed, day(50), 3)])
    now = situation(history, as_of=day(80), known_on=day(80))
    assert now.paused == timedelta(days=30)
    assert expected_percent(now, day(80)) == 50


def test_milestones_share_the_work_evenly() -> None:
    stages = [Stage(day(20), ISSUED), Stage(day(60), ISSUED), Stage(day(70), ISSUED, retired_at=day(2))]
    now = situation(History([seen()], stages=stages), as_of=day(30), known_on=day(30))
    assert [expected_percent(now, day(n)) for n in (0, 10, 20, 40, 60, 80, 100, 120)] == [
        0,
        16,
        33,
        50,
        66,
        83,
        100,
        100,
    ]


def test_the_class_follows_the_printed_deadlines() -> None:
    assert deadline_class(["by_date"], "strive", dated=True) is DeadlineClass.STRIVE
    assert deadline_class(["by_date"], None, dated=True) is DeadlineClass.FIRM
    assert deadline_class(["ongoing"], None, dated=True) is DeadlineClass.ONGOING
    assert deadline_class(["ongoing", "by_date"], "breakthrough_ok", dated=True) is DeadlineClass.BREAKTHROUGH
    assert deadline_class(["none"], None, dated=False) is DeadlineClass.NONE
    assert deadline_class(["by_date"], "conditional_on_higher_level", dated=True) is DeadlineClass.CONDITIONAL


_instants = st.integers(0, 130).map(day)
_histories = st.builds(
    lambda percents, rounds, lights, kind, status: History(
        [
            seen(replace(STATE, deadline_class=kind, status=status)),
            *(percent(value, at, known=max(at, known), number=n) for n, (value, at, known) in enumerate(percents, 2)),
        ],
        rounds=[Round(min(a, b), max(a, b)) for a, b in rounds],
        lights=[FrozenLight(light, at, at) for light, at in lights],
    ),
    st.lists(st.tuples(st.integers(0, 100), _instants, _instants), max_size=5),
    st.lists(st.tuples(_instants, _instants), max_size=4),
    st.lists(st.tuples(st.sampled_from(["green", "yellow", "red", "grey"]), _instants), max_size=4),
    st.sampled_from(DeadlineClass),
    st.sampled_from(["in_progress", "under_review"]),
)


@given(_histories, st.integers(1, 130).map(day), st.integers(0, 100), st.integers(0, 100))
def test_reporting_less_never_gives_a_better_light(history: History, as_of: datetime, one: int, other: int) -> None:
    def with_report(value: int) -> Judgement:
        return shown(replace(history, facts=[history.facts[0], percent(value, as_of, number=99)]), as_of)

    low, high = sorted((one, other))
    assert SEVERITY[with_report(low).light] >= SEVERITY[with_report(high).light]


@given(_histories, st.integers(1, 120).map(day), st.integers(0, 100), st.integers(1, 60))
def test_a_late_correction_changes_nothing_of_what_was_known(
    history: History, as_of: datetime, corrected: int, later: int
) -> None:
    known_on = as_of + timedelta(days=1)
    correction = percent(corrected, as_of, known=known_on + timedelta(days=later), number=999)
    after = replace(history, facts=[*history.facts, correction])
    assert shown(after, as_of, known_on) == shown(history, as_of, known_on)
    known = shown(after, as_of, correction.recorded_at)
    assert not known.facts.get("deadline_class") or known.facts["reported_percent"] == corrected


@given(_histories, st.integers(1, 120).map(day))
def test_every_light_has_its_reason_in_words(history: History, as_of: datetime) -> None:
    found = shown(history, as_of)
    assert light_words(found)
    assert found.light in Light
    assert found.code
