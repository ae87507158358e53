"""What a light is judged by: facts with two times, and what they amount to as of one day, as known on another.

Each fact has the time since which it holds and the time since which it is known. "As of D, as known on K" admits what
was known on K and held by D; what had been reported by D counts for D too, though the period it is about ends later.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, cast

from domain.items import DeadlineKind, Strength

BEHIND: Final = frozenset({"yellow", "red"})
NOT_JUDGED: Final = frozenset({"grey", "done"})


class FactKind(StrEnum):
    """What a fact is about, with the form of its value.

    PERCENT is the accepted share of the work that is done, a number from 0 to 100; its effective time is the end of
    the period that it reports. TRIGGERED says that the clock of a conditional deadline runs since then, with a text
    that names what triggered it. WAITING_FOR is the authority that a suspended item waits for, or its document, a
    text; null when it waits for nobody any more. STATE is what the sweep saw of the item's row, the form of `State`.
    """

    PERCENT = "percent"
    STATE = "state"
    TRIGGERED = "triggered"
    WAITING_FOR = "waiting_for"


class DeadlineClass(StrEnum):
    """Deadline classes of `domain.md` P1: only the first three and a triggered CONDITIONAL can be overdue."""

    FIRM = "firm"
    STRIVE = "strive"
    BREAKTHROUGH = "breakthrough"
    CONDITIONAL = "conditional"
    ONGOING = "ongoing"
    NONE = "none"


def deadline_class(kinds: Iterable[str], strength: str | None, *, dated: bool) -> DeadlineClass:
    """The class by the kinds of the item's deadlines and the strength of the current one; `dated`: it has a due date.

    Work that goes on keeps its class when a yearly goal gives it a date.
    """
    if strength == Strength.CONDITIONAL_ON_HIGHER_LEVEL:
        return DeadlineClass.CONDITIONAL
    held = set(kinds)
    if held & {DeadlineKind.ONGOING, DeadlineKind.RECURRING} and not held & {
        DeadlineKind.BY_DATE,
        DeadlineKind.RELATIVE,
    }:
        return DeadlineClass.ONGOING
    if not dated:
        return DeadlineClass.NONE
    by_strength = {Strength.STRIVE: DeadlineClass.STRIVE, Strength.BREAKTHROUGH_OK: DeadlineClass.BREAKTHROUGH}
    return by_strength.get(cast("Strength", strength), DeadlineClass.FIRM)


@dataclass(frozen=True, slots=True)
class State:
    """What the item's row said: instants in UTC; `historical` marks a list that was taken over with its past."""

    status: str
    deadline_class: DeadlineClass
    issued_at: datetime | None = None
    due_at: datetime | None = None
    ended_at: datetime | None = None
    paused_at: datetime | None = None
    historical: bool = False

    def to_json(self) -> dict[str, object]:
        """The value of a STATE fact."""
        return {
            "status": self.status,
            "class": self.deadline_class.value,
            "issued_at": _text(self.issued_at),
            "due_at": _text(self.due_at),
            "ended_at": _text(self.ended_at),
            "paused_at": _text(self.paused_at),
            "historical": self.historical,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, object]) -> "State":
        """The state of a STATE fact."""
        return cls(
            status=str(value["status"]),
            deadline_class=DeadlineClass(str(value["class"])),
            issued_at=_instant(value["issued_at"]),
            due_at=_instant(value["due_at"]),
            ended_at=_instant(value["ended_at"]),
            paused_at=_instant(value["paused_at"]),
            historical=bool(value["historical"]),
        )


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _instant(value: object) -> datetime | None:
    return None if value is None else datetime.fromisoformat(str(value))


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of `progress_fact`; `number` is its place in the order of recording."""

    number: int
    kind: FactKind
    value: object
    effective_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """A reporting period's round: when the report was due, first handed in to the office, and ended."""

    opened_at: datetime
    due_at: datetime
    reported_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A milestone of an accepted plan: due at the end of its day; replaced when a newer plan was accepted."""

    due_at: datetime
    accepted_at: datetime
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FrozenLight:
    """A light that was frozen at the close of an earlier period."""

    light: str
    as_of: datetime
    known_on: datetime


@dataclass(frozen=True, slots=True)
class History:
    """Everything recorded of one item that a light may be judged by, in any order."""

    facts: Sequence[Fact] = ()
    rounds: Sequence[Round] = ()
    stages: Sequence[Stage] = ()
    lights: Sequence[FrozenLight] = ()


@dataclass(frozen=True, slots=True)
class Percent:
    """The share of the work that a report gives, and the instant it is about."""

    value: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Situation:
    """What the history amounts to at `as_of`."""

    as_of: datetime
    state: State | None
    percent: Percent | None
    triggered_at: datetime | None
    waiting_for: str | None
    paused: timedelta
    stage_ends: tuple[datetime, ...]
    missing_reports: int
    behind_before: int


def situation(history: History, *, as_of: datetime, known_on: datetime) -> Situation:
    """The situation as of `as_of`, by what was known on `known_on` (both UTC).

    Steps of a process hold from when they are recorded; for them the earlier of the two instants decides.
    """
    admitted = sorted(
        (
            fact
            for fact in history.facts
            if fact.recorded_at <= known_on and (fact.effective_at <= as_of or fact.recorded_at <= as_of)
        ),
        key=lambda fact: (fact.effective_at, fact.number),
    )
    newest = {fact.kind: fact for fact in admitted}
    done_by = min(as_of, known_on)
    state, percent = newest.get(FactKind.STATE), newest.get(FactKind.PERCENT)
    triggered, waiting = newest.get(FactKind.TRIGGERED), newest.get(FactKind.WAITING_FOR)
    return Situation(
        as_of=as_of,
        state=State.from_json(cast("Mapping[str, object]", state.value)) if state else None,
        percent=Percent(_percent(percent.value), percent.effective_at) if percent else None,
        triggered_at=triggered.effective_at if triggered else None,
        waiting_for=str(waiting.value) if waiting and waiting.value else None,
        paused=_paused([fact for fact in admitted if fact.kind is FactKind.STATE], as_of),
        stage_ends=tuple(
            sorted(
                stage.due_at
                for stage in history.stages
                if stage.accepted_at <= done_by and (stage.retired_at is None or stage.retired_at > done_by)
            )
        ),
        missing_reports=sum(_missing(round_, as_of, done_by) for round_ in history.rounds),
        behind_before=_behind(
            [light for light in history.lights if light.as_of < as_of and light.known_on <= known_on]
        ),
    )


def _percent(value: object) -> int:
    return max(0, min(100, int(cast("float", value))))


def _missing(round_: Round, as_of: datetime, done_by: datetime) -> bool:
    if round_.due_at > as_of or round_.opened_at > done_by:
        return False
    return not any(at is not None and at <= done_by for at in (round_.reported_at, round_.ended_at))


def _behind(lights: Sequence[FrozenLight]) -> int:
    """How many of the last periods were yellow or red without a green between; what was not judged does not count."""
    count = 0
    for frozen in sorted(lights, key=lambda light: light.as_of, reverse=True):
        if frozen.light in NOT_JUDGED:
            continue
        if frozen.light not in BEHIND:
            break
        count += 1
    return count


def _paused(states: Sequence[Fact], as_of: datetime) -> timedelta:
    """How long the clock stood still until `as_of`."""
    total, since = timedelta(0), None
    for fact in states:
        paused_at = State.from_json(cast("Mapping[str, object]", fact.value)).paused_at
        if since is not None and paused_at != since:
            total += max(timedelta(0), min(fact.effective_at, as_of) - since)
        since = paused_at
    return total if since is None else total + max(timedelta(0), as_of - since)
