"""The database is killed under load: every step is there wholly or not at all, and nobody is told otherwise."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from uuid import UUID, uuid4

import psutil
import psycopg
import pytest
from sqlmodel import col, select

from db.access import conninfo
from db.embedded import EmbeddedPostgres
from db.tables import AuditEntry, Unit
from domain.errors import FateUnknown
from domain.messages import message_for
from domain.permissions import Permission
from services import executor as executor_module
from services.unit_of_work import UnitOfWork
from tests.faults import LIFE, Work, check_exactly_once, killable_server, patiently, together, world_on
from tests.integration.embedded_support import eventually
from tests.invariants import check_everything

KILLS = 4
SECONDS = 14.0


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with killable_server() as running:
        yield running


@pytest.fixture(scope="module")
def world(server):
    with world_on(server.app_url) as built:
        yield built


def kill(server, *, at_once=True):
    """SIGKILL to the server, as the kernel does when memory is short; without `at_once` only to the process above the
    backends, which go on until they notice. Returns when it is gone.
    """
    pid = server.server_pid()
    assert pid is not None
    backends = psutil.Process(pid).children() if at_once else []
    os.kill(pid, signal.SIGKILL)
    for backend in backends:
        with contextlib.suppress(psutil.NoSuchProcess):
            backend.kill()
    assert eventually(lambda: server.server_pid() is None)


def test_steps_under_load_survive_the_death_of_the_database(server, world):
    until = time.monotonic() + SECONDS
    items = [[world.item() for _ in range(6)] for _ in range(4)]
    work = Work(world)

    def days(number):
        for item_id in items[number]:
            work.live(item_id, patient=number % 2 == 0, until=until)

    threads = together([partial(days, number) for number in range(4)], work.crashes)
    for round_ in range(KILLS):
        seen = len(work.done)
        assert eventually(lambda: len(work.done) >= seen + 8)  # noqa: B023  called before the next round
        kill(server, at_once=round_ % 2 == 0)
        time.sleep(0.3)
        assert server.revive()
    for thread in threads:
        thread.join(until - time.monotonic() + 20)
        assert not thread.is_alive()
    assert work.crashes == []
    # `work_item_closed` is what the impatient are told whose step was done although they heard nothing.
    assert work.codes() <= {"unavailable", "fate_unknown", "answer_lost", "work_item_closed", "row_locked"}
    assert len(work.done) >= 8 * KILLS
    with world.sessions() as session:
        check_exactly_once(session, work.told)
        check_everything(session)


@dataclass(frozen=True)
class Rename:
    """Gives a unit another short name."""

    unit_id: UUID
    name: str

    def execute(self, uow: UnitOfWork) -> str:
        uow.require(Permission.ITEM_CREATE, unit_id=self.unit_id)
        uow.about(self.unit_id)
        uow.write("UPDATE unit SET short_name = %s WHERE id = %s", (self.name, self.unit_id))
        return self.name


def crash_instead_of_commit(server, monkeypatch, *, afterwards):
    """The server dies before it hears of the next commit; it is back, and `afterwards` ran, when its fate is asked."""
    original = executor_module._commit
    crashed: list[str] = []

    def commit(uow, transaction, entry):
        if crashed:
            return original(uow, transaction, entry)
        crashed.append(transaction)
        kill(server)
        assert server.revive()
        afterwards(int(transaction))
        raise executor_module._CommitLostError(transaction, entry)

    monkeypatch.setattr(executor_module, "_commit", commit)
    return crashed


def newest_transaction(server):
    with psycopg.connect(conninfo(server.owner_url)) as connection:
        row = connection.execute("SELECT pg_current_xact_id()::text").fetchone()
        assert row is not None
        return int(row[0])


def names(world):
    with world.sessions() as session:
        renames = session.exec(select(AuditEntry.id).where(col(AuditEntry.command) == "Rename")).all()
        return session.get_one(Unit, world.office).short_name, len(renames)


@pytest.mark.parametrize("key", [None, uuid4()])
def test_a_number_that_another_transaction_got_after_the_crash_is_not_taken_for_ours(server, world, monkeypatch, key):
    """What was not written down is given out again: then `pg_xact_status` tells another transaction's fate."""
    given: list[int] = []

    def others_work(lost):
        while newest_transaction(server) < lost:
            assert len(given) < 1000
            given.append(1)

    before = names(world)[1]
    crash_instead_of_commit(server, monkeypatch, afterwards=others_work)
    assert world.do(Rename(world.office, "once more"), world.clerk, key) == "once more"
    assert names(world) == ("once more", before + 1)


def test_a_number_that_nobody_has_had_yet_means_that_nothing_was_written(server, world, monkeypatch):
    before = names(world)[1]
    crash_instead_of_commit(server, monkeypatch, afterwards=lambda _lost: None)
    started = time.monotonic()
    assert world.do(Rename(world.office, "at once"), world.clerk) == "at once"
    assert time.monotonic() - started < 10, "it is not asked again and again"
    assert names(world) == ("at once", before + 1)


def test_a_database_that_stays_away_leaves_the_fate_open_and_says_so(server, world, monkeypatch):
    monkeypatch.setattr(executor_module, "BACK_OFF_SECONDS", 0.001)
    original = executor_module._commit

    def commit(uow, transaction, entry):
        kill(server)
        return original(uow, transaction, entry)

    with monkeypatch.context() as patched:
        patched.setattr(executor_module, "_commit", commit)
        with pytest.raises(FateUnknown) as told:
            world.do(Rename(world.office, "perhaps"), world.clerk)
    assert "没有保存任何内容" not in message_for(told.value)
    assert server.revive()
    assert patiently(lambda: names(world), time.monotonic() + 5)


def test_a_life_after_a_crash_ends_as_any_other(server, world):
    """Nothing of the crash stays in what processes keep: bundles, calendar, prepared statements."""
    item_id, work, until = world.item(), Work(world), time.monotonic() + 10
    work.live(item_id, patient=True, until=until, path=LIFE[:4])
    kill(server)
    assert server.revive()
    work.live(item_id, patient=True, until=until, path=LIFE[4:])
    assert (world.status(item_id), work.codes(), len(work.done)) == ("closed", set(), len(LIFE))
