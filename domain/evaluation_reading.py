"""Reading a scheme from JSON, with everything that is wrong with it at once.

A part is computed by a `formula` of `domain.expressions` over the named facts, or by a `table`: the rows of a decision
table whose outcomes are points. A formula that gives None says that the part does not apply to the unit.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from domain.decision_tables import (
    DecisionTable,
    FactRange,
    FactType,
    Refused,
    WrittenRow,
    WrittenTable,
    check_table,
)
from domain.evaluation_facts import NAMES
from domain.evaluation_scheme import (
    CENT,
    POINTS,
    ZERO,
    Ceiling,
    Criterion,
    Deduction,
    Fault,
    Grade,
    Group,
    Measure,
    Part,
    Scheme,
    Source,
    Veto,
    grades_faults,
    sums_faults,
    usage_faults,
)
from domain.expressions import Expression, compile_expression
from domain.process_errors import ExpressionFailed, ExpressionRefused
from domain.units import UnitKind

MOST_PARTS: Final = 60
MOST_POINTS: Final = Decimal(1000)
RANGES: Final = tuple(FactRange(name, FactType.NUMBER, 0, 10_000_000) for name in NAMES)
"""What decision tables may ask: every fact is a count."""
_UNITS_GROUPED: Final = frozenset(UnitKind) - {UnitKind.GROUP}
_TIED_BY_DEDUCTIONS: Final = "deductions"

Found = TypeVar("Found")


class _Reader:
    """Reads values out of JSON; a wrong one is a fault with its place, and the reading goes on."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._inside = ""

    def refuse(self, code: str, field: str, **args: object) -> None:
        """Note a fault of a field of the row that is being read."""
        self.faults.append(Fault(code, args, self._inside + field))

    def each(self, data: Mapping[str, Any], name: str, *, within: str = "") -> Iterator[Mapping[str, Any]]:
        """The rows of a list one after the other, so that what is wrong within one is told with its place."""
        outer = self._inside
        for at, row in enumerate(self.rows(data, name, within=within)):
            self._inside = f"{outer}{within}{name}.{at}."
            yield row
            self._inside = outer

    def text(self, data: Mapping[str, Any], name: str, where: str) -> str:
        value = data.get(name)
        if isinstance(value, str) and value.strip() and len(value) <= 200:  # noqa: PLR2004  a heading, not an essay
            return value.strip()
        self.refuse("text_missing", name, where=where, name=name)
        return ""

    def number(
        self, data: Mapping[str, Any], name: str, where: str, default: str | None = None, *, place: str = ""
    ) -> Decimal:
        value = data.get(name, default)
        try:
            number = Decimal(str(value)) if isinstance(value, int | float | str) else None
        except InvalidOperation:
            number = None
        if number is None or isinstance(value, bool) or not number.is_finite() or not ZERO <= number <= MOST_POINTS:
            self.refuse("number_wrong", place or name, where=where, name=name, value=str(value))
            return ZERO
        if number != number.quantize(CENT):
            self.refuse("number_too_fine", place or name, where=where, name=name, value=str(value))
        return number.quantize(CENT)

    def rows(self, data: Mapping[str, Any], name: str, *, within: str = "") -> list[Mapping[str, Any]]:
        value = data.get(name, [])
        if not isinstance(value, list) or len(value) > MOST_PARTS or not all(isinstance(row, Mapping) for row in value):
            self.refuse("list_wrong", within + name, name=name, most=MOST_PARTS)
            return []
        return list(value)

    def section(self, data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        value = data.get(name, {})
        if isinstance(value, Mapping):
            return value
        self.refuse("list_wrong", name, name=name, most=MOST_PARTS)
        return {}


def read_scheme(data: Mapping[str, Any]) -> Scheme | list[Fault]:
    """The scheme ready to score by, or everything that is wrong with it."""
    reader = _Reader()
    title = reader.text(data, "title", "title")
    total = reader.number(data, "total", "total", "100")
    criteria = tuple(_criterion(reader, row) for row in reader.each(data, "criteria"))
    bonus = reader.section(data, "bonus")
    deductions = reader.section(data, "deductions")
    scheme = Scheme(
        title=title,
        total=total,
        criteria=criteria,
        bonus=tuple(_part(reader, row) for row in reader.each(bonus, "kinds", within="bonus.")),
        bonus_cap=reader.number(bonus, "cap", "bonus", "0", place="bonus.cap"),
        deductions=tuple(_deduction(reader, row) for row in reader.each(deductions, "kinds", within="deductions.")),
        deduction_cap=reader.number(deductions, "cap", "deductions", "0", place="deductions.cap"),
        vetoes=tuple(
            Veto(reader.text(row, "id", "vetoes"), reader.text(row, "label", "vetoes"))
            for row in reader.each(data, "vetoes")
        ),
        groups=tuple(_group(reader, row) for row in reader.each(data, "groups")),
        grades=tuple(
            Grade(reader.text(row, "id", "grades"), reader.text(row, "label", "grades"), _least(reader, row))
            for row in reader.each(data, "grades")
        ),
        ceiling=_ceiling(reader, data),
        tie=_tie(reader, data),
    )
    faults = [*reader.faults, *_whole_faults(scheme)]
    return faults or scheme


def _least(reader: _Reader, row: Mapping[str, Any]) -> Decimal:
    return reader.number(row, "from", str(row.get("label", "grades")))


def _criterion(reader: _Reader, row: Mapping[str, Any]) -> Criterion:
    label = reader.text(row, "label", "criteria")
    parts = tuple(_part(reader, part) for part in reader.each(row, "parts"))
    return Criterion(reader.text(row, "id", label), label, reader.number(row, "points", label), parts)


def _part(reader: _Reader, row: Mapping[str, Any]) -> Part:
    label = reader.text(row, "label", "parts")
    points = reader.number(row, "points", label)
    try:
        source = Source(str(row.get("source")))
    except ValueError:
        known = [str(each) for each in Source]
        reader.refuse("source_unknown", "source", where=label, value=str(row.get("source")), known=known)
        source = Source.OFFICE
    measure = None
    if source is Source.FACTS:
        measure = _measure(reader, row, label, points)
    elif "formula" in row or "table" in row:
        reader.refuse("measure_unused", "source", where=label)
    how = reader.text(row, "how", label) if "how" in row else ""
    return Part(reader.text(row, "id", label), label, points, source, measure, how)


def _measure(reader: _Reader, row: Mapping[str, Any], label: str, points: Decimal) -> Measure:
    formula, table = row.get("formula"), row.get("table")
    if isinstance(formula, str) and table is None:
        return Measure(formula=_formula(reader, formula, label, points))
    if isinstance(table, Mapping) and formula is None:
        return Measure(table=_table(reader, table, label, points))
    reader.refuse("measure_missing", "formula", where=label)
    return Measure()


def _formula(reader: _Reader, source: str, label: str, points: Decimal) -> Expression | None:
    try:
        expression = compile_expression(source)
    except ExpressionRefused as refused:
        reader.refuse("formula_refused", "formula", where=label, reason=refused.facts["reason"])
        return None
    unknown = sorted(expression.names - NAMES.keys() - {POINTS})
    if unknown:
        reader.refuse("fact_unknown", "formula", where=label, names="、".join(unknown))
        return None
    # A unit without a single fact of some kind is the ordinary case: a formula must not divide by its count.
    for count in (0, 1):
        facts: dict[str, Any] = {**dict.fromkeys(NAMES, count), "months": 12, POINTS: float(points)}
        try:
            value = expression.evaluate(facts)
        except ExpressionFailed as failed:
            reader.refuse("formula_fails", "formula", where=label, count=count, reason=failed.facts["reason"])
            return None
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            reader.refuse("formula_no_number", "formula", where=label)
            return None
    return expression


def _table(reader: _Reader, data: Mapping[str, Any], label: str, points: Decimal) -> DecisionTable | None:
    written, outcomes = _written(reader, data, label, points)
    checked = check_table(written, RANGES, outcomes)
    if isinstance(checked, Refused):
        reader.refuse("table_refused", "table", where=label, findings=checked.findings)
        return None
    return checked


def _written(
    reader: _Reader, data: Mapping[str, Any], label: str, points: Decimal
) -> tuple[WrittenTable, Sequence[str]]:
    rows = []
    outcomes = []
    for number, row in enumerate(reader.rows(data, "rows"), 1):
        given = reader.number(row, "points", label, place="table")
        if given > points:
            reader.refuse("row_beyond_points", "table", where=label, row=number, value=str(given), points=str(points))
        cells = row.get("cells", [])
        texts = tuple(str(cell) for cell in cells) if isinstance(cells, list) else ()
        rows.append(WrittenRow(str(row.get("id") or f"row_{number}"), texts, str(given), str(row.get("words", ""))))
        outcomes.append(str(given))
    facts = data.get("facts", [])
    names = tuple(str(name) for name in facts) if isinstance(facts, list) else ()
    return WrittenTable(str(data.get("hit_policy", "UNIQUE")), names, tuple(rows)), outcomes


def _deduction(reader: _Reader, row: Mapping[str, Any]) -> Deduction:
    label = reader.text(row, "label", "deductions")
    fact = row.get("fact")
    cap = reader.number(row, "cap", label)
    each = reader.number(row, "each", label)
    if each > cap:
        reader.refuse("each_beyond_cap", "each", where=label, each=str(each), cap=str(cap))
    return Deduction(reader.text(row, "id", label), label, each, cap, None if fact is None else str(fact))


def _group(reader: _Reader, row: Mapping[str, Any]) -> Group:
    label = reader.text(row, "label", "groups")
    kinds = row.get("kinds", [])
    named = frozenset(str(kind) for kind in kinds) if isinstance(kinds, list) else frozenset()
    unknown = sorted(named - _UNITS_GROUPED)
    if unknown or not named:
        reader.refuse("kinds_unknown", "kinds", where=label, names="、".join(unknown))
    return Group(reader.text(row, "id", label), label, named, row.get("ranked", True) is True)


def _ceiling(reader: _Reader, data: Mapping[str, Any]) -> Ceiling | None:
    if data.get("ceiling") is None:
        return None
    row = reader.section(data, "ceiling")
    share = reader.number(row, "share", "ceiling", place="ceiling.share")
    least = reader.number(row, "at_least", "ceiling", "0", place="ceiling.at_least")
    if share > 1:
        reader.refuse("number_wrong", "ceiling.share", where="ceiling", name="share", value=str(share))
    return Ceiling(share, int(least))


def _tie(reader: _Reader, data: Mapping[str, Any]) -> tuple[str, ...]:
    value = data.get("tie", [])
    if isinstance(value, list) and len(value) <= MOST_PARTS:
        return tuple(str(id_) for id_ in value)
    reader.refuse("list_wrong", "tie", name="tie", most=MOST_PARTS)
    return ()


def _whole_faults(scheme: Scheme) -> Iterable[Fault]:
    """What is wrong between the parts of a scheme."""
    parts = (*scheme.parts, *scheme.bonus)
    yield from sums_faults(scheme.total, scheme.criteria)
    yield from usage_faults(scheme)
    yield from grades_faults(scheme.grades)
    if scheme.total == ZERO or not scheme.groups:
        yield Fault("scheme_empty", {})
    for at, criterion in enumerate(scheme.criteria):
        if not criterion.parts:
            yield Fault("criterion_empty", {"where": criterion.label}, f"criteria.{at}.points")
    for id_ in _twice(
        (*scheme.criteria, *parts, *scheme.deductions, *scheme.vetoes), lambda each: each.id
    ) - _single_parts(scheme):
        yield Fault("id_twice", {"id": id_})
    for id_ in _twice(scheme.groups, lambda each: each.id) | _twice(scheme.grades, lambda each: each.id):
        yield Fault("id_twice", {"id": id_})
    for kind in sorted(_twice([kind for group in scheme.groups for kind in sorted(group.kinds)], str)):
        yield Fault("kind_twice", {"kind": kind}, "groups")
    known = {criterion.id for criterion in scheme.criteria} | {_TIED_BY_DEDUCTIONS}
    for id_ in scheme.tie:
        if id_ not in known:
            yield Fault("tie_unknown", {"id": id_}, "tie")


def _single_parts(scheme: Scheme) -> set[str]:
    """A criterion of one part may share its name: nobody can take one for the other."""
    return {
        criterion.id
        for criterion in scheme.criteria
        if len(criterion.parts) == 1 and criterion.parts[0].id == criterion.id
    }


def _twice(rows: Iterable[Any], name: Callable[[Any], str]) -> set[str]:
    return {id_ for id_, count in Counter(name(row) for row in rows).items() if count > 1}
