"""Lights as the board shows them: by unit and section now, or as they were frozen; how they went; what falls due."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, literal_column, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from db.tables import Item, LightPeriod, Responsibility, TaskList, Unit
from db.tables import Light as FrozenRow
from domain.calendar import local_date
from domain.items import Origin, ResponsibilityRole
from domain.labels import label
from domain.light_facts import BEHIND
from domain.lights import Light
from domain.urgency import last_day
from services.queries.ledger import RUNNING, FrozenPairs, LedgerFilter, narrowed_ledger
from services.queries.reading import Reading
from services.visibility import visible_lists

NO_LIGHT = "none"
_MONTH_KEY = len("2026-10")
_LEAD = aliased(Responsibility)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lights:
    """How many items show each light; `none` has not been judged yet."""

    green: int = 0
    yellow: int = 0
    red: int = 0
    grey: int = 0
    done: int = 0
    none: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.green + self.yellow + self.red + self.grey + self.done + self.none

    @property
    def unlit(self) -> int:
        """Those that show no light now."""
        return self.grey + self.none

    def __add__(self, other: "Lights") -> "Lights":
        """Both together."""
        return Lights(
            green=self.green + other.green,
            yellow=self.yellow + other.yellow,
            red=self.red + other.red,
            grey=self.grey + other.grey,
            done=self.done + other.done,
            none=self.none + other.none,
        )


@dataclass(frozen=True, slots=True, order=True)
class Column:
    """One column of the heat table: a section of a list; empty for what stands in none."""

    list_id: UUID
    section: str


@dataclass(frozen=True, slots=True)
class Cell:
    """The items that a unit leads in a column. An item with two leads is in the cells of both."""

    unit_id: UUID
    unit: str
    column: Column
    lights: Lights


@dataclass(frozen=True, slots=True)
class ColumnCount:
    """All items of a column, each once."""

    column: Column
    lights: Lights


@dataclass(frozen=True, slots=True)
class BoardList:
    """A list with items on the board."""

    id: UUID
    title: str


@dataclass(frozen=True, slots=True)
class Counted:
    """Items by column, by unit and column, and the lists they are on, in the ledger's order."""

    columns: tuple[ColumnCount, ...]
    cells: tuple[Cell, ...]
    lists: tuple[BoardList, ...]

    @property
    def lights(self) -> Lights:
        """All items, each once."""
        return sum((each.lights for each in self.columns), Lights())


def count_lights(reading: Reading, list_id: UUID | None, frozen: FrozenPairs = ()) -> Counted:
    """Visible items by their present light or, with `frozen`, by the light of these periods of their lists."""
    shown: Any = col(FrozenRow.light) if frozen else func.coalesce(col(Item.light), literal_column("'none'"))
    section = func.coalesce(col(Item.section), literal_column("''"))
    place = (col(Item.list_id), section)
    whole = _narrowed(reading, list_id, frozen, (*place, shown, func.min(col(Item.position)), func.count()))
    columns: defaultdict[Column, Counter[str]] = defaultdict(Counter)
    first: dict[Column, int] = {}
    for owner, name, light, position, number in reading.session.execute(whole.group_by(*place, shown)):
        column = Column(owner, name)
        columns[column][light] += number
        first[column] = min(first.get(column, position), position)
    lists = _lists(reading, {column.list_id for column in columns})
    rank = {each.id: n for n, each in enumerate(lists)}
    ordered = sorted(columns, key=lambda each: (rank[each.list_id], first[each]))
    counted = tuple(ColumnCount(column, _lights(columns[column])) for column in ordered)
    return Counted(counted, tuple(_cells(reading, list_id, frozen, (*place, shown))), lists)


def _narrowed(reading: Reading, list_id: UUID | None, frozen: FrozenPairs, columns: Sequence[Any]) -> Any:
    statement = narrowed_ledger(reading, select(*columns), LedgerFilter(list_id=list_id))
    if frozen:
        statement = statement.join(FrozenRow, col(FrozenRow.item_id) == col(Item.id))
        statement = statement.where(tuple_(col(Item.list_id), col(FrozenRow.period)).in_(frozen))
    return statement


def _cells(reading: Reading, list_id: UUID | None, frozen: FrozenPairs, place: Sequence[Any]) -> list[Cell]:
    key = (col(_LEAD.unit_id), *place)
    leads = and_(
        col(_LEAD.item_id) == col(Item.id), col(_LEAD.role) == ResponsibilityRole.LEAD, col(_LEAD.valid_to).is_(None)
    )
    counted = _narrowed(reading, list_id, frozen, (*key, func.count())).join(_LEAD, leads).group_by(*key)
    found: defaultdict[tuple[UUID, Column], Counter[str]] = defaultdict(Counter)
    for unit_id, owner, name, light, number in reading.session.execute(counted):
        if unit_id is not None:
            found[unit_id, Column(owner, name)][light] += number
    units = {unit_id for unit_id, _ in found}
    named = reading.session.execute(select(Unit.id, Unit.short_name).where(col(Unit.id).in_(units)))
    names = {unit_id: name for unit_id, name in named}  # noqa: C416  a result has keys of its own, and is no mapping
    return [Cell(unit, names[unit], column, _lights(lights)) for (unit, column), lights in found.items()]


def _lists(reading: Reading, list_ids: set[UUID]) -> tuple[BoardList, ...]:
    statement = (
        select(TaskList.id, TaskList.title, TaskList.origin)
        .where(col(TaskList.id).in_(list_ids))
        .order_by(col(TaskList.created_at), col(TaskList.id))
    )
    found = reading.session.execute(statement)
    return tuple(
        BoardList(id_, label(Origin, title) if origin != Origin.DOCUMENT else title) for id_, title, origin in found
    )


def _lights(counted: Counter[str]) -> Lights:
    return Lights(**{name: counted[name] for name in (*(str(light) for light in Light), NO_LIGHT)})


@dataclass(frozen=True, slots=True)
class Period:
    """A frozen period of one list: until when, and how many of its items showed what at its close. What is `done`
    ended in this period.
    """

    list_id: UUID
    key: str
    closes_at: datetime
    lights: Lights


def frozen_periods(reading: Reading, list_id: UUID | None) -> tuple[Period, ...]:
    """All frozen periods of the visible items, the oldest first."""
    key = (col(Item.list_id), col(FrozenRow.period), col(FrozenRow.light))
    statement = narrowed_ledger(reading, select(*key, func.count()), LedgerFilter(list_id=list_id))
    statement = statement.join(FrozenRow, col(FrozenRow.item_id) == col(Item.id)).group_by(*key)
    counted: defaultdict[tuple[UUID, str], Counter[str]] = defaultdict(Counter)
    for owner, period, light, number in reading.session.execute(statement):
        counted[owner, period][light] += number
    closes = select(LightPeriod).where(tuple_(col(LightPeriod.list_id), col(LightPeriod.period)).in_(list(counted)))
    found = [
        Period(row.list_id, row.period, row.closes_at, _lights(counted[row.list_id, row.period]))
        for row in reading.session.exec(closes)
    ]
    return tuple(sorted(found, key=lambda each: (each.closes_at, each.key, str(each.list_id))))


@dataclass(frozen=True, slots=True)
class Moment:
    """The lights as of the close of a period: of each list those of its last period that had closed by then.

    `pairs` are these periods, by list; `ended` is what has been done until then.
    """

    key: str
    closes_at: datetime
    lights: Lights
    ended: int
    pairs: tuple[tuple[UUID, str], ...]

    @property
    def closes_on(self) -> date:
        """Its last local day."""
        return last_day(self.closes_at)


def moments(periods: Sequence[Period]) -> tuple[Moment, ...]:
    """One moment per name of a period, the oldest first. Lists of different rhythms meet at months where there are any,
    so that a week's meeting does not make a point of its own among the months of everything else.
    """
    names: dict[str, datetime] = {}
    for period in periods:
        names[period.key] = max(names.get(period.key, period.closes_at), period.closes_at)
    months = [name for name in names if len(name) == _MONTH_KEY]
    found = []
    for name in sorted(months or names, key=lambda each: names[each]):
        latest: dict[UUID, Period] = {}
        ended = 0
        for period in periods:
            if period.closes_at <= names[name]:
                latest[period.list_id] = period
                ended += period.lights.done
        lights = sum((period.lights for period in latest.values()), Lights())
        pairs = tuple((period.list_id, period.key) for period in latest.values())
        found.append(Moment(name, names[name], lights, ended, pairs))
    return tuple(found)


def frozen_pairs(reading: Reading, list_id: UUID | None, period: str) -> FrozenPairs:
    """The periods of the moment with this name, as `moments` puts it together; of visible lists, or of one of them.

    Empty for a name that there is none of.
    """
    named = (
        select(LightPeriod).where(visible_lists(reading.actor)).join(TaskList, col(TaskList.id) == LightPeriod.list_id)
    )
    if list_id is not None:
        named = named.where(LightPeriod.list_id == list_id)
    rows = reading.session.exec(named.order_by(col(LightPeriod.closes_at)))
    known = moments([Period(row.list_id, row.period, row.closes_at, Lights()) for row in rows])
    return next((moment.pairs for moment in known if moment.key == period), ())


@dataclass(frozen=True, slots=True)
class DueDay:
    """How many running items have their last day in time on a day, and how many of them are behind."""

    day: date
    count: int
    behind: int


def due_days(reading: Reading, list_id: UUID | None) -> tuple[DueDay, ...]:
    """The days on which running items fall due, from today to the end of the twelfth month."""
    today = local_date(reading.now)
    last = date(today.year + 1, today.month, 1) - timedelta(days=1)
    filters = LedgerFilter(list_id=list_id, statuses=RUNNING, due_from=today, due_to=last)
    at = col(Item.due_at)
    late = func.count().filter(col(Item.light).in_(sorted(BEHIND)))
    days: dict[date, tuple[int, int]] = {}
    # Limits are ends of days, so there are as few of them as days.
    for due_at, number, behind in reading.session.execute(
        narrowed_ledger(reading, select(at, func.count(), late), filters).group_by(at)
    ):
        before = days.get(last_day(due_at), (0, 0))
        days[last_day(due_at)] = (before[0] + number, before[1] + behind)
    return tuple(DueDay(day, *days[day]) for day in sorted(days))


@dataclass(frozen=True, slots=True)
class RedSince:
    """How many are red since a day."""

    day: date
    count: int


def red_since(reading: Reading, list_id: UUID | None) -> tuple[RedSince, ...]:
    """Since when items are red, the oldest first."""
    since = col(Item.light_since)
    filters = LedgerFilter(list_id=list_id, lights=(Light.RED,))
    days: Counter[date] = Counter()
    for at, number in reading.session.execute(
        narrowed_ledger(reading, select(since, func.count()), filters).group_by(since)
    ):
        if at is not None:
            days[local_date(at)] += number
    return tuple(RedSince(day, days[day]) for day in sorted(days))
