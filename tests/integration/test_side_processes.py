"""Extension, suspension and change of the lead: applied for, decided, and carried into the item."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from db.tables import DeadlineChange, Item, Suspension, TaskList
from domain.calendar import NO_LIMIT, end_of
from domain.deadline_errors import (
    ExtensionTooLate,
    ExtensionTooLong,
    ExtensionUsedUp,
    ItemSuspended,
    NewDateNotLater,
    NothingToExtend,
    NotSuspended,
    ResumesInPast,
    SideProcessRunning,
)
from domain.errors import NotFound, PermissionDenied, StaleVersion, WrongStatus
from domain.items import DeadlineKind, Origin, Strength
from domain.permissions import SCHEDULER, Role
from services.clock_keeping import ResumeItem, ResumeOnDate
from services.clock_sweeps import resuming_items
from services.items import NewDeadline, StopItem
from services.side_processes import SideProcess, StartSideProcess
from tests.invariants import check_everything
from tests.world import World

DUE = date(2026, 6, 30)


def deadline(strength: Strength = Strength.FIRM, on: date = DUE) -> tuple[NewDeadline, ...]:
    return (NewDeadline(phrase="2026年6月底前", kind=DeadlineKind.BY_DATE, on_date=on, strength=strength),)


def item_of(world: World, item_id: UUID) -> Item:
    with world.sessions() as session:
        return session.get_one(Item, item_id)


def start(world: World, item_id: UUID, process: SideProcess, actor: Any = None) -> Any:
    person = actor or world.actor(world.leads[0], Role.LIAISON)
    command = StartSideProcess(item_id=item_id, seen_version=item_of(world, item_id).version, process=process)
    return world.do(command, person)


def application(new: date, **fields: Any) -> dict[str, Any]:
    return {"cause": "own", "reason": "牵涉面广", "progress": "已完成调研", "new_date": new.isoformat(), **fields}


def apply_for(world: World, item_id: UUID, new: date) -> None:
    start(world, item_id, SideProcess.EXTENSION)
    world.complete(item_id, "apply_extension", "submit", form=application(new))
    world.everybody(item_id, "sign_extension", "sign")


def extend(world: World, item_id: UUID, new: date) -> None:
    apply_for(world, item_id, new)
    world.complete(item_id, "decide_extension", "approve")


def changes(world: World, item_id: UUID) -> list[tuple[str, Any]]:
    with world.sessions() as session:
        rows = session.exec(
            select(DeadlineChange).where(DeadlineChange.item_id == item_id).order_by(col(DeadlineChange.id))
        )
        return [(row.kind, row.due_at) for row in rows]


@pytest.fixture
def item(world):
    """An item in progress that is due at the end of June."""
    item_id = world.item(co_units=1, deadlines=deadline())
    world.to_progress(item_id)
    return item_id


def test_issue_arms_the_deadline(world):
    item_id = world.item(deadlines=deadline())
    assert item_of(world, item_id).escalate_at is None
    world.complete(item_id, "issue")
    assert item_of(world, item_id).escalate_at == world.clock.now()


def test_an_approved_extension_moves_the_date_and_arms_the_ladder_again(world, item):
    apply_for(world, item, date(2026, 9, 30))
    before = item_of(world, item)
    assert (before.due_at, before.epoch) == (end_of(DUE), 1)
    world.clock.advance(days=1)
    world.complete(item, "decide_extension", "approve")
    after = item_of(world, item)
    assert (after.due_at, after.epoch, after.escalate_at) == (end_of(date(2026, 9, 30)), 2, world.clock.now())
    assert changes(world, item) == [("original", end_of(DUE)), ("extension", end_of(date(2026, 9, 30)))]
    [claim] = world.open_work(item, "claim_completion")
    assert (claim.due_at, claim.epoch, claim.escalate_at) == (after.due_at, 2, world.clock.now())
    with world.sessions() as session:
        check_everything(session)


def test_while_an_extension_is_under_way_the_ladder_goes_on(world, item):
    armed = item_of(world, item).escalate_at
    apply_for(world, item, date(2026, 9, 30))
    assert item_of(world, item).escalate_at == armed is not None


def test_a_refused_or_withdrawn_extension_changes_nothing(world, item):
    apply_for(world, item, date(2026, 9, 30))
    world.complete(item, "decide_extension", "refuse", reason_code="not_fulfilled", opinion="前期工作没有展开")
    start(world, item, SideProcess.EXTENSION)
    world.complete(item, "apply_extension", "withdraw")
    assert changes(world, item) == [("original", end_of(DUE))]
    assert item_of(world, item).due_at == end_of(DUE)


def test_no_third_extension(world, item):
    extend(world, item, date(2026, 8, 31))
    extend(world, item, date(2026, 10, 31))
    with pytest.raises(ExtensionUsedUp) as refused:
        start(world, item, SideProcess.EXTENSION)
    assert (refused.value.facts["granted"], refused.value.facts["most"]) == (2, 2)


def test_extensions_together_are_at_most_six_months(world, item):
    extend(world, item, date(2026, 9, 30))
    start(world, item, SideProcess.EXTENSION)
    with pytest.raises(ExtensionTooLong) as refused:
        world.complete(item, "apply_extension", "submit", form=application(date(2026, 12, 31)))
    assert refused.value.facts["latest"] == "2026-12-30"
    world.complete(item, "apply_extension", "submit", form=application(date(2026, 12, 30)))


def test_an_extension_is_asked_for_before_the_date_only(world, item):
    world.clock.at = end_of(DUE) + timedelta(seconds=1)
    with pytest.raises(ExtensionTooLate):
        start(world, item, SideProcess.EXTENSION)


def test_an_application_that_was_begun_in_time_is_not_submitted_too_late(world, item):
    start(world, item, SideProcess.EXTENSION)
    world.clock.at = end_of(DUE) + timedelta(seconds=1)
    with pytest.raises(ExtensionTooLate):
        world.complete(item, "apply_extension", "submit", form=application(date(2026, 9, 30)))


def test_what_was_submitted_in_time_may_be_corrected_after_the_date(world, item):
    apply_for(world, item, date(2026, 9, 30))
    world.clock.at = end_of(DUE) + timedelta(days=1)
    world.complete(item, "decide_extension", "return", reason_code="content_vague", opinion="请写清还差什么")
    world.complete(item, "apply_extension", "submit", form=application(date(2026, 9, 15)))
    world.everybody(item, "sign_extension", "sign")
    world.complete(item, "decide_extension", "approve")
    assert item_of(world, item).due_at == end_of(date(2026, 9, 15))


@pytest.mark.parametrize("new", [DUE, date(2026, 3, 1)])
def test_a_new_date_lies_after_the_current_one(world, item, new):
    start(world, item, SideProcess.EXTENSION)
    with pytest.raises(NewDateNotLater):
        world.complete(item, "apply_extension", "submit", form=application(new))


def test_of_a_date_that_is_striven_for_notice_is_enough(world):
    item_id = world.item(deadlines=deadline(Strength.STRIVE))
    world.to_progress(item_id)
    apply_for(world, item_id, date(2027, 6, 30))
    world.complete(item_id, "take_note", "note")
    assert changes(world, item_id)[-1] == ("notice", end_of(date(2027, 6, 30)))


def test_a_firm_date_of_the_governments_document_goes_on_to_the_convener(world, item):
    with world.sessions() as session:
        row = session.get_one(TaskList, session.get_one(Item, item).list_id)
        row.origin = Origin.DOCUMENT
        session.commit()
    apply_for(world, item, date(2026, 9, 30))
    world.complete(item, "decide_extension", "approve")
    assert item_of(world, item).due_at == end_of(DUE)
    world.complete(item, "rule_on_extension", "approve")
    assert item_of(world, item).due_at == end_of(date(2026, 9, 30))


def test_one_extension_at_a_time_and_only_by_the_lead(world, item):
    with pytest.raises(PermissionDenied):
        start(world, item, SideProcess.EXTENSION, world.actor(world.co_units[0], Role.LIAISON))
    with pytest.raises(NotFound):
        start(world, item, SideProcess.EXTENSION, world.actor(world.leads[1], Role.LIAISON))
    seen = item_of(world, item).version
    start(world, item, SideProcess.EXTENSION)
    with pytest.raises(SideProcessRunning):
        start(world, item, SideProcess.EXTENSION)
    again = StartSideProcess(item_id=item, seen_version=seen, process=SideProcess.SUSPENSION)
    with pytest.raises(StaleVersion):
        world.do(again, world.actor(world.leads[0], Role.LIAISON))


def test_without_a_date_there_is_nothing_to_extend_and_before_the_issue_nothing_to_ask(world):
    item_id = world.item()
    world.to_progress(item_id)
    with pytest.raises(NothingToExtend):
        start(world, item_id, SideProcess.EXTENSION)
    with pytest.raises(NotFound):
        start(world, world.item(), SideProcess.SUSPENSION)
    with pytest.raises(WrongStatus):
        start(world, world.item(), SideProcess.CHANGE_OF_RESPONSIBILITY, world.clerk)


def test_an_item_that_ends_takes_its_applications_with_it(world, item):
    start(world, item, SideProcess.EXTENSION)
    start(world, item, SideProcess.SUSPENSION)
    stop = StopItem(
        item_id=item,
        seen_version=item_of(world, item).version,
        message="terminate",
        reason="政策调整",
        document_number="文1号",
    )
    world.do(stop, world.head)
    assert world.open_work(item) == []
    ended = item_of(world, item)
    assert (ended.escalate_at, ended.paused_at) == (None, None)
    with world.sessions() as session:
        check_everything(session)


def suspend(world: World, item_id: UUID, until: date | None = None) -> None:
    start(world, item_id, SideProcess.SUSPENSION)
    form = {"document_number": "部函〔2026〕12号", "reason": "部里统一修订标准"}
    form |= {"until_on": until.isoformat()} if until else {}
    world.complete(item_id, "apply_suspension", "submit", form=form)
    world.everybody(item_id, "sign_suspension", "sign")
    world.complete(item_id, "decide_suspension", "approve")


def test_a_suspension_stops_the_clock_of_the_item_and_of_its_open_work(world, item):
    suspend(world, item)
    row = item_of(world, item)
    assert (row.paused_at, row.escalate_at) == (world.clock.now(), None)
    [claim] = world.open_work(item, "claim_completion")
    assert (claim.paused_at, claim.escalate_at) == (world.clock.now(), None)
    with pytest.raises(ItemSuspended):
        start(world, item, SideProcess.SUSPENSION)
    with pytest.raises(ItemSuspended):
        start(world, item, SideProcess.EXTENSION)


def test_a_resume_keeps_the_working_days_that_were_left(world, item):
    calendar = world.executor.calendar
    left = 80  # working days from 10 March to 30 June 2026, without holidays in the world's calendar
    suspend(world, item)
    world.clock.advance(days=62)
    resume = ResumeItem(item_id=item, seen_version=item_of(world, item).version, reason="条件具备")
    world.do(resume, world.clerk)
    row = item_of(world, item)
    with world.sessions() as session:
        days = calendar.get(session)
    assert days.working_days_between(date(2026, 3, 10), DUE) == left
    assert row.due_at == days.add_working_days(date(2026, 5, 11), left).at
    assert (row.paused_at, row.escalate_at) == (None, world.clock.now())
    assert changes(world, item)[-1] == ("pause", row.due_at)
    [claim] = world.open_work(item, "claim_completion")
    assert (claim.due_at, claim.paused_at) == (row.due_at, None)
    with pytest.raises(NotSuspended):
        world.do(ResumeItem(item_id=item, seen_version=row.version, reason="再次"), world.clerk)
    with world.sessions() as session:
        check_everything(session)


def test_a_pause_does_not_use_up_the_six_months(world, item):
    suspend(world, item)
    world.clock.advance(days=62)
    world.do(ResumeItem(item_id=item, seen_version=item_of(world, item).version, reason="条件具备"), world.clerk)
    due_at = item_of(world, item).due_at
    assert due_at is not None
    assert due_at > end_of(date(2026, 8, 20))
    start(world, item, SideProcess.EXTENSION)
    world.complete(item, "apply_extension", "submit", form=application(date(2027, 1, 31)))


def test_a_suspension_ends_on_its_day_by_the_clock_and_once(world, item):
    suspend(world, item, until=date(2026, 5, 11))
    with world.sessions() as session:
        assert resuming_items(session, world.clock.now(), 10) == []
        world.clock.advance(days=62)
        assert resuming_items(session, world.clock.now(), 10) == [item]
    assert world.do(ResumeOnDate(item_id=item), SCHEDULER) is True
    assert world.do(ResumeOnDate(item_id=item), SCHEDULER) is False
    assert item_of(world, item).paused_at is None
    with world.sessions() as session:
        assert resuming_items(session, world.clock.now(), 10) == []
        assert session.exec(select(Suspension.resumed_at)).all() == [world.clock.now()]


def test_a_suspension_ends_after_today(world, item):
    start(world, item, SideProcess.SUSPENSION)
    form = {"document_number": "部函12号", "reason": "暂缓", "until_on": "2026-03-10"}
    with pytest.raises(ResumesInPast):
        world.complete(item, "apply_suspension", "submit", form=form)


def test_while_the_claim_is_looked_at_the_deadline_rests_and_goes_on_when_it_comes_back(world, item):
    world.to_review(item)
    resting = item_of(world, item)
    assert (resting.paused_at, resting.escalate_at) == (world.clock.now(), None)
    world.clock.advance(days=7)
    back = {"reason_code": "material_insufficient", "opinion": "缺验收单", "return_to": "claim_completion"}
    world.complete(item, "review_completion", "return", **back)
    running = item_of(world, item)
    assert running.paused_at is None
    assert running.escalate_at == world.clock.now()
    assert running.due_at == end_of(DUE) + timedelta(days=7)
    [claim] = world.open_work(item, "claim_completion")
    assert claim.due_at == running.due_at


def test_a_claim_after_the_date_does_not_rest_the_deadline(world, item):
    world.clock.at = end_of(DUE) + timedelta(days=3)
    world.to_review(item)
    row = item_of(world, item)
    assert row.paused_at is None
    assert row.escalate_at is not None


def test_a_claim_that_comes_back_during_a_suspension_stays_stopped(world, item):
    world.to_review(item)
    suspend(world, item)
    back = {"reason_code": "material_insufficient", "opinion": "缺验收单", "return_to": "claim_completion"}
    world.complete(item, "review_completion", "return", **back)
    assert item_of(world, item).paused_at is not None
    world.do(ResumeItem(item_id=item, seen_version=item_of(world, item).version, reason="条件具备"), world.clerk)
    assert item_of(world, item).paused_at is None


def test_work_without_a_limit_stays_without_one_after_a_pause(world):
    item_id = world.item()
    world.to_progress(item_id)
    suspend(world, item_id)
    world.clock.advance(days=30)
    world.do(ResumeItem(item_id=item_id, seen_version=item_of(world, item_id).version, reason="条件具备"), world.clerk)
    [claim] = world.open_work(item_id, "claim_completion")
    assert claim.due_at == NO_LIMIT
    assert item_of(world, item_id).due_at is None
