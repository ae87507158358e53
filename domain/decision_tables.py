"""Decision tables as rules that are kept as data: checked when they are saved, so that none can fail when it is asked.

A cell is a set of values of one fact, written in the part of DMN's FEEL that can be analysed: `-`, a literal, a
comparison, a range such as `[10..30)`, a list of these, `not(...)`. Each row becomes one expression of
`domain.expressions`; the sets decide, before anybody is judged by them, whether two rows meet and what no row covers.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from domain.expression_values import Value
from domain.expressions import Expression, compile_expression
from domain.process_errors import ExpressionRefused

MAX_ROWS: Final = 100
MAX_CELL: Final = 200
MAX_BOXES: Final = 20_000
"""Pieces that the space of all facts may fall into while gaps are looked for; more is too tangled to check."""


class HitPolicy(StrEnum):
    """UNIQUE: no two rows meet. FIRST: the upper row counts."""

    UNIQUE = "UNIQUE"
    FIRST = "FIRST"


class FactType(StrEnum):
    """What a fact is: a whole number, one of a few texts, or yes and no."""

    NUMBER = "number"
    TEXT = "string"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class FactRange:
    """The values a fact can have: whole numbers from `low` to `high`, or `texts`; with `missing`, also none."""

    name: str
    type: FactType
    low: int = 0
    high: int = 0
    texts: tuple[str, ...] = ()
    missing: bool = False

    @property
    def literals(self) -> tuple[Value, ...]:
        """The values of a fact that is no number."""
        return (True, False) if self.type is FactType.BOOLEAN else self.texts


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a table is refused: a stable code, the row from 1 (0: the table), and what the sentence names."""

    code: str
    row: int
    args: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """A row as it is written: its id, the text of each cell, the outcome, and the words that explain it."""

    id: str
    cells: tuple[str, ...]
    outcome: str
    words: str


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """A table as it is written: names of the facts, and rows. Nothing of it is checked."""

    hit_policy: str
    facts: tuple[str, ...]
    rows: tuple[WrittenRow, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A checked row: `condition` is true of the facts that it is for."""

    id: str
    number: int
    condition: Expression
    outcome: str
    words: str


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A checked table: some row is true of any facts within their ranges."""

    facts: tuple[FactRange, ...]
    rules: tuple[Rule, ...]

    def decide(self, facts: Mapping[str, Value]) -> Rule:
        """The first row that is true. Raises ExpressionFailed for a missing fact, LookupError outside the ranges."""
        for rule in self.rules:
            if rule.condition.evaluate(facts):
                return rule
        raise LookupError("no row is true of these facts")


@dataclass(frozen=True, slots=True)
class Refused:
    """What is wrong with a table."""

    findings: tuple[Finding, ...]


_NUMBER = r"-?\d{1,9}(?:\.\d{1,6})?"
_RANGE = re.compile(rf"([\[\](])\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*([\])\[])")
_COMPARISON = re.compile(rf"(<=|>=|!=|<|>|=)\s*({_NUMBER})")
_PLAIN = re.compile(_NUMBER)
_TEXT = re.compile(r'"([^"\\]*)"')
_NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL)
_PART = re.compile(r'\s*((?:"[^"]*"|[^,"])*?)\s*(?:,|$)')


class CellFault(Exception):
    """What is wrong with a cell: a finding's code and its arguments."""

    def __init__(self, code: str, **args: object) -> None:
        super().__init__(code)
        self.code = code
        self.args_ = args


@dataclass(frozen=True, slots=True)
class Cell:
    """A set of values: whole numbers in closed spans, literals, none; `inverted` is all others."""

    spans: tuple[tuple[int, int], ...] = ()
    literals: frozenset[Value] = frozenset()
    missing: bool = False
    inverted: bool = False

    def has(self, value: Value) -> bool:
        """Whether a value is in the set."""
        if value is None:
            inside = self.missing
        elif isinstance(value, bool | str):
            inside = value in self.literals
        else:
            inside = any(low <= value <= high for low, high in self.spans)
        return inside is not self.inverted

    def condition(self, name: str) -> str:
        """The same as an expression. Numbers are asked only where there is one: nothing compares with none."""
        parts = [f"({name} is not None and {low} <= {name} <= {high})" for low, high in self.spans]
        parts += [f"({name} is {value})" for value in sorted(v for v in self.literals if isinstance(v, bool))]
        parts += [f'({name} == "{value}")' for value in sorted(v for v in self.literals if isinstance(v, str))]
        parts += [f"({name} is None)"] if self.missing else []
        either = f"({' or '.join(parts)})" if parts else "(False)"
        return f"(not {either})" if self.inverted else either


def parse_cell(text: str, fact: FactRange) -> Cell:
    """The set of values that a cell is written as. Raises CellFault for what is no part of the language."""
    if len(text) > MAX_CELL:
        raise CellFault("cell_too_long", limit=MAX_CELL)
    text = text.strip()
    if text in {"", "-"}:
        return Cell(inverted=True)
    negated = _NOT.fullmatch(text)
    inner = negated.group(1) if negated else text
    spans: list[tuple[int, int]] = []
    literals: set[Value] = set()
    missing = False
    for part in _parts(inner):
        if part == "null":
            missing = True
        elif fact.type is FactType.NUMBER:
            spans += _spans(part, fact)
        else:
            literals.add(_literal(part, fact))
    return Cell(tuple(spans), frozenset(literals), missing, negated is not None)


def _parts(text: str) -> list[str]:
    parts, position = [], 0
    while position <= len(text):
        match = _PART.match(text, position)
        if match is None:
            raise CellFault("cell_not_understood", cell=text)
        parts.append(match.group(1))
        if match.end() == len(text) and not match.group(0).endswith(","):
            break
        position = match.end()
    return parts


def _literal(part: str, fact: FactRange) -> Value:
    if fact.type is FactType.BOOLEAN:
        if part not in {"true", "false"}:
            raise CellFault("cell_not_understood", cell=part)
        return part == "true"
    match = _TEXT.fullmatch(part)
    if match is None:
        raise CellFault("cell_not_understood", cell=part)
    if match.group(1) not in fact.texts:
        raise CellFault("value_unknown", cell=match.group(1), values=list(fact.texts))
    return match.group(1)


def _spans(part: str, fact: FactRange) -> list[tuple[int, int]]:
    """The whole numbers that one test allows, as closed spans; comparisons run to the ends of the fact's range."""
    if match := _RANGE.fullmatch(part):
        opens, low, high, closes = match.groups()
        first = _above(low, strictly=opens != "[")
        last = _below(high, strictly=closes != "]")
        if first > last:
            raise CellFault("range_empty", cell=part)
        return [(first, last)]
    match = _COMPARISON.fullmatch(part)
    if match is None and _PLAIN.fullmatch(part) is None:
        raise CellFault("cell_not_understood", cell=part)
    sign, number = match.groups() if match else ("=", part)
    if sign in {"<", "<="}:
        return [(fact.low, _below(number, strictly=sign == "<"))]
    if sign in {">", ">="}:
        return [(_above(number, strictly=sign == ">"), fact.high)]
    if float(number) != int(float(number)):
        raise CellFault("not_whole", cell=part)
    exactly = int(float(number))
    return [(exactly, exactly)] if sign == "=" else [(fact.low, exactly - 1), (exactly + 1, fact.high)]


def _above(number: str, *, strictly: bool) -> int:
    return math.floor(float(number)) + 1 if strictly else math.ceil(float(number))


def _below(number: str, *, strictly: bool) -> int:
    return math.ceil(float(number)) - 1 if strictly else math.floor(float(number))


def check_table(written: WrittenTable, known: Sequence[FactRange], outcomes: Sequence[str]) -> DecisionTable | Refused:
    """The table ready to decide over facts of `known` with one of `outcomes`, or everything that is wrong with it."""
    findings = list(_shape_faults(written, known))
    if findings:
        return Refused(tuple(findings))
    by_name = {fact.name: fact for fact in known}
    facts = tuple(by_name[name] for name in written.facts)
    rows: list[tuple[Cell, ...]] = []
    rules: list[Rule] = []
    for number, row in enumerate(written.rows, 1):
        if row.outcome not in outcomes:
            findings.append(Finding("outcome_unknown", number, {"outcome": row.outcome, "outcomes": list(outcomes)}))
        if not row.words.strip():
            findings.append(Finding("words_missing", number, {}))
        cells = []
        for fact, text in zip(facts, row.cells, strict=True):
            try:
                cells.append(parse_cell(text, fact))
            except CellFault as fault:
                findings.append(Finding(fault.code, number, {"fact": fact.name, **fault.args_}))
        if len(cells) == len(facts):
            rows.append(tuple(cells))
            rules += _compiled(row, number, facts, cells, findings)
    if not findings:
        findings += _Space(facts, rows).faults(HitPolicy(written.hit_policy))
    return Refused(tuple(findings)) if findings else DecisionTable(facts, tuple(rules))


def _shape_faults(written: WrittenTable, known: Sequence[FactRange]) -> list[Finding]:
    names = [fact.name for fact in known]
    findings = [
        Finding("fact_unknown", 0, {"fact": name, "facts": names}) for name in written.facts if name not in names
    ]
    findings += [
        Finding("fact_twice", 0, {"fact": name}) for name in set(written.facts) if written.facts.count(name) > 1
    ]
    if written.hit_policy not in set(HitPolicy):
        findings.append(Finding("hit_policy", 0, {"policy": written.hit_policy}))
    if not written.facts or not written.rows:
        findings.append(Finding("table_empty", 0, {}))
    if len(written.rows) > MAX_ROWS:
        findings.append(Finding("too_many_rows", 0, {"rows": len(written.rows), "limit": MAX_ROWS}))
    for number, row in enumerate(written.rows, 1):
        if len(row.cells) != len(written.facts):
            findings.append(Finding("cells_missing", number, {"cells": len(row.cells), "facts": len(written.facts)}))
    ids = [row.id for row in written.rows]
    findings += [Finding("row_id_twice", 0, {"id": id_}) for id_ in sorted(set(ids)) if ids.count(id_) > 1]
    return findings


def _compiled(
    row: WrittenRow, number: int, facts: Sequence[FactRange], cells: Sequence[Cell], findings: list[Finding]
) -> list[Rule]:
    tests = [cell.condition(fact.name) for fact, cell in zip(facts, cells, strict=True) if cell != Cell(inverted=True)]
    try:
        condition = compile_expression(" and ".join(tests) or "True")
    except ExpressionRefused as refused:
        findings.append(Finding("row_too_complex", number, {"reason": refused.facts["reason"]}))
        return []
    return [Rule(row.id, number, condition, row.outcome, row.words.strip())]


_Box = tuple[int, ...]


class _Space:
    """All combinations of facts, cut where some cell begins or ends. A box is a set of pieces per fact, as bits."""

    def __init__(self, facts: Sequence[FactRange], rows: Sequence[Sequence[Cell]]) -> None:
        self._facts = facts
        self._pieces = [_pieces(fact, [row[n] for row in rows]) for n, fact in enumerate(facts)]
        self._boxes: list[_Box] = [
            tuple(
                sum(1 << bit for bit, value in enumerate(pieces) if cell.has(value))
                for cell, pieces in zip(row, self._pieces, strict=True)
            )
            for row in rows
        ]

    @cached_property
    def whole(self) -> _Box:
        """Everything."""
        return tuple((1 << len(pieces)) - 1 for pieces in self._pieces)

    def faults(self, policy: HitPolicy) -> list[Finding]:
        """Rows that meet under UNIQUE, rows that never count, and one example of what no row covers."""
        findings = []
        left = [self.whole]
        for number, box in enumerate(self._boxes, 1):
            if not all(box):
                empty = next(fact.name for fact, bits in zip(self._facts, box, strict=True) if not bits)
                findings.append(Finding("cell_matches_nothing", number, {"fact": empty}))
                continue
            if policy is HitPolicy.UNIQUE:
                for other, earlier in enumerate(self._boxes[: number - 1], 1):
                    if _meet(box, earlier):
                        example = self._example(tuple(a & b for a, b in zip(box, earlier, strict=True)))
                        findings.append(Finding("rows_overlap", number, {"other": other, "example": example}))
            elif not any(_meet(box, piece) for piece in left):
                findings.append(Finding("row_never_counts", number, {}))
            left = [part for piece in left for part in _minus(piece, box)]
            if len(left) > MAX_BOXES:
                return [*findings, Finding("table_too_tangled", 0, {})]
        if left and not findings:
            findings.append(Finding("not_covered", 0, {"example": self._example(left[0])}))
        return findings

    def _example(self, box: _Box) -> dict[str, Value]:
        values = {}
        for fact, pieces, bits in zip(self._facts, self._pieces, box, strict=True):
            values[fact.name] = next(value for bit, value in enumerate(pieces) if bits >> bit & 1)
        return values


def _pieces(fact: FactRange, cells: Sequence[Cell]) -> list[Value]:
    """One value of each piece of the fact's range within which no cell can tell values apart."""
    none: list[Value] = [None] if fact.missing else []
    if fact.type is not FactType.NUMBER:
        return [*fact.literals, *none]
    starts = {fact.low}
    for cell in cells:
        starts |= {edge for low, high in cell.spans for edge in (low, high + 1)}
    return [*sorted(start for start in starts if fact.low <= start <= fact.high), *none]


def _meet(one: _Box, other: _Box) -> bool:
    return all(a & b for a, b in zip(one, other, strict=True))


def _minus(box: _Box, taken: _Box) -> list[_Box]:
    """`box` without `taken`, in boxes that do not meet."""
    if not _meet(box, taken):
        return [box]
    parts = []
    for n, (mine, theirs) in enumerate(zip(box, taken, strict=True)):
        rest = mine & ~theirs
        if rest:
            shared = tuple(a & b for a, b in zip(box[:n], taken[:n], strict=True))
            parts.append((*shared, rest, *box[n + 1 :]))
    return parts
