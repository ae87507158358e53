"""What units are evaluated by: named facts, each with what it counts for, as of the cut-off, as known at the lock.

A fact has a key of its own, so that a deduction or a tolerance can name it, and the sum of all facts gives the numbers
that formulas read. The fact sheet of a unit is frozen with its hash: the same facts give the same numbers for ever.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from domain.deadlines import ChangeKind

_ID: Final = re.compile("([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Family(StrEnum):
    """Kinds of facts. A scheme uses each family once, so that nothing counts twice; CONTEXT is free for all."""

    CONTEXT = "context"
    COMPLETION = "completion"
    REPORT = "report"
    RETURN = "return"
    LIGHT = "light"
    RECTIFICATION = "rectification"
    CASE = "case"


STRENGTHS: Final = ("firm", "strive", "breakthrough", "ongoing")
"""How hard a deadline is, by which completions are told apart."""

NAMES: Final[Mapping[str, Family]] = {
    "months": Family.CONTEXT,
    "tasks_led": Family.CONTEXT,
    "tasks_joined": Family.CONTEXT,
    **{f"{what}_{strength}": Family.COMPLETION for strength in STRENGTHS for what in ("due", "done", "late")},
    "reports_due": Family.REPORT,
    "reports_on_time": Family.REPORT,
    "reports_late": Family.REPORT,
    "reports_missing": Family.REPORT,
    "parts_due": Family.REPORT,
    "parts_on_time": Family.REPORT,
    "parts_late": Family.REPORT,
    "parts_missing": Family.REPORT,
    "handed_in": Family.RETURN,
    "returned": Family.RETURN,
    "lights_judged": Family.LIGHT,
    "lights_yellow": Family.LIGHT,
    "lights_red": Family.LIGHT,
    "rectifications_due": Family.RECTIFICATION,
    "rectifications_done": Family.RECTIFICATION,
    "cases_submitted": Family.CASE,
    "cases_adopted": Family.CASE,
    "cases_national": Family.CASE,
}
"""Every name that a formula may read, with its family."""

ADVERSE: Final = frozenset({"reports_late", "reports_missing", "parts_late", "parts_missing"}) | {
    "returned",
    "lights_yellow",
    "lights_red",
}
"""Names whose facts a deduction may cite one by one."""

MONTHS_OF_A_YEAR: Final = 12


class Outside(StrEnum):
    """Why an item is not in the denominator (domain notes, invariant 13)."""

    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    WITHDRAWN = "withdrawn"
    HISTORICAL = "historical"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: its key, what it counts for by name, the item it is about, and what a person reads of it.

    `from_unit` is the unit that it was, where a successor inherits it.
    """

    key: str
    family: Family
    counts: Mapping[str, int]
    item_id: UUID | None = None
    about: Mapping[str, str] = field(default_factory=dict)
    from_unit: UUID | None = None

    def to_json(self) -> dict[str, Any]:
        """The fact as it is kept."""
        kept: dict[str, Any] = {"key": self.key, "family": self.family.value, "counts": dict(self.counts)}
        if self.item_id is not None:
            kept["item"] = str(self.item_id)
        if self.about:
            kept["about"] = dict(self.about)
        if self.from_unit is not None:
            kept["from"] = str(self.from_unit)
        return kept

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Fact":
        """The fact that was kept."""
        item, unit = kept.get("item"), kept.get("from")
        return cls(
            kept["key"],
            Family(kept["family"]),
            kept["counts"],
            UUID(item) if item else None,
            kept.get("about", {}),
            UUID(unit) if unit else None,
        )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An item that the unit leads and that does not count, with the reason."""

    item_id: UUID
    reason: Outside


@dataclass(frozen=True, slots=True)
class FactSheet:
    """The facts of one unit over a period: as of `as_of`, as known on `known_on` (both UTC).

    `months` is how many months of the period the unit existed, `inherited` the units whose place it took within it.
    """

    unit_id: UUID
    as_of: datetime
    known_on: datetime
    months: int
    facts: tuple[Fact, ...]
    left_out: tuple[LeftOut, ...] = ()
    inherited: tuple[UUID, ...] = ()

    def numbers(self, without: Collection[str] = frozenset()) -> dict[str, int]:
        """The sum of what all facts count for, by name; facts whose key is in `without` count for nothing."""
        sums = dict.fromkeys(NAMES, 0)
        for fact in self.facts:
            if fact.key not in without:
                for name, count in fact.counts.items():
                    sums[name] += count
        return {**sums, "months": self.months}

    def citing(self, name: str) -> tuple[Fact, ...]:
        """The facts that count for `name`, in the order of their keys."""
        return tuple(fact for fact in self.facts if fact.counts.get(name, 0) > 0)

    def to_json(self) -> dict[str, Any]:
        """The sheet as it is kept: in one order, so that equal facts give equal bytes."""
        return {
            "unit": str(self.unit_id),
            "as_of": self.as_of.astimezone(UTC).isoformat(),
            "known_on": self.known_on.astimezone(UTC).isoformat(),
            "months": self.months,
            "facts": [fact.to_json() for fact in sorted(self.facts, key=lambda fact: fact.key)],
            "left_out": sorted([str(each.item_id), each.reason.value] for each in self.left_out),
            "inherited": sorted(str(unit_id) for unit_id in self.inherited),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "FactSheet":
        """The sheet that was kept."""
        return cls(
            UUID(kept["unit"]),
            datetime.fromisoformat(kept["as_of"]),
            datetime.fromisoformat(kept["known_on"]),
            int(kept["months"]),
            tuple(Fact.from_json(fact) for fact in kept["facts"]),
            tuple(LeftOut(UUID(item_id), Outside(reason)) for item_id, reason in kept["left_out"]),
            tuple(UUID(unit_id) for unit_id in kept["inherited"]),
        )


def digest_of(content: Mapping[str, Any]) -> bytes:
    """The sha256 of JSON content in its one canonical form."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def counted_deadline(changes: Iterable[tuple[str, datetime | None, bool]]) -> datetime | None:
    """The date that a completion is held against: extensions that the lead owes to itself do not move it.

    `changes` are (kind, due date, whether its cause lay outside the lead) in the order of recording. Source: domain
    notes, section 8, extension: scored against the original date unless the cause is outside.
    """
    current, owed = None, timedelta(0)
    for kind, due_at, excused in changes:
        if kind == ChangeKind.EXTENSION and not excused and current is not None and due_at is not None:
            owed += due_at - current
        current = due_at
    return None if current is None else current - owed


def rectifications(item_id: UUID, lights: Sequence[tuple[str, str]], *, ended: bool) -> Iterable[Fact]:
    """What had to be put right on an item: each run of red periods is one, done when a later light is not red, or the
    item has ended. `lights` are (period, light) in the order of the periods; what was not judged changes nothing.
    """
    begun: str | None = None
    for period, light in lights:
        if light == "red":
            begun = begun or period
        elif begun is not None and light != "grey":
            yield _rectification(item_id, begun, period)
            begun = None
    if begun is not None:
        yield _rectification(item_id, begun, "ended" if ended else None)


def _rectification(item_id: UUID, begun: str, done: str | None) -> Fact:
    counts = {"rectifications_due": 1} | ({"rectifications_done": 1} if done else {})
    about = {"since": begun} | ({"until": done} if done else {})
    return Fact(f"rectification:{item_id}:{begun}", Family.RECTIFICATION, counts, item_id, about)


def with_short_keys(facts: Sequence[Fact]) -> list[Fact]:
    """The facts with eight digits of each id in their keys: people read them, and write them when they object.

    The first eight; two of one sheet that would be called alike keep the whole id, whatever order they came in.
    """
    called = Counter(short := [_ID.sub(r"\1", fact.key) for fact in facts])
    return [
        # Not `replace`: a year has two hundred thousand facts, and all of this took half as long again.
        Fact(key, fact.family, fact.counts, fact.item_id, fact.about, fact.from_unit) if called[key] == 1 else fact
        for fact, key in zip(facts, short, strict=True)
    ]
