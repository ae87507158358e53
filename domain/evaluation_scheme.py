"""The scheme of an evaluation as data, and what keeps it from being saved.

Source of the default: domain notes, section 5.4. Points are decimals of two places; everything must add up before
anybody is judged by it: parts to their criterion, criteria to the total, and each family of facts is read once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from domain.decision_tables import DecisionTable
from domain.evaluation_facts import ADVERSE, NAMES, Family
from domain.expressions import Expression

CENT: Final = Decimal("0.01")
ZERO: Final = Decimal("0.00")
POINTS: Final = "points"
"""The name under which a formula reads how many points its part has."""


def rounded(value: Decimal | float) -> Decimal:
    """`value` in points of two places, half up, as offices round."""
    return Decimal(str(value)).quantize(CENT, ROUND_HALF_UP)


class Source(StrEnum):
    """Where a score comes from: computed, given by a person of the office (for the host: of the assessment group), or
    the average of what partners gave.
    """

    FACTS = "facts"
    OFFICE = "office"
    MUTUAL = "mutual"


@dataclass(frozen=True, slots=True)
class Measure:
    """How a score is computed from facts: a formula or a table of decisions, whose outcomes are points."""

    formula: Expression | None = None
    table: DecisionTable | None = None

    @property
    def names(self) -> frozenset[str]:
        """The facts that it reads."""
        if self.formula is not None:
            return self.formula.names - {POINTS}
        return frozenset(fact.name for fact in self.table.facts) if self.table is not None else frozenset()

    @property
    def source(self) -> str:
        """The formula as it was written; empty for a table."""
        return self.formula.source if self.formula is not None else ""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is scored, with the most points it can give; `how` says in words how."""

    id: str
    label: str
    points: Decimal
    source: Source
    measure: Measure | None = None
    how: str = ""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A heading of the sheet; its parts add up to its points."""

    id: str
    label: str
    points: Decimal
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Deduction:
    """`each` points off per fact that counts for `fact`, or as the office says where there is none; `cap` at most."""

    id: str
    label: str
    each: Decimal
    cap: Decimal
    fact: str | None = None


@dataclass(frozen=True, slots=True)
class Veto:
    """What makes a unit fail whatever else it did, such as falsified evidence."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Group:
    """Units that are compared with each other; those of a group that is not ranked are shown only."""

    id: str
    label: str
    kinds: frozenset[str]
    ranked: bool


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade, from so many points on."""

    id: str
    label: str
    least: Decimal


@dataclass(frozen=True, slots=True)
class Ceiling:
    """At most this share of a group's rated units have the best grade, and `at_least` so many may."""

    share: Decimal
    at_least: int

    def of(self, units: int) -> int:
        """How many of so many units may have the best grade."""
        return min(units, max(self.at_least, int(self.share * units)))


@dataclass(frozen=True, slots=True)
class Scheme:
    """A checked scheme. `grades` run from the best; `tie` are ids of criteria, or `deductions` (fewer is better)."""

    title: str
    total: Decimal
    criteria: tuple[Criterion, ...]
    bonus: tuple[Part, ...]
    bonus_cap: Decimal
    deductions: tuple[Deduction, ...]
    deduction_cap: Decimal
    vetoes: tuple[Veto, ...]
    groups: tuple[Group, ...]
    grades: tuple[Grade, ...]
    ceiling: Ceiling | None
    tie: tuple[str, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of all criteria in printed order."""
        return tuple(part for criterion in self.criteria for part in criterion.parts)

    @property
    def placed(self) -> tuple[tuple[str, Part], ...]:
        """Parts and bonus kinds, each with the field of the JSON in which its measure is written."""
        found = [
            (f"criteria.{at}.parts.{row}", part)
            for at, criterion in enumerate(self.criteria)
            for row, part in enumerate(criterion.parts)
        ]
        found += [(f"bonus.kinds.{at}", part) for at, part in enumerate(self.bonus)]
        return tuple((f"{place}.{_written_as(part)}", part) for place, part in found)

    def part(self, id_: str) -> Part | None:
        """The part or bonus of this id."""
        return next((part for part in (*self.parts, *self.bonus) if part.id == id_), None)

    def group_of(self, kind: str) -> Group | None:
        """The group in which a unit of this kind is compared."""
        return next((group for group in self.groups if kind in group.kinds), None)


def _written_as(part: Part) -> str:
    return "table" if part.measure is not None and part.measure.table is not None else "formula"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a scheme is refused: a stable code, what its sentence names, and the field of the JSON that it is about, such
    as `criteria.0.parts.1.formula`; empty where it is about the whole.
    """

    code: str
    args: Mapping[str, object]
    at: str = ""


def sums_faults(total: Decimal, criteria: Sequence[Criterion]) -> list[Fault]:
    """Criteria that do not add up to the total, and parts that do not add up to their criterion."""
    faults = []
    for at, criterion in enumerate(criteria):
        given = sum((part.points for part in criterion.parts), ZERO)
        if given != criterion.points:
            args = {"criterion": criterion.label, "sum": str(given), "points": str(criterion.points)}
            faults.append(Fault("parts_sum", args, f"criteria.{at}.points"))
    given = sum((criterion.points for criterion in criteria), ZERO)
    if given != total:
        faults.append(Fault("criteria_sum", {"sum": str(given), "total": str(total)}, "total"))
    return faults


def usage_faults(scheme: Scheme) -> list[Fault]:
    """Facts that nobody collects, and families of facts that more than one part, bonus or deduction would use."""
    faults = []
    used: dict[Family, str] = {}
    deductions = scheme.deductions
    wanted: list[tuple[str, str, frozenset[str]]] = [
        (place, part.label, part.measure.names) for place, part in scheme.placed if part.measure is not None
    ]
    wanted += [(_place(at), each.label, frozenset({each.fact})) for at, each in enumerate(deductions) if each.fact]
    for place, label, names in wanted:
        families = {NAMES[name] for name in names if name in NAMES} - {Family.CONTEXT}
        for family in sorted(families):
            # Deductions may share a family, such as yellow and red lights, as long as no fact is cited twice.
            first = used.setdefault(family, label)
            shared = {each.label for each in deductions if each.fact is not None and NAMES.get(each.fact) is family}
            if first != label and not {first, label} <= shared:
                args = {"family": family.value, "first": first, "second": label}
                faults.append(Fault("family_twice", args, place))
    return faults + _cited_faults(deductions)


def _place(at: int) -> str:
    return f"deductions.kinds.{at}.fact"


def _cited_faults(deductions: Sequence[Deduction]) -> list[Fault]:
    """Deductions by a fact that is not known, that no unit can be blamed for, or that another one cites."""
    faults = []
    by_fact: dict[str, str] = {}
    for at, each in enumerate(deductions):
        if each.fact is None:
            continue
        args: dict[str, object] = {}
        if each.fact not in NAMES:
            code, args = "fact_unknown", {"where": each.label, "names": each.fact}
        elif each.fact not in ADVERSE:
            code, args = "fact_not_adverse", {"where": each.label, "name": each.fact}
        elif by_fact.setdefault(each.fact, each.label) != each.label:
            code, args = "fact_twice", {"name": each.fact, "first": by_fact[each.fact], "second": each.label}
        else:
            continue
        faults.append(Fault(code, args, _place(at)))
    return faults


def grades_faults(grades: Sequence[Grade]) -> list[Fault]:
    """Grades that do not run down from the best to one that every unit reaches."""
    lows = [grade.least for grade in grades]
    if not lows or lows != sorted(set(lows), reverse=True) or lows[-1] != ZERO:
        return [Fault("grades_order", {"grades": [f"{grade.label} {grade.least}" for grade in grades]}, "grades")]
    return []
