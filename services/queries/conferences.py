"""Reading conferences: the list, one with agenda, attendance, minutes and what became of its resolutions; topics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_
from sqlalchemy import select as sql_select
from sqlmodel import col, select

from db.tables import (
    Conference,
    ConferenceAttendance,
    ConferenceMinutes,
    ConferenceResolution,
    ConferenceTopic,
    Item,
    Person,
    Responsibility,
    Unit,
)
from domain.conferences import ConferenceKind
from domain.errors import NotFound
from domain.items import FINAL, ItemStatus, ResponsibilityRole
from domain.labels import label
from domain.permissions import BUSINESS
from domain.urgency import last_day
from services.queries.ledger_facts import Holder, holders_of
from services.queries.lights import leads_of
from services.queries.page import Key, Order, Page, page_of
from services.queries.reading import Reading
from services.visibility import OFFICE_ROLES, visible_items

_ORDER = Order((col(Conference.opened_at), col(Conference.item_id)), (datetime, UUID), descending=True)


@dataclass(frozen=True, slots=True)
class ConferenceRow:
    """A conference as it is listed, the newest first. `closed` of its `resolutions` are done."""

    item_id: UUID
    office_unit_id: UUID
    kind: str
    kind_label: str
    title: str
    meets_on: date | None
    place: str | None
    held_on: date | None
    opened_at: datetime
    outcome: str | None
    minutes_document_id: UUID | None
    topics: int
    resolutions: int
    closed: int
    held_by: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class TopicRow:
    """What a unit wants decided; `conference_id` once it stands on an agenda, `result` what was decided."""

    id: UUID
    unit_id: UUID
    unit: str
    title: str
    proposal: str
    wanted: str
    wanted_label: str
    proposed_at: datetime
    about_item_id: UUID | None
    coordination_id: UUID | None
    conference_id: UUID | None
    position: int | None
    result: str | None


@dataclass(frozen=True, slots=True)
class ResolutionRow:
    """A resolution and what became of it: the item that it is, whose, by when, with which status and light."""

    conference_id: UUID
    position: int
    text: str
    item_id: UUID
    number: str
    leads: tuple[str, ...]
    due_on: date | None
    status: str
    status_label: str
    light: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attendance:
    """Whether a unit came, and by whom."""

    unit_id: UUID
    unit: str
    premeeting: bool
    present: bool
    person: str
    note: str


@dataclass(frozen=True, slots=True)
class MinutesVersion:
    """A version of the minutes; `resolutions` as they were saved, with ids of units."""

    version: int
    paragraphs: tuple[str, ...]
    resolutions: tuple[Mapping[str, Any], ...]
    saved_by: str | None
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class ConferenceDetail:
    """One conference. `before` are the resolutions of earlier ones that are not done, or were done since the last;
    drafts of minutes are shown to its office, `waiting` topics too.
    """

    row: ConferenceRow
    of_office: bool
    members: tuple[str, ...]
    agenda: tuple[TopicRow, ...]
    waiting: tuple[TopicRow, ...]
    before: tuple[ResolutionRow, ...]
    attendance: tuple[Attendance, ...]
    minutes: tuple[MinutesVersion, ...]
    resolutions: tuple[ResolutionRow, ...]


def conferences(reading: Reading, *, limit: int = 50, after: Key | None = None) -> Page[ConferenceRow]:
    """The conferences that the actor's office called or the actor's units belong to. Raises InvalidCursor."""
    statement = _statement(reading).order_by(*_ORDER.clauses()).limit(limit + 1)
    if after is not None:
        statement = statement.where(_ORDER.after(after))
    rows = _rows(reading, reading.session.execute(statement).all())
    return page_of(rows, limit, lambda row: (row.opened_at, row.item_id))


def _statement(reading: Reading) -> Any:
    return (
        sql_select(Conference, Item)
        .join(Item, col(Item.id) == col(Conference.item_id))
        .where(visible_items(reading.actor))
    )


def _rows(reading: Reading, found: Sequence[Any]) -> list[ConferenceRow]:
    ids = [item.id for _, item in found]
    held = holders_of(reading, ids) if ids else {}
    topics = _counted(
        reading, sql_select(col(ConferenceTopic.conference_id), func.count()).where(_of(ConferenceTopic, ids))
    )
    resolved = _counted(
        reading, sql_select(col(ConferenceResolution.conference_id), func.count()).where(_of(ConferenceResolution, ids))
    )
    done = [status.value for status in FINAL]
    closed = _counted(
        reading,
        sql_select(col(ConferenceResolution.conference_id), func.count())
        .join(Item, col(Item.id) == col(ConferenceResolution.item_id))
        .where(_of(ConferenceResolution, ids), col(Item.status).in_(done)),
    )
    return [
        ConferenceRow(
            item_id=item.id,
            office_unit_id=conference.office_unit_id,
            kind=conference.kind,
            kind_label=label(ConferenceKind, conference.kind),
            title=conference.title,
            meets_on=conference.meets_on,
            place=conference.place,
            held_on=conference.held_on,
            opened_at=conference.opened_at,
            outcome=item.outcome,
            minutes_document_id=conference.minutes_document_id,
            topics=topics.get(item.id, 0),
            resolutions=resolved.get(item.id, 0),
            closed=closed.get(item.id, 0),
            held_by=held.get(item.id, ()),
        )
        for conference, item in found
    ]


def _of(table: Any, ids: Sequence[UUID]) -> Any:
    return col(table.conference_id).in_(ids)


def _counted(reading: Reading, statement: Any) -> dict[UUID, int]:
    by_conference = statement.group_by(statement.selected_columns[0])
    return dict(reading.session.execute(by_conference).all())


def conference_detail(reading: Reading, item_id: UUID) -> ConferenceDetail:
    """One conference as the actor may see it. Raises NotFound."""
    found = reading.session.execute(_statement(reading).where(col(Conference.item_id) == item_id)).first()
    if found is None:
        raise NotFound(f"conference {item_id}")
    conference, _ = found
    [row] = _rows(reading, [found])
    of_office = conference.office_unit_id in reading.actor.units_as(*OFFICE_ROLES)
    return ConferenceDetail(
        row=row,
        of_office=of_office,
        members=_members(reading, item_id),
        agenda=_topics(reading, col(ConferenceTopic.conference_id) == item_id),
        waiting=_waiting(reading, conference) if of_office else (),
        before=_before(reading, conference),
        attendance=_attendance(reading, item_id),
        minutes=_minutes(reading, item_id) if of_office else (),
        resolutions=_resolutions(reading, col(ConferenceResolution.conference_id) == item_id),
    )


def _members(reading: Reading, item_id: UUID) -> tuple[str, ...]:
    statement = (
        select(Unit.short_name)
        .join(Responsibility, col(Responsibility.unit_id) == col(Unit.id))
        .where(Responsibility.item_id == item_id, Responsibility.role == ResponsibilityRole.MEMBER)
        .where(col(Responsibility.valid_to).is_(None))
        .order_by(col(Responsibility.position))
    )
    return tuple(reading.session.exec(statement))


def _topics(reading: Reading, *conditions: Any) -> tuple[TopicRow, ...]:
    statement = (
        select(ConferenceTopic, Unit.short_name)
        .join(Unit, col(Unit.id) == col(ConferenceTopic.unit_id))
        .where(*conditions)
        .order_by(col(ConferenceTopic.position), col(ConferenceTopic.proposed_at), col(ConferenceTopic.id))
    )
    return tuple(
        TopicRow(
            id=topic.id,
            unit_id=topic.unit_id,
            unit=unit,
            title=topic.title,
            proposal=topic.proposal,
            wanted=topic.wanted,
            wanted_label=label(ConferenceKind, topic.wanted),
            proposed_at=topic.proposed_at,
            about_item_id=topic.about_item_id,
            coordination_id=topic.coordination_id,
            conference_id=topic.conference_id,
            position=topic.position,
            result=topic.result,
        )
        for topic, unit in reading.session.exec(statement)
    )


def _waiting(reading: Reading, conference: Conference) -> tuple[TopicRow, ...]:
    return _topics(
        reading,
        ConferenceTopic.office_unit_id == conference.office_unit_id,
        ConferenceTopic.wanted == conference.kind,
        col(ConferenceTopic.conference_id).is_(None),
    )


def topics(reading: Reading, *, waiting_only: bool = False) -> tuple[TopicRow, ...]:
    """The topics of the actor's office, or those of the actor's units."""
    offices, units = reading.actor.units_as(*OFFICE_ROLES), reading.actor.units_as(*BUSINESS)
    mine = or_(col(ConferenceTopic.office_unit_id).in_(offices), col(ConferenceTopic.unit_id).in_(units))
    return _topics(reading, mine, *([col(ConferenceTopic.conference_id).is_(None)] if waiting_only else []))


def _before(reading: Reading, conference: Conference) -> tuple[ResolutionRow, ...]:
    """What became of earlier resolutions: those not done, and those done since the conference before."""
    earlier = (
        select(Conference.item_id, Conference.opened_at)
        .where(Conference.office_unit_id == conference.office_unit_id, Conference.opened_at < conference.opened_at)
        .order_by(col(Conference.opened_at).desc())
    )
    known = reading.session.exec(earlier).all()
    if not known:
        return ()
    ids, since = [item_id for item_id, _ in known], known[0][1]
    return _resolutions(
        reading,
        col(ConferenceResolution.conference_id).in_(ids),
        or_(col(Item.ended_at).is_(None), col(Item.ended_at) >= since),
    )


def _resolutions(reading: Reading, *conditions: Any) -> tuple[ResolutionRow, ...]:
    statement = (
        sql_select(ConferenceResolution, Item)
        .join(Item, col(Item.id) == col(ConferenceResolution.item_id))
        .where(*conditions)
        .order_by(col(ConferenceResolution.registered_at), col(ConferenceResolution.position))
    )
    found = reading.session.execute(statement).all()
    leads = leads_of(reading, [item.id for _, item in found])
    return tuple(
        ResolutionRow(
            conference_id=row.conference_id,
            position=row.position,
            text=row.text,
            item_id=item.id,
            number=item.number,
            leads=tuple(leads[item.id]),
            due_on=last_day(item.due_at) if item.due_at is not None else None,
            status=item.status,
            status_label=label(ItemStatus, item.status),
            light=item.light,
            ended_at=item.ended_at,
        )
        for row, item in found
    )


def _attendance(reading: Reading, item_id: UUID) -> tuple[Attendance, ...]:
    statement = (
        select(ConferenceAttendance, Unit.short_name)
        .join(Unit, col(Unit.id) == col(ConferenceAttendance.unit_id))
        .where(ConferenceAttendance.conference_id == item_id)
        .order_by(col(ConferenceAttendance.premeeting).desc(), col(Unit.sort_order), col(Unit.short_name))
    )
    return tuple(
        Attendance(row.unit_id, unit, row.premeeting, row.present, row.person, row.note)
        for row, unit in reading.session.exec(statement)
    )


def _minutes(reading: Reading, item_id: UUID) -> tuple[MinutesVersion, ...]:
    statement = (
        select(ConferenceMinutes, Person.name)
        .outerjoin(Person, col(Person.id) == col(ConferenceMinutes.saved_by))
        .where(ConferenceMinutes.conference_id == item_id)
        .order_by(col(ConferenceMinutes.version))
    )
    return tuple(
        MinutesVersion(row.version, tuple(row.paragraphs), tuple(row.resolutions), name, row.saved_at)
        for row, name in reading.session.exec(statement)
    )
