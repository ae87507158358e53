"""Forms of steps, from the JSON Schema of the process bundle: what a page shows of one, and what comes back from it.

One description, one check: the schema that the page is drawn from is the schema that the command checks against. Fields
are named `form.<field>`, those of a row `form.<field>.<n>.<part>`, so that they never meet the page's own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData

from domain.errors import DomainError

PREFIX = "form."
KEPT_APART = frozenset({"opinion", "reason_code"})
"""In every form, and given to the command beside it."""
ADD_ROW = "add_row"
"""Name of the button that asks for one more row; its value is the field's."""
_WIDE = {"textarea"}


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select or of radio buttons."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class FormField:
    """One field as the macros draw it. `rows` are those of a list, each with fields of its own.

    `blank` is an empty row with `__n__` for its number, from which a script makes more.
    """

    name: str
    label: str
    hint: str
    help: str
    widget: str
    required: bool
    value: str = ""
    checked: bool = False
    errors: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    longest: int | None = None
    least: int | None = None
    most: int | None = None
    lines: int = 3
    rows: tuple[tuple["FormField", ...], ...] = ()
    blank: tuple["FormField", ...] = ()

    @property
    def id(self) -> str:
        """For `id` and `for`."""
        return "f-" + self.name.removeprefix(PREFIX).replace(".", "-").replace("_", "-")

    @property
    def described_by(self) -> str:
        """Ids of what explains the field."""
        parts = [("hint", self.hint or self.help), ("err", self.errors)]
        return " ".join(f"{self.id}-{part}" for part, there in parts if there)


@dataclass(frozen=True, slots=True)
class FormProblem:
    """A fault with the id of the field that it is about, for the summary on top."""

    target: str
    sentence: str


@dataclass(frozen=True, slots=True)
class FormView:
    """A form as it is drawn."""

    title: str
    description: str
    fields: tuple[FormField, ...]
    problems: tuple[FormProblem, ...] = ()

    def field(self, name: str) -> FormField | None:
        """The field of that name, such as `percent`."""
        return next((each for each in self.fields if each.name == PREFIX + name), None)


@dataclass(slots=True)
class _Faults:
    """Sentences by the path of their field, and which of them a field has shown."""

    by_path: dict[str, list[str]] = field(default_factory=dict)
    problems: list[FormProblem] = field(default_factory=list)

    def of(self, name: str) -> tuple[str, ...]:
        path = name.removeprefix(PREFIX).replace(".", "/")
        return tuple(dict.fromkeys(self.by_path.pop(path, ())))


def form_view(
    schema: Mapping[str, Any],
    values: Mapping[str, Any] | None = None,
    *,
    refused: DomainError | None = None,
    decision: str | None = None,
    only: Iterable[str] | None = None,
    extra_row: str | None = None,
) -> FormView:
    """The form with what was filled in, and what is wrong with it.

    `decision` is the one that the form is filled for: it may ask for more. `only` limits the fields, in the form's
    order. `extra_row` is the list that gets one more empty row.
    """
    fields = refused.facts.get("fields", ()) if refused is not None else ()
    faults = _Faults()
    for each in fields if isinstance(fields, Sequence) else ():
        faults.by_path.setdefault(each["field"], []).append(each["fault"])
    required = set(schema.get("required", ())) | set(_hints(schema).get("required_for", {}).get(decision, ()))
    wanted = None if only is None else set(only)
    drawn = []
    for name in _ordered(schema):
        if wanted is None or name in wanted:
            part = schema["properties"][name]
            value = (values or {}).get(name)
            must = name in required
            drawn.append(_field(PREFIX + name, part, value, required=must, faults=faults, extra_row=extra_row))
    left = [FormProblem("main", sentence) for sentences in faults.by_path.values() for sentence in sentences]
    problems = (*_problems(drawn), *left)
    return FormView(schema.get("title", ""), schema.get("description", ""), tuple(drawn), problems)


def sent_values(schema: Mapping[str, Any], form: FormData) -> dict[str, Any]:
    """The values of the form's fields as the schema types them; what is empty is left out.

    What cannot be read as its type stays a string: the check says what is wrong with it, and it is shown again.
    """
    found = {}
    for name, part in schema.get("properties", {}).items():
        value = _sent(PREFIX + name, part, form)
        if value is not None:
            found[name] = value
    return found


def without_said(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without opinion and reason code, which the command takes apart."""
    return {name: value for name, value in values.items() if name not in KEPT_APART}


def _hints(part: Mapping[str, Any]) -> Mapping[str, Any]:
    hints: Mapping[str, Any] = part.get("x-ui", {})
    return hints


def _ordered(schema: Mapping[str, Any]) -> list[str]:
    properties = schema.get("properties", {})
    first = [name for name in _hints(schema).get("order", ()) if name in properties]
    return first + [name for name in properties if name not in first]


def _field(
    name: str,
    part: Mapping[str, Any],
    value: Any,
    *,
    required: bool,
    faults: _Faults,
    extra_row: str | None = None,
) -> FormField:
    hints = _hints(part)
    widget = hints.get("widget") or _usual_widget(part)
    rows: tuple[tuple[FormField, ...], ...] = ()
    blank: tuple[FormField, ...] = ()
    if widget == "rows":
        filled = list(value) if isinstance(value, list) else []
        count = max(len(filled) + (extra_row == name.removeprefix(PREFIX)), part.get("minItems", 0), 1)
        filled += [{}] * (count - len(filled))
        rows = tuple(_row(f"{name}.{n}", part["items"], row, faults) for n, row in enumerate(filled))
        blank = _row(f"{name}.__n__", part["items"], {}, _Faults())
    return FormField(
        name=name,
        label=part.get("title", name),
        hint=part.get("description", ""),
        help=hints.get("help", ""),
        widget=widget,
        required=required,
        value="" if value is None or isinstance(value, bool | list) else str(value),
        checked=value is True,
        errors=faults.of(name),
        options=_options(part, hints, value),
        longest=part.get("maxLength"),
        least=part.get("minimum"),
        most=part.get("maximum"),
        lines=hints.get("rows", 3),
        rows=rows,
        blank=blank,
    )


def _row(name: str, part: Mapping[str, Any], values: Any, faults: _Faults) -> tuple[FormField, ...]:
    known = values if isinstance(values, Mapping) else {}
    required = set(part.get("required", ()))
    return tuple(
        _field(f"{name}.{each}", part["properties"][each], known.get(each), required=each in required, faults=faults)
        for each in _ordered(part)
    )


def _usual_widget(part: Mapping[str, Any]) -> str:
    if "enum" in part:
        return "select"
    if part.get("format") == "date":
        return "date"
    return {"boolean": "checkbox", "integer": "number", "number": "number", "array": "rows"}.get(
        str(part.get("type")), "text"
    )


def _options(part: Mapping[str, Any], hints: Mapping[str, Any], value: Any) -> tuple[Option, ...]:
    labels = hints.get("labels", {})
    return tuple(Option(str(each), labels.get(each, str(each)), each == value) for each in part.get("enum", ()))


def _problems(fields: Iterable[FormField]) -> list[FormProblem]:
    found = []
    for each in fields:
        found += [FormProblem(each.id, sentence) for sentence in each.errors]
        for row in each.rows:
            found += _problems(row)
    return found


def _sent(name: str, part: Mapping[str, Any], form: FormData) -> Any:
    kind = part.get("type")
    if kind == "array":
        return _sent_rows(name, part, form) or None
    given = form.get(name)
    text = given.strip().replace("\r\n", "\n") if isinstance(given, str) else ""
    if kind == "boolean":
        return True if text else None
    if not text:
        return None
    return _number(text, kind) if kind in {"integer", "number"} else text


def _number(text: str, kind: Any) -> Any:
    try:
        return int(text) if kind == "integer" else float(text)
    except ValueError:
        return text


def _sent_rows(name: str, part: Mapping[str, Any], form: FormData) -> list[dict[str, Any]]:
    """The rows that have something in them, in the order of their numbers, which need not be without gaps."""
    found = (key.removeprefix(f"{name}.").partition(".")[0] for key in form if key.startswith(f"{name}."))
    rows = []
    for number in sorted({int(number) for number in found if number.isdecimal()}):
        properties = part["items"]["properties"].items()
        row = {key: _sent(f"{name}.{number}.{key}", each, form) for key, each in properties}
        filled = {key: value for key, value in row.items() if value is not None}
        if filled:
            rows.append(filled)
    return rows
