"""A rehearsal shows what the clock would do, in order, and leaves no trace."""

import json
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from db.session import make_engine, make_sessions
from db.tables import CalendarYear, Item, TaskList
from domain.items import DeadlineKind
from domain.scheduling_errors import SimulationBackwards, SimulationTooLarge
from services import rehearsal
from services.items import NewDeadline
from services.rehearsal import Played, Script, play
from services.sweeping import Sweeper
from services.sweeps import SWEEPS
from tests.world import World

JUNE = NewDeadline(phrase="2026年6月底前", kind=DeadlineKind.BY_DATE, on_date=date(2026, 6, 30))


@pytest.fixture
def connect(committed_db):
    """A connection of its own, as the command opens one."""
    engine = make_engine(committed_db.app_url, pool_size=1, max_overflow=0)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def played(world: World, connection, days: int = 150, **options) -> Played:
    start = world.clock.now()
    script = Script(start, (start + timedelta(days=days)).date(), **options)
    return play(connection, world.executor, script)


def everything(world: World) -> dict[str, object]:
    """Each table with the number of its rows and a digest of them all."""
    with world.sessions() as session:
        names = session.connection().execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        digest = "SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {} t"
        return {name: session.connection().execute(text(digest.format(name))).one() for name in names.scalars().all()}


def test_what_nobody_does_is_reminded_of_urged_and_escalated_in_order(committed_world, connect):
    world = committed_world
    item_id = world.item(deadlines=(JUNE,))
    world.complete(item_id, "issue")
    found = played(world, connect)
    kinds = [happening.kind for happening in found.happenings]
    assert {"reminder", "urge", "escalation", "work_item_overdue", "item_overdue"} <= set(kinds)
    assert [happening.day for happening in found.happenings] == sorted(happening.day for happening in found.happenings)
    [overdue] = [happening for happening in found.happenings if happening.kind == "item_overdue"]
    assert (overdue.day, overdue.item_id, overdue.units) == (date(2026, 6, 30), item_id, ("市牵头甲局",))
    of_item = [happening.kind for happening in found.happenings if happening.step is None]
    assert of_item.index("reminder") < of_item.index("item_overdue") < of_item.index("escalation")
    told = [happening for happening in found.happenings if happening.person]
    assert all(happening.units and happening.level for happening in told)
    assert len({(h.item_id, h.step, h.person, h.level, h.at) for h in told}) == len(told)
    assert "签收" in {happening.step for happening in told}
    assert found.failed == ()
    assert found.stops < 150 + len(found.happenings) + 5, "it jumps"


def test_nothing_is_changed_and_nothing_is_sent(committed_world, connect):
    world = committed_world
    for deadlines in ((JUNE,), ()):
        item_id = world.item(deadlines=deadlines)
        world.complete(item_id, "issue")
    before = everything(world)
    assert played(world, connect).happenings
    assert everything(world) == before


def test_people_go_on_working_while_it_is_played(committed_world, connect):
    """No row that a step needs is locked, although the play writes to it."""
    world = committed_world
    item_id = world.item(deadlines=(JUNE,))
    world.complete(item_id, "issue")
    steps = iter([lambda: world.complete(item_id, "sign_for", "accept")])

    def on_stop(at):
        if at > world.clock.now() + timedelta(days=30):
            for step in steps:
                step()

    script = Script(world.clock.now(), date(2026, 8, 1))
    play(connect, world.executor, script, on_stop=on_stop)
    assert world.open_work(item_id, "draft_plan")


def test_the_play_and_the_real_clock_tell_the_same_people_the_same(committed_world, connect):
    world = committed_world
    item_id = world.item(deadlines=(JUNE,))
    world.complete(item_id, "issue")
    start = world.clock.now()
    foretold = sorted((h.at, h.person, h.level, h.kind) for h in played(world, connect, days=6).happenings if h.person)
    sweeper = Sweeper(world.executor, world.sessions)
    sweeps = [sweep for sweep in SWEEPS if sweep.rehearsed]
    while world.clock.now() < start + timedelta(days=6):
        for _ in range(2):
            for sweep in sweeps:
                sweeper.run(sweep)
        world.clock.advance(hours=2)
    with world.sessions() as session:
        rows = session.connection().execute(
            text(
                "SELECT e.fired_at, p.name, e.level, e.kind FROM escalation e JOIN person p ON p.id = e.recipient_id"
                " WHERE e.fired_at < :end"
            ),
            {"end": start + timedelta(days=6)},
        )
        happened = sorted(tuple(row) for row in rows)
    assert [each[1:] for each in happened] == [each[1:] for each in foretold]
    assert all(told <= at <= told + timedelta(hours=2) for (at, *_), (told, *_) in zip(happened, foretold, strict=True))
    assert happened


def test_a_list_that_is_not_issued_yet_can_be_rehearsed_as_if_it_were(committed_world, connect):
    world = committed_world
    world.item(deadlines=(JUNE,))
    assert {h.kind for h in played(world, connect, days=120).happenings if h.kind == "item_overdue"} == set()
    as_if = played(world, connect, days=120, issue=True)
    assert [h.kind for h in as_if.happenings if h.kind == "item_overdue"] == ["item_overdue"]
    assert "签收" in {h.step for h in as_if.happenings}


def test_one_list_is_played_alone(committed_world, connect):
    world = committed_world
    mine, others = world.item(deadlines=(JUNE,)), world.item(deadlines=(JUNE,))
    for item_id in (mine, others):
        world.complete(item_id, "issue")
    with world.sessions() as session:
        first = session.get_one(TaskList, session.get_one(Item, mine).list_id)
        other_list = TaskList(**{**first.model_dump(), "id": uuid4(), "title": "另一份", "source_digest": None})
        session.add(other_list)
        session.flush()
        session.get_one(Item, others).list_id = other_list.id
        session.commit()
        list_id = other_list.id
    found = played(world, connect, days=120, list_id=list_id)
    assert found.items == 1
    assert {h.item_id for h in found.happenings} == {others}


def test_what_is_too_large_or_goes_back_is_refused(committed_world, connect, monkeypatch):
    world = committed_world
    world.item()
    with pytest.raises(SimulationBackwards):
        played(world, connect, days=-2)
    with pytest.raises(SimulationTooLarge):
        played(world, connect, days=3 * 366 + 2)
    monkeypatch.setattr(rehearsal, "MOST_ITEMS", 0)
    with pytest.raises(SimulationTooLarge):
        played(world, connect)


def test_the_command_prints_days_and_json(committed_world, dudao, engine):
    world = committed_world
    with make_sessions(engine)() as session:
        session.add(CalendarYear(year=2027, source="test", loaded_at=world.clock.now()))
        session.commit()
    item_id = world.item(deadlines=(JUNE,))
    world.complete(item_id, "issue")
    shown = dudao("simulate", "--from", "2026-03-10", "--until", "2026-07-05").output
    assert "2026-06-30 星期二" in shown
    assert "事项逾期" in shown
    assert "合计" in shown
    found = json.loads(dudao("simulate", "--from", "2026-03-10", "--until", "2026-07-05", "--json").stdout)
    assert {happening["kind"] for happening in found["happenings"]} >= {"reminder", "item_overdue"}
    assert datetime.fromisoformat(found["until"]) == datetime(2026, 7, 5, 16, tzinfo=UTC)
    refused = dudao("simulate", "--from", "2026-03-10", "--until", "2026-03-01", code=2)
    assert "推演" in refused.output
