"""Lights to read: of an item now or as of a day, how many of each, and what has been behind since when."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import SQLColumnExpression, and_, case, func
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from db.tables import Item, Responsibility, TaskList, Unit
from db.tables import Light as FrozenRow
from domain.items import ResponsibilityRole
from domain.labels import label
from domain.light_facts import BEHIND, NOT_JUDGED
from domain.light_words import light_words
from domain.lights import Judgement, Light
from services.light_histories import read_histories
from services.lights import judges
from services.queries.item_detail import visible_item
from services.queries.ledger import LedgerFilter, narrowed_ledger
from services.queries.reading import Reading


@dataclass(frozen=True, slots=True)
class FrozenLightView:
    """The light of one period as it was frozen: judged as of `as_of`, as known on `known_on`."""

    period: str
    light: str
    label: str
    words: str
    as_of: datetime
    known_on: datetime
    rule_set_id: int | None


@dataclass(frozen=True, slots=True)
class LightView:
    """A light with its reason: `words` is the sentence, `facts` its numbers, `rule` the rule's own words.

    `since` is known of the current light only; `in_a_row` counts the periods before that were yellow or red.
    """

    item_id: UUID
    light: str | None
    label: str
    words: str
    code: str
    rule: str
    facts: dict[str, object]
    as_of: datetime
    known_on: datetime
    since: datetime | None
    in_a_row: int
    rule_version: int | None
    frozen: tuple[FrozenLightView, ...]


def light_of(
    reading: Reading, item_id: UUID, *, as_of: datetime | None = None, known_on: datetime | None = None
) -> LightView:
    """The light of an item: as it shows now, or as of an instant, as it was known on another (now if not given).

    Raises NotFound.
    """
    item = visible_item(reading, item_id)
    frozen = _frozen(reading, item_id)
    rows = [row for row in frozen if as_of is None or row.as_of < as_of]
    row_count = in_a_row([row.light for row in sorted(rows, key=lambda row: row.as_of)])
    at, known = as_of or reading.now, known_on or reading.now
    version: int | None = None
    shown: Judgement | None
    if as_of is None and known_on is None:
        shown = None if item.light is None else Judgement.kept(item.light, item.light_reason or {})
    else:
        connection: Any = reading.session.connection().connection.driver_connection
        judging = judges(reading.session, [item.list_id], reading.calendar)
        history = read_histories(connection, [item_id])[item_id]
        judged = judging.judge(item.list_id, history, as_of=at, known_on=known)
        shown, version = judged.judgement, judged.version.version if judged.version else None
    return LightView(
        item_id=item_id,
        light=shown.light.value if shown else None,
        label=label(Light, shown.light) if shown else "",
        words=light_words(shown) if shown else "",
        code=shown.code if shown else "",
        rule=shown.rule if shown else "",
        facts=dict(shown.facts) if shown else {},
        as_of=at,
        known_on=known,
        since=item.light_since if as_of is None and known_on is None else None,
        in_a_row=row_count,
        rule_version=version,
        frozen=frozen,
    )


def _frozen(reading: Reading, item_id: UUID) -> tuple[FrozenLightView, ...]:
    statement = select(FrozenRow).where(FrozenRow.item_id == item_id).order_by(col(FrozenRow.as_of).desc())
    return tuple(
        FrozenLightView(
            period=row.period,
            light=row.light,
            label=label(Light, row.light),
            words=light_words(Judgement.kept(row.light, row.reason)),
            as_of=row.as_of,
            known_on=row.known_on,
            rule_set_id=row.rule_set_id,
        )
        for row in reading.session.exec(statement)
    )


def in_a_row(lights: Sequence[str]) -> int:
    """How many of the last periods, given oldest first, were yellow or red without a green between."""
    count = 0
    for light in reversed(lights):
        if light in BEHIND:
            count += 1
        elif light not in NOT_JUDGED:
            break
    return count


class LightGroup(StrEnum):
    """What lights can be counted by."""

    LIST = "list"
    SECTION = "section"
    LEAD = "lead"


@dataclass(frozen=True, slots=True)
class LightCounts:
    """How many of a group show each light; `none` has not been judged yet."""

    key: str
    name: str
    green: int
    yellow: int
    red: int
    grey: int
    done: int
    none: int


_LEAD = aliased(Responsibility)


def light_counts(reading: Reading, filters: LedgerFilter, group: LightGroup) -> tuple[LightCounts, ...]:
    """Visible items by group and light; most red first, then most yellow. By LEAD an item counts for each lead."""
    key: SQLColumnExpression[Any]
    name: SQLColumnExpression[Any]
    if group is LightGroup.LIST:
        key, name = col(TaskList.id), col(TaskList.title)
    elif group is LightGroup.SECTION:
        key = name = func.coalesce(col(Item.section), "")
    else:
        key, name = col(Unit.id), col(Unit.short_name)
    shown = func.coalesce(col(Item.light), "none")
    statement = narrowed_ledger(reading, select(key, name, shown, func.count()), filters)
    if group is LightGroup.LEAD:
        leads = and_(
            col(_LEAD.item_id) == col(Item.id),
            col(_LEAD.role) == ResponsibilityRole.LEAD,
            col(_LEAD.valid_to).is_(None),
        )
        statement = statement.join(_LEAD, leads).join(Unit, col(Unit.id) == col(_LEAD.unit_id))
    names: dict[str, str] = {}
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for group_key, group_name, light, number in reading.session.execute(statement.group_by(key, name, shown)):
        names[str(group_key)] = str(group_name)
        counts[str(group_key)][light] += number
    rows = [
        LightCounts(each, names[each], *(found[light] for light in (*Light, "none"))) for each, found in counts.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.red, -row.yellow, row.name, row.key)))


@dataclass(frozen=True, slots=True)
class BehindRow:
    """An item that is yellow or red: since when, why in words, and for how many periods in a row before this one."""

    item_id: UUID
    list_id: UUID
    number: str
    text: str
    section: str | None
    leads: tuple[str, ...]
    light: str
    label: str
    words: str
    since: datetime | None
    in_a_row: int


def behind(reading: Reading, filters: LedgerFilter, *, limit: int = 500) -> tuple[BehindRow, ...]:
    """Visible items that are red or yellow: red first, then what has been so for longest."""
    severity = case((col(Item.light) == Light.RED.value, 0), else_=1)
    statement = (
        narrowed_ledger(reading, select(Item), filters)
        .where(col(Item.light).in_(sorted(BEHIND)))
        .order_by(severity, col(Item.light_since), col(Item.id))
        .limit(limit)
    )
    items = list(reading.session.execute(statement).scalars())
    ids = [item.id for item in items]
    leads = leads_of(reading, ids)
    past = _past(reading, ids)
    rows = []
    for item in items:
        shown = Judgement.kept(item.light or Light.GREY, item.light_reason or {})
        rows.append(
            BehindRow(
                item_id=item.id,
                list_id=item.list_id,
                number=item.number,
                text=item.text,
                section=item.section,
                leads=tuple(leads[item.id]),
                light=shown.light.value,
                label=label(Light, shown.light),
                words=light_words(shown),
                since=item.light_since,
                in_a_row=in_a_row(past[item.id]),
            )
        )
    return tuple(rows)


def leads_of(reading: Reading, item_ids: Sequence[UUID]) -> defaultdict[UUID, list[str]]:
    """The short names of the leads of these items, by item, as ordered in the document."""
    statement = (
        select(Responsibility.item_id, func.coalesce(Unit.short_name, Responsibility.printed))
        .outerjoin(Unit, col(Unit.id) == col(Responsibility.unit_id))
        .where(
            col(Responsibility.item_id).in_(item_ids),
            Responsibility.role == ResponsibilityRole.LEAD,
            col(Responsibility.valid_to).is_(None),
        )
        .order_by(col(Responsibility.position))
    )
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    for item_id, name in reading.session.exec(statement):
        found[item_id].append(name)
    return found


def _past(reading: Reading, item_ids: Sequence[UUID]) -> defaultdict[UUID, list[str]]:
    statement = (
        select(FrozenRow.item_id, FrozenRow.light)
        .where(col(FrozenRow.item_id).in_(item_ids))
        .order_by(col(FrozenRow.as_of))
    )
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    for item_id, light in reading.session.exec(statement):
        found[item_id].append(light)
    return found
