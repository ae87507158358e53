"""Lights kept right: judged again when something changed and every night, and frozen when a period closes.

Both work on a batch of items in one transaction and wait for no row: an item that somebody is working on is skipped
and found again. Judging is pure (`domain.lights`); here it is fed and its result written down.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, LiteralString
from uuid import UUID

import orjson
import structlog
from sqlalchemy import text
from sqlmodel import Session, select

from db.tables import CalendarYear, LightPeriod, ReportRhythm, TaskList
from domain.calendar import WorkCalendar, local_date, start_of
from domain.errors import DomainError
from domain.light_errors import LightNotJudged
from domain.light_facts import BEHIND, History, State, situation
from domain.light_periods import Period, closed_periods, month_of
from domain.lights import Judgement, NotJudged, judge
from domain.permissions import Permission
from services.light_histories import Seen, observe, read_histories, read_seen
from services.light_rules import RuleSets, RuleVersion, add_shipped_rules, rule_sets
from services.rhythms import rhythm_of
from services.unit_of_work import UnitOfWork
from services.work_calendar import read_calendar

BATCH = 500
"""Items of one transaction: enough to share its cost, few enough that nobody waits long for one of them."""
NOBODY = UUID(int=0)
RETRY_AFTER = timedelta(hours=1)
_QUIET = frozenset({NotJudged.NOT_STARTED, NotJudged.PAUSED, NotJudged.WAITING, NotJudged.HISTORICAL})

_log = structlog.get_logger()

_DUE_HEAD: LiteralString = "SELECT id FROM item WHERE light_check_at <= :now ORDER BY light_check_at, id LIMIT 1"
_NEXT_DUE: LiteralString = "SELECT min(light_check_at) FROM item WHERE light_check_at > :now"
_DUE_COUNT: LiteralString = "SELECT count(*), min(light_check_at) FROM item WHERE light_check_at <= :now"
_CLAIM_DUE: LiteralString = (
    "SELECT id FROM item WHERE light_check_at <= %s ORDER BY light_check_at, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED"
)
_SET_LIGHTS: LiteralString = (
    "UPDATE item SET light = u.light, light_reason = u.reason::jsonb, light_check_at = u.check_at,"
    " light_since = CASE WHEN item.light IS DISTINCT FROM u.light THEN %s ELSE item.light_since END"
    " FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[]) AS u(id, light, reason, check_at)"
    " WHERE item.id = u.id"
)
_PUT_OFF: LiteralString = "UPDATE item SET light_check_at = %s WHERE id = ANY(%s)"
# A month that is frozen leaves nothing to do until the next; a rhythm may close a period with any day.
_LAST_CLOSED: LiteralString = (
    "SELECT l.id, max(p.closes_at) FROM task_list l LEFT JOIN light_period p ON p.list_id = l.id"
    " LEFT JOIN report_rhythm r ON r.list_id = l.id GROUP BY l.id, r.list_id HAVING max(p.closes_at) IS NULL"
    " OR max(p.closes_at) < CASE WHEN r.list_id IS NULL THEN cast(:month AS timestamptz) ELSE :today END ORDER BY l.id"
)
_FIRST_ISSUE: LiteralString = "SELECT min(issued_at) FROM item WHERE list_id = :list_id"
_UNFROZEN_HEAD: LiteralString = (
    "SELECT i.id FROM item i WHERE i.list_id = :list_id AND i.issued_at < :closes_at"
    " AND (i.ended_at IS NULL OR i.ended_at >= :starts_at)"
    " AND NOT EXISTS (SELECT FROM light f WHERE f.item_id = i.id AND f.period = :period) ORDER BY i.id LIMIT 1"
)
_CLAIM_UNFROZEN: LiteralString = (
    "SELECT i.id FROM item i WHERE i.list_id = %s AND i.issued_at < %s AND (i.ended_at IS NULL OR i.ended_at >= %s)"
    " AND NOT EXISTS (SELECT FROM light f WHERE f.item_id = i.id AND f.period = %s)"
    " ORDER BY i.id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED"
)
_FREEZE: LiteralString = (
    "INSERT INTO light (item_id, period, rule_set_id, as_of, known_on, light, reason)"
    " SELECT item_id, %s, rule_set_id, %s, %s, light, reason::jsonb"
    " FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::text[]) AS f(item_id, rule_set_id, light, reason)"
    " ON CONFLICT DO NOTHING"
)
_ARM: LiteralString = "UPDATE item SET light_check_at = 'epoch' WHERE id = ANY(%s) AND light_check_at IS NOT NULL"
_CLOSE_PERIOD: LiteralString = (
    "INSERT INTO light_period (list_id, period, starts_at, closes_at, frozen_at) VALUES (%s, %s, %s, %s, %s)"
    " ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Judges:
    """What judging needs beside the histories: the rules of the lists, and the working calendar as it was known."""

    rules: RuleSets
    calendar: "KnownCalendar"

    def judge(self, list_id: UUID, history: History, *, as_of: datetime, known_on: datetime) -> "Judged":
        """The light of an item as of `as_of`, as known on `known_on`, and the rules that counted."""
        version = self.rules.at(list_id, as_of=as_of, known_on=known_on)
        found = situation(history, as_of=as_of, known_on=known_on)
        judgement = judge(found, version.table, self.calendar.working_days(known_on))
        by_rule = judgement.code not in set(NotJudged)
        return Judged(judgement, version if by_rule else None)


@dataclass(frozen=True, slots=True)
class Judged:
    """A light and the rules that gave it; none where the item's clock does not run."""

    judgement: Judgement
    version: RuleVersion | None


@dataclass(frozen=True, slots=True)
class KnownCalendar:
    """The national working days, with the years whose notice had been loaded by an instant."""

    calendar: WorkCalendar
    loaded: Mapping[int, datetime]

    def working_days(self, known_on: datetime) -> Callable[[date, date], int]:
        """Working days between two dates, by the notices loaded by then."""
        return _working_days(self, frozenset(year for year, at in self.loaded.items() if at <= known_on))

    def __hash__(self) -> int:
        return id(self)


@lru_cache(maxsize=32)
def _working_days(known: KnownCalendar, years: frozenset[int]) -> Callable[[date, date], int]:
    exceptions = {day: works for day, works in known.calendar.exceptions.items() if day.year in years}
    return lru_cache(maxsize=20_000)(WorkCalendar(exceptions, years).working_days_between)


def judges(session: Session, list_ids: Sequence[UUID], calendar: WorkCalendar) -> Judges:
    """What is needed to judge items of these lists."""
    years = session.exec(select(CalendarYear.year, CalendarYear.loaded_at)).all()
    loaded = dict(years)
    return Judges(rule_sets(session, list_ids), KnownCalendar(calendar, loaded))


def due_lights(session: Session, now: datetime, _limit: int) -> Sequence[UUID]:
    """The first item whose light has to be judged, if there is one: one batch at a time, until none is left."""
    return session.connection().execute(text(_DUE_HEAD), {"now": now}).scalars().all()


def next_light(session: Session, now: datetime) -> datetime | None:
    """When the next light has to be judged."""
    found: datetime | None = session.connection().execute(text(_NEXT_DUE), {"now": now}).scalar_one()
    return found


def light_backlog(session: Session, now: datetime) -> tuple[int, datetime | None]:
    """How many lights have to be judged, and since when; what is armed for at once has no such time."""
    count, since = session.connection().execute(text(_DUE_COUNT), {"now": now}).one()
    return count, since if since is not None and since.year > 1970 else None  # noqa: PLR2004  the armed ones' mark


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many lights were judged, and how many items could not be."""

    judged: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshLights:
    """Judge again the lights that are due, `batch` items at most."""

    batch: int = BATCH

    def execute(self, uow: UnitOfWork) -> Refreshed:
        """An item that cannot be judged keeps its light and is tried again after an hour; the others go on."""
        uow.require(Permission.LIGHT_REFRESH)
        uow.audited = False
        add_shipped_rules(uow)
        [rows] = uow.read((_CLAIM_DUE, (uow.now, self.batch)))
        seen, histories = _observed(uow, [row[0] for row in rows])
        judging = judges(uow.session, list({row.list_id for row in seen}), uow.calendar)
        done: list[tuple[UUID, str, str, datetime | None]] = []
        failed: list[UUID] = []
        for row in seen:
            judged = _judged(judging, row, histories[row.id], as_of=uow.now, known_on=uow.now)
            if judged is None:
                failed.append(row.id)
                continue
            check_at = _next_check(row.state, judged.judgement, uow.now)
            done.append((row.id, judged.judgement.light.value, _dump(judged.judgement), check_at))
        if done:
            uow.write(_SET_LIGHTS, (uow.now, *_columns(done)))
        if failed:
            uow.write(_PUT_OFF, (uow.now + RETRY_AFTER, failed))
        return Refreshed(len(done), len(failed))


def _observed(uow: UnitOfWork, item_ids: Sequence[UUID]) -> tuple[list[Seen], dict[UUID, History]]:
    if not item_ids:
        return [], {}
    seen = read_seen(uow.driver, item_ids)
    histories = read_histories(uow.driver, item_ids)
    observe(uow.driver, seen, histories, now=uow.now)
    return seen, histories


def _judged(judging: Judges, row: Seen, history: History, *, as_of: datetime, known_on: datetime) -> Judged | None:
    try:
        return judging.judge(row.list_id, history, as_of=as_of, known_on=known_on)
    except (DomainError, LookupError, ValueError, TypeError):
        # One item's broken fact must not keep the lights of all others from being right.
        _log.exception("light_not_judged", item_id=str(row.id))
        return None


def _next_check(state: State, judgement: Judgement, now: datetime) -> datetime | None:
    """The next midnight: schedule and days left change with the day. Never while only an event can change it."""
    if state.ended_at is not None or judgement.code in _QUIET:
        return None
    return start_of(local_date(now) + timedelta(days=1))


def _dump(judgement: Judgement) -> str:
    return orjson.dumps(judgement.reason).decode()


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


@dataclass(frozen=True, slots=True)
class PeriodKey:
    """A list and period whose lights are to be frozen, with the first item that has none yet; NOBODY when all have."""

    list_id: UUID
    period: Period
    head: UUID

    def __str__(self) -> str:
        return f"{self.list_id}/{self.period.key}/{self.head}"


def due_periods(session: Session, now: datetime, limit: int) -> list[PeriodKey]:
    """Of each list the oldest period that has closed and is not wholly frozen, `limit` lists at most."""
    keys: list[PeriodKey] = []
    for list_id, closed_until in _lists_behind(session, now):
        if len(keys) == limit:
            break
        period = _oldest_closed(session, list_id, closed_until, now)
        if period is not None:
            head = session.connection().execute(text(_UNFROZEN_HEAD), _bounds(list_id, period)).scalar_one_or_none()
            keys.append(PeriodKey(list_id, period, head or NOBODY))
    return keys


def _lists_behind(session: Session, now: datetime) -> list[tuple[UUID, datetime | None]]:
    """Lists that may have a period to freeze, with the close of the last one that is."""
    parameters = {"today": start_of(local_date(now)), "month": month_of(now).starts_at}
    return [tuple(row) for row in session.connection().execute(text(_LAST_CLOSED), parameters)]


def _oldest_closed(session: Session, list_id: UUID, closed_until: datetime | None, now: datetime) -> Period | None:
    since = closed_until
    if since is None:
        since = session.connection().execute(text(_FIRST_ISSUE), {"list_id": list_id}).scalar_one()
    if since is None:
        return None
    row = session.get(ReportRhythm, list_id)
    if row is None:
        return next(closed_periods(None, WorkCalendar(), since=since, now=now), None)
    # A rhythm that was set later may name a period that has been frozen as a month.
    frozen = set(session.exec(select(LightPeriod.period).where(LightPeriod.list_id == list_id)))
    closed = closed_periods(rhythm_of(row), read_calendar(session), since=since, now=now)
    return next((period for period in closed if period.key not in frozen), None)


def next_period(_session: Session, now: datetime) -> datetime:
    """The next midnight: periods close with a day."""
    return start_of(local_date(now) + timedelta(days=1))


def _bounds(list_id: UUID, period: Period) -> dict[str, object]:
    return {
        "list_id": list_id,
        "period": period.key,
        "starts_at": period.starts_at,
        "closes_at": period.closes_at,
    }


@dataclass(frozen=True, slots=True)
class Frozen:
    """How many lights were frozen, and whether the list's period is complete now."""

    lights: int
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeLights:
    """Freeze the lights of a list for a period that has closed, `batch` items at most. Done again it does nothing.

    Judged as of the close, as known now: an outage of ten days freezes what was so at the close, not ten days later.
    """

    list_id: UUID
    period: Period
    batch: int = BATCH

    def execute(self, uow: UnitOfWork) -> Frozen:
        """Raises NotFound for a list that is not there, LightNotJudged when no item that is left can be judged."""
        uow.require(Permission.LIGHT_FREEZE)
        uow.get(TaskList, self.list_id)
        uow.about(self.list_id)
        period = self.period
        if period.closes_at > uow.now:
            return Frozen(0, complete=False)
        add_shipped_rules(uow)
        asked = (self.list_id, period.closes_at, period.starts_at, period.key)
        [rows] = uow.read((_CLAIM_UNFROZEN, (*asked, self.batch)))
        seen, histories = _observed(uow, [row[0] for row in rows])
        judging = judges(uow.session, [self.list_id], uow.calendar)
        done: list[tuple[UUID, int | None, str, str]] = []
        for row in seen:
            judged = _judged(judging, row, histories[row.id], as_of=period.closes_at, known_on=uow.now)
            if judged is None:
                continue
            version = judged.version.id if judged.version else None
            done.append((row.id, version, judged.judgement.light.value, _dump(judged.judgement)))
        if done:
            uow.write(_FREEZE, (period.key, period.closes_at, uow.now, *_columns(done)))
            uow.write(_ARM, ([item_id for item_id, _, light, _ in done if light in BEHIND],))
            return Frozen(len(done), complete=False)
        if seen:
            raise LightNotJudged(str(seen[0].id), item=str(seen[0].id))
        # Nothing claimed is not nothing left: somebody may hold the last rows.
        bounds = _bounds(self.list_id, period)
        if uow.session.connection().execute(text(_UNFROZEN_HEAD), bounds).first() is not None:
            return Frozen(0, complete=False)
        uow.write(_CLOSE_PERIOD, (self.list_id, period.key, period.starts_at, period.closes_at, uow.now))
        return Frozen(0, complete=True)
