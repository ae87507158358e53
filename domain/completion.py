"""Half-time and final view: how much of a list is done by a day, by class of deadline.

Suspended and terminated items leave the denominator and are listed (invariant 13). An item that goes on as another one
(next stage, resumed) is counted once, as the newest of its chain on that day. Pure: what is known of the items on the
day is put in, so any past day can be asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.calendar import end_of
from domain.items import DeadlineKind, ItemStatus, Strength


class DeadlineClass(StrEnum):
    """How hard a deadline is, as far as completion is judged by it."""

    FIRM = "firm"
    STRIVE = "strive"
    BREAKTHROUGH_OK = "breakthrough_ok"
    CONDITIONAL = "conditional"
    ONGOING = "ongoing"
    NONE = "none"


class Standing(StrEnum):
    """Where an item stands on the day of a view."""

    COMPLETED = "completed"
    BREAKTHROUGH = "breakthrough"
    IN_PROGRESS = "in_progress"
    OVERDUE = "overdue"
    NOT_STARTED = "not_started"


class Outside(StrEnum):
    """Why an item is not in the denominator."""

    SUSPENDED = "suspended"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class TaskOnDay:
    """What is known of an item on the day. `kind` and `strength` are those of its printed deadline, `due_at` is its
    deadline then; `ended_as` is set if it had ended. `continues_id` is the item it goes on from. `received` is whether
    its lead had taken it. Instants are UTC.
    """

    id: UUID
    kind: DeadlineKind | None
    strength: Strength | None
    due_at: datetime | None
    ended_at: datetime | None
    ended_as: ItemStatus | None
    suspended: bool
    received: bool
    continues_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ClassCount:
    """One class of a view. The parts add up to `total`; `on_time` is how many of the completed met their deadline."""

    deadline_class: DeadlineClass
    total: int
    completed: int
    breakthrough: int
    in_progress: int
    overdue: int
    not_started: int
    on_time: int

    @property
    def rate(self) -> float | None:
        """The completed part, with breakthroughs where the deadline accepts them; None of nothing."""
        return None if not self.total else (self.completed + self.breakthrough) / self.total


@dataclass(frozen=True, slots=True)
class CompletionView:
    """Counts by class, where each item stands, and which are outside the denominator and why."""

    classes: tuple[ClassCount, ...]
    standing: dict[UUID, Standing]
    outside: dict[UUID, Outside]

    @property
    def total(self) -> int:
        """The denominator."""
        return len(self.standing)

    @property
    def completed(self) -> int:
        """Items that are completed, or reached a breakthrough that their deadline accepts."""
        return sum(each in {Standing.COMPLETED, Standing.BREAKTHROUGH} for each in self.standing.values())


def class_of(kind: DeadlineKind | None, strength: Strength | None) -> DeadlineClass:
    """The class of a printed deadline. A date without a word on its strength is firm."""
    if strength is Strength.CONDITIONAL_ON_HIGHER_LEVEL:
        return DeadlineClass.CONDITIONAL
    if kind in {DeadlineKind.ONGOING, DeadlineKind.RECURRING}:
        return DeadlineClass.ONGOING
    if strength is Strength.BREAKTHROUGH_OK:
        return DeadlineClass.BREAKTHROUGH_OK
    if strength is Strength.STRIVE:
        return DeadlineClass.STRIVE
    dated = kind in {DeadlineKind.BY_DATE, DeadlineKind.RELATIVE} or strength is Strength.FIRM
    return DeadlineClass.FIRM if dated else DeadlineClass.NONE


def newest_of_chains(tasks: Sequence[TaskOnDay]) -> list[TaskOnDay]:
    """Each chain of items once: as the newest that is there on the day.

    A stage that was closed keeps its place while the next one is under way: its deadline accepted a breakthrough and
    was met by it, and that the work goes on must not take it back.
    """
    known = {task.id: task for task in tasks}
    older: set[UUID] = set()
    for task in tasks:
        before = known.get(task.continues_id) if task.continues_id else None
        if before is not None:
            stage = before.ended_as is ItemStatus.CLOSED_FOR_STAGE and task.ended_as is None
            older.add(task.id if stage else before.id)
    return [task for task in tasks if task.id not in older]


def view(tasks: Iterable[TaskOnDay], on: date) -> CompletionView:
    """The view of a day. Withdrawn items were never to be done, and do not appear at all."""
    counted = [task for task in newest_of_chains(list(tasks)) if task.ended_as is not ItemStatus.WITHDRAWN]
    outside: dict[UUID, Outside] = {}
    standings: dict[UUID, Standing] = {}
    rows: dict[DeadlineClass, list[tuple[TaskOnDay, Standing]]] = {}
    for task in counted:
        if task.ended_as is ItemStatus.TERMINATED:
            outside[task.id] = Outside.TERMINATED
        elif task.suspended:
            outside[task.id] = Outside.SUSPENDED
        else:
            standings[task.id] = where = _standing(task, on)
            rows.setdefault(class_of(task.kind, task.strength), []).append((task, where))
    classes = tuple(_count(each, rows[each]) for each in DeadlineClass if each in rows)
    return CompletionView(classes, standings, outside)


def _standing(task: TaskOnDay, on: date) -> Standing:
    if task.ended_as is ItemStatus.CLOSED:
        return Standing.COMPLETED
    if task.ended_as is ItemStatus.CLOSED_FOR_STAGE:
        return Standing.BREAKTHROUGH
    if task.due_at is not None and task.due_at <= end_of(on) and class_of(task.kind, task.strength) in _PRESSING:
        # A deadline is over with the end of its day: the view of that day sees it pass.
        return Standing.OVERDUE
    return Standing.IN_PROGRESS if task.received else Standing.NOT_STARTED


_PRESSING = frozenset({DeadlineClass.FIRM, DeadlineClass.STRIVE, DeadlineClass.BREAKTHROUGH_OK})


def _count(deadline_class: DeadlineClass, rows: Sequence[tuple[TaskOnDay, Standing]]) -> ClassCount:
    def of(standing: Standing) -> int:
        return sum(each is standing for _, each in rows)

    done = [task for task, each in rows if each in {Standing.COMPLETED, Standing.BREAKTHROUGH}]
    on_time = sum(task.ended_at is not None and (task.due_at is None or task.ended_at <= task.due_at) for task in done)
    return ClassCount(
        deadline_class,
        len(rows),
        of(Standing.COMPLETED),
        of(Standing.BREAKTHROUGH),
        of(Standing.IN_PROGRESS),
        of(Standing.OVERDUE),
        of(Standing.NOT_STARTED),
        on_time,
    )
