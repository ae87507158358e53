"""The hand-over: what a step left in `delivery` becomes messages in inboxes and sendings on their way.

One transaction takes the rows away, finds who is responsible today, writes the messages and the sendings, and starts
the clock of the work items: none of it happens without the rest, and nothing of it costs the step anything.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlmodel import Session

from domain.calendar import WorkCalendar
from domain.delivery import PRESSING, TO_MACHINES, Channel, Digest, Preference, Topic
from domain.permissions import Permission
from domain.standing_in import Desk, receivers
from services.ladder import arm
from services.occasions import TOPICS, Occasion, read_occasions, units_of
from services.recipients import desks_query, read_desks
from services.unit_of_work import UnitOfWork

BATCH = 100
"""Deliveries of one transaction: enough to share its cost, few enough to hold no row for long."""

# By fixed ranges of numbers, so that a range which cannot be handed over stays the same one, and holds up no other.
_FIND: LiteralString = (
    "SELECT id / :batch AS range FROM delivery WHERE topic = ANY(:topics) GROUP BY 1 ORDER BY 1 LIMIT :limit"
)
_CLAIM: LiteralString = (
    "SELECT id, topic, subject_id FROM delivery WHERE id >= %s AND id < %s AND topic = ANY(%s) ORDER BY id"
    " FOR UPDATE SKIP LOCKED"
)
_BACKLOG: LiteralString = "SELECT count(*), min(created_at) FROM delivery WHERE topic = ANY(:topics)"
_READ_PEOPLE: LiteralString = (
    "SELECT p.id, p.email, p.phone, f.mail, f.digest, f.digest_hour FROM person p"
    " LEFT JOIN message_preference f ON f.person_id = p.id WHERE p.id = ANY(%s) AND p.disabled_at IS NULL"
)
_READ_ENDPOINTS: LiteralString = (
    "SELECT id, kind, unit_id, person_id, topics FROM channel_endpoint WHERE enabled"
    " AND (unit_id = ANY(%s) OR person_id = ANY(%s) OR (unit_id IS NULL AND person_id IS NULL)) ORDER BY id"
)
_ADD_MESSAGES: LiteralString = (
    "INSERT INTO message (id, delivery_id, recipient_id, unit_id, office_unit_id, topic, subject_kind, subject_id,"
    " item_id, facts, created_at, collect_at)"
    " SELECT id, delivery_id, recipient_id, unit_id, office_unit_id, topic, subject_kind, subject_id, item_id, facts,"
    " %s, collect_at FROM jsonb_to_recordset(%s) AS m(id uuid, delivery_id bigint, recipient_id uuid, unit_id uuid,"
    " office_unit_id uuid, topic text, subject_kind text, subject_id uuid, item_id uuid, facts jsonb,"
    " collect_at timestamptz)"
)
ADD_SENDINGS: LiteralString = (
    "INSERT INTO sending (id, channel, address, endpoint_id, recipient_id, unit_id, office_unit_id, topic, digest,"
    " state, attempts, next_try_at, created_at)"
    " SELECT id, channel, address, endpoint_id, recipient_id, unit_id, office_unit_id, topic, digest, 'queued', 0, %s,"
    " %s FROM jsonb_to_recordset(%s) AS s(id uuid, channel text, address text, endpoint_id uuid, recipient_id uuid,"
    " unit_id uuid, office_unit_id uuid, topic text, digest boolean)"
)
ADD_CARRIED: LiteralString = (
    "INSERT INTO sending_message (sending_id, message_id) SELECT * FROM unnest(%s::uuid[], %s::uuid[])"
)
_SETTLE: LiteralString = "DELETE FROM delivery WHERE id = ANY(%s)"


def waiting_deliveries(session: Session, _now: datetime, limit: int) -> Sequence[int]:
    """At most `limit` ranges of deliveries in which some wait, the oldest first."""
    parameters = {"batch": BATCH, "topics": sorted(TOPICS), "limit": limit}
    return session.connection().execute(text(_FIND), parameters).scalars().all()


def delivery_backlog(session: Session, _now: datetime) -> tuple[int, datetime | None]:
    """How many deliveries wait, and since when."""
    count, since = session.connection().execute(text(_BACKLOG), {"topics": sorted(TOPICS)}).one()
    return count, since


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How much one hand-over did."""

    deliveries: int
    messages: int
    sendings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Hand over the deliveries of a range of numbers, `BATCH` of them, as far as nobody else is at them."""

    batch: int

    def execute(self, uow: UnitOfWork) -> HandedOver:
        """How much it was; nothing when another scheduler was faster."""
        uow.require(Permission.MESSAGE_DELIVER)
        # Nobody decided anything: the messages are the record.
        uow.audited = False
        first = self.batch * BATCH
        [claimed] = uow.read((_CLAIM, (first, first + BATCH, sorted(TOPICS))))
        if not claimed:
            return HandedOver(0, 0, 0)
        found = read_occasions(uow, [(row[0], row[1], row[2]) for row in claimed])
        post = _Post(uow.now, uow.calendar)
        post.add(uow, found.told)
        post.write(uow)
        if found.arm:
            arm(uow, found.arm)
        uow.write(_SETTLE, (found.settled,))
        return HandedOver(len(found.settled), len(post.messages), len(post.sendings))


@dataclass(frozen=True, slots=True)
class _Person:
    id: UUID
    email: str
    phone: str
    preference: Preference


@dataclass(frozen=True, slots=True)
class _Endpoint:
    id: UUID
    kind: str
    unit_id: UUID | None
    person_id: UUID | None
    topics: tuple[str, ...]

    def wants(self, occasion: Occasion) -> bool:
        """Whether this topic goes there, and the occasion allows the channel."""
        if self.topics and occasion.topic not in self.topics:
            return False
        return occasion.channels is None or not occasion.channels.isdisjoint({self.kind, _FAMILY[self.kind]})


_ROBOT = "robot"
_FAMILY: Mapping[str, str] = {
    Channel.WEBHOOK: _ROBOT,
    Channel.WECOM: _ROBOT,
    Channel.DINGTALK: _ROBOT,
    Channel.HTTP: "sms",
}
"""What a policy calls the channel when it does not care which make it is."""


@dataclass(slots=True)
class _Post:
    """The messages and sendings of one hand-over, as rows to be written.

    What goes to one address at one time goes there as one: twenty limits that end today are one mail, not twenty.
    """

    now: datetime
    calendar: WorkCalendar
    messages: list[dict[str, Any]] = field(default_factory=list)
    sendings: list[dict[str, Any]] = field(default_factory=list)
    carried: list[tuple[str, str]] = field(default_factory=list)
    joined: dict[tuple[str, str, UUID | None], dict[str, Any]] = field(default_factory=dict)

    def add(self, uow: UnitOfWork, occasions: Sequence[Occasion]) -> None:
        """Find who is told, and how."""
        units = units_of(occasions)
        if not occasions:
            return
        [rows] = uow.read(desks_query(units, self.now)) if units else [[]]
        desks = read_desks(rows)
        told = [(occasion, _people_of(occasion, desks)) for occasion in occasions]
        asked = sorted({person for _, people in told for person in people})
        answering = {unit_id for _, people in told for unit_id in people.values() if unit_id is not None}
        found, endpoints = uow.read((_READ_PEOPLE, (asked,)), (_READ_ENDPOINTS, (list(answering | units), asked)))
        persons = {row[0]: _Person(row[0], row[1].strip(), row[2].strip(), _preference(row[3:])) for row in found}
        places = [_Endpoint(id_, kind, unit, person, tuple(topics)) for id_, kind, unit, person, topics in endpoints]
        known: set[tuple[int, UUID]] = set()
        for occasion, people in told:
            posted: set[UUID] = set()
            for person_id, unit_id in people.items():
                person = persons.get(person_id)
                if person is None or (occasion.delivery_id, person_id) in known:
                    continue
                known.add((occasion.delivery_id, person_id))
                self._tell(occasion, person, unit_id, places, posted)

    def _tell(
        self,
        occasion: Occasion,
        person: _Person,
        unit_id: UUID | None,
        places: Iterable[_Endpoint],
        posted: set[UUID],
    ) -> None:
        message = self._message(occasion, person, unit_id)
        by_mail = occasion.channels is None or Channel.MAIL in occasion.channels
        if person.email and by_mail and (person.preference.mail or occasion.topic in PRESSING | {Topic.ACCOUNT}):
            morning = self._allowed(occasion, person, unit_id)
            if person.preference.waits(occasion.topic, of_round=occasion.of_round):
                message["collect_at"] = person.preference.next_digest(self.now).isoformat()
            elif morning > self.now:
                # What a night brings is one mail in the morning.
                message["collect_at"] = morning.isoformat()
            else:
                self._send(message, Channel.MAIL, person.email, person.id)
        for place in places:
            if not place.wants(occasion) or occasion.topic is Topic.ACCOUNT:
                continue
            if place.kind == Channel.HTTP:
                # A gateway reaches a person's phone, and costs: only for what presses.
                if person.phone and occasion.topic in PRESSING and place.unit_id in {None, unit_id}:
                    self._send(message, place.kind, person.phone, person.id, place.id)
            elif place.person_id == person.id:
                self._send(message, place.kind, str(place.id), person.id, place.id)
            elif place.unit_id is not None and place.unit_id == unit_id and place.id not in posted:
                # A group's robot says it once, however many of the group are told.
                posted.add(place.id)
                self._send(message, place.kind, str(place.id), None, place.id)

    def _allowed(self, occasion: Occasion, person: _Person, unit_id: UUID | None) -> datetime:
        if occasion.topic is Topic.ACCOUNT:
            # Its link was asked for just now.
            return self.now
        hours = occasion.hours or person.preference.hours
        return hours.next_allowed(self.now, self.calendar.of(unit_id))

    def _message(self, occasion: Occasion, person: _Person, unit_id: UUID | None) -> dict[str, Any]:
        message: dict[str, Any] = {
            "id": str(uuid4()),
            "delivery_id": occasion.delivery_id,
            "recipient_id": str(person.id),
            "unit_id": _printed(unit_id),
            "office_unit_id": _printed(occasion.office_unit_id),
            "topic": occasion.topic,
            "subject_kind": occasion.subject_kind,
            "subject_id": str(occasion.subject_id),
            "item_id": _printed(occasion.item_id),
            "facts": dict(occasion.facts),
            "collect_at": None,
        }
        self.messages.append(message)
        return message

    def _send(
        self,
        message: Mapping[str, Any],
        channel: str,
        address: str,
        recipient_id: UUID | None,
        endpoint_id: UUID | None = None,
    ) -> None:
        where = (channel, address, endpoint_id)
        if where in self.joined and message["topic"] != Topic.ACCOUNT:
            joined = self.joined[where]
            joined["digest"] = True
            for name in ("unit_id", "office_unit_id"):
                joined[name] = joined[name] if joined[name] == message[name] else None
            self.carried.append((joined["id"], message["id"]))
            return
        sending: dict[str, Any] = {
            "id": str(uuid4()),
            "channel": channel,
            "address": address,
            "endpoint_id": _printed(endpoint_id),
            "recipient_id": _printed(recipient_id),
            "unit_id": message["unit_id"],
            "office_unit_id": message["office_unit_id"],
            "topic": message["topic"],
            "digest": False,
        }
        if channel not in TO_MACHINES and message["topic"] != Topic.ACCOUNT:
            self.joined[where] = sending
        self.sendings.append(sending)
        self.carried.append((sending["id"], message["id"]))

    def write(self, uow: UnitOfWork) -> None:
        """Queue the rows."""
        if self.messages:
            uow.write(_ADD_MESSAGES, (self.now, Jsonb(self.messages)))
        if self.sendings:
            uow.write(ADD_SENDINGS, (self.now, self.now, Jsonb(self.sendings)))
            uow.write(ADD_CARRIED, ([s for s, _ in self.carried], [m for _, m in self.carried]))


def _people_of(occasion: Occasion, desks: Mapping[UUID, Desk]) -> dict[UUID, UUID | None]:
    """Who is told, with the unit for which they are."""
    if occasion.person_id is not None:
        return {occasion.person_id: occasion.unit_id}
    if occasion.unit_id is None:
        return {}
    office = desks.get(occasion.office_unit_id) if occasion.office_unit_id is not None else None
    desk = desks.get(occasion.unit_id, Desk(occasion.unit_id))
    found: dict[UUID, UUID | None] = defaultdict(lambda: None)
    for role in occasion.roles:
        for recipient in receivers(desk, role, office):
            found.setdefault(recipient.person_id, recipient.unit_id)
    return dict(found)


def _preference(row: Sequence[Any]) -> Preference:
    mail, digest, hour = row
    return Preference() if mail is None else Preference(mail, Digest(digest), hour)


def _printed(id_: UUID | None) -> str | None:
    return None if id_ is None else str(id_)
