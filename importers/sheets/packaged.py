"""The registry that comes with the program, as rows to import: an office starts from it and corrects its own."""

import csv
import importlib.resources
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from domain.units import UnitKind
from importers.sheets.units import FormerName, UnitRow, UnitSheet


def packaged_units() -> UnitSheet:
    """Units, groups and other names of the packaged registry; the row numbers are those of its table of units."""
    aliases: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for alias in _table("unit_aliases.csv"):
        aliases[alias["unit"]].append(alias)
    rows = [_row(number, unit, aliases[unit["name"]]) for number, unit in enumerate(_table("units.csv"), 2)]
    return UnitSheet(rows)


def _table(name: str) -> Iterator[Mapping[str, str]]:
    text = (importlib.resources.files("importers") / "data" / name).read_text(encoding="utf-8")
    return csv.DictReader(io.StringIO(text))


def _row(number: int, unit: Mapping[str, str], aliases: list[Mapping[str, str]]) -> UnitRow:
    return UnitRow(
        number=number,
        # Where the table has none, the name that documents print is all that is known.
        official_name=unit["official_name"] or unit["name"],
        short_name=unit["name"],
        kind=UnitKind(unit["kind"]),
        parent=unit["parent"],
        successor=unit["successor"],
        aliases=tuple(alias["alias"] for alias in aliases if alias["kind"] != "former"),
        former_names=tuple(
            FormerName(alias["alias"], _day(alias["valid_from"]), _day(alias["valid_to"]))
            for alias in aliases
            if alias["kind"] == "former"
        ),
        valid_from=_day(unit["valid_from"]),
        valid_to=_day(unit["valid_to"]),
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
