"""What becomes of a sending: sent, tried again, given up, sent again by a person, overtaken; and its log."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session

from db.tables import Person
from domain.delivery import LEASE, Outcome, SendingState
from domain.delivery_errors import NotResendable
from domain.errors import PermissionDenied
from domain.permissions import SCHEDULER, Role
from notifications.answers import Answer, Post
from services.sendings import BeginSending, EnqueueSendings, RecordAttempt, Resend, RetryStalledJobs
from tests.conftest import FixedClock
from tests.delivery_world import (
    attempts,
    deliverer_on,
    end_roles,
    give_addresses,
    mail_to,
    send_all,
    sendings,
    sweep,
)
from tests.mail_server import free_port, mail_server
from tests.world import World, build_world


@pytest.fixture
def world(new_session: Callable[[], Session], clock: FixedClock) -> World:
    built = build_world(new_session, clock)
    give_addresses(new_session)
    return built


class Told:
    """A carrier that answers as it is told and keeps what it was given."""

    def __init__(self, *answers: Outcome) -> None:
        self.answers = list(answers)
        self.posts: list[Post] = []

    def send(self, post: Post) -> Answer:
        self.posts.append(post)
        return Answer(self.answers.pop(0) if self.answers else Outcome.ACCEPTED, "said so")


def test_a_due_sending_is_sent_once_and_logged(world: World):
    world.item()
    sweep(world)
    with mail_server() as box:
        mail = mail_to(box.port)
        assert send_all(world, deliverer_on(world.executor, mail)) == ["sent"]
        assert send_all(world, deliverer_on(world.executor, mail)) == []
        mail.close()
    [sending], [log] = sendings(world), attempts(world)
    assert box.ids == [sending.message_id] == [log.message_id]
    assert (log.number, log.outcome, log.answer, log.address) == (1, "accepted", "250 2.0.0 taken", sending.address)
    assert (sending.state, sending.attempts, sending.last_answer) == ("sent", 1, "250 2.0.0 taken")


def test_a_server_that_is_down_loses_nothing_and_gets_the_same_mail_when_it_is_back(world: World):
    world.item()
    sweep(world)
    port = free_port()
    mail = mail_to(port)
    deliverer = deliverer_on(world.executor, mail)
    assert send_all(world, deliverer) == ["deferred"]
    assert send_all(world, deliverer) == [], "not before its time"
    states: list[SendingState | None] = []
    for _ in range(29):
        world.clock.advance(hours=1, minutes=10)
        states += send_all(world, deliverer)
    assert set(states) == {"deferred", None}, "tried all day, and put off once at night"
    assert states.count(None) == 1 and states.count(SendingState.DEFERRED) == 20
    world.clock.advance(days=9)
    with mail_server(port) as box:
        assert send_all(world, deliverer) == ["sent"]
        mail.close()
    [sending] = sendings(world)
    assert box.ids == [sending.message_id]
    assert sending.attempts == len(attempts(world)) == 22


def test_retries_wait_longer_each_time(world: World):
    world.item()
    sweep(world)
    deliverer = deliverer_on(world.executor, Told(*[Outcome.TEMPORARY] * 20))
    waits = []
    for _ in range(8):
        assert send_all(world, deliverer) == ["deferred"]
        [sending] = sendings(world)
        waits.append(sending.next_try_at - world.clock.now())
        world.clock.at = sending.next_try_at
    assert waits == sorted(waits)
    assert timedelta(seconds=50) < waits[0] < timedelta(seconds=70)
    assert timedelta(minutes=52) < waits[-1] < timedelta(minutes=68)


def test_a_mail_that_is_put_off_for_days_is_given_up_and_shown(world: World):
    world.item()
    sweep(world)
    deliverer = deliverer_on(world.executor, Told(*[Outcome.TEMPORARY] * 3))
    assert send_all(world, deliverer) == ["deferred"]
    world.clock.advance(days=5, hours=2)
    assert send_all(world, deliverer) == ["dead"]
    assert sendings(world)[0].ended_at == world.clock.now()


def test_a_permanent_refusal_is_given_up_at_once_and_sent_again_by_a_person(world: World):
    world.item()
    sweep(world)
    carrier = Told(Outcome.PERMANENT)
    deliverer = deliverer_on(world.executor, carrier)
    assert send_all(world, deliverer) == ["dead"]
    world.clock.advance(days=1)
    assert send_all(world, deliverer) == []
    [sending] = sendings(world)
    liaison = world.actor(world.leads[0], Role.LIAISON)
    with pytest.raises(PermissionDenied):
        world.do(Resend(sending_id=sending.id), liaison)
    with world.sessions() as session:
        person = session.get_one(Person, sending.recipient_id)
        person.email = "corrected@example.gov.cn"
        session.commit()
    world.do(Resend(sending_id=sending.id), world.clerk)
    assert send_all(world, deliverer) == ["sent"]
    assert [post.address for post in carrier.posts][-1] == "corrected@example.gov.cn"
    assert len({post.message_id for post in carrier.posts}) == 1
    with pytest.raises(NotResendable):
        world.do(Resend(sending_id=sending.id), world.clerk)


def test_what_was_done_meanwhile_is_not_sent_any_more(world: World):
    item_id = world.item()
    sweep(world)
    world.complete(item_id, "issue")
    carrier = Told()
    assert send_all(world, deliverer_on(world.executor, carrier)) == [None]
    assert carrier.posts == []
    assert [(s.state, s.last_answer) for s in sendings(world)] == [("skipped", "overtaken")]


def test_who_left_since_gets_nothing(world: World):
    world.item()
    sweep(world)
    assert world.clerk.id is not None
    end_roles(world, world.clerk.id)
    carrier = Told()
    assert send_all(world, deliverer_on(world.executor, carrier)) == [None]
    assert carrier.posts == [] and sendings(world)[0].last_answer == "left"


def test_two_workers_do_not_send_the_same(world: World):
    world.item()
    sweep(world)
    [sending] = sendings(world)
    begin = BeginSending(sending_id=sending.id, host="x")
    assert world.do(begin, SCHEDULER) is not None
    assert world.do(begin, SCHEDULER) is None
    assert world.do(EnqueueSendings(), SCHEDULER) == 0


def test_a_claim_whose_worker_died_runs_out_and_the_repeat_has_the_same_message_id(world: World):
    world.item()
    sweep(world)
    [sending] = sendings(world)
    begin = BeginSending(sending_id=sending.id, host="x")
    first = world.do(begin, SCHEDULER)
    world.clock.at += LEASE
    second = world.do(begin, SCHEDULER)
    assert (first.number, second.number) == (1, 2)
    assert first.message_id == second.message_id
    record = RecordAttempt(
        sending_id=sending.id, number=1, started_at=first.now, outcome=Outcome.TEMPORARY, answer="450 late"
    )
    assert world.do(record, SCHEDULER) == "queued", "the slow first attempt does not decide over the second"
    assert [log.number for log in attempts(world)] == [1]


def test_an_acceptance_that_comes_late_still_counts(world: World):
    world.item()
    sweep(world)
    [sending] = sendings(world)
    first = world.do(BeginSending(sending_id=sending.id, host="x"), SCHEDULER)
    world.clock.at += LEASE
    world.do(BeginSending(sending_id=sending.id, host="x"), SCHEDULER)
    record = RecordAttempt(
        sending_id=sending.id, number=1, started_at=first.now, outcome=Outcome.ACCEPTED, answer="250 ok"
    )
    assert world.do(record, SCHEDULER) == "sent"
    world.clock.at += LEASE
    assert world.do(BeginSending(sending_id=sending.id, host="x"), SCHEDULER) is None


def test_a_fault_in_wording_one_message_holds_up_no_other(world: World):
    world.item()
    sweep(world)
    world.item()
    sweep(world)
    with world.sessions() as session:
        session.connection().execute(
            text("UPDATE message SET topic = 'of_tomorrow' WHERE id = (SELECT min(id::text)::uuid FROM message)")
        )
        session.commit()
    states = send_all(world, deliverer_on(world.executor, Told()))
    assert sorted(map(str, states)) == ["deferred", "sent"]


def test_jobs_of_a_worker_that_died_go_back_into_the_queue(world: World):
    world.item()
    sweep(world)
    with world.sessions() as session:
        connection = session.connection()
        worker = connection.execute(text("SELECT worker_id FROM procrastinate_register_worker_v1()")).scalar_one()
        fetch = text("SELECT id FROM procrastinate_fetch_job_v2(NULL, :worker)")
        job = connection.execute(fetch, {"worker": worker}).scalar_one()
        session.commit()
    assert world.do(RetryStalledJobs(), SCHEDULER) == 0, "it is alive"
    with world.sessions() as session:
        session.connection().execute(
            text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
        )
        session.commit()
    assert world.do(RetryStalledJobs(), SCHEDULER) == 1
    with world.sessions() as session:
        status = session.connection().execute(text("SELECT status FROM procrastinate_jobs WHERE id = :id"), {"id": job})
        assert status.scalar_one() == "todo"


def test_a_stalled_job_whose_place_was_taken_is_cleared_away(world: World):
    world.item()
    sweep(world)
    with world.sessions() as session:
        session.connection().execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))
        session.commit()
    assert world.do(EnqueueSendings(), SCHEDULER) == 1
    assert world.do(RetryStalledJobs(), SCHEDULER) == 0
    with world.sessions() as session:
        assert session.connection().execute(text("SELECT status FROM procrastinate_jobs")).scalars().all() == ["todo"]
