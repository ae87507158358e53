"""Every trap SpiffWorkflow 3.2.0 sets for who embeds it, by name. The traps were measured before this was written."""

import re
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import orjson
import pytest

import bpmn
from bpmn import codec
from bpmn.bundle import Bundle
from bpmn.specs import parse
from domain.errors import ExpressionFailed, ExpressionRefused, ProcessDataInvalid, TaskNotOpen, TimerInvalid
from tests.unit.bpmn.drawing import (
    ENGINE,
    NOW,
    Case,
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
    timer,
    user,
    xor,
)

LOOP = bundle(
    model(
        start(),
        user("work"),
        user("review"),
        boundary("review_late", "review", timer("Date", "due_at"), interrupting=False),
        xor("reviewed", default="reviewed_to_work"),
        end(),
        end("urged"),
        path("started", "work", "review", "reviewed"),
        flow("reviewed", "work"),
        flow("reviewed", "finished", "decision_review == 'approve'"),
        flow("review_late", "urged"),
    )
)
LOOP_DATA = {"due_at": "2026-12-31T00:00:00+08:00"}

PARALLEL_LOOP = bundle(
    model(
        start(),
        both("split"),
        user("hold"),
        user("work"),
        user("review"),
        xor("reviewed", default="reviewed_to_work"),
        both("joined"),
        user("sum_up"),
        end(),
        path("started", "split", "hold", "joined", "sum_up", "finished"),
        path("split", "work", "review", "reviewed"),
        flow("reviewed", "work"),
        flow("reviewed", "joined", "decision_review == 'approve'"),
    )
)


def payload(state: bytes) -> list[Any]:
    return orjson.loads(zlib.decompress(state))


# --- the ten things to know first ------------------------------------------------------------------------------


def test_trap_jsonb_reorders_keys_a_state_survives_sorted_keys():
    case = Case(PARALLEL_LOOP)
    case.do("work", decision_work="z", alpha=1)
    shuffled = orjson.dumps(payload(case.step.state), option=orjson.OPT_SORT_KEYS)
    step = case.step
    seen = ENGINE.inspect(PARALLEL_LOOP, zlib.compress(shuffled))
    assert seen.open_tasks == step.open_tasks and seen.data == step.data and seen.data["alpha"] == 1


MULTI = """<bpmn:multiInstanceLoopCharacteristics isSequential="false">
<bpmn:loopDataInputRef>units</bpmn:loopDataInputRef>
<bpmn:loopDataOutputRef>opinions</bpmn:loopDataOutputRef><bpmn:inputDataItem id="unit" name="unit"/>
<bpmn:outputDataItem id="opinion" name="opinion"/></bpmn:multiInstanceLoopCharacteristics>"""


def test_trap_fresh_spec_has_no_multi_instance_listener():
    drawn = model(start(), user("cosign", MULTI), user("sign"), end(), path("started", "cosign", "sign", "finished"))
    assert "multi_instance" in {finding.code for finding in bundle(drawn).lint()}
    case = Case(bundle(drawn), {"units": {"a": {}, "b": {}, "c": {}}})
    case.do("cosign", opinion=1)
    # Other bytes, the same model: parsed afresh, as after a restart.
    case.bundle = bundle(drawn + b"\n")
    case.do("cosign", opinion=2)
    assert open_ids(case.step) == ["cosign"]
    step = case.do("cosign", opinion=3)
    assert open_ids(step) == ["sign"] and step.data["opinions"] == {"a": 1, "b": 2, "c": 3}


def test_trap_event_sub_processes_change_the_shared_model_and_are_refused():
    inner = (
        '<bpmn:subProcess id="inspection" triggeredByEvent="true"><bpmn:startEvent id="inspect_started">'
        '<bpmn:messageEventDefinition messageRef="message_inspect"/></bpmn:startEvent>'
        + user("inspect")
        + end("inspected")
        + path("inspect_started", "inspect", "inspected")
        + "</bpmn:subProcess>"
    )
    drawn = model(start(), user("work"), end(), path("started", "work", "finished"), inner, messages=("inspect",))
    assert "event_sub_process" in {finding.code for finding in bundle(drawn).lint()}


def test_trap_running_instances_leave_the_shared_specs_as_they_were():
    def picture(specs: Any) -> list[Any]:
        parts = []
        for spec in (specs.top, *specs.subs.values()):
            for name, task_spec in spec.task_specs.items():
                plain = {key: repr(value) for key, value in vars(task_spec).items() if key != "_reaching"}
                parts.append((name, plain))
        return parts

    before = picture(PARALLEL_LOOP.specs)
    case = Case(PARALLEL_LOOP)
    for _ in range(3):
        case.do("work")
        case.do("review", decision_review="return")
    case.do("work")
    case.do("review", decision_review="approve")
    case.do("hold")
    case.do("sum_up")
    assert case.step.completed and picture(PARALLEL_LOOP.specs) == before


@pytest.mark.parametrize("place", ["main line", "open parallel branch"])
def test_trap_loop_backs_grow_500_returns_stay_flat(place: str):
    case = Case(LOOP, LOOP_DATA) if place == "main line" else Case(PARALLEL_LOOP)
    sizes, tasks, times = [], [], []
    for _ in range(500):
        case.do("work", decision_work="submit")
        began = process_time()
        step = case.do("review", decision_review="return")
        times.append(process_time() - began)
        sizes.append(len(step.state))
        tasks.append(len(payload(step.state)[6][0]))
    assert max(tasks) == tasks[0] <= 5
    # The counter of task ids gains digits, no more.
    assert max(sizes) - sizes[0] <= 24
    # Not a stopwatch: a step that grew with its history would be several times slower at the end.
    early, late = sorted(times[:100])[50], sorted(times[-100:])[50]
    assert late < early * 3
    case.do("work")
    case.do("review", decision_review="approve")
    if place == "open parallel branch":
        assert open_ids(case.step) == ["hold"]
        case.do("hold")
        case.do("sum_up")
    assert case.step.completed and case.step.outcome == "finished"


def test_trap_depth_1000_a_task_is_found_at_any_depth_and_2000_steps_do_not_recurse():
    """Without compaction, the tree of 300 returns is deeper than the library's iterators and Python's stack go."""
    state = Case(LOOP, LOOP_DATA).step.state
    instance = codec.load(state, LOOP.specs.top, LOOP.specs.subs, now=NOW)
    for step in range(600):
        (node,) = [node for node in instance.tokens() if node.task_spec.manual]
        node.data = {**node.data, "decision_review": "return"}
        node.run()
        instance.advance()
        assert instance.node(instance.uuid(node.id)) is node, step
    (node,) = [node for node in instance.tokens() if node.task_spec.manual]
    assert node.depth > 1000 and node.task_spec.name == "work"

    deep = Case(LOOP, LOOP_DATA)
    for _ in range(1000):
        deep.do("work")
        deep.do("review", decision_review="return")
    assert open_ids(deep.step) == ["work"]


def test_trap_parallel_joins_lose_updates_each_branch_keeps_what_it_changed():
    drawn = bundle(
        model(
            start(),
            both("split"),
            user("change_it"),
            user("leave_it"),
            both("joined"),
            user("look"),
            end(),
            path("started", "split", "change_it", "joined", "look", "finished"),
            path("split", "leave_it", "joined"),
        )
    )
    case = Case(drawn, {"status": "old", "parts": {"a": 1, "b": 1}})
    case.do("change_it", status="NEW", parts={"a": 2, "b": 1})
    step = case.do("leave_it", mine=1, parts={"a": 1, "b": 2})
    assert step.data == {"status": "NEW", "mine": 1, "parts": {"a": 2, "b": 2}}
    assert open_ids(step) == ["look"]


def test_trap_reset_from_task_id_is_never_used():
    sources = Path(bpmn.__path__[0]).glob("*.py")
    for source in sources:
        assert not re.search(r"reset_from_task_id|reset_branch", source.read_text(encoding="utf-8")), source


def test_trap_returning_past_a_host_of_open_timers_renews_them():
    case = Case(LOOP, LOOP_DATA)
    (first,) = case.do("work").timers_added
    assert case.do("review", decision_review="return").timers_removed == (first.task_id,)
    (second,) = case.do("work", due_at="2027-01-31T00:00:00+08:00").timers_added
    assert second.task_id != first.task_id and second.due_at > first.due_at


def test_trap_default_script_engine_is_eval_a_condition_cannot_reach_python():
    for attack in ("__import__('os').popen('id').read()", "().__class__.__base__.__subclasses__()"):
        drawn = bundle(
            model(
                start(),
                user("work"),
                xor("checked", default="checked_to_finished"),
                end(),
                end("owned"),
                path("started", "work", "checked", "finished"),
                flow("checked", "owned", attack),
            )
        )
        assert "expression_refused" in {finding.code for finding in drawn.lint()}
        with pytest.raises(ExpressionRefused):
            Case(drawn).do("work")


def test_trap_run_accepts_a_completed_task_completing_twice_is_refused():
    case = Case(LOOP, LOOP_DATA)
    task_id = case.step.open_tasks[0].task_id
    step = case.do("work")
    with pytest.raises(TaskNotOpen):
        ENGINE.complete(LOOP, step.state, task_id, {}, now=NOW)
    assert ENGINE.inspect(LOOP, step.state).open_tasks == step.open_tasks


def test_trap_an_exception_leaves_the_instance_half_advanced_the_stored_state_is_untouched():
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
    case = Case(drawn, {"number": 0})
    with pytest.raises(ExpressionFailed):
        case.do("count", number="x")
    assert case.do("count", number=4).outcome == "many"


# --- timers ----------------------------------------------------------------------------------------------------


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


# --- further pitfalls ------------------------------------------------------------------------------------------


def test_trap_live_references_a_step_keeps_nothing_of_the_callers_objects():
    given: dict[str, Any] = {"nested": {"list": [1]}}
    case = Case(LOOP, {**LOOP_DATA, **given})
    step = case.do("work", **given)
    given["nested"]["list"].append(2)
    assert step.data["nested"] == {"list": [1]}


@pytest.mark.parametrize("value", [NOW, {1, 2}, object(), {"at": NOW}, 2**70, b"x"])
def test_trap_datetimes_come_back_as_strings_process_data_is_json_only(value: Any):
    with pytest.raises(ProcessDataInvalid):
        Case(LOOP, LOOP_DATA).do("work", value=value)


def test_trap_shared_objects_under_threads_instances_on_one_spec_do_not_meet():
    barrier = threading.Barrier(8)

    def life(number: int) -> dict[str, Any]:
        barrier.wait()
        data: dict[str, Any] = {}
        for round_no in range(10):
            case = Case(PARALLEL_LOOP, {"number": number * 100 + round_no})
            for _ in range(2):
                case.do("work", work=number)
                case.do("review", decision_review="return")
            case.do("hold", hold=number)
            case.do("work", work=number)
            case.do("review", decision_review="approve")
            data = dict(case.do("sum_up").data)
            assert data["number"] == number * 100 + round_no and case.step.completed
        return data

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(life, range(8)))
    assert [result["work"] for result in results] == list(range(8))
    assert [result["hold"] for result in results] == list(range(8))


def test_trap_one_model_asked_for_by_many_threads_at_once_is_parsed_once(monkeypatch):
    drawn = bundle(model(start(), user("unique_work"), end(), path("started", "unique_work", "finished")))
    parsed = []

    def counting(*args: Any) -> Any:
        parsed.append(1)
        return parse(*args)

    monkeypatch.setattr("bpmn.bundle.parse", counting)
    with ThreadPoolExecutor(8) as pool:
        specs = list(pool.map(lambda _: drawn.specs, range(16)))
    assert len(parsed) == 1 and all(spec is specs[0] for spec in specs)


def test_trap_predicted_tasks_are_not_in_the_tree():
    step = Case(LOOP, LOOP_DATA).step
    rows = payload(step.state)[6][0]
    assert [row[2] for row in rows] == ["Start", "work"]


def test_trap_a_missing_key_at_a_gateway_is_blank_until_the_model_sets_it():
    drawn = bundle(
        model(
            start(),
            xor("asked_before", default="asked_before_to_ask"),
            user("ask"),
            end(),
            path("started", "asked_before", "ask", "finished"),
            flow("asked_before", "finished", "decision_ask == 'submit'"),
        )
    )
    case = Case(drawn)
    assert open_ids(case.step) == ["ask"] and case.step.data == {"decision_ask": ""}


def test_trap_a_withdrawn_instance_completes_too_the_outcome_tells_how():
    drawn = bundle(
        model(
            start(),
            sub("work", start("work_started"), user("report"), end("work_done")).replace(
                "</bpmn:subProcess>", path("work_started", "report", "work_done") + "</bpmn:subProcess>"
            ),
            boundary("withdrawn", "work", message("withdraw")),
            end("closed"),
            end("withdrawn_end"),
            path("started", "work", "closed"),
            path("withdrawn", "withdrawn_end"),
            messages=("withdraw",),
        )
    )
    withdrawn = Case(drawn).send("withdraw")
    closed = Case(drawn).do("report")
    assert (withdrawn.completed, withdrawn.outcome) == (True, "withdrawn_end")
    assert (closed.completed, closed.outcome) == (True, "closed")
    assert withdrawn.open_tasks == () and withdrawn.waits_removed != ()


def test_trap_compaction_forgets_steps_a_return_drawn_as_an_arrow_still_reaches_them():
    drawn = bundle(
        model(
            start(),
            user("draft"),
            user("sign"),
            user("check"),
            xor("checked", default="checked_to_finished"),
            xor("return_where", default="return_where_to_sign"),
            end(),
            path("started", "draft", "sign", "check", "checked", "finished"),
            flow("checked", "return_where", "decision_check == 'return'"),
            flow("return_where", "sign"),
            flow("return_where", "draft", "return_to == 'draft'"),
        )
    )
    case = Case(drawn)
    case.do("draft")
    case.do("sign")
    assert [row[2] for row in payload(case.step.state)[6][0]] == ["Start", "check"]
    assert open_ids(case.do("check", decision_check="return", return_to="draft")) == ["draft"]
    case.do("draft")
    case.do("sign")
    assert open_ids(case.do("check", decision_check="return", return_to="")) == ["sign"]


def test_trap_naming_a_message_of_the_wrong_class_does_not_matter_names_do():
    drawn = bundle(
        model(
            start(),
            catch("told", message("tell")),
            user("read"),
            end(),
            path("started", "told", "read", "finished"),
            messages=("tell",),
        )
    )
    assert open_ids(Case(drawn).send("tell")) == ["read"]


def test_trap_a_library_format_that_migrates_silently_our_format_has_a_path_from_every_number():
    assert set(codec.UPGRADES) == set(range(1, codec.FORMAT))
