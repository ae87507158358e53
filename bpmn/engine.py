"""The process engine: from a stored state and an input to the next state and what has to be indexed.

No clock, database or network inside. Thread-safe: a step builds its instance, runs it and drops it; the parsed
models are shared and never written. After any exception nothing of the step exists; store nothing.
"""

from collections.abc import Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnEvent
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.util.task import TaskState

from bpmn import codec
from bpmn.bundle import Bundle
from bpmn.index import Index, finish, messages, timer_of, wait_of
from bpmn.runtime import Instance, new_seed
from bpmn.steps import EventWait, Inspection, Json, LogEntry, OpenTask, Step, Thrown, Timer
from bpmn.timers import utc_text
from domain.errors import DomainError
from domain.process_errors import NothingWaits, ProcessDataIncomplete, ProcessFault, TaskNotOpen

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


class ProcessEngine:
    """Runs process instances. Stateless; one for the process is enough.

    Every method raises StateUnreadable for a state it cannot read, ModelRefused for a bundle it cannot parse,
    ExpressionFailed and TimerInvalid for a model whose expressions do not fit the data, and ProcessFault for
    whatever else stops a step. `now` is aware and decides every timer.
    """

    def start(self, bundle: Bundle, data: Mapping[str, Json], *, now: datetime) -> Step:
        """A new instance with `data`, run to its first quiet point.

        Raises ProcessDataInvalid, and ProcessDataIncomplete if an expression of the model reads a name that
        neither `data` nor the model sets: it would fail weeks later, at a gateway, for the person before it.
        Names that the model sets on its way (`decision_…`) are "" until then.
        """
        specs = bundle.specs
        missing = sorted(specs.needs - data.keys())
        if missing:
            raise ProcessDataIncomplete(f"{bundle.key} needs {missing}", names=", ".join(missing))
        with _faults():
            instance = Instance(specs.top, specs.subs, seed=new_seed(), counter=0, now=_aware(now))
            instance.begin({**dict.fromkeys(sorted(specs.blanks), ""), **codec.clean(data)})
            return finish(instance, Index())

    def complete(
        self, bundle: Bundle, state: bytes, task_id: UUID, outputs: Mapping[str, Json], *, now: datetime
    ) -> Step:
        """Complete an open task with `outputs`, which replace keys of the process data.

        Raises TaskNotOpen and ProcessDataInvalid.
        """
        with _faults():
            instance = _load(bundle, state, now)
            before = Index.of(instance)
            node = instance.node(task_id)
            # `run()` would accept a completed task and silently move a second token on.
            if node is None or node._state != TaskState.READY or not node.task_spec.manual:
                raise TaskNotOpen(f"task {task_id}")
            node.data = {**node.data, **codec.clean(outputs)}
            node.run()
            return finish(instance, before)

    def send(self, bundle: Bundle, state: bytes, message: str, payload: Mapping[str, Json], *, now: datetime) -> Step:
        """Deliver a message or signal to every event that waits for it. Raises NothingWaits."""
        with _faults():
            instance = _load(bundle, state, now)
            before = Index.of(instance)
            definition = next((part for node in before.events for part in messages(node) if part.name == message), None)
            if definition is None:
                raise NothingWaits(f"message {message}")
            instance.event_manager.catch(BpmnEvent(definition, payload=codec.clean(payload)), internal=False)
            return finish(instance, before)

    def fire_timers(self, bundle: Bundle, state: bytes, *, now: datetime) -> Step:
        """Let every timer that is due at `now` go off. A cycle that was missed several times goes off once."""
        with _faults():
            instance = _load(bundle, state, now)
            return finish(instance, Index.of(instance))

    def set_timer(self, bundle: Bundle, state: bytes, task_id: UUID, due_at: datetime, *, now: datetime) -> Step:
        """Move a waiting timer, as an approved extension does; of a cycle, the next shot. Raises NothingWaits.

        One moved to `now` or before goes off in this step.
        """
        with _faults():
            instance = _load(bundle, state, now)
            before = Index.of(instance)
            node = instance.node(task_id)
            if node is None or node.id not in instance.event_manager.tasks or "event_value" not in node.internal_data:
                raise NothingWaits(f"timer {task_id}")
            value = node.internal_data["event_value"]
            due = utc_text(_aware(due_at))
            node.internal_data["event_value"] = {**value, "next": due} if isinstance(value, dict) else due
            return finish(instance, before)

    def inspect(self, bundle: Bundle, state: bytes) -> Inspection:
        """What a state waits for. Nothing runs: for the repair job and for tests."""
        instance = _load(bundle, state, datetime.min.replace(tzinfo=UTC))
        index = Index.of(instance)
        _, data = codec.dump(instance)
        return Inspection(
            open_tasks=tuple(index.open.values()),
            timers=tuple(timer_of(instance, *timer) for timer in index.timers),
            waits=tuple(wait_of(instance, *wait) for wait in index.waits),
            completed=instance.completed,
            outcome=instance.outcome,
            data=data,
        )


@contextmanager
def _faults() -> "Iterator[None]":
    """The library's exceptions as ours; where it wrapped one of ours (in a decision table), that one."""
    try:
        yield
    except SpiffWorkflowException as error:
        inner: BaseException | None = error
        while inner is not None:
            if isinstance(inner, DomainError):
                raise inner from error
            inner = inner.__context__
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
