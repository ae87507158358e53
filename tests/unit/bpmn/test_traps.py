"""The ten traps of SpiffWorkflow 3.2.0 to know first, by name, and two found since. Each was measured."""

import re
import zlib
from pathlib import Path
from time import process_time
from typing import Any

import orjson
import pytest

import bpmn
from bpmn import codec
from domain.process_errors import ExpressionFailed, ExpressionRefused, TaskNotOpen
from tests.unit.bpmn.drawing import (
    ENGINE,
    NOW,
    Case,
    both,
    bundle,
    end,
    flow,
    model,
    open_ids,
    path,
    start,
    user,
    xor,
)
from tests.unit.bpmn.loops import LOOP, LOOP_DATA, PARALLEL_LOOP, payload


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
                parts.append((name, {key: repr(value) for key, value in vars(task_spec).items()}))
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


def test_trap_a_parallel_join_in_a_loop_fires_early_in_the_second_round_it_waits_for_all_again():
    """Found by the walks: the library counts what arrived in the round before once more."""
    drawn = bundle(
        model(
            start(),
            xor("again"),
            both("split"),
            user("north"),
            user("south"),
            user("west"),
            both("joined"),
            user("look"),
            xor("looked", default="looked_to_finished"),
            end(),
            path("started", "again", "split", "north", "joined", "look", "looked", "finished"),
            path("split", "south", "joined"),
            path("split", "west", "joined"),
            flow("looked", "again", "decision_look == 'again'"),
        )
    )
    case = Case(drawn)
    for _ in range(3):
        for done, left in (("north", ["south", "west"]), ("west", ["south"]), ("south", ["look"])):
            assert open_ids(case.do(done)) == left
        case.do("look", decision_look="again")
    assert open_ids(case.step) == ["north", "south", "west"]


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
