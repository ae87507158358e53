"""The activity log's compact form: what one step finished or cancelled, packed into one short JSON value.

`[["supervised_work", "issue", "-late_reminder"], ...]`: per run of elements of one process its id, then the elements'
BPMN ids in order, cancelled ones with a minus. The instance's own process is written as an empty id. BPMN ids start
with a letter, so the sign is free. Sequence flows are left out: which one was taken follows from the elements at its
ends.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import orjson

from bpmn.steps import LogEntry

FLOW = "sequenceFlow"
CANCELLED = "cancelled"
COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Activity:
    """One element of a process that was finished or cancelled."""

    process_id: str
    bpmn_id: str
    state: str


def pack(log: Iterable[LogEntry], key: str) -> str:
    """The log of one step as JSON text; `key` is the instance's process."""
    runs: list[list[str]] = []
    for entry in log:
        if entry.element == FLOW:
            continue
        process_id = "" if entry.process_id == key else entry.process_id
        if not runs or runs[-1][0] != process_id:
            runs.append([process_id])
        runs[-1].append(f"-{entry.bpmn_id}" if entry.state == CANCELLED else entry.bpmn_id)
    return orjson.dumps(runs).decode()


def unpack(entries: Iterable[Sequence[str]], key: str) -> list[Activity]:
    """The elements of one step's row, in order; `key` is the instance's process."""
    return [
        Activity(process_id or key, name.removeprefix("-"), CANCELLED if name.startswith("-") else COMPLETED)
        for process_id, *names in entries
        for name in names
    ]
