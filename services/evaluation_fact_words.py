"""Facts of an evaluation in the words of its papers: what happened, when, and to which item; no key, no identifier."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from db.tables import Item
from domain.calendar import local_date
from domain.evaluation_facts import Fact
from domain.labels import LISTING, NAMES
from domain.messages import evaluation_documents as words
from domain.messages.evaluations import DAY, FACT_LABELS
from domain.urgency import last_day

_MONTH: Final = re.compile(r"(\d{4})-(\d{2})")


def named(item: Item | None) -> str:
    """The item as a table names it: its number and the beginning of its text."""
    return "" if item is None else f"{item.number} {item.text[:40]}"


def counted(fact: Fact) -> str:
    """What the fact counts for, of several the one that says most: a red light is also a judged one."""
    names = [name for name, count in fact.counts.items() if count]
    telling = [name for name in names if name != "lights_judged" and not name.endswith("_due")] or names
    return NAMES.join(FACT_LABELS[name] for name in telling)


def told(about: Mapping[str, str]) -> str:
    """When and where it happened: a deadline, a period, the step that was returned, since when it was red."""
    said = []
    for name, value in about.items():
        if name == "due":
            said.append(words.DUE_ON.format(day=DAY.format(day=last_day(datetime.fromisoformat(value)))))
        elif name == "done":
            said.append(words.DONE_ON.format(day=_day(value)))
        elif name == "at":
            said.append(words.RETURNED_ON.format(day=_day(value)))
        elif name == "step":
            said.append(words.STEPS.get(value, value))
        elif name == "since":
            said.append(words.SINCE.format(period=_period(value)))
        elif name == "until":
            said.append(words.UNTIL.format(period=_period(value)))
        else:
            said.append(_period(value))
    return LISTING.join(said)


def cited(key: str, facts: Mapping[str, Fact], items: Mapping[UUID, Item]) -> str:
    """A fact that a line or a decision cites by its key; a paper that a person cites stays as it was written."""
    fact = facts.get(key)
    if fact is None:
        return key
    item = items.get(fact.item_id) if fact.item_id is not None else None
    return LISTING.join(part for part in (named(item), counted(fact), told(fact.about)) if part)


def _day(value: str) -> str:
    at = datetime.fromisoformat(value)
    return DAY.format(day=local_date(at if at.tzinfo else at.replace(tzinfo=UTC)))


def _period(value: str) -> str:
    """A month, or the first of its parts, as people say it; another period by its own name."""
    found = _MONTH.fullmatch(value)
    return words.MONTH.format(day=date(int(found[1]), int(found[2]), 1)) if found else value
