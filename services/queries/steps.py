"""The words of a process's steps and decisions, which stand in its model."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, select

from bpmn.bundle import Bundle
from db.tables import ProcessVersion
from services.process_library import ProcessLibrary
from services.queries.reading import Reading

SECONDS_KEPT = 30.0
"""A newly published model's words reach every process within this time; its steps work at once."""
_known: WeakKeyDictionary[ProcessLibrary, tuple[float, Mapping[str, str]]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision a step offers: its identifier and the model's word for it."""

    decision: str
    label: str


def choices(bundle: Bundle, bpmn_id: str) -> tuple[Choice, ...]:
    """The decisions of a user task in the model's order; empty for a step that this version does not have."""
    task = bundle.user_tasks.get(bpmn_id)
    if task is None:
        return ()
    names = listed(task.properties.get("decisions", ""))
    labels = listed(task.properties.get("decision_labels", ""))
    return tuple(Choice(name, labels[n] if n < len(labels) else name) for n, name in enumerate(names))


def listed(value: str) -> list[str]:
    """The parts of a property that lists several values."""
    return [part.strip() for part in value.split(",") if part.strip()]


def step_label(bundle: Bundle, bpmn_id: str) -> str:
    """The model's name of a user task, or its id."""
    task = bundle.user_tasks.get(bpmn_id)
    return bpmn_id if task is None else task.name


def decision_label(bundle: Bundle, bpmn_id: str, decision: str | None) -> str:
    """The model's word for a decision of that step; empty without one."""
    if decision is None:
        return ""
    return next((c.label for c in choices(bundle, bpmn_id) if c.decision == decision), decision)


def current_step_labels(reading: Reading) -> Mapping[str, str]:
    """The names of all user tasks of the newest version of every published process, as of half a minute ago."""
    known = _known.get(reading.library)
    if known is None or time.monotonic() - known[0] > SECONDS_KEPT:
        known = _known[reading.library] = (time.monotonic(), _read_labels(reading))
    return known[1]


def _read_labels(reading: Reading) -> Mapping[str, str]:
    statement = (
        select(ProcessVersion.id)
        .ext(distinct_on(col(ProcessVersion.key)))
        .order_by(col(ProcessVersion.key), col(ProcessVersion.version).desc())
    )
    labels: dict[str, str] = {}
    for version_id in reading.session.exec(statement):
        assert version_id is not None
        bundle = reading.library.bundle(reading.session, version_id)
        labels |= {bpmn_id: task.name for bpmn_id, task in bundle.user_tasks.items()}
    return labels
