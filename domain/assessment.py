"""Rules of a summary assessment: who is in the group, who may assess what, what is drawn, how grades agree.

After domain notes P3 (summary assessment) and invariant 6: no assessor assesses their own unit. Pure: units and items
are known by their ids. Every choice by lot is made from a recorded seed by sha256, so that anybody can draw it again
with any program: no random generator whose order may change with a release.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import ceil
from uuid import UUID

from domain.assessment_errors import (
    GradeNotOpen,
    GroupChairNotOne,
    GroupEven,
    GroupMemberTwice,
    GroupMemberUnfit,
    GroupTooSmall,
    GroupWithoutDistrict,
    MinorityAbsent,
    NoQuorum,
    NotAMember,
    NoticeTooShort,
    SampleUnclear,
    SubstituteOfOtherKind,
    TooFewAssessors,
    VisitInFuture,
)
from domain.units import UnitKind

LEAST_MEMBERS = 5
LEAST_PER_ITEM = 3
"""Two grade an item, and a third must be there for when they differ."""
NOTICE_DAYS = 3
SELF_ASSESSMENT_DAYS = 15
OPINION_DAYS = 7
FIT = frozenset({UnitKind.DEPARTMENT, UnitKind.DISTRICT, UnitKind.FUNCTIONAL_AREA})
"""Central branches, courts and enterprises are asked, not members: the city does not assign to them."""


class Cycle(StrEnum):
    """Which assessment it is."""

    MID_TERM = "mid_term"
    YEARLY = "yearly"
    FINAL = "final"


class Grade(StrEnum):
    """What an item has come to, best first; ADJUST_OR_END stands beside the scale."""

    COMPLETED = "completed"
    MOSTLY_COMPLETED = "mostly_completed"
    BREAKTHROUGH = "breakthrough"
    IN_PROGRESS = "in_progress"
    NOT_STARTED = "not_started"
    ADJUST_OR_END = "adjust_or_end"


class Basis(StrEnum):
    """What an item is graded by: what goes on without end by the goals of the year (domain notes, P3)."""

    DEADLINE = "deadline"
    YEAR_GOALS = "year_goals"
    TRIGGER = "trigger"


class FieldCheck(StrEnum):
    """How an item is looked at on the spot, by the plan."""

    NONE = "none"
    ANNOUNCED = "announced"
    UNANNOUNCED = "unannounced"


class Sampling(StrEnum):
    """How many items are assessed."""

    ALL = "all"
    SHARE = "share"
    NUMBER = "number"


class RecommendationKind(StrEnum):
    """What a recommendation asks for."""

    NEW_ITEM = "new_item"
    CASE = "case"
    LIST_CHANGE = "list_change"


class TakenUpAs(StrEnum):
    """What a recommendation becomes when it is taken up: a new item, a nominated case, a change of the item that it is
    about, or a change of a whole list, of many items at once (`domain.list_changes`).

    The words of an issued item stand for ever: one that is reworded is withdrawn and goes on as a new item.
    """

    ITEM = "item"
    CASE = "case"
    CHANGE_OF_LEAD = "change_of_lead"
    REWORDING = "rewording"
    TERMINATION = "termination"
    LIST_REVISION = "list_revision"


STOPPING = frozenset({TakenUpAs.REWORDING, TakenUpAs.TERMINATION})
"""What ends an issued item, so that only who may stop one takes a recommendation up in this way."""


def ways(kind: RecommendationKind, *, about_item: bool) -> tuple[TakenUpAs, ...]:
    """How a recommendation can be taken up, the usual way first (domain notes, P3 step 11). A change of the list that
    names no item of it adds one. Either may be a change of the whole list.
    """
    if kind is RecommendationKind.CASE:
        return (TakenUpAs.CASE,)
    if kind is RecommendationKind.LIST_CHANGE and about_item:
        return (TakenUpAs.CHANGE_OF_LEAD, TakenUpAs.REWORDING, TakenUpAs.TERMINATION, TakenUpAs.LIST_REVISION)
    return (TakenUpAs.ITEM, TakenUpAs.LIST_REVISION) if kind is RecommendationKind.LIST_CHANGE else (TakenUpAs.ITEM,)


@dataclass(frozen=True, slots=True)
class Member:
    """A unit of the group; `name` is what people read."""

    unit_id: UUID
    name: str
    kind: UnitKind
    chair: bool = False


def check_group(members: Sequence[Member], office_unit_id: UUID) -> None:
    """Raise what is wrong with a proposed group: too small, even, without a district, not one chair, a unit twice or
    unfit. The office that organises is no member: it stands above all items, and leads many of them.
    """
    seen: set[UUID] = set()
    for member in members:
        if member.unit_id in seen:
            raise GroupMemberTwice(member.name, unit=member.name)
        seen.add(member.unit_id)
        if member.kind not in FIT or member.unit_id == office_unit_id:
            raise GroupMemberUnfit(member.name, unit=member.name)
    if len(members) < LEAST_MEMBERS:
        raise GroupTooSmall(str(len(members)), count=len(members), least=LEAST_MEMBERS)
    if len(members) % 2 == 0:
        raise GroupEven(str(len(members)), count=len(members))
    if not any(member.kind is UnitKind.DISTRICT for member in members):
        raise GroupWithoutDistrict("no district")
    chairs = sum(member.chair for member in members)
    if chairs != 1:
        raise GroupChairNotOne(str(chairs), count=chairs)


def check_substitute(members: Sequence[Member], lost: UUID, new: Member, office_unit_id: UUID) -> tuple[Member, ...]:
    """The group after a member was replaced by one of the same kind, in the same place and as chair if it was.

    Raises NotAMember, SubstituteOfOtherKind, and what `check_group` raises.
    """
    old = next((member for member in members if member.unit_id == lost), None)
    if old is None:
        raise NotAMember(str(lost), unit=str(lost))
    if new.kind is not old.kind:
        raise SubstituteOfOtherKind(new.name, lost=old.name, unit=new.name)
    successor = Member(new.unit_id, new.name, new.kind, old.chair)
    changed = tuple(successor if member.unit_id == lost else member for member in members)
    check_group(changed, office_unit_id)
    return changed


def by_lot(keys: Iterable[UUID], seed: str, purpose: str) -> list[UUID]:
    """All keys in the order of their lot: sha256 of seed, purpose and key, which anybody can compute again."""
    return sorted(keys, key=lambda key: hashlib.sha256(f"{seed}\n{purpose}\n{key}".encode()).digest())


def draw(
    keys: Sequence[UUID],
    *,
    sampling: Sampling,
    seed: str,
    percent: int | None = None,
    size: int | None = None,
    named: Collection[UUID] = (),
) -> list[UUID]:
    """The items that are assessed, in the order of `keys`: those that are named, filled up by lot.

    A share is rounded up, and nothing is drawn twice. Raises SampleUnclear where the number is not said.
    """
    if sampling is Sampling.ALL:
        return list(keys)
    wanted = size if sampling is Sampling.NUMBER else (None if percent is None else ceil(len(keys) * percent / 100))
    if not wanted:
        raise SampleUnclear(sampling)
    chosen = set(named)
    for key in by_lot(keys, seed, "sample"):
        if len(chosen) >= wanted:
            break
        chosen.add(key)
    return [key for key in keys if key in chosen]


def draw_visits(keys: Sequence[UUID], percent: int | None, seed: str) -> frozenset[UUID]:
    """Which of the sample are looked at on the spot; all where no share is said."""
    wanted = len(keys) if percent is None else ceil(len(keys) * percent / 100)
    return frozenset(by_lot(keys, seed, "visit")[:wanted])


def free_members(members: Sequence[Member], leads: Collection[UUID]) -> list[Member]:
    """Who of the group may assess an item that these units lead, or led in the period."""
    return [member for member in members if member.unit_id not in leads]


def check_coverage(members: Sequence[Member], leads_of: Mapping[str, Collection[UUID]]) -> None:
    """Raise TooFewAssessors for items, by their numbers, that fewer than three of the group may assess."""
    short = [number for number, leads in leads_of.items() if len(free_members(members, leads)) < LEAST_PER_ITEM]
    if short:
        raise TooFewAssessors(", ".join(short), numbers="、".join(short))


def assign(
    items: Sequence[UUID],
    members: Sequence[Member],
    leads_of: Mapping[UUID, Collection[UUID]],
    seed: str,
) -> dict[UUID, tuple[UUID, UUID]]:
    """Two assessors for each item: never a unit that leads it, the work spread as evenly as the recusals allow.

    The caller has checked the coverage.
    """
    load = {member.unit_id: 0 for member in members}
    pairs: dict[UUID, tuple[UUID, UUID]] = {}
    # Items with the fewest free members first: later ones could have taken the only two that are left for them.
    for item in sorted(items, key=lambda each: len(free_members(members, leads_of.get(each, ())))):
        first = next_assessor(item, members, leads_of.get(item, ()), taken=(), load=load, seed=seed)
        load[first] += 1
        second = next_assessor(item, members, leads_of.get(item, ()), taken=(first,), load=load, seed=seed)
        load[second] += 1
        pairs[item] = (first, second)
    return pairs


def next_assessor(
    item: UUID,
    members: Sequence[Member],
    leads: Collection[UUID],
    *,
    taken: Collection[UUID],
    load: Mapping[UUID, int],
    seed: str,
) -> UUID:
    """Who assesses an item next: free, not asked before, with the least work, by lot among equals.

    Raises TooFewAssessors when nobody is left.
    """
    free = [member.unit_id for member in free_members(members, leads) if member.unit_id not in taken]
    if not free:
        raise TooFewAssessors(str(item), numbers="")
    return min(by_lot(free, seed, str(item)), key=lambda unit: load.get(unit, 0))


def settler(members: Sequence[Member], leads: Collection[UUID]) -> UUID:
    """Who settles the grade of an item: the chair, or the next member in order where the chair's unit leads it.

    Raises TooFewAssessors when nobody may.
    """
    free = free_members(members, leads)
    if not free:
        raise TooFewAssessors("nobody", numbers="")
    return next((member.unit_id for member in free if member.chair), free[0].unit_id)


def scale(*, accepts_breakthrough: bool) -> tuple[Grade, ...]:
    """The steps from best to worst of an item. A breakthrough is a step only where the deadline accepts one."""
    steps = (Grade.COMPLETED, Grade.MOSTLY_COMPLETED, Grade.BREAKTHROUGH, Grade.IN_PROGRESS, Grade.NOT_STARTED)
    return steps if accepts_breakthrough else tuple(step for step in steps if step is not Grade.BREAKTHROUGH)


def check_grade(grade: Grade, *, accepts_breakthrough: bool) -> None:
    """Raise GradeNotOpen for a breakthrough on a deadline that does not accept one."""
    if grade is Grade.BREAKTHROUGH and not accepts_breakthrough:
        raise GradeNotOpen(grade)


def views_differ(one: Grade, other: Grade, *, accepts_breakthrough: bool) -> bool:
    """Whether two grades are more than one step apart, so that a third assessor is asked.

    Who would adjust or end an item says something else than where it stands: that differs from every step.
    """
    if one is other:
        return False
    if Grade.ADJUST_OR_END in (one, other):
        return True
    steps = scale(accepts_breakthrough=accepts_breakthrough)
    return abs(steps.index(one) - steps.index(other)) > 1


def common_view(grades: Sequence[Grade], *, accepts_breakthrough: bool) -> Grade | None:
    """What the assessors' grades come to, as a proposal: what most say, else the middle of the scale's steps.

    None where two neighbours disagree, or where the only step among three is beside "adjust or end": a person decides.
    """
    if not grades:
        return None
    most = max(grades, key=grades.count)
    if grades.count(most) * 2 > len(grades):
        return most
    steps = scale(accepts_breakthrough=accepts_breakthrough)
    placed = sorted((grade for grade in grades if grade in steps), key=steps.index)
    return placed[1] if len(placed) == LEAST_PER_ITEM else None


def check_notice(today: date, visit_on: date) -> None:
    """Raise NoticeTooShort unless the visit is at least three days away."""
    if (visit_on - today).days < NOTICE_DAYS:
        raise NoticeTooShort(f"{visit_on}", least=NOTICE_DAYS, visit_on=f"{visit_on:%Y-%m-%d}")


def check_visit(today: date, visited_on: date) -> None:
    """Raise VisitInFuture for a visit that has not been."""
    if visited_on > today:
        raise VisitInFuture(f"{visited_on}", visited_on=f"{visited_on:%Y-%m-%d}")


def check_meeting(members: Mapping[UUID, str], present: Collection[UUID], minority: Collection[UUID]) -> None:
    """Raise NotAMember, NoQuorum unless more than half are there, MinorityAbsent. `members` are names by unit."""
    strangers = [unit for unit in present if unit not in members]
    if strangers:
        raise NotAMember(str(strangers[0]), unit=str(strangers[0]))
    there = len(set(present))
    if there * 2 <= len(members):
        raise NoQuorum(f"{there}/{len(members)}", present=there, members=len(members))
    for unit in minority:
        if unit not in present:
            raise MinorityAbsent(str(unit), unit=members.get(unit, str(unit)))
