"""What was handed in for a step, side by side: the same row is the same field of the units' forms."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bpmn.bundle import Bundle
from db.tables import ProcessInstance, WorkItem
from services.queries.form_words import SAID_APART, words
from services.queries.reading import Reading
from services.queries.timeline import TimelineEntry


@dataclass(frozen=True, slots=True)
class Compared:
    """`columns` are the newest words of every unit in every step with a form, the latest step first; `rows` the
    title of each field with its value by column, None where the form has no such field or it was left empty. What was
    chosen reads as its form has it, rows of a table one to a line.
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
    schemas = [_fields(bundle, column.name) for column in columns]
    titles: dict[str, str] = {}
    for fields in schemas:
        titles |= {name: str(each.get("title", name)) for name, each in fields.items() if name not in titles}
    rows = tuple(
        (
            title,
            tuple(
                _shown(fields.get(name, {}), column.form.get(name) if column.form else None)
                for column, fields in zip(columns, schemas, strict=True)
            ),
        )
        for name, title in titles.items()
        if any(column.form and column.form.get(name) not in (None, "", []) for column in columns)
    )
    return Compared(tuple(columns), rows)


def _shown(schema: Mapping[str, Any], value: Any) -> Any:
    """A number and a tick as they are, everything else in words."""
    return value if value is None or isinstance(value, bool | int | float) else words(schema, value)


def _fields(bundle: Bundle, bpmn_id: str) -> Mapping[str, Mapping[str, Any]]:
    """The fields of a step's form, in the order of the page."""
    task = bundle.user_tasks.get(bpmn_id)
    form: Mapping[str, Any] = (bundle.form(task.properties.get("form", "")) if task is not None else None) or {}
    properties: Mapping[str, Mapping[str, Any]] = form.get("properties", {})
    order = form.get("x-ui", {}).get("order", properties.keys())
    return {name: properties[name] for name in order if name in properties and name not in SAID_APART}
