"""A year as months, and a policy as its form writes it."""

from datetime import date, datetime

from domain.calendar import CalendarUnit, WorkCalendar
from domain.ladder import Base, EscalationKind, Rung, RungRole, SubjectKind
from domain.quiet_hours import QuietHours
from services.policy_text import PolicyText, read_policy
from services.queries.calendars import OwnDay, SpecialDay
from web.months import months_of
from web.policy_forms import form_of, policy_mapping, with_faults


def test_every_day_of_a_year_stands_once_and_what_differs_is_marked():
    off, worked, own = date(2026, 10, 1), date(2026, 10, 10), date(2026, 3, 3)
    calendar = WorkCalendar({off: False, worked: True}, frozenset({2026}))
    special = {off: SpecialDay(off, False, "国庆节"), worked: SpecialDay(worked, True, "国庆节")}
    kept = {own: OwnDay(own, True, "区庆", None, datetime(2026, 1, 1))}  # noqa: DTZ001  a row; not looked at
    months = months_of(2026, calendar, special, kept, today=own)
    cells = {cell.day: cell for month in months for week in month.weeks for cell in week if cell is not None}
    assert len(cells) == sum(cell is not None for month in months for week in month.weeks for cell in week) == 365
    assert (cells[off].mark, cells[worked].mark) == ("off", "work")
    assert [cells[day].mark for day in (date(2026, 10, 8), date(2026, 10, 11))] == ["", ""]
    assert (cells[own].mark, cells[own].own, cells[own].today) == ("work", True, True)
    assert sum(month.working_days for month in months) == sum(cell.working for cell in cells.values())
    assert all(week[0] is None or week[0].day.weekday() == 0 for month in months for week in month.weeks)


def test_a_policy_comes_back_from_its_form_as_it_was():
    before = Rung(1, "提醒", EscalationKind.REMINDER, (RungRole.ASSIGNEE,), -3, channels=("mail", "robot"))
    again = Rung(2, "再催", EscalationKind.URGE, (RungRole.UNIT_LEADER,), 1, unit=CalendarUnit.DAYS, every=2, at_most=5)
    opened = Rung(3, "问", EscalationKind.URGE, (RungRole.OFFICE,), 0, base=Base.OPENED, channels=("inbox",))
    policy = PolicyText(SubjectKind.WORK_ITEM, "sign_for", "签收", QuietHours(), (before, again, opened))
    assert read_policy(policy_mapping(form_of(policy), SubjectKind.WORK_ITEM)) == policy


def test_a_fault_stands_beside_the_field_of_its_level():
    rungs = tuple(Rung(level, "催", EscalationKind.URGE, (), 1) for level in (1, 2))
    form = form_of(PolicyText(SubjectKind.WORK_ITEM, None, "签收", QuietHours(), rungs))
    shown = with_faults(
        form,
        [
            {"code": "rung_to_nobody", "level": 2, "reason": "没有写明发给谁"},
            {"code": "policy_too_long", "level": None, "reason": "太长"},
        ],
    )
    assert shown.rows[0].faults == {}
    assert shown.rows[1].fault("to") == "没有写明发给谁"
    assert [problem["target"] for problem in shown.problems] == ["f-name", "rung-1-to"]
