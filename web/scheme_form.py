"""The scheme of an evaluation as the fields of a form, and back.

A field is called by its place in the JSON, such as `criteria.0.parts.1.points`. A decision table is written a row a
line, cells apart by `|`: first the names of the facts, then of each row its cells, its points, and its words. What was
typed is kept as it was typed, right or wrong: only `scheme_of` makes JSON of it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from domain.evaluation_scheme import Source

FORMULA, TABLE = "formula", "table"
BETWEEN: Final = "|"
LISTS: Final = ("criteria", "bonus.kinds", "deductions.kinds", "vetoes", "groups", "grades")
"""Lists whose rows can be added and taken away; each criterion has `parts` besides."""
MOST_ROWS: Final = 60
LONGEST_NUMBER: Final = 12
"""Digits; a longer one is refused as it stands."""
DEPTH: Final = 5
"""How many names the longest place of a field has."""
_ROOTS: Final = frozenset(name.partition(".")[0] for name in LISTS) | {"title", "total", "ceiling", "tie"}
_NEW_ID: Final = {"criteria": "criterion", "parts": "part", "kinds": "kind", "vetoes": "veto", "groups": "group"}
_SEVERAL: Final = frozenset({"kinds", "tie"})


def fields_of(scheme: Mapping[str, Any]) -> dict[str, Any]:
    """A stored scheme as the form shows it."""
    bonus, deductions = scheme.get("bonus", {}), scheme.get("deductions", {})
    return {
        **scheme,
        "criteria": [
            {**each, "parts": [_part_fields(part) for part in each.get("parts", ())]}
            for each in scheme.get("criteria", ())
        ],
        "bonus": {**bonus, "kinds": [_part_fields(part) for part in bonus.get("kinds", ())]},
        "deductions": {**deductions, "kinds": list(deductions.get("kinds", ()))},
        "groups": [{**each, "ranked": each.get("ranked", True)} for each in scheme.get("groups", ())],
    }


def _part_fields(part: Mapping[str, Any]) -> dict[str, Any]:
    table = part.get("table")
    measure = TABLE if table else FORMULA if part.get("source") == Source.FACTS else part.get("source")
    return {**part, "measure": measure, "table": _table_text(table) if table else ""}


def _table_text(table: Mapping[str, Any]) -> str:
    lines = [[*map(str, table.get("facts", ()))]]
    lines += [[*map(str, row["cells"]), str(row["points"]), row.get("words", "")] for row in table.get("rows", ())]
    return "\n".join(f" {BETWEEN} ".join(line) for line in lines)


def typed_fields(given: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The fields of a form that was sent, put together by their places; numbers among the names are rows of a list."""
    root: dict[str, Any] = {}
    for name, value in given:
        names = name.split(".")
        if names[0] not in _ROOTS or len(names) > DEPTH:
            continue
        here = root
        for each in names[:-1]:
            here = here.setdefault(each, {})
            if not isinstance(here, dict):
                break
        else:
            last = names[-1]
            if last in _SEVERAL and isinstance(here.get(last, []), list):
                here.setdefault(last, []).append(value)
            else:
                here[last] = value
    found = _listed(root)
    assert isinstance(found, dict)
    return found


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(name.isdecimal() for name in value):
        return [_listed(value[name]) for name in sorted(value, key=lambda name: (len(name), name))][:MOST_ROWS]
    return {name: _listed(each) for name, each in value.items()}


def rows_at(fields: dict[str, Any], place: str) -> list[dict[str, Any]]:
    """The rows of one of the form's lists, made where there are none. Raises KeyError for any other place."""
    if place in LISTS:
        above, _, name = place.rpartition(".")
        if above and not isinstance(fields.get(above), dict):
            fields[above] = {}
        holder = fields[above] if above else fields
    else:
        start, number, name = (*place.split("."), "", "", "")[:3]
        criteria = rows_at(fields, "criteria") if (start, name) == ("criteria", "parts") else []
        if place.count(".") != 2 or not _is_row(number, criteria):  # noqa: PLR2004  criteria, its number, parts
            raise KeyError(place)
        holder = criteria[int(number)]
    holder[name] = rows = _rows(holder, name)
    return rows


def _is_row(number: str, rows: list[dict[str, Any]]) -> bool:
    return number.isdecimal() and len(number) <= len(str(MOST_ROWS)) and int(number) < len(rows)


def add_row(fields: dict[str, Any], place: str) -> str:
    """Add an empty row to a list, with an id that no other has; the name of its first field. Raises KeyError."""
    rows = rows_at(fields, place)
    name = place.rpartition(".")[2]
    if len(rows) < MOST_ROWS:
        rows.append({"id": _free_id(fields, _NEW_ID.get(name, name.rstrip("s")))})
    if name == "criteria":
        add_row(fields, f"criteria.{len(rows) - 1}.parts")
    return f"{place}.{len(rows) - 1}.label"


def drop_row(fields: dict[str, Any], place: str) -> None:
    """Take a row away. Raises KeyError for a row that is not there."""
    above, _, number = place.rpartition(".")
    rows = rows_at(fields, above)
    if not _is_row(number, rows):
        raise KeyError(place)
    del rows[int(number)]


def _free_id(fields: Mapping[str, Any], stem: str) -> str:
    taken = set(_ids(fields))
    return next(name for at in range(1, len(taken) + 2) if (name := f"{stem}_{at}") not in taken)


def _ids(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get("id"), str):
            yield value["id"]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _ids(each)


def scheme_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON of what was typed, for `SaveScheme`; what is wrong with it is for `read_scheme` to say."""
    bonus, deductions, ceiling = (_section(fields, name) for name in ("bonus", "deductions", "ceiling"))
    share = ceiling.get("share", "")
    return {
        "title": fields.get("title", ""),
        "total": _number(fields.get("total", "")),
        "groups": [
            {**_named(row), "kinds": row.get("kinds", []), "ranked": bool(row.get("ranked"))}
            for row in _rows(fields, "groups")
        ],
        "criteria": [
            {
                **_named(row),
                "points": _number(row.get("points")),
                "parts": [_part(part) for part in _rows(row, "parts")],
            }
            for row in _rows(fields, "criteria")
        ],
        "bonus": {"cap": _number(bonus.get("cap", "0")), "kinds": [_part(part) for part in _rows(bonus, "kinds")]},
        "deductions": {
            "cap": _number(deductions.get("cap", "0")),
            "kinds": [_deduction(row) for row in _rows(deductions, "kinds")],
        },
        "vetoes": [_named(row) for row in _rows(fields, "vetoes")],
        "grades": [{**_named(row), "from": _number(row.get("from"))} for row in _rows(fields, "grades")],
        **({"ceiling": {name: _number(each) for name, each in ceiling.items() if each != ""}} if share != "" else {}),
        "tie": [each for each in fields.get("tie", []) if each],
    }


def _section(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = fields.get(name)
    return found if isinstance(found, Mapping) else {}


def _rows(fields: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = fields.get(name)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": row.get("id", ""), "label": row.get("label", "")}


def _number(text: Any) -> Any:
    """A number as JSON has it; what is none stays as it was typed, so that the refusal can name it."""
    if not isinstance(text, str):
        return text
    plain = text.strip()
    if len(plain) > LONGEST_NUMBER:
        return plain
    if plain.isdecimal():
        return int(plain)
    whole, dot, rest = plain.partition(".")
    return float(plain) if dot and whole.isdecimal() and rest.isdecimal() else plain


def _part(row: Mapping[str, Any]) -> dict[str, Any]:
    measure = row.get("measure", "")
    part = {**_named(row), "points": _number(row.get("points"))}
    if how := str(row.get("how", "")).strip():
        part["how"] = how
    if measure == FORMULA:
        return {**part, "source": Source.FACTS.value, "formula": str(row.get("formula", "")).strip()}
    if measure == TABLE:
        return {**part, "source": Source.FACTS.value, "table": _table(str(row.get("table", "")))}
    return {**part, "source": measure}


def _table(text: str) -> dict[str, Any]:
    lines = [[cell.strip() for cell in line.split(BETWEEN)] for line in text.splitlines() if line.strip()]
    facts = [name for name in lines[0] if name] if lines else []
    rows = []
    for line in lines[1:]:
        cells, rest = line[: len(facts)], line[len(facts) :]
        points, words = (rest[0] if rest else ""), f" {BETWEEN} ".join(rest[1:])
        rows.append({"cells": cells, "points": _number(points), "words": words})
    return {"hit_policy": "UNIQUE", "facts": facts, "rows": rows}


def _deduction(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {**_named(row), "each": _number(row.get("each")), "cap": _number(row.get("cap"))}
    return {**kept, "fact": row["fact"]} if row.get("fact") else kept
