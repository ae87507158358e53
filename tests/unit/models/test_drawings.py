"""The models are drawn as they stand, by bpmn-js: what has no place in the diagram cannot be seen."""

from itertools import combinations, pairwise

import pytest
from lxml import etree

from tests.unit.models.model_files import BPMN, KEYS, NODES, Box, Drawing, drawing


@pytest.fixture(params=KEYS)
def model(request: pytest.FixtureRequest) -> Drawing:
    return drawing(request.param)


def _box_of_line(start: tuple[float, float], end: tuple[float, float]) -> Box:
    """A line with a margin of 3 pixels to both sides."""
    (x1, y1), (x2, y2) = start, end
    if y1 == y2:
        return Box(min(x1, x2), y1 - 3, abs(x1 - x2), 6)
    return Box(x1 - 3, min(y1, y2), 6, abs(y1 - y2))


def test_only_elements_whose_drawing_is_checked_are_used(model: Drawing) -> None:
    processes = [model.root.find(f"{BPMN}process"), *model.root.iter(f"{BPMN}subProcess")]
    known = {*NODES, "sequenceFlow", "documentation", "incoming", "outgoing"}
    used = {etree.QName(child).localname for process in processes if process is not None for child in process}
    assert used <= known


def test_every_node_has_a_shape_and_every_flow_an_edge(model: Drawing) -> None:
    assert set(model.shapes) == set(model.nodes)
    assert set(model.edges) == set(model.flows)


def test_every_flow_is_named_on_both_of_its_ends(model: Drawing) -> None:
    for bpmn_id, node in model.nodes.items():
        outgoing = {flow.text for flow in node.findall(f"{BPMN}outgoing")}
        incoming = {flow.text for flow in node.findall(f"{BPMN}incoming")}
        assert outgoing == {flow.id for flow in model.flows.values() if flow.source == bpmn_id}
        assert incoming == {flow.id for flow in model.flows.values() if flow.target == bpmn_id}


def test_shapes_do_not_overlap(model: Drawing) -> None:
    boxes = {bpmn_id: box for bpmn_id, box in model.shapes.items() if model.kind(bpmn_id) != "subProcess"}
    hosts = {bpmn_id: model.nodes[bpmn_id].get("attachedToRef") for bpmn_id in boxes}
    pairs = [(a, b) for a, b in combinations(boxes, 2) if a != hosts[b] and b != hosts[a]]
    assert [(a, b) for a, b in pairs if boxes[a].overlaps(boxes[b])] == []


def test_shapes_stand_inside_their_sub_process(model: Drawing) -> None:
    for bpmn_id, node in model.nodes.items():
        parent = node.getparent()
        assert parent is not None
        for other, box in model.shapes.items():
            if model.kind(other) != "subProcess" or other == bpmn_id:
                continue
            if parent.attrib["id"] == other:
                assert box.holds(model.shapes[bpmn_id]), bpmn_id
            elif node.get("attachedToRef") == other:
                assert box.overlaps(model.shapes[bpmn_id]) and not box.holds(model.shapes[bpmn_id]), bpmn_id
            else:
                assert not box.overlaps(model.shapes[bpmn_id]), bpmn_id


def test_edges_run_orthogonally_from_border_to_border(model: Drawing) -> None:
    for bpmn_id, points in model.edges.items():
        flow = model.flows[bpmn_id]
        assert len(points) >= 2, bpmn_id
        assert all(a != b and (a[0] == b[0] or a[1] == b[1]) for a, b in pairwise(points)), bpmn_id
        assert model.shapes[flow.source].has_on_border(*points[0]), bpmn_id
        assert model.shapes[flow.target].has_on_border(*points[-1]), bpmn_id


def test_no_edge_runs_through_a_shape_or_a_label(model: Drawing) -> None:
    boxes: list[tuple[str, Box]] = [
        (bpmn_id, box) for bpmn_id, box in model.shapes.items() if model.kind(bpmn_id) != "subProcess"
    ]
    boxes += [
        (f"label of {bpmn_id}", box) for bpmn_id, box in (*model.shape_labels.items(), *model.edge_labels.items())
    ]
    hit = [
        (edge, bpmn_id)
        for edge, points in model.edges.items()
        for start, end in pairwise(points)
        for bpmn_id, box in boxes
        if box.is_crossed_by(start, end)
    ]
    assert hit == []


def test_parallel_edges_keep_a_distance(model: Drawing) -> None:
    lines = [(bpmn_id, _box_of_line(*line)) for bpmn_id, points in model.edges.items() for line in pairwise(points)]
    # Lines that cross at a right angle are fine; lines in one direction have to be told apart.
    shared = [
        (a, b)
        for (a, one), (b, other) in combinations(lines, 2)
        if a != b and one.overlaps(other) and (one.width > one.height) == (other.width > other.height)
    ]
    assert shared == []


def test_labels_have_their_own_place(model: Drawing) -> None:
    outside = {
        bpmn_id
        for bpmn_id in model.nodes
        if model.kind(bpmn_id) not in {"userTask", "subProcess"} and model.nodes[bpmn_id].get("name")
    }
    assert set(model.shape_labels) == outside
    assert set(model.edge_labels) == {flow.id for flow in model.flows.values() if flow.name}
    boxes = [(bpmn_id, box) for bpmn_id, box in model.shapes.items() if model.kind(bpmn_id) != "subProcess"]
    labels = [*model.shape_labels.items(), *model.edge_labels.items()]
    pairs = [*combinations(labels, 2), *((label, box) for label in labels for box in boxes)]
    assert [(a, b) for (a, one), (b, other) in pairs if one.overlaps(other)] == []
