"""The graph of one process or sub-process: reachable, leading to an end, with a way out of every gateway."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from bpmn.diagram import Scope
from bpmn.findings import Finding, error

_CHOICES = frozenset({"exclusiveGateway", "inclusiveGateway"})
_FORKS = frozenset({"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway"})


def check_flows(scope: Scope) -> Iterator[Finding]:
    """The findings of the flows of `scope`."""
    kinds = scope.tags()
    outgoing: dict[str, list[str]] = {node_id: [] for node_id in kinds}
    for flow in scope.flows:
        if flow.source not in kinds or flow.target not in kinds:
            yield error("flow_loose", flow.id)
        else:
            outgoing[flow.source].append(flow.target)
    yield from _duplicates(scope)
    yield from _ways_out(kinds, outgoing)
    yield from _choices(scope, kinds, outgoing)
    yield from _reach(scope, kinds, outgoing)


def _duplicates(scope: Scope) -> Iterator[Finding]:
    pairs = Counter((flow.source, flow.target) for flow in scope.flows)
    for flow in scope.flows:
        if pairs[flow.source, flow.target] > 1:
            # A step's log, and a join, tell flows apart by where they start and end.
            yield error("flow_twice", flow.id, source=flow.source, target=flow.target)


def _ways_out(kinds: Mapping[str, str], outgoing: Mapping[str, list[str]]) -> Iterator[Finding]:
    for node_id, kind in kinds.items():
        targets = outgoing[node_id]
        if kind == "endEvent":
            if targets:
                yield error("end_goes_on", node_id)
        elif not targets:
            yield error("dead_end", node_id)
        elif len(targets) > 1 and kind not in _FORKS:
            yield error("many_outgoing", node_id, count=len(targets))
        elif len(targets) == 1 and kind == "eventBasedGateway":
            yield error("event_gateway_target", node_id, target=targets[0])


def _choices(scope: Scope, kinds: Mapping[str, str], outgoing: Mapping[str, list[str]]) -> Iterator[Finding]:
    defaults = {node_id: scope.nodes[node_id].get("default") for node_id in kinds}
    for flow in scope.flows:
        if kinds.get(flow.source) not in _CHOICES:
            if flow.condition is not None:
                yield error("condition_ignored", flow.id, source=flow.source)
        elif flow.condition is None and len(outgoing[flow.source]) > 1 and defaults[flow.source] != flow.id:
            yield error("condition_missing", flow.id, source=flow.source)
        elif flow.condition is not None and defaults[flow.source] == flow.id:
            yield error("condition_on_default", flow.id, source=flow.source)
    for node_id, kind in kinds.items():
        own = [flow for flow in scope.flows if flow.source == node_id]
        needs_default = len(own) > 1 or any(flow.condition is not None for flow in own)
        if kind in _CHOICES and needs_default and defaults[node_id] not in {flow.id for flow in own}:
            yield error("default_missing", node_id)


def _reach(scope: Scope, kinds: Mapping[str, str], outgoing: Mapping[str, list[str]]) -> Iterator[Finding]:
    onward = {node_id: list(targets) for node_id, targets in outgoing.items()}
    for node_id, node in scope.nodes.items():
        host = node.get("attachedToRef")
        if kinds[node_id] == "boundaryEvent" and host in onward:
            onward[host].append(node_id)
    starts = [node_id for node_id, kind in kinds.items() if kind == "startEvent"]
    reached = _reachable(starts, onward)
    backward: dict[str, list[str]] = {node_id: [] for node_id in kinds}
    for source, targets in onward.items():
        for target in targets:
            backward[target].append(source)
    ending = _reachable([node_id for node_id, kind in kinds.items() if kind == "endEvent"], backward)
    for node_id, kind in kinds.items():
        if node_id not in reached:
            yield error("unreachable", node_id)
        elif node_id not in ending and outgoing[node_id]:
            yield error("no_way_to_an_end", node_id)
        elif kind == "parallelGateway" and node_id in reached:
            yield from _self_waiting(node_id, starts, onward, [f.source for f in scope.flows if f.target == node_id])


def _self_waiting(
    node_id: str, starts: Iterable[str], onward: Mapping[str, list[str]], sources: list[str]
) -> Iterator[Finding]:
    """A join one of whose tokens can only come from behind the join itself waits for ever."""
    without = {source: [target for target in targets if target != node_id] for source, targets in onward.items()}
    before = _reachable(starts, without)
    for source in sources:
        if source not in before:
            yield error("join_waits_for_itself", node_id, source=source)


def _reachable(starts: Iterable[str], onward: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    todo = list(starts)
    while todo:
        node_id = todo.pop()
        if node_id not in found:
            found.add(node_id)
            todo += onward[node_id]
    return found
