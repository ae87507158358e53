"""The limits of a person's units as a calendar that every calendar program can read (RFC 5545)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import icalendar
from sqlalchemy import or_, select
from sqlmodel import Session, col

from db.tables import CalendarFeed, Item, Person, Responsibility, TaskList, Unit, UnitMember, WorkItem
from domain.addresses import item_path, step_path
from domain.calendar import NO_LIMIT, local_date
from domain.delivery_errors import FeedUnknown
from domain.items import FINAL, ResponsibilityRole
from domain.messages import notices as words
from domain.notices import brief
from domain.permissions import BUSINESS, Actor, Membership, Role
from domain.urgency import last_day
from services.queries.reading import Reading
from services.queries.steps import current_step_labels
from services.secrets import digest_of
from services.sign_in import held_on
from services.visibility import WorkScope, visible_items, visible_work

REFRESH = timedelta(hours=4)
_LONGEST = 60
_MOST = 2000


def feed_actor(session: Session, secret: str, now: datetime) -> Actor:
    """Whose calendar is read under this secret, with the roles held today.

    Raises FeedUnknown: revoked, never given out, or of an account that is disabled.
    """
    statement = (
        select(col(Person.id), col(Person.name), col(UnitMember.unit_id), col(UnitMember.role))
        .join(CalendarFeed, col(CalendarFeed.person_id) == col(Person.id))
        .outerjoin(
            UnitMember,
            (col(UnitMember.person_id) == col(Person.id)) & held_on(local_date(now)),
        )
        .where(
            col(CalendarFeed.token_hash) == digest_of(secret),
            col(CalendarFeed.revoked_at).is_(None),
            col(Person.disabled_at).is_(None),
        )
    )
    rows = session.execute(statement).all()
    if not rows:
        raise FeedUnknown("no such feed")
    held = frozenset(Membership(unit_id, Role(role)) for _, _, unit_id, role in rows if unit_id is not None)
    return Actor(id=rows[0][0], name=rows[0][1], memberships=held)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One day in the calendar. `uid` stays the same for as long as there is the limit, wherever it moves."""

    uid: str
    day: date
    title: str
    description: str
    path: str
    provisional: bool
    changed_at: datetime
    sequence: int


def calendar_feed(reading: Reading, base_url: str) -> bytes:
    """The open limits that the actor's units have to keep: of steps, and of the items they lead."""
    entries = [*_work(reading), *_items(reading)]
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//dudao//deadlines//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    name = words.FEED_NAME.format(name=reading.actor.name)
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Asia/Shanghai")
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT4H")
    for entry in sorted(entries, key=lambda each: (each.day, each.uid)):
        calendar.add_component(_event(entry, reading.now, base_url))
    return bytes(calendar.to_ical())


def _event(entry: _Entry, now: datetime, base_url: str) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", now)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.sequence)
    # A limit is a day, and says nothing about being busy on it.
    event.add("dtstart", entry.day)
    event.add("dtend", entry.day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("summary", entry.title)
    event.add("description", entry.description)
    event.add("url", f"{base_url}{entry.path}")
    event.add("status", "TENTATIVE" if entry.provisional else "CONFIRMED")
    return event


def _work(reading: Reading) -> list[_Entry]:
    scopes = visible_work(reading.actor, WorkScope.UNIT)
    if not scopes:
        return []
    labels = current_step_labels(reading)
    statement = (
        select(WorkItem, col(Item.text), col(Item.number), col(TaskList.title), col(Unit.short_name))
        .join(Item, col(Item.id) == col(WorkItem.item_id))
        .join(TaskList, col(TaskList.id) == col(Item.list_id))
        .join(Unit, col(Unit.id) == col(WorkItem.unit_id))
        .where(or_(*scopes), col(WorkItem.closed_at).is_(None), col(WorkItem.due_at) < NO_LIMIT)
        .where(col(WorkItem.paused_at).is_(None))
        .order_by(col(WorkItem.due_at), col(WorkItem.id))
        .limit(_MOST)
    )
    return [
        _Entry(
            uid=f"work-{work.id}@dudao",
            day=last_day(work.due_at),
            title=words.FEED_WORK.format(step=labels.get(work.bpmn_id, work.bpmn_id), text=brief(text, _LONGEST)),
            description=_description(list_title, number, text, unit, provisional=work.provisional),
            path=step_path(work.id),
            provisional=work.provisional,
            changed_at=work.opened_at,
            sequence=work.epoch,
        )
        for work, text, number, list_title, unit in reading.session.execute(statement)
    ]


def _items(reading: Reading) -> list[_Entry]:
    units = reading.actor.units_as(*BUSINESS)
    if not units:
        return []
    leads = select(col(Responsibility.item_id)).where(
        col(Responsibility.unit_id).in_(units),
        col(Responsibility.role) == ResponsibilityRole.LEAD,
        or_(col(Responsibility.valid_to).is_(None), col(Responsibility.valid_to) > reading.now),
    )
    statement = (
        select(Item, col(TaskList.title))
        .join(TaskList, col(TaskList.id) == col(Item.list_id))
        .where(
            visible_items(reading.actor),
            col(Item.id).in_(leads),
            col(Item.status).not_in(FINAL),
            col(Item.issued_at).is_not(None),
            col(Item.due_at).is_not(None),
            col(Item.paused_at).is_(None),
        )
        .order_by(col(Item.due_at), col(Item.id))
        .limit(_MOST)
    )
    return [_item_entry(item, list_title) for item, list_title in reading.session.execute(statement)]


def _item_entry(item: Item, list_title: str) -> _Entry:
    assert item.due_at is not None
    provisional = item.due_provisional
    return _Entry(
        uid=f"item-{item.id}@dudao",
        day=last_day(item.due_at),
        title=words.FEED_ITEM.format(text=brief(item.text, _LONGEST)),
        description=_description(list_title, item.number, item.text, "", provisional=provisional),
        path=item_path(item.id),
        provisional=provisional,
        changed_at=item.issued_at or item.created_at,
        sequence=item.epoch,
    )


def _description(list_title: str, number: str, text: str, unit: str, *, provisional: bool) -> str:
    fields: list[tuple[str, Any]] = [("list", list_title), ("number", number), ("text", text), ("unit", unit)]
    lines = [f"{words.FIELDS[name]}：{value}" for name, value in fields if value]  # noqa: RUF001  printed so
    if provisional:
        lines.append(words.FEED_PROVISIONAL)
    return "\n".join(lines)
