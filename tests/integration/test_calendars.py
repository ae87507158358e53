from datetime import date

import pytest
from sqlalchemy import delete

from db.tables import CalendarDay, CalendarYear
from domain.errors import PermissionDenied
from domain.permissions import OPERATOR
from services.calendars import LoadShippedYears
from services.work_calendar import read_calendar


@pytest.fixture
def calendar(world):
    with world.sessions() as session:
        session.execute(delete(CalendarYear))
        session.commit()
    world.do(LoadShippedYears(), OPERATOR)
    with world.sessions() as session:
        return read_calendar(session)


def test_the_six_make_up_days_of_2026_are_worked(calendar):
    worked = [day for day, working in calendar.exceptions.items() if working and day.year == 2026]
    assert sorted(worked) == [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]


def test_five_working_days_skip_the_spring_festival(calendar):
    due = calendar.add_working_days(date(2026, 2, 12), 5)
    assert (due.day, due.provisional) == (date(2026, 2, 26), False)


def test_a_deadline_beyond_the_last_notice_is_provisional(calendar):
    assert calendar.add_working_days(date(2026, 12, 30), 5).provisional


def test_loading_twice_adds_nothing_and_keeps_a_correction(world, calendar):
    with world.sessions() as session:
        session.get_one(CalendarDay, date(2026, 1, 4)).working = False
        session.commit()
    assert world.do(LoadShippedYears(), OPERATOR) == ()
    with world.sessions() as session:
        assert session.get_one(CalendarDay, date(2026, 1, 4)).working is False


def test_office_staff_do_not_load_calendars(world):
    with pytest.raises(PermissionDenied):
        world.do(LoadShippedYears(), world.clerk)
