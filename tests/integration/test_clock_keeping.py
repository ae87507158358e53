"""What the clock asks by itself, what starts a conditional deadline, and lists that are taken over as history."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from db.tables import Item, ProcessInstance, TaskList, TriggerEvent
from domain.calendar import NO_LIMIT, end_of
from domain.deadline_errors import NewTargetNotOpen, NotConditional, NotHistorical, TriggerNeedsDate
from domain.errors import NotFound, ReasonMissing
from domain.items import ClockState, DeadlineKind, Strength
from domain.permissions import SCHEDULER, Role
from services import clock_sweeps
from services.clock_keeping import (
    AskAboutQuarter,
    AskForChoice,
    OpenYearlyCheck,
    RecordTrigger,
    StartYearsEndCheck,
    TakeUpHistory,
)
from services.items import ExpandGroup, NewDeadline
from services.queries.item_detail import item_detail
from services.queries.reading import reading
from tests.integration.test_side_processes import changes, deadline, extend, item_of, suspend
from tests.invariants import check_everything
from tests.world import World

CONDITIONAL = NewDeadline(
    phrase="按照上级部署，持续推进",
    kind=DeadlineKind.ONGOING,
    strength=Strength.CONDITIONAL_ON_HIGHER_LEVEL,
)
WITHIN = NewDeadline(
    phrase="上级部署后30个工作日内",
    kind=DeadlineKind.RELATIVE,
    rule="P30D/WORKDAYS",
    strength=Strength.CONDITIONAL_ON_HIGHER_LEVEL,
)
ONGOING = NewDeadline(phrase="持续推进", kind=DeadlineKind.ONGOING)


def in_progress(world: World, *deadlines: NewDeadline, **fields: Any) -> UUID:
    item_id = world.item(deadlines=deadlines, **fields)
    world.to_progress(item_id)
    return item_id


def found(world: World, find: Any) -> list[Any]:
    with world.sessions() as session:
        return list(find(session, world.clock.now(), 10))


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 1, tzinfo=UTC)


def record(world: World, item_id: UUID, due_on: date | None = None, document: str = "部发〔2026〕30号") -> None:
    command = RecordTrigger(
        item_id=item_id,
        seen_version=item_of(world, item_id).version,
        document_number=document,
        happened_on=date(2026, 3, 9),
        due_on=due_on,
    )
    world.do(command, world.clerk)


def test_a_trigger_starts_the_clock_and_the_date_follows_from_the_words(world):
    item_id = in_progress(world, WITHIN)
    assert item_of(world, item_id).due_at is None
    record(world, item_id)
    row = item_of(world, item_id)
    assert row.due_at == end_of(date(2026, 4, 20))
    assert row.escalate_at == world.clock.now()
    assert changes(world, item_id) == [("trigger", row.due_at)]
    [claim] = world.open_work(item_id, "claim_completion")
    assert claim.due_at == row.due_at
    with world.sessions() as session:
        [event] = session.exec(select(TriggerEvent).where(TriggerEvent.item_id == item_id)).all()
        check_everything(session)
    assert (event.document_number, event.happened_on) == ("部发〔2026〕30号", date(2026, 3, 9))


def test_where_the_words_do_not_say_it_the_office_names_the_date(world):
    item_id = in_progress(world, CONDITIONAL)
    with pytest.raises(TriggerNeedsDate):
        record(world, item_id)
    with pytest.raises(ReasonMissing):
        record(world, item_id, document=" ")
    record(world, item_id, due_on=date(2026, 10, 31))
    assert item_of(world, item_id).due_at == end_of(date(2026, 10, 31))


def test_a_trigger_is_for_what_waits_for_it(world):
    item_id = in_progress(world, *deadline())
    with pytest.raises(NotConditional):
        record(world, item_id)
    suspend(world, item_id)
    record(world, item_id)
    assert item_of(world, item_id).paused_at is None
    stranger = world.actor(world.leads[0], Role.LIAISON)
    command = RecordTrigger(item_id=item_id, seen_version=1, document_number="x", happened_on=date(2026, 3, 9))
    with pytest.raises(NotFound):
        world.do(command, stranger)


def test_each_quarter_the_lead_confirms_that_nothing_changed_once(world):
    item_id = in_progress(world, CONDITIONAL)
    assert found(world, clock_sweeps.quarterly_questions) == []
    world.clock.at = at(date(2026, 4, 2))
    assert found(world, clock_sweeps.quarterly_questions) == [item_id]
    assert world.do(AskAboutQuarter(item_id=item_id), SCHEDULER) is True
    assert world.do(AskAboutQuarter(item_id=item_id), SCHEDULER) is False
    assert found(world, clock_sweeps.quarterly_questions) == []
    world.complete(item_id, "confirm_unchanged", "unchanged", form={"situation": "部里仍在修订"})
    assert found(world, clock_sweeps.quarterly_questions) == []
    world.clock.at = at(date(2026, 7, 2))
    assert found(world, clock_sweeps.quarterly_questions) == [item_id]


def test_a_change_that_the_lead_reports_starts_the_clock_when_the_office_agrees(world):
    item_id = in_progress(world, CONDITIONAL)
    world.clock.at = at(date(2026, 4, 2))
    world.do(AskAboutQuarter(item_id=item_id), SCHEDULER)
    told = {"situation": "标准已印发", "document_number": "部发30号", "event_on": "2026-04-01"}
    world.complete(item_id, "confirm_unchanged", "changed", form=told)
    decided = {"document_number": "部发30号", "event_on": "2026-04-01"}
    with pytest.raises(TriggerNeedsDate):
        world.complete(item_id, "settle_change", "start_clock", form=decided)
    world.complete(item_id, "settle_change", "start_clock", form=decided | {"due_on": "2026-12-31"})
    assert item_of(world, item_id).due_at == end_of(date(2026, 12, 31))
    assert found(world, clock_sweeps.quarterly_questions) == []


def test_a_suspension_is_confirmed_each_quarter_and_no_more_after_it_ended(world):
    item_id = in_progress(world, *deadline())
    suspend(world, item_id)
    world.clock.at = at(date(2026, 4, 2))
    assert found(world, clock_sweeps.quarterly_questions) == [item_id]
    world.do(AskAboutQuarter(item_id=item_id), SCHEDULER)
    assert world.open_work(item_id, "confirm_unchanged")
    record(world, item_id)
    assert world.open_work(item_id, "confirm_unchanged") == []


def test_what_goes_on_without_end_has_goals_and_a_check_each_year(world):
    item_id = in_progress(world, ONGOING)
    assert found(world, clock_sweeps.yearly_checks) == [item_id]
    assert world.do(OpenYearlyCheck(item_id=item_id), SCHEDULER) is True
    assert world.do(OpenYearlyCheck(item_id=item_id), SCHEDULER) is False
    assert found(world, clock_sweeps.yearly_checks) == []
    [goals] = world.open_work(item_id, "set_goals")
    assert goals.due_at == end_of(date(2026, 4, 7))
    world.complete(item_id, "set_goals", form={"goals": "再接入三个码头", "output_planned": "验收单三份"})
    world.complete(item_id, "sign_goals", "sign")
    assert found(world, clock_sweeps.years_end_checks) == []
    world.clock.at = at(date(2026, 12, 1))
    [instance_id] = found(world, clock_sweeps.years_end_checks)
    assert world.do(StartYearsEndCheck(instance_id=instance_id), SCHEDULER) is True
    assert world.do(StartYearsEndCheck(instance_id=instance_id), SCHEDULER) is False
    [report] = world.open_work(item_id, "report_year")
    assert report.due_at == end_of(date(2026, 12, 31))
    form = {"work_done": "三个码头接入", "output": "验收单三份", "closing_reason": "已成常态"}
    world.complete(item_id, "report_year", "propose_closing", form=form)
    world.complete(item_id, "sign_year", "sign")
    world.complete(item_id, "check_year", "approve")
    with world.sessions() as session:
        instance = session.get_one(ProcessInstance, instance_id)
        check_everything(session)
    assert (instance.outcome, instance.period) == ("closing_proposed", "2026")
    world.clock.at = at(date(2027, 1, 4))
    assert found(world, clock_sweeps.yearly_checks) == [item_id]


def test_goals_that_come_after_december_still_lead_to_the_check(world):
    item_id = in_progress(world, ONGOING)
    world.do(OpenYearlyCheck(item_id=item_id), SCHEDULER)
    world.clock.at = at(date(2027, 2, 1))
    world.complete(item_id, "set_goals", form={"goals": "补报目标", "output_planned": "验收单"})
    world.complete(item_id, "sign_goals", "sign")
    assert len(found(world, clock_sweeps.years_end_checks)) == 1


@pytest.mark.parametrize("strength", [Strength.STRIVE, Strength.BREAKTHROUGH_OK])
def test_on_the_date_the_lead_has_to_choose_once(world, strength):
    item_id = in_progress(world, *deadline(strength))
    assert found(world, clock_sweeps.choices_due) == []
    world.clock.at = end_of(date(2026, 6, 30))
    assert found(world, clock_sweeps.choices_due) == [item_id]
    assert world.do(AskForChoice(item_id=item_id), SCHEDULER) is True
    assert world.do(AskForChoice(item_id=item_id), SCHEDULER) is False
    assert found(world, clock_sweeps.choices_due) == []
    assert world.open_work(item_id, "choose_on_date")


@pytest.mark.parametrize(
    ("deadlines", "due", "day"),
    [
        (deadline(Strength.STRIVE)[0], clock_sweeps.choices_due, date(2026, 7, 1)),
        (CONDITIONAL, clock_sweeps.quarterly_questions, date(2026, 7, 2)),
    ],
)
def test_of_a_group_each_member_is_asked_and_not_the_whole(world, deadlines, due, day):
    item_id = world.item(deadlines=(deadlines,))
    version = item_of(world, item_id).version
    world.do(ExpandGroup(item_id=item_id, seen_version=version, unit_ids=world.co_units[:2]), world.clerk)
    world.complete(item_id, "issue")
    with world.sessions() as session:
        members = set(session.exec(select(Item.id).where(Item.parent_id == item_id)).all())
    world.clock.at = at(day)
    assert set(found(world, due)) == members


def test_a_new_target_replaces_a_date_that_was_striven_for_and_comes_up_again(world):
    item_id = in_progress(world, *deadline(Strength.STRIVE))
    world.clock.at = end_of(date(2026, 6, 30))
    world.do(AskForChoice(item_id=item_id), SCHEDULER)
    world.complete(item_id, "choose_on_date", "new_target", form={"reason": "批复晚", "new_date": "2026-09-30"})
    world.complete(item_id, "sign_new_target", "sign")
    world.complete(item_id, "note_new_target", "note")
    row = item_of(world, item_id)
    assert (row.due_at, row.epoch) == (end_of(date(2026, 9, 30)), 2)
    assert [kind for kind, _ in changes(world, item_id)] == ["original", "new_target"]
    world.clock.at = end_of(date(2026, 9, 30))
    assert found(world, clock_sweeps.choices_due) == [item_id]


def test_where_a_breakthrough_is_accepted_a_new_date_alone_is_not(world):
    item_id = in_progress(world, *deadline(Strength.BREAKTHROUGH_OK))
    world.clock.at = end_of(date(2026, 6, 30))
    world.do(AskForChoice(item_id=item_id), SCHEDULER)
    with pytest.raises(NewTargetNotOpen):
        world.complete(item_id, "choose_on_date", "new_target", form={"reason": "批复晚", "new_date": "2026-09-30"})
    world.complete(item_id, "choose_on_date", "breakthrough", form={"result": "首批互认"})
    assert world.open_work(item_id, "choose_on_date") == []


def test_a_claim_answers_the_choice(world):
    item_id = in_progress(world, *deadline(Strength.STRIVE))
    world.clock.at = end_of(date(2026, 6, 30))
    world.do(AskForChoice(item_id=item_id), SCHEDULER)
    world.to_review(item_id)
    assert world.open_work(item_id, "choose_on_date") == []


def test_nothing_is_asked_of_a_firm_date_nor_of_a_claim_that_is_being_looked_at(world):
    firm = in_progress(world, *deadline())
    claimed = in_progress(world, *deadline(Strength.STRIVE))
    world.to_review(claimed)
    world.clock.at = end_of(date(2026, 6, 30))
    assert found(world, clock_sweeps.choices_due) == []
    assert world.do(AskForChoice(item_id=claimed), SCHEDULER) is False
    assert item_of(world, firm).paused_at is None


def historical(world: World, *deadlines: NewDeadline) -> UUID:
    item_id = world.item(deadlines=deadlines)
    with world.sessions() as session:
        session.get_one(TaskList, session.get_one(Item, item_id).list_id).historical = True
        session.commit()
    return item_id


def test_history_is_issued_without_arming_what_has_passed(world):
    past = historical(world, *deadline(Strength.STRIVE, on=date(2022, 12, 31)))
    future = historical(world, *deadline(on=date(2026, 12, 31)))
    world.to_progress(past)
    world.to_progress(future)
    row = item_of(world, past)
    assert (row.historical, row.escalate_at, row.due_at) == (True, None, end_of(date(2022, 12, 31)))
    assert (item_of(world, future).historical, item_of(world, future).escalate_at) == (False, world.clock.now())
    [claim] = world.open_work(past, "claim_completion")
    assert claim.due_at == NO_LIMIT
    assert found(world, clock_sweeps.choices_due) == []
    with world.sessions() as session:
        check_everything(session)


def test_the_same_dates_of_a_current_list_are_armed(world):
    item_id = in_progress(world, *deadline(on=date(2022, 12, 31)))
    assert item_of(world, item_id).escalate_at is not None
    assert item_of(world, item_id).historical is False


def test_the_ledger_shows_history_as_history_and_a_stopped_clock_as_stopped(world):
    past = historical(world, *deadline(on=date(2022, 12, 31)))
    world.to_progress(past)
    stopped = in_progress(world, *deadline())
    suspend(world, stopped)
    with reading(world.executor, world.clerk, sessions=world.sessions) as asked:
        shown = [item_detail(asked, item_id).summary for item_id in (past, stopped)]
    assert [(s.clock, s.urgency_label, s.days_left) for s in shown] == [
        (ClockState.HISTORICAL, "历史", None),
        (ClockState.PAUSED, "暂停计时", None),
    ]


def test_history_is_taken_up_on_purpose_or_by_a_new_date(world):
    past = historical(world, *deadline(on=date(2022, 12, 31)))
    world.to_progress(past)
    world.do(TakeUpHistory(item_id=past, seen_version=item_of(world, past).version), world.clerk)
    row = item_of(world, past)
    assert (row.historical, row.escalate_at, row.epoch) == (False, world.clock.now(), 2)
    [claim] = world.open_work(past, "claim_completion")
    assert claim.due_at == row.due_at
    with pytest.raises(NotHistorical):
        world.do(TakeUpHistory(item_id=past, seen_version=row.version), world.clerk)


def test_a_trigger_takes_nothing_of_another_item(world):
    one, other = in_progress(world, WITHIN), in_progress(world, WITHIN)
    record(world, one)
    assert item_of(world, other).due_at is None


def test_an_extension_after_a_trigger_is_counted_from_the_date_it_made(world):
    item_id = in_progress(world, CONDITIONAL)
    record(world, item_id, due_on=date(2026, 10, 31))
    extend(world, item_id, date(2026, 12, 31))
    assert [kind for kind, _ in changes(world, item_id)] == ["trigger", "extension"]
    assert item_of(world, item_id).due_at == end_of(date(2026, 12, 31)) - timedelta(0)
