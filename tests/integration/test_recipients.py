"""Who receives: never somebody who left, is disabled or away; always somebody while there is anybody."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from db.tables import Absence, Person, Unit, UnitMember
from domain.calendar import local_date
from domain.errors import PermissionDenied
from domain.escalation_errors import AbsenceDates, AbsenceOver, AbsenceOverlaps, SubstituteAway, SubstituteUnfit
from domain.permissions import Role
from domain.standing_in import Standing
from services.absences import EndAbsence, RecordAbsence
from services.recipients import recipients
from tests.world import World, add_person

TODAY = date(2026, 3, 10)


@pytest.fixture
def unit(world):
    return world.leads[0]


def received(world: World, unit_id, role=Role.LIAISON):
    with world.sessions() as session:
        found = recipients(session, unit_id, role, world.clock.now(), office_unit_id=world.office)
    return [(r.person_id, r.standing) for r in found]


def change(world: World, person, **values):
    """End or deputise the roles of a person."""
    with world.sessions() as session:
        for member in session.exec(select(UnitMember).where(UnitMember.person_id == person.id)):
            for name, value in values.items():
                setattr(member, name, value)
            session.add(member)
        session.commit()


def another(world: World, unit_id, role=Role.LIAISON, **values):
    with world.sessions() as session:
        person = add_person(session, world.clock, unit_id, role)
        session.commit()
    change(world, person, **values)
    return person


def away(world: World, person, by=None, *, first=TODAY, last=TODAY + timedelta(days=4), substitute=None):
    return world.do(
        RecordAbsence(
            person_id=person.id, first_day=first, last_day=last, substitute_id=substitute.id if substitute else None
        ),
        by or person,
    )


def test_the_holder_of_the_role_receives(world, unit):
    assert received(world, unit) == [(world.actor(unit, Role.LIAISON).id, Standing.HOLDER)]


def test_who_left_receives_nothing_and_the_successor_does(world, unit):
    change(world, world.actor(unit, Role.LIAISON), valid_to=TODAY - timedelta(days=1))
    after = another(world, unit, valid_from=TODAY)
    later = another(world, unit, valid_from=TODAY + timedelta(days=1))
    assert received(world, unit) == [(after.id, Standing.HOLDER)]
    assert later.id not in dict(received(world, unit))


def test_on_the_last_day_of_a_role_it_is_still_held(world, unit):
    change(world, world.actor(unit, Role.LIAISON), valid_to=TODAY)
    assert received(world, unit)[0][1] is Standing.HOLDER
    world.clock.advance(days=1)
    assert received(world, unit) == [(world.actor(unit, Role.UNIT_LEADER).id, Standing.UNIT_LEADER)]


def test_the_line_goes_by_substitute_deputy_leader_and_office(world, unit):
    liaison, leader = world.actor(unit, Role.LIAISON), world.actor(unit, Role.UNIT_LEADER)
    deputy = another(world, unit, deputy=True)
    colleague = another(world, unit, Role.ASSESSOR)
    leave = away(world, liaison, substitute=colleague)
    assert received(world, unit) == [(colleague.id, Standing.SUBSTITUTE)]
    world.do(EndAbsence(absence_id=leave), liaison)
    away(world, liaison)
    assert received(world, unit) == [(deputy.id, Standing.DEPUTY)]
    away(world, deputy)
    assert received(world, unit) == [(leader.id, Standing.UNIT_LEADER)]
    away(world, leader)
    assert received(world, unit) == [(world.clerk.id, Standing.OFFICE)]
    away(world, world.clerk)
    assert received(world, unit) == [(world.head.id, Standing.OFFICE)]
    world.clock.advance(days=5)
    assert received(world, unit) == [(liaison.id, Standing.HOLDER)]


def test_a_substitute_who_falls_away_too_is_passed_over(world, unit):
    liaison, colleague = world.actor(unit, Role.LIAISON), another(world, unit, Role.ASSESSOR)
    away(world, liaison, substitute=colleague)
    away(world, colleague)
    assert received(world, unit) == [(world.actor(unit, Role.UNIT_LEADER).id, Standing.UNIT_LEADER)]


def test_a_substitute_who_left_or_whose_account_is_disabled_is_passed_over(world, unit):
    liaison, colleague = world.actor(unit, Role.LIAISON), another(world, unit, Role.ASSESSOR)
    away(world, liaison, substitute=colleague)
    change(world, colleague, valid_to=TODAY - timedelta(days=1))
    assert received(world, unit)[0][1] is Standing.UNIT_LEADER
    change(world, colleague, valid_to=None)
    assert received(world, unit)[0][1] is Standing.SUBSTITUTE
    with world.sessions() as session:
        session.get_one(Person, colleague.id).disabled_at = world.clock.now()
        session.commit()
    assert received(world, unit)[0][1] is Standing.UNIT_LEADER


def test_a_disabled_holder_receives_nothing(world, unit):
    with world.sessions() as session:
        session.get_one(Person, world.actor(unit, Role.LIAISON).id).disabled_at = world.clock.now()
        session.commit()
    assert received(world, unit)[0][1] is Standing.UNIT_LEADER


def test_a_merged_unit_is_answered_for_by_its_successors_successor(world, unit):
    between, last = world.leads[1], world.co_units[0]
    yesterday = TODAY - timedelta(days=1)
    with world.sessions() as session:
        for old, new in ((unit, between), (between, last)):
            row = session.get_one(Unit, old)
            row.successor_id, row.valid_to = new, yesterday
        session.commit()
        [found] = recipients(session, unit, Role.LIAISON, world.clock.now())
    assert (found.person_id, found.unit_id) == (world.actor(last, Role.LIAISON).id, last)


def test_until_its_last_day_a_unit_answers_for_itself_and_without_a_successor_the_office_does(world, unit):
    with world.sessions() as session:
        row = session.get_one(Unit, unit)
        row.successor_id, row.valid_to = world.leads[1], TODAY
        session.commit()
    assert received(world, unit) == [(world.actor(unit, Role.LIAISON).id, Standing.HOLDER)]
    with world.sessions() as session:
        session.get_one(Unit, unit).successor_id = None
        session.commit()
    world.clock.advance(days=1)
    assert received(world, unit) == [(world.clerk.id, Standing.OFFICE)]


def test_units_that_succeed_each_other_in_a_circle_end(world, unit):
    with world.sessions() as session:
        session.get_one(Unit, unit).successor_id = world.leads[1]
        session.get_one(Unit, world.leads[1]).successor_id = unit
        session.commit()
    assert received(world, unit)


def test_ones_own_leave_is_recorded_by_oneself_and_anothers_by_the_units_leader(world, unit):
    liaison = world.actor(unit, Role.LIAISON)
    away(world, liaison, world.actor(unit, Role.UNIT_LEADER))
    with pytest.raises(PermissionDenied):
        away(world, liaison, world.actor(world.leads[1], Role.UNIT_LEADER))
    with pytest.raises(PermissionDenied):
        away(world, world.actor(unit, Role.UNIT_LEADER), liaison)
    with pytest.raises(PermissionDenied):
        away(world, liaison, world.clerk)


def test_leave_has_an_order_a_future_and_no_overlap(world, unit):
    liaison = world.actor(unit, Role.LIAISON)
    with pytest.raises(AbsenceDates):
        away(world, liaison, first=TODAY, last=TODAY - timedelta(days=1))
    with pytest.raises(AbsenceDates):
        away(world, liaison, first=TODAY - timedelta(days=9), last=TODAY - timedelta(days=1))
    away(world, liaison)
    with pytest.raises(AbsenceOverlaps):
        away(world, liaison, first=TODAY + timedelta(days=4), last=TODAY + timedelta(days=8))
    away(world, liaison, first=TODAY + timedelta(days=5), last=TODAY + timedelta(days=8))


def test_only_a_colleague_who_is_there_can_stand_in(world, unit):
    liaison, leader = world.actor(unit, Role.LIAISON), world.actor(unit, Role.UNIT_LEADER)
    for unfit in (liaison, world.actor(world.leads[1], Role.LIAISON)):
        with pytest.raises(SubstituteUnfit):
            away(world, liaison, substitute=unfit)
    away(world, leader, first=TODAY + timedelta(days=2), last=TODAY + timedelta(days=2))
    with pytest.raises(SubstituteAway):
        away(world, liaison, substitute=leader)
    away(world, liaison, last=TODAY + timedelta(days=1), substitute=leader)


def test_who_comes_back_early_receives_again_and_the_days_away_stay_on_record(world, unit):
    liaison = world.actor(unit, Role.LIAISON)
    leave = away(world, liaison)
    world.clock.advance(days=2)
    with pytest.raises(AbsenceDates):
        world.do(EndAbsence(absence_id=leave, last_day=TODAY), liaison)
    world.do(EndAbsence(absence_id=leave, last_day=TODAY + timedelta(days=1)), liaison)
    assert received(world, unit) == [(liaison.id, Standing.HOLDER)]
    with pytest.raises(AbsenceOver):
        world.do(EndAbsence(absence_id=leave), liaison)
    with world.sessions() as session:
        row = session.get_one(Absence, leave)
        assert (row.first_day, row.last_day) == (TODAY, TODAY + timedelta(days=1))
    assert local_date(world.clock.now()) > row.last_day


def test_nobody_at_all_is_an_empty_answer_without_an_office(world, session: Session):
    unit = Unit(official_name="空单位", short_name="空单位", kind="department")
    session.add(unit)
    session.commit()
    assert recipients(session, unit.id, Role.LIAISON, world.clock.now()) == []
