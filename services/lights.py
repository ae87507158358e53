"""Lights kept right: judged again when something changed and every night, and frozen when a period closes.

Both work on a batch of items in one transaction and wait for no row: an item that somebody is working on is skipped
and found again. Judging is pure (`domain.lights`); here it is fed and its result written down.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import LiteralString
from uuid import UUID

import orjson
import structlog
from psycopg.types.json import Jsonb
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
RETRY_AFTER = timedelta(hours=1)
_QUIET = frozenset({NotJudged.NOT_STARTED, NotJudged.PAUSED, NotJudged.WAITING, NotJudged.HISTORICAL})

_log = structlog.get_logger()

_DUE_HEAD: LiteralString = "SELECT id FROM item WHERE light_check_at <= :now ORDER BY light_check_at LIMIT 1"
_NEXT_DUE: LiteralString = "SELECT min(light_check_at) FROM item WHERE light_check_at > :now"
_DUE_COUNT: LiteralString = "SELECT count(*), min(light_check_at) FROM item WHERE light_check_at <= :now"
_CLAIM_DUE: LiteralString = (
    "SELECT id FROM item WHERE light_check_at <= %s ORDER BY light_check_at LIMIT %s FOR NO KEY UPDATE SKIP LOCKED"
)
_SET_LIGHTS: LiteralString = (
    "UPDATE item SET light = u.light, light_reason = u.reason, light_check_at = u.check_at,"
    " light_since = CASE WHEN item.light IS DISTINCT FROM u.light THEN %s ELSE item.light_since END"
    " FROM jsonb_to_recordset(%s) AS u(id uuid, light text, reason jsonb, check_at timestamptz) WHERE item.id = u.id"
)
_PUT_OFF: LiteralString = "UPDATE item SET light_check_at = %s WHERE id = ANY(%s)"
# A month that is frozen leaves nothing to do until the next; a rhythm may close a period with any day.
_LAST_CLOSED: LiteralString = (
    "SELECT l.id, max(p.closes_at) FROM task_list l LEFT JOIN light_period p ON p.list_id = l.id"
    " LEFT JOIN report_rhythm r ON r.list_id = l.id WHERE l.origin <> 'matters'"
    " GROUP BY l.id, r.list_id HAVING max(p.closes_at) IS NULL"
    " OR max(p.closes_at) < CASE WHEN r.list_id IS NULL THEN cast(:month AS timestamptz) ELSE :today END ORDER BY l.id"
)
_FIRST_ISSUE: LiteralString = "SELECT min(issued_at) FROM item WHERE list_id = :list_id"
# By fixed ranges of positions: each is found by the index of the list, and one that cannot be frozen stays the same
# one and holds up no other.
_UNFROZEN: LiteralString = (
    "SELECT i.position / :batch FROM item i WHERE i.list_id = :list_id AND i.issued_at < :closes_at"
    " AND (i.ended_at IS NULL OR i.ended_at >= :starts_at)"
    " AND NOT EXISTS (SELECT FROM light f WHERE f.item_id = i.id AND f.period = :period)"
    " GROUP BY 1 ORDER BY 1 LIMIT :limit"
)
_CLAIM_UNFROZEN: LiteralString = (
    "SELECT i.id FROM item i WHERE i.list_id = %s AND i.issued_at < %s AND (i.ended_at IS NULL OR i.ended_at >= %s)"
    " AND NOT EXISTS (SELECT FROM light f WHERE f.item_id = i.id AND f.period = %s)"
    " AND i.position >= %s AND i.position < %s FOR NO KEY UPDATE SKIP LOCKED"
)
_FREEZE: LiteralString = (
    "INSERT INTO light (item_id, period, rule_set_id, as_of, known_on, light, reason)"
    " SELECT id, %s, rule_set_id, %s, %s, light, reason"
    " FROM jsonb_to_recordset(%s) AS f(id uuid, rule_set_id int, light text, reason jsonb) ON CONFLICT DO NOTHING"
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
        done: list[dict[str, object]] = []
        failed: list[UUID] = []
        for row in seen:
            judged = _judged(judging, row, histories[row.id], as_of=uow.now, known_on=uow.now)
            if judged is None:
                failed.append(row.id)
                continue
            check_at = _next_check(row.state, judged.judgement, uow.now)
            done.append({**_shown(row, judged), "check_at": check_at})
        if done:
            uow.write(_SET_LIGHTS, (uow.now, Jsonb(done, orjson.dumps)))
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


def _shown(row: Seen, judged: Judged) -> dict[str, object]:
    return {"id": row.id, "light": judged.judgement.light, "reason": judged.judgement.reason}


@dataclass(frozen=True, slots=True)
class PeriodPart:
    """A part of a list whose lights are to be frozen for a period: the `part`-th `BATCH` of its positions, or None
    when all are frozen and the period is to be closed.
    """

    list_id: UUID
    period: Period
    part: int | None

    def __str__(self) -> str:
        return f"{self.list_id}/{self.period.key}/{'' if self.part is None else self.part}"


def due_periods(session: Session, now: datetime, limit: int) -> list[PeriodPart]:
    """Of each list the oldest period that has closed and is not wholly frozen, in parts, `limit` of them at most."""
    keys: list[PeriodPart] = []
    for list_id, closed_until in _lists_behind(session, now):
        if len(keys) >= limit:
            break
        period = _oldest_closed(session, list_id, closed_until, now)
        if period is not None:
            parts: list[int | None] = [*_unfrozen(session, list_id, period, limit - len(keys))]
            keys += [PeriodPart(list_id, period, part) for part in parts or [None]]
    return keys


def _unfrozen(session: Session, list_id: UUID, period: Period, limit: int) -> Sequence[int]:
    parameters = {
        "list_id": list_id,
        "period": period.key,
        "starts_at": period.starts_at,
        "closes_at": period.closes_at,
        "batch": BATCH,
        "limit": limit,
    }
    return session.connection().execute(text(_UNFROZEN), parameters).scalars().all()


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


@dataclass(frozen=True, slots=True)
class Frozen:
    """How many lights were frozen, and whether the list's period is complete now."""

    lights: int
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeLights:
    """Freeze the lights of a part of a list for a period that has closed; with no part, close the period if every
    light of it is frozen. Done again it does nothing.

    Judged as of the close, as known now: an outage of ten days freezes what was so at the close, not ten days later.
    """

    list_id: UUID
    period: Period
    part: int | None = None

    def execute(self, uow: UnitOfWork) -> Frozen:
        """Raises NotFound for a list that is not there, LightNotJudged when no item that is left can be judged."""
        uow.require(Permission.LIGHT_FREEZE)
        uow.get(TaskList, self.list_id)
        uow.about(self.list_id)
        period = self.period
        if period.closes_at > uow.now:
            return Frozen(0, complete=False)
        if self.part is None:
            return self._close(uow)
        add_shipped_rules(uow)
        bounds = (self.part * BATCH, (self.part + 1) * BATCH)
        asked = (self.list_id, period.closes_at, period.starts_at, period.key, *bounds)
        [rows] = uow.read((_CLAIM_UNFROZEN, asked))
        seen, histories = _observed(uow, [row[0] for row in rows])
        judging = judges(uow.session, [self.list_id], uow.calendar)
        done: list[dict[str, object]] = []
        for row in seen:
            judged = _judged(judging, row, histories[row.id], as_of=period.closes_at, known_on=uow.now)
            if judged is not None:
                done.append({**_shown(row, judged), "rule_set_id": judged.version.id if judged.version else None})
        if seen and not done:
            raise LightNotJudged(str(seen[0].id), item=str(seen[0].id))
        if done:
            uow.write(_FREEZE, (period.key, period.closes_at, uow.now, Jsonb(done, orjson.dumps)))
            uow.write(_ARM, ([each["id"] for each in done if each["light"] in BEHIND],))
        return Frozen(len(done), complete=False)

    def _close(self, uow: UnitOfWork) -> Frozen:
        period = self.period
        if _unfrozen(uow.session, self.list_id, period, 1):
            return Frozen(0, complete=False)
        uow.write(_CLOSE_PERIOD, (self.list_id, period.key, period.starts_at, period.closes_at, uow.now))
        return Frozen(0, complete=True)
