"""What was handed in for a step, side by side: the same row is the same field of the units' forms."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bpmn.bundle import Bundle
from db.tables import ProcessInstance, WorkItem
from services.queries.reading import Reading
from services.queries.timeline import TimelineEntry

_SAID_APART = frozenset({"opinion", "reason_code"})


@dataclass(frozen=True, slots=True)
class Compared:
    """`columns` are the newest words of every unit in every step with a form, the latest step first; `rows` the
    title of each field with its value by column, None where the form has no such field or it was left empty.
    """

    columns: tuple[TimelineEntry, ...]
    rows: tuple[tuple[str, tuple[Any, ...]], ...]


def compared(reading: Reading, work_item_id: UUID, handed_in: Iterable[TimelineEntry]) -> Compared:
    """What the units said in the steps before this one, of whose process `handed_in` tells."""
    work = reading.session.get_one(WorkItem, work_item_id)
    instance = reading.session.get_one(ProcessInstance, work.instance_id)
    bundle = reading.library.bundle(reading.session, instance.version_id)
    newest: dict[tuple[str, UUID | None], TimelineEntry] = {}
    for entry in handed_in:
        if entry.form and entry.name != work.bpmn_id:
            # Taken out first, so that what was said again stands where it was said last.
            newest.pop((entry.name, entry.unit_id), None)
            newest[entry.name, entry.unit_id] = entry
    columns = list(reversed(newest.values()))
    titles: dict[str, str] = {}
    for column in columns:
        titles |= {name: title for name, title in _titles(bundle, column.name).items() if name not in titles}
    rows = tuple(
        (title, tuple(column.form.get(name) if column.form else None for column in columns))
        for name, title in titles.items()
        if any(column.form and column.form.get(name) not in (None, "", []) for column in columns)
    )
    return Compared(tuple(columns), rows)


def _titles(bundle: Bundle, bpmn_id: str) -> dict[str, str]:
    task = bundle.user_tasks.get(bpmn_id)
    form: Mapping[str, Any] = (bundle.form(task.properties.get("form", "")) if task is not None else None) or {}
    properties: Mapping[str, Mapping[str, Any]] = form.get("properties", {})
    order = form.get("x-ui", {}).get("order", properties.keys())
    return {
        name: str(properties[name].get("title", name))
        for name in order
        if name in properties and name not in _SAID_APART and properties[name].get("type") != "array"
    }
