"""The live diagram drawn from log rows and open tasks."""

from bpmn.overlay import Mark, overlay
from bpmn.steps import LogEntry
from tests.unit.bpmn.drawing import Case, boundary, bundle, end, flow, message, model, path, start, sub, user, xor

DRAWN = bundle(
    model(
        start(),
        sub(
            "work",
            start("work_started"),
            user("report"),
            user("review"),
            xor("reviewed", default="reviewed_to_report"),
            end("work_done"),
            path("work_started", "report", "review", "reviewed"),
            flow("reviewed", "report"),
            flow("reviewed", "work_done", "decision_review == 'approve'"),
        ),
        boundary("withdrawn", "work", message("withdraw")),
        end(),
        end("withdrawn_end"),
        path("started", "work", "finished"),
        path("withdrawn", "withdrawn_end"),
        messages=("withdraw",),
    )
)


def walk(*decisions: str) -> tuple[Case, list[LogEntry]]:
    case = Case(DRAWN)
    log = list(case.step.log)
    for decision in decisions:
        log += case.do("report").log
        log += case.do("review", decision_review=decision).log
    return case, log


def test_runs_open_work_and_taken_flows_are_drawn_per_process():
    case, log = walk("return", "return")
    drawn = overlay(log, case.step.open_tasks, DRAWN.specs.hosts)
    assert drawn.elements["work"]["report"] == Mark("open", runs=2, open=1)
    assert drawn.elements["work"]["review"] == Mark("completed", runs=2, open=0)
    assert drawn.elements["work"]["reviewed"] == Mark("completed", runs=2, open=0)
    assert drawn.elements["small_process"]["work"] == Mark("running", runs=0, open=0)
    assert drawn.flows["work"] == {
        "work_started_to_report": 1,
        "report_to_review": 2,
        "review_to_reviewed": 2,
        "reviewed_to_report": 2,
    }
    assert drawn.flows["small_process"] == {"started_to_work": 1}


def test_a_finished_instance_has_nothing_open_or_running():
    case, log = walk("approve")
    drawn = overlay(log, case.step.open_tasks, DRAWN.specs.hosts)
    states = {mark.state for process in drawn.elements.values() for mark in process.values()}
    assert states == {"completed"}
    assert drawn.elements["small_process"]["finished"].runs == 1


def test_cancelled_work_is_drawn_as_cancelled():
    case, log = walk()
    log += case.send("withdraw").log
    drawn = overlay(log, case.step.open_tasks, DRAWN.specs.hosts)
    assert drawn.elements["work"]["report"] == Mark("cancelled", runs=0, open=0)
    assert drawn.elements["small_process"]["work"] == Mark("cancelled", runs=0, open=0)
    assert drawn.elements["small_process"]["withdrawn"].runs == 1
    assert drawn.flows["small_process"]["withdrawn_to_withdrawn_end"] == 1


def test_an_event_that_only_stopped_waiting_is_not_drawn():
    case, log = walk("approve")
    assert case.step.completed
    assert "withdrawn" not in overlay(log, []).elements["small_process"]
