"""Nobody is disturbed at night, also after an outage, and nobody gets twenty mails for one morning."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from db.tables import ChannelEndpoint, Delivery, Person, Sending, SendingMessage, Unit
from domain.calendar import LOCAL
from domain.delivery import Channel, Digest, Outcome
from domain.items import DeadlineKind, Strength
from domain.permissions import Role
from services.inbox import SetPreference
from services.items import NewDeadline
from services.urging import Urge
from tests.conftest import FixedClock
from tests.delivery_world import attempts, deliverer_on, give_addresses, messages, send_all, sendings
from tests.delivery_world import sweep as sweep_deliveries
from tests.integration.test_sendings import Told
from tests.ladder_world import fired, local, sweep
from tests.world import World, build_world

NIGHT, MORNING = local(3, 11, 2), local(3, 11, 8)


@pytest.fixture
def world(new_session: Callable[[], Session], clock: FixedClock) -> World:
    built = build_world(new_session, clock)
    give_addresses(new_session)
    return built


def local_times(world: World) -> set[str]:
    return {f"{log.started_at.astimezone(LOCAL):%m-%d %H:%M}" for log in attempts(world)}


def carried(world: World, sending: Sending) -> int:
    with world.sessions() as session:
        return len(session.exec(select(SendingMessage).where(SendingMessage.sending_id == sending.id)).all())


def at(world: World, moment: datetime) -> None:
    world.clock.at = moment


def test_what_opens_at_night_is_in_the_inbox_at_once_and_one_mail_in_the_morning(world: World):
    at(world, NIGHT)
    for _ in range(3):
        world.item()
        sweep_deliveries(world)
    assert [m.created_at for m in messages(world)] == [NIGHT] * 3
    assert sendings(world) == []
    at(world, MORNING)
    sweep_deliveries(world)
    [mail] = sendings(world)
    assert send_all(world, deliverer_on(world.executor, Told())) == ["sent"]
    assert carried(world, mail) == 3
    assert local_times(world) == {"03-11 08:00"}


@pytest.mark.parametrize("answer", [None, Outcome.UNREACHABLE])
def test_what_could_not_be_sent_by_day_is_not_sent_at_night(world: World, answer: Outcome | None):
    at(world, local(3, 10, 17))
    world.item()
    sweep_deliveries(world)
    carrier = Told(*([answer] if answer else []))
    if answer:
        send_all(world, deliverer_on(world.executor, carrier))
    at(world, NIGHT)
    assert send_all(world, deliverer_on(world.executor, carrier)) == [None]
    assert send_all(world, deliverer_on(world.executor, carrier)) == [], "it is not looked at again and again"
    at(world, MORNING)
    assert send_all(world, deliverer_on(world.executor, carrier)) == ["sent"]


def test_an_escalation_after_an_outage_keeps_the_hours_of_its_policy(world: World):
    item_id = world.item()
    world.complete(item_id, "issue")
    sweep(world)
    # The limit was Thursday 12 March; the clock comes back in the night to Saturday the 21st.
    at(world, local(3, 21, 2))
    sweep(world)
    sweep_deliveries(world)
    assert {e.level for e in fired(world)} == {1, 2, 3}
    liaison = world.actor(world.leads[0], Role.LIAISON).id
    told = [m for m in messages(world) if m.recipient_id == liaison and m.subject_kind == "escalation"]
    assert {m.created_at for m in told} == {world.clock.at}, "in the inbox at once"
    assert {m.collect_at for m in told} == {local(3, 23, 8, 30)}, "by mail on Monday morning"
    carrier = Told()
    send_all(world, deliverer_on(world.executor, carrier))
    assert not [post for post in carrier.posts if post.topic in {"reminder", "urge", "escalation"}]
    at(world, local(3, 23, 8, 30))
    sweep_deliveries(world)
    send_all(world, deliverer_on(world.executor, carrier))
    mails = [post for post in carrier.posts if post.address.startswith(name_of(world, liaison))]
    assert len(mails) == 1 + len([p for p in carrier.posts if p.topic == "issued" and p in mails])


def name_of(world: World, person_id: UUID | None) -> str:
    with world.sessions() as session:
        return session.get_one(Person, person_id).name


def test_many_limits_of_one_person_that_press_at_once_are_one_mail(world: World):
    items = [world.item() for _ in range(12)]
    for item_id in items:
        world.complete(item_id, "issue")
    sweep(world)
    at(world, local(3, 12, 8, 30))
    sweep(world)
    sweep_deliveries(world)
    liaison = world.actor(world.leads[0], Role.LIAISON).id
    pressing = [m for m in messages(world) if m.recipient_id == liaison and m.subject_kind == "escalation"]
    assert len(pressing) == 12, "each stands in the inbox by itself"
    mails = [s for s in sendings(world) if s.recipient_id == liaison and s.created_at == world.clock.at]
    assert [carried(world, mail) for mail in mails] == [12]


def test_an_escalation_of_an_items_deadline_names_its_lead_and_not_the_office(world: World):
    deadline = NewDeadline(
        phrase="6月底前", kind=DeadlineKind.BY_DATE, on_date=date(2026, 6, 30), strength=Strength.FIRM
    )
    world.to_progress(world.item(deadlines=(deadline,)))
    sweep(world)
    at(world, local(7, 1, 8, 30))
    sweep(world)
    sweep_deliveries(world)
    told = [m for m in messages(world) if m.topic == "escalation" and m.facts.get("step") is None]
    with world.sessions() as session:
        lead = session.get_one(Unit, world.leads[0]).short_name
    assert {m.facts["unit"] for m in told} == {lead}


def test_machines_and_who_asked_for_a_link_are_answered_at_night(world: World):
    at(world, NIGHT)
    asked = world.clerk.id
    assert asked is not None
    with world.sessions() as session:
        url = "https://example.com/"
        hook = ChannelEndpoint(kind="webhook", name="大屏", url=url, unit_id=world.office, created_at=NIGHT)
        session.add(hook)
        session.add(Delivery(topic="account_reset", subject_id=asked, created_at=NIGHT))
        session.commit()
    world.item()
    world.item()
    sweep_deliveries(world)
    deliverer = deliverer_on(world.executor, Told())
    deliverer.carriers[Channel.WEBHOOK] = Told()  # type: ignore[index]  # the test's own mapping
    assert send_all(world, deliverer) == ["sent"] * 3
    assert sorted((s.channel, s.topic, s.digest) for s in sendings(world)) == [
        ("mail", "account", False),
        ("webhook", "opened", False),
        ("webhook", "opened", False),
    ]


def test_who_chose_an_early_hour_is_written_to_at_that_hour(world: World):
    world.do(SetPreference(mail=True, digest=Digest.EVERYTHING, digest_hour=6), world.clerk)
    at(world, local(3, 11, 5))
    world.item()
    sweep_deliveries(world)
    at(world, local(3, 11, 6))
    sweep_deliveries(world)
    assert send_all(world, deliverer_on(world.executor, Told())) == ["sent"]


def test_an_urge_whose_step_was_done_meanwhile_is_not_sent(world: World):
    item_id = world.item()
    world.complete(item_id, "issue")
    sweep(world)
    send_all(world, deliverer_on(world.executor, Told()))
    at(world, NIGHT)
    world.do(Urge(item_id=item_id, words="请抓紧签收"), world.clerk)
    sweep(world)
    world.complete(item_id, "sign_for", decision="accept")
    at(world, MORNING + timedelta(minutes=30))
    sweep_deliveries(world)
    carrier = Told()
    send_all(world, deliverer_on(world.executor, carrier))
    assert "urge" not in {post.topic for post in carrier.posts}
    with world.sessions() as session:
        assert session.exec(select(Sending).where(col(Sending.topic) == "urge")).all() == []
