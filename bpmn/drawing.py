"""A model as it was drawn: the shapes, flows and labels of its BPMN DI with their places, for who paints it.

Nothing of the engine is asked. A model without a drawing gives an empty one: what runs need not be drawn.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from bpmn.diagram import find, read_scopes, tag
from bpmn.xml import parse_xml

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the drawing's own units; y grows downwards."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Shape:
    """An element where it stands. `kind` is its BPMN tag.

    `event` is what an event waits for or throws ("timer", "message", "error", "terminate", ...), empty for none.
    `holds` says that other elements stand in it; `interrupts` is false for a boundary event that interrupts nothing.
    `label` is where the name stands if not in the shape.
    """

    id: str
    kind: str
    name: str
    box: Box
    label: Box | None
    event: str
    holds: bool
    interrupts: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A sequence flow with its way points, at least two."""

    id: str
    name: str
    source: str
    target: str
    points: tuple[Point, ...]
    label: Box | None


@dataclass(frozen=True, slots=True)
class Drawing:
    """The shapes, what holds others before what it holds, and the flows."""

    shapes: tuple[Shape, ...]
    lines: tuple[Line, ...]


def read_drawing(content: bytes, path: str) -> Drawing:
    """The drawing of the first diagram of a BPMN file. Raises ModelRefused when the file is no XML."""
    root = parse_xml(content, path)
    nodes: dict[str, etree._Element] = {}
    flows: dict[str, etree._Element] = {}
    for scope in read_scopes({path: root}):
        nodes |= scope.nodes
        flows |= {child.get("id", ""): child for child in scope.element if tag(child) == "sequenceFlow"}
    plane = next(root.iterfind("{*}BPMNDiagram/{*}BPMNPlane"), None)
    if plane is None:
        return Drawing((), ())
    shapes = [
        _shape(nodes[drawn.get("bpmnElement", "")], drawn)
        for drawn in plane.iterfind("{*}BPMNShape")
        if drawn.get("bpmnElement") in nodes and drawn.find("{*}Bounds") is not None
    ]
    lines = [
        _line(flows[drawn.get("bpmnElement", "")], drawn)
        for drawn in plane.iterfind("{*}BPMNEdge")
        if drawn.get("bpmnElement") in flows
    ]
    return Drawing(
        tuple(sorted(shapes, key=lambda shape: -shape.box.width * shape.box.height)),
        tuple(line for line in lines if len(line.points) > 1),
    )


def _shape(node: etree._Element, drawn: etree._Element) -> Shape:
    return Shape(
        id=node.get("id", ""),
        kind=tag(node),
        name=_words(node),
        box=_box(drawn),
        label=_label(drawn),
        event=next(_events(node), ""),
        holds=tag(node) == "subProcess" and drawn.get("isExpanded") == "true",
        interrupts=node.get("cancelActivity", "true") != "false",
    )


def _line(flow: etree._Element, drawn: etree._Element) -> Line:
    points = tuple((_number(point, "x"), _number(point, "y")) for point in drawn.iterfind("{*}waypoint"))
    return Line(
        flow.get("id", ""), _words(flow), flow.get("sourceRef", ""), flow.get("targetRef", ""), points, _label(drawn)
    )


def _events(node: etree._Element) -> Iterator[str]:
    for child in find(node, "./*[contains(local-name(), 'EventDefinition')]"):
        yield tag(child).removesuffix("EventDefinition")


def _words(element: etree._Element) -> str:
    return " ".join((element.get("name") or "").split())


def _label(drawn: etree._Element) -> Box | None:
    label = drawn.find("{*}BPMNLabel")
    return None if label is None or label.find("{*}Bounds") is None else _box(label)


def _box(drawn: etree._Element) -> Box:
    bounds = drawn.find("{*}Bounds")
    assert bounds is not None
    return Box(*(_number(bounds, name) for name in ("x", "y", "width", "height")))


def _number(element: etree._Element, name: str) -> float:
    return float(element.get(name, "0"))
