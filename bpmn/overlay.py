"""The live diagram: what to draw on each element, from the activity log and the open work, without the engine."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol


class LogRow(Protocol):
    """A row of the activity log, in any class that has these attributes (`steps.LogEntry` does)."""

    @property
    def process_id(self) -> str:
        """The process or sub-process."""

    @property
    def bpmn_id(self) -> str:
        """The element, or the flow."""

    @property
    def element(self) -> str:
        """The BPMN tag."""

    @property
    def state(self) -> str:
        """ "completed" or "cancelled"."""


class OpenWork(Protocol):
    """An open task, in any class that has these attributes (`steps.OpenTask` does)."""

    @property
    def process_id(self) -> str:
        """The process or sub-process."""

    @property
    def bpmn_id(self) -> str:
        """The user task."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What to draw on one element.

    `state` is "open" (somebody can work on it), "running" (work is open inside it), or how its last run ended:
    "completed", "cancelled". `runs` counts completions, `open` the open tasks.
    """

    state: str
    runs: int
    open: int


@dataclass(frozen=True, slots=True)
class Overlay:
    """Marks and taken flows by process id: a sub-process or called process has a diagram of its own."""

    elements: Mapping[str, Mapping[str, Mark]]
    flows: Mapping[str, Mapping[str, int]]
    """process id -> sequence flow id -> how often it was taken"""


class _Tally:
    __slots__ = ("last", "open", "running", "runs")

    def __init__(self) -> None:
        self.last = ""
        self.open = self.runs = 0
        self.running = False

    def mark(self) -> Mark:
        state = "open" if self.open else "running" if self.running else self.last
        return Mark(state, self.runs, self.open)


def overlay(
    log: Iterable[LogRow],
    open_tasks: Iterable[OpenWork],
    hosts: Mapping[str, tuple[str, str]] | None = None,
) -> Overlay:
    """Draw `log` (oldest first) and `open_tasks`.

    `hosts` (`Bundle.specs.hosts`) says in which process and under which id a sub-process stands, so that it is
    marked as running while work inside it is open.
    """
    tallies: dict[str, dict[str, _Tally]] = {}
    flows: dict[str, dict[str, int]] = {}

    def tally(process_id: str, bpmn_id: str) -> _Tally:
        return tallies.setdefault(process_id, {}).setdefault(bpmn_id, _Tally())

    for row in log:
        if row.element == "sequenceFlow":
            taken = flows.setdefault(row.process_id, {})
            taken[row.bpmn_id] = taken.get(row.bpmn_id, 0) + 1
            continue
        entry = tally(row.process_id, row.bpmn_id)
        entry.last = row.state
        entry.runs += row.state == "completed"
    for task in open_tasks:
        tally(task.process_id, task.bpmn_id).open += 1
        host = (hosts or {}).get(task.process_id)
        while host is not None:
            tally(*host).running = True
            host = (hosts or {}).get(host[0])
    marks = {process: {bpmn_id: entry.mark() for bpmn_id, entry in part.items()} for process, part in tallies.items()}
    return Overlay(marks, flows)
