"""Events inside an instance: errors, escalations, signals and messages between its own parts."""

import pytest

from bpmn.bundle import Bundle
from domain.process_errors import ExpressionFailed
from tests.unit.bpmn.drawing import (
    Case,
    both,
    boundary,
    bundle,
    catch,
    end,
    message,
    model,
    open_ids,
    path,
    start,
    sub,
    throw,
    user,
)
from tests.unit.bpmn.test_lint import graded

DECLARED = (
    '<bpmn:error id="error_broken" name="broken" errorCode="broken"/>'
    '<bpmn:escalation id="escalation_slow" name="slow" escalationCode="slow"/>'
    '<bpmn:signal id="signal_stop" name="stop"/>'
)
ERROR = '<bpmn:errorEventDefinition errorRef="error_broken"/>'
ESCALATION = '<bpmn:escalationEventDefinition escalationRef="escalation_slow"/>'
SIGNAL = '<bpmn:signalEventDefinition signalRef="signal_stop"/>'


def guarded(thrower: str, thrower_id: str, definition: str, *, interrupting: bool = True, more: str = "") -> Bundle:
    """Work in a sub-process that throws at `thrower_id`; `caught` guards it."""
    return bundle(
        model(
            start(),
            sub(
                "part",
                start("part_started"),
                both("split"),
                user("beside"),
                end("beside_end"),
                user("inner_work"),
                thrower,
                path("part_started", "split", "inner_work", thrower_id),
                path("split", "beside", "beside_end"),
                more,
            ),
            boundary("caught", "part", definition, interrupting=interrupting),
            user("handle"),
            end("handled"),
            end(),
            path("started", "part", "finished"),
            path("caught", "handle", "handled"),
            messages=("tell",),
            before=DECLARED,
        )
    )


def test_an_error_end_interrupts_the_sub_process_it_leaves():
    step = Case(guarded(end("broken_end", ERROR), "broken_end", ERROR)).do("inner_work")
    assert open_ids(step) == ["handle"]
    logged = [(entry.bpmn_id, entry.state) for entry in step.log if entry.element != "sequenceFlow"]
    assert ("beside", "cancelled") in logged and ("part", "cancelled") in logged and ("caught", "completed") in logged
    assert ("part", "completed") not in logged


def test_an_escalation_that_does_not_interrupt_leaves_the_sub_process_running():
    rest = user("after_it") + end("after_end") + path("escalated", "after_it", "after_end")
    drawn = guarded(throw("escalated", ESCALATION), "escalated", ESCALATION, interrupting=False, more=rest)
    case = Case(drawn)
    assert open_ids(case.do("inner_work")) == ["after_it", "beside", "handle"]
    for task in ("handle", "beside", "after_it"):
        case.do(task)
    assert case.step.completed


def test_a_message_thrown_inside_reaches_the_guard_of_its_own_sub_process():
    rest = user("after_it") + end("after_end") + path("told", "after_it", "after_end")
    drawn = guarded(throw("told", message("tell")), "told", message("tell"), more=rest)
    step = Case(drawn).do("inner_work")
    assert open_ids(step) == ["handle"] and step.thrown == ()
    assert "after_it" not in [entry.bpmn_id for entry in step.log if entry.element == "userTask"]


def test_a_signal_from_outside_reaches_every_part_that_waits_for_it():
    drawn = bundle(
        model(
            start(),
            both("split"),
            catch("north_stopped", SIGNAL),
            catch("south_stopped", SIGNAL),
            user("north"),
            user("south"),
            end(),
            path("started", "split", "north_stopped", "north", "finished"),
            path("split", "south_stopped", "south", "finished"),
            before=DECLARED,
        )
    )
    case = Case(drawn)
    assert {(wait.kind, wait.name) for wait in case.step.waits_added} == {("signal", "stop")}
    assert open_ids(case.send("stop")) == ["north", "south"]


def test_an_error_nobody_guards_leaves_the_instance():
    drawn = bundle(
        model(start(), user("work"), end("broken_end", ERROR), path("started", "work", "broken_end"), before=DECLARED)
    )
    step = Case(drawn).do("work")
    assert step.completed and step.outcome == "broken_end"
    assert [thrown.name for thrown in step.thrown] == ["broken"]


def test_nested_sub_processes_are_cancelled_with_what_waits_inside():
    inner = sub(
        "inner_part",
        start("inner_started"),
        user("deep_work"),
        boundary("deep_told", "deep_work", message("tell")),
        end("inner_end"),
        path("inner_started", "deep_work", "inner_end"),
        path("deep_told", "inner_end"),
    )
    drawn = bundle(
        model(
            start(),
            sub("part", start("part_started"), inner, end("part_end"), path("part_started", "inner_part", "part_end")),
            boundary("withdrawn", "part", message("withdraw")),
            user("handle"),
            end(),
            path("started", "part", "finished"),
            path("withdrawn", "handle", "finished"),
            messages=("tell", "withdraw"),
        )
    )
    case = Case(drawn)
    assert {wait.name for wait in case.step.waits_added} == {"tell", "withdraw"}
    step = case.send("withdraw")
    assert open_ids(step) == ["handle"] and {wait.name for wait in step.waits_removed} == {"tell", "withdraw"}
    other = Case(drawn)
    assert other.send("tell").completed


def test_a_decision_table_over_values_that_do_not_fit_names_the_expression():
    case = Case(graded(), {"score": 1})
    with pytest.raises(ExpressionFailed):
        case.do("work", score="high")
