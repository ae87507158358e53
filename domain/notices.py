"""What a message says: its headline, its reason and its fields, from the facts that were kept with it.

The same words stand in the inbox, in a mail, on a page and in a robot's post; only the layout differs.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.calendar import local_date
from domain.delivery import Topic
from domain.labels import label
from domain.ladder import EscalationDocument
from domain.messages import notices as words
from domain.urgency import last_day

_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Notice:
    """A message in words. `kind` is its topic with its document in a word or two. `fields` are titles with values, in
    order; empty ones are left out. `overdue` and `days_left` are judged at the instant it was worded for; both are None
    without a limit.
    """

    topic: Topic
    kind: str
    headline: str
    reason: str
    after: str
    action: str
    fields: tuple[tuple[str, str], ...]
    text: str
    step: str
    unit: str
    left: str
    due: str
    overdue: bool | None
    days_left: int | None


def notice(topic: str, facts: Mapping[str, Any], now: datetime) -> Notice:
    """The message as it reads at the instant `now`."""
    kind = Topic(topic)
    due_at = _instant(facts.get("due_at"))
    days = None if due_at is None else (last_day(due_at) - local_date(now)).days
    overdue = None if due_at is None else due_at <= now
    left = _left(days, overdue=bool(overdue))
    due = _due(due_at, provisional=bool(facts.get("provisional")))
    after = facts.get("after") or {}
    known: defaultdict[str, Any] = defaultdict(str)
    known |= {name: value for name, value in facts.items() if value is not None}
    known |= {f"after_{name}": value for name, value in after.items()}
    known |= {
        "what": brief(str(facts.get("text") or facts.get("paper") or "")),
        "left": left,
        "step": facts.get("step") or words.ITEM_DEADLINE,
        "unit": facts.get("unit") or facts.get("office") or "",
        "purpose": words.PURPOSES.get(str(facts.get("purpose")), ""),
    }
    # What the office said when it urged by hand; the ladder's own facts have no words.
    said = facts.get("ladder") or {}
    document = label(EscalationDocument, facts.get("document"))
    fields = {
        "list": facts.get("list"),
        "number": facts.get("number"),
        "text": facts.get("text"),
        "step": facts.get("step"),
        "unit": facts.get("unit"),
        "period": facts.get("period"),
        "due": f"{due} {left}".strip() if due else None,
        "document": document,
        "words": said.get("words"),
        "by": said.get("by"),
        "mark": facts.get("mark"),
        "paper": facts.get("paper"),
    }
    return Notice(
        topic=kind,
        kind=_kind(words.KINDS[kind], document),
        headline=words.HEADLINES[kind].format_map(known),
        reason=words.REASONS[kind].format_map(known),
        after=words.AFTER.format_map(known) if after and kind is not Topic.RETURNED else "",
        action=words.ACTIONS[kind],
        fields=tuple((words.FIELDS[name], str(value)) for name, value in fields.items() if value),
        text=str(facts.get("text") or ""),
        step=str(known["step"]),
        unit=str(facts.get("unit") or ""),
        left=left,
        due=due,
        overdue=overdue,
        days_left=days,
    )


def brief(text: str, longest: int = _LONGEST) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _kind(word: str, document: str) -> str:
    # 催办通知 is an urge already.
    if not document or word in document:
        return document or word
    return words.KIND_WITH_DOCUMENT.format(kind=word, document=document)


def _instant(value: object) -> datetime | None:
    return None if value is None else datetime.fromisoformat(str(value))


def _left(days: int | None, *, overdue: bool) -> str:
    if days is None:
        return words.NO_LIMIT
    if overdue:
        return words.LEFT_OVER.format(days=-days) if days < 0 else words.LEFT_JUST_OVER
    return words.LEFT.format(days=days) if days > 0 else words.LEFT_TODAY


def _due(due_at: datetime | None, *, provisional: bool) -> str:
    if due_at is None:
        return ""
    day = last_day(due_at)
    printed = words.DATE.format(year=day.year, month=day.month, day=day.day)
    return printed + words.PROVISIONAL if provisional else printed
