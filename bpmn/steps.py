"""What a step of a process instance tells its caller: plain values, no engine object.

Ids of tasks are UUIDs (version 8, see `bpmn.runtime`), unique over all instances. `process_id` is the id of the
BPMN process or sub-process an element stands in: a called process has a diagram of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, list or mapping of these."""


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A BPMN user task somebody can work on. `properties` are the model's spiffworkflow:properties."""

    task_id: UUID
    process_id: str
    bpmn_id: str
    name: str
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer event that waits. `due_at` is aware, in UTC; of a cycle, the next shot."""

    task_id: UUID
    bpmn_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class EventWait:
    """An event that waits for a message or signal called `name`; `kind` is "message" or "signal"."""

    task_id: UUID
    bpmn_id: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An element that was completed or cancelled, or (element "sequenceFlow") a flow that was taken.

    `task_id` of a flow is that of its source. `element` is the BPMN tag, `state` "completed" or "cancelled".
    """

    task_id: UUID
    process_id: str
    bpmn_id: str
    element: str
    state: str


@dataclass(frozen=True, slots=True)
class Thrown:
    """A message, signal, error or escalation that left the process instance."""

    name: str
    payload: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Step:
    """One step, from quiet point to quiet point.

    `open_tasks` are all that are open now; `opened`, `closed`, `*_added` and `*_removed` are the differences an
    index has to apply. A timer whose due time moved is in both `timers_removed` and `timers_added`.
    `outcome` is the bpmn_id of the end event that ended the top process. `data` is the routing data of the
    whole instance, merged.
    """

    state: bytes
    opened: tuple[OpenTask, ...]
    closed: tuple[UUID, ...]
    open_tasks: tuple[OpenTask, ...]
    timers_added: tuple[Timer, ...]
    timers_removed: tuple[UUID, ...]
    waits_added: tuple[EventWait, ...]
    waits_removed: tuple[EventWait, ...]
    log: tuple[LogEntry, ...]
    thrown: tuple[Thrown, ...]
    completed: bool
    outcome: str | None
    data: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a stored state waits for; the truth an index is repaired from."""

    open_tasks: tuple[OpenTask, ...]
    timers: tuple[Timer, ...]
    waits: tuple[EventWait, ...]
    completed: bool
    outcome: str | None
    data: Mapping[str, Json]
