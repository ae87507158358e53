"""Moving an instance to another version of its model: an explicit, audited act, one instance at a time.

Instances stay on their version otherwise. Because a state holds tokens only, moving means reading it on the new
specs. It is refused whenever a token would stand somewhere the new model does not mean the same by. Ids, due
times that were extended by hand, and data are kept. The library's own migration empties the data and internal
data of every open task.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.parallel_gateway import ParallelGateway

from bpmn import codec
from bpmn.bundle import Bundle
from bpmn.index import Index, finish
from bpmn.runtime import LIVE, Instance
from bpmn.specs import Specs
from bpmn.steps import Step
from domain.process_errors import MigrationRefused, StateUnreadable


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an instance cannot move. Codes: process_gone, element_gone, type_changed, boundary_changed,
    join_changed, data_missing, completed."""

    code: str
    process_id: str
    bpmn_id: str


def check(old: Bundle, new: Bundle, state: bytes) -> list[Reason]:
    """The reasons why an instance with this state cannot move from `old` to `new`; empty if it can."""
    specs = old.specs
    instance = codec.load(state, specs.top, specs.subs, now=datetime.min.replace(tzinfo=UTC))
    return sorted(_reasons(instance, new.specs), key=lambda reason: (reason.process_id, reason.bpmn_id, reason.code))


def apply(old: Bundle, new: Bundle, state: bytes, *, now: datetime) -> Step:
    """Move an instance. The step's differences are relative to the old version, as of any other step.

    Raises MigrationRefused. The caller keeps the old state.
    """
    reasons = check(old, new, state)
    if reasons:
        words = "; ".join(f"{reason.code} {reason.process_id}/{reason.bpmn_id}" for reason in reasons)
        raise MigrationRefused(words, reasons=words)
    before = codec.load(state, old.specs.top, old.specs.subs, now=now)
    try:
        instance = codec.load(state, new.specs.top, new.specs.subs, now=now)
    except StateUnreadable as error:
        raise MigrationRefused(str(error), reasons=str(error)) from error
    for scope in instance.scopes():
        for node in scope.tasks.values():
            for name in new.specs.blanks:
                node.data.setdefault(name, "")
    return finish(instance, Index.of(before))


def _reasons(instance: Instance, new: Specs) -> Iterator[Reason]:
    if instance.completed:
        yield Reason("completed", instance.spec.name, "")
        return
    if instance.spec.name != new.top.name:
        yield Reason("process_gone", instance.spec.name, "")
        return
    _, data = codec.dump(instance)
    for name in sorted(new.needs):
        if name not in data:
            yield Reason("data_missing", instance.spec.name, name)
    for scope in instance.scopes():
        name = scope.spec.name  # type: ignore[attr-defined]
        spec = new.top if scope is instance else new.subs.get(name)
        if spec is None:
            yield Reason("process_gone", name, "")
            continue
        for node in scope.tasks.values():
            yield from _token_reasons(node, name, spec)
        if len(scope.tokens()) > 1:
            yield from _join_reasons(scope.spec, spec)  # type: ignore[attr-defined]


def _token_reasons(node: Any, process: str, spec: Any) -> Iterator[Reason]:
    ours = node.task_spec
    theirs = spec.task_specs.get(ours.name)
    bpmn_id = ours.bpmn_id or ours.name.removesuffix(".BoundaryEventSplit")
    if theirs is None:
        yield Reason("element_gone", process, bpmn_id)
    elif type(theirs) is not type(ours) or _event(theirs) != _event(ours):
        yield Reason("type_changed", process, bpmn_id)
    elif node._state & LIVE and _boundary(theirs) != _boundary(ours):
        # A boundary event is put in place when its host is reached; this host was reached without it.
        yield Reason("boundary_changed", process, bpmn_id)


def _event(spec: Any) -> tuple[str, str] | None:
    definition = getattr(spec, "event_definition", None)
    return None if definition is None else (type(definition).__name__, str(definition.name or ""))


def _boundary(spec: Any) -> tuple[str, ...] | None:
    if spec.host_split is None:
        return None
    return tuple(sorted(spec._wf_spec.task_specs[spec.host_split]._outputs))


def _join_reasons(old: Any, new: Any) -> Iterator[Reason]:
    """With several tokens under way, a join that waits for other branches than before may wait for ever."""
    for name, ours in old.task_specs.items():
        theirs = new.task_specs.get(name)
        if isinstance(ours, ParallelGateway) and theirs is not None and set(theirs._inputs) != set(ours._inputs):
            yield Reason("join_changed", old.name, name)
