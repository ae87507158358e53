"""The worker is killed while it sends, the mail server and the database go away: nothing is missing afterwards, and
what comes twice has the same Message-ID.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psutil
import pytest
from sqlalchemy import text
from sqlmodel import col, select

from db.embedded import EmbeddedPostgres
from db.tables import Delivery, SendingMessage
from domain.delivery import LEASE
from notifications.channels.mail import SmtpMail
from notifications.worker import run_worker
from services.database_errors import DATABASE_ERRORS
from services.ports import SystemClock
from tests.databases import ROOT
from tests.delivery_world import (
    ShiftedClock,
    attempts,
    deliverer_on,
    executor_on,
    give_addresses,
    mail_to,
    messages,
    sendings,
    sweep,
)
from tests.faults import killable_server, world_on
from tests.integration.embedded_support import eventually
from tests.mail_server import Mailbox, free_port, mail_server
from tests.world import World


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with killable_server() as running:
        yield running


@pytest.fixture
def world(server: EmbeddedPostgres) -> Iterator[World]:
    with world_on(server.app_url) as built:
        shift = built.clock.now() - SystemClock().now()
        built.clock = ShiftedClock(shift)  # type: ignore[assignment]  # the same in every process
        built.executor.clock = built.clock
        give_addresses(built.sessions)
        yield built
        with built.sessions() as session:
            session.execute(text("DELETE FROM delivery"))
            session.execute(text("UPDATE sending SET state = 'skipped' WHERE state IN ('queued', 'deferred')"))
            session.execute(text("DELETE FROM procrastinate_jobs"))
            # What one test makes is not the next one's: units are unique by name.
            session.execute(text("UPDATE unit SET official_name = id::text, short_name = id::text"))
            session.execute(text("DELETE FROM calendar_year"))
            session.commit()


def later(world: World, by: timedelta) -> None:
    assert isinstance(world.clock, ShiftedClock)
    world.clock.shift += by


@contextmanager
def worker_thread(server: EmbeddedPostgres, world: World, carrier: SmtpMail) -> Iterator[threading.Event]:
    """A worker in a thread; the event ends it, as does the context."""
    stop = threading.Event()
    with executor_on(server.app_url, world.clock) as executor:
        deliverer = deliverer_on(executor, carrier)
        working = threading.Thread(target=run_worker, args=(server.app_url, deliverer), kwargs={"stop": stop})
        working.start()
        try:
            yield stop
        finally:
            stop.set()
            working.join(60)
            carrier.close()
            assert not working.is_alive()


@contextmanager
def worker(server: EmbeddedPostgres, world: World, box: Mailbox) -> Iterator[subprocess.Popen[str]]:
    """A worker in a process of its own."""
    assert isinstance(world.clock, ShiftedClock)
    shift = str(world.clock.shift.total_seconds())
    command = [sys.executable, "-m", "tests.integration.worker_process", server.app_url, shift, str(box.port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "working\n"
            yield process
        finally:
            process.kill()


def mine(world: World, ids: list[str]) -> list[str]:
    """Of these Message-IDs those of this world's sendings."""
    own = {s.message_id for s in sendings(world) if s.office_unit_id == world.office}
    return [id_ for id_ in ids if id_ in own]


def states(world: World) -> Counter[str]:
    return Counter(s.state for s in sendings(world) if s.office_unit_id == world.office)


def test_a_worker_killed_before_the_server_took_the_mail_loses_nothing(server: EmbeddedPostgres, world: World):
    for _ in range(3):
        world.item()
        sweep(world)
    with mail_server() as box:
        box.delay = 30.0
        with worker(server, world, box) as running:
            # Claimed and committed, and nothing taken yet.
            assert eventually(lambda: any(s.attempts for s in sendings(world) if s.office_unit_id == world.office))
            running.kill()
            running.wait()
        assert box.taken == []
        box.delay = 0.0
        later(world, LEASE)
        sweep(world)
        with worker(server, world, box):
            assert eventually(lambda: states(world) == {"sent": 3}, timeout=30)
    assert Counter(mine(world, box.ids)) == Counter({s.message_id: 1 for s in sendings(world) if s.state == "sent"})


def test_a_worker_killed_after_the_server_took_the_mail_repeats_it_under_the_same_id(
    server: EmbeddedPostgres, world: World
):
    world.item()
    sweep(world)
    with mail_server() as box:
        box.delay_after = 30.0
        with worker(server, world, box) as running:
            assert box.arrived.wait(20)
            running.kill()
            running.wait()
        assert states(world) == {"queued": 1}
        box.delay_after = 0.0
        later(world, LEASE)
        sweep(world)
        with worker(server, world, box):
            assert eventually(lambda: states(world) == {"sent": 1}, timeout=30)
    assert len(box.ids) == 2 and len(set(box.ids)) == 1
    [log] = [log for log in attempts(world) if log.message_id == box.ids[0]]
    assert log.number == 2, "the first attempt never said how it ended, and its number is missing"


def kill_database(server: EmbeddedPostgres) -> None:
    pid = server.server_pid()
    assert pid is not None
    children = psutil.Process(pid).children()
    os.kill(pid, signal.SIGKILL)
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    assert eventually(lambda: server.server_pid() is None)


def test_a_database_that_dies_under_the_clock_and_the_worker_loses_nothing(server: EmbeddedPostgres, world: World):
    items = [world.item() for _ in range(10)]
    sweep(world)
    for _ in range(20):
        items.append(world.item())
        sweep(world)
    # These are handed over, as one mail, while the database comes and goes.
    items += [world.item() for _ in range(10)]
    over = threading.Event()

    def clock() -> None:
        while not over.is_set():
            with contextlib.suppress(*DATABASE_ERRORS):
                sweep(world)
            time.sleep(0.05)

    ticking = threading.Thread(target=clock)
    with mail_server() as box:
        box.delay = 0.02
        with worker_thread(server, world, mail_to(box.port)):
            ticking.start()
            for _ in range(2):
                seen = len(box.taken)
                assert eventually(lambda: len(box.taken) > seen, timeout=30)  # noqa: B023  called at once
                kill_database(server)
                time.sleep(0.2)
                assert server.revive()
            assert eventually(lambda: calm(world, len(items)), timeout=90)
            over.set()
            ticking.join(20)
    assert not ticking.is_alive()
    told = Counter(m.subject_id for m in messages(world) if m.office_unit_id == world.office)
    assert set(told.values()) == {1} and len(told) == len(items), "each once in the inbox"
    with world.sessions() as session:
        assert session.exec(select(Delivery)).all() == []
    sent = {s.message_id for s in sendings(world) if s.office_unit_id == world.office and s.state == "sent"}
    assert set(box.ids) == sent, "no mail is missing, and none has another id"


def calm(world: World, count: int) -> bool:
    """Whether all is sent. What was under way when the database died waits for its claim: time is moved on."""
    try:
        found, sent = states(world), messages_sent(world)
    except DATABASE_ERRORS:
        return False
    if sent < count and found["queued"] + found["deferred"]:
        later(world, timedelta(seconds=20))
    return sent == count


def messages_sent(world: World) -> int:
    """How many messages are in mails that were sent; each in one."""
    own = [s for s in sendings(world) if s.office_unit_id == world.office and s.state == "sent"]
    with world.sessions() as session:
        carried = session.exec(select(SendingMessage).where(col(SendingMessage.sending_id).in_([s.id for s in own])))
        ids = [each.message_id for each in carried]
    assert len(ids) == len(set(ids))
    return len(ids)


def test_mail_that_could_not_be_sent_for_days_is_sent_when_the_server_is_back(server: EmbeddedPostgres, world: World):
    for _ in range(5):
        world.item()
        sweep(world)
    port = free_port()
    with worker_thread(server, world, mail_to(port)):
        assert eventually(lambda: states(world) == {"deferred": 5}, timeout=30)
        later(world, timedelta(days=10))
        with mail_server(port) as box:
            sweep(world)
            assert eventually(lambda: states(world) == {"sent": 5}, timeout=30)
    assert len(box.ids) == 5 == len(set(box.ids))
