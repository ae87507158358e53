"""After a change of the calendar: the limits that it touches are computed anew, batch by batch.

A limit counts because somebody was told of it, so that it moves only by what the change itself moves. The calendar as
it was before the change is had again from what the change says; a limit that agrees with it is the one it was opened
with, and one that a pause or a person has moved keeps its distance in working days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from sqlmodel import Session, col, select

from db.tables import CalendarChange
from domain.calendar import NO_LIMIT, DueInstant, WorkCalendar, end_of, local_date, start_of
from domain.permissions import Permission
from domain.urgency import last_day
from services.recompute_dates import move_item_deadlines, move_report_days
from services.unit_of_work import UnitOfWork
from services.work_calendar import SECONDS_KEPT, read_calendar

BATCH = 100
"""Work items per transaction: their items are locked until it ends, and nobody should wait for long."""

SETTLED = timedelta(seconds=2 * SECONDS_KEPT)
"""By then every process has the new calendar, and what was opened with the old one is there to be found."""

_FIRST = UUID(int=0)
_PENDING: LiteralString = (
    "SELECT source, unit_id, years, days, changed_at FROM calendar_change WHERE id = %s AND through IS NOT"
    " DISTINCT FROM %s AND recomputed_at IS NULL FOR UPDATE SKIP LOCKED"
)
_CANDIDATES: LiteralString = (
    "SELECT w.id, i.root_id FROM work_item w JOIN item i ON i.id = w.item_id WHERE w.closed_at IS NULL AND w.id > %s"
    " AND w.due_at > %s AND w.due_at < %s AND w.opened_at < %s AND (%s::uuid IS NULL OR w.unit_id = %s)"
    " ORDER BY w.id LIMIT %s"
)
_LOCK_ROOTS: LiteralString = "SELECT id FROM item WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_OPEN: LiteralString = (
    "SELECT w.id, w.bpmn_id, w.unit_id, w.opened_at, w.due_at, w.provisional, p.version_id FROM work_item w"
    " JOIN process_instance p ON p.id = w.instance_id WHERE w.id = ANY(%s) AND w.closed_at IS NULL ORDER BY w.id"
)
# Who is waited for is told again when the limit moved; a clock that stands still is not set going by it.
_MOVE: LiteralString = (
    "UPDATE work_item w SET due_at = u.due_at, provisional = u.provisional, escalate_at ="
    " CASE WHEN w.due_at = u.due_at OR w.paused_at IS NOT NULL THEN w.escalate_at ELSE %s END"
    " FROM unnest(%s::uuid[], %s::timestamptz[], %s::bool[]) AS u(id, due_at, provisional)"
    " WHERE w.id = u.id AND w.closed_at IS NULL"
)
_GO_ON: LiteralString = (
    "UPDATE calendar_change SET through = %s, looked_at = looked_at + %s, moved = moved + %s, recomputed_at = %s"
    " WHERE id = %s"
)


@dataclass(frozen=True, slots=True)
class MovedLimit:
    """A work item whose limit moved, or is no longer provisional."""

    work_item_id: UUID
    before: datetime
    after: datetime
    provisional: bool


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What one batch did. `done` when the change needs nothing more."""

    looked_at: int
    moved: tuple[MovedLimit, ...]
    done: bool


def pending(session: Session, now: datetime, limit: int = 1) -> Sequence[tuple[int, UUID | None]]:
    """The oldest change that waits, if every process knows it: its id, and the work item it got to.

    One at a time and in order: each is reckoned from the calendar that the one before it left.
    """
    oldest = session.exec(
        select(CalendarChange)
        .where(col(CalendarChange.recomputed_at).is_(None))
        .order_by(col(CalendarChange.id))
        .limit(1)
    ).first()
    if oldest is None or oldest.id is None or oldest.changed_at + SETTLED > now or limit < 1:
        return ()
    return ((oldest.id, oldest.through),)


def settles_at(session: Session, now: datetime) -> datetime | None:
    """When the oldest change that waits can be taken up, if that is still to come."""
    statement = select(CalendarChange.changed_at).where(col(CalendarChange.recomputed_at).is_(None))
    oldest = session.exec(statement.order_by(col(CalendarChange.id)).limit(1)).first()
    return oldest + SETTLED if oldest is not None and oldest + SETTLED > now else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecomputeLimits:
    """Compute the next batch of open work items anew; `through` is the last one looked at, None for the first batch.

    The same batch again does nothing: the change has moved on, or is locked by who does it.
    """

    change_id: int
    through: UUID | None = None

    def execute(self, uow: UnitOfWork) -> Recomputed:
        """What moved; its audit entry says it too."""
        uow.require(Permission.CALENDAR_RECOMPUTE)
        [changes] = uow.read((_PENDING, (self.change_id, self.through)))
        if not changes:
            uow.audited = False
            return Recomputed(0, (), done=True)
        [(source, unit_id, years, days, changed_at)] = changes
        first, last = _span(years, days)
        after_opened = min(end_of(last), changed_at + SETTLED)
        [found] = uow.read(
            (
                _CANDIDATES,
                (self.through or _FIRST, start_of(first), NO_LIMIT, after_opened, unit_id, unit_id, BATCH),
            )
        )
        ids = [row[0] for row in found]
        uow.read((_LOCK_ROOTS, (sorted({row[1] for row in found}),)))
        [rows] = uow.read((_OPEN, (ids,)))
        before, after = calendars_around(uow.session, self.change_id)
        moved = [change for row in rows if (change := _moved(uow, row, before, after)) is not None]
        if moved:
            columns = ([m.work_item_id for m in moved], [m.after for m in moved], [m.provisional for m in moved])
            uow.write(_MOVE, (uow.now, *columns))
            uow.noted["moved"] = [[str(m.work_item_id), m.before.isoformat(), m.after.isoformat()] for m in moved]
        done = not found
        if done and unit_id is None:
            # No work item's root is held any more: these lock many, in their order.
            uow.flush()
            noted = {
                "report_days": move_report_days(uow, before, after, first),
                "items": move_item_deadlines(uow, before, after, first, source),
            }
            uow.noted |= {name: each for name, each in noted.items() if each}
        through = ids[-1] if ids else self.through
        uow.write(_GO_ON, (through, len(rows), len(moved), uow.now if done else None, self.change_id))
        # Batches that found nothing to move leave their trace in the change's row.
        uow.audited = bool(moved) or done
        return Recomputed(len(rows), tuple(moved), done)


def calendars_around(session: Session, change_id: int) -> tuple[WorkCalendar, WorkCalendar]:
    """The calendar before and after a change: today's, with every later change taken back."""
    now = read_calendar(session)
    exceptions, units = dict(now.exceptions), {unit: dict(days) for unit, days in now.unit_days.items()}
    years = set(now.covered_years)
    later = session.exec(
        select(CalendarChange).where(col(CalendarChange.id) >= change_id).order_by(col(CalendarChange.id).desc())
    ).all()
    after = now
    for change in later:
        if change.id == change_id:
            after = WorkCalendar(dict(exceptions), frozenset(years), now.hours, _copied(units))
        target = exceptions if change.unit_id is None else units.setdefault(change.unit_id, {})
        for day, (was, _) in change.days.items():
            if was is None:
                target.pop(date.fromisoformat(day), None)
            else:
                target[date.fromisoformat(day)] = was
        years -= set(change.years)
    return WorkCalendar(exceptions, frozenset(years), now.hours, units), after


def _copied(units: Mapping[UUID, Mapping[date, bool]]) -> dict[UUID, dict[date, bool]]:
    return {unit: dict(days) for unit, days in units.items()}


def _span(years: Sequence[int], days: Mapping[str, object]) -> tuple[date, date]:
    """The first and the last day that the change can have moved a limit over."""
    touched = [date.fromisoformat(day) for day in days]
    touched += [day for year in years for day in (date(year, 1, 1), date(year, 12, 31))]
    return min(touched), max(touched)


def _moved(uow: UnitOfWork, row: Sequence[Any], before: WorkCalendar, after: WorkCalendar) -> MovedLimit | None:
    """What becomes of one work item's limit; None where it stays as it is."""
    id_, bpmn_id, unit_id, opened_at, due_at, provisional, version_id = row
    task = uow.library.bundle(uow.session, version_id).user_tasks.get(bpmn_id)
    limit = task.properties.get("limit", "none") if task is not None else "none"
    if not limit.endswith("wd"):
        return None
    found = moved_limit(
        opened_at, due_at, int(limit.removesuffix("wd")), before=before.of(unit_id), after=after.of(unit_id)
    )
    if (found.at, found.provisional) == (due_at, provisional):
        return None
    return MovedLimit(id_, due_at, found.at, found.provisional)


def moved_limit(
    opened_at: datetime, due_at: datetime, working_days: int, *, before: WorkCalendar, after: WorkCalendar
) -> DueInstant:
    """The limit that `due_at`, reckoned by the calendar `before`, is by the calendar `after`.

    `working_days` is the limit that the step was opened with. A limit that was moved since (by a pause, say) keeps its
    distance in working days, and its time of day.
    """
    opened, day = local_date(opened_at), last_day(due_at)
    usual = after.add_working_days(opened, working_days)
    if due_at in {usual.at, before.add_working_days(opened, working_days).at}:
        return DueInstant(usual.at, usual.provisional)
    distance = before.working_days_between(opened, day)
    if distance <= 0 or not before.is_working(day):
        return DueInstant(due_at, not after.covers(opened, day))
    new = after.add_working_days(opened, distance)
    return DueInstant(start_of(new.day) + (due_at - start_of(day)), new.provisional)
