"""Checking a submitted form against the JSON Schema that the process bundle carries."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import jsonschema_rs
import orjson

from bpmn.bundle import Bundle
from domain.errors import InvalidForm

SHOWN = 20


@lru_cache(maxsize=512)
def _validator(schema: bytes) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(orjson.loads(schema), validate_formats=True)


_compiled: WeakKeyDictionary[Bundle, dict[str, jsonschema_rs.Draft202012Validator]] = WeakKeyDictionary()


def check_form(
    bundle: Bundle, form: str | None, decision: str, values: Mapping[str, Any], said: Mapping[str, str]
) -> None:
    """Raise InvalidForm with every fault at once.

    `said` is the opinion and the reason code: fields of every form, kept apart because every step has them. A step
    without a form takes no other values. What the form's `x-ui.required_for` asks of this decision must be filled.
    """
    if form is None:
        if values:
            raise InvalidForm("the step has no form", count=len(values), problems=", ".join(values))
        return
    values = {**values, **said}
    validators = _compiled.setdefault(bundle, {})
    validator = validators.get(form)
    if validator is None:
        validator = validators.setdefault(form, _validator(orjson.dumps(bundle.form(form))))
    problems = [
        {"field": "/".join(str(part) for part in error.instance_path), "fault": error.message}
        for error in validator.iter_errors(dict(values))
    ]
    schema: Mapping[str, Any] = bundle.form(form) or {}
    for name in schema.get("x-ui", {}).get("required_for", {}).get(decision, ()):
        if values.get(name) in (None, "", [], {}):
            title = schema.get("properties", {}).get(name, {}).get("title", name)
            problems.append({"field": name, "fault": f"required: {title}"})
    if problems:
        listed = "; ".join(f"{p['field']} {p['fault']}".strip() for p in problems[:SHOWN])
        raise InvalidForm(listed, count=len(problems), problems=listed, fields=problems[:SHOWN])
