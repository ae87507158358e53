"""Lights on real tables: judged when something changes, frozen at the close, found again as they were known."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from db.tables import Item, Light, LightPeriod, ProgressFact, TaskList
from domain.calendar import end_of, start_of
from domain.errors import PermissionDenied
from domain.items import DeadlineKind, Strength
from domain.light_facts import FactKind
from domain.light_periods import month_of
from domain.permissions import SCHEDULER
from services.clock_keeping import RecordTrigger, ResumeItem
from services.items import NewDeadline, StopItem
from services.lights import FreezeLights, RefreshLights, due_lights, due_periods
from services.progress_facts import record_fact
from services.rounds import OpenRound
from tests.integration.test_side_processes import suspend
from tests.world import CLAIM, PLAN, REPORT

# Issued on 10 March 2026; a hundred days later is 18 June.
DUE = date(2026, 6, 17)


def dated(strength=Strength.FIRM, on=DUE):
    return (NewDeadline(phrase="6月17日前", kind=DeadlineKind.BY_DATE, on_date=on, strength=strength),)


def move_to(world, day, hour=9):
    world.clock.at = start_of(day) + timedelta(hours=hour)


def sweep(world):
    """What the scheduler does, until nothing is due."""
    for _ in range(50):
        with world.sessions() as session:
            periods, lights = due_periods(session, world.clock.now(), 10), due_lights(session, world.clock.now(), 10)
        if not periods and not lights:
            return
        for due in periods:
            world.do(FreezeLights(list_id=due.list_id, period=due.period, part=due.part), SCHEDULER)
        if lights:
            world.do(RefreshLights(), SCHEDULER)
    raise AssertionError("the sweeps do not come to an end")


def item(world, item_id):
    with world.sessions() as session:
        return session.get_one(Item, item_id)


def frozen(world, item_id):
    with world.sessions() as session:
        rows = session.exec(select(Light).where(Light.item_id == item_id).order_by(col(Light.as_of)))
        return {row.period: row.light for row in rows}


def report(world, item_id, percent, period, due_on):
    """One accepted report: asked for, written, signed and reviewed now."""
    world.do(OpenRound(item_id=item_id, period=period, co_due_at=end_of(due_on), due_at=end_of(due_on)), world.clerk)
    world.complete(item_id, "consolidate", "submit", form={**REPORT, "percent": percent})
    world.complete(item_id, "sign_report", "sign")
    world.complete(item_id, "review_report", "approve")


@dataclass(frozen=True)
class Correct:
    """A percent that turned out to be another one."""

    item_id: UUID
    percent: int
    effective_at: datetime

    def execute(self, uow):
        uow.authorized = True
        record_fact(
            uow,
            self.item_id,
            FactKind.PERCENT,
            self.percent,
            effective_at=self.effective_at,
            source_kind="correction",
        )


@pytest.fixture
def running(world):
    """An item in progress without milestones of its own, due on 17 June."""
    item_id = world.item(deadlines=dated())
    world.complete(item_id, "issue")
    return item_id


def test_a_new_item_shows_why_it_has_no_light_and_gets_one_when_it_is_issued(world):
    item_id = world.item(deadlines=dated())
    sweep(world)
    assert (item(world, item_id).light, item(world, item_id).light_reason["code"]) == ("grey", "not_started")
    world.complete(item_id, "issue")
    sweep(world)
    row = item(world, item_id)
    assert (row.light, row.light_since, row.light_check_at) == ("green", world.clock.now(), start_of(date(2026, 3, 11)))


def test_nothing_is_due_again_until_the_day_or_a_fact_changes(world, running):
    sweep(world)
    with world.sessions() as session:
        assert not due_lights(session, world.clock.now() + timedelta(hours=14), 10)
        assert due_lights(session, world.clock.now() + timedelta(hours=15), 10)


def test_only_the_clock_judges_and_freezes(world, running):
    for actor in (world.clerk, world.head):
        with pytest.raises(PermissionDenied):
            world.do(RefreshLights(), actor)


def test_an_accepted_report_changes_the_light_at_once_and_says_the_numbers(world):
    item_id = world.item(deadlines=dated())
    world.to_progress(item_id)
    move_to(world, date(2026, 4, 28))
    sweep(world)
    assert item(world, item_id).light == "green"
    report(world, item_id, 5, "2026-04", date(2026, 4, 30))
    sweep(world)
    row = item(world, item_id)
    assert row.light == "yellow"
    assert row.light_since == world.clock.now()
    assert row.light_reason["facts"]["reported_percent"] == 5
    assert row.light_reason["facts"]["lag"] == row.light_reason["facts"]["expected_percent"] - 5


def test_the_day_after_the_limit_is_red_and_an_end_is_no_light(world, running):
    move_to(world, DUE)
    sweep(world)
    assert item(world, running).light == "yellow"
    move_to(world, DUE + timedelta(days=1))
    sweep(world)
    assert item(world, running).light == "red"
    row = item(world, running)
    world.do(
        StopItem(
            item_id=running,
            seen_version=row.version,
            message="terminate",
            reason="政策调整",
            document_number="滨示函〔2026〕8号",
        ),
        world.head,
    )
    sweep(world)
    row = item(world, running)
    assert (row.light, row.light_reason["code"], row.light_check_at) == ("grey", "terminated", None)


def test_a_period_is_frozen_once_at_its_close_and_never_again(world, running):
    move_to(world, date(2026, 3, 31))
    sweep(world)
    assert frozen(world, running) == {}
    move_to(world, date(2026, 4, 1), hour=0)
    sweep(world)
    assert frozen(world, running) == {"2026-03": "green"}
    with world.sessions() as session:
        [period] = session.exec(select(LightPeriod)).all()
        list_id = session.exec(select(TaskList.id)).one()
        before = session.exec(select(Light)).one().model_dump()
    assert (period.period, period.closes_at) == ("2026-03", start_of(date(2026, 4, 1)))
    world.do(FreezeLights(list_id=list_id, period=month_of(datetime(2026, 3, 15, tzinfo=UTC)), part=0), SCHEDULER)
    with world.sessions() as session:
        assert session.exec(select(Light)).one().model_dump() == before


def test_a_period_that_runs_is_not_frozen(world, running):
    with world.sessions() as session:
        list_id = session.exec(select(TaskList.id)).one()
    done = world.do(FreezeLights(list_id=list_id, period=month_of(world.clock.now()), part=0), SCHEDULER)
    assert (done.lights, done.complete, frozen(world, running)) == (0, False, {})


def test_an_outage_of_months_freezes_each_period_as_it_was_at_its_close(world, running):
    move_to(world, date(2026, 8, 3))
    sweep(world)
    assert frozen(world, running) == {
        "2026-03": "green", "2026-04": "green", "2026-05": "green", "2026-06": "red", "2026-07": "red"
    }  # fmt: skip


def test_a_late_correction_is_a_new_fact_and_not_a_new_frozen_light(world, running):
    move_to(world, date(2026, 5, 1), hour=1)
    sweep(world)
    assert frozen(world, running)["2026-04"] == "green"
    move_to(world, date(2026, 5, 4))
    world.do(Correct(running, 1, start_of(date(2026, 5, 1))), world.clerk)
    sweep(world)
    assert frozen(world, running)["2026-04"] == "green"
    assert item(world, running).light == "red"


def test_what_the_row_says_is_written_down_with_the_time_since_which_it_holds(world, running):
    issued_at = world.clock.now()
    move_to(world, date(2026, 3, 20))
    paused_at = world.clock.now()
    with world.sessions() as session:
        row = session.get_one(Item, running)
        row.paused_at = paused_at
        session.add(row)
        session.commit()
    move_to(world, date(2026, 3, 25))
    sweep(world)
    with world.sessions() as session:
        facts = session.exec(
            select(ProgressFact).where(ProgressFact.kind == "state").order_by(col(ProgressFact.id))
        ).all()
    assert [(fact.effective_at, fact.value["paused_at"]) for fact in facts] == [
        (issued_at, None),
        (paused_at, paused_at.isoformat()),
    ]
    assert item(world, running).light_reason["code"] == "paused"
    assert item(world, running).light_check_at is None


CONDITIONAL = (
    NewDeadline(
        phrase="上级部署后30个工作日内",
        kind=DeadlineKind.RELATIVE,
        rule="P30D/WORKDAYS",
        strength=Strength.CONDITIONAL_ON_HIGHER_LEVEL,
    ),
)


def test_the_light_of_a_conditional_deadline_comes_on_with_the_document_that_it_waited_for(world):
    item_id = world.item(deadlines=CONDITIONAL)
    world.to_progress(item_id)
    sweep(world)
    assert item(world, item_id).light == "grey"
    record = RecordTrigger(
        item_id=item_id,
        seen_version=item(world, item_id).version,
        document_number="部发〔2026〕30号",
        happened_on=date(2026, 3, 9),
    )
    world.do(record, world.clerk)
    sweep(world)
    row = item(world, item_id)
    assert (row.light, row.light_reason["facts"]["deadline_class"]) == ("green", "conditional")
    with world.sessions() as session:
        [fact] = session.exec(
            select(ProgressFact).where(ProgressFact.item_id == item_id, ProgressFact.kind == FactKind.TRIGGERED)
        )
    assert (fact.value, fact.effective_at) == ("部发〔2026〕30号", start_of(date(2026, 3, 9)))


def test_a_suspended_item_says_whom_it_waits_for_until_it_goes_on(world):
    item_id = world.item(deadlines=dated())
    world.to_progress(item_id)
    suspend(world, item_id)
    sweep(world)
    row = item(world, item_id)
    assert (row.light, row.light_reason["facts"]["waiting_for"]) == ("grey", "部函〔2026〕12号")
    move_to(world, date(2026, 3, 20))
    world.do(ResumeItem(item_id=item_id, seen_version=row.version, reason="条件具备"), world.clerk)
    sweep(world)
    assert item(world, item_id).light == "green"
    suspend(world, item_id)
    sweep(world)
    with world.sessions() as session:
        facts = session.exec(
            select(ProgressFact)
            .where(ProgressFact.item_id == item_id, ProgressFact.kind == FactKind.WAITING_FOR)
            .order_by(col(ProgressFact.id))
        ).all()
    assert [fact.value for fact in facts] == ["部函〔2026〕12号", None, "部函〔2026〕12号"]


def test_an_accepted_plan_and_a_claim_are_looked_at_at_once(world, running):
    for step, decision in (("sign_for", "accept"), ("draft_plan", None), ("sign_plan", "sign")):
        world.complete(running, step, decision, form=PLAN if step == "draft_plan" else {})
    sweep(world)
    assert item(world, running).light_check_at == start_of(date(2026, 3, 11))
    world.complete(running, "check_plan", "approve")
    with world.sessions() as session:
        assert due_lights(session, world.clock.now(), 10) == [running]
    sweep(world)
    move_to(world, date(2026, 6, 20))
    sweep(world)
    assert item(world, running).light == "red"
    world.complete(running, "claim_completion", "completed", form=CLAIM)
    with world.sessions() as session:
        assert due_lights(session, world.clock.now(), 10) == [running]
