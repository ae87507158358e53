"""Checking a submitted form against the JSON Schema that the process bundle carries."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import jsonschema_rs
import orjson

from bpmn.bundle import Bundle
from domain.errors import InvalidForm
from domain.messages import form_fault
from domain.telling import Said, said, side_by_side

SHOWN = 10


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
    schema: Mapping[str, Any] = bundle.form(form) or {}
    problems = [_problem(schema, error) for error in validator.iter_errors(dict(values))]
    problems += [
        {"field": name, "fault": form_fault("required", _title(schema, [name]), {})}
        for name in schema.get("x-ui", {}).get("required_for", {}).get(decision, ())
        if values.get(name) in (None, "", [], {})
    ]
    if problems:
        _refuse(bundle, form, problems)


def check_draft(bundle: Bundle, form: str | None, values: Mapping[str, Any]) -> None:
    """Raise InvalidForm for what a draft may not hold either: unknown fields, wrong types, too much text.

    What is missing or unfinished is no fault of a draft.
    """
    if form is None:
        check_form(bundle, None, "", values, {})
        return
    schema: Mapping[str, Any] = bundle.form(form) or {}
    filled = {name: value for name, value in values.items() if value not in (None, "")}
    validator = _validator(orjson.dumps(_unfinished(schema)))
    problems = [_problem(schema, error) for error in validator.iter_errors(filled)]
    if problems:
        _refuse(bundle, form, problems)


_ASKS_FOR_MORE = frozenset({"required", "minLength", "minItems", "pattern", "format", "if", "then", "else", "allOf"})


def _unfinished(schema: Any) -> Any:
    """The schema without what only a finished form fulfils."""
    if isinstance(schema, list):
        return [_unfinished(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept = {key: value for key, value in schema.items() if key not in _ASKS_FOR_MORE}
    fields = kept.pop("properties", {})
    plain = {key: _unfinished(value) for key, value in kept.items()}
    # A field may be called like a keyword: what lies under `properties` is names.
    return plain | ({"properties": {name: _unfinished(part) for name, part in fields.items()}} if fields else {})


def _refuse(bundle: Bundle, form: str, problems: Sequence[Mapping[str, str]]) -> None:
    faults = list(dict.fromkeys(problem["fault"] for problem in problems))
    shown = side_by_side(faults[:SHOWN], "; ")
    raise InvalidForm(f"{bundle.key}/{form}: {faults}", count=len(problems), problems=shown, fields=problems)


def _problem(schema: Mapping[str, Any], error: jsonschema_rs.ValidationError) -> dict[str, str]:
    path = [str(part) for part in error.instance_path]
    facts = error.kind.as_dict()
    if error.kind.name == "required":
        path.append(str(facts["property"]))
    return {"field": "/".join(path), "fault": form_fault(error.kind.name, _title(schema, path), facts)}


def _title(schema: Mapping[str, Any], path: Sequence[str]) -> Said:
    """The titles along the path to a field, with the number of a row in a list counted from one."""
    titles: list[Said] = []
    here: Mapping[str, Any] = schema
    for part in path:
        if part.isdigit():
            titles.append(said(str(int(part) + 1)))
            here = here.get("items", {})
        else:
            here = here.get("properties", {}).get(part, {})
            titles.append(said(here.get("title", part)))
    return side_by_side(titles, " ")
