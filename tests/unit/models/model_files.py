"""The two models' files, read as XML: what the tests of drawing and wording look at."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lxml import etree

from bpmn.bundle import SHIPPED

FOLDER = Path(__file__).parents[3] / "bpmn" / "models"
KEYS = SHIPPED

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"

NODES = (
    "startEvent",
    "endEvent",
    "intermediateCatchEvent",
    "boundaryEvent",
    "exclusiveGateway",
    "eventBasedGateway",
    "userTask",
    "subProcess",
)


@dataclass(frozen=True)
class Box:
    """A rectangle of the drawing, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @classmethod
    def of(cls, parent: etree._Element) -> "Box":
        bounds = parent.find(f"{DC}Bounds")
        assert bounds is not None, etree.tostring(parent)
        return cls(*(float(bounds.attrib[name]) for name in ("x", "y", "width", "height")))

    def overlaps(self, other: "Box") -> bool:
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    def holds(self, other: "Box") -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )

    def has_on_border(self, x: float, y: float) -> bool:
        in_x, in_y = self.x <= x <= self.x + self.width, self.y <= y <= self.y + self.height
        on_x, on_y = x in (self.x, self.x + self.width), y in (self.y, self.y + self.height)
        return in_x and in_y and (on_x or on_y)

    def is_crossed_by(self, start: tuple[float, float], end: tuple[float, float]) -> bool:
        """Whether a horizontal or vertical line runs through the inside."""
        (x1, y1), (x2, y2) = start, end
        return (
            min(x1, x2) < self.x + self.width
            and max(x1, x2) > self.x
            and min(y1, y2) < self.y + self.height
            and max(y1, y2) > self.y
        )


@dataclass(frozen=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    name: str
    condition: str | None


@dataclass(frozen=True)
class Drawing:
    """A model and its diagram."""

    root: etree._Element
    nodes: dict[str, etree._Element]
    flows: dict[str, Flow]
    shapes: dict[str, Box]
    shape_labels: dict[str, Box]
    edges: dict[str, list[tuple[float, float]]]
    edge_labels: dict[str, Box]

    def kind(self, bpmn_id: str) -> str:
        return etree.QName(self.nodes[bpmn_id]).localname

    def user_tasks(self) -> dict[str, etree._Element]:
        return {bpmn_id: node for bpmn_id, node in self.nodes.items() if self.kind(bpmn_id) == "userTask"}

    def outgoing(self, bpmn_id: str) -> list[Flow]:
        return [flow for flow in self.flows.values() if flow.source == bpmn_id]


def attribute(element: etree._Element, name: str) -> str:
    return str(element.attrib[name])


def properties(user_task: etree._Element) -> dict[str, str]:
    return {attribute(p, "name"): attribute(p, "value") for p in user_task.iter(f"{SPIFF}property")}


def words(listed: str) -> list[str]:
    return [word for word in listed.split(",") if word]


def _label(element: etree._Element) -> Box | None:
    label = element.find(f"{BPMNDI}BPMNLabel")
    return None if label is None else Box.of(label)


@cache
def drawing(key: str) -> Drawing:
    root = etree.parse(FOLDER / f"{key}.bpmn").getroot()
    nodes = {attribute(node, "id"): node for tag in NODES for node in root.iter(f"{BPMN}{tag}")}
    flows = {}
    for flow in root.iter(f"{BPMN}sequenceFlow"):
        flow_id, source, target = (attribute(flow, name) for name in ("id", "sourceRef", "targetRef"))
        condition = flow.findtext(f"{BPMN}conditionExpression")
        flows[flow_id] = Flow(flow_id, source, target, flow.get("name", ""), condition)
    shapes, shape_labels, edges, edge_labels = {}, {}, {}, {}
    for shape in root.iter(f"{BPMNDI}BPMNShape"):
        shapes[attribute(shape, "bpmnElement")] = Box.of(shape)
        if (label := _label(shape)) is not None:
            shape_labels[attribute(shape, "bpmnElement")] = label
    for edge in root.iter(f"{BPMNDI}BPMNEdge"):
        points = [(float(p.attrib["x"]), float(p.attrib["y"])) for p in edge.iter(f"{DI}waypoint")]
        edges[attribute(edge, "bpmnElement")] = points
        if (label := _label(edge)) is not None:
            edge_labels[attribute(edge, "bpmnElement")] = label
    return Drawing(root, nodes, flows, shapes, shape_labels, edges, edge_labels)
