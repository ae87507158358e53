"""What a dossier says of an item's processes: each drawn with what happened, and its steps in words and dates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from bpmn.bundle import Bundle
from bpmn.drawing import Box, read_drawing
from db.tables import ProcessInstance, Unit, WorkItem
from domain.calendar import LOCAL, NO_LIMIT, local_date
from domain.labels import NAMES, ROUND_OUTCOMES
from domain.messages.dossiers import PROCESS_OF_PERIOD, UNDER_WAY
from services.queries.item_detail import Instance
from services.queries.process_walk import ProcessWalk, WalkedStep, process_walk
from services.queries.reading import Reading
from services.queries.timeline import TimelineEntry

ROUND = "progress_round"
"""Rounds come every month and are alike: a table tells them better than a dozen pictures."""

_TO = "-"


@dataclass(frozen=True, slots=True)
class _Span:
    """When a step was open: its first day and its last, by whom."""

    first: datetime
    last: datetime | None
    units: tuple[str, ...]


def processes_of(
    reading: Reading, instances: Iterable[Instance], timeline: Iterable[TimelineEntry]
) -> list[dict[str, Any]]:
    """The processes of an item that the actor sees, in the order in which they began, rounds apart."""
    told = list(timeline)
    return [_process(reading, instance, told) for instance in instances if instance.process != ROUND]


def _process(reading: Reading, instance: Instance, timeline: list[TimelineEntry]) -> dict[str, Any]:
    walk = process_walk(reading, instance.id)
    bundle = reading.library.bundle(reading.session, instance.version_id)
    spans = _spans(reading, instance.id)
    returns = _returns(timeline, instance, bundle)
    name = walk.name
    if instance.period:
        name = PROCESS_OF_PERIOD.format(process=name, period=instance.period)
    return {
        "name": name,
        "model": f"{instance.process} {bundle.digest.hex()}",
        "began_on": day(instance.started_at),
        "ended_on": day(instance.ended_at),
        "outcome": _outcome(bundle, instance),
        "picture": _picture(bundle, walk, spans, returns),
        "steps": [
            _step(step, spans[step.bpmn_id], returns.get(step.bpmn_id, 0))
            for step in walk.steps
            if step.bpmn_id in spans
        ],
    }


def _outcome(bundle: Bundle, instance: Instance) -> str:
    if instance.ended_at is None:
        return UNDER_WAY
    drawn = {shape.id: shape.name for shape in read_drawing(bundle.files[f"{bundle.key}.bpmn"], bundle.key).shapes}
    return drawn.get(instance.outcome or "") or ROUND_OUTCOMES.get(instance.outcome or "", instance.outcome or "")


def _step(step: WalkedStep, span: _Span, returned: int) -> dict[str, Any]:
    return {
        "name": step.name,
        "units": NAMES.join(span.units),
        "first_on": day(span.first),
        "last_on": day(span.last),
        "runs": step.runs,
        "returned": returned,
        "state": _state(step.state),
    }


def _state(state: str) -> str:
    return "completed" if state == "done" else state


def _returns(timeline: Iterable[TimelineEntry], instance: Instance, bundle: Bundle) -> dict[str, int]:
    """How often each step was sent back: decided there against going on, with a reason."""
    counts: dict[str, int] = {}
    for entry in timeline:
        same = entry.process == instance.process and entry.period == instance.period
        if same and entry.reason_code and entry.name in bundle.user_tasks:
            counts[entry.name] = counts.get(entry.name, 0) + 1
    return counts


def _spans(reading: Reading, instance_id: UUID) -> dict[str, _Span]:
    statement = (
        select(WorkItem, Unit.short_name)
        .join(Unit, col(Unit.id) == col(WorkItem.unit_id))
        .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
        .where(ProcessInstance.id == instance_id)
        .order_by(col(WorkItem.opened_at), col(Unit.sort_order), col(WorkItem.id))
    )
    rows: dict[str, list[tuple[WorkItem, str]]] = {}
    for work, unit in reading.session.exec(statement):
        rows.setdefault(work.bpmn_id, []).append((work, unit))
    return {
        bpmn_id: _Span(
            first=min(work.opened_at for work, _ in found),
            last=None
            if any(work.closed_at is None for work, _ in found)
            else max(work.closed_at for work, _ in found if work.closed_at is not None),
            units=tuple(dict.fromkeys(unit for _, unit in found)),
        )
        for bpmn_id, found in rows.items()
    }


def _picture(
    bundle: Bundle, walk: ProcessWalk, spans: Mapping[str, _Span], returns: Mapping[str, int]
) -> dict[str, Any]:
    """The drawing with what happened, as `dossiers.pictures.process` takes it."""
    path = f"{bundle.key}.bpmn"
    drawing = read_drawing(bundle.files[path], path)
    steps = {step.bpmn_id: step for step in walk.steps}
    marks, flows = walk.overlay.elements, walk.overlay.flows
    shapes = []
    for shape in drawing.shapes:
        step, mark = steps.get(shape.id), marks.get(shape.id)
        state = _state(step.state) if step is not None and step.state else (mark.state if mark else "")
        shapes.append(
            {
                "id": shape.id,
                "kind": shape.kind,
                "name": shape.name,
                "box": _numbers(shape.box),
                "label": _numbers(shape.label),
                "event": shape.event,
                "holds": shape.holds,
                "interrupts": shape.interrupts,
                "state": state,
                "runs": mark.runs if mark else 0,
                "returned": returns.get(shape.id, 0),
                "dates": _dates(spans.get(shape.id)),
            }
        )
    lines = [
        {
            "name": line.name,
            "points": [list(point) for point in line.points],
            "label": _numbers(line.label),
            "taken": flows.get(line.id, 0),
        }
        for line in drawing.lines
    ]
    return {"shapes": shapes, "lines": lines}


def _numbers(box: Box | None) -> list[float] | None:
    return None if box is None else [box.x, box.y, box.width, box.height]


def _dates(span: _Span | None) -> str:
    if span is None:
        return ""
    first = local_date(span.first)
    if span.last is None:
        return f"{first:%Y.%m.%d}{_TO}"
    last = local_date(span.last)
    if last == first:
        return f"{first:%Y.%m.%d}"
    return f"{first:%Y.%m.%d}{_TO}{last:%m.%d}" if last.year == first.year else f"{first:%Y.%m.%d}{_TO}{last:%Y.%m.%d}"


def day(at: datetime | None) -> str:
    """The local day of an instant; empty for none and for what has no limit."""
    return "" if at is None or at >= NO_LIMIT else f"{local_date(at):%Y-%m-%d}"


def moment(at: datetime | None) -> str:
    """The local minute of an instant."""
    return "" if at is None else f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}"
