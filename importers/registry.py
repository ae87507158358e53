"""Who is meant by a printed name of a unit: a pure lookup, for the dry run and behind the stored registry.

A name is found exactly, by a recorded alias, or by a rule that holds for a whole class of names (天津市商务局 is
市商务局). Likeness never decides: it only proposes candidates to a person, because a wrong unit silently made
responsible is worse than a question.
"""

import dataclasses
import enum
from collections.abc import Iterable
from typing import Protocol


class UnitKind(enum.StrEnum):
    """What a unit is; decides whether the city may assign to it or only ask (domain notes §1.3)."""

    DEPARTMENT = "department"
    DISTRICT = "district"
    CENTRAL_BRANCH = "central_branch"
    ENTERPRISE = "enterprise"
    COURT = "court"
    FUNCTIONAL_AREA = "functional_area"
    GROUP = "group"
    OTHER = "other"


class MatchBasis(enum.StrEnum):
    """Why a printed name was taken for a unit."""

    EXACT = "exact"
    ALIAS = "alias"
    SUCCESSOR = "successor"
    RULE = "rule"


@dataclasses.dataclass(frozen=True, slots=True)
class UnitMatch:
    """The answer for one printed name: `unit` is the registry's name or None; `candidates` are for a person only."""

    printed: str
    unit: str | None
    kind: UnitKind | None = None
    basis: MatchBasis | None = None
    candidates: tuple[str, ...] = ()


class UnitRegistry(Protocol):
    """What recognition needs of a registry."""

    def lookup(self, printed: str) -> UnitMatch:
        """Find the unit that `printed` names. Never raises; an unknown name has `unit` None."""
        ...

    def names(self) -> Iterable[str]:
        """Every official name, short name and alias, as written in the registry."""
        ...
