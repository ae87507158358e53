"""What of the items' time is due now: found by SQL for the clock, which then runs the commands of `clock_keeping`."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from domain.calendar import local_date, start_of
from domain.deadlines import quarter
from domain.items import DeadlineKind, Strength
from services.side_processes import ACTIVE

_RESUMING: LiteralString = (
    "SELECT item_id FROM suspension WHERE resumed_at IS NULL AND until_on <= :today ORDER BY until_on, item_id"
    " LIMIT :limit"
)
_NEW_LEADS: LiteralString = (
    "SELECT id FROM responsibility_change WHERE applied_at IS NULL AND effective_on <= :today"
    " ORDER BY effective_on, id LIMIT :limit"
)
# Of a group its members are asked, each about its own item.
_QUARTERLY: LiteralString = (
    "SELECT i.id FROM suspension s JOIN item i ON i.id = s.item_id"
    " WHERE s.resumed_at IS NULL AND s.started_at < :since AND i.status = ANY(:active)"
    " AND NOT EXISTS (SELECT FROM process_instance p WHERE p.item_id = i.id AND p.key = :key"
    "  AND (p.period = :period OR p.ended_at IS NULL))"
    " UNION SELECT i.id FROM item i JOIN item_deadline d ON d.item_id = i.id AND d.strength = :conditional"
    "  AND d.replaced_at IS NULL AND d.applies_to = 'row'"
    " WHERE i.due_at IS NULL AND i.issued_at < :since AND i.status = ANY(:active)"
    " AND NOT EXISTS (SELECT FROM item m WHERE m.parent_id = i.id AND m.kind = 'task' AND m.ended_at IS NULL)"
    " AND NOT EXISTS (SELECT FROM process_instance p WHERE p.item_id = i.id AND p.key = :key"
    "  AND (p.period = :period OR p.ended_at IS NULL))"
    " LIMIT :limit"
)
_YEARLY: LiteralString = (
    "SELECT DISTINCT i.id FROM item i JOIN item_deadline d ON d.item_id = i.id AND d.kind = :ongoing"
    "  AND d.strength IS DISTINCT FROM :conditional AND d.replaced_at IS NULL AND d.applies_to = 'row'"
    " WHERE i.due_at IS NULL AND i.paused_at IS NULL AND i.status = 'in_progress'"
    " AND NOT EXISTS (SELECT FROM process_instance p WHERE p.item_id = i.id AND p.key = :key"
    "  AND (p.period = :period OR p.ended_at IS NULL))"
    " LIMIT :limit"
)
_YEARS_END: LiteralString = (
    "SELECT e.instance_id FROM event_wait e JOIN process_instance p ON p.id = e.instance_id"
    " WHERE e.name = 'year_check_due' AND p.period < :over ORDER BY e.instance_id LIMIT :limit"
)
_CHOICES: LiteralString = (
    "SELECT i.id FROM item i WHERE i.due_at <= :now AND i.due_strength = ANY(:chosen) AND i.paused_at IS NULL"
    " AND NOT i.historical AND i.status IN ('issued', 'sent_back', 'received', 'in_progress')"
    " AND NOT EXISTS (SELECT FROM item m WHERE m.parent_id = i.id AND m.kind = 'task' AND m.ended_at IS NULL)"
    " AND NOT EXISTS (SELECT FROM process_instance p WHERE p.item_id = i.id AND p.key = 'deadline_choice'"
    "  AND p.started_at >= i.due_at) ORDER BY i.due_at, i.id LIMIT :limit"
)
_LAST_MONTH_TO_BEGIN = 10
"""Goals are not asked for in November any more: the year's check is in December."""
_DECEMBER = 12


def _ids(session: Session, statement: LiteralString, facts: dict[str, Any]) -> Sequence[UUID]:
    return session.connection().execute(text(statement), facts).scalars().all()


def resuming_items(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Items whose suspension ends today or ended."""
    return _ids(session, _RESUMING, {"today": local_date(now), "limit": limit})


def new_leads(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Changes of the lead that take effect today or should have."""
    return _ids(session, _NEW_LEADS, {"today": local_date(now), "limit": limit})


def quarterly_questions(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Items whose clock stands still, or has not begun, since before this quarter, and that were not asked in it."""
    today = local_date(now)
    first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    facts = {
        "since": start_of(first),
        "key": "quarterly_check",
        "period": quarter(today),
        "active": [str(status) for status in ACTIVE],
        "conditional": Strength.CONDITIONAL_ON_HIGHER_LEVEL.value,
        "limit": limit,
    }
    return _ids(session, _QUARTERLY, facts)


def yearly_checks(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Items in progress without end that have no check for this year yet."""
    today = local_date(now)
    if today.month > _LAST_MONTH_TO_BEGIN:
        return ()
    facts = {
        "key": "yearly_check",
        "period": str(today.year),
        "ongoing": DeadlineKind.ONGOING.value,
        "conditional": Strength.CONDITIONAL_ON_HIGHER_LEVEL.value,
        "limit": limit,
    }
    return _ids(session, _YEARLY, facts)


def years_end_checks(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Yearly checks that wait for December, in December or after it."""
    today = local_date(now)
    over = today.year + (today.month == _DECEMBER)
    return _ids(session, _YEARS_END, {"over": str(over), "limit": limit})


def choices_due(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Items whose date is striven for, or accepts a breakthrough, and has come."""
    chosen = [Strength.STRIVE.value, Strength.BREAKTHROUGH_OK.value]
    return _ids(session, _CHOICES, {"now": now, "chosen": chosen, "limit": limit})


def tomorrow(_session: Session, now: datetime) -> datetime:
    """When a day begins: what is due on a date is due then."""
    return start_of(local_date(now) + timedelta(days=1))
