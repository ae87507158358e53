"""Random walks over random models: saved and loaded at every step, kept in memory, and in the plain library."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.util.task import TaskState

from bpmn import codec
from bpmn.bundle import Bundle
from bpmn.index import Index, messages
from bpmn.runtime import LIVE, Instance
from tests.unit.bpmn.drawing import ENGINE, NOW, bundle, open_ids
from tests.unit.bpmn.generated import ALL, PLAIN, draw

SEEDS = st.integers(min_value=0, max_value=10**9)


class Kept:
    """An instance that is never saved, loaded or compacted."""

    def __init__(self, drawn: Bundle, first_state: bytes) -> None:
        specs = drawn.specs
        loaded = codec.load(first_state, specs.top, specs.subs, now=NOW)
        self.instance = Instance(specs.top, specs.subs, seed=loaded.seed, counter=0, now=NOW)
        self.logged = 0

    def begin(self, data: dict[str, Any]) -> None:
        self.instance.begin(data)
        self.instance.advance()

    def at(self, now: datetime) -> None:
        fresh = Instance(self.instance.spec, {}, seed=0, counter=0, now=now)
        self.instance.now, self.instance.now_text = now, fresh.now_text

    def new_log(self) -> tuple[Any, ...]:
        entries = tuple(self.instance.log[self.logged :])
        self.logged = len(self.instance.log)
        return entries


def token_data(instance: Instance) -> dict[int, Any]:
    return {node.id: node.data for scope in instance.scopes() for node in scope.tasks.values() if node._state & LIVE}


def same(drawn: Bundle, step: Any, kept: Kept) -> None:
    """The saved instance and the kept one are in one state."""
    saved = codec.load(step.state, drawn.specs.top, drawn.specs.subs, now=NOW)
    mine, theirs = Index.of(saved), Index.of(kept.instance)
    if not kept.instance.completed:
        assert mine.open == theirs.open
        assert mine.timers == theirs.timers
        assert mine.waits == theirs.waits
        assert token_data(saved) == token_data(kept.instance)
    assert step.log == kept.new_log()
    assert (step.completed, step.outcome) == (kept.instance.completed, kept.instance.outcome)
    if step.completed:
        assert step.data == kept.instance.data


def choose(rng: random.Random, bpmn_id: str) -> dict[str, Any]:
    outputs: dict[str, Any] = {f"decision_{bpmn_id}": rng.choice("abc") + rng.choice(["", "", "1"])}
    outputs[f"said_{rng.randint(0, 9)}"] = {"n": rng.random(), "list": [1, {"deep": rng.randint(0, 3)}]}
    return outputs


def walk(seed: int, kinds: tuple[str, ...], steps: int) -> bool:
    """Walk one model twice; whether it came to its end."""
    rng = random.Random(seed)
    model = draw(seed, kinds)
    drawn = bundle(model.content)
    assert [finding for finding in drawn.lint() if finding.severity == "error"] == []
    step = ENGINE.start(drawn, {"title": "x"}, now=NOW)
    kept = Kept(drawn, step.state)
    kept.begin({**dict.fromkeys(sorted(drawn.specs.blanks), ""), "title": "x"})
    same(drawn, step, kept)
    now = NOW
    for _ in range(steps):
        if step.completed:
            return True
        inside = kept.instance
        waits = sorted({wait[3] for wait in Index.of(inside).waits})
        act = rng.random()
        if act < 0.2 or not step.open_tasks:
            if waits and (act < 0.08 or not step.open_tasks):
                name = rng.choice(waits)
                payload = {"text": rng.random()}
                step = ENGINE.send(drawn, step.state, name, payload, now=now)
                definition = next(
                    part for node in inside.event_manager.tasks.values() for part in messages(node) if part.name == name
                )
                inside.event_manager.catch(BpmnEvent(definition, payload=payload), internal=False)
            else:
                now += timedelta(hours=rng.randint(1, 50))
                kept.at(now)
                step = ENGINE.fire_timers(drawn, step.state, now=now)
        else:
            task = rng.choice(step.open_tasks)
            outputs = choose(rng, task.bpmn_id)
            step = ENGINE.complete(drawn, step.state, task.task_id, outputs, now=now)
            node = inside.node(task.task_id)
            assert node is not None
            node.data = {**node.data, **outputs}
            node.run()
        inside.advance()
        same(drawn, step, kept)
    return step.completed


@settings(max_examples=120, deadline=None)
@given(SEEDS)
def test_a_walk_with_save_and_load_after_every_step_equals_the_walk_without(seed: int):
    walk(seed, ALL, steps=25)


def test_generated_walks_reach_ends_and_every_kind_of_block():
    ends = sum(walk(seed, ALL, steps=60) for seed in range(40))
    assert ends > 15
    drawn = b"".join(draw(seed).content for seed in range(40))
    for element in (b"inclusiveGateway", b"parallelGateway", b"timeCycle", b"subProcess", b"intermediateCatchEvent"):
        assert element in drawn


def library_open(workflow: BpmnWorkflow) -> list[str]:
    return sorted(task.task_spec.bpmn_id for task in workflow.get_tasks(state=TaskState.READY, manual=True))


@settings(max_examples=120, deadline=None)
@given(SEEDS)
def test_a_walk_opens_the_same_work_as_the_plain_library(seed: int):
    rng = random.Random(seed)
    model = draw(seed, PLAIN)
    drawn = bundle(model.content)
    parser = SpiffBpmnParser()
    parser.add_bpmn_xml(etree.fromstring(model.content))
    workflow = BpmnWorkflow(parser.get_spec("small_process"), parser.get_subprocess_specs("small_process"))
    workflow.task_tree.data.update(dict.fromkeys(drawn.specs.blanks, ""))
    workflow.do_engine_steps()
    step = ENGINE.start(drawn, {}, now=NOW)
    for _ in range(20):
        assert open_ids(step) == library_open(workflow)
        assert step.completed == workflow.completed
        if step.completed:
            break
        waits = sorted({wait.name for wait in ENGINE.inspect(drawn, step.state).waits})
        if waits and (not step.open_tasks or rng.random() < 0.1):
            name = rng.choice(waits)
            step = ENGINE.send(drawn, step.state, name, {}, now=NOW)
            workflow.send_event(BpmnEvent(MessageEventDefinition(name), payload={}))
        else:
            task = rng.choice(step.open_tasks)
            # Each task writes its own key: where two branches write one, the library and we differ on purpose.
            outputs = {f"decision_{task.bpmn_id}": rng.choice(["a", "b", "c1"])}
            step = ENGINE.complete(drawn, step.state, task.task_id, outputs, now=NOW)
            theirs = next(
                other
                for other in workflow.get_tasks(state=TaskState.READY, manual=True)
                if other.task_spec.bpmn_id == task.bpmn_id
            )
            theirs.data.update(outputs)
            theirs.run()
        workflow.do_engine_steps()


@pytest.mark.parametrize("seed", range(6))
def test_no_walk_grows_however_long_it_is(seed: int):
    model = draw(seed, ("task", "loop", "parallel", "sub"), size=14)
    drawn = bundle(model.content)
    step = ENGINE.start(drawn, {}, now=NOW)
    rng = random.Random(seed)
    sizes = []
    for _ in range(300):
        if step.completed:
            step = ENGINE.start(drawn, {}, now=NOW)
        task = rng.choice(step.open_tasks)
        step = ENGINE.complete(drawn, step.state, task.task_id, {f"decision_{task.bpmn_id}": "b"}, now=NOW)
        sizes.append(len(step.state))
    assert max(sizes[150:]) <= max(sizes[:150]) + 32
