"""How the elements of our processes behave: subclasses of SpiffWorkflow's specs, put in place after parsing.

`adopt` turns each parsed spec into the same kind of spec with our behaviour on top. Nothing of the library is
patched: a spec that was not adopted behaves as it always did.

What our behaviour changes:

- `_predict` does nothing; a spec creates the tasks that follow when it runs.
- A join waits as tokens that stand before it, and merges what each branch *changed* since the fork. The library
  merges whole copies, so that the branch that arrives last overwrites with what it never touched.
- An end that is not the last one is parked as "what this branch changed", so that nothing waits for the end.
- The boundary join of the library is gone. Completing a host stops its events; an interrupting event cancels
  its host and the other events the moment it is caught, so that two events due at once cannot both interrupt.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from functools import cache
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit, _EndJoin
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent, EventBasedGateway
from SpiffWorkflow.bpmn.specs.mixins.inclusive_gateway import InclusiveGateway
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.specs.mixins.parallel_gateway import ParallelGateway
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.specs.MultiChoice import MultiChoice
from SpiffWorkflow.util.task import TaskState

from bpmn.merge import ancestors, changes, merge_branches
from bpmn.runtime import FINISHED, LIVE, Node
from bpmn.timers import CycleTimer, adopt_timer

ACTIVITIES = frozenset(
    {
        *("userTask", "manualTask", "task", "subProcess", "callActivity", "businessRuleTask", "serviceTask"),
        *("sendTask", "receiveTask", "scriptTask", "transaction"),
    }
)


class Lazy:
    """The behaviour every spec gets."""

    late_join = False
    element = ""
    is_activity = False
    host_split: str | None = None
    outs: tuple[Any, ...] = ()
    flows: Mapping[str, str] = {}

    @property
    def outputs(self) -> list[Any]:
        return list(self.outs)

    def test(self) -> None:
        """Nothing: the linter tested the model when it was published."""

    def _predict(self, *_: Any, **__: Any) -> None:
        """Nothing: see the module."""

    def _run(self, node: Node) -> Any:
        self.foresee(node)
        return self._run_hook(node)  # type: ignore[attr-defined]

    def foresee(self, node: Node) -> None:
        """Create the tasks that follow."""
        for spec in self.outs:
            Node(node.workflow, spec, node, TaskState.FUTURE)

    def _on_ready(self, node: Node) -> None:
        self._on_ready_hook(node)  # type: ignore[attr-defined]

    def _on_complete(self, node: Node) -> None:
        self._on_complete_hook(node)  # type: ignore[attr-defined]
        if self.host_split is not None:
            self.release(node)
        self.follow(node, node._children)
        node.workflow._task_completed_notify(node)

    def follow(self, node: Node, children: Iterable[int]) -> None:
        """Move the token on to these children, logging the flows it takes."""
        tasks, flows = node.workflow.tasks, self.flows
        for child in [tasks[child_id] for child_id in children if child_id in tasks]:
            if not child._state & FINISHED:
                flow = flows.get(child.task_spec.name)
                if flow is not None:
                    node.workflow.top_workflow.record_flow(node, flow)
                child.task_spec._update(child)

    def release(self, node: Node) -> None:
        """The host is done: its boundary events stop waiting."""
        for sibling in self.siblings(node):
            if sibling._state == TaskState.WAITING:
                sibling.retire()

    def siblings(self, node: Node) -> list[Node]:
        """The host and boundary events that were split off together with `node`, without it."""
        split = node.parent
        if split is None or split.task_spec.name != self.host_split:
            return []
        tasks, names = node.workflow.tasks, split.task_spec._outputs
        found = [tasks[child_id] for child_id in split._children if child_id in tasks and child_id != node.id]
        return [sibling for sibling in found if sibling.task_spec.name in names]


class _Choice(Lazy):
    """Exclusive gateways choose their one child themselves."""

    def foresee(self, node: Node) -> None:
        """Nothing."""


class _Host(Lazy):
    """Sub-processes and call activities."""

    def start_workflow(self, node: Node) -> None:
        top = node.workflow.top_workflow
        scope = top.create_subprocess(node, self.spec)  # type: ignore[attr-defined]
        root = scope.open_root()
        if scope.spec.io_specification is None:
            root.data = dict(node.data)
        else:
            self.copy_data(node, scope)  # type: ignore[attr-defined]
        root._ready()

    def update_data(self, node: Node, scope: Any) -> None:
        if scope.spec.io_specification is None:
            node.data = dict(scope.last_task.data)
        else:
            super().update_data(node, scope)  # type: ignore[misc]


class _Split(Lazy):
    """Puts the host and its boundary events in place."""

    def _run_hook(self, _: Node) -> bool:
        return True


class _Catch(Lazy):
    """Events that wait."""

    def _run_hook(self, node: Node) -> bool:
        definition = self.event_definition  # type: ignore[attr-defined]
        definition.update_task_data(node)
        definition.reset(node)
        return True

    def _on_cancel(self, node: Node) -> None:
        node.workflow.top_workflow.event_manager.remove_task(node)

    def foresee(self, node: Node) -> None:
        if not isinstance(self.event_definition, CycleTimer):  # type: ignore[attr-defined]
            super().foresee(node)

    def shoot(self, node: Node) -> None:
        """A cycle goes off: log it and start one more side branch."""
        node.workflow.top_workflow.record(node, completed=True)
        started = [Node(node.workflow, spec, node, TaskState.FUTURE).id for spec in self.outs]
        self.follow(node, started)


class _Boundary(_Catch):
    """Boundary events: one that interrupts does so when it is caught, before anything else runs."""

    def _on_ready(self, node: Node) -> None:
        super()._on_ready(node)
        if self.cancel_activity:  # type: ignore[attr-defined]
            for sibling in self.siblings(node):
                if sibling.task_spec.element == "boundaryEvent":
                    sibling.retire()
                else:
                    sibling.cancel()

    def release(self, node: Node) -> None:
        """Nothing: the host stays, or was cancelled when this event was caught."""


class _EventGateway(_Catch):
    """The library's gateway counts its children by position and drops those whose event did not come."""

    def foresee(self, node: Node) -> None:
        for spec in self.outs:
            Node(node.workflow, spec, node, TaskState.MAYBE)

    def _run_hook(self, node: Node) -> bool:
        return EventBasedGateway._run_hook(self, node)  # type: ignore[no-any-return]


class _Join(Lazy):
    """Parallel gateways: fire when a token stands at each incoming flow, taking one of each."""

    def _update_hook(self, node: Node) -> bool:
        node.data = dict(node.parent.data)
        sources = set(self._inputs)  # type: ignore[attr-defined]
        if len(sources) == 1:
            return True
        node.internal_data["from"] = node.parent.task_spec.name
        node._set_state(TaskState.WAITING)
        arrived: dict[str, Node] = {}
        for other in node.workflow.tasks.values():
            if other.task_spec is self and other._state == TaskState.WAITING:
                arrived.setdefault(other.internal_data["from"], other)
        if len(arrived) < len(sources):
            return False
        self.absorb(node, list(arrived.values()))
        return True

    def absorb(self, node: Node, arrivals: list[Node]) -> None:
        """Continue as `node` with what all branches changed."""
        node.data = merge_branches(arrivals)
        for other in arrivals:
            if other is not node:
                other.retire()

    def _run_hook(self, _: Node) -> bool:
        return True


class _InclusiveJoin(_Choice):
    """Inclusive gateways: fire when no other token of the scope can still reach them."""

    late_join = True
    reaching: frozenset[str]
    """The names of the specs from which a token can come here."""

    def _update_hook(self, node: Node) -> bool:
        node.data = dict(node.parent.data)
        if len(set(self._inputs)) == 1:  # type: ignore[attr-defined]
            return True
        node._set_state(TaskState.WAITING)
        return False

    def fire(self, node: Node) -> bool:
        """Fire if nothing else can arrive; `node` is the first of the waiting tokens."""
        arrivals = []
        for other in node.workflow.tokens():
            if other.task_spec is self:
                arrivals.append(other)
            elif other.task_spec.name in self.reaching:
                return False
        last = arrivals[-1]
        last.data = merge_branches(arrivals)
        for other in arrivals[:-1]:
            other.retire()
        last._ready()
        return True

    def _run_hook(self, node: Node) -> bool:
        matches, defaults = self._get_matching_outputs(node)  # type: ignore[attr-defined]
        for spec in matches or defaults:
            Node(node.workflow, spec, node, TaskState.FUTURE)
        return True


class _End(Lazy):
    """The join every end event leads to: the scope ends with its last token."""

    def _update_hook(self, node: Node) -> bool:
        scope = node.workflow
        node.data = dict(node.parent.data)
        others = [other for other in scope.tasks.values() if other._state & LIVE]
        if not others:
            return True
        beside = {ancestor.id for other in others for ancestor in (other, *ancestors(other))}
        fork = next(ancestor for ancestor in ancestors(node) if ancestor.id in beside)
        scope.parked.update(changes(fork.data, node.data))
        node.retire()
        return False

    def _run_hook(self, node: Node) -> bool:
        scope = node.workflow
        scope.data.update(node.data)
        if scope is scope.top_workflow:
            scope.outcome = node.parent.task_spec.bpmn_id
        return True


class _Loop(Lazy):
    """Native multi-instance, which the linter refuses; kept right for a state that holds one."""

    def create_child(self, node: Node, *args: Any) -> Any:
        node.data = deepcopy(node.data)  # the library edits collections in place, and ours are shared
        return super().create_child(node, *args)  # type: ignore[misc]


_KINDS: tuple[tuple[type, type], ...] = (
    (LoopTask, _Loop),
    (SubWorkflowTask, _Host),
    (BoundaryEventSplit, _Split),
    (BoundaryEvent, _Boundary),
    (EventBasedGateway, _EventGateway),
    (CatchingEvent, _Catch),
    (InclusiveGateway, _InclusiveJoin),
    (ParallelGateway, _Join),
    (_EndJoin, _End),
    (MultiChoice, _Choice),
)


def _reaching(task_spec: Any) -> frozenset[str]:
    specs = task_spec._wf_spec.task_specs
    found: set[str] = set()
    todo = list(task_spec._inputs)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += specs[name]._inputs
    return frozenset(found)


@cache
def _ours(cls: Any) -> Any:
    kind = next((ours for theirs, ours in _KINDS if issubclass(cls, theirs)), Lazy)
    return type(cls.__name__, (kind, cls), {"__doc__": cls.__doc__})


def adopt(spec: Any, elements: Mapping[str, str], flows: Mapping[tuple[str, str], str]) -> None:
    """Give every spec of one freshly parsed process our behaviour.

    `elements` maps bpmn_ids to BPMN tags; `flows` maps (source, target) to the id of the sequence flow.
    """
    for task_spec in spec.task_specs.values():
        outputs = [spec.task_specs[name] for name in task_spec._outputs]
        task_spec.outs = tuple(out for out in outputs if not isinstance(out, BoundaryEventJoin))
        task_spec.element = elements.get(task_spec.bpmn_id, "")
        task_spec.is_activity = task_spec.element in ACTIVITIES
        targets = {out.name: out.name.removesuffix(".BoundaryEventSplit") for out in task_spec.outs}
        task_spec.flows = {
            name: flows[task_spec.bpmn_id, target]
            for name, target in targets.items()
            if (task_spec.bpmn_id, target) in flows
        }
    for task_spec in list(spec.task_specs.values()):
        if isinstance(task_spec, BoundaryEventSplit):
            for out in task_spec.outs:
                out.host_split = task_spec.name
        definition = getattr(task_spec, "event_definition", None)
        for part in (definition, *getattr(definition, "event_definitions", ())):
            adopt_timer(part)
        if isinstance(task_spec, LoopTask):
            # A parsed spec has no listener until its first child is made; restored state would wait for ever.
            child = spec.task_specs[task_spec.task_spec]
            if not child.completed_event.is_connected(task_spec.merge_child):
                child.completed_event.connect(task_spec.merge_child)
    for task_spec in spec.task_specs.values():
        if isinstance(task_spec, InclusiveGateway):
            task_spec.reaching = _reaching(task_spec)
        parsed: Any = type(task_spec)
        task_spec.__class__ = _ours(parsed)
