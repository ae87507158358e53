"""The board on real tables: what it counts, what is kept of it, and who may be given what was kept."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from db.tables import BoardSummary, Item, TaskList
from domain.errors import PermissionDenied
from domain.lights import Light
from domain.permissions import SCHEDULER, Role
from services.board_keeping import LARGE, TAKEN_EVERY, BoardKey, TakeBoard, boards_to_take
from services.queries import board as boards
from services.queries import completion_counts
from services.queries.board import LONGEST_KEPT, board_of, kept, measure, stored_form
from services.queries.board_lights import frozen_pairs
from services.queries.completion_counts import completion_page
from services.queries.completion_tally import LISTED
from services.queries.ledger import LedgerFilter, count_ledger, ledger
from services.queries.lists import list_names
from services.queries.reading import reading
from tests.integration.test_lights import dated, move_to, sweep


@pytest.fixture
def late(world):
    """Two items of a list whose lights were frozen from March to June: one red since June, one ended in April."""
    late, ended = world.item(deadlines=dated()), world.item(leads=2)
    world.complete(late, "issue")
    world.to_progress(ended)
    for day in (date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1), date(2026, 6, 20), date(2026, 7, 2)):
        move_to(world, day)
        sweep(world)
    return late


def ask(world, actor=None):
    return reading(world.executor, actor or world.clerk)


def test_the_board_counts_what_the_ledger_counts(world, late):
    with ask(world) as asking:
        board = board_of(asking)
        for light in Light:
            [count] = count_ledger(asking, LedgerFilter(lights=(light,))) or [None]
            assert getattr(board.counted.lights, light.value) == (count.count if count else 0)
    assert [row.item_id for row in board.rows] == [late]
    assert board.rows[0].overdue_days == 15
    assert board.in_a_row is None
    assert len({cell.unit_id for cell in board.counted.cells}) == 2
    assert board.counted.lights.total == 2
    for day in (date(2026, 8, 1), date(2026, 9, 1)):
        move_to(world, day)
        sweep(world)
    with ask(world) as asking:
        found = board_of(asking).in_a_row
        assert found is not None
        assert (found.periods, found.count, found.last_day) == (3, 1, date(2026, 6, 30))
        filters = LedgerFilter(lights=(Light.RED,), light_before=found.last_day)
        assert count_ledger(asking, filters)[0].count == 1


def test_a_frozen_period_is_counted_as_it_was_and_opens_the_same_items(world, late):
    with ask(world) as asking:
        then, now = board_of(asking, period="2026-05"), board_of(asking)
        assert then.moment is not None
        assert now.before is not None
        assert then.moment.key == "2026-05"
        assert then.counted.lights.red == 0
        assert now.before.key == "2026-06"
        pairs = frozen_pairs(asking, None, "2026-06")
        [red] = count_ledger(asking, LedgerFilter(frozen=pairs, lights=(Light.RED,)))
        assert red.count == board_of(asking, period="2026-06").counted.lights.red == 1
        assert board_of(asking, period="1999-01").moment is None


def test_steps_take_working_days_and_wait_as_the_work_list_says(world, late):
    with ask(world) as asking:
        steps = {step.bpmn_id: step for step in board_of(asking).measured.steps}
    assert (steps["issue"].done, steps["issue"].typical, steps["issue"].limit) == (2, 0, 2)
    assert (steps["sign_for"].waiting, steps["sign_for"].overdue) == (1, 1)


def test_what_is_kept_of_a_large_list_is_what_would_be_counted(world, late, monkeypatch):
    with world.sessions() as session:
        task_list = session.exec(select(TaskList)).one()
        assert not boards_to_take(session, world.clock.now(), 10)
        task_list.found_count = LARGE
        session.commit()
        due = boards_to_take(session, world.clock.now(), 10)
    assert set(due) == {BoardKey(world.office, None), BoardKey(world.office, task_list.id)}
    for key in due:
        world.do(TakeBoard(office_unit_id=key.office_unit_id, list_id=key.list_id), SCHEDULER)
    with world.sessions() as session:
        assert not boards_to_take(session, world.clock.now(), 10)
        assert len(boards_to_take(session, world.clock.now() + TAKEN_EVERY, 10)) == 2
    with ask(world) as asking:
        assert kept(asking, None) == measure(asking, None)
        assert kept(asking, task_list.id) == measure(asking, task_list.id)
        for lists in ((), (task_list.id,)):
            there = completion_page(asking, list_ids=lists, most=LISTED, ahead=True)
            monkeypatch.setattr(completion_counts, "kept_summary", lambda *_: None)
            counted = completion_page(asking, list_ids=lists, most=LISTED, ahead=True)
            monkeypatch.undo()
            assert there == counted
            assert there.report.total == 2
        monkeypatch.setattr(boards, "measure", None)
        monkeypatch.setattr(completion_counts, "count_completion", None)
        assert board_of(asking).counted.lights.red == 1
        assert (
            completion_page(asking, most=1, ahead=True).listed,
            len(completion_page(asking, most=1, ahead=True).report.items),
        ) == (2, 1)
    world.clock.at += LONGEST_KEPT + timedelta(seconds=1)
    with ask(world) as asking:
        assert kept(asking, None) is None


def test_what_an_office_sees_is_not_given_to_its_units(world, late):
    world.do(TakeBoard(office_unit_id=world.office, list_id=None), SCHEDULER)
    lead = world.actor(world.leads[1], Role.LIAISON)
    with ask(world, lead) as asking:
        assert kept(asking, None) is None
        assert completion_page(asking, most=1, ahead=True).report.total == 1
        assert board_of(asking).counted.lights.total == 1
    with world.sessions() as session:
        assert session.exec(select(BoardSummary)).one().office_unit_id == world.office
    with pytest.raises(PermissionDenied):
        world.do(TakeBoard(office_unit_id=world.office, list_id=None), world.clerk)


def test_all_of_what_is_visible_is_counted_as_it_is_listed(world, late):
    for actor in (world.clerk, world.head, world.actor(world.leads[0], Role.LIAISON), SCHEDULER):
        with ask(world, actor) as asking:
            counted = sum(count.count for count in count_ledger(asking, LedgerFilter()))
            assert counted == len(ledger(asking, LedgerFilter()).rows)


def test_the_stored_form_loses_nothing(world, late):
    with ask(world) as asking:
        measured = measure(asking, None)
        assert list_names(asking)
    assert stored_form().validate_json(stored_form().dump_json(measured)) == measured
    with world.sessions() as session:
        assert session.get_one(Item, late).light == "red"
