"""Rounds that open by themselves: in time, once, for who is to be asked."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from db.tables import Item, ProgressFact, ProgressRound, ReportPeriod, ReportRhythm
from domain.calendar import end_of
from domain.errors import NotFound, PermissionDenied, StaleVersion
from domain.permissions import SCHEDULER, Role
from domain.reporting_errors import RhythmInvalid
from domain.rhythm import ReportDate, Rhythm, RhythmKind
from services.items import ExpandGroup
from services.queries.reading import reading
from services.queries.rhythms import rhythm_view
from services.rhythms import SetRhythm
from services.rounds import OpenDueRound, OpenRound, due_rounds, next_round, round_command
from tests.world import PLAN, REPORT

MONTHLY = Rhythm(kind=RhythmKind.MONTHLY, starts_on=date(2026, 3, 1), joins_before=5)


def list_of(world, item_id):
    with world.sessions() as session:
        return session.get_one(Item, item_id).list_id


def set_rhythm(world, item_id, rhythm=MONTHLY, seen=0):
    return world.do(SetRhythm(list_id=list_of(world, item_id), seen_version=seen, rhythm=rhythm), world.clerk)


def sweep(world):
    """What the clock does now, until nothing is due; the items that were asked."""
    asked: list[UUID | None] = []
    for _ in range(50):
        with world.sessions() as session:
            due = due_rounds(session, world.clock.now(), 100)
        if not due:
            return asked
        for key in due:
            done = world.do(round_command(key), SCHEDULER)
            asked += [key[1]] if done is not None else []
    raise AssertionError("the sweep never ends")


def rounds(world, item_id):
    with world.sessions() as session:
        found = session.exec(
            select(ProgressRound).where(ProgressRound.item_id == item_id).order_by(col(ProgressRound.period))
        )
        return list(found)


def at(world, year, month, day, hour):
    world.clock.at = datetime(year, month, day, hour, tzinfo=UTC)


@pytest.fixture
def item_id(world):
    item_id = world.item(co_units=1)
    world.to_progress(item_id)
    return item_id


def test_a_round_opens_by_itself_on_its_day_and_once(world, item_id):
    set_rhythm(world, item_id)
    at(world, 2026, 3, 9, 1)
    assert sweep(world) == []
    at(world, 2026, 3, 10, 1)
    assert sweep(world) == [item_id]
    assert sweep(world) == []
    [march] = rounds(world, item_id)
    assert (march.period, march.co_due_at, march.due_at) == (
        "2026-03",
        end_of(date(2026, 3, 20)),
        end_of(date(2026, 3, 25)),
    )
    assert march.unit_id == world.leads[0]
    [work] = world.open_work(item_id, "contribute")
    assert work.due_at == march.co_due_at
    at(world, 2026, 4, 20, 1)
    assert sweep(world) == [item_id]
    assert [r.period for r in rounds(world, item_id)] == ["2026-03", "2026-04"]


def test_after_an_outage_a_missed_period_is_opened_once_and_gives_time_to_answer(world, item_id):
    set_rhythm(world, item_id)
    at(world, 2026, 3, 30, 1)
    assert sweep(world) == [item_id]
    [march] = rounds(world, item_id)
    assert march.due_at == end_of(date(2026, 4, 2))
    at(world, 2026, 7, 15, 1)
    assert sweep(world) == [item_id]
    assert [r.period for r in rounds(world, item_id)] == ["2026-03", "2026-07"]


def test_trying_the_same_round_again_opens_nothing(world, item_id):
    set_rhythm(world, item_id)
    command = OpenDueRound(list_id=list_of(world, item_id), item_id=item_id)
    assert world.do(command, SCHEDULER) is not None
    assert world.do(command, SCHEDULER) is None
    assert len(rounds(world, item_id)) == 1


def test_an_item_that_comes_in_progress_shortly_before_the_day_joins_the_next_period(world, item_id):
    set_rhythm(world, item_id)
    assert sweep(world) == [item_id]
    at(world, 2026, 3, 19, 1)
    early = world.item()
    world.to_progress(early)
    at(world, 2026, 3, 21, 1)
    late = world.item()
    world.to_progress(late)
    assert sweep(world) == [early]
    at(world, 2026, 4, 10, 1)
    assert set(sweep(world)) == {item_id, early, late}


def test_an_item_that_is_not_in_progress_is_not_asked(world, item_id):
    waiting = world.item()
    set_rhythm(world, item_id)
    sweep(world)
    assert rounds(world, waiting) == []


def test_a_group_is_not_asked_for_what_its_members_report(world):
    group = world.item()
    with world.sessions() as session:
        seen = session.get_one(Item, group).version
    members = world.do(ExpandGroup(item_id=group, seen_version=seen, unit_ids=world.co_units[:2]), world.clerk)
    world.complete(group, "issue")
    for member in members:
        world.everybody(member, "sign_for", "accept")
        world.complete(member, "draft_plan", form=PLAN)
        world.complete(member, "sign_plan", "sign")
        world.complete(member, "check_plan", "approve")
    with world.sessions() as session:
        session.get_one(Item, group).status = "in_progress"
        session.commit()
    set_rhythm(world, group)
    assert set(sweep(world)) == set(members)


@pytest.mark.parametrize("asks", [False, True])
def test_a_suspended_item_is_asked_only_where_the_rule_wants_its_no_change(world, item_id, asks):
    with world.sessions() as session:
        session.get_one(Item, item_id).paused_at = world.clock.now()
        session.commit()
    set_rhythm(world, item_id, replace(MONTHLY, ask_suspended=asks))
    assert sweep(world) == ([item_id] if asks else [])


def test_an_item_that_goes_on_after_a_suspension_is_asked_within_the_hour(world, item_id):
    with world.sessions() as session:
        session.get_one(Item, item_id).paused_at = world.clock.now()
        session.commit()
    set_rhythm(world, item_id)
    assert sweep(world) == []
    with world.sessions() as session:
        session.get_one(Item, item_id).paused_at = None
        session.commit()
        upcoming = next_round(session, world.clock.now())
    world.clock.at = upcoming
    assert sweep(world) == [item_id]


def test_a_rhythm_that_has_ended_is_not_looked_at_any_more(world, item_id):
    day = ReportDate(date(2026, 3, 31))
    set_rhythm(world, item_id, Rhythm(kind=RhythmKind.DATES, starts_on=date(2026, 3, 1), dates=(day,)))
    at(world, 2026, 3, 25, 1)
    assert sweep(world) == [item_id]
    at(world, 2026, 4, 1, 1)
    sweep(world)
    with world.sessions() as session:
        assert session.exec(select(ReportRhythm.next_at)).one() is None


def test_what_the_office_asks_for_by_hand_stands_in_the_same_period(world, item_id):
    other = world.item()
    set_rhythm(world, item_id)
    sweep(world)
    at(world, 2026, 3, 22, 1)
    world.to_progress(other)
    due = end_of(date(2026, 3, 25))
    world.do(OpenRound(item_id=other, period="2026-03", co_due_at=due, due_at=due), world.clerk)
    [one], [another] = rounds(world, item_id), rounds(world, other)
    assert one.report_period_id == another.report_period_id
    with world.sessions() as session:
        assert session.exec(select(ReportPeriod.period)).all() == ["2026-03"]


def test_an_accepted_report_is_a_fact_as_of_its_period(world, item_id):
    set_rhythm(world, item_id)
    sweep(world)
    world.everybody(item_id, "contribute", form={"progress": "已完成"})
    world.complete(item_id, "consolidate", form=REPORT)
    world.complete(item_id, "sign_report", "sign")
    at(world, 2026, 4, 2, 1)
    world.complete(item_id, "review_report", "approve")
    with world.sessions() as session:
        fact = session.exec(select(ProgressFact).where(ProgressFact.kind == "percent")).one()
    assert (fact.value, fact.effective_at, fact.recorded_at) == (40, end_of(date(2026, 3, 25)), world.clock.now())


def test_the_rhythm_is_shown_with_what_comes_next(world, item_id):
    set_rhythm(world, item_id)
    with reading(world.executor, world.clerk) as asked:
        view = rhythm_view(asked, list_of(world, item_id))
    assert (view.version, view.rhythm, view.set_by) == (1, MONTHLY, world.clerk.name)
    assert [p.period for p in view.next[:2]] == ["2026-03", "2026-04"]
    with reading(world.executor, world.actor(world.leads[1], Role.LIAISON)) as asked, pytest.raises(NotFound):
        rhythm_view(asked, list_of(world, item_id))


def test_a_rhythm_is_the_offices_and_changes_what_was_seen(world, item_id):
    with pytest.raises(NotFound):
        world.do(
            SetRhythm(list_id=list_of(world, item_id), seen_version=0, rhythm=MONTHLY),
            world.actor(world.leads[0], Role.LIAISON),
        )
    with pytest.raises(PermissionDenied):
        world.do(SetRhythm(list_id=list_of(world, item_id), seen_version=0, rhythm=MONTHLY), world.head)
    with pytest.raises(RhythmInvalid):
        set_rhythm(world, item_id, replace(MONTHLY, due_day=0))
    assert set_rhythm(world, item_id) == 1
    with pytest.raises(StaleVersion):
        set_rhythm(world, item_id)
    assert set_rhythm(world, item_id, replace(MONTHLY, due_day=28), seen=1) == 2


def test_an_idle_sweep_finds_nothing(world, item_id):
    set_rhythm(world, item_id)
    sweep(world)
    world.clock.at += timedelta(minutes=1)
    with world.sessions() as session:
        assert due_rounds(session, world.clock.now(), 100) == []
