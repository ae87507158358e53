"""Sweeps: what is due is done key by key, and what fails neither stops the others nor is forgotten."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import col, select

from bpmn.bundle import Bundle
from db.tables import AuditEntry, Heartbeat, ProcessTimer, SweepFailure, SweepStatus
from domain.errors import NotFound, RuleViolation, Unavailable
from domain.permissions import OPERATOR, SCHEDULER, Permission
from domain.process_errors import TimerStuck
from services.operation import Beat, LeaveBeat, Measured, NoteTick, TryAgain
from services.process_library import publish
from services.routing import initial_data
from services.stepping import LOCK_ROOT, start_instance
from services.sweeping import LONGEST_BACK_OFF, SEARCH, Sweeper, back_off
from services.sweeps import SWEEPS, Sweep, always
from services.timers import FireTimers
from services.unit_of_work import UnitOfWork

REMINDED = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="http://dudao.test">
 <bpmn:process id="reminded" name="催办" isExecutable="true">
  <bpmn:startEvent id="begin"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
  <bpmn:intermediateCatchEvent id="wait_a_week"><bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing>
   <bpmn:timerEventDefinition id="week"><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">"P7D"</bpmn:timeDuration>
   </bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
  <bpmn:endEvent id="over"><bpmn:incoming>f2</bpmn:incoming></bpmn:endEvent>
  <bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="wait_a_week" />
  <bpmn:sequenceFlow id="f2" sourceRef="wait_a_week" targetRef="over" />
 </bpmn:process>
</bpmn:definitions>"""


@dataclass(frozen=True)
class StartReminded:
    """Starts the test's own process on an item."""

    item_id: UUID

    def execute(self, uow: UnitOfWork) -> UUID:
        uow.require(Permission.ITEM_CREATE)
        uow.read((LOCK_ROOT, (self.item_id,)))
        data = initial_data(uow, "supervision", self.item_id)
        instance_id, _ = start_instance(uow, key="reminded", item_id=self.item_id, root_item_id=self.item_id, data=data)
        return instance_id


@pytest.fixture
def waiting(world):
    """The id of an instance that waits for a week, in a world."""
    with world.sessions() as session:
        bundle = Bundle.of({"reminded.bpmn": REMINDED.encode()}, "reminded")
        publish(session, bundle, published_at=world.clock.now(), published_by=None)
        session.commit()
    return world.do(StartReminded(world.item()), world.clerk)


def sweep_of(name: str) -> Sweep[Any]:
    return next(sweep for sweep in SWEEPS if sweep.name == name)


def ended(world, instance_id) -> bool:
    with world.sessions() as session:
        return bool(
            session.execute(
                text("SELECT ended_at IS NOT NULL FROM process_instance WHERE id = :id"), {"id": instance_id}
            ).scalar_one()
        )


def entries(world, command: str) -> list[str | None]:
    with world.sessions() as session:
        return list(session.exec(select(AuditEntry.error_code).where(col(AuditEntry.command) == command)))


def test_a_timer_goes_off_when_it_is_due_and_only_once(world, waiting):
    sweeper, timers = Sweeper(world.executor, world.sessions), sweep_of("process_timers")
    world.clock.advance(days=6)
    assert sweeper.run(timers).done == 0
    world.clock.advance(days=1)
    assert timers.backlog is not None
    with world.sessions() as session:
        assert timers.backlog(session, world.clock.now()) == (1, world.clock.now())
    assert sweeper.run(timers).done == 1
    assert ended(world, waiting)
    assert sweeper.run(timers).done == 0
    assert world.do(FireTimers(instance_id=waiting), SCHEDULER) == 0
    assert entries(world, "FireTimers") == [None]


def test_the_next_timer_is_known_in_advance(world, waiting):
    upcoming = sweep_of("process_timers").upcoming
    assert upcoming is not None
    with world.sessions() as session:
        assert upcoming(session, world.clock.now()) == world.clock.now() + timedelta(days=7)
        assert upcoming(session, world.clock.now() + timedelta(days=7)) is None


def test_a_timer_that_the_state_does_not_have_is_a_failure_and_no_endless_loop(world, waiting):
    with world.sessions() as session:
        session.add(ProcessTimer(task_id=uuid4(), instance_id=waiting, bpmn_id="ghost", due_at=world.clock.now()))
        session.commit()
    ran = Sweeper(world.executor, world.sessions).run(sweep_of("process_timers"))
    assert [(failed.key, failed.error_code) for failed in ran.failed] == [(str(waiting), TimerStuck.code)]
    assert not ended(world, waiting)


@dataclass(frozen=True)
class Mark:
    """Does its key once, unless the test says that it fails."""

    key: int
    done: list[int] = field(metadata={"audit": False})
    fails: Callable[[int], BaseException | None] = field(metadata={"audit": False})

    def execute(self, uow: UnitOfWork) -> None:
        uow.require(Permission.SCHEDULER_RUN)
        uow.audited = False
        error = self.fails(self.key)
        if error is not None:
            raise error
        self.done.append(self.key)


@dataclass
class Numbers:
    """Keys from 0 on that are due until they are done."""

    count: int
    fails: Callable[[int], BaseException | None]

    def __post_init__(self) -> None:
        self.done: list[int] = []

    @property
    def sweep(self) -> Sweep[int]:
        def find(_session: Any, _now: datetime, limit: int) -> list[int]:
            return [key for key in range(self.count) if key not in self.done][:limit]

        return Sweep(
            name="numbers", every=timedelta(seconds=1), find=find, command=lambda key: Mark(key, self.done, self.fails)
        )


def beat(world, **changes) -> Beat:
    values = {"id": uuid4(), "kind": "scheduler", "host": "h", "pid": 1, "started_at": world.clock.now()}
    return Beat(**{**values, **changes})


def run_and_note(world, numbers: Numbers, batch: int = 5):
    ran = Sweeper(world.executor, world.sessions, batch=batch).run(numbers.sweep)
    world.do(NoteTick(beat=beat(world), measured=(Measured(ran),)), SCHEDULER)
    return ran


def test_keys_that_fail_do_not_starve_those_behind_them(world):
    numbers = Numbers(40, lambda key: RuleViolation("no") if key < 12 else None)
    ran = run_and_note(world, numbers, batch=5)
    assert sorted(numbers.done) == list(range(12, 40))
    assert (ran.done, len(ran.failed), ran.left) == (28, 12, False)


def test_a_fault_of_the_program_is_kept_like_a_refusal(world):
    numbers = Numbers(3, lambda key: ZeroDivisionError("by zero") if key == 1 else None)
    run_and_note(world, numbers)
    with world.sessions() as session:
        [failure] = session.exec(select(SweepFailure)).all()
    assert (failure.name, failure.key, failure.attempts, failure.error_code) == ("numbers", "1", 1, "internal_error")
    assert "by zero" in failure.error
    assert sorted(numbers.done) == [0, 2]


def test_a_failed_key_rests_longer_each_time_and_is_forgotten_when_it_succeeds(world):
    broken = True
    numbers = Numbers(1, lambda key: RuleViolation("no") if broken else None)
    run_and_note(world, numbers)
    for attempts in range(1, 4):
        assert run_and_note(world, numbers).failed == [], "it rests"
        world.clock.advance(seconds=back_off(attempts).total_seconds())
        assert len(run_and_note(world, numbers).failed) == 1
    with world.sessions() as session:
        assert session.exec(select(SweepFailure.attempts)).one() == 4
    broken = False
    world.clock.advance(seconds=back_off(4).total_seconds())
    assert run_and_note(world, numbers).recovered == ["0"]
    with world.sessions() as session:
        assert session.exec(select(SweepFailure)).all() == []


def test_a_rest_ends_at_once_when_an_administrator_asks_for_it(world):
    broken = True
    numbers = Numbers(2, lambda key: RuleViolation("no") if broken else None)
    run_and_note(world, numbers)
    broken = False
    assert run_and_note(world, numbers).done == 0
    assert world.do(TryAgain(sweep="numbers", key="1"), OPERATOR) == 1
    assert run_and_note(world, numbers).done == 1
    with pytest.raises(NotFound):
        world.do(TryAgain(sweep="numbers", key="1"), OPERATOR)


def test_a_clock_that_is_set_back_does_not_prolong_a_rest(world):
    broken = True
    numbers = Numbers(1, lambda key: RuleViolation("no") if broken else None)
    run_and_note(world, numbers)
    broken = False
    world.clock.advance(days=-30)
    assert run_and_note(world, numbers).done == 1


def test_a_database_that_is_away_ends_the_run_and_blames_no_key(world):
    there = True

    def gone(_key: int) -> BaseException:
        nonlocal there
        there = False
        return Unavailable("gone")

    def reads():
        if not there:
            raise psycopg.OperationalError("gone")
        return world.sessions()

    with pytest.raises(Unavailable):
        Sweeper(world.executor, reads).run(Numbers(3, gone).sweep)


def test_a_key_that_always_ends_the_connection_is_blamed_when_the_database_answers_others(world):
    numbers = Numbers(3, lambda key: Unavailable("again") if key == 0 else None)
    ran = run_and_note(world, numbers)
    assert [failed.key for failed in ran.failed] == ["0"]
    assert numbers.done == [1, 2]


def test_a_search_that_fails_is_kept_as_a_failure_and_forgotten_when_it_works(world):
    numbers, broken = Numbers(1, lambda key: None), True

    def find(session, now, limit):
        if broken:
            raise ZeroDivisionError("search")
        return numbers.sweep.find(session, now, limit)

    sweep = replace(numbers.sweep, find=find)
    sweeper = Sweeper(world.executor, world.sessions)
    ran = sweeper.run(sweep)
    world.do(NoteTick(beat=beat(world), measured=(Measured(ran),)), SCHEDULER)
    assert [failed.key for failed in ran.failed] == [SEARCH]
    broken = False
    ran = sweeper.run(sweep)
    assert (ran.recovered, numbers.done) == ([SEARCH], [0])


def test_the_longest_rest_is_an_hour():
    assert [back_off(n) for n in (1, 2, 3)] == [timedelta(seconds=s) for s in (5, 20, 80)]
    assert back_off(50) == LONGEST_BACK_OFF


def test_a_run_stops_between_batches_and_says_that_more_is_left(world):
    numbers = Numbers(20, lambda key: None)
    asked = iter([True, True, False])
    ran = Sweeper(world.executor, world.sessions, batch=5).run(numbers.sweep, lambda: next(asked))
    assert (len(numbers.done), ran.left) == (10, True)


def test_who_is_alive_is_listed_until_it_leaves_or_is_silent_for_a_day(world):
    first, second = beat(world), beat(world, kind="worker")
    world.do(NoteTick(beat=first), SCHEDULER)
    world.do(NoteTick(beat=second), SCHEDULER)
    world.do(LeaveBeat(id=first.id), SCHEDULER)
    with world.sessions() as session:
        assert session.exec(select(Heartbeat.id)).all() == [second.id]
    world.clock.advance(days=1, seconds=1)
    world.do(NoteTick(beat=beat(world)), SCHEDULER)
    with world.sessions() as session:
        assert second.id not in session.exec(select(Heartbeat.id)).all()


def test_what_the_runs_did_adds_up(world):
    numbers = Numbers(3, lambda key: None)
    run_and_note(world, numbers)
    numbers.count = 5
    run_and_note(world, numbers)
    with world.sessions() as session:
        status = session.get_one(SweepStatus, "numbers")
    assert (status.done, status.done_ever, status.failed, status.ran_at) == (2, 5, 0, world.clock.now())


def test_names_of_sweeps_are_unique_and_a_sweep_without_work_leaves_no_trace(world):
    assert len({sweep.name for sweep in SWEEPS}) == len(SWEEPS)
    before = len(entries(world, "LoadShippedYears"))
    sweeper = Sweeper(world.executor, world.sessions)
    years = Sweep(name="y", every=timedelta(days=1), find=always, command=sweep_of("calendar_years").command)
    sweeper.run(years)
    sweeper.run(years)
    assert len(entries(world, "LoadShippedYears")) == before + 1
