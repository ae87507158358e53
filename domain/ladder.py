"""The escalation ladder: which level goes to whom, and when. Pure: what is planned, what is due now, what comes next.

Default figures and their sources: `domain.md` P1 steps 2 to 6. A level goes out once. After an outage the missed
occurrences of a level are one, the newest: a person needs one message that says how late things are, not ten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.calendar import CalendarUnit, WorkCalendar, local_date
from domain.items import Strength
from domain.quiet_hours import QuietHours
from domain.urgency import last_day


class SubjectKind(StrEnum):
    """What climbs the ladder: a work item with its limit, or an item with its deadline."""

    WORK_ITEM = "work_item"
    ITEM = "item"


class EscalationKind(StrEnum):
    """A reminder comes before the limit, an urge asks again, an escalation tells somebody higher."""

    REMINDER = "reminder"
    URGE = "urge"
    ESCALATION = "escalation"


class RungRole(StrEnum):
    """Whom a level goes to. The assignee is who has the step's role in the unit asked, for an item's deadline the
    liaison of each lead; the unit leader is that unit's, the lead leader that of each lead unit.
    """

    ASSIGNEE = "assignee"
    DEPUTY = "deputy"
    UNIT_LEADER = "unit_leader"
    LEAD_LEADER = "lead_leader"
    OFFICE = "office"
    OFFICE_HEAD = "office_head"
    CONVENER = "convener"


class Base(StrEnum):
    """What the time of a level counts from."""

    DUE = "due"
    OPENED = "opened"


class EscalationDocument(StrEnum):
    """What is issued with a level (`domain.md` §5.2, §5.3): by colour from a letter to the red order."""

    URGE_NOTICE = "urge_notice"
    REMINDER_LETTER = "reminder_letter"
    SUPERVISION_ORDER = "supervision_order"
    RED_SUPERVISION_ORDER = "red_supervision_order"
    LATE_LIST = "late_list"


class LevelState(StrEnum):
    """Where a level of a subject stands: it went out, goes out with the next look, is to come if nothing is done by
    then, or its time lay before the opening.
    """

    FIRED = "fired"
    DUE = "due"
    PLANNED = "planned"
    SKIPPED = "skipped"


DAYS = frozenset({CalendarUnit.WORKING_DAYS, CalendarUnit.DAYS})
BY_HAND = 0
"""The level of what the office urges by hand."""
LATE_AFTER = timedelta(hours=1)
"""What goes out later than this after it was planned is marked: the clock stood still, or nobody was found."""
NOBODY_AGAIN_AFTER = timedelta(hours=1)
"""When a level that had nobody to go to is tried again."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One level. It goes out `amount` of `unit` after the base, before it where negative, and again every `every` of
    the unit until it has gone out `at_most` times. `not_for` are kinds of deadlines that it leaves out.
    """

    level: int
    name: str
    kind: EscalationKind
    to: tuple[RungRole, ...]
    amount: int
    unit: CalendarUnit = CalendarUnit.WORKING_DAYS
    base: Base = Base.DUE
    every: int = 0
    at_most: int = 1
    channels: tuple[str, ...] = ("mail",)
    document: EscalationDocument | None = None
    not_for: tuple[Strength, ...] = ()


@dataclass(frozen=True, slots=True)
class Ladder:
    """The levels of one policy, lowest first, and when people may be disturbed."""

    rungs: tuple[Rung, ...]
    quiet: QuietHours = field(default_factory=QuietHours)


@dataclass(frozen=True, slots=True)
class Clock:
    """What the times of a subject are computed from. `opened_at` is the opening, later by what was paused."""

    opened_at: datetime
    due_at: datetime
    strength: Strength | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """One occurrence of a level. `wanted_at` is the time by the policy, `at` after the quiet hours; `skipped` says that
    its time lay before the subject was opened.
    """

    rung: Rung
    occurrence: int
    wanted_at: datetime
    at: datetime
    skipped: bool = False

    @property
    def moved(self) -> bool:
        """Whether the quiet hours moved it."""
        return self.wanted_at != self.at


@dataclass(frozen=True, slots=True)
class Due:
    """What goes out now: the newest occurrence that is due, and how many before it were missed."""

    planned: Planned
    missed: int

    def late(self, now: datetime) -> bool:
        """Whether it goes out noticeably after its time."""
        return now - self.planned.at > LATE_AFTER


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a subject found: what is due, and when to look again (None: nothing is left)."""

    due: tuple[Due, ...]
    next_at: datetime | None


def look(ladder: Ladder, clock: Clock, fired: Mapping[int, int], now: datetime, calendar: WorkCalendar) -> Look:
    """What is due by `now`. `fired` has the highest occurrence that went out, by level."""
    due: list[Due] = []
    coming: list[datetime] = []
    for rung in ladder.rungs:
        done = fired.get(rung.level, 0)
        ahead = [each for each in occurrences(ladder, rung, clock, calendar, after=done) if not each.skipped]
        reached = [each for each in ahead if each.at <= now]
        if reached:
            due.append(Due(reached[-1], missed=len(reached) - 1))
        coming += [each.at for each in ahead[len(reached) :][:1]]
    return Look(tuple(due), min(coming, default=None))


def occurrences(
    ladder: Ladder, rung: Rung, clock: Clock, calendar: WorkCalendar, *, after: int = 0
) -> tuple[Planned, ...]:
    """The occurrences of a level after that number, in order; none for a kind of deadline that it leaves out."""
    if clock.strength is not None and clock.strength in rung.not_for:
        return ()
    found = []
    latest: datetime | None = None
    for number in range(after + 1, rung.at_most + 1):
        wanted = _wanted(rung, number, clock, calendar, ladder.quiet)
        at = _allowed(wanted, clock, calendar, ladder.quiet)
        # Quiet hours keep the order; two that fall on one morning are one message by the rule of what was missed.
        latest = at if latest is None else max(latest, at)
        found.append(Planned(rung, number, wanted, latest, skipped=wanted < clock.opened_at))
    return tuple(found)


def _wanted(rung: Rung, number: int, clock: Clock, calendar: WorkCalendar, quiet: QuietHours) -> datetime:
    """When the policy wants it. Days are whole days: it goes out in the morning of that day."""
    amount = rung.amount + (number - 1) * rung.every
    start = clock.opened_at
    if rung.base is Base.DUE:
        # What is opened after its limit is late from its opening on: nobody finds a red order with the first notice.
        start = max(clock.due_at, clock.opened_at) if amount > 0 else clock.due_at
    if rung.unit not in DAYS:
        return calendar.shift(start, amount, rung.unit).at
    at_limit = rung.base is Base.DUE and start == clock.due_at
    day = last_day(start) if at_limit else local_date(start)
    wanted = quiet.opening(_day(day, amount, rung.unit, calendar))
    return wanted if at_limit else max(wanted, clock.opened_at)


def _day(day: date, amount: int, unit: CalendarUnit, calendar: WorkCalendar) -> date:
    """The day so many days after, or before where negative; with 0 the day itself.

    Before a limit that falls on a day off one counts back from it: a working day before Sunday is Friday.
    """
    if unit is CalendarUnit.DAYS or amount == 0:
        return day + timedelta(days=amount)
    if amount > 0:
        return calendar.add_working_days(day, amount).day
    left = -amount
    while left > 0:
        day -= timedelta(days=1)
        left -= calendar.is_working(day)
    return day


def _allowed(wanted: datetime, clock: Clock, calendar: WorkCalendar, quiet: QuietHours) -> datetime:
    """The wanted time moved out of nights and days off: later, but back to the last morning before where it would
    otherwise come only after the limit that it speaks of.
    """
    at = quiet.next_allowed(wanted, calendar)
    if wanted < clock.due_at <= at:
        before = quiet.last_opening(wanted, calendar)
        if before >= clock.opened_at:
            return before
    return at


@dataclass(frozen=True, slots=True)
class PolicyProblem:
    """A reason for refusing a policy, by code; `level` is that of the rung, if it is about one."""

    code: str
    level: int | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policy:
    """A version of a policy as it is in force: never changed, named by every escalation that came of it."""

    id: UUID
    name: str
    version: int
    kind: SubjectKind
    list_id: UUID | None
    step: str | None
    ladder: Ladder


MOST_RUNGS = 20
MOST_REPEATS = 30
FARTHEST = {
    CalendarUnit.WORKING_DAYS: 250,
    CalendarUnit.DAYS: 366,
    CalendarUnit.WORKING_HOURS: 2000,
    CalendarUnit.HOURS: 24 * 366,
}
"""A year either way: what is planned farther off is a slip of the pen."""
NOT_BEFORE_OPENING = "rung_before_opening"


def problems_of(rungs: Sequence[Rung], channels: frozenset[str]) -> tuple[PolicyProblem, ...]:
    """Everything that a policy is refused for, in the order of its levels. `channels` are those that there are."""
    if not rungs:
        return (PolicyProblem("policy_empty"),)
    found = [PolicyProblem("policy_too_long", facts={"most": MOST_RUNGS})] if len(rungs) > MOST_RUNGS else []
    seen: set[int] = set()
    for rung in rungs:
        if rung.level in seen:
            found.append(PolicyProblem("rung_twice", rung.level))
        seen.add(rung.level)
        found += _problems(rung, channels)
    return tuple(found)


def _problems(rung: Rung, channels: frozenset[str]) -> list[PolicyProblem]:
    farthest = FARTHEST[rung.unit]
    unknown = [channel for channel in rung.channels if channel not in channels]
    last = rung.amount + (rung.at_most - 1) * rung.every
    found = {
        "rung_level": not 1 <= rung.level <= MOST_RUNGS,
        "rung_unnamed": not rung.name.strip(),
        "rung_to_nobody": not rung.to,
        NOT_BEFORE_OPENING: rung.base is Base.OPENED and rung.amount < 0,
        # Repeating without an end, or without a distance, which is the same ten times over.
        "rung_endless": rung.every > 0 and not 2 <= rung.at_most <= MOST_REPEATS,  # noqa: PLR2004  again is twice
        "rung_repeats_without_interval": rung.at_most > 1 and rung.every <= 0,
        "rung_too_far": max(abs(rung.amount), abs(last)) > farthest,
        "rung_channel_unknown": bool(unknown),
    }
    facts: dict[str, object] = {"most": MOST_REPEATS, "farthest": farthest, "channel": ", ".join(unknown)}
    return [PolicyProblem(code, rung.level, facts) for code, wrong in found.items() if wrong]
