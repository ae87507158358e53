"""The user tasks: their properties (who signs, by which rule, what can be decided, where it can be returned) and forms.

| property | values |
|---|---|
| parties | office, leads, co_units, members, proposed, or any part in a matter: whose work item it is |
| role | liaison, unit_leader, office_staff, convener: who in the party may do it |
| rule | all, any, ratio:0.67, weighted:0.5: when the parties together are done |
| veto | yes, no: one adverse decision settles it |
| decisions, decision_labels | comma lists of the same length; the labels are what people read |
| adverse | the decision that says no |
| return_to | comma list of the user tasks it can be returned to |
| limit | 2wd (working days), 5d (days), item_deadline, round_due, round_co_due, goals_due, year_due, none |
| form | a JSON schema of the bundle, forms/{form}.json |
| not_by | comma list of user tasks whose doers may not do this one |
| evidence | required, optional, none |
| answers | shared, own, sealed: who reads what is said in it (`domain.answers`); shared if it is not given |
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import jsonschema_rs
import orjson

from bpmn.diagram import Scope, properties, tag
from bpmn.findings import Finding, error
from domain.answers import Answers
from domain.items import ResponsibilityRole

_WORD: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_SHARE: Final = re.compile(r"(ratio|weighted):(0?\.\d{1,4}|1(\.0{1,4})?)")
_LIMIT: Final = re.compile(r"[1-9]\d{0,2}(wd|d)|item_deadline|round_due|round_co_due|goals_due|year_due|none")
_REQUIRED: Final = ("parties", "role", "rule", "decisions", "limit", "form")


def split(text: str) -> list[str]:
    """The parts of a comma list."""
    return [part.strip() for part in text.split(",")]


def _one_of(*values: str) -> Callable[[str], bool]:
    return frozenset(values).__contains__


def _words(text: str) -> bool:
    parts = split(text)
    return len(set(parts)) == len(parts) and all(_WORD.fullmatch(part) for part in parts)


def _rule(text: str) -> bool:
    match = _SHARE.fullmatch(text)
    return text in {"all", "any"} or (match is not None and float(match[2]) > 0)


_CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "parties": _one_of("office", "leads", "co_units", "members", *ResponsibilityRole),
    "role": _one_of("liaison", "unit_leader", "office_staff", "convener", "assessor"),
    "rule": _rule,
    "veto": _one_of("yes", "no"),
    "adverse": lambda text: bool(_WORD.fullmatch(text)),
    "decisions": _words,
    "decision_labels": lambda text: all(split(text)),
    "return_to": _words,
    "limit": lambda text: bool(_LIMIT.fullmatch(text)),
    "form": lambda text: bool(_WORD.fullmatch(text)),
    "not_by": _words,
    "evidence": _one_of("required", "optional", "none"),
    "answers": _one_of(*Answers),
}


def check_tasks(scopes: list[Scope], files: Mapping[str, bytes]) -> Iterator[Finding]:
    """The findings of all user tasks of a bundle, and of its forms."""
    tasks = {
        node_id: properties(node)
        for scope in scopes
        for node_id, node in scope.nodes.items()
        if tag(node) == "userTask"
    }
    names = {node_id: node.get("name") for scope in scopes for node_id, node in scope.nodes.items()}
    for task_id, props in tasks.items():
        if not (names[task_id] or "").strip():
            yield error("name_missing", task_id)
        yield from _values(task_id, props)
        yield from _between(task_id, props)
        for key in ("return_to", "not_by"):
            for target in split(props.get(key, "")):
                if target and target not in tasks:
                    yield error("task_unknown", task_id, property=key, target=target)
        form = props.get("form", "")
        if form and f"forms/{form}.json" not in files:
            yield error("form_missing", task_id, form=form)
    for path, content in files.items():
        if path.startswith("forms/"):
            yield from _form(path, content)


def _values(task_id: str, props: Mapping[str, str]) -> Iterator[Finding]:
    for key in _REQUIRED:
        if key not in props:
            yield error("property_missing", task_id, property=key)
    for key, value in props.items():
        check = _CHECKS.get(key)
        if check is None:
            yield error("property_unknown", task_id, property=key)
        elif not check(value):
            yield error("property_invalid", task_id, property=key, value=value)


def _between(task_id: str, props: Mapping[str, str]) -> Iterator[Finding]:
    decisions = split(props.get("decisions", ""))
    adverse = props.get("adverse")
    if adverse is not None and adverse not in decisions:
        yield error("property_invalid", task_id, property="adverse", value=adverse)
    if adverse is None and (props.get("veto") == "yes" or "return_to" in props):
        # A veto and a return both need to know which decision says no.
        yield error("property_missing", task_id, property="adverse")
    labels = props.get("decision_labels")
    if labels is not None and len(split(labels)) != len(decisions):
        yield error("property_invalid", task_id, property="decision_labels", value=labels)
    if task_id in split(props.get("return_to", "")):
        yield error("property_invalid", task_id, property="return_to", value=task_id)


def _form(path: str, content: bytes) -> Iterator[Finding]:
    try:
        schema = orjson.loads(content)
    except orjson.JSONDecodeError as fault:
        yield error("form_invalid", path, reason=str(fault))
        return
    if not isinstance(schema, dict):
        yield error("form_invalid", path, reason="not a JSON object")
        return
    try:
        jsonschema_rs.meta.validate(schema)
    except (jsonschema_rs.ValidationError, ValueError) as fault:
        yield error("form_invalid", path, reason=str(fault).splitlines()[0])
