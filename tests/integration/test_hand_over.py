"""What a step left is told to who is responsible today: once, in the inbox first, with the clock started."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlmodel import Session, col, select, update

from db.tables import (
    ChannelEndpoint,
    Delivery,
    Escalation,
    Message,
    MessagePreference,
    Person,
    Sending,
    SendingMessage,
    UnitMember,
    WorkItem,
)
from domain.calendar import LOCAL
from domain.permissions import SCHEDULER, Actor, Role
from services.digests import CollectDigest, due_digests
from services.hand_over import BATCH, HandOver, waiting_deliveries
from services.rounds import OpenRound
from tests.conftest import FixedClock
from tests.world import PLAN, World, build_world


@pytest.fixture
def world(new_session: Callable[[], Session], clock: FixedClock) -> World:
    built = build_world(new_session, clock)
    with new_session() as session:
        for person in session.exec(select(Person)):
            person.email = f"{person.name}@example.gov.cn"
        session.commit()
    return built


def id_of(person: Actor) -> UUID:
    assert person.id is not None
    return person.id


def hand_over(world: World) -> int:
    """Everything that waits, as the sweep does it; how many messages it made."""
    with world.sessions() as session:
        keys = waiting_deliveries(session, world.clock.now(), 50)
    return sum(world.do(HandOver(batch=key), SCHEDULER).messages for key in keys)


def messages(world: World) -> list[Message]:
    with world.sessions() as session:
        return list(session.exec(select(Message).order_by(col(Message.created_at), col(Message.delivery_id))))


def sendings(world: World) -> list[Sending]:
    with world.sessions() as session:
        return list(session.exec(select(Sending).order_by(col(Sending.created_at), col(Sending.address))))


def topics_of(world: World, role: Role) -> list[str]:
    person = world.actor(world.leads[0], role)
    return [m.topic for m in messages(world) if m.recipient_id == person.id]


def test_an_opened_work_item_is_told_once_to_who_holds_its_role(world: World):
    item_id = world.item()
    assert hand_over(world) == 1
    assert hand_over(world) == 0, "the delivery is gone"
    [message] = messages(world)
    [work] = world.open_work(item_id, "issue")
    assert (message.recipient_id, message.topic, message.subject_id) == (world.clerk.id, "opened", work.id)
    assert message.facts["step"] == "交办"
    assert message.facts["text"] == "建立跨部门数据共享机制"
    [sending] = sendings(world)
    assert (sending.channel, sending.address, sending.state) == ("mail", f"{world.clerk.name}@example.gov.cn", "queued")


def test_the_hand_over_starts_the_clock_of_the_work_item(world: World):
    item_id = world.item()
    assert [w.escalate_at for w in world.open_work(item_id)] == [None]
    hand_over(world)
    assert [w.escalate_at for w in world.open_work(item_id)] == [world.clock.now()]


def test_the_clock_of_a_paused_work_item_stays_still(world: World):
    item_id = world.item()
    with world.sessions() as session:
        session.execute(update(WorkItem).where(col(WorkItem.item_id) == item_id).values(paused_at=world.clock.now()))
        session.commit()
    hand_over(world)
    assert [w.escalate_at for w in world.open_work(item_id)] == [None]


def test_why_something_opened_is_read_from_what_the_step_closed(world: World):
    item_id = world.item()
    world.complete(item_id, "issue")
    hand_over(world)
    world.clock.advance(hours=1)
    world.everybody(item_id, "sign_for", "accept")
    world.clock.advance(hours=1)
    world.complete(item_id, "draft_plan", form=PLAN)
    world.clock.advance(hours=1)
    hand_over(world)
    world.complete(
        item_id, "sign_plan", "return", reason_code="content_vague", opinion="太笼统，请写清", return_to="draft_plan"
    )
    hand_over(world)
    assert topics_of(world, Role.LIAISON) == ["issued", "returned"], "the step that was done meanwhile is not told"
    returned = next(m for m in messages(world) if m.topic == "returned")
    assert returned.facts["after"] == {"step": "方案签发", "unit": "市牵头甲局", "decision": "退回"}
    assert "太笼统" not in str(returned.facts), "what was said is read in the system"


def test_the_lead_learns_that_its_item_is_closed(world: World):
    item_id = world.item()
    world.to_progress(item_id)
    world.to_review(item_id)
    world.complete(item_id, "review_completion", "approve")
    hand_over(world)
    world.clock.advance(hours=1)
    world.complete(item_id, "close", "close")
    hand_over(world)
    closed = {m.recipient_id for m in messages(world) if m.topic == "closed"}
    lead = world.leads[0]
    assert closed == {world.actor(lead, Role.LIAISON).id, world.actor(lead, Role.UNIT_LEADER).id}


def test_who_left_is_told_nothing_and_the_one_who_holds_the_role_today_is(world: World):
    item_id = world.item()
    world.complete(item_id, "issue")
    old = world.actor(world.leads[0], Role.LIAISON)
    with world.sessions() as session:
        member = session.exec(select(UnitMember).where(UnitMember.person_id == old.id)).one()
        member.valid_to = date(2026, 3, 9)
        new = Person(name="新联络员", email="new@example.gov.cn", created_at=world.clock.now())
        session.add(new)
        session.flush()
        session.add(
            UnitMember(person_id=new.id, unit_id=world.leads[0], role=Role.LIAISON, valid_from=date(2026, 3, 10))
        )
        session.commit()
        new_id = new.id
    hand_over(world)
    assert [m.recipient_id for m in messages(world) if m.topic == "issued"] == [new_id]


def test_who_has_no_address_is_told_in_the_inbox_alone(world: World):
    with world.sessions() as session:
        session.get_one(Person, world.clerk.id).email = ""
        session.commit()
    world.item()
    assert hand_over(world) == 1
    assert sendings(world) == []


def test_rounds_wait_for_the_digest_and_what_was_done_meanwhile_is_left_out(world: World):
    items = [world.item(), world.item(), world.item()]
    for item_id in items:
        world.to_progress(item_id)
    hand_over(world)
    before = len(sendings(world))
    world.clock.advance(hours=1)
    due = world.clock.now() + timedelta(days=10)
    for item_id in items:
        world.do(OpenRound(item_id=item_id, period="2026-03", co_due_at=due, due_at=due), world.clerk)
    hand_over(world)
    liaison = world.actor(world.leads[0], Role.LIAISON)
    waiting = [m for m in messages(world) if m.collect_at is not None]
    assert {m.recipient_id for m in waiting} == {liaison.id} and len(waiting) == 3
    assert {m.collect_at.astimezone(LOCAL).hour for m in waiting if m.collect_at} == {8}
    assert len(sendings(world)) == before
    world.complete(items[0], "consolidate", form={"progress": "x", "percent": 40, "problems": "", "next_steps": "y"})
    world.clock.advance(days=1)
    with world.sessions() as session:
        assert list(due_digests(session, world.clock.now(), 10)) == [liaison.id]
    assert world.do(CollectDigest(person_id=id_of(liaison)), SCHEDULER) == 2
    assert world.do(CollectDigest(person_id=id_of(liaison)), SCHEDULER) == 0
    [digest] = [s for s in sendings(world) if s.created_at == world.clock.now()]
    with world.sessions() as session:
        carried = session.exec(select(SendingMessage).where(SendingMessage.sending_id == digest.id)).all()
    assert len(carried) == 2


def test_who_switched_mail_off_has_it_in_the_inbox(world: World):
    with world.sessions() as session:
        session.add(
            MessagePreference(
                person_id=id_of(world.clerk), mail=False, digest="never", digest_hour=8, changed_at=world.clock.now()
            )
        )
        session.commit()
    world.item()
    assert hand_over(world) == 1
    assert sendings(world) == []


def test_a_units_robot_says_it_once_however_many_of_the_unit_are_told(world: World):
    with world.sessions() as session:
        colleague = Person(name="同事", email="", created_at=world.clock.now())
        session.add(colleague)
        session.flush()
        session.add(
            UnitMember(
                person_id=colleague.id, unit_id=world.office, role=Role.OFFICE_STAFF, valid_from=date(2026, 1, 1)
            )
        )
        robot = ChannelEndpoint(
            kind="wecom", name="群", url="https://example.com/", unit_id=world.office, created_at=world.clock.now()
        )
        session.add(robot)
        session.commit()
        robot_id = robot.id
    world.item()
    assert hand_over(world) == 2
    assert [s.endpoint_id for s in sendings(world) if s.channel == "wecom"] == [robot_id]


def test_a_topic_of_a_newer_version_waits_for_who_understands_it(world: World):
    with world.sessions() as session:
        session.add(Delivery(topic="of_tomorrow", subject_id=world.office, created_at=world.clock.now()))
        session.commit()
        assert list(waiting_deliveries(session, world.clock.now(), 10)) == []
        [left] = session.exec(select(Delivery)).all()
        assert left.id is not None
    assert world.do(HandOver(batch=left.id // BATCH), SCHEDULER).deliveries == 0


def test_a_new_account_is_told_by_mail(world: World):
    with world.sessions() as session:
        session.add(Delivery(topic="account_reset", subject_id=id_of(world.clerk), created_at=world.clock.now()))
        session.commit()
    hand_over(world)
    [message] = messages(world)
    assert (message.topic, message.facts["purpose"]) == ("account", "reset")
    assert [s.channel for s in sendings(world)] == ["mail"]


def escalate(
    world: World,
    item_id: UUID,
    recipient: Actor,
    *,
    kind: str = "escalation",
    channels: tuple[str, ...] = ("mail",),
    level: int = 2,
) -> None:
    """What the ladder writes when a level goes out."""
    [work] = world.open_work(item_id)
    with world.sessions() as session:
        row = Escalation(
            subject_kind="work_item",
            subject_id=work.id,
            epoch=1,
            level=level,
            recipient_id=id_of(recipient),
            recipient_unit_id=world.office,
            item_id=item_id,
            kind=kind,
            document="supervision_order",
            channels=list(channels),
            due_at=work.due_at,
            planned_at=world.clock.now(),
            fired_at=world.clock.now(),
        )
        session.add(row)
        session.add(Delivery(topic="escalation", subject_id=row.id, created_at=world.clock.now()))
        session.commit()


def test_an_escalation_reaches_its_recipient_at_once_also_who_switched_mail_off(world: World):
    item_id = world.item()
    hand_over(world)
    with world.sessions() as session:
        session.add(
            MessagePreference(
                person_id=id_of(world.head),
                mail=False,
                digest="everything",
                digest_hour=8,
                changed_at=world.clock.now(),
            )
        )
        session.commit()
    escalate(world, item_id, world.head)
    assert hand_over(world) == 1
    [message] = [m for m in messages(world) if m.topic == "escalation"]
    assert message.recipient_id == world.head.id and message.collect_at is None
    assert (message.facts["step"], message.facts["document"]) == ("交办", "supervision_order")
    assert [s.address for s in sendings(world) if s.topic == "escalation"] == [f"{world.head.name}@example.gov.cn"]


@pytest.mark.parametrize("kind", ["reminder", "urge", "escalation"])
def test_every_kind_of_the_ladder_has_its_topic(world: World, kind: str):
    item_id = world.item()
    escalate(world, item_id, world.head, kind=kind)
    hand_over(world)
    assert kind in {m.topic for m in messages(world)}


def test_an_escalation_goes_over_the_channels_of_its_policy_alone(world: World):
    with world.sessions() as session:
        session.get_one(Person, id_of(world.head)).phone = "13800000001"
        url, now = "https://example.com/", world.clock.now()
        session.add(ChannelEndpoint(kind="http", name="短信", url=url, created_at=now))
        session.add(ChannelEndpoint(kind="dingtalk", name="群", url=url, created_at=now, unit_id=world.office))
        session.commit()
    item_id = world.item()
    hand_over(world)
    escalate(world, item_id, world.head, channels=("http",))
    escalate(world, item_id, world.head, channels=("mail", "dingtalk"), level=3)
    hand_over(world)
    sent = sorted((s.channel, s.address) for s in sendings(world) if s.topic == "escalation")
    assert [channel for channel, _ in sent] == ["dingtalk", "http", "mail"]
    assert ("http", "13800000001") in sent
