"""Who is meant by a printed name of a unit: a pure lookup, for the dry run and behind the stored registry.

A name is found exactly, by a recorded alias, or by a rule that holds for a whole class of names (天津市商务局 is
市商务局). Likeness never decides: it only proposes candidates to a person, because a wrong unit silently made
responsible is worse than a question.
"""

import collections
import csv
import dataclasses
import enum
import functools
import importlib.resources
import io
import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from domain.units import UnitKind
from importers.grammar.characters import half_width, squeeze, to_simplified


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


@dataclasses.dataclass(frozen=True, slots=True)
class UnitRecord:
    """One unit of a registry. `name` is the short name it goes by in documents; validity is ISO dates or empty."""

    name: str
    official_name: str
    kind: UnitKind
    parent: str = ""
    valid_from: str = ""
    valid_to: str = ""
    successor: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class AliasRecord:
    """Another name of a unit: `spelling` for a way to write it, `former` for what it was called before."""

    alias: str
    unit: str
    kind: str = "spelling"
    valid_from: str = ""
    valid_to: str = ""


# Longer "names" are damaged cells: looking for what resembles them would cost time and help nobody.
_LONGEST_NAME = 60
_CANDIDATES = 3
_ALIKE = 0.5
_CACHED_NAMES = 20_000
_LEGAL_FORMS = re.compile(r"(?<=区|县|市|州|旗)政府$")
_CITY = re.compile(r"([\u4e00-\u9fff]{1,5}?)市")


class StaticRegistry:
    """A registry held in memory.

    Rules tried after the recorded names, each for a whole class: the city's own name in front (江北市商务局 for
    市商务局, 江北市云湖区人民政府 for 云湖区人民政府), 区政府 for 区人民政府, and 市 for the city's name.
    """

    def __init__(self, units: Iterable[UnitRecord], aliases: Iterable[AliasRecord] = ()) -> None:
        self._units = {unit.name: unit for unit in units}
        self._recorded: dict[str, tuple[str, MatchBasis]] = {}
        self._city = self._city_name()
        for unit in self._units.values():
            self._record(unit.name, unit.name, MatchBasis.EXACT)
        for unit in self._units.values():
            self._record(unit.official_name, unit.name, MatchBasis.EXACT)
            if self._city and unit.official_name.startswith(self._city + "市"):
                self._record(unit.official_name.removeprefix(self._city), unit.name, MatchBasis.RULE)
        for alias in aliases:
            if alias.unit in self._units:
                former = alias.kind == "former"
                self._record(alias.alias, alias.unit, MatchBasis.SUCCESSOR if former else MatchBasis.ALIAS)
        self._by_pair: dict[str, set[str]] = collections.defaultdict(set)
        for key in self._recorded:
            for pair in _pairs(key):
                self._by_pair[pair].add(key)
        self._cached = functools.lru_cache(_CACHED_NAMES)(self._find)

    @classmethod
    def from_csv(cls, units: str, aliases: str = "") -> "StaticRegistry":
        """Read the text of two tables with the columns of UnitRecord and AliasRecord.

        Raises ValueError for an unknown kind, TypeError for an unknown column, KeyError for a missing kind.
        """
        known = [UnitRecord(kind=UnitKind(row.pop("kind")), **row) for row in csv.DictReader(io.StringIO(units))]
        return cls(known, [AliasRecord(**row) for row in csv.DictReader(io.StringIO(aliases))])

    def units(self) -> Iterator[UnitRecord]:
        """Every unit, in the registry's order."""
        return iter(self._units.values())

    def names(self) -> Iterable[str]:
        """Every official name, short name and alias, in comparable form."""
        return self._recorded.keys()

    def lookup(self, printed: str) -> UnitMatch:
        """Find the unit that `printed` names. Never raises; an unknown name has `unit` None."""
        if len(printed) > _LONGEST_NAME:
            return UnitMatch(printed, None)
        return self._cached(printed)

    def _city_name(self) -> str:
        """The city whose 市 is left out in short names, without that 市; empty if the units do not show it."""
        named = (_CITY.match(unit.official_name) for unit in self._units.values() if unit.name.startswith("市"))
        cities = collections.Counter(match[1] for match in named if match)
        return cities.most_common(1)[0][0] if cities else ""

    def _record(self, name: str, unit: str, basis: MatchBasis) -> None:
        if name:
            self._recorded.setdefault(_key(name), (unit, basis))

    def _find(self, printed: str) -> UnitMatch:
        key = _key(printed)
        for form, by_rule in self._forms(key):
            if form in self._recorded:
                unit, basis = self._recorded[form]
                current = self._current(unit)
                if current.name != unit:
                    basis = MatchBasis.SUCCESSOR
                elif by_rule:
                    basis = MatchBasis.RULE
                return UnitMatch(printed, current.name, current.kind, basis)
        return UnitMatch(printed, None, candidates=self._alike(key))

    def _forms(self, key: str) -> Iterator[tuple[str, bool]]:
        """The ways `key` may be recorded, and whether a rule made them."""
        full = _LEGAL_FORMS.sub("人民政府", key)
        yield key, False
        yield full, True
        if self._city and full.startswith(self._city + "市"):
            yield full.removeprefix(self._city), True
            yield full.removeprefix(self._city + "市"), True

    def _current(self, name: str) -> UnitRecord:
        """The unit that took over from `name`, at the end of the chain of successors."""
        unit, seen = self._units[name], {name}
        while unit.successor in self._units and unit.successor not in seen:
            seen.add(unit.successor)
            unit = self._units[unit.successor]
        return unit

    def _alike(self, key: str) -> tuple[str, ...]:
        """Names of units written most like `key` (Dice's coefficient of character pairs), for a person to choose."""
        pairs = _pairs(key)
        shared = collections.Counter(name for pair in pairs for name in self._by_pair.get(pair, ()))
        scored = ((2 * count / (len(pairs) + len(_pairs(name))), name) for name, count in shared.items())
        best = sorted((score for score in scored if score[0] >= _ALIKE), key=lambda item: (-item[0], item[1]))
        units = (self._current(self._recorded[name][0]).name for _, name in best)
        return tuple(dict.fromkeys(units))[:_CANDIDATES]


def _key(name: str) -> str:
    return to_simplified(half_width(squeeze(name)))


@functools.lru_cache(_CACHED_NAMES)
def _pairs(key: str) -> frozenset[str]:
    return frozenset(key[index : index + 2] for index in range(len(key) - 1))


@functools.cache
def packaged_registry() -> StaticRegistry:
    """The registry that comes with the program, for reading documents before any database exists."""
    data = importlib.resources.files("importers") / "data"
    return StaticRegistry.from_csv(
        (data / "units.csv").read_text(encoding="utf-8"), (data / "unit_aliases.csv").read_text(encoding="utf-8")
    )
