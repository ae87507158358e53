"""Many at once: processes that are killed, connections that are ended, people who act at the same moment."""

import os
import random
import subprocess
import sys
import threading
import time
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from bpmn.engine import ProcessEngine
from db.session import make_engine, make_sessions
from db.tables import Item, WorkItem
from domain.errors import DomainError
from domain.items import Origin
from domain.permissions import Actor, Role
from services.executor import Executor
from services.items import CreateItem, ExpandGroup, NewItem, StopItem
from services.rounds import OpenRound
from services.work_items import CompleteWorkItem
from tests.databases import ROOT
from tests.faults import LIFE, Work, check_exactly_once, together, world_on
from tests.integration.test_groups_and_rounds import CO_DUE_AT, DUE_AT, members_of, version
from tests.invariants import check_everything
from tests.world import PLAN


def test_a_killed_process_leaves_what_it_acknowledged_and_nothing_half_done(committed_db, engine):
    """A line read from the pipe is an answer somebody got; after the kill their step is there."""
    command = [sys.executable, "-m", "tests.integration.faults_process", committed_db.app_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ}) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(40)]
        process.kill()
        lines += process.stdout.read().splitlines(keepends=True)
    acknowledged = [UUID(line.strip()) for line in lines if line.endswith("\n")]
    with make_sessions(engine)() as session:
        check_exactly_once(session, {key: [None] for key in acknowledged})
        check_everything(session)
        left = session.exec(select(WorkItem).where(col(WorkItem.closed_at).is_(None))).first()
        assert left is not None
        # No lock of the dead process is in anybody's way.
        session.execute(text("SELECT id FROM item FOR UPDATE NOWAIT"))


def test_a_storm_of_ended_connections_costs_nobody_a_step(committed_db, owner_engine):
    with world_on(committed_db.app_url) as world:
        items, work = [world.item() for _ in range(4)], Work(world)
        until, calm = time.monotonic() + 15, threading.Event()

        def storm():
            while not calm.wait(0.05):
                with owner_engine.connect() as connection:
                    connection.execute(
                        text(
                            "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity"
                            " WHERE application_name = 'dudao-faults' ORDER BY random() LIMIT 1) AS chosen"
                        )
                    )

        [weather] = together([storm], work.crashes)
        lives = [partial(work.live, item_id, patient=True, until=until) for item_id in items]
        for thread in together(lives, work.crashes):
            thread.join(20)
        calm.set()
        weather.join(5)
        assert work.crashes == []
        assert [world.status(item_id) for item_id in items] == ["closed"] * 4
        assert len(work.done) == len(LIFE) * 4
        assert work.codes() <= {"unavailable", "fate_unknown", "row_locked"}
        with world.sessions() as session:
            check_exactly_once(session, work.told)
            check_everything(session)


@pytest.fixture
def busy(committed_world, owner_engine, committed_db):
    """A world of several connections, and the proof afterwards that no two of them waited for each other."""
    own = make_engine(committed_db.app_url, application_name="dudao-busy")
    committed_world.executor = Executor(make_sessions(own), committed_world.clock, ProcessEngine())
    before = deadlocks(owner_engine)
    yield committed_world
    own.dispose()  # a backend reports its deadlocks at the latest when it ends
    time.sleep(0.2)
    assert deadlocks(owner_engine) == before
    with committed_world.sessions() as session:
        check_everything(session)


def deadlocks(owner_engine):
    with owner_engine.connect() as connection:
        return connection.execute(
            text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        ).scalar_one()


def at_once(jobs):
    """Run all jobs at the same moment; the code of each, or `done`."""
    outcomes: list[str] = []
    crashes: list[BaseException] = []
    barrier = threading.Barrier(len(jobs))

    def run(job):
        barrier.wait()
        try:
            job()
            outcomes.append("done")
        except DomainError as error:
            outcomes.append(error.code)

    for thread in together([partial(run, job) for job in jobs], crashes):
        thread.join(20)
    assert crashes == []
    return sorted(outcomes)


def group_of(world, units):
    item_id = world.item()
    world.do(ExpandGroup(item_id=item_id, seen_version=version(world, item_id), unit_ids=units), world.clerk)
    world.complete(item_id, "issue")
    return item_id


def to_filing(world, item_id):
    """A member up to its last step."""
    world.everybody(item_id, "sign_for", "accept")
    world.complete(item_id, "draft_plan", form=PLAN)
    world.complete(item_id, "sign_plan", "sign")
    world.complete(item_id, "check_plan", "approve")
    world.to_review(item_id)
    world.complete(item_id, "review_completion", "approve")
    world.complete(item_id, "close", "close")


def test_members_of_two_groups_that_close_at_once_let_each_group_go_on_once(busy):
    groups = [group_of(busy, busy.co_units) for _ in range(2)]
    members = [member for group in groups for member in members_of(busy, group)]
    for member in members:
        to_filing(busy, member)
    form = {"archive_number": "2026-督-010"}
    jobs = [lambda m=m: busy.complete(m, "file_item", form=form) for m in members]
    assert at_once(jobs) == ["done"] * 6
    for group in groups:
        assert [w.bpmn_id for w in busy.open_work(group)] == ["close"]


def test_parties_confirm_while_the_head_stops_the_item(busy):
    item_id = busy.item(co_units=3)
    busy.complete(item_id, "issue")
    busy.everybody(item_id, "sign_for", "accept")
    busy.complete(item_id, "draft_plan", form=PLAN)
    busy.complete(item_id, "sign_plan", "sign")
    stop = StopItem(item_id=item_id, seen_version=version(busy, item_id), message="withdraw", reason="交办有误")
    work = busy.open_work(item_id, "confirm_plan")
    jobs = [
        lambda w=w: busy.do(
            CompleteWorkItem(work_item_id=w.id, seen_version=w.version, decision="confirm"),
            busy.people[w.unit_id, Role(w.role)],
        )
        for w in work
    ]
    outcomes = at_once([*jobs, lambda: busy.do(stop, busy.head)])
    assert set(outcomes) <= {"done", "work_item_closed", "stale_version"}
    stopped = busy.status(item_id) == "withdrawn"
    assert stopped == (busy.open_work(item_id) == [])
    assert stopped or "stale_version" in outcomes


def test_a_group_is_expanded_while_items_are_added_to_its_list(busy):
    """Both number new items of one list."""
    groups = [busy.item() for _ in range(2)]
    expand = [ExpandGroup(item_id=g, seen_version=version(busy, g), unit_ids=busy.co_units) for g in groups]
    create = CreateItem(
        office_unit_id=busy.office, origin=Origin.MANUAL, item=NewItem(text="开通便民热线", leads=busy.leads[:1])
    )
    commands = [*expand, *[create] * 4]
    assert at_once([lambda c=c: busy.do(c, busy.clerk) for c in commands]) == ["done"] * 6
    with busy.sessions() as session:
        positions = session.exec(select(Item.position)).all()
    assert sorted(positions) == list(range(1, 13))


REFUSALS = {"work_item_closed", "stale_version", "wrong_status", "already_exists", "row_locked", "invalid_decision"}


@pytest.mark.parametrize("seed", [3, 2026])
def test_random_commands_at_once_on_one_group_never_wait_for_each_other(busy, seed):
    chance = random.Random(seed)
    group = group_of(busy, busy.co_units)
    first, *others = members_of(busy, group)
    for member in others:
        to_filing(busy, member)
    busy.everybody(first, "sign_for", "accept")
    commands: list[tuple[object, Actor]] = []
    for item_id in (first, *others):
        for work in busy.open_work(item_id):
            form = {"archive_number": "1"} if work.bpmn_id == "file_item" else PLAN
            step = CompleteWorkItem(work_item_id=work.id, seen_version=work.version, form=form)
            commands += [(step, busy.people[work.unit_id, Role(work.role)])] * 4
        stop = StopItem(item_id=item_id, seen_version=version(busy, item_id), message="withdraw", reason="交办有误")
        commands.append((stop, busy.head))
        for period in ("2026-03", "2026-04"):
            commands += [
                (OpenRound(item_id=item_id, period=period, co_due_at=CO_DUE_AT, due_at=DUE_AT), busy.clerk)
            ] * 3
    whole = StopItem(item_id=group, seen_version=version(busy, group), message="withdraw", reason="交办有误")
    create = CreateItem(office_unit_id=busy.office, origin=Origin.MANUAL, item=NewItem(text="x", leads=busy.leads[:1]))
    commands += [(whole, busy.head)] * 2
    commands += [(create, busy.clerk)] * (50 - len(commands))
    chance.shuffle(commands)
    assert len(commands) == 50
    batches = [commands[start : start + 10] for start in range(0, 50, 10)]
    outcomes = [code for batch in batches for code in at_once([lambda c=c: busy.do(*c) for c in batch])]
    assert set(outcomes) <= {"done"} | REFUSALS
    assert outcomes.count("done") >= 8
