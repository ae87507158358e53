"""A model as it is drawn: processes, elements, flows and the expressions written in them, straight from the XML.

The linter judges this, and not SpiffWorkflow's specs, because the parser drops or reinterprets without a word
what it does not run (unreachable elements, link events, second flows out of a task).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF: Final = "http://spiffworkflow.org/bpmn/schema/1.0/core"
NAMES: Final = {"bpmn": BPMN, "spiffworkflow": SPIFF}

SCOPES: Final = frozenset({"process", "subProcess", "transaction", "adHocSubProcess"})
NOT_NODES: Final = frozenset(
    {
        *("documentation", "extensionElements", "laneSet", "sequenceFlow", "textAnnotation", "association", "group"),
        *("dataObject", "dataObjectReference", "incoming", "outgoing", "auditing", "monitoring", "property"),
        *("multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "ioSpecification", "correlationKey"),
        *("dataInputAssociation", "dataOutputAssociation", "correlationSubscription", "category"),
    }
)
"""Children of a process or sub-process that are no flow nodes."""


def tag(element: etree._Element) -> str:
    """The element's local name."""
    return etree.QName(element).localname


def find(element: etree._Element, path: str) -> list[etree._Element]:
    """The elements under `element` that match an XPath with the prefixes bpmn and spiffworkflow."""
    found = element.xpath(path, namespaces=NAMES)
    return [match for match in found if isinstance(match, etree._Element)] if isinstance(found, list) else []


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow. `condition` is the text of its expression."""

    id: str
    source: str
    target: str
    condition: str | None


@dataclass(frozen=True, slots=True)
class Scope:
    """A process or sub-process with what stands directly in it. `host` is (parent scope's id, own element id)."""

    id: str
    element: etree._Element
    host: tuple[str, str] | None
    path: str
    nodes: Mapping[str, etree._Element] = field(default_factory=dict)
    flows: tuple[Flow, ...] = ()

    def tags(self) -> dict[str, str]:
        """bpmn_id -> BPMN tag of the nodes."""
        return {node_id: tag(node) for node_id, node in self.nodes.items()}

    def flow_ids(self) -> dict[tuple[str, str], str]:
        """(source, target) -> id of the first flow between them."""
        ids: dict[tuple[str, str], str] = {}
        for flow in self.flows:
            ids.setdefault((flow.source, flow.target), flow.id)
        return ids


def read_scopes(models: Mapping[str, etree._Element]) -> list[Scope]:
    """Every process and sub-process of the BPMN files, outermost first."""
    scopes: list[Scope] = []
    for path, root in models.items():
        for process in find(root, "/bpmn:definitions/bpmn:process"):
            _read_scope(process, None, path, scopes)
    return scopes


def _read_scope(element: etree._Element, host: tuple[str, str] | None, path: str, scopes: list[Scope]) -> None:
    scope_id = element.get("id", "")
    nodes: dict[str, etree._Element] = {}
    flows = []
    for child in element:
        if etree.QName(child).namespace != BPMN:
            continue
        if tag(child) == "sequenceFlow":
            conditions = [part.text or "" for part in child if tag(part) == "conditionExpression"]
            condition = conditions[0] if conditions else None
            flows.append(Flow(child.get("id", ""), child.get("sourceRef", ""), child.get("targetRef", ""), condition))
        elif tag(child) not in NOT_NODES:
            nodes[child.get("id", "")] = child
    scopes.append(Scope(scope_id, element, host, path, nodes, tuple(flows)))
    for node_id, node in nodes.items():
        if tag(node) in SCOPES:
            _read_scope(node, (scope_id, node_id), path, scopes)


def properties(node: etree._Element) -> dict[str, str]:
    """The spiffworkflow:properties of one element."""
    path = "./bpmn:extensionElements/spiffworkflow:properties/spiffworkflow:property"
    return {prop.get("name", ""): prop.get("value", "") for prop in find(node, path)}


_IN_NODE: Final = (
    ".//bpmn:timeDate | .//bpmn:timeDuration | .//bpmn:timeCycle"
    " | .//bpmn:messageEventDefinition//spiffworkflow:messagePayload"
    " | .//bpmn:completionCondition | .//bpmn:loopCondition"
)


def expressions(scope: Scope) -> Iterator[tuple[str, str]]:
    """(element id, expression) of all that is evaluated in a scope, sub-processes apart."""
    for flow in scope.flows:
        if flow.condition is not None:
            yield flow.id, flow.condition
    for node_id, node in scope.nodes.items():
        if tag(node) not in SCOPES:
            for part in find(node, _IN_NODE):
                yield node_id, part.text or ""


def table_expressions(table: etree._Element) -> Iterator[tuple[str, str]]:
    """(decision id, expression) of the inputs and results of a DMN file's decision tables."""
    for decision in table.iter("{*}decision"):
        for path in (".//{*}inputExpression/{*}text", ".//{*}outputEntry/{*}text"):
            for part in decision.iterfind(path):
                if (part.text or "").strip():
                    yield decision.get("id", ""), part.text or ""


def table_tests(table: etree._Element) -> Iterator[tuple[str, str]]:
    """(decision id, expression) of the cells, with `value` for what the cell is tested against."""
    for decision in table.iter("{*}decision"):
        for part in decision.iterfind(".//{*}inputEntry/{*}text"):
            text = (part.text or "").strip()
            if text and text != "-":
                comparison = text.startswith(("<", ">", "=", "!", "in ", "not in "))
                yield decision.get("id", ""), f"value {text}" if comparison else text.replace("?", "value")


def names_set(scopes: list[Scope], tables: Mapping[str, etree._Element]) -> set[str]:
    """The names a model itself writes: decisions, the two of a return, message variables, outputs of tables."""
    names = {"return_to", "resume_at"}
    for scope in scopes:
        for node_id, node in scope.nodes.items():
            if tag(node) == "userTask":
                names.add(f"decision_{node_id}")
            if tag(node) not in SCOPES:
                for variable in find(node, ".//spiffworkflow:messageVariable | .//spiffworkflow:variableName"):
                    names.add((variable.text or "").strip())
    for table in tables.values():
        names.update(output.get("name", "") for output in table.iter("{*}output"))
    return names
