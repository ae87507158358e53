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


def check_form(bundle: Bundle, form: str | None, values: Mapping[str, Any]) -> None:
    """Raise InvalidForm with every fault at once; a step without a form takes no values."""
    if form is None:
        if values:
            raise InvalidForm("the step has no form", count=len(values), problems="")
        return
    validators = _compiled.setdefault(bundle, {})
    validator = validators.get(form)
    if validator is None:
        validator = validators.setdefault(form, _validator(orjson.dumps(bundle.form(form))))
    problems = [
        {"field": "/".join(str(part) for part in error.instance_path), "fault": error.message}
        for error in validator.iter_errors(dict(values))
    ]
    if problems:
        listed = "; ".join(f"{p['field']} {p['fault']}".strip() for p in problems[:SHOWN])
        raise InvalidForm(listed, count=len(problems), problems=listed, fields=problems[:SHOWN])
