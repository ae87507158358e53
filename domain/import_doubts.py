"""What a person still has to settle about an imported row, and how pressing it is."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

LEAD_MISSING = "lead_missing"
OPEN_LIST = "open_list"
GROUP = "group"
UNIT_UNKNOWN = "unit_unknown"
JOINT_LEADS = 2


class DoubtLevel(StrEnum):
    """BLOCK keeps a row from being issued, CONFIRM asks a person to compare, INFO only tells what was done.

    CLEAR is a row without any of these.
    """

    BLOCK = "block"
    CONFIRM = "confirm"
    INFO = "info"
    CLEAR = "clear"


ORDER = tuple(DoubtLevel)
"""The most pressing first."""

ONLY_TOLD = frozenset(
    {
        "deadline_conditional",
        "kpi_baseline_missing",
        "measure_sequence",
        "number_gap",
        "section_inferred",
        "unit_renamed",
    }
)
"""Flags of the import that say what was done, where nothing can be wrong with it that a look would show."""


@dataclass(frozen=True, slots=True)
class Lineup:
    """Who answers for a row now, as far as the rule of its issue asks (domain notes, invariant 1)."""

    leads: int
    joint_lead: bool
    collects: bool
    open_list: bool
    groups: bool
    unknown_units: bool
    members: bool


def level_of(code: str, *, blocking: bool, hindering: Collection[str] = ()) -> DoubtLevel:
    """How pressing an open flag is. What keeps the row from its issue (`hindering`) presses like a blocking flag."""
    if blocking or code in hindering:
        return DoubtLevel.BLOCK
    return DoubtLevel.INFO if code in ONLY_TOLD else DoubtLevel.CONFIRM


def hindrances(lineup: Lineup) -> tuple[str, ...]:
    """What about the units keeps the row from its issue: the same conditions that the issue itself checks."""
    found = []
    if lineup.open_list:
        found.append(OPEN_LIST)
    if lineup.groups:
        found.append(GROUP)
    if lineup.unknown_units:
        found.append(UNIT_UNKNOWN)
    leads_settled = (
        lineup.leads == 1 or (lineup.joint_lead and lineup.leads == JOINT_LEADS) or (lineup.leads and lineup.collects)
    )
    if not lineup.members and not lineup.groups and not leads_settled:
        found.append(LEAD_MISSING)
    return tuple(found)
