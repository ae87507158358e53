"""What holds for every command: one transaction, checked, audited, answered once."""

import threading
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import select

from db.tables import AuditEntry, WorkItem
from domain.errors import AlreadyExists, AnswerLost, DomainError, IdempotencyMismatch, PermissionDenied, RowLocked
from domain.permissions import Permission
from services.executor import RequestInfo
from services.unit_of_work import UnitOfWork
from services.work_items import CompleteWorkItem
from tests.world import PLAN


@dataclass(frozen=True)
class Rename:
    """A small command: gives a unit another short name."""

    unit_id: UUID
    name: str

    def execute(self, uow: UnitOfWork) -> str:
        uow.require(Permission.ITEM_CREATE, unit_id=self.unit_id)
        uow.about(self.unit_id)
        uow.write("UPDATE unit SET short_name = %s WHERE id = %s", (self.name, self.unit_id))
        return self.name


@dataclass(frozen=True)
class Careless:
    def execute(self, uow: UnitOfWork) -> None: ...


def short_name(world):
    with world.sessions() as session:
        return session.execute(text("SELECT short_name FROM unit WHERE id = :id"), {"id": world.office}).scalar_one()


def audit(world, command):
    with world.sessions() as session:
        return session.exec(select(AuditEntry).where(AuditEntry.command == command)).all()


def test_a_command_that_checks_no_permission_is_refused(world):
    with pytest.raises(RuntimeError, match="never checked"):
        world.do(Careless(), world.clerk)


def test_a_refusal_is_audited_although_nothing_else_is_written(world):
    stranger = world.people[world.leads[0], next(iter(world.people))[1]]
    with pytest.raises(PermissionDenied):
        world.do(Rename(world.office, "x"), stranger)
    [entry] = audit(world, "Rename")
    assert (entry.error_code, entry.actor_id) == ("permission_denied", stranger.id)
    assert short_name(world) != "x"


def test_a_repeated_request_is_answered_again_and_done_once(world):
    key = uuid4()
    assert world.do(Rename(world.office, "a"), world.clerk, key) == "a"
    world.do(Rename(world.office, "b"), world.clerk)
    assert world.do(Rename(world.office, "a"), world.clerk, key) == "a"
    assert short_name(world) == "b"


def test_a_key_belongs_to_one_request(world):
    key = uuid4()
    world.do(Rename(world.office, "a"), world.clerk, key)
    with pytest.raises(IdempotencyMismatch):
        world.do(Rename(world.office, "b"), world.clerk, key)


def test_the_answer_of_a_repeated_step_has_its_type(world):
    item_id = world.item()
    [work] = world.open_work(item_id, "issue")
    key = uuid4()
    command = CompleteWorkItem(work_item_id=work.id, seen_version=1)
    first = world.do(command, world.clerk, key)
    assert world.do(command, world.clerk, key) == first


def test_a_serialization_failure_is_tried_again(world):
    tries = []

    @dataclass(frozen=True)
    class Flaky:
        def execute(self, uow: UnitOfWork) -> str:
            uow.require(Permission.ITEM_CREATE, unit_id=world.office)
            tries.append(1)
            if len(tries) < 3:
                uow.session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$"))
            return "done"

    assert world.do(Flaky(), world.clerk) == "done"
    assert len(tries) == 3


def test_a_taken_unique_value_is_a_conflict(world):
    @dataclass(frozen=True)
    class Twice:
        def execute(self, uow: UnitOfWork) -> None:
            uow.require(Permission.ITEM_CREATE, unit_id=world.office)
            uow.write(
                "INSERT INTO unit (id, official_name, short_name, kind, sort_order)"
                " SELECT gen_random_uuid(), official_name, 'x', 'other', 0 FROM unit WHERE id = %s",
                (world.office,),
            )

    with pytest.raises(AlreadyExists) as refused:
        world.do(Twice(), world.clerk)
    assert refused.value.facts["what"] == "unit"


def test_a_row_held_by_another_is_a_conflict_with_advice(committed_world, database):
    world = committed_world
    item_id = world.item()
    [work] = world.open_work(item_id, "issue")
    with psycopg.connect(database.app_url.replace("+psycopg", "")) as other:
        other.execute("SELECT 1 FROM item WHERE id = %s FOR UPDATE", (item_id,))
        with pytest.raises(RowLocked):
            world.do(CompleteWorkItem(work_item_id=work.id, seen_version=1), world.clerk)
        other.rollback()
    assert world.do(CompleteWorkItem(work_item_id=work.id, seen_version=1), world.clerk).decided


def in_parallel(jobs):
    outcomes, barrier = [], threading.Barrier(len(jobs))

    def run(job):
        barrier.wait()
        try:
            job()
            outcomes.append("done")
        except DomainError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_of_eight_people_completing_one_work_item_one_does(committed_world):
    world = committed_world
    item_id = world.item()
    [work] = world.open_work(item_id, "issue")
    command = CompleteWorkItem(work_item_id=work.id, seen_version=1)
    outcomes = in_parallel([lambda: world.do(command, world.clerk)] * 8)
    assert outcomes == ["done"] + ["work_item_closed"] * 7


def test_parties_sign_at_the_same_moment_without_a_conflict(committed_world):
    world = committed_world
    item_id = world.item(co_units=3)
    world.complete(item_id, "issue")
    world.everybody(item_id, "sign_for", "accept")
    world.complete(item_id, "draft_plan", form=PLAN)
    world.complete(item_id, "sign_plan", "sign")
    units = world.co_units
    jobs = [lambda u=u: world.complete(item_id, "confirm_plan", "confirm", unit_id=u) for u in units]
    assert in_parallel(jobs) == ["done"] * 3
    assert [w.bpmn_id for w in world.open_work(item_id)] == ["check_plan"], "the token moved once"


def test_the_same_request_twice_at_once_is_done_once(committed_world):
    world = committed_world
    item_id = world.item()
    [work] = world.open_work(item_id, "issue")
    command, key = CompleteWorkItem(work_item_id=work.id, seen_version=1), uuid4()
    assert in_parallel([lambda: world.do(command, world.clerk, key)] * 4) == ["done"] * 4
    with world.sessions() as session:
        assert len(session.exec(select(WorkItem).where(WorkItem.bpmn_id == "sign_for")).all()) == 1


def cut_connection_at_commit(executor, monkeypatch, *, committed):
    """The next commit's answer is lost: after the server committed, or before it heard of it."""
    from services import executor as module

    original = module._commit
    cut: list[int] = []

    def cutting(uow, transaction, entry):
        if cut:
            return original(uow, transaction, entry)
        cut.append(1)
        if committed:
            original(uow, transaction, entry)
        else:
            uow.driver.close()
        raise module._CommitLostError(transaction, entry)

    monkeypatch.setattr(module, "_commit", cutting)
    return replace(executor)


def test_a_commit_whose_answer_was_lost_is_not_done_again(committed_world, monkeypatch):
    world = committed_world
    executor = cut_connection_at_commit(world.executor, monkeypatch, committed=True)
    command = Rename(world.office, "once")
    assert executor.execute(command, actor=world.clerk, request=RequestInfo(key=uuid4())) == "once"
    assert len(audit(world, "Rename")) == 1


def test_without_a_key_a_lost_answer_says_that_it_was_committed(committed_world, monkeypatch):
    world = committed_world
    executor = cut_connection_at_commit(world.executor, monkeypatch, committed=True)
    with pytest.raises(AnswerLost):
        executor.execute(Rename(world.office, "once"), actor=world.clerk)
    assert short_name(world) == "once"


def test_a_commit_that_never_arrived_is_done_again(committed_world, monkeypatch):
    world = committed_world
    executor = cut_connection_at_commit(world.executor, monkeypatch, committed=False)
    assert executor.execute(Rename(world.office, "again"), actor=world.clerk) == "again"
    assert short_name(world) == "again"
    assert len(audit(world, "Rename")) == 1


def test_a_connection_that_dies_inside_a_command_is_replaced(committed_world, owner_engine):
    world = committed_world
    tries = []

    @dataclass(frozen=True)
    class Unlucky:
        def execute(self, uow: UnitOfWork) -> str:
            uow.require(Permission.ITEM_CREATE, unit_id=world.office)
            tries.append(1)
            uow.write("UPDATE unit SET short_name = 'lucky' WHERE id = %s", (world.office,))
            if len(tries) == 1:
                pid = uow.driver.info.backend_pid
                with owner_engine.connect() as connection:
                    connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
            return "done"

    assert world.do(Unlucky(), world.clerk) == "done"
    assert len(tries) == 2
    assert short_name(world) == "lucky"
