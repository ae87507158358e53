"""What was filled into a form, as its fields' titles and words: for papers, which have no form to show it in."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bpmn.bundle import Bundle
from domain.messages.dossiers import BETWEEN, NAME_AND_VALUE, NO, YES

SAID_APART = frozenset({"opinion", "reason_code"})
"""What a story tells beside the form."""


def form_words(
    bundle: Bundle, bpmn_id: str, form: Mapping[str, Any] | None, *, but: Collection[str] = ()
) -> list[tuple[str, str]]:
    """(title, words) of the fields that were filled in, in the form's order, then what its model no longer has.

    `but` are fields that are left out.
    """
    task = bundle.user_tasks.get(bpmn_id)
    schema = (bundle.form(task.properties.get("form", "")) if task is not None else None) or {}
    properties: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    given = {name: value for name, value in (form or {}).items() if name not in SAID_APART and name not in but}
    order = [name for name in schema.get("x-ui", {}).get("order", properties) if name in given]
    order += [name for name in given if name not in order]
    told = [
        (str(properties.get(name, {}).get("title", name)), words(properties.get(name, {}), given[name]))
        for name in order
    ]
    return [(title, said) for title, said in told if said]


def words(schema: Mapping[str, Any], value: Any) -> str:
    """One value as it reads on paper; rows of a table one to a line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, Mapping):
        parts: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
        said = [
            NAME_AND_VALUE.format(name=parts.get(name, {}).get("title", name), value=words(parts.get(name, {}), part))
            for name, part in value.items()
            if part not in (None, "", [])
        ]
        return BETWEEN.join(said)
    if isinstance(value, Sequence) and not isinstance(value, str):
        rows = [words(schema.get("items", {}), part) for part in value]
        return ("\n" if any(isinstance(part, Mapping) for part in value) else BETWEEN).join(filter(None, rows))
    labels = schema.get("x-ui", {}).get("labels", {})
    return str(labels.get(str(value), value))
