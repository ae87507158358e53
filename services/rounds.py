"""Progress rounds: one short instance per item and reporting period, asked for by the office or a list's rhythm."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID, uuid4

from sqlmodel import Session, col, select

from db.tables import Item, ProgressRound, ReportPeriod, ReportRhythm
from domain.calendar import WorkCalendar, end_of, local_date
from domain.deadline_errors import ItemSuspended
from domain.errors import AlreadyExists, NotFound, WrongStatus
from domain.item_errors import RoundLimits
from domain.items import ItemStatus, ResponsibilityRole
from domain.permissions import ActorKind, Permission
from domain.rhythm import Period, Rhythm
from services import clock, effects
from services.rhythms import rhythm_of
from services.routing import initial_data
from services.stepping import LOCK_ROOT, start_instance
from services.unit_of_work import UnitOfWork
from services.visibility import OFFICE_ROLES
from services.work_calendar import read_calendar

REPORTING = frozenset({ItemStatus.IN_PROGRESS, ItemStatus.CLAIMED, ItemStatus.UNDER_REVIEW})
LOOK_AGAIN = timedelta(hours=1)
"""How soon after the opening an item that came in progress, or goes on after a suspension, is found."""

_ADD_ROUND: LiteralString = (
    "INSERT INTO progress_round (id, item_id, instance_id, period, co_due_at, due_at, opened_at, report_period_id,"
    " unit_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, (SELECT unit_id FROM responsibility WHERE item_id = %s"
    " AND role = %s AND unit_id IS NOT NULL AND (valid_to IS NULL OR valid_to > %s)"
    " ORDER BY collects DESC, position LIMIT 1))"
)
# A period is opened with the first of its rounds; whoever comes second waits for it, and takes the same one.
_ADD_PERIOD: LiteralString = (
    "INSERT INTO report_period (id, list_id, period, as_of, co_due_at, due_at, provisional, sheet, opened_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (list_id, period) DO NOTHING"
)
_READ_PERIOD: LiteralString = "SELECT id, provisional FROM report_period WHERE list_id = %s AND period = %s"
_LOCK_FREE_ROOT: LiteralString = (
    "SELECT id FROM item WHERE id = (SELECT root_id FROM item WHERE id = %s) FOR NO KEY UPDATE SKIP LOCKED"
)
# An item whose clock stands still, or whose members report, is not asked; nor is one that joins the next period.
_ASKED: LiteralString = (
    " FROM item i WHERE i.list_id = %(list)s AND i.status = ANY(%(reporting)s)"
    " AND (i.paused_at IS NULL OR %(suspended)s)"
    " AND NOT EXISTS (SELECT FROM item m WHERE m.parent_id = i.id)"
    " AND NOT EXISTS (SELECT FROM progress_round r WHERE r.item_id = i.id AND r.period = %(period)s)"
    " AND EXISTS (SELECT FROM process_instance p JOIN work_item w ON w.instance_id = p.id WHERE p.item_id = i.id"
    "  AND p.key = 'supervision' AND w.bpmn_id = 'claim_completion' AND w.opened_at < %(until)s)"
)
_FIND: LiteralString = "SELECT i.id" + _ASKED + " ORDER BY i.position, i.id LIMIT %(limit)s"
_STILL_ASKED: LiteralString = "SELECT i.root_id" + _ASKED + " AND i.id = %(item)s"
_LOOK_AT: LiteralString = "UPDATE report_rhythm SET next_at = %s WHERE list_id = %s AND version = %s"

Due = tuple[UUID, UUID | None]
"""A list to look at, and the item that has to be asked; without an item all of it are asked by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRound:
    """The office, or the clock, asks for the report of a period. `co_due_at` and `due_at` are instants in UTC:
    when the co-units' parts and the lead's report are due.
    """

    item_id: UUID
    period: str
    co_due_at: datetime
    due_at: datetime

    def execute(self, uow: UnitOfWork) -> UUID:
        """The round's instance id. Raises AlreadyExists for a period that is open or done, WrongStatus, RoundLimits,
        and ItemSuspended unless the list's rhythm asks those too.
        """
        item = uow.session.get(Item, self.item_id)
        uow.about(self.item_id)
        of_office = item is not None and item.office_unit_id in uow.actor.units_as(*OFFICE_ROLES)
        if item is None or (uow.actor.kind is ActorKind.PERSON and not of_office):
            uow.authorized = True
            raise NotFound(f"item {self.item_id}")
        uow.require(Permission.ROUND_OPEN, unit_id=item.office_unit_id)
        uow.read((LOCK_ROOT, (item.root_id,)))
        uow.session.refresh(item)
        if self.co_due_at > self.due_at:
            raise RoundLimits(self.period)
        if item.status not in REPORTING:
            raise WrongStatus(str(item.id), status=item.status)
        rhythm = uow.session.get(ReportRhythm, item.list_id)
        if clock.read_clock(uow, item.id).suspended and (rhythm is None or not rhythm_of(rhythm).ask_suspended):
            raise ItemSuspended(str(item.id))
        known = uow.session.exec(
            select(ProgressRound.id).where(ProgressRound.item_id == item.id, ProgressRound.period == self.period)
        ).first()
        if known is not None:
            raise AlreadyExists(self.period, what="round")
        # What the office asks for beside the sweep stands on the same sheet if its period has one.
        opened = uow.session.exec(
            select(ReportPeriod).where(ReportPeriod.list_id == item.list_id, ReportPeriod.period == self.period)
        ).first()
        limits = (self.co_due_at, self.due_at, opened is not None and opened.provisional)
        return _open(uow, item, self.period, limits, opened.id if opened is not None else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDueRound:
    """The clock asks one item for the report of its list's newest period."""

    list_id: UUID
    item_id: UUID

    def execute(self, uow: UnitOfWork) -> UUID | None:
        """The round's instance id; None when the item need not be asked any more, or somebody works on it just now."""
        uow.about(self.item_id)
        uow.require(Permission.ROUND_OPEN)
        rhythm = rhythm_of(uow.get(ReportRhythm, self.list_id))
        period = rhythm.newest(uow.calendar, uow.today)
        if period is None:
            return None
        asked = _asked(self.list_id, rhythm, period) | {"item": self.item_id}
        free, still = uow.read((_LOCK_FREE_ROOT, (self.item_id,)), (_STILL_ASKED, asked))
        if not free or not still:
            return None
        item = uow.get(Item, self.item_id)
        period_id, provisional = _period_row(uow, self.list_id, rhythm, period)
        co_due_at, due_at = period.limits(uow.now, uow.today, uow.calendar)
        return _open(uow, item, period.name, (co_due_at, due_at, provisional), period_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtRhythm:
    """The clock has asked all items of a list that were to be asked, and notes when to look again."""

    list_id: UUID

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound for a list without a rhythm."""
        uow.audited = False
        uow.about(self.list_id)
        uow.require(Permission.ROUND_OPEN)
        row = uow.get(ReportRhythm, self.list_id)
        uow.write(_LOOK_AT, (next_look(rhythm_of(row), uow.now, uow.calendar), self.list_id, row.version))


def next_look(rhythm: Rhythm, now: datetime, calendar: WorkCalendar) -> datetime | None:
    """When the sweep has something to do for the list again: at the next opening, or sooner while items may join."""
    today = local_date(now)
    opening = rhythm.next_opening(calendar, today)
    period = rhythm.newest(calendar, today)
    if period is None or end_of(rhythm.last_joining(period)) <= now:
        return opening
    return min(now + LOOK_AGAIN, opening) if opening is not None else now + LOOK_AGAIN


def due_rounds(session: Session, now: datetime, limit: int) -> list[Due]:
    """The items that have to be asked for a report now, at most `limit`, by list; or a list that has none left."""
    rows = session.exec(
        select(ReportRhythm).where(col(ReportRhythm.next_at) <= now).order_by(col(ReportRhythm.next_at))
    ).all()
    calendar = read_calendar(session) if rows else None
    found: list[Due] = []
    for row in rows:
        assert calendar is not None
        rhythm = rhythm_of(row)
        period = rhythm.newest(calendar, local_date(now))
        items: list[Due] = []
        if period is not None:
            asked = _asked(row.list_id, rhythm, period) | {"limit": limit - len(found)}
            driver: Any = session.connection().connection.driver_connection
            items = [(row.list_id, item_id) for (item_id,) in driver.execute(_FIND, asked).fetchall()]
        found += items or [(row.list_id, None)]
        if len(found) >= limit:
            break
    return found


def round_command(due: Due) -> OpenDueRound | LookAtRhythm:
    """What the clock does about a key of `due_rounds`."""
    list_id, item_id = due
    return LookAtRhythm(list_id=list_id) if item_id is None else OpenDueRound(list_id=list_id, item_id=item_id)


def next_round(session: Session, now: datetime) -> datetime | None:
    """When `due_rounds` will find something next."""
    statement = select(ReportRhythm.next_at).where(col(ReportRhythm.next_at) > now)
    return session.exec(statement.order_by(col(ReportRhythm.next_at)).limit(1)).first()


def _asked(list_id: UUID, rhythm: Rhythm, period: Period) -> dict[str, object]:
    return {
        "list": list_id,
        "reporting": sorted(REPORTING),
        "suspended": rhythm.ask_suspended,
        "period": period.name,
        "until": end_of(rhythm.last_joining(period)),
    }


def _period_row(uow: UnitOfWork, list_id: UUID, rhythm: Rhythm, period: Period) -> tuple[UUID, bool]:
    values = (uuid4(), list_id, period.name, period.as_of, end_of(period.co_due_on), end_of(period.due_on))
    uow.write(_ADD_PERIOD, (*values, period.provisional, rhythm.sheet, uow.now))
    uow.flush()
    [[row]] = uow.read((_READ_PERIOD, (list_id, period.name)))
    return row[0], row[1]


def _open(
    uow: UnitOfWork, item: Item, period: str, limits: tuple[datetime, datetime, bool], period_id: UUID | None
) -> UUID:
    instance_id = uuid4()
    # The round's row is written with the batch, before the work items that take their limits from it: so the
    # limits are handed over rather than read.
    start_instance(
        uow,
        key=effects.PROGRESS_ROUND,
        item_id=item.id,
        root_item_id=item.root_id,
        data=initial_data(uow, effects.PROGRESS_ROUND, item.id),
        period=period,
        instance_id=instance_id,
        round_limits=limits,
    )
    co_due_at, due_at, _ = limits
    row = (uuid4(), item.id, instance_id, period, co_due_at, due_at, uow.now, period_id)
    uow.write(_ADD_ROUND, (*row, item.id, ResponsibilityRole.LEAD, uow.now))
    return instance_id
