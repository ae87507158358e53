"""The delivery log: what was sent to whom, when, and what the other side answered; and who cannot be reached."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, true
from sqlalchemy import select as sql_select
from sqlmodel import col, select

from db.tables import ChannelEndpoint, Message, Person, Sending, SendingAttempt, SendingMessage, Unit, UnitMember
from domain.calendar import local_date
from domain.delivery import Channel, SendingState
from domain.errors import NotFound, PermissionDenied
from domain.messages.notices import SKIPPED
from domain.permissions import BUSINESS, Actor, ActorKind, Permission, Role, is_allowed
from services.channels import may_keep
from services.queries.page import Key, Order, Page, page_of
from services.queries.reading import Reading
from services.queries.references import one_called
from services.sign_in import held_on


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One sending. `address` of a robot is its name; `answer` are the last words of the other side."""

    id: UUID
    created_at: datetime
    channel: str
    address: str
    recipient: str
    unit: str
    topic: str
    digest: bool
    state: str
    attempts: int
    next_try_at: datetime | None
    ended_at: datetime | None
    answer: str


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One attempt of a sending. A number that is missing is one whose process died before it could say how it ended."""

    number: int
    started_at: datetime
    ended_at: datetime
    address: str
    message_id: str
    outcome: str
    answer: str


@dataclass(frozen=True, slots=True)
class DeliveryDetail:
    """A sending with its attempts, and the items that its messages are about."""

    delivery: DeliveryRow
    attempts: tuple[AttemptRow, ...]
    item_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Which sendings; everything that is given has to hold."""

    state: SendingState | None = None
    channel: Channel | None = None
    recipient_id: UUID | None = None
    item_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    address: str | None = None


_ORDER = Order((col(Sending.created_at), col(Sending.id)), (datetime, UUID), descending=True)


def deliveries(reading: Reading, wanted: DeliveryFilter, *, limit: int, after: Key | None = None) -> Page[DeliveryRow]:
    """The log of the offices of the person who asks, the newest first; an administrator's is everybody's, and tells
    nothing about items. Raises PermissionDenied.
    """
    statement = _rows().where(_readable(reading.actor), *_conditions(wanted))
    if after is not None:
        statement = statement.where(_ORDER.after(after))
    found = reading.session.execute(statement.order_by(*_ORDER.clauses()).limit(limit + 1)).all()
    return page_of([_row(*row) for row in found], limit, lambda row: (row.created_at, row.id))


def delivery_detail(reading: Reading, sending_id: UUID) -> DeliveryDetail:
    """One sending. Raises NotFound, PermissionDenied."""
    found = reading.session.execute(_rows().where(col(Sending.id) == sending_id, _readable(reading.actor))).first()
    if found is None:
        raise NotFound(f"sending {sending_id}")
    attempts = reading.session.exec(
        select(SendingAttempt).where(SendingAttempt.sending_id == sending_id).order_by(col(SendingAttempt.id))
    )
    items: list[UUID] = []
    if reading.actor.units_as(*BUSINESS):
        carried = (
            select(Message.item_id)
            .join(SendingMessage, col(SendingMessage.message_id) == col(Message.id))
            .where(SendingMessage.sending_id == sending_id, col(Message.item_id).is_not(None))
        )
        items = [item_id for item_id in dict.fromkeys(reading.session.exec(carried)) if item_id is not None]
    return DeliveryDetail(
        delivery=_row(*found),
        attempts=tuple(
            AttemptRow(a.number, a.started_at, a.ended_at, a.address, a.message_id, a.outcome, a.answer)
            for a in attempts
        ),
        item_ids=tuple(items),
    )


def sending_called(reading: Reading, reference: str) -> UUID:
    """The sending whose id starts so, among those one may see. Raises NotFound, AmbiguousReference."""
    readable = sql_select(col(Sending.id)).where(_readable(reading.actor))
    return one_called(reading.session, readable, col(Sending.id), reference)


@dataclass(frozen=True, slots=True)
class UnreachablePerson:
    """Somebody who holds a role and has no mail address: they are told in their inbox alone."""

    person_id: UUID
    name: str
    unit: str
    roles: tuple[str, ...]
    phone: str
    can_sign_in: bool


def unreachable_people(reading: Reading) -> tuple[UnreachablePerson, ...]:
    """Who gets no mail because no address is known, in the order of units. Raises PermissionDenied."""
    _require(reading.actor)
    statement = (
        sql_select(
            col(Person.id), col(Person.name), col(Unit.short_name), col(UnitMember.role), col(Person.phone),
            col(Person.login),
        )
        .join(UnitMember, col(UnitMember.person_id) == col(Person.id))
        .join(Unit, col(Unit.id) == col(UnitMember.unit_id))
        .where(
            col(Person.email) == "",
            col(Person.disabled_at).is_(None),
            held_on(local_date(reading.now)),
            col(UnitMember.role).in_([role.value for role in BUSINESS]),
        )
        .order_by(col(Unit.sort_order), col(Unit.short_name), col(Person.name), col(Person.id), col(UnitMember.role))
    )  # fmt: skip
    found: dict[tuple[UUID, str], UnreachablePerson] = {}
    for person_id, name, unit, role, phone, login in reading.session.execute(statement):
        known = found.get((person_id, unit))
        roles = (*(known.roles if known else ()), role)
        found[person_id, unit] = UnreachablePerson(person_id, name, unit, roles, phone, login is not None)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """An endpoint. Of its secret only whether there is one, of its address only the host: robots have keys in it."""

    id: UUID
    kind: str
    name: str
    host: str
    unit_id: UUID | None
    unit: str
    person_id: UUID | None
    has_secret: bool
    topics: tuple[str, ...]
    enabled: bool
    tested_at: datetime | None
    version: int


def endpoints(reading: Reading) -> tuple[EndpointRow, ...]:
    """The endpoints that the person who asks keeps, by name."""
    from urllib.parse import urlsplit

    statement = (
        select(ChannelEndpoint, Unit.short_name)
        .outerjoin(Unit, col(Unit.id) == col(ChannelEndpoint.unit_id))
        .order_by(col(ChannelEndpoint.name), col(ChannelEndpoint.id))
    )
    return tuple(
        EndpointRow(
            id=row.id,
            kind=row.kind,
            name=row.name,
            host=urlsplit(row.url).netloc,
            unit_id=row.unit_id,
            unit=unit or "",
            person_id=row.person_id,
            has_secret=row.secret is not None,
            topics=tuple(row.topics),
            enabled=row.enabled,
            tested_at=row.tested_at,
            version=row.version,
        )
        for row, unit in reading.session.execute(statement)
        if may_keep(reading.actor, unit_id=row.unit_id, person_id=row.person_id)
    )


def _rows() -> Select[Sending, str, str, str]:
    return (
        sql_select(Sending, col(Person.name), col(Unit.short_name), col(ChannelEndpoint.name))
        .outerjoin(Person, col(Person.id) == col(Sending.recipient_id))
        .outerjoin(Unit, col(Unit.id) == col(Sending.unit_id))
        .outerjoin(ChannelEndpoint, col(ChannelEndpoint.id) == col(Sending.endpoint_id))
    )


def _row(sending: Sending, recipient: str | None, unit: str | None, endpoint: str | None) -> DeliveryRow:
    waits = sending.state in {SendingState.QUEUED, SendingState.DEFERRED}
    answer = sending.last_answer or ""
    return DeliveryRow(
        id=sending.id,
        created_at=sending.created_at,
        channel=sending.channel,
        address=endpoint if endpoint is not None and sending.channel != Channel.HTTP else sending.address,
        recipient=recipient or "",
        unit=unit or "",
        topic=sending.topic,
        digest=sending.digest,
        state=sending.state,
        attempts=sending.attempts,
        next_try_at=sending.next_try_at if waits else None,
        ended_at=sending.ended_at,
        answer=SKIPPED.get(answer, answer) if sending.state == SendingState.SKIPPED else answer,
    )


def _readable(actor: Actor) -> ColumnElement[bool]:
    """Which sendings the actor may see. Raises PermissionDenied."""
    _require(actor)
    if actor.kind is ActorKind.OPERATOR or actor.units_as(Role.SYSTEM_ADMIN):
        return true()
    offices = [unit for unit in actor.units_as() if is_allowed(actor, Permission.DELIVERY_READ, unit_id=unit)]
    # A digest of several offices' items belongs to none; whoever shares one of them may see that it was sent.
    carried = exists(
        select(SendingMessage.sending_id)
        .join(Message, col(Message.id) == col(SendingMessage.message_id))
        .where(col(SendingMessage.sending_id) == col(Sending.id), col(Message.office_unit_id).in_(offices))
    )
    return or_(col(Sending.office_unit_id).in_(offices), and_(col(Sending.office_unit_id).is_(None), carried))


def _require(actor: Actor) -> None:
    if not is_allowed(actor, Permission.DELIVERY_READ):
        raise PermissionDenied(f"{actor.name} reads no delivery log")


def _conditions(wanted: DeliveryFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        found.append(col(Sending.state) == wanted.state)
    if wanted.channel is not None:
        found.append(col(Sending.channel) == wanted.channel)
    if wanted.recipient_id is not None:
        found.append(col(Sending.recipient_id) == wanted.recipient_id)
    if wanted.address is not None:
        found.append(col(Sending.address) == wanted.address)
    if wanted.since is not None:
        found.append(col(Sending.created_at) >= wanted.since)
    if wanted.until is not None:
        found.append(col(Sending.created_at) < wanted.until)
    if wanted.item_id is not None:
        carried = (
            select(SendingMessage.sending_id)
            .join(Message, col(Message.id) == col(SendingMessage.message_id))
            .where(Message.item_id == wanted.item_id)
        )
        found.append(col(Sending.id).in_(carried))
    return found
