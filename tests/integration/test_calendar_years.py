"""A year's notice comes in: what it changes, what it moves, and what is refused."""

from datetime import date, datetime, time

import pytest
from sqlmodel import col, select

from db.tables import (
    AuditEntry,
    CalendarChange,
    CalendarDay,
    CalendarYear,
    UnitCalendarDay,
    WorkItem,
)
from domain.calendar import CalendarUnit, end_of
from domain.calendar_errors import InvalidWorkingHours, NoDays, YearLoaded, YearTooFar
from domain.errors import NotFound, PermissionDenied
from domain.messages import message_for
from domain.permissions import OPERATOR, SCHEDULER, Role
from services.calendars import (
    ImportYearNotice,
    LoadShippedYears,
    RemoveUnitDay,
    SetUnitDays,
    SetWorkingHours,
    UnitDay,
)
from services.recompute import SETTLED, RecomputeLimits, pending
from services.work_calendar import read_calendar
from tests.calendar_world import notice, rows, settle
from tests.unit.importers.notices import NOTICE_2027, NOTICES


def work(world, item_id, bpmn_id):
    [found] = world.open_work(item_id, bpmn_id)
    return found


def test_a_limit_in_an_unknown_year_is_provisional_until_its_notice_is_loaded(december, clock):
    item_id = december.item()
    december.complete(item_id, "issue")
    december.everybody(item_id, "sign_for", "accept")
    before = work(december, item_id, "draft_plan")
    # Ten working days by weekdays alone; the notice has 1 January off, and 31 January and 4 January worked.
    assert (before.due_at, before.provisional) == (end_of(date(2027, 1, 12)), True)

    imported = december.do(notice(), OPERATOR)
    assert imported.written and not imported.was_loaded
    batches = settle(december, clock)
    after = work(december, item_id, "draft_plan")
    assert (after.due_at, after.provisional) == (end_of(date(2027, 1, 13)), False)
    assert after.escalate_at == clock.now()
    assert [m.work_item_id for batch in batches for m in batch.moved] == [after.id]
    with december.sessions() as session:
        entries = session.exec(select(AuditEntry).where(AuditEntry.command == "RecomputeLimits")).all()
    [moved] = [entry.payload["moved"] for entry in entries if "moved" in entry.payload]
    assert moved == [[str(after.id), before.due_at.isoformat(), after.due_at.isoformat()]]


def test_a_limit_that_stays_is_no_longer_provisional_and_nobody_is_told_again(december, clock):
    item_id = december.item()
    december.complete(item_id, "issue")
    due = work(december, item_id, "sign_for")
    assert (due.due_at, due.provisional) == (end_of(date(2026, 12, 31)), False)
    clock.at = datetime.fromisoformat("2027-01-04T09:00:00+08:00")
    other = december.item()
    december.complete(other, "issue")
    provisional = work(december, other, "sign_for")
    assert provisional.provisional

    december.do(notice(), OPERATOR)
    settle(december, clock)
    settled = work(december, other, "sign_for")
    assert (settled.due_at, settled.provisional) == (provisional.due_at, False)
    assert settled.escalate_at is None
    assert work(december, item_id, "sign_for") == due


def test_loading_late_moves_what_was_opened_before_the_year_and_after_the_load(december, clock):
    old = december.item()
    december.complete(old, "issue")
    december.everybody(old, "sign_for", "accept")
    clock.at = datetime.fromisoformat("2027-01-29T09:00:00+08:00")
    december.executor.calendar.get(december.sessions())
    december.do(notice(), OPERATOR)
    # This process has not heard of the notice yet.
    late = december.item()
    december.complete(late, "issue")
    opened = work(december, late, "sign_for")
    assert opened.provisional

    settle(december, clock)
    assert work(december, old, "draft_plan").due_at == end_of(date(2027, 1, 13))
    # 31 January, a Sunday, is worked.
    assert work(december, late, "sign_for").due_at == end_of(date(2027, 2, 1))


def test_a_limit_that_was_moved_keeps_its_distance_in_working_days(december, clock):
    item_id = december.item()
    december.complete(item_id, "issue")
    december.everybody(item_id, "sign_for", "accept")
    with december.sessions() as session:
        row = session.get_one(WorkItem, work(december, item_id, "draft_plan").id)
        # A pause gave it five more working days, by weekdays alone: 13, 14, 15, 18, 19 January.
        row.due_at = end_of(date(2027, 1, 19))
        session.add(row)
        session.commit()
    december.do(notice(), OPERATOR)
    settle(december, clock)
    assert work(december, item_id, "draft_plan").due_at == end_of(date(2027, 1, 20))


def test_a_clock_that_stands_still_is_not_set_going(december, clock):
    item_id = december.item()
    december.complete(item_id, "issue")
    december.everybody(item_id, "sign_for", "accept")
    with december.sessions() as session:
        row = session.get_one(WorkItem, work(december, item_id, "draft_plan").id)
        row.paused_at = clock.now()
        session.add(row)
        session.commit()
    december.do(notice(), OPERATOR)
    settle(december, clock)
    paused = work(december, item_id, "draft_plan")
    assert paused.due_at == end_of(date(2027, 1, 13))
    assert paused.escalate_at is None


def test_a_batch_done_twice_moves_nothing_twice(december, clock):
    item_id = december.item()
    december.complete(item_id, "issue")
    december.everybody(item_id, "sign_for", "accept")
    december.do(notice(), OPERATOR)
    clock.at += SETTLED
    with december.sessions() as session:
        [(change_id, through)] = pending(session, clock.now())
    command = RecomputeLimits(change_id=change_id, through=through)
    assert len(december.do(command, SCHEDULER).moved) == 1
    assert december.do(command, SCHEDULER).moved == ()


def test_many_limits_move_in_batches(december, clock, monkeypatch):
    monkeypatch.setattr("services.recompute.BATCH", 2)
    items = [december.item(text=f"第{n}项") for n in range(5)]
    for item_id in items:
        december.complete(item_id, "issue")
        december.everybody(item_id, "sign_for", "accept")
    december.do(notice(), OPERATOR)
    batches = settle(december, clock)
    assert sum(len(batch.moved) for batch in batches) == 5
    assert len(batches) == 4
    assert {work(december, item_id, "draft_plan").due_at for item_id in items} == {end_of(date(2027, 1, 13))}
    change = max(rows(december, CalendarChange), key=lambda each: each.id)
    assert (change.moved, change.looked_at, change.recomputed_at) == (5, 5, clock.now())


def test_two_changes_that_wait_are_taken_in_order(december, clock):
    item_id = december.item()
    december.complete(item_id, "issue")
    december.everybody(item_id, "sign_for", "accept")
    lead = december.leads[0]
    december.do(notice(), OPERATOR)
    december.do(SetUnitDays(unit_id=lead, days=(UnitDay(date(2027, 1, 8), False, "机房停电"),)), OPERATOR)
    settle(december, clock)
    assert work(december, item_id, "draft_plan").due_at == end_of(date(2027, 1, 14))
    december.do(RemoveUnitDay(unit_id=lead, day=date(2027, 1, 8)), OPERATOR)
    settle(december, clock)
    assert work(december, item_id, "draft_plan").due_at == end_of(date(2027, 1, 13))


def test_a_day_off_of_one_unit_moves_its_limits_alone(december, clock):
    item_id = december.item(leads=1, co_units=2)
    one, other = december.co_units[:2]
    december.do(SetUnitDays(unit_id=one, days=(UnitDay(date(2026, 12, 30), False, "区庆"),)), OPERATOR)
    december.executor.calendar.forget()
    december.complete(item_id, "issue")
    december.everybody(item_id, "sign_for", "accept")
    december.complete(item_id, "draft_plan", form={"goal": "x", "milestones": _milestones()})
    december.everybody(item_id, "sign_plan", "sign")
    due = {w.unit_id: w.due_at for w in december.open_work(item_id, "confirm_plan")}
    assert due[one] > due[other]


def _milestones():
    return [{"title": "完成", "due_on": "2027-05-31", "evidence_planned": "报告"}]


def test_the_preview_writes_nothing_and_says_what_would_change(december):
    preview = december.do(notice(check_only=True), OPERATOR)
    assert (preview.written, preview.days_off, preview.make_up_days) == (False, 18, 6)
    assert len(preview.notes) == 1
    assert 2027 not in {row.year for row in rows(december, CalendarYear)}
    assert not [row for row in rows(december, CalendarDay) if row.day.year == 2027]


def test_the_same_notice_again_changes_nothing(december):
    december.do(notice(), OPERATOR)
    changes = len(rows(december, CalendarChange))
    again = december.do(notice(), OPERATOR)
    assert (again.was_loaded, again.written, again.changes) == (True, False, ())
    assert len(rows(december, CalendarChange)) == changes


def test_the_official_wording_of_a_shipped_year_changes_nothing(december):
    again = december.do(notice(NOTICES[2026]), OPERATOR)
    assert (again.was_loaded, again.written) == (True, False)


def test_another_content_is_refused_with_its_difference_and_replaced_on_purpose(december, clock):
    december.do(notice(), OPERATOR)
    settle(december, clock)
    item_id = december.item()
    december.complete(item_id, "issue")
    december.everybody(item_id, "sign_for", "accept")
    assert work(december, item_id, "draft_plan").due_at == end_of(date(2027, 1, 13))
    corrected = NOTICE_2027.replace("1月31日（周日）、", "1月10日（周日）、1月31日（周日）、")
    with pytest.raises(YearLoaded) as refused:
        december.do(notice(corrected), OPERATOR)
    assert "1月10日（周日）上班" in message_for(refused.value)
    assert date(2027, 1, 10) not in {row.day for row in rows(december, CalendarDay)}

    replaced = december.do(notice(corrected, replace=True), OPERATOR)
    assert [(c.day, c.before, c.after) for c in replaced.changes] == [(date(2027, 1, 10), None, True)]
    settle(december, clock)
    moved = work(december, item_id, "draft_plan")
    assert (moved.due_at, moved.provisional) == (end_of(date(2027, 1, 12)), False)


def test_a_day_that_the_notice_no_longer_names_is_taken_back(december):
    december.do(notice(NOTICE_2027.replace("1月31日（周日）、", "1月10日（周日）、1月31日（周日）、")), OPERATOR)
    december.do(notice(replace=True), OPERATOR)
    with december.sessions() as session:
        assert read_calendar(session).is_working(date(2027, 1, 10)) is False


def test_days_in_december_belong_to_the_notice_that_names_them(december):
    text = NOTICE_2027.replace(
        "1月1日（周五）至3日（周日）放假，共3天。1月4日（周一）上班", "12月31日（周四）至1月1日放假"
    )
    december.do(notice(text), OPERATOR)
    with december.sessions() as session:
        assert read_calendar(session).is_working(date(2026, 12, 31)) is False
    assert december.do(notice(NOTICES[2026]), OPERATOR).changes == ()
    december.do(notice(replace=True), OPERATOR)
    with december.sessions() as session:
        assert read_calendar(session).is_working(date(2026, 12, 31)) is True


@pytest.mark.parametrize("year", [1998, 2031])
def test_a_year_that_no_notice_can_be_for_is_refused(december, year):
    command = notice()
    with pytest.raises(YearTooFar):
        december.do(
            ImportYearNotice(
                notice=type(command.notice)(year, ()), source_name="x", source_digest=b"", check_only=True
            ),
            OPERATOR,
        )


def test_shipped_years_that_are_new_leave_one_change(world, clock):
    world.do(LoadShippedYears(), SCHEDULER)
    [change] = rows(world, CalendarChange)
    assert 2025 in change.years and 2026 not in change.years  # the world has 2026 already
    audits = len(rows(world, AuditEntry))
    assert world.do(LoadShippedYears(), SCHEDULER) == ()
    assert len(rows(world, AuditEntry)) == audits
    settle(world, clock)
    assert rows(world, CalendarChange)[0].recomputed_at is not None


def test_working_hours_are_data_from_a_day_on(december):
    spans = ((time(9), time(12)), (time(13, 30), time(18)))
    december.do(SetWorkingHours(valid_from=date(2027, 1, 1), spans=spans), OPERATOR)
    with december.sessions() as session:
        calendar = read_calendar(session)
    at = datetime.fromisoformat("2027-01-04T17:00:00+08:00")
    assert calendar.shift(at, 2, CalendarUnit.WORKING_HOURS).at == datetime.fromisoformat("2027-01-05T10:00:00+08:00")
    with pytest.raises(InvalidWorkingHours):
        december.do(SetWorkingHours(valid_from=date(2027, 1, 1), spans=((time(18), time(9)),)), OPERATOR)


def test_who_set_a_units_day_is_kept_and_each_needs_a_reason(december):
    lead = december.leads[0]
    days = (UnitDay(date(2027, 1, 8), False, " 搬迁 "),)
    assert december.do(SetUnitDays(unit_id=lead, days=days), OPERATOR) == 1
    assert december.do(SetUnitDays(unit_id=lead, days=days), OPERATOR) == 0
    [row] = rows(december, UnitCalendarDay)
    assert (row.name, row.working) == ("搬迁", False)
    for bad in ((), (UnitDay(date(2027, 1, 8), False, " "),)):
        with pytest.raises(NoDays):
            december.do(SetUnitDays(unit_id=lead, days=bad), OPERATOR)
    with pytest.raises(NotFound):
        december.do(RemoveUnitDay(unit_id=lead, day=date(2027, 1, 9)), OPERATOR)


def test_only_who_keeps_the_calendar_changes_it(december):
    lead = december.leads[0]
    leader = december.actor(lead, Role.UNIT_LEADER)
    for command in (
        notice(),
        SetUnitDays(unit_id=lead, days=(UnitDay(date(2027, 1, 8), False, "x"),)),
        RemoveUnitDay(unit_id=lead, day=date(2027, 1, 8)),
        SetWorkingHours(valid_from=date(2027, 1, 1), spans=((time(8), time(9)),)),
        RecomputeLimits(change_id=1),
    ):
        for actor in (leader, december.clerk, december.head):
            with pytest.raises(PermissionDenied):
                december.do(command, actor)
    with december.sessions() as session:
        assert not session.exec(select(UnitCalendarDay).where(col(UnitCalendarDay.unit_id) == lead)).all()
