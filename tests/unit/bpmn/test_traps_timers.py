"""The traps of timers and of events that interrupt, by name."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bpmn.bundle import Bundle
from domain.process_errors import TimerInvalid
from tests.unit.bpmn.drawing import (
    ENGINE,
    NOW,
    Case,
    boundary,
    bundle,
    end,
    message,
    model,
    open_ids,
    path,
    start,
    timer,
    user,
)
from tests.unit.bpmn.loops import payload


def with_timer(kind: str, expression: str, *, interrupting: bool = False) -> Bundle:
    return bundle(
        model(
            start(),
            user("before"),
            user("host"),
            boundary("due", "host", timer(kind, expression), interrupting=interrupting),
            user("handle"),
            end(),
            end("handled"),
            path("started", "before", "host", "finished"),
            path("due", "handle", "handled"),
        )
    )


@pytest.mark.parametrize("value", ["2026-03-10T00:00:00", "2026-03-10", 5, True, "P3D", "tomorrow", ["2026"]])
def test_trap_naive_or_odd_times_are_refused_with_the_timers_name(value: Any):
    case = Case(with_timer("Date", "due_at"), {"due_at": ""})
    with pytest.raises(TimerInvalid) as refused:
        case.do("before", due_at=value)
    assert refused.value.facts["timer"] == "due"


@pytest.mark.parametrize("value", ["2026-03-10T00:00:00+08:00", "2026-03-09T16:00:00Z", "2026-03-09T16:00:00+00:00"])
def test_trap_z_and_offsets_mean_the_same_moment_whatever_the_process_time_zone(value: str, monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    (due,) = Case(with_timer("Date", "due_at"), {"due_at": value}).do("before").timers_added
    assert due.due_at == datetime(2026, 3, 9, 16, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, ""])
def test_trap_a_deadline_that_is_not_set_waits_without_a_timer(value: Any):
    case = Case(with_timer("Date", "due_at"), {"due_at": value})
    assert case.do("before").timers_added == ()
    assert open_ids(case.fire(NOW + timedelta(days=9000))) == ["host"]
    assert case.do("host").completed


def test_trap_a_timer_due_at_the_instant_goes_off_and_a_microsecond_before_does_not():
    drawn = with_timer("Date", "due_at", interrupting=True)
    case = Case(drawn, {"due_at": "2026-03-10T00:00:00+08:00"})
    case.do("before")
    due = datetime(2026, 3, 9, 16, tzinfo=UTC)
    assert open_ids(case.fire(due - timedelta(microseconds=1))) == ["host"]
    assert open_ids(case.fire(due)) == ["handle"]


def test_trap_a_timer_already_due_goes_off_in_the_step_that_reaches_it():
    case = Case(with_timer("Date", "due_at"), {"due_at": "2020-01-01T00:00:00+08:00"})
    step = case.do("before")
    assert open_ids(step) == ["handle", "host"] and step.timers_added == ()


def test_trap_timers_go_off_inside_ordinary_steps_at_the_now_of_the_step():
    case = Case(with_timer("Duration", "'PT1H'"))
    case.do("before")
    case.now = NOW + timedelta(hours=2)
    assert [entry.bpmn_id for entry in case.do("host").log if entry.element == "userTask"] == ["host"]


def test_trap_missed_shots_of_a_cycle_are_one_shot_and_the_rhythm_is_kept():
    case = Case(with_timer("Cycle", "'R/PT10M'"))
    case.do("before")
    step = case.fire(NOW + timedelta(minutes=95))
    assert open_ids(step) == ["handle", "host"]
    assert [due.due_at for due in step.timers_added] == [NOW + timedelta(minutes=100)]
    assert len(step.timers_removed) == 1
    again = case.fire(NOW + timedelta(minutes=100))
    assert open_ids(again) == ["handle", "handle", "host"]


def test_trap_a_bounded_cycle_stops_and_its_branches_outlive_the_host():
    case = Case(with_timer("Cycle", "'R2/PT10M'"))
    case.do("before")
    for shot in (10, 20, 30, 40):
        case.fire(NOW + timedelta(minutes=shot))
    assert open_ids(case.step) == ["handle", "handle", "host"]
    assert ENGINE.inspect(case.bundle, case.step.state).timers == ()
    case.do("host")
    assert open_ids(case.step) == ["handle", "handle"] and not case.step.completed
    case.do("handle")
    assert case.do("handle").completed


def test_trap_500_shots_of_a_cycle_stay_flat():
    drawn = bundle(
        model(
            start(),
            user("host"),
            boundary("due", "host", timer("Cycle", "'R/P1D'"), interrupting=False),
            end(),
            end("urged"),
            path("started", "host", "finished"),
            path("due", "urged"),
        )
    )
    case = Case(drawn)
    for day in range(1, 501):
        case.fire(NOW + timedelta(days=day))
    assert len(payload(case.step.state)[6][0]) <= 4 and len(case.step.state) < 400
    assert case.do("host").completed


def test_trap_an_extended_deadline_moves_the_timer_and_only_the_timer():
    drawn = with_timer("Date", "due_at", interrupting=True)
    case = Case(drawn, {"due_at": "2026-03-10T00:00:00+08:00"})
    (due,) = case.do("before").timers_added
    later = due.due_at + timedelta(days=30)
    step = ENGINE.set_timer(drawn, case.step.state, due.task_id, later, now=NOW)
    assert [(moved.task_id, moved.due_at) for moved in step.timers_added] == [(due.task_id, later)]
    assert step.timers_removed == (due.task_id,) and step.opened == step.closed == ()
    case.step = step
    assert open_ids(case.fire(due.due_at)) == ["host"]
    assert open_ids(case.fire(later)) == ["handle"]


def test_trap_two_interrupting_events_due_at_once_make_one_token():
    drawn = bundle(
        model(
            start(),
            user("host"),
            boundary("due_first", "host", timer("Duration", "'PT1H'")),
            boundary("due_second", "host", timer("Duration", "'PT2H'")),
            user("first"),
            user("second"),
            end(),
            path("started", "host", "finished"),
            path("due_first", "first", "finished"),
            path("due_second", "second", "finished"),
        )
    )
    case = Case(drawn)
    assert open_ids(case.fire(NOW + timedelta(days=1))) == ["first"]
    assert case.do("first").completed


def test_trap_one_message_for_two_interrupting_events_makes_one_token():
    drawn = bundle(
        model(
            start(),
            user("host"),
            boundary("told_first", "host", message("stop")),
            boundary("told_second", "host", message("stop")),
            user("first"),
            user("second"),
            end(),
            path("started", "host", "finished"),
            path("told_first", "first", "finished"),
            path("told_second", "second", "finished"),
            messages=("stop",),
        )
    )
    assert open_ids(Case(drawn).send("stop")) == ["first"]
