"""Element by element: what SpiffWorkflow 3.2.0 does not run, or runs wrongly, or would run unsafely."""

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from bpmn.diagram import SPIFF, Scope, find, tag
from bpmn.findings import Finding, error, warning

SERVICE_OPERATORS: Final[frozenset[str]] = frozenset()
"""Operators of service tasks that exist. None so far: what leaves a process does so as a thrown message."""

_RUN: Final = frozenset(
    {
        *("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"),
        *("userTask", "businessRuleTask", "sendTask", "receiveTask", "subProcess", "callActivity", "serviceTask"),
        *("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"),
    }
)

_CATCH: Final = frozenset({"messageEventDefinition", "signalEventDefinition", "timerEventDefinition"})
_EVENTS: Final = {
    "startEvent": frozenset[str](),
    "intermediateCatchEvent": _CATCH,
    "boundaryEvent": _CATCH | {"errorEventDefinition", "escalationEventDefinition"},
    "intermediateThrowEvent": frozenset(
        {"messageEventDefinition", "signalEventDefinition", "escalationEventDefinition"}
    ),
    "endEvent": frozenset(
        {
            *("messageEventDefinition", "errorEventDefinition", "escalationEventDefinition"),
            "terminateEventDefinition",
        }
    ),
}
"""Event definitions that run as drawn. A start event has none: instances and sub-processes are started by us."""

_OWN_CODE: Final = {
    "scriptTask": "script_task",
    "complexGateway": "complex_gateway",
    "linkEventDefinition": "link_event",
    "compensateEventDefinition": "compensation",
}

_HOSTS: Final = frozenset({"userTask", "subProcess", "callActivity", "receiveTask"})
_STYLE: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_SAYS_NOTHING: Final = re.compile(
    r"(task|activity|gateway|event|node|flow|process|subprocess|element|step|start|end)?_?\d+|[a-z]\d*"
)


def check_elements(scope: Scope) -> Iterator[Finding]:
    """The findings of each element that stands directly in `scope`."""
    yield from _id_style(scope)
    starts = [node_id for node_id, kind in scope.tags().items() if kind == "startEvent"]
    if len(starts) != 1:
        yield error("start_events", scope.id, count=len(starts))
    for path in ("./bpmn:ioSpecification", "./bpmn:correlationKey", "./bpmn:correlationSubscription"):
        for part in find(scope.element, path):
            yield error("unsupported_element", scope.id, element=tag(part))
    for node_id, node in scope.nodes.items():
        kind = tag(node)
        if kind not in _RUN:
            yield error(_OWN_CODE.get(kind, "unsupported_element"), node_id, element=kind)
            continue
        yield from _parts(node_id, node)
        if kind in _EVENTS:
            yield from _event(node_id, node, kind)
        if kind == "boundaryEvent":
            yield from _boundary(node_id, node, scope)
        elif kind == "subProcess" and node.get("triggeredByEvent") == "true":
            yield error("event_sub_process", node_id)
        elif kind == "serviceTask":
            yield from _operator(node_id, node)
        elif kind == "eventBasedGateway":
            yield from _event_gateway(node_id, scope)


def _id_style(scope: Scope) -> Iterator[Finding]:
    own = [*scope.nodes, *([scope.id] if scope.host is None else [])]
    for element_id in own:
        if not _STYLE.fullmatch(element_id) or _SAYS_NOTHING.fullmatch(element_id):
            yield error("id_style", element_id)
    for flow in scope.flows:
        if not _STYLE.fullmatch(flow.id):
            yield warning("id_style", flow.id)


def _parts(node_id: str, node: etree._Element) -> Iterator[Finding]:
    for part in node:
        kind = tag(part)
        if kind in {"multiInstanceLoopCharacteristics", "standardLoopCharacteristics"}:
            yield error("multi_instance", node_id, element=kind)
        elif kind in {"ioSpecification", "dataInputAssociation", "dataOutputAssociation"}:
            yield error("unsupported_element", node_id, element=kind)
    for script in find(node, "./bpmn:extensionElements/spiffworkflow:preScript"):
        yield error("script_task", node_id, element=tag(script))
    for script in find(node, "./bpmn:extensionElements/spiffworkflow:postScript"):
        yield error("script_task", node_id, element=tag(script))


def _event(node_id: str, node: etree._Element, kind: str) -> Iterator[Finding]:
    definitions = [part for part in node if tag(part).endswith("EventDefinition")]
    if len(definitions) > 1 or node.get("parallelMultiple") == "true":
        yield error("several_events", node_id)
    if not definitions and kind in {"intermediateCatchEvent", "boundaryEvent"}:
        yield error("event_without_definition", node_id)
    for definition in definitions:
        name = tag(definition)
        if name not in _EVENTS[kind]:
            yield error(_OWN_CODE.get(name, "unsupported_event"), node_id, element=name)
        if name == "messageEventDefinition" and not definition.get("messageRef"):
            yield error("event_without_name", node_id)
        if name == "signalEventDefinition" and not definition.get("signalRef"):
            yield error("event_without_name", node_id)
    cycles = find(node, ".//bpmn:timeCycle")
    if cycles and not (kind == "boundaryEvent" and node.get("cancelActivity") == "false"):
        # A cycle starts one branch after the other beside its host; in the main flow it would never let go.
        yield error("timer_cycle_misplaced", node_id)


def _boundary(node_id: str, node: etree._Element, scope: Scope) -> Iterator[Finding]:
    host = scope.nodes.get(node.get("attachedToRef", ""))
    if host is None or tag(host) not in _HOSTS:
        yield error("boundary_host", node_id, host=node.get("attachedToRef", ""))


def _operator(node_id: str, node: etree._Element) -> Iterator[Finding]:
    operators = [part.get("id", "") for part in node.iter(f"{{{SPIFF}}}serviceTaskOperator")]
    if not operators or operators[0] not in SERVICE_OPERATORS:
        yield error("service_operator_unknown", node_id, operator="".join(operators))


def _event_gateway(node_id: str, scope: Scope) -> Iterator[Finding]:
    timers = 0
    for flow in scope.flows:
        if flow.source == node_id and flow.target in scope.nodes:
            target = scope.nodes[flow.target]
            if tag(target) not in {"intermediateCatchEvent", "receiveTask"}:
                yield error("event_gateway_target", node_id, target=flow.target)
            timers += bool(find(target, ".//bpmn:timerEventDefinition"))
    if timers > 1:
        # The library keeps one due time per gateway: a second timer would share it.
        yield error("event_gateway_timers", node_id, count=timers)
