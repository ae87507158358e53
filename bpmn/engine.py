"""The process engine: from a stored state and an input to the next state and what has to be indexed.

No clock, database or network inside. Thread-safe: a step builds its instance, runs it and drops it; the parsed
models are shared and never written. After any exception nothing of the step exists; store nothing.
"""

from collections.abc import Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnEvent
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import ItemAwareEventDefinition, SignalEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.util.task import TaskState

from bpmn import codec
from bpmn.bundle import Bundle
from bpmn.compact import compact
from bpmn.runtime import Instance, Node, due_text, new_seed
from bpmn.steps import EventWait, Inspection, Json, LogEntry, OpenTask, Step, Thrown, Timer
from bpmn.timers import utc_text
from domain.errors import NothingWaits, ProcessFault, TaskNotOpen

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Bundle",
    "EventWait",
    "Inspection",
    "LogEntry",
    "OpenTask",
    "ProcessEngine",
    "Step",
    "Thrown",
    "Timer",
]

_LEAVES: Final = (MessageEventDefinition, ItemAwareEventDefinition)
"""Events that may leave the instance; a terminate event that nobody catches did its work inside."""


class ProcessEngine:
    """Runs process instances. Stateless; one for the process is enough.

    Every method raises StateUnreadable for a state it cannot read, ModelRefused for a bundle it cannot parse,
    ExpressionFailed and TimerInvalid for a model whose expressions do not fit the data, and ProcessFault for
    whatever else stops a step. `now` is aware and decides every timer.
    """

    def start(self, bundle: Bundle, data: Mapping[str, Json], *, now: datetime) -> Step:
        """A new instance with `data`, run to its first quiet point. Raises ProcessDataInvalid."""
        specs = bundle.specs
        with _faults():
            instance = Instance(specs.top, specs.subs, seed=new_seed(), counter=0, now=_aware(now))
            instance.begin(codec.clean(data))
            return _finish(instance, _Index())

    def complete(
        self, bundle: Bundle, state: bytes, task_id: UUID, outputs: Mapping[str, Json], *, now: datetime
    ) -> Step:
        """Complete an open task with `outputs`, which replace keys of the process data.

        Raises TaskNotOpen and ProcessDataInvalid.
        """
        with _faults():
            instance = _load(bundle, state, now)
            before = _Index.of(instance)
            node = instance.node(task_id)
            # `run()` would accept a completed task and silently move a second token on.
            if node is None or node._state != TaskState.READY or not node.task_spec.manual:
                raise TaskNotOpen(f"task {task_id}")
            node.data = {**node.data, **codec.clean(outputs)}
            node.run()
            return _finish(instance, before)

    def send(self, bundle: Bundle, state: bytes, message: str, payload: Mapping[str, Json], *, now: datetime) -> Step:
        """Deliver a message or signal to every event that waits for it. Raises NothingWaits."""
        with _faults():
            instance = _load(bundle, state, now)
            before = _Index.of(instance)
            definition = next(
                (part for node in before.events for part in _messages(node) if part.name == message), None
            )
            if definition is None:
                raise NothingWaits(f"message {message}")
            instance.event_manager.catch(BpmnEvent(definition, payload=codec.clean(payload)), internal=False)
            return _finish(instance, before)

    def fire_timers(self, bundle: Bundle, state: bytes, *, now: datetime) -> Step:
        """Let every timer that is due at `now` go off. A cycle that was missed several times goes off once."""
        with _faults():
            instance = _load(bundle, state, now)
            return _finish(instance, _Index.of(instance))

    def set_timer(self, bundle: Bundle, state: bytes, task_id: UUID, due_at: datetime, *, now: datetime) -> Step:
        """Move a waiting timer, as an approved extension does; of a cycle, the next shot. Raises NothingWaits.

        One moved to `now` or before goes off in this step.
        """
        with _faults():
            instance = _load(bundle, state, now)
            before = _Index.of(instance)
            node = instance.node(task_id)
            if node is None or node.id not in instance.event_manager.tasks or "event_value" not in node.internal_data:
                raise NothingWaits(f"timer {task_id}")
            value = node.internal_data["event_value"]
            due = utc_text(_aware(due_at))
            node.internal_data["event_value"] = {**value, "next": due} if isinstance(value, dict) else due
            return _finish(instance, before)

    def inspect(self, bundle: Bundle, state: bytes) -> Inspection:
        """What a state waits for. Nothing runs: for the repair job and for tests."""
        instance = _load(bundle, state, datetime.min.replace(tzinfo=UTC))
        index = _Index.of(instance)
        _, data = codec.dump(instance)
        return Inspection(
            open_tasks=tuple(index.open.values()),
            timers=tuple(_timer(instance, *timer) for timer in index.timers),
            waits=tuple(_wait(instance, *wait) for wait in index.waits),
            completed=instance.completed,
            outcome=instance.outcome,
            data=data,
        )


@contextmanager
def _faults() -> "Iterator[None]":
    """The library's exceptions as ours."""
    try:
        yield
    except SpiffWorkflowException as error:
        raise ProcessFault(str(error), reason=str(error)) from error
    except RecursionError as error:
        raise ProcessFault("recursion", reason="nested too deeply") from error


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment


def _load(bundle: Bundle, state: bytes, now: datetime) -> Instance:
    specs = bundle.specs
    return codec.load(state, specs.top, specs.subs, now=_aware(now))


class _Index:
    """What is open, due and waited for; timers and waits as hashable tuples of inside ids."""

    __slots__ = ("events", "open", "timers", "waits")

    def __init__(self) -> None:
        self.open: dict[int, OpenTask] = {}
        self.timers: dict[tuple[int, str, str], None] = {}
        self.waits: dict[tuple[int, str, str, str], None] = {}
        self.events: list[Node] = []

    @classmethod
    def of(cls, instance: Instance) -> "_Index":
        index = cls()
        for scope in instance.scopes():
            for node in scope.tasks.values():
                if node._state == TaskState.READY and node.task_spec.manual:
                    index.open[node.id] = _open_task(instance, node)
        index.events = list(instance.event_manager.tasks.values())
        for node in index.events:
            due = due_text(node)
            if due:
                index.timers[node.id, node.task_spec.bpmn_id, due] = None
            for part in _messages(node):
                kind = "message" if isinstance(part, MessageEventDefinition) else "signal"
                index.waits[node.id, node.task_spec.bpmn_id, kind, part.name] = None
        return index


def _messages(node: Node) -> list[Any]:
    definition = node.task_spec.event_definition
    parts = getattr(definition, "event_definitions", None) or (definition,)
    return [part for part in parts if isinstance(part, MessageEventDefinition | SignalEventDefinition)]


def _open_task(instance: Instance, node: Node) -> OpenTask:
    user_task = node.task_spec.user_task
    return OpenTask(
        instance.uuid(node.id), node.workflow.spec.name, user_task.bpmn_id, user_task.name, user_task.properties
    )


def _timer(instance: Instance, node_id: int, bpmn_id: str, due: str) -> Timer:
    return Timer(instance.uuid(node_id), bpmn_id, datetime.fromisoformat(due))


def _wait(instance: Instance, node_id: int, bpmn_id: str, kind: str, name: str) -> EventWait:
    return EventWait(instance.uuid(node_id), bpmn_id, kind, name)


def _finish(instance: Instance, before: _Index) -> Step:
    instance.advance()
    compact(instance)
    after = _Index.of(instance)
    state, data = codec.dump(instance)
    return Step(
        state=state,
        opened=tuple(task for node_id, task in after.open.items() if node_id not in before.open),
        closed=tuple(task.task_id for node_id, task in before.open.items() if node_id not in after.open),
        open_tasks=tuple(after.open.values()),
        timers_added=tuple(_timer(instance, *timer) for timer in after.timers if timer not in before.timers),
        timers_removed=tuple(instance.uuid(timer[0]) for timer in before.timers if timer not in after.timers),
        waits_added=tuple(_wait(instance, *wait) for wait in after.waits if wait not in before.waits),
        waits_removed=tuple(_wait(instance, *wait) for wait in before.waits if wait not in after.waits),
        log=tuple(instance.log),
        thrown=tuple(
            Thrown(event.event_definition.name, event.payload or {})
            for event in instance.get_events()
            if isinstance(event.event_definition, _LEAVES)
        ),
        completed=instance.completed,
        outcome=instance.outcome,
        data=data,
    )
