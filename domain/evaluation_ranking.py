"""Ranks and grades within comparable groups: who shares a rank, who is shown only, and how many may be best.

Pure, and blind to the order in which the units are given.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.evaluation_scheme import Grade, Group, Scheme
from domain.evaluation_scores import ScoreSheet


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit with its sheet, and the group in which it is compared."""

    unit_id: UUID
    name: str
    group: Group
    sheet: ScoreSheet


class Remark(StrEnum):
    """Why a unit has no rank, or a lower grade than its points would give."""

    NO_TASKS = "no_tasks"
    SHOWN_ONLY = "shown_only"
    VETOED = "vetoed"
    CEILING = "ceiling"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a unit stands: `rank` from 1 within its group, shared by equals; None where it is not ranked."""

    unit_id: UUID
    name: str
    group_id: str
    total: Decimal
    rank: int | None
    grade: str | None
    remark: Remark | None = None


def standings(scheme: Scheme, candidates: Iterable[Candidate]) -> tuple[Standing, ...]:
    """All units, by group in the scheme's order, then by rank, then by name."""
    found: list[Standing] = []
    listed = list(candidates)
    for group in scheme.groups:
        members = [candidate for candidate in listed if candidate.group.id == group.id]
        found += _of_group(scheme, group, members)
    return tuple(found)


def _of_group(scheme: Scheme, group: Group, members: Sequence[Candidate]) -> list[Standing]:
    rated = [candidate for candidate in members if candidate.sheet.rated]
    shown = [_unranked(candidate, Remark.NO_TASKS, None) for candidate in members if not candidate.sheet.rated]
    if not group.ranked:
        shown += [_unranked(candidate, Remark.SHOWN_ONLY, None) for candidate in rated]
        return sorted(shown, key=_place)
    worst = scheme.grades[-1].id
    shown += [_unranked(candidate, Remark.VETOED, worst) for candidate in rated if candidate.sheet.vetoes]
    ranked = _ranked(scheme, [candidate for candidate in rated if not candidate.sheet.vetoes])
    return sorted([*_under_ceiling(scheme, ranked, len(rated)), *shown], key=_place)


def _unranked(candidate: Candidate, remark: Remark, grade: str | None) -> Standing:
    return Standing(candidate.unit_id, candidate.name, candidate.group.id, candidate.sheet.total, None, grade, remark)


def _place(standing: Standing) -> tuple[bool, int, Decimal, str, str]:
    rank = standing.rank
    return (rank is None, rank or 0, -standing.total, standing.name, str(standing.unit_id))


def _ranked(scheme: Scheme, candidates: Sequence[Candidate]) -> list[Standing]:
    """Equal totals are told apart by the scheme's tie rule; what it cannot tell apart shares the rank."""

    def strength(candidate: Candidate) -> tuple[Decimal, ...]:
        return (candidate.sheet.total, *(candidate.sheet.tie_value(id_) for id_ in scheme.tie))

    strengths = [strength(candidate) for candidate in candidates]
    return [
        Standing(
            candidate.unit_id,
            candidate.name,
            candidate.group.id,
            candidate.sheet.total,
            1 + sum(other > own for other in strengths),
            _grade(scheme.grades, candidate.sheet.total).id,
        )
        for candidate, own in zip(candidates, strengths, strict=True)
    ]


def _grade(grades: Sequence[Grade], total: Decimal) -> Grade:
    return next((grade for grade in grades if total >= grade.least), grades[-1])


def _under_ceiling(scheme: Scheme, ranked: Sequence[Standing], rated: int) -> list[Standing]:
    """No more best grades than the ceiling allows: of units that share a rank all have it, or none."""
    if scheme.ceiling is None or len(scheme.grades) == 1:
        return list(ranked)
    most = scheme.ceiling.of(rated)
    best, next_best = scheme.grades[0].id, scheme.grades[1].id
    kept = []
    for standing in ranked:
        at_or_above = sum((other.rank or 0) <= (standing.rank or 0) for other in ranked)
        beyond = standing.grade == best and at_or_above > most
        kept.append(replace(standing, grade=next_best, remark=Remark.CEILING) if beyond else standing)
    return kept
