"""Rules of 复制推广: who scores, what a case claims and names, how far the city's power reaches, what is the same case.

After `domain.md` P6, §1.4, §5.6 and invariant 12. Nothing here reads or writes.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from uuid import UUID

from domain.messages.lights import ENUMERATION
from domain.messages.replication import (
    CLAIM_PATTERN,
    ELSEWHERE_NAMES,
    FIRM_PATTERN,
    FIRM_SUFFIX,
    MASK_MARKS,
    MASKED_FIRM,
    RANGE_NAMES,
)
from domain.replication_errors import (
    ClaimUnproven,
    ConsentUnproven,
    DossierTooLong,
    ExpertNotIndependent,
    ExpertTwice,
    FirmNotListed,
    PanelTooSmall,
    RangeWithoutUnits,
)
from domain.replication_states import RangeKind
from domain.units import UnitKind

MOST_CHARACTERS: Final = 3000
"""Of the four parts of the case together (P6 step 2)."""
FEWEST_SCORES: Final = 3
LONG_PARTS: Final = ("background", "practices", "results", "next_steps")
"""The case in the structure of §5.6."""
ABOUT_PARTS: Final = ("innovation", "replicability", "risks", "policy_basis")

_WEIGHTS: Final[Mapping[str, Decimal]] = {
    "innovation": Decimal("0.30"),
    "effect": Decimal("0.30"),
    "replicability": Decimal("0.25"),
    "risk": Decimal("0.15"),
}
_CLAIM: Final = re.compile(CLAIM_PATTERN)
_FIRM: Final = re.compile(FIRM_PATTERN)
_SUFFIX: Final = re.compile(FIRM_SUFFIX)
_SHORTEST_STEM: Final = 3
ALIKE: Final = 0.55
"""From this likeness on a person says whether two cases are the same reform."""


ELSEWHERE: Final[Mapping[RangeKind, tuple[str, ...]]] = {kind: ELSEWHERE_NAMES.get(kind, ()) for kind in RangeKind}
"""Whom a letter asks, because the city assigns nothing there (invariant 12)."""
_AREAS: Final = frozenset({UnitKind.DISTRICT, UnitKind.FUNCTIONAL_AREA})
_ASKED: Final = frozenset({UnitKind.CENTRAL_BRANCH, UnitKind.COURT})


@dataclass(frozen=True, slots=True)
class RangeUnit:
    """A unit of the registry as the range sees it."""

    id: UUID
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Reach:
    """Who gets the case as a task, and who is asked by letter."""

    assigned: tuple[UUID, ...]
    asked: tuple[str, ...]


def reach(
    kind: RangeKind, registry: Sequence[RangeUnit], listed: Collection[UUID], applicants: Collection[UUID]
) -> Reach:
    """Whom a range assigns to and whom it asks.

    Inside the city the districts and functional areas take it up (only those named, for some districts), and the
    units that are named besides; an applicant has it already. Central branches and courts are not under the city, and
    what is outside it even less: they get a letter, never an assignment (`domain.md` §1.3, §1.4, invariant 12).

    Raises RangeWithoutUnits when some districts are meant and none is named.
    """
    chosen = [
        unit
        for unit in registry
        if unit.id in listed or (kind is not RangeKind.DISTRICTS and UnitKind(unit.kind) in _AREAS)
    ]
    chosen = [unit for unit in chosen if unit.id not in applicants]
    assigned = tuple(unit.id for unit in chosen if UnitKind(unit.kind) not in _ASKED)
    asked = tuple(unit.name for unit in chosen if UnitKind(unit.kind) in _ASKED)
    if not assigned and not asked and not ELSEWHERE[kind]:
        raise RangeWithoutUnits(kind, range=RANGE_NAMES[kind])
    return Reach(assigned, (*asked, *ELSEWHERE[kind]))


def beyond_the_city(kind: RangeKind) -> bool:
    """Whether the range leaves the city's power."""
    return bool(ELSEWHERE[kind])


@dataclass(frozen=True, slots=True)
class Expert:
    """A unit that sends an expert."""

    unit_id: UUID
    name: str


def check_panel(experts: Sequence[Expert], applicants: Collection[UUID], heard: Collection[UUID] = ()) -> None:
    """Refuse a panel that is too small or not independent; `heard` are the units of experts who scored before.

    At least three, no two of one unit, none of an applicant's (P6 step 5, invariant 6).
    Raises PanelTooSmall, ExpertTwice, ExpertNotIndependent.
    """
    counted = Counter(expert.unit_id for expert in experts)
    for expert in experts:
        if counted[expert.unit_id] > 1 or expert.unit_id in heard:
            raise ExpertTwice(str(expert.unit_id), unit=expert.name)
        if expert.unit_id in applicants:
            raise ExpertNotIndependent(str(expert.unit_id), unit=expert.name)
    if len(experts) + len(set(heard)) < FEWEST_SCORES:
        raise PanelTooSmall(str(len(experts)), count=len(experts) + len(set(heard)), least=FEWEST_SCORES)


@dataclass(frozen=True, slots=True)
class Score:
    """One expert's four marks, 0 to 100; the lower the risk, the higher its mark."""

    innovation: int
    effect: int
    replicability: int
    risk: int

    def total(self) -> Decimal:
        """The weighted mark with one decimal: 30 % innovation and effect each, 25 % replicability, 15 % risk."""
        exact = sum((weight * getattr(self, name) for name, weight in _WEIGHTS.items()), Decimal(0))
        return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


def mean_total(scores: Sequence[Score]) -> Decimal | None:
    """The mean of the experts' marks; None while there are fewer than three."""
    if len(scores) < FEWEST_SCORES:
        return None
    exact = sum((score.total() for score in scores), Decimal(0)) / len(scores)
    return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


def length_of(dossier: Mapping[str, object]) -> int:
    """Characters of the four parts, white space apart."""
    return sum(len("".join(str(dossier.get(part) or "").split())) for part in LONG_PARTS)


def text_of(dossier: Mapping[str, object]) -> str:
    """Everything of the case that is prose."""
    return "\n".join(str(dossier.get(part) or "") for part in (*LONG_PARTS, *ABOUT_PARTS))


def check_length(dossier: Mapping[str, object]) -> None:
    """Raises DossierTooLong above 3000 characters."""
    if (length := length_of(dossier)) > MOST_CHARACTERS:
        raise DossierTooLong(str(length), length=length, most=MOST_CHARACTERS)


def claims_in(text: str) -> tuple[str, ...]:
    """Claims to be first, such as 全国首单, each once in the order of the text."""
    return tuple(dict.fromkeys(_CLAIM.findall(text)))


def check_claims(text: str, proofs: Iterable[str]) -> None:
    """Every claim to be first needs evidence that says it proves it. Raises ClaimUnproven."""
    said = "\n".join(proofs)
    open_claims = [claim for claim in claims_in(text) if claim not in said]
    if open_claims:
        raise ClaimUnproven(open_claims[0], claims=ENUMERATION.join(open_claims))


@dataclass(frozen=True, slots=True)
class Firm:
    """An enterprise that a case names, and whether it agrees to be named in public."""

    name: str
    consents: bool


def firms_of(dossier: Mapping[str, object]) -> tuple[Firm, ...]:
    """The enterprises that the nomination lists."""
    rows = dossier.get("firms")
    if not isinstance(rows, list):
        return ()
    return tuple(Firm(str(row["name"]).strip(), bool(row.get("consents"))) for row in rows if row.get("name"))


def check_firms(text: str, firms: Sequence[Firm], proofs: Iterable[str]) -> None:
    """Every enterprise that is named is listed, and every consent has its evidence.

    Raises FirmNotListed, ConsentUnproven.
    """
    listed = [firm.name for firm in firms]
    for found in _FIRM.findall(text):
        # The words before a name cannot be told from it: what counts is that it ends with one that is listed.
        if not any(found.endswith(name) for name in listed):
            raise FirmNotListed(found, firm=found[-20:])
    said = "\n".join(proofs)
    for firm in firms:
        if firm.consents and firm.name not in said:
            raise ConsentUnproven(firm.name, firm=firm.name)


def mask_firms(text: str, firms: Sequence[Firm]) -> str:
    """The public version: who does not agree is numbered in the list's order, wherever name or stem stands."""
    hidden = [firm.name for firm in firms if not firm.consents and firm.name]
    words: list[tuple[str, str]] = []
    for position, name in enumerate(dict.fromkeys(hidden)):
        mark = _mark(position)
        words.append((name, MASKED_FIRM.format(mark=mark)))
        stem = _SUFFIX.sub("", name)
        if stem != name and len(stem) >= _SHORTEST_STEM:
            words.append((stem, MASKED_FIRM.format(mark=mark)))
    if not words:
        return text
    replacements = dict(reversed(words))
    longest_first = sorted(replacements, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda found: replacements[found[0]], text)


def _mark(position: int) -> str:
    row, column = divmod(position, len(MASK_MARKS))
    return MASK_MARKS[column] + (str(row + 1) if row else "")


def likeness(one: str, other: str) -> float:
    """How alike two titles are, 0 to 1: the share of common pairs of neighbouring characters (Dice)."""
    first, second = _pairs(one), _pairs(other)
    total = first.total() + second.total()
    return 2 * (first & second).total() / total if total else 0.0


def _pairs(text: str) -> Counter[str]:
    plain = "".join(re.findall(r"\w", text.casefold()))
    return Counter(plain[at : at + 2] for at in range(len(plain) - 1)) if len(plain) > 1 else Counter([plain])


@dataclass(frozen=True, slots=True)
class Known:
    """A case that was published before: in a batch of the city's, or in a national list."""

    id: UUID
    title: str
    source: str


@dataclass(frozen=True, slots=True)
class Alike:
    """A known case that may be the same reform."""

    known: Known
    likeness: float


def alike(title: str, known: Iterable[Known], *, least: float = ALIKE) -> tuple[Alike, ...]:
    """Known cases whose title is so like this one that a person has to say whether they are the same."""
    found = [Alike(each, round(likeness(title, each.title), 3)) for each in known]
    return tuple(sorted((a for a in found if a.likeness >= least), key=lambda a: (-a.likeness, a.known.title)))
