"""What else a change of the country's days moves: report days of open periods, and dates that run in working days.

Done in the last batch of a change, in one transaction: an open period has one row and the rounds of one list.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from sqlmodel import col, select

from db.tables import ReportPeriod, ReportRhythm
from domain.calendar import NO_LIMIT, WorkCalendar, end_of, local_date, start_of
from domain.deadlines import ChangeKind
from domain.rhythm import Period, Rhythm
from domain.urgency import last_day
from services.clock import CLAIM_STEP
from services.rhythms import rhythm_of
from services.unit_of_work import UnitOfWork

_LONGEST_PERIOD = timedelta(days=800)
_LOCK_ROUNDS: LiteralString = (
    "SELECT id FROM item WHERE id IN (SELECT i.root_id FROM progress_round r JOIN item i ON i.id = r.item_id"
    " WHERE r.report_period_id = %s AND r.outcome IS NULL) ORDER BY id FOR NO KEY UPDATE"
)
_VERSIONS: LiteralString = (
    "SELECT DISTINCT p.version_id FROM progress_round r JOIN process_instance p ON p.id = r.instance_id"
    " WHERE r.report_period_id = %s AND r.outcome IS NULL"
)
_MOVE_PERIOD: LiteralString = "UPDATE report_period SET co_due_at = %s, due_at = %s, provisional = %s WHERE id = %s"
# What was asked for late has a limit of its own, and keeps it.
_MOVE_ROUNDS: LiteralString = (
    "UPDATE progress_round SET co_due_at = CASE WHEN co_due_at = %(co_was)s THEN %(co_due)s ELSE co_due_at END,"
    " due_at = CASE WHEN due_at = %(was)s THEN %(due)s ELSE due_at END"
    " WHERE report_period_id = %(period)s AND outcome IS NULL"
)
_MOVE_WORK: LiteralString = (
    "UPDATE work_item w SET due_at = %(due)s, provisional = %(provisional)s, escalate_at ="
    " CASE WHEN w.due_at = %(due)s OR w.paused_at IS NOT NULL THEN w.escalate_at ELSE %(now)s END"
    " FROM progress_round r WHERE r.report_period_id = %(period)s AND r.outcome IS NULL"
    " AND w.instance_id = r.instance_id AND w.closed_at IS NULL AND w.due_at = %(was)s AND w.bpmn_id = ANY(%(steps)s)"
)
_ITEMS: LiteralString = (
    "SELECT i.id, i.root_id FROM item i JOIN LATERAL (SELECT kind FROM deadline_change WHERE item_id = i.id"
    " AND kind <> 'recomputed' ORDER BY id DESC LIMIT 1) c ON c.kind IN ('trigger', 'pause')"
    " WHERE i.ended_at IS NULL AND i.due_at > %s AND i.due_at < %s ORDER BY i.root_id, i.id"
)
_LOCK_ITEMS: LiteralString = "SELECT id FROM item WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_READ_ITEMS: LiteralString = (
    "SELECT i.id, i.due_at, i.due_provisional, c.kind, c.recorded_at, t.happened_on, d.rule FROM item i"
    " JOIN LATERAL (SELECT kind, recorded_at FROM deadline_change WHERE item_id = i.id AND kind <> 'recomputed'"
    "  ORDER BY id DESC LIMIT 1) c ON true"
    " LEFT JOIN LATERAL (SELECT happened_on FROM trigger_event WHERE item_id = i.id ORDER BY recorded_at DESC LIMIT 1)"
    "  t ON true"
    " LEFT JOIN LATERAL (SELECT rule FROM item_deadline WHERE item_id = i.id AND replaced_at IS NULL"
    "  AND applies_to = 'row' ORDER BY (strength = 'conditional_on_higher_level') DESC NULLS LAST, position LIMIT 1)"
    "  d ON true"
    " WHERE i.id = ANY(%s) ORDER BY i.id"
)
_ADD_CHANGE: LiteralString = (
    "INSERT INTO deadline_change (item_id, due_at, kind, reason, approved_by, recorded_at)"
    " VALUES (%s, %s, %s, %s, %s, %s)"
)
_MOVE_ITEM: LiteralString = (
    "UPDATE item SET due_provisional = %(provisional)s, version = version + CASE WHEN due_at = %(due)s THEN 0 ELSE 1"
    " END, escalate_at = CASE WHEN due_at = %(due)s OR paused_at IS NOT NULL OR historical THEN escalate_at"
    " ELSE %(now)s END, due_at = %(due)s WHERE id = %(item)s"
)
_MOVE_CLAIM: LiteralString = (
    "UPDATE work_item SET provisional = %(provisional)s, escalate_at = CASE WHEN due_at = %(due)s"
    " OR paused_at IS NOT NULL THEN escalate_at ELSE %(now)s END, due_at = %(due)s"
    " WHERE item_id = %(item)s AND bpmn_id = %(step)s AND closed_at IS NULL AND due_at = %(was)s"
)


def move_report_days(uow: UnitOfWork, before: WorkCalendar, after: WorkCalendar, first: date) -> list[list[str]]:
    """Move the report days that were put off or brought forward for a day off; what moved, for the audit entry.

    A report day is never moved into the past: nobody is late by a notice.
    """
    statement = (
        select(ReportPeriod, ReportRhythm)
        .join(ReportRhythm, col(ReportRhythm.list_id) == col(ReportPeriod.list_id))
        .where(col(ReportPeriod.due_at) > start_of(first), col(ReportPeriod.due_at) > uow.now)
        .order_by(col(ReportPeriod.id))
    )
    moved = []
    for row, stored in uow.session.exec(statement).all():
        rhythm = rhythm_of(stored)
        was, now = (_period(rhythm, calendar, row.period, local_date(row.due_at)) for calendar in (before, after))
        if was is None or now is None or end_of(was.due_on) != row.due_at:
            continue  # the rule was changed since, and open rounds keep their limits
        co_due_at, due_at = end_of(now.co_due_on), end_of(now.due_on)
        if min(co_due_at, due_at) <= uow.now:
            co_due_at, due_at = row.co_due_at, row.due_at
        if (co_due_at, due_at, now.provisional) == (row.co_due_at, row.due_at, row.provisional):
            continue
        _move_period(uow, row, co_due_at, due_at, provisional=now.provisional)
        moved.append([str(row.id), row.due_at.isoformat(), due_at.isoformat()])
    return moved


def _period(rhythm: Rhythm, calendar: WorkCalendar, name: str, due_on: date) -> Period | None:
    for period in rhythm.periods(calendar, since=due_on - _LONGEST_PERIOD):
        if period.name == name:
            return period
        if period.starts_on > due_on:
            break
    return None


def _move_period(
    uow: UnitOfWork, row: ReportPeriod, co_due_at: datetime, due_at: datetime, *, provisional: bool
) -> None:
    _, versions = uow.read((_LOCK_ROUNDS, (row.id,)), (_VERSIONS, (row.id,)))
    uow.write(_MOVE_PERIOD, (co_due_at, due_at, provisional, row.id))
    values = {"period": row.id, "now": uow.now, "provisional": provisional}
    uow.write(
        _MOVE_ROUNDS,
        {**values, "co_was": row.co_due_at, "co_due": co_due_at, "was": row.due_at, "due": due_at},
    )
    for limit, before, after in (("round_co_due", row.co_due_at, co_due_at), ("round_due", row.due_at, due_at)):
        steps = _steps(uow, [version for (version,) in versions], limit)
        uow.write(_MOVE_WORK, {**values, "was": before, "due": after, "steps": steps})


def _steps(uow: UnitOfWork, versions: Sequence[int], limit: str) -> list[str]:
    """The steps with that limit, in any of the versions."""
    tasks = (task for version in versions for task in uow.library.bundle(uow.session, version).user_tasks.items())
    return sorted({bpmn_id for bpmn_id, task in tasks if task.properties.get("limit") == limit})


def move_item_deadlines(
    uow: UnitOfWork, before: WorkCalendar, after: WorkCalendar, first: date, reason: str
) -> list[list[str]]:
    """Move the deadlines of items that were reckoned in working days, from a trigger or after a pause."""
    [found] = uow.read((_ITEMS, (start_of(first), NO_LIMIT)))
    if not found:
        return []
    uow.read((_LOCK_ITEMS, (sorted({root for _, root in found}),)))
    [rows] = uow.read((_READ_ITEMS, ([id_ for id_, _ in found],)))
    return [moved for row in rows if (moved := _move_item(uow, row, before, after, reason)) is not None]


def _move_item(
    uow: UnitOfWork, row: Sequence[Any], before: WorkCalendar, after: WorkCalendar, reason: str
) -> list[str] | None:
    id_, due_at, was_provisional, kind, recorded_at, happened_on, rule = row
    start = local_date(recorded_at)
    if kind == ChangeKind.TRIGGER:
        if not (rule or "").endswith("/WORKDAYS") or happened_on is None:
            return None
        start = happened_on
    day = last_day(due_at)
    distance = before.working_days_between(start, day)
    if distance <= 0 or before.add_working_days(start, distance).day != day:
        return None
    new = after.add_working_days(start, distance)
    if (new.at, new.provisional) == (due_at, was_provisional) or new.at <= uow.now:
        return None
    if new.at != due_at:
        uow.write(_ADD_CHANGE, (id_, new.at, ChangeKind.RECOMPUTED, reason, uow.actor.id, uow.now))
    values: dict[str, UUID | datetime | bool | str] = {
        "item": id_, "due": new.at, "was": due_at, "provisional": new.provisional, "now": uow.now, "step": CLAIM_STEP,
    }  # fmt: skip
    uow.write(_MOVE_CLAIM, values)
    uow.write(_MOVE_ITEM, values)
    return [str(id_), due_at.isoformat(), new.at.isoformat()]
