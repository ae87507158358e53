"""What an instance waits for, and the difference one step makes to it: what the database indexes.

Work lists, due timers and event waits are found by SQL; nothing is deserialised to know them.
"""

from datetime import datetime
from typing import Any, Final

from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import ItemAwareEventDefinition, SignalEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.util.task import TaskState

from bpmn import codec
from bpmn.compact import compact
from bpmn.runtime import Instance, Node, due_text
from bpmn.steps import EventWait, OpenTask, Step, Thrown, Timer

_LEAVES: Final = (MessageEventDefinition, ItemAwareEventDefinition)
"""Events that may leave the instance; a terminate event that nobody catches did its work inside."""


class Index:
    """What is open, due and waited for; timers and waits as hashable tuples of inside ids."""

    __slots__ = ("events", "open", "timers", "waits")

    def __init__(self) -> None:
        self.open: dict[int, OpenTask] = {}
        self.timers: dict[tuple[int, str, str], None] = {}
        self.waits: dict[tuple[int, str, str, str], None] = {}
        self.events: list[Node] = []

    @classmethod
    def of(cls, instance: Instance) -> "Index":
        """The index of an instance at a quiet point."""
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
            for part in messages(node):
                kind = "message" if isinstance(part, MessageEventDefinition) else "signal"
                index.waits[node.id, node.task_spec.bpmn_id, kind, part.name] = None
        return index


def messages(node: Node) -> list[Any]:
    """The definitions of the messages and signals a waiting event takes."""
    definition = node.task_spec.event_definition
    parts = getattr(definition, "event_definitions", None) or (definition,)
    return [part for part in parts if isinstance(part, MessageEventDefinition | SignalEventDefinition)]


def _open_task(instance: Instance, node: Node) -> OpenTask:
    user_task = node.task_spec.user_task
    return OpenTask(
        instance.uuid(node.id), node.workflow.spec.name, user_task.bpmn_id, user_task.name, user_task.properties
    )


def timer_of(instance: Instance, node_id: int, bpmn_id: str, due: str) -> Timer:
    """The timer of an index entry."""
    return Timer(instance.uuid(node_id), bpmn_id, datetime.fromisoformat(due))


def wait_of(instance: Instance, node_id: int, bpmn_id: str, kind: str, name: str) -> EventWait:
    """The event wait of an index entry."""
    return EventWait(instance.uuid(node_id), bpmn_id, kind, name)


def finish(instance: Instance, before: Index) -> Step:
    """Run `instance` to its next quiet point, compact it, and say what changed since `before`."""
    instance.advance()
    compact(instance)
    after = Index.of(instance)
    state, data = codec.dump(instance)
    step = Step(
        state=state,
        opened=tuple(task for node_id, task in after.open.items() if node_id not in before.open),
        closed=tuple(task.task_id for node_id, task in before.open.items() if node_id not in after.open),
        open_tasks=tuple(after.open.values()),
        timers_added=tuple(timer_of(instance, *timer) for timer in after.timers if timer not in before.timers),
        timers_removed=tuple(instance.uuid(timer[0]) for timer in before.timers if timer not in after.timers),
        waits_added=tuple(wait_of(instance, *wait) for wait in after.waits if wait not in before.waits),
        waits_removed=tuple(wait_of(instance, *wait) for wait in before.waits if wait not in after.waits),
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
    instance.discard()
    return step
