"""What waits, opens and is asked for while an item is suspended, and how it goes on."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from db.tables import ProgressRound, UnitCalendarDay
from domain.calendar import end_of
from domain.deadline_errors import ItemSuspended
from domain.ladder import SubjectKind
from domain.permissions import SCHEDULER
from domain.urgency import last_day
from services.clock_keeping import ResumeItem
from services.hand_over import HandOver, waiting_deliveries
from services.ladder import due_subjects
from services.rounds import OpenRound
from tests.integration.test_rhythms import MONTHLY, set_rhythm
from tests.integration.test_rhythms import sweep as open_rounds
from tests.integration.test_side_processes import deadline, item_of, suspend
from tests.invariants import check_everything
from tests.world import CLAIM


@pytest.fixture
def item(world):
    """An item in progress, with a co-unit, that is due at the end of June."""
    item_id = world.item(co_units=1, deadlines=deadline())
    world.to_progress(item_id)
    return item_id


def move_to(world, month, day):
    world.clock.at = datetime(2026, month, day, 1, tzinfo=UTC)


def resume(world, item_id):
    world.do(ResumeItem(item_id=item_id, seen_version=item_of(world, item_id).version, reason="条件具备"), world.clerk)


def hand_over(world):
    with world.sessions() as session:
        batches = waiting_deliveries(session, world.clock.now(), 100)
    for batch in batches:
        world.do(HandOver(batch=batch), SCHEDULER)


def open_round(world, item_id, period="2026-03"):
    command = OpenRound(
        item_id=item_id, period=period, co_due_at=end_of(date(2026, 3, 20)), due_at=end_of(date(2026, 3, 25))
    )
    return world.do(command, world.clerk)


def report_days(world, item_id):
    with world.sessions() as session:
        row = session.exec(select(ProgressRound).where(ProgressRound.item_id == item_id)).one()
        return row.co_due_at, row.due_at


def test_a_step_that_opens_while_its_item_is_suspended_stands_still_and_goes_on_with_it(world, item):
    suspend(world, item)
    move_to(world, 3, 12)
    world.complete(item, "claim_completion", "completed", form=CLAIM)
    [asked] = world.open_work(item, "countersign")
    assert (asked.paused_at, asked.escalate_at) == (world.clock.now(), None)
    hand_over(world)
    move_to(world, 4, 20)
    with world.sessions() as session:
        assert asked.id not in due_subjects(SubjectKind.WORK_ITEM, session, world.clock.now(), 100)
        check_everything(session)
    resume(world, item)
    [going] = world.open_work(item, "countersign")
    assert (going.paused_at, going.escalate_at) == (None, world.clock.now())
    days = world.executor.calendar.get(world.sessions())
    left = days.working_days_between(date(2026, 3, 12), last_day(asked.due_at))
    assert going.due_at == days.add_working_days(date(2026, 4, 20), left).at
    with world.sessions() as session:
        check_everything(session)


def test_a_step_of_an_open_round_stands_still_too(world, item):
    open_round(world, item)
    suspend(world, item)
    world.everybody(item, "contribute", form={"progress": "已完成"})
    [lead] = world.open_work(item, "consolidate")
    assert lead.paused_at == world.clock.now()


def test_no_round_is_opened_for_a_suspended_item(world, item):
    suspend(world, item)
    with pytest.raises(ItemSuspended):
        open_round(world, item)
    set_rhythm(world, item)
    assert open_rounds(world) == []


def test_a_round_that_is_asked_for_in_spite_of_a_suspension_runs(world, item):
    suspend(world, item)
    move_to(world, 3, 11)
    set_rhythm(world, item, replace(MONTHLY, ask_suspended=True))
    assert open_rounds(world) == [item]
    assert [work.paused_at for work in world.open_work(item, "contribute")] == [None]
    world.everybody(item, "contribute", form={"progress": "已完成"})
    [lead] = world.open_work(item, "consolidate")
    assert lead.paused_at is None
    before = report_days(world, item)
    move_to(world, 5, 11)
    resume(world, item)
    assert report_days(world, item) == before


def test_the_report_day_of_an_open_round_goes_on_after_the_suspension(world, item):
    open_round(world, item)
    suspend(world, item)
    days = world.executor.calendar.get(world.sessions())
    left = days.working_days_between(date(2026, 3, 10), date(2026, 3, 25))
    move_to(world, 5, 11)
    resume(world, item)
    _, due_at = report_days(world, item)
    assert due_at == days.add_working_days(date(2026, 5, 11), left).at
    world.everybody(item, "contribute", form={"progress": "已完成"})
    [lead] = world.open_work(item, "consolidate")
    assert lead.due_at == due_at


def test_a_report_that_was_late_before_the_suspension_stays_late(world, item):
    open_round(world, item)
    before = report_days(world, item)
    move_to(world, 4, 1)
    suspend(world, item)
    move_to(world, 5, 11)
    resume(world, item)
    assert report_days(world, item) == before


def test_what_was_left_is_counted_by_the_calendar_that_the_limit_was_reckoned_by(world):
    item_id = world.item(deadlines=deadline())
    world.complete(item_id, "issue")
    [work] = world.open_work(item_id, "sign_for")
    with world.sessions() as session:
        for day in (13, 14, 15):
            off = UnitCalendarDay(unit_id=work.unit_id, day=date(2026, 5, day), working=False, name="系统停机")
            off.set_at = world.clock.now()
            session.add(off)
        session.commit()
    world.executor.calendar.forget()
    suspend(world, item_id)
    days = world.executor.calendar.get(world.sessions())
    left = days.working_days_between(date(2026, 3, 10), last_day(work.due_at))
    move_to(world, 5, 12)
    resume(world, item_id)
    [going] = world.open_work(item_id, "sign_for")
    assert going.due_at == days.of(work.unit_id).add_working_days(date(2026, 5, 12), left).at
    assert going.due_at > days.add_working_days(date(2026, 5, 12), left).at
    # The item's own deadline is the government's, and counts the country's days.
    row = item_of(world, item_id)
    whole = days.working_days_between(date(2026, 3, 10), date(2026, 6, 30))
    assert row.due_at == days.add_working_days(date(2026, 5, 12), whole).at
