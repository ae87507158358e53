"""The stored form keeps whatever the tokens hold."""

import random
import zlib
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import codec
from domain.process_errors import StateUnreadable
from tests.unit.bpmn.drawing import ENGINE, NOW, Case
from tests.unit.bpmn.golden import START, journey
from tests.unit.bpmn.loops import PARALLEL_LOOP, payload

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
DATA = st.dictionaries(st.sampled_from("abcdefgh"), JSON, max_size=6)


def open_journey() -> Any:
    case = Case(journey(), START)
    case.do("draft")
    return codec.load(case.step.state, case.bundle.specs.top, case.bundle.specs.subs, now=NOW)


@settings(max_examples=80, deadline=None)
@given(st.lists(DATA, min_size=1, max_size=6), st.integers(0, 10**6))
def test_any_json_on_any_token_comes_back_with_keys_added_changed_and_removed(contents: list[Any], seed: int):
    instance = open_journey()
    rng = random.Random(seed)
    nodes = [node for scope in instance.scopes() for node in scope.tasks.values()]
    for node in nodes:
        node.data = {**node.data, **rng.choice(contents)}
        for key in rng.sample(sorted(node.data), k=min(2, len(node.data))):
            del node.data[key]
    for scope in instance.scopes():
        scope.data = rng.choice(contents)
        scope.parked = {"late": [1, None], "new": [{"x": 2}]}
    state, _ = codec.dump(instance)
    again = codec.load(state, journey().specs.top, journey().specs.subs, now=NOW)
    copies = [node for scope in again.scopes() for node in scope.tasks.values()]
    assert [(node.id, node._state, node.data, node.internal_data) for node in copies] == [
        (node.id, node._state, node.data, node.internal_data) for node in nodes
    ]
    assert [(scope.data, scope.parked) for scope in again.scopes()] == [
        (scope.data, scope.parked) for scope in instance.scopes()
    ]
    assert set(again.event_manager.tasks) == set(instance.event_manager.tasks)


def test_true_and_one_are_two_values():
    case = Case(journey(), {**START, "flag": True})
    assert case.do("draft", flag=1).data["flag"] is not True


def test_a_key_all_branches_share_is_stored_once():
    case = Case(PARALLEL_LOOP, {"shared": "x" * 500})
    rows = payload(case.step.state)[6][0]
    assert len(rows) == 4 and sum("shared" in row[4] for row in rows if len(row) > 4) == 1


def test_a_state_of_a_newer_release_is_refused_and_says_so():
    content = payload(Case(PARALLEL_LOOP).step.state)
    content[0] = codec.FORMAT + 1
    with pytest.raises(StateUnreadable):
        ENGINE.inspect(PARALLEL_LOOP, zlib.compress(orjson.dumps(content)))


def test_an_older_format_is_upgraded_step_by_step(monkeypatch):
    content = payload(Case(PARALLEL_LOOP, {"x": 1}).step.state)
    old = zlib.compress(orjson.dumps([0, content]))
    monkeypatch.setattr(codec, "UPGRADES", {0: lambda payload: payload[1]})
    assert ENGINE.inspect(PARALLEL_LOOP, old).data["x"] == 1
