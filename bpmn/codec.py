"""The stored state of an instance: our own format, compressed JSON of lists.

    zlib level 1 of [format, process, seed, counter, completed, outcome, scope, [[host id, process, scope], …]]
    scope = [tasks, data, parked]
    task  = [id, parent id or 0, spec name, state, changed data?, removed keys?, internal data?]

Task data is stored as the difference to the parent's, parents first; a *list* of tasks keeps that order, which
a JSON object in a jsonb column does not. A sub-process starts from its host's data. A new format gets the next
number and a function in `UPGRADES` that turns the payload of the one before into it; golden files in the tests
hold every format ever written.
"""

import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import orjson
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.util.task import TaskState

from bpmn.runtime import Instance, Node, SubInstance
from bpmn.steps import Json
from domain.process_errors import ProcessDataInvalid, ProcessDataTooLarge, StateUnreadable

FORMAT: Final = 1
UPGRADES: Final[Mapping[int, Callable[[list[Any]], list[Any]]]] = {}
"""format -> what turns its payload into the next format's."""

MAX_DATA: Final = 64 * 1024
"""Bytes of process data in one step. It routes; evidence, opinions and scores live in tables."""

_ABSENT: Final = object()
_IDLE: Final = frozenset({"seen_events", "event_fired"})
"""What the library notes on every event it looks at; empty or false means what its absence means."""
_STRICT: Final = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS


def clean(data: Mapping[str, Json]) -> dict[str, Json]:
    """`data` as it will be read back from a state: JSON only, detached from the caller's objects.

    Raises ProcessDataInvalid and ProcessDataTooLarge. A datetime is refused, not turned into text:
    it would come back as another type.
    """
    try:
        raw = orjson.dumps(dict(data), option=_STRICT)
    except (TypeError, ValueError) as error:
        raise ProcessDataInvalid(str(error), reason=str(error)) from error
    if len(raw) > MAX_DATA:
        raise ProcessDataTooLarge(f"{len(raw)} bytes", limit=f"{MAX_DATA // 1024} KB")
    loaded: dict[str, Json] = orjson.loads(raw)
    return loaded


# --- writing ---------------------------------------------------------------------------------------------------


def dump(instance: Instance) -> tuple[bytes, dict[str, Json]]:
    """The state of a compacted instance at a quiet point, and its routing data merged over all tokens."""
    merged: dict[str, Json] = {}
    top = _dump_scope(instance, {}, merged)
    subs = []
    for host_id, scope in instance.subprocesses.items():
        host = instance.get_task_from_id(host_id)
        assert host is not None
        subs.append([host_id, scope.spec.name, _dump_scope(scope, host.data, merged)])
    merged.update(instance.data)
    payload = [
        FORMAT,
        instance.spec.name,
        f"{instance.seed:024x}",
        instance.counter,
        instance.completed,
        instance.outcome,
        top,
        subs,
    ]
    return zlib.compress(orjson.dumps(payload), 1), merged


def _dump_scope(scope: Any, base: Mapping[str, Json], merged: dict[str, Json]) -> list[Any]:
    rows = []
    tasks = scope.tasks
    for node in tasks.values():
        parent = tasks.get(node._parent)
        before = base if parent is None else parent.data
        data = node.data
        row: list[Any] = [node.id, node._parent or 0, node.task_spec.name, node._state]
        changed, removed = {}, []
        if data is not before:
            for key, value in data.items():
                old = before.get(key, _ABSENT)
                # 1 == True and 0 == False: equal is not the same for JSON.
                if old is not value and (old != value or type(old) is not type(value)):
                    changed[key] = value
            if len(data) - len(changed) < len(before):
                removed = [key for key in before if key not in data]
        internal = {key: value for key, value in node.internal_data.items() if value or key not in _IDLE}
        if changed or removed or internal:
            merged.update(changed)
            row.append(changed)
            if removed or internal:
                row.append(removed)
                if internal:
                    row.append(internal)
        rows.append(row)
    return [rows, scope.data, scope.parked]


# --- reading ---------------------------------------------------------------------------------------------------


def load(state: bytes, spec: Any, subprocess_specs: Mapping[str, Any], *, now: datetime) -> Instance:
    """The instance a state describes, on the specs of its bundle. Raises StateUnreadable."""
    try:
        payload = orjson.loads(zlib.decompress(state))
        while (version := payload[0]) != FORMAT:
            payload = UPGRADES[version](payload)
        _, process, seed, counter, completed, outcome, top, subs = payload
        if process != spec.name:
            raise StateUnreadable(f"state of {process} read as {spec.name}", reason=f"belongs to {process}")
        instance = Instance(spec, subprocess_specs, seed=int(seed, 16), counter=counter, now=now)
        instance.completed, instance.outcome = completed, outcome
        _load_scope(instance, top, {}, instance)
        for host_id, name, content in subs:
            host = instance.get_task_from_id(host_id)
            scope = SubInstance(subprocess_specs[name], host_id, instance)
            instance.subprocesses[host_id] = scope
            _load_scope(scope, content, host.data, instance)  # type: ignore[union-attr]
    except (zlib.error, orjson.JSONDecodeError, KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise StateUnreadable(f"{type(error).__name__}: {error}", reason=f"{type(error).__name__} {error}") from error
    return instance


def _load_scope(scope: Any, content: list[Any], base: Mapping[str, Json], instance: Instance) -> None:
    rows, scope.data, scope.parked = content
    specs, tasks, waiting = scope.spec.task_specs, scope.tasks, instance.event_manager.tasks
    for row in rows:
        node_id, parent_id, name, state = row[:4]
        node: Node = Node.__new__(Node)
        node.id = node_id
        node.workflow = scope
        node._state = state
        node.triggered = False
        node.thread_id = 0
        node.last_state_change = 0.0
        node._children = []
        spec = node.task_spec = specs[name]
        size = len(row)
        node.internal_data = row[6] if size > 6 else {}  # noqa: PLR2004  the row is described in the module
        if parent_id:
            parent = tasks[parent_id]
            node._parent = parent_id
            parent._children.append(node_id)
            before = parent.data
        else:
            node._parent = None
            before = base
        data = dict(before)
        if size > 4:  # noqa: PLR2004
            data.update(row[4])
            if size > 5:  # noqa: PLR2004
                for key in row[5]:
                    data.pop(key, None)
        node.data = data
        tasks[node_id] = node
        if state == TaskState.WAITING and isinstance(spec, CatchingEvent):
            waiting[node_id] = node
    if tasks:
        scope.task_tree = next(iter(tasks.values()))
