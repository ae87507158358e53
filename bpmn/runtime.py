"""A running process instance: SpiffWorkflow's workflow and task classes, lean enough for one step per request.

What differs from the library's classes, and why (`engine-notes` are the measurements this answers):

- Ids are small integers. Outside they are UUIDs (version 8: 90 random bits of the instance, 32 bits of a
  counter), made only for what leaves the engine. Parsing and hashing UUIDs was a third of a step.
- Ready tasks stand in a queue. The library walks the whole tree after each completion, and stops looking at
  depth 1,000, so that a deep instance silently loses its tasks.
- Nothing is predicted. The library plans the tree ahead of the token; our specs (`bpmn.behaviour`) create the
  next tasks when they are reached, so that a state holds the tokens and nothing else.
- `now` is an attribute of the instance, set by the caller for each step; no clock is read anywhere.
- `log` records each element as it ends, because compaction (`bpmn.compact`) forgets it.

An instance is used by one thread, for one step, and dropped. The specs it runs on are shared and never written.
"""

import secrets
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.util.event import EventManager
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from bpmn.merge import settle
from bpmn.scripts import SCRIPTS
from bpmn.steps import Json, LogEntry
from domain.process_errors import DeadEnd, EndlessLoop

LIVE: Final[int] = TaskState.READY | TaskState.WAITING | TaskState.STARTED
FINISHED: Final[int] = TaskState.FINISHED_MASK
MAX_RUNS: Final = 2_000
"""Automatic elements in one step. More means a loop that no person or event ever stops."""

_COUNTER_BITS: Final = 32
_COUNTER_MASK: Final = (1 << _COUNTER_BITS) - 1


def new_seed() -> int:
    """The upper 96 bits of an instance's task ids: random, with version 8 and the variant of RFC 9562 in place."""
    seed = secrets.randbits(96)
    seed = seed & ~(0xF << 44) | (0x8 << 44)
    return seed & ~(0x3 << 30) | (0x2 << 30)


class Node(Task):  # type: ignore[misc]  # the library is untyped
    """A task of the tree: a token, or a finished element the tree still needs."""

    def __init__(
        self, workflow: Any, task_spec: Any, parent: "Node | None" = None, state: int = 1, id: int | None = None
    ) -> None:
        self.id = workflow.top_workflow.next_id() if id is None else id
        workflow.tasks[self.id] = self
        self.workflow = workflow
        self._parent = None if parent is None else parent.id
        self._children: list[int] = []
        self._state = state
        self.triggered = False
        self.task_spec = task_spec
        self.thread_id = 0
        self.data: dict[str, Json] = {}
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = 0.0
        if parent is not None:
            parent._children.append(self.id)

    def _add_child(self, task_spec: Any, state: int = 1) -> "Node":
        child = Node(self.workflow, task_spec, self, state)
        if state == TaskState.READY:
            child._ready()
        return child

    def _sync_children(self, task_specs: list[Any], state: int = 1) -> None:
        if self._children:
            super()._sync_children(task_specs, state)
            return
        for spec in task_specs:
            Node(self.workflow, spec, self, state)

    def _set_state(self, value: int) -> None:
        before = self._state
        if value == before:
            return
        self._state = value
        if value == TaskState.READY:
            if not self.task_spec.manual:
                self.workflow.top_workflow.ready.append(self)
        elif value == TaskState.COMPLETED or (value == TaskState.CANCELLED and before & LIVE):
            self.workflow.top_workflow.record(self, completed=value == TaskState.COMPLETED)

    def _inherit_data(self) -> None:
        # An event that is looked at again keeps what it has: compaction may have moved it under an older fork.
        # Shallow on purpose: nested values are shared between tasks and never edited in place.
        self.data = {**self.parent.data, **self.data}

    def cancel(self) -> None:
        """Stop this token. Branches it started (shots of a cycle) live on; a scope cancels each of its tokens."""
        if self._state & FINISHED:
            return
        self._set_state(TaskState.CANCELLED)
        self.task_spec._on_cancel(self)

    def retire(self) -> None:
        """End this token without a trace in the log: it was absorbed by a join, or its event stopped waiting."""
        self._state = TaskState.CANCELLED
        self.workflow.top_workflow.event_manager.remove_task(self)


class _Scope:
    """What the instance and each of its sub-processes share."""

    top_workflow: "Instance"
    tasks: dict[int, Node]
    data: dict[str, Json]
    completed: bool
    success: bool
    last_task: Node | None
    task_tree: Node
    parked: dict[str, list[Json]]
    """What side branches said that ended before the scope did: key -> [value] or [value, value at the fork]."""

    def open_root(self) -> Node:
        """Create the first token."""
        self.task_tree = Node(self, self.spec.start, state=TaskState.FUTURE)  # type: ignore[attr-defined]
        return self.task_tree

    def tokens(self) -> list[Node]:
        """The live nodes, in the order they were reached."""
        return [node for node in self.tasks.values() if node._state & LIVE]

    def _task_completed_notify(self, node: Node) -> None:
        self.last_task = node
        if node.task_spec.name == "End":
            self._mark_complete(node)
        if self.completed:
            self.top_workflow.scope_completed(self)

    def _mark_complete(self, node: Node) -> None:
        node.data = settle(node.data, self.parked)
        self.data.update(node.data)
        self.completed = True

    def cancel_tokens(self) -> None:
        """Cancel every token. Flat, because the library's walk of the tree stops at depth 1,000."""
        self.completed, self.success = True, False
        for node in list(self.tasks.values()):
            if node._state & TaskState.NOT_FINISHED_MASK:
                node.cancel()

    def take_apart(self) -> None:
        """Undo the circles of references after the last use.

        Left to the cycle collector, the tasks of thousands of steps end in one long pause.
        """
        self.tasks.clear()
        self.last_task = None
        self.__dict__.pop("task_tree", None)

    def update_waiting_tasks(self) -> None:
        """Nothing: `Instance.advance` looks at what waits once per quiet point, not after each completion."""


class SubInstance(_Scope, BpmnSubWorkflow):  # type: ignore[misc]
    """A sub-process or called process while it runs."""

    def __init__(self, spec: Any, parent_task_id: int, top_workflow: "Instance") -> None:
        super().__init__(spec, parent_task_id, top_workflow, deserializing=True)
        self.parked = {}

    def cancel(self, *_: Any) -> None:
        """Cancel every token and forget the scope."""
        self.cancel_tokens()
        self.top_workflow.subprocesses.pop(self.parent_task_id, None)
        self.take_apart()


class _Events(EventManager):  # type: ignore[misc]
    """Delivers events. An event that one catcher's reaction cancelled is not caught by it any more."""

    def catch(self, event: Any, internal: bool = True) -> int:  # noqa: FBT001, FBT002  the library's signature
        while True:
            target = event.target
            caught = [
                node
                for node in self.tasks.values()
                if (target is None or node.workflow is target) and node.task_spec.catches(node, event)
            ]
            if caught or target is None:
                break
            event.target = target.parent_workflow
        if not caught and internal:
            self.workflow.bpmn_events.append(event)
        for node in caught:
            if node._state == TaskState.WAITING:
                node.task_spec.catch(node, event)
                node.task_spec._update(node)
        return len(caught)


class Instance(_Scope, BpmnWorkflow):  # type: ignore[misc]
    """A process instance in memory, at `now`."""

    def __init__(
        self, spec: Any, subprocess_specs: Mapping[str, Any], *, seed: int, counter: int, now: datetime
    ) -> None:
        super().__init__(spec, subprocess_specs, script_engine=SCRIPTS, deserializing=True)
        self.event_manager = _Events(self)
        self.parked = {}
        self.seed = seed
        self.counter = counter
        self.now = now
        self.now_text = now.astimezone(UTC).isoformat()
        self.ready: deque[Node] = deque()
        self.log: list[LogEntry] = []
        self.outcome: str | None = None

    # --- ids

    def next_id(self) -> int:
        self.counter += 1
        return self.counter

    def uuid(self, node_id: int) -> UUID:
        """The id of a task outside the engine."""
        return UUID(int=self.seed << _COUNTER_BITS | node_id)

    def node(self, task_id: UUID) -> Node | None:
        """The task with this outside id, looked up, never searched for."""
        value = task_id.int
        return self.get_task_from_id(value & _COUNTER_MASK) if value >> _COUNTER_BITS == self.seed else None

    def get_task_from_id(self, node_id: int) -> Node | None:
        """The task with this inside id, in any scope."""
        for scope in self.scopes():
            node = scope.tasks.get(node_id)
            if node is not None:
                return node
        return None

    def scopes(self) -> "tuple[_Scope, ...]":
        """The top process and its running sub-processes, outermost first."""
        return (self, *self.subprocesses.values())

    # --- running

    def begin(self, data: Mapping[str, Json]) -> None:
        """Put the first token in place; `advance` moves it."""
        root = self.open_root()
        root.data = dict(data)
        root._ready()

    def advance(self) -> None:
        """Run everything that waits for nobody, up to the next quiet point.

        Raises EndlessLoop, and DeadEnd for a scope in which nothing waits although it has not ended. After any
        exception the instance is half advanced: drop it.
        """
        runs = 0
        while True:
            while self.ready:
                node = self.ready.popleft()
                if node._state == TaskState.READY:
                    runs += 1
                    if runs > MAX_RUNS:
                        raise EndlessLoop(f"loop through {node.task_spec.name}", element=node.task_spec.name)
                    node.run()
            if not self._fire_join() and not self._fire_timer():
                break
            runs += 1
        for scope in self.scopes():
            if not scope.completed and not any(node._state & LIVE for node in scope.tasks.values()):
                raise DeadEnd(f"dead end in {scope.spec.name}", process=scope.spec.name)  # type: ignore[attr-defined]

    def _fire_join(self) -> bool:
        for scope in reversed(self.scopes()):
            for node in scope.tasks.values():
                if node._state == TaskState.WAITING and node.task_spec.late_join and node.task_spec.fire(node):
                    return True
        return False

    def _fire_timer(self) -> bool:
        """Let the timer that was due first go off. One at a time: its flow may cancel the others."""
        due = [
            (text, node.id, node)
            for node in self.event_manager.tasks.values()
            if (text := due_text(node)) and text <= self.now_text
        ]
        if not due:
            return False
        node = min(due)[2]
        node.task_spec._update(node)
        return True

    def scope_completed(self, scope: Any) -> None:
        """Hand the data of a completed sub-process to its host, or cancel what is left of the top process."""
        if scope is self:
            self.ready.clear()
            if self.outcome is None and self.last_task is not None:
                self.outcome = self.last_task.task_spec.bpmn_id  # a terminate event ends the scope by itself
            return
        if self.subprocesses.pop(scope.parent_task_id, None) is None:
            return
        host = self.get_task_from_id(scope.parent_task_id)
        if host is not None and host._state == TaskState.STARTED:
            host.task_spec.update_data(host, scope)
            host._ready()
        scope.take_apart()

    def create_subprocess(self, host: Node, spec_name: str) -> SubInstance:
        scope = SubInstance(self.subprocess_specs[spec_name], host.id, self)
        self.subprocesses[host.id] = scope
        return scope

    def cancel(self, *_: Any) -> list[Node]:
        """Cancel every token of the top process; sub-processes go with their hosts."""
        self.cancel_tokens()
        return []

    def discard(self) -> None:
        """Take the instance and its scopes apart; it cannot be used afterwards."""
        for scope in self.scopes():
            scope.take_apart()
        self.subprocesses.clear()
        self.event_manager.tasks.clear()
        self.event_manager.workflow = None

    # --- log

    def record(self, node: Node, *, completed: bool) -> None:
        """Log that an element ended. An event that merely stopped waiting is not history."""
        spec = node.task_spec
        if spec.element and (completed or spec.is_activity):
            state = "completed" if completed else "cancelled"
            self.log.append(LogEntry(self.uuid(node.id), node.workflow.spec.name, spec.bpmn_id, spec.element, state))

    def record_flow(self, node: Node, flow_id: str) -> None:
        """Log that the token left `node` by this sequence flow."""
        self.log.append(LogEntry(self.uuid(node.id), node.workflow.spec.name, flow_id, "sequenceFlow", "completed"))


def due_text(node: Node) -> str:
    """When the timer of a waiting event goes off next, as UTC ISO text (which sorts by time), or "" for never."""
    value = node.internal_data.get("event_value")
    if isinstance(value, dict):
        return str(value["next"]) if value["cycles"] else ""
    return value or ""
