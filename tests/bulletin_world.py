"""Hands for tests of bulletins and conferences: open, address, walk through, sign."""

from contextlib import AbstractContextManager
from datetime import date
from uuid import UUID

from db.tables import Bulletin, Conference
from domain.bulletins import BulletinKind, Manner
from domain.conferences import ConferenceKind
from domain.permissions import Actor, Role
from services.bulletins import AddressBulletin, OpenBulletin, Recipient
from services.conferences import (
    Attendee,
    CallConference,
    ProposeTopic,
    RecordAttendance,
    Resolution,
    SaveMinutes,
    SetAgenda,
)
from services.queries.reading import Reading, reading
from tests.world import World, add_person

FROM, AS_OF = date(2026, 3, 1), date(2026, 3, 9)


def second_clerk(world: World) -> Actor:
    """Another clerk of the office: no text is checked by who wrote it."""
    with world.sessions() as session:
        found = add_person(session, world.clock, world.office, Role.OFFICE_STAFF)
        session.commit()
    return found


def open_one(world: World, kind: BulletinKind = BulletinKind.BRIEF, **fields: object) -> UUID:
    """A bulletin that the clerk opened, addressed to the first lead and to somebody outside."""
    values: dict[str, object] = {"as_of": AS_OF, "from_on": FROM, "subject": "通关便利化", **fields}
    item_id: UUID = world.do(
        OpenBulletin(office_unit_id=world.office, kind=kind, **values),  # type: ignore[arg-type]
        world.clerk,
    )
    address(world, item_id)
    return item_id


def address(world: World, item_id: UUID, *, quoted: tuple[UUID, ...] = (), criticised: tuple[UUID, ...] = ()) -> None:
    """The first lead gets it in the system, a neighbour's office on paper."""
    recipients = (
        Recipient(manner=Manner.ISSUED, unit_id=world.leads[0]),
        Recipient(manner=Manner.SENT, name="邻市联席会议办公室"),
    )
    world.do(AddressBulletin(item_id=item_id, recipients=recipients, quoted=quoted, criticised=criticised), world.clerk)


def to_signature(world: World, item_id: UUID, checker: Actor) -> None:
    """Edited, checked and found harmless, where nobody is quoted or criticised."""
    world.complete(item_id, "edit_text")
    world.complete(item_id, "check_text", actor=checker)
    world.complete(item_id, "check_secrecy", actor=checker)


def issued_one(world: World, checker: Actor, kind: BulletinKind = BulletinKind.BRIEF, **fields: object) -> UUID:
    """An issued bulletin."""
    item_id = open_one(world, kind, **fields)
    to_signature(world, item_id, checker)
    world.complete(item_id, "sign_as_head" if kind is BulletinKind.BRIEF else "sign_as_convener")
    return item_id


def bulletin(world: World, item_id: UUID) -> Bulletin:
    """Its row."""
    with world.sessions() as session:
        return session.get_one(Bulletin, item_id)


def conference(world: World, item_id: UUID) -> Conference:
    """Its row."""
    with world.sessions() as session:
        return session.get_one(Conference, item_id)


def asked(world: World, actor: Actor) -> AbstractContextManager[Reading]:
    """Read as somebody."""
    return reading(world.executor, actor)


def held_conference(world: World, *, kind: ConferenceKind = ConferenceKind.SPECIAL) -> UUID:
    """A special meeting with one topic that was held today."""
    topic = ProposeTopic(
        office_unit_id=world.office, unit_id=world.office, title="数据口径", proposal="请明确", wanted=kind
    )
    topic_id = world.do(topic, world.clerk)
    call = CallConference(office_unit_id=world.office, kind=kind, unit_ids=world.leads)
    item_id: UUID = world.do(call, world.clerk)
    world.do(SetAgenda(item_id=item_id, topic_ids=(topic_id,)), world.clerk)
    world.complete(item_id, "prepare_agenda")
    today = world.clock.now().date().isoformat()
    world.complete(item_id, "settle_agenda", form={"meets_on": today, "place": "三楼会议室"})
    attendees = tuple(Attendee(unit_id=unit_id, present=True, person="李处长") for unit_id in world.leads)
    world.do(RecordAttendance(item_id=item_id, attendees=attendees), world.clerk)
    world.complete(item_id, "hold_meeting")
    return item_id


def save_minutes(world: World, item_id: UUID, *, seen_version: int = 0) -> int:
    """Minutes with one resolution that the first lead carries out."""
    resolution = Resolution(text="统一数据口径并报送", leads=(world.leads[0],), due_on=date(2026, 6, 30))
    command = SaveMinutes(
        item_id=item_id, seen_version=seen_version, paragraphs=("会议研究了数据口径。",), resolutions=(resolution,)
    )
    version: int = world.do(command, world.clerk)
    return version
