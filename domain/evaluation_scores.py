"""The score sheet of one unit: every point with what it comes from, adding up to the total.

Pure: the same scheme, facts and entries give the same sheet, in whatever order the entries are read. Each fact is used
once over the whole sheet: what a formula or an earlier deduction used, no later one can cite (domain notes, §9, 9).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from domain.evaluation_facts import FactSheet
from domain.evaluation_scheme import POINTS, ZERO, Part, Scheme, Source, rounded

RATING_MOST: Final = Decimal(10)
"""A partner's rating runs from 0 to 10, whatever its part is worth."""


class EntryKind(StrEnum):
    """What a person put on a sheet. RECHECK replaces a score after an objection; TOLERANCE takes a fact out because
    the unit acted in good faith, LIFT because it was cited wrongly.
    """

    SELF = "self"
    SCORE = "score"
    RATING = "rating"
    RECHECK = "recheck"
    BONUS = "bonus"
    DEDUCTION = "deduction"
    VETO = "veto"
    TOLERANCE = "tolerance"
    LIFT = "lift"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a person put on a sheet, in the order of `number`. `target` is the id of a part, bonus, deduction
    or veto; `fact_key` the fact that it cites; `from_unit` the unit for which the person spoke.
    """

    number: int
    kind: EntryKind
    target: str
    points: Decimal | None = None
    fact_key: str | None = None
    from_unit: UUID | None = None
    reason: str = ""


class LineState(StrEnum):
    """Whether a line counts: scored, not asked of this unit, or still to be scored by somebody."""

    SCORED = "scored"
    NOT_APPLICABLE = "not_applicable"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Line:
    """A part or bonus with its points. `read` are the facts that it read, `row` is the decision table's row, `entries`
    the entries that made it.
    """

    id: str
    label: str
    most: Decimal
    points: Decimal
    state: LineState
    source: Source
    formula: str = ""
    row: str = ""
    read: Mapping[str, int] | None = None
    entries: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A criterion with its lines."""

    id: str
    label: str
    most: Decimal
    points: Decimal
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class DeductionLine:
    """Points off for one fact; zero where the cap was reached before it."""

    id: str
    label: str
    fact_key: str
    points: Decimal
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A fact that was taken out of the sheet, with the reason: what it would have cost stays on record."""

    fact_key: str
    kind: EntryKind
    reason: str


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """`raw` are the points of what applies, out of `applicable`; `base` is the same out of the scheme's total.
    `total` = base + bonus - deducted, never below zero.
    """

    sections: tuple[Section, ...]
    raw: Decimal
    applicable: Decimal
    base: Decimal
    bonus: tuple[Line, ...]
    bonus_points: Decimal
    deductions: tuple[DeductionLine, ...]
    deducted: Decimal
    taken: tuple[Taken, ...]
    vetoes: tuple[str, ...]
    total: Decimal
    waiting: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is left to be scored."""
        return not self.waiting

    @property
    def rated(self) -> bool:
        """Whether anything could be asked of the unit: one without tasks is not rated."""
        return self.applicable > ZERO

    def tie_value(self, id_: str) -> Decimal:
        """What decides between equal totals, larger is better: a criterion's points, or fewer deductions."""
        if id_ == "deductions":
            return -self.deducted
        return next((section.points for section in self.sections if section.id == id_), ZERO)

    def to_json(self) -> dict[str, Any]:
        """The sheet as it is kept and hashed."""
        return {
            "sections": [
                {"id": s.id, "label": s.label, "most": str(s.most), "points": str(s.points), "lines": _lines(s.lines)}
                for s in self.sections
            ],
            "raw": str(self.raw),
            "applicable": str(self.applicable),
            "base": str(self.base),
            "bonus": _lines(self.bonus),
            "bonus_points": str(self.bonus_points),
            "deductions": [
                {"id": d.id, "label": d.label, "fact": d.fact_key, "points": str(d.points), "reason": d.reason}
                for d in self.deductions
            ],
            "deducted": str(self.deducted),
            "taken": [{"fact": t.fact_key, "kind": t.kind.value, "reason": t.reason} for t in self.taken],
            "vetoes": list(self.vetoes),
            "total": str(self.total),
            "waiting": list(self.waiting),
        }


def _lines(lines: Iterable[Line]) -> list[dict[str, Any]]:
    return [
        {
            "id": line.id,
            "label": line.label,
            "most": str(line.most),
            "points": str(line.points),
            "state": line.state.value,
            "source": line.source.value,
            "formula": line.formula,
            "row": line.row,
            "read": dict(line.read) if line.read is not None else None,
            "entries": list(line.entries),
        }
        for line in lines
    ]


def score(scheme: Scheme, facts: FactSheet, entries: Sequence[Entry]) -> ScoreSheet:
    """The sheet of a unit. Raises ExpressionFailed for a formula that its facts do not allow."""
    ordered = sorted(entries, key=lambda entry: entry.number)
    taken = _taken(ordered)
    numbers = facts.numbers(taken.keys())
    rated = bool(numbers["tasks_led"] or numbers["tasks_joined"])
    sections = []
    for criterion in scheme.criteria:
        lines = tuple(_line(part, numbers, ordered, rated=rated) for part in criterion.parts)
        points = sum((line.points for line in lines), ZERO)
        sections.append(Section(criterion.id, criterion.label, criterion.points, points, lines))
    lines = tuple(line for section in sections for line in section.lines)
    raw = sum((line.points for line in lines), ZERO)
    applicable = sum((line.most for line in lines if line.state is not LineState.NOT_APPLICABLE), ZERO)
    base = rounded(raw * scheme.total / applicable) if applicable else ZERO
    bonus = tuple(_bonus(part, numbers, ordered, rated=rated) for part in scheme.bonus)
    bonus_points = min(scheme.bonus_cap, sum((line.points for line in bonus), ZERO))
    deductions = tuple(_deductions(scheme, facts, ordered, taken)) if rated else ()
    deducted = sum((line.points for line in deductions), ZERO)
    return ScoreSheet(
        sections=tuple(sections),
        raw=raw,
        applicable=applicable,
        base=base,
        bonus=bonus,
        bonus_points=bonus_points,
        deductions=deductions,
        deducted=deducted,
        taken=tuple(taken[key] for key in sorted(taken)),
        vetoes=_vetoes(scheme, ordered),
        total=max(ZERO, base + bonus_points - deducted),
        waiting=tuple(line.id for line in lines if line.state is LineState.WAITING),
    )


def _taken(entries: Sequence[Entry]) -> dict[str, Taken]:
    """The facts that were taken out, by key; the last ruling on each stands."""
    return {
        entry.fact_key: Taken(entry.fact_key, entry.kind, entry.reason)
        for entry in entries
        if entry.kind in {EntryKind.TOLERANCE, EntryKind.LIFT} and entry.fact_key
    }


def _line(part: Part, numbers: Mapping[str, int], entries: Sequence[Entry], *, rated: bool) -> Line:
    if not rated:
        return Line(part.id, part.label, part.points, ZERO, LineState.NOT_APPLICABLE, part.source)
    rechecked = [e for e in entries if e.target == part.id and e.kind is EntryKind.RECHECK and e.points is not None]
    if rechecked:
        last = rechecked[-1]
        return _scored(part, last.points or ZERO, [last])
    if part.source is Source.FACTS:
        return _computed(part, numbers)
    if part.source is Source.MUTUAL:
        given = _latest(part.id, EntryKind.RATING, entries)
        if not given:
            return Line(part.id, part.label, part.points, ZERO, LineState.NOT_APPLICABLE, part.source)
        return _scored(part, _mean(given) * part.points / RATING_MOST, given)
    given = _latest(part.id, EntryKind.SCORE, entries)
    if not given:
        return Line(part.id, part.label, part.points, ZERO, LineState.WAITING, part.source)
    return _scored(part, _mean(given), given)


def _bonus(part: Part, numbers: Mapping[str, int], entries: Sequence[Entry], *, rated: bool) -> Line:
    """A bonus is given or not: nobody has to score it."""
    if rated and part.source is Source.FACTS:
        return _computed(part, numbers)
    given = [entry for entry in entries if entry.kind is EntryKind.BONUS and entry.target == part.id][-1:]
    if rated and given:
        return _scored(part, _mean(given), given)
    return Line(part.id, part.label, part.points, ZERO, LineState.NOT_APPLICABLE, part.source)


def _scored(part: Part, points: Decimal, entries: Sequence[Entry]) -> Line:
    capped = min(part.points, max(ZERO, rounded(points)))
    numbers = tuple(entry.number for entry in entries)
    return Line(part.id, part.label, part.points, capped, LineState.SCORED, part.source, entries=numbers)


def _computed(part: Part, numbers: Mapping[str, int]) -> Line:
    measure = part.measure
    assert measure is not None
    read = {name: numbers[name] for name in sorted(measure.names)}
    row, value = "", None
    if measure.table is not None:
        rule = measure.table.decide(numbers)
        row, value = rule.words, Decimal(rule.outcome)
    elif measure.formula is not None:
        result = measure.formula.evaluate({**numbers, POINTS: float(part.points)})
        value = None if result is None else rounded(result)
    state = LineState.NOT_APPLICABLE if value is None else LineState.SCORED
    points = ZERO if value is None else min(part.points, max(ZERO, value))
    return Line(part.id, part.label, part.points, points, state, part.source, measure.source, row, read)


def _latest(target: str, kind: EntryKind, entries: Sequence[Entry]) -> list[Entry]:
    """The last entry of each unit that scored the part: who changes a score replaces it."""
    by_unit = {entry.from_unit: entry for entry in entries if entry.kind is kind and entry.target == target}
    return sorted(by_unit.values(), key=lambda entry: entry.number)


def _mean(entries: Sequence[Entry]) -> Decimal:
    return sum((entry.points or ZERO for entry in entries), ZERO) / len(entries)


def _deductions(
    scheme: Scheme, facts: FactSheet, entries: Sequence[Entry], taken: Mapping[str, Taken]
) -> Iterable[DeductionLine]:
    used: set[str] = set(taken)
    left_in_all = scheme.deduction_cap
    for kind in scheme.deductions:
        cited = [(fact.key, kind.each, "") for fact in facts.citing(kind.fact)] if kind.fact else []
        cited += [
            (entry.fact_key or "", entry.points or ZERO, entry.reason)
            for entry in entries
            if entry.kind is EntryKind.DEDUCTION and entry.target == kind.id
        ]
        left = kind.cap
        for key, points, reason in cited:
            if key in used:
                continue
            used.add(key)
            off = min(points, left, left_in_all)
            left, left_in_all = left - off, left_in_all - off
            yield DeductionLine(kind.id, kind.label, key, off, reason)


def _vetoes(scheme: Scheme, entries: Sequence[Entry]) -> tuple[str, ...]:
    lifted = {entry.target for entry in entries if entry.kind is EntryKind.LIFT and not entry.fact_key}
    raised = {entry.target for entry in entries if entry.kind is EntryKind.VETO} - lifted
    return tuple(veto.id for veto in scheme.vetoes if veto.id in raised)
