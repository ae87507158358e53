"""A process instance in words: its steps in the model's order, which are done, who holds what since when."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, func, select

from bpmn.bundle import Bundle
from bpmn.specs import UserTask
from db.tables import ProcessInstance, Unit, WorkItem
from domain.calendar import NO_LIMIT
from services.queries.processes import InstanceOverlay, instance_overlay, process_name
from services.queries.reading import Reading


@dataclass(frozen=True, slots=True)
class StepHolder:
    """A unit that is asked in an open step: since when and until when; `late` says that its limit has passed."""

    unit: str
    since: datetime
    due_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class WalkedStep:
    """One user task. `state` is `late`, `open`, `done` or empty while nobody has come to it.

    `returned` counts the returns that were decided here, `answered` the parties that have answered the open step,
    `runs` how often it was completed.
    """

    bpmn_id: str
    name: str
    state: str
    holders: tuple[StepHolder, ...]
    answered: int
    returned: int
    runs: int


@dataclass(frozen=True, slots=True)
class ProcessWalk:
    """An instance as its page shows it: `overlay` for the drawing, `steps` for the words."""

    name: str
    overlay: InstanceOverlay
    steps: tuple[WalkedStep, ...]


def process_walk(reading: Reading, instance_id: UUID) -> ProcessWalk:
    """The walk of an instance. Raises NotFound for one of an item that the actor does not see."""
    overlay = instance_overlay(reading, instance_id)
    instance = reading.session.get_one(ProcessInstance, instance_id)
    bundle = reading.library.bundle(reading.session, instance.version_id)
    holders, answered = _open(reading, instance_id)
    returned = _returned(reading, instance_id)
    steps = tuple(
        _step(task, overlay, holders.get(task.bpmn_id, ()), answered.get(task.bpmn_id, 0), returned)
        for task in _in_order(bundle)
    )
    return ProcessWalk(process_name(bundle), overlay, steps)


def _in_order(bundle: Bundle) -> list[UserTask]:
    """As the drawing reads: its file lists the tasks in that order."""
    file = bundle.files[f"{bundle.key}.bpmn"].decode("utf-8")
    return sorted(bundle.user_tasks.values(), key=lambda task: file.find(f'id="{task.bpmn_id}"'))


def _step(
    task: UserTask,
    overlay: InstanceOverlay,
    holders: tuple[StepHolder, ...],
    answered: int,
    returned: Mapping[str, int],
) -> WalkedStep:
    mark = overlay.elements.get(task.bpmn_id)
    state = "done" if mark is not None and mark.state == "completed" else ""
    if holders:
        state = "late" if any(holder.late for holder in holders) else "open"
    return WalkedStep(
        bpmn_id=task.bpmn_id,
        name=task.name,
        state=state,
        holders=holders,
        answered=answered,
        returned=returned.get(task.bpmn_id, 0),
        runs=mark.runs if mark is not None else 0,
    )


def _open(reading: Reading, instance_id: UUID) -> tuple[dict[str, tuple[StepHolder, ...]], dict[str, int]]:
    """Who is still asked in each open step, and how many have answered it."""
    running = select(WorkItem.task_id).where(WorkItem.instance_id == instance_id, col(WorkItem.closed_at).is_(None))
    statement = (
        select(WorkItem, Unit.short_name)
        .join(Unit, col(Unit.id) == col(WorkItem.unit_id))
        .where(WorkItem.instance_id == instance_id, col(WorkItem.task_id).in_(running))
        .order_by(col(WorkItem.opened_at), col(Unit.sort_order), col(WorkItem.id))
    )
    holders: defaultdict[str, list[StepHolder]] = defaultdict(list)
    answered: defaultdict[str, int] = defaultdict(int)
    for work, unit in reading.session.exec(statement):
        if work.closed_at is None:
            late = work.paused_at is None and work.due_at < reading.now
            due_at = work.due_at if work.due_at < NO_LIMIT else None
            holders[work.bpmn_id].append(StepHolder(unit, work.opened_at, due_at, late))
        elif work.closed_as == "done":
            answered[work.bpmn_id] += 1
    return {bpmn_id: tuple(found) for bpmn_id, found in holders.items()}, answered


def _returned(reading: Reading, instance_id: UUID) -> dict[str, int]:
    statement = (
        select(WorkItem.bpmn_id, func.count())
        .where(WorkItem.instance_id == instance_id, WorkItem.decision == "return", WorkItem.closed_as == "done")
        .group_by(col(WorkItem.bpmn_id))
    )
    return dict(reading.session.exec(statement).all())
