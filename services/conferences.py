"""Conferences: called, their topics and agenda, who attended, the minutes. The steps are in `conference_effects`."""

from dataclasses import dataclass, field
from datetime import date
from typing import LiteralString
from uuid import UUID

from sqlmodel import col, select

from db.tables import Conference, ConferenceAttendance, ConferenceMinutes, ConferenceTopic, Unit
from domain.conference_errors import (
    AgendaElsewhere,
    MeetingAhead,
    MinutesChanged,
    MinutesElsewhere,
    ResolutionWithoutLead,
    TopicTaken,
)
from domain.conferences import ConferenceKind
from domain.errors import NotFound
from domain.items import ItemKind, ResponsibilityRole
from domain.labels import label
from domain.messages.conferences import TITLES
from domain.permissions import Permission
from services.matters import MatterParty, lock_matter, next_number, open_matter
from services.unit_of_work import UnitOfWork
from services.visibility import OFFICE_ROLES

PROCESS = "joint_conference"
_OPEN_STEP: LiteralString = (
    "SELECT w.bpmn_id FROM work_item w JOIN process_instance p ON p.id = w.instance_id"
    " WHERE p.item_id = %s AND p.key = 'joint_conference' AND w.closed_at IS NULL AND w.bpmn_id = ANY(%s) LIMIT 1"
)
_COUNT_CALLED: LiteralString = (
    "SELECT count(*) FROM conference c JOIN item i ON i.id = c.item_id WHERE c.office_unit_id = %s AND c.kind = %s"
    " AND i.number LIKE %s"
)
_IS_OFFICE: LiteralString = "SELECT EXISTS (SELECT FROM task_list WHERE office_unit_id = %s)"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallConference:
    """The office calls a conference of its members, or a special meeting of the units that a problem concerns."""

    office_unit_id: UUID
    kind: ConferenceKind
    unit_ids: tuple[UUID, ...]
    title: str = ""

    def execute(self, uow: UnitOfWork) -> UUID:
        """The conference's item id. Raises PermissionDenied, NotFound for an unknown unit or without any."""
        uow.require(Permission.CONFERENCE_EDIT, unit_id=self.office_unit_id)
        if not self.unit_ids:
            raise NotFound("conference without members")
        for unit_id in self.unit_ids:
            uow.get(Unit, unit_id)
        year = uow.today.year
        number = next_number(uow, self.office_unit_id, ItemKind.CONFERENCE, year)
        # Counted by kind, one after the other: the office's row keeps two clerks from calling the same one.
        uow.lock(Unit, self.office_unit_id)
        [[(before,)]] = uow.read((_COUNT_CALLED, (self.office_unit_id, self.kind, f"{year}-%")))
        usual = TITLES["numbered"].format(year=year, number=before + 1, kind=label(ConferenceKind, self.kind))
        title = self.title.strip() or usual
        opened = open_matter(
            uow,
            kind=ItemKind.CONFERENCE,
            office_unit_id=self.office_unit_id,
            title=title,
            number=f"{year}-{number}",
            process=PROCESS,
            data={"special_meeting": self.kind is ConferenceKind.SPECIAL},
            parties=[MatterParty(unit_id, ResponsibilityRole.MEMBER) for unit_id in dict.fromkeys(self.unit_ids)],
        )
        uow.session.add(
            Conference(
                item_id=opened.item_id,
                office_unit_id=self.office_unit_id,
                kind=self.kind,
                title=title,
                opened_at=uow.now,
            )
        )
        return opened.item_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeTopic:
    """A unit's liaison officer, or the office itself, proposes a topic, at any time."""

    office_unit_id: UUID
    unit_id: UUID
    title: str
    proposal: str = field(metadata={"audit": False})
    wanted: ConferenceKind = ConferenceKind.JOINT

    def execute(self, uow: UnitOfWork) -> UUID:
        """The topic's id. Raises PermissionDenied, NotFound for a unit that is no office."""
        own = self.unit_id == self.office_unit_id
        uow.require(Permission.CONFERENCE_EDIT if own else Permission.TOPIC_PROPOSE, unit_id=self.unit_id)
        [[(is_office,)]] = uow.read((_IS_OFFICE, (self.office_unit_id,)))
        if not own and not is_office:
            raise NotFound(f"office {self.office_unit_id}")
        row = ConferenceTopic(
            office_unit_id=self.office_unit_id,
            unit_id=self.unit_id,
            title=self.title.strip(),
            proposal=self.proposal.strip(),
            wanted=self.wanted,
            proposed_by=uow.actor.id,
            proposed_at=uow.now,
        )
        uow.session.add(row)
        uow.about(row.id)
        return row.id


def office_conference(uow: UnitOfWork, item_id: UUID) -> Conference:
    """A conference for a command of its office, its row locked. Raises NotFound, PermissionDenied."""
    uow.about(item_id)
    row = uow.session.get(Conference, item_id)
    if row is None or row.office_unit_id not in uow.actor.units_as(*OFFICE_ROLES):
        uow.authorized = True
        raise NotFound(f"conference {item_id}")
    uow.require(Permission.CONFERENCE_EDIT, unit_id=row.office_unit_id)
    lock_matter(uow, item_id)
    uow.session.refresh(row)
    return row


def is_at(uow: UnitOfWork, item_id: UUID, *steps: str) -> bool:
    """Whether one of these steps of the conference is open."""
    [found] = uow.read((_OPEN_STEP, (item_id, list(steps))))
    return bool(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAgenda:
    """The office chooses the topics of a conference and their order; all of them at once."""

    item_id: UUID
    topic_ids: tuple[UUID, ...]

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, AgendaElsewhere, TopicTaken."""
        row = office_conference(uow, self.item_id)
        if not is_at(uow, self.item_id, "prepare_agenda"):
            raise AgendaElsewhere(str(self.item_id))
        for before in agenda_of(uow, self.item_id):
            before.conference_id, before.position = None, None
        uow.session.flush()
        for position, topic_id in enumerate(dict.fromkeys(self.topic_ids)):
            topic = uow.lock(ConferenceTopic, topic_id)
            if topic.office_unit_id != row.office_unit_id:
                raise NotFound(f"topic {topic_id}")
            if topic.conference_id is not None:
                raise TopicTaken(str(topic_id), title=topic.title)
            topic.conference_id, topic.position = self.item_id, position


def agenda_of(uow: UnitOfWork, item_id: UUID) -> list[ConferenceTopic]:
    """The topics of a conference in their order."""
    rows = uow.session.exec(
        select(ConferenceTopic).where(ConferenceTopic.conference_id == item_id).order_by(col(ConferenceTopic.position))
    )
    return list(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """A unit with who came for it, or that nobody did."""

    unit_id: UUID
    present: bool
    person: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAttendance:
    """The office records who came to the conference, or to the liaison officers' meeting before it."""

    item_id: UUID
    attendees: tuple[Attendee, ...] = field(metadata={"audit": False})
    premeeting: bool = False

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, MeetingAhead before the meeting is due."""
        row = office_conference(uow, self.item_id)
        step = "hold_premeeting" if self.premeeting else "hold_meeting"
        ahead = not self.premeeting and row.meets_on is not None and uow.today < row.meets_on
        if ahead or not is_at(uow, self.item_id, step):
            raise MeetingAhead(str(self.item_id), meets_on=str(row.meets_on or ""))
        for attendee in self.attendees:
            uow.get(Unit, attendee.unit_id)
            key = (self.item_id, attendee.unit_id, self.premeeting)
            known = uow.session.get(ConferenceAttendance, key)
            if known is None:
                known = ConferenceAttendance(
                    conference_id=self.item_id,
                    unit_id=attendee.unit_id,
                    premeeting=self.premeeting,
                    present=attendee.present,
                    person=attendee.person.strip(),
                    note=attendee.note.strip(),
                    recorded_at=uow.now,
                )
                uow.session.add(known)
            known.present, known.person, known.note = attendee.present, attendee.person.strip(), attendee.note.strip()
            known.recorded_by, known.recorded_at = uow.actor.id, uow.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What a meeting decided, who leads, who helps, by which day."""

    text: str
    leads: tuple[UUID, ...]
    co_units: tuple[UUID, ...] = ()
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveMinutes:
    """The office saves a new version of the minutes; `results` says of topics what was decided."""

    item_id: UUID
    seen_version: int
    paragraphs: tuple[str, ...] = field(metadata={"audit": False})
    resolutions: tuple[Resolution, ...] = field(default=(), metadata={"audit": False})
    results: tuple[tuple[UUID, str], ...] = field(default=(), metadata={"audit": False})

    def execute(self, uow: UnitOfWork) -> int:
        """The new version. Raises NotFound, MinutesElsewhere, MinutesChanged, ResolutionWithoutLead."""
        row = office_conference(uow, self.item_id)
        if not is_at(uow, self.item_id, "draft_minutes"):
            raise MinutesElsewhere(str(self.item_id))
        if row.minutes_version != self.seen_version:
            raise MinutesChanged(str(self.item_id), seen=self.seen_version, current=row.minutes_version)
        for position, resolution in enumerate(self.resolutions, 1):
            if not resolution.leads:
                raise ResolutionWithoutLead(str(self.item_id), position=position)
            for unit_id in (*resolution.leads, *resolution.co_units):
                uow.get(Unit, unit_id)
        topics = {topic.id: topic for topic in agenda_of(uow, self.item_id)}
        for topic_id, result in self.results:
            if topic_id not in topics:
                raise NotFound(f"topic {topic_id}")
            topics[topic_id].result = result.strip()
        row.minutes_version += 1
        uow.session.add(
            ConferenceMinutes(
                conference_id=self.item_id,
                version=row.minutes_version,
                paragraphs=[p.strip() for p in self.paragraphs if p.strip()],
                resolutions=[_kept(each) for each in self.resolutions],
                saved_by=uow.actor.id,
                saved_at=uow.now,
            )
        )
        return row.minutes_version


def _kept(resolution: Resolution) -> dict[str, object]:
    return {
        "text": resolution.text.strip(),
        "leads": [str(unit_id) for unit_id in resolution.leads],
        "co_units": [str(unit_id) for unit_id in resolution.co_units],
        "due_on": resolution.due_on.isoformat() if resolution.due_on else None,
    }
