"""What one step reports, and what it refuses."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.process_errors import (
    DeadEnd,
    EndlessLoop,
    ExpressionFailed,
    NothingWaits,
    ProcessDataIncomplete,
    ProcessDataInvalid,
    ProcessDataTooLarge,
    StateUnreadable,
    TaskNotOpen,
)
from tests.unit.bpmn.drawing import (
    ENGINE,
    NOW,
    Case,
    any_of,
    both,
    boundary,
    bundle,
    catch,
    end,
    flow,
    message,
    model,
    open_ids,
    path,
    start,
    sub,
    throw,
    timer,
    user,
    xor,
)

REVIEW = bundle(
    model(
        start(),
        user("draft"),
        user("review", role="unit_leader"),
        boundary("review_late", "review", timer("Date", "due_at"), interrupting=False),
        xor("reviewed", default="reviewed_to_draft"),
        end(),
        end("urged"),
        path("started", "draft", "review", "reviewed"),
        flow("reviewed", "draft"),
        flow("reviewed", "finished", "decision_review == 'submit'"),
        flow("review_late", "urged"),
    )
)
DUE = {"due_at": "2026-03-10T00:00:00+08:00"}


def test_a_step_reports_what_was_opened_closed_due_and_logged():
    case = Case(REVIEW, DUE)
    first = case.step
    assert open_ids(first) == ["draft"] and [task.bpmn_id for task in first.opened] == ["draft"]
    assert first.closed == () and first.timers_added == () and not first.completed

    second = case.do("draft", decision_draft="submit")
    assert second.closed == (first.open_tasks[0].task_id,)
    (opened,) = second.opened
    assert (opened.process_id, opened.bpmn_id, opened.name) == ("small_process", "review", "review")
    assert opened.properties["role"] == "unit_leader"
    (due,) = second.timers_added
    assert due.bpmn_id == "review_late" and due.due_at == datetime(2026, 3, 9, 16, tzinfo=UTC)
    assert [(entry.bpmn_id, entry.element, entry.state) for entry in second.log] == [
        ("draft", "userTask", "completed"),
        ("draft_to_review", "sequenceFlow", "completed"),
    ]

    third = case.do("review", decision_review="submit")
    assert third.completed and third.outcome == "finished" and third.open_tasks == ()
    assert third.timers_removed == (due.task_id,)
    assert third.data["decision_review"] == "submit" and third.data["decision_draft"] == "submit"
    assert [entry.bpmn_id for entry in third.log] == [
        *("review", "review_to_reviewed", "reviewed", "reviewed_to_finished", "finished")
    ]


def test_inspection_of_a_state_equals_what_the_step_reported():
    case = Case(REVIEW, DUE)
    step = case.do("draft")
    seen = ENGINE.inspect(REVIEW, step.state)
    assert seen.open_tasks == step.open_tasks and seen.timers == step.timers_added
    assert seen.data == step.data and not seen.completed


def test_task_ids_are_version_8_uuids_of_one_instance_and_differ_between_instances():
    one, other = Case(REVIEW, DUE).step, Case(REVIEW, DUE).step
    assert one.open_tasks[0].task_id.version == 8
    assert one.open_tasks[0].task_id != other.open_tasks[0].task_id
    with pytest.raises(TaskNotOpen):
        ENGINE.complete(REVIEW, other.state, one.open_tasks[0].task_id, {}, now=NOW)


def test_an_unknown_task_and_a_completed_instance_are_refused():
    case = Case(REVIEW, DUE)
    with pytest.raises(TaskNotOpen):
        ENGINE.complete(REVIEW, case.step.state, uuid4(), {}, now=NOW)
    last = case.step.open_tasks[0].task_id
    case.do("draft")
    case.do("review", decision_review="submit")
    for task_id in (last, uuid4()):
        with pytest.raises(TaskNotOpen):
            ENGINE.complete(REVIEW, case.step.state, task_id, {}, now=NOW)
    with pytest.raises(NothingWaits):
        case.send("withdraw")


def test_a_timer_task_cannot_be_completed_as_a_user_task():
    case = Case(REVIEW, DUE)
    (due,) = case.do("draft").timers_added
    with pytest.raises(TaskNotOpen):
        ENGINE.complete(REVIEW, case.step.state, due.task_id, {}, now=NOW)


def test_outputs_that_are_no_json_or_too_large_are_refused():
    case = Case(REVIEW, DUE)
    with pytest.raises(ProcessDataInvalid):
        case.do("draft", when=NOW)
    with pytest.raises(ProcessDataTooLarge):
        case.do("draft", text="x" * 70_000)
    with pytest.raises(ValueError, match="no time zone"):
        ENGINE.start(REVIEW, DUE, now=datetime(2026, 1, 1))  # noqa: DTZ001  the point of the test


def test_a_start_without_a_name_that_expressions_read_is_refused():
    with pytest.raises(ProcessDataIncomplete) as refused:
        ENGINE.start(REVIEW, {}, now=NOW)
    assert refused.value.facts["names"] == "due_at"


def test_a_state_of_another_process_or_of_no_process_is_refused():
    other = bundle(model(start(), user("work"), end(), path("started", "work", "finished"), key="other"), "other")
    state = ENGINE.start(other, {}, now=NOW).state
    for broken in (state, b"", b"not zlib", state[:-3]):
        with pytest.raises(StateUnreadable):
            ENGINE.inspect(REVIEW, broken)


def test_a_message_reaches_what_waits_and_its_payload_lands_in_the_variable():
    waiting = bundle(
        model(
            start(),
            catch("answered", message("answer", variable="answer")),
            user("read_answer"),
            end(),
            path("started", "answered", "read_answer", "finished"),
            messages=("answer",),
        )
    )
    case = Case(waiting)
    (wait,) = case.step.waits_added
    assert (wait.kind, wait.name, wait.bpmn_id) == ("message", "answer", "answered")
    with pytest.raises(NothingWaits):
        case.send("question")
    step = case.send("answer", text="done")
    assert step.waits_removed == (wait,) and open_ids(step) == ["read_answer"]
    assert step.data["answer"] == {"text": "done"}
    with pytest.raises(NothingWaits):
        case.send("answer")


def test_an_interrupting_message_on_a_sub_process_withdraws_from_anywhere():
    wrapped = bundle(
        model(
            start(),
            sub(
                "work",
                start("work_started"),
                both("work_split"),
                user("first_part"),
                boundary("first_late", "first_part", timer("Duration", "'P1D'"), interrupting=False),
                end("first_urged"),
                user("second_part"),
                both("work_joined"),
                end("work_done"),
                path("work_started", "work_split", "first_part", "work_joined", "work_done"),
                path("work_split", "second_part", "work_joined"),
                path("first_late", "first_urged"),
            ),
            boundary("withdrawn", "work", message("withdraw", variable="withdrawal")),
            user("confirm_withdrawal"),
            end(),
            end("withdrawn_end"),
            path("started", "work", "finished"),
            path("withdrawn", "confirm_withdrawal", "withdrawn_end"),
            messages=("withdraw",),
        )
    )
    case = Case(wrapped)
    before = case.do("second_part")
    step = case.send("withdraw", reason="wrong unit")
    assert open_ids(step) == ["confirm_withdrawal"]
    assert step.closed == tuple(task.task_id for task in before.open_tasks)
    assert len(step.timers_removed) == 1 and ENGINE.inspect(wrapped, step.state).timers == ()
    assert ("first_part", "cancelled") in [(entry.bpmn_id, entry.state) for entry in step.log]
    assert step.data["withdrawal"] == {"reason": "wrong unit"}
    last = case.do("confirm_withdrawal")
    assert last.completed and last.outcome == "withdrawn_end"


def test_the_last_token_ends_a_process_and_a_side_branch_keeps_what_it_said():
    case = Case(
        bundle(
            model(
                start(),
                user("main_work"),
                boundary("late", "main_work", timer("Duration", "'P1D'"), interrupting=False),
                user("explain_delay"),
                end(),
                end("explained"),
                path("started", "main_work", "finished"),
                path("late", "explain_delay", "explained"),
            )
        ),
        {"reason": ""},
    )
    case.fire(NOW + timedelta(days=1))
    assert open_ids(case.step) == ["explain_delay", "main_work"]
    case.do("explain_delay", reason="flood")
    step = case.do("main_work", result="built")
    assert step.completed and step.outcome == "finished"
    assert step.data["reason"] == "flood" and step.data["result"] == "built"


def test_an_inclusive_join_waits_for_the_branches_that_were_chosen():
    drawn = bundle(
        model(
            start(),
            user("choose"),
            any_of("chosen", default="chosen_to_north"),
            user("north"),
            user("south"),
            user("west"),
            any_of("gathered"),
            user("sum_up"),
            end(),
            path("started", "choose", "chosen"),
            flow("chosen", "north"),
            flow("chosen", "south", "'south' in asked"),
            flow("chosen", "west", "'west' in asked"),
            path("north", "gathered", "sum_up", "finished"),
            path("south", "gathered"),
            path("west", "gathered"),
        )
    )
    case = Case(drawn, {"asked": []})
    case.do("choose", asked=["south", "west"])
    assert open_ids(case.step) == ["south", "west"]
    case.do("west", west="w")
    assert open_ids(case.step) == ["south"]
    case.do("south", south="s")
    assert open_ids(case.step) == ["sum_up"]
    assert case.step.data["west"] == "w" and case.step.data["south"] == "s"

    alone = Case(drawn, {"asked": []})
    alone.do("choose")
    alone.do("north")
    assert open_ids(alone.step) == ["sum_up"]


def test_an_event_gateway_takes_the_first_event_and_drops_the_others():
    drawn = bundle(
        model(
            start(),
            '<bpmn:eventBasedGateway id="what_first"/>',
            catch("answered", message("answer")),
            catch("too_late", timer("Duration", "'P2D'")),
            user("read_answer"),
            user("remind"),
            end(),
            path("started", "what_first", "answered", "read_answer", "finished"),
            path("what_first", "too_late", "remind", "finished"),
            messages=("answer",),
        )
    )
    case = Case(drawn)
    assert [wait.name for wait in case.step.waits_added] == ["answer"]
    assert [due.due_at for due in case.step.timers_added] == [NOW + timedelta(days=2)]
    assert open_ids(case.send("answer")) == ["read_answer"]
    assert ENGINE.inspect(drawn, case.step.state).timers == ()
    late = Case(drawn)
    assert open_ids(late.fire(NOW + timedelta(days=2))) == ["remind"]


def test_a_call_activity_runs_the_called_process_and_takes_its_data_back():
    called = model(
        start("call_started"),
        user("inner_work"),
        end("call_done"),
        path("call_started", "inner_work", "call_done"),
        key="called_process",
    )
    drawn = bundle(
        model(
            start(),
            '<bpmn:callActivity id="call_it" calledElement="called_process"/>',
            user("after_call"),
            end(),
            path("started", "call_it", "after_call", "finished"),
        ),
        called__bpmn=called,
    )
    case = Case(drawn, {"given": 1})
    assert case.step.open_tasks[0].process_id == "called_process"
    step = case.do("inner_work", found=2)
    assert open_ids(step) == ["after_call"] and step.data == {"given": 1, "found": 2}


def test_a_terminate_end_stops_everything_else():
    drawn = bundle(
        model(
            start(),
            both("split"),
            user("slow"),
            user("stop_all"),
            end(),
            end("stopped", "<bpmn:terminateEventDefinition/>"),
            path("started", "split", "slow", "finished"),
            path("split", "stop_all", "stopped"),
        )
    )
    step = Case(drawn).do("stop_all", why="void")
    assert step.completed and step.outcome == "stopped" and step.open_tasks == () and len(step.closed) == 2
    assert step.thrown == () and step.data["why"] == "void"


def test_a_thrown_message_leaves_the_instance_with_its_payload_once():
    payload = "<spiffworkflow:messagePayload>{'unit': unit}</spiffworkflow:messagePayload>"
    definition = (
        '<bpmn:messageEventDefinition messageRef="message_told"><bpmn:extensionElements>'
        f"{payload}</bpmn:extensionElements></bpmn:messageEventDefinition>"
    )
    drawn = bundle(
        model(
            start(),
            user("decide"),
            throw("tell", definition),
            user("wait_on"),
            end(),
            path("started", "decide", "tell", "wait_on", "finished"),
            messages=("told",),
        )
    )
    case = Case(drawn, {"unit": "u1"})
    step = case.do("decide")
    assert [(event.name, event.payload) for event in step.thrown] == [("told", {"unit": "u1"})]
    assert case.do("wait_on").thrown == ()


def test_a_loop_without_a_stop_and_a_dead_end_are_faults_not_hangs():
    spinning = bundle(
        model(
            start(),
            xor("again", default="again_to_more"),
            xor("more"),
            end(),
            path("started", "again", "more"),
            flow("more", "again"),
            flow("again", "finished", "1 == 2"),
        )
    )
    with pytest.raises(EndlessLoop):
        ENGINE.start(spinning, {}, now=NOW)
    stuck = bundle(model(start(), user("work"), end(), flow("started", "work")))
    with pytest.raises(DeadEnd):
        Case(stuck).do("work")


def test_a_condition_that_does_not_fit_the_data_is_an_error_with_the_expression():
    drawn = bundle(
        model(
            start(),
            user("count"),
            xor("enough", default="enough_to_finished"),
            end(),
            end("many"),
            path("started", "count", "enough", "finished"),
            flow("enough", "many", "number > 3"),
        )
    )
    with pytest.raises(ExpressionFailed) as failed:
        Case(drawn, {"number": 0}).do("count", number="four")
    assert failed.value.facts["expression"] == "number > 3"
