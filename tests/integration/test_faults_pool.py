"""What a restart of the database, its limits and a full pool mean to whoever works at that moment."""

import os
import time
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import text

from db.session import make_engine, make_sessions
from domain.errors import TookTooLong, Unavailable
from domain.messages import message_for
from domain.permissions import Permission
from services.executor import Executor
from services.unit_of_work import UnitOfWork
from tests.world import build_world


@dataclass(frozen=True)
class Say:
    """A command that runs a statement for a unit."""

    unit_id: UUID
    statement: str

    def execute(self, uow: UnitOfWork) -> str:
        uow.require(Permission.ITEM_CREATE, unit_id=self.unit_id)
        uow.driver.execute(self.statement)
        return "said"


def terminate_everybody(owner_engine, name):
    """End every connection of that application name, and wait until they are gone."""
    with owner_engine.connect() as connection:
        return connection.execute(
            text("SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE application_name = :name"),
            {"name": name},
        ).scalar_one()


# Of this worker alone: another one runs tests against the same server.
POOL_NAME = f"dudao-faults-{os.getpid()}"


@pytest.fixture
def own_pool(committed_db):
    """An engine of a small pool of the test's own, and the name its connections carry."""
    made = make_engine(committed_db.app_url, pool_size=12, max_overflow=0, application_name=POOL_NAME)
    yield made
    made.dispose()


def test_a_pool_of_dead_connections_costs_no_command(own_pool, owner_engine, clock):
    """More of them than the executor tries: what it is given must be alive."""
    sessions = make_sessions(own_pool)
    world = build_world(sessions, clock)
    world.do(Say(world.office, "SELECT 1"), world.clerk)
    opened = [own_pool.connect() for _ in range(12)]
    for connection in opened:
        connection.execute(text("SELECT 1"))
        connection.close()
    assert terminate_everybody(owner_engine, POOL_NAME) == 12
    assert world.do(Say(world.office, "SELECT 1"), world.clerk) == "said"
    assert terminate_everybody(owner_engine, POOL_NAME) >= 1
    with sessions() as session:
        assert session.execute(text("SELECT 1")).scalar_one() == 1


@pytest.mark.parametrize(
    "statement",
    ["SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(5)", "SELECT pg_cancel_backend(pg_backend_pid())"],
)
def test_work_that_takes_too_long_is_refused_with_advice(world, statement):
    with pytest.raises(TookTooLong) as refused:
        world.do(Say(world.office, statement), world.clerk)
    assert "请缩小范围" in message_for(refused.value)
    assert world.do(Say(world.office, "SELECT 1"), world.clerk) == "said"


def test_a_transaction_that_idles_too_long_is_refused_and_leaves_nothing(committed_world):
    world = committed_world

    @dataclass(frozen=True)
    class Dreamer:
        def execute(self, uow: UnitOfWork) -> None:
            uow.require(Permission.ITEM_CREATE, unit_id=world.office)
            uow.driver.execute("UPDATE unit SET short_name = 'dreamt' WHERE id = %s", (world.office,))
            uow.driver.execute("SET LOCAL idle_in_transaction_session_timeout = '30ms'")
            time.sleep(0.3)
            uow.driver.execute("SELECT 1")

    with pytest.raises(TookTooLong):
        world.do(Dreamer(), world.clerk)
    with world.sessions() as session:
        name = session.execute(text("SELECT short_name FROM unit WHERE id = :id"), {"id": world.office}).scalar_one()
    assert name != "dreamt"


TROUBLES = ["53100", "53200", "53300", "58030", "57P03", "08006", "40P01"]


def test_a_database_in_trouble_is_unavailable_and_not_a_fault_of_the_program(committed_world):
    world = committed_world
    for state in TROUBLES:
        statement = f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$"
        with pytest.raises(Unavailable):
            world.do(Say(world.office, statement), world.clerk)
    assert world.do(Say(world.office, "SELECT 1"), world.clerk) == "said"


def test_a_full_pool_is_unavailable(committed_db, committed_world, clock, monkeypatch):
    monkeypatch.setattr("db.session.POOL_TIMEOUT", 0.05)
    tiny = make_engine(committed_db.app_url, pool_size=1, max_overflow=0)
    executor = Executor(make_sessions(tiny), clock, committed_world.executor.engine)
    world = committed_world
    with tiny.connect(), pytest.raises(Unavailable):
        executor.execute(Say(world.office, "SELECT 1"), actor=world.clerk)
    assert executor.execute(Say(world.office, "SELECT 1"), actor=world.clerk) == "said"
    tiny.dispose()
