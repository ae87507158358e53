"""Lights: what a situation amounts to in named numbers, and the colour that a list's rules give them.

Whether an item is judged at all is settled here: a clock that does not run shows grey and says why. Everything else
is the list's decision table (`domain.md` §5.3 quotes four cities with four different sets of thresholds).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.calendar import local_date
from domain.decision_tables import DecisionTable, FactRange, FactType
from domain.items import ItemStatus
from domain.light_facts import DeadlineClass, Percent, Situation, State
from domain.urgency import last_day

CLAIMED: Final = frozenset({ItemStatus.CLAIMED, ItemStatus.UNDER_REVIEW, ItemStatus.COMPLETED})
_FURTHEST: Final = 40_000
_MOST: Final = 999


class Light(StrEnum):
    """What an item shows. GREY is not judged now, DONE never again."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"
    DONE = "done"


SEVERITY: Final[Mapping[Light, int]] = {Light.DONE: 0, Light.GREY: 0, Light.GREEN: 1, Light.YELLOW: 2, Light.RED: 3}
"""More is worse."""


class NotJudged(StrEnum):
    """Why an item is not judged. The first two are DONE, the others GREY."""

    CLOSED = "closed"
    CLOSED_FOR_STAGE = "closed_for_stage"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"
    NOT_STARTED = "not_started"
    PAUSED = "paused"
    WAITING = "waiting"
    HISTORICAL = "historical"


RULE_OUTCOMES: Final = (Light.GREEN, Light.YELLOW, Light.RED, Light.GREY)

FACTS: Final = (
    FactRange("deadline_class", FactType.TEXT, texts=tuple(DeadlineClass)),
    FactRange("expected_percent", FactType.NUMBER, 0, 100, missing=True),
    FactRange("reported_percent", FactType.NUMBER, 0, 100, missing=True),
    FactRange("lag", FactType.NUMBER, -100, 100, missing=True),
    FactRange("behind_before", FactType.NUMBER, 0, _MOST),
    FactRange("days_to_due", FactType.NUMBER, -_FURTHEST, _FURTHEST, missing=True),
    FactRange("working_days_to_due", FactType.NUMBER, -_FURTHEST, _FURTHEST, missing=True),
    FactRange("overdue_days", FactType.NUMBER, 0, _FURTHEST),
    FactRange("missing_reports", FactType.NUMBER, 0, _MOST),
    FactRange("claimed", FactType.BOOLEAN),
)
"""What a rule may ask, with its range. `lag` is in percentage points, positive when the report is behind the schedule;
`behind_before` counts the periods before this one that were yellow or red, without a green between; days are calendar
days to the last day in time, negative when it has passed; `claimed`: the completion is claimed and being examined.
"""

WorkingDays = Callable[[date, date], int]
"""Working days after the first date, up to and with the second; negative when it lies before."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A light with its reason. `code` is the rule's id or a `NotJudged`, `rule` the rule's own words.

    `asked` names the facts that the rule asked; `facts` are all of them, for a rule's verdict only.
    """

    light: Light
    code: str
    rule: str = ""
    asked: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def reason(self) -> dict[str, object]:
        """The reason as it is kept beside the light."""
        return {"code": self.code, "rule": self.rule, "asked": list(self.asked), "facts": dict(self.facts)}

    @classmethod
    def kept(cls, light: str, reason: Mapping[str, object]) -> "Judgement":
        """What was kept as `light` and `reason`."""
        asked, facts = reason.get("asked"), reason.get("facts")
        return cls(
            Light(light),
            str(reason.get("code", "")),
            str(reason.get("rule", "")),
            tuple(str(name) for name in asked) if isinstance(asked, list | tuple) else (),
            facts if isinstance(facts, Mapping) else {},
        )


def judge(now: Situation, rules: DecisionTable, working_days: WorkingDays) -> Judgement:
    """The light of a situation by these rules. The same situation and rules always give the same light."""
    grey = not_judged(now)
    if grey is not None:
        facts: dict[str, object] = {}
        if grey is NotJudged.PAUSED and now.state is not None and now.state.paused_at is not None:
            facts = {"paused_on": local_date(now.state.paused_at).isoformat(), "waiting_for": now.waiting_for}
        light = Light.DONE if grey in {NotJudged.CLOSED, NotJudged.CLOSED_FOR_STAGE} else Light.GREY
        return Judgement(light, grey.value, facts=facts)
    facts = named_facts(now, working_days)
    rule = rules.decide(facts)
    asked = tuple(fact.name for fact in FACTS if fact.name in rule.condition.names)
    return Judgement(Light(rule.outcome), rule.id, rule.words, asked, facts)


def not_judged(now: Situation) -> NotJudged | None:
    """Why the item's clock does not run, or None when it does.

    A deadline that had passed when its list was taken over is history: it must not flood the office with red.
    """
    state = now.state
    if state is None:
        return NotJudged.NOT_STARTED
    if state.ended_at is not None and state.ended_at <= now.as_of:
        return NotJudged(state.status)
    if state.issued_at is None or state.issued_at > now.as_of:
        return NotJudged.NOT_STARTED
    if state.paused_at is not None and state.paused_at <= now.as_of:
        return NotJudged.PAUSED
    if state.deadline_class is DeadlineClass.CONDITIONAL and now.triggered_at is None:
        return NotJudged.WAITING
    if state.historical and state.due_at is not None and state.due_at <= state.issued_at:
        return NotJudged.HISTORICAL
    return None


def named_facts(now: Situation, working_days: WorkingDays) -> dict[str, object]:
    """`FACTS` of a situation whose clock runs, and the days that they are about."""
    state = now.state
    assert state is not None
    measured_at = _measured_at(now)
    expected = expected_percent(now, measured_at)
    reported = now.percent.value if now.percent else None
    today = local_date(now.as_of - timedelta(microseconds=1))
    due_on = last_day(state.due_at) if state.due_at else None
    left = None if due_on is None else _clipped((due_on - today).days)
    return {
        "deadline_class": state.deadline_class.value,
        "expected_percent": expected,
        "reported_percent": reported,
        "lag": expected - reported if expected is not None and reported is not None else None,
        "behind_before": min(now.behind_before, _MOST),
        "days_to_due": left,
        "working_days_to_due": None if due_on is None else _clipped(working_days(today, due_on)),
        "overdue_days": max(0, -left) if left is not None and _can_be_overdue(state) else 0,
        "missing_reports": min(now.missing_reports, _MOST),
        "claimed": state.status in CLAIMED,
        "due_on": due_on.isoformat() if due_on else None,
        "measured_on": local_date(measured_at - timedelta(microseconds=1)).isoformat(),
    }


def _can_be_overdue(state: State) -> bool:
    """Work that goes on is checked every year and never overdue (`domain.md` P1)."""
    return state.deadline_class is not DeadlineClass.ONGOING


def _clipped(days: int) -> int:
    return max(-_FURTHEST, min(_FURTHEST, days))


def _measured_at(now: Situation) -> datetime:
    """The instant at which report and schedule are compared: that of the report, as long as no later one is missing."""
    percent: Percent | None = now.percent
    if percent is None:
        return now.as_of
    return max(percent.at, now.as_of) if now.missing_reports else percent.at


def expected_percent(now: Situation, at: datetime) -> int | None:
    """The scheduled progress 序时进度 at `at`, in whole percent, rounded down; None where nothing is scheduled.

    Time passed from the issue (or the trigger) to the deadline, without the time that the clock stood still. With
    milestones each of them, and the deadline after them, stands for an equal share of the work, reached evenly in
    between; their dates stand as the accepted plan has them.
    """
    state = now.state
    if state is None or state.issued_at is None:
        return None
    start = now.triggered_at or state.issued_at
    ends = [end for end in now.stage_ends if end > start]
    if state.due_at is not None and state.due_at > start:
        ends = [*(end for end in ends if end < state.due_at), state.due_at]
    if not ends:
        return 100 if state.due_at is not None else None
    if len(ends) == 1:
        whole = max(ends[0] - start - now.paused, timedelta(microseconds=1))
        return _share(at - start - now.paused, whole, 100)
    reached, since = 0, start
    for done, end in enumerate(ends):
        if at < end:
            return (100 * done * (end - since) + 100 * max(at - since, timedelta(0))) // (len(ends) * (end - since))
        reached, since = done + 1, end
    return 100 * reached // len(ends)


def _share(part: timedelta, whole: timedelta, of: int) -> int:
    return max(0, min(of, of * part // whole))
