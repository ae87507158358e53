"""Who stands in for somebody on leave acts in their role, under their own name, while the leave lasts."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from db.tables import AuditEntry, Person, UnitMember
from domain.calendar import local_date
from domain.errors import OwnSubmission, PermissionDenied
from domain.permissions import ADMINISTRATORS, Actor, Membership, Role
from services.absences import EndAbsence, RecordAbsence
from services.queries.item_detail import item_detail
from services.queries.reading import reading
from services.queries.worklist import WorkFilter, open_work
from services.sign_in import actor_by_login
from tests.integration.test_side_processes import deadline
from tests.world import PLAN, World, add_person


@pytest.fixture
def unit(world):
    return world.leads[0]


@pytest.fixture
def item(world):
    """An item whose plan was drafted by the lead's liaison and waits for the leader's signature."""
    item_id = world.item(deadlines=deadline())
    world.complete(item_id, "issue")
    world.complete(item_id, "sign_for", "accept")
    world.complete(item_id, "draft_plan", form=PLAN)
    return item_id


def colleague_of(world: World, unit_id: UUID, role: Role = Role.LIAISON) -> Actor:
    with world.sessions() as session:
        person = add_person(session, world.clock, unit_id, role)
        session.commit()
    return person


def as_signed_in(world: World, person: Actor) -> Actor:
    """The person as the next request knows them."""
    with world.sessions() as session:
        row = session.get_one(Person, person.id)
        row.login = f"p{row.id.hex[:12]}"
        session.commit()
        return actor_by_login(session, row.login, now=world.clock.now())


def leave(world: World, person: Actor, substitute: Actor, *, days: int = 4) -> UUID:
    day = local_date(world.clock.now())
    assert person.id
    command = RecordAbsence(
        person_id=person.id, first_day=day, last_day=day + timedelta(days=days), substitute_id=substitute.id
    )
    return UUID(str(world.do(command, person)))


def last_entry(session: Session, command: str) -> AuditEntry:
    statement = select(AuditEntry).where(AuditEntry.command == command).order_by(col(AuditEntry.id).desc())
    entry = session.exec(statement).first()
    assert entry
    return entry


def test_a_substitute_signs_in_the_leaders_place_and_the_audit_says_for_whom(world, unit, item):
    leader, other = world.actor(unit, Role.UNIT_LEADER), colleague_of(world, unit)
    with pytest.raises(PermissionDenied):
        world.complete(item, "sign_plan", "sign", actor=as_signed_in(world, other))
    leave(world, leader, other)
    substitute = as_signed_in(world, other)
    assert substitute.holds(Role.UNIT_LEADER, unit)
    assert substitute.lent == {(Membership(unit, Role.UNIT_LEADER), leader.id)}
    with reading(world.executor, substitute) as asked:
        assert [row.id for row in open_work(asked, WorkFilter()).rows] == [
            work.id for work in world.open_work(item, "sign_plan")
        ]
    world.complete(item, "sign_plan", "sign", actor=substitute)
    with world.sessions() as session:
        entry = last_entry(session, "CompleteWorkItem")
    assert entry.payload
    assert (entry.actor_id, entry.unit_id) == (other.id, unit)
    assert entry.payload["stands_in_for"] == [str(leader.id)]


def test_what_a_substitute_does_in_a_role_of_their_own_is_their_own(world, unit):
    item_id = world.item(deadlines=deadline())
    world.complete(item_id, "issue")
    other = colleague_of(world, unit)
    leave(world, world.actor(unit, Role.UNIT_LEADER), other)
    world.complete(item_id, "sign_for", "accept", actor=as_signed_in(world, other))
    with world.sessions() as session:
        assert "stands_in_for" not in (last_entry(session, "CompleteWorkItem").payload or {})


def test_it_ends_with_the_leave_at_once(world, unit):
    leader, other = world.actor(unit, Role.UNIT_LEADER), colleague_of(world, unit)
    first = leave(world, leader, other)
    assert as_signed_in(world, other).holds(Role.UNIT_LEADER, unit)
    world.do(EndAbsence(absence_id=first), leader)
    assert not as_signed_in(world, other).holds(Role.UNIT_LEADER, unit)
    leave(world, leader, other, days=1)
    assert as_signed_in(world, other).holds(Role.UNIT_LEADER, unit)
    world.clock.advance(days=2)
    assert as_signed_in(world, other).memberships == {Membership(unit, Role.LIAISON)}


def test_it_ends_with_the_role_or_the_account_of_who_is_away(world, unit):
    leader, other = world.actor(unit, Role.UNIT_LEADER), colleague_of(world, unit)
    leave(world, leader, other)
    with world.sessions() as session:
        session.get_one(Person, leader.id).disabled_at = world.clock.now()
        session.commit()
    assert not as_signed_in(world, other).lent
    with world.sessions() as session:
        session.get_one(Person, leader.id).disabled_at = None
        member = session.exec(select(UnitMember).where(UnitMember.person_id == leader.id)).one()
        member.valid_to = local_date(world.clock.now()) - timedelta(days=1)
        session.commit()
    assert not as_signed_in(world, other).lent


def test_nobody_signs_their_own_submission_as_a_substitute(world, unit):
    item_id = world.item(deadlines=deadline())
    world.complete(item_id, "issue")
    liaison, leader = world.actor(unit, Role.LIAISON), world.actor(unit, Role.UNIT_LEADER)
    world.complete(item_id, "sign_for", "accept")
    leave(world, leader, liaison)
    both = as_signed_in(world, liaison)
    world.complete(item_id, "draft_plan", form=PLAN, actor=both)
    with pytest.raises(OwnSubmission):
        world.complete(item_id, "sign_plan", "sign", actor=both)


def test_what_was_lent_is_not_lent_on_and_never_an_administrators_role(world, unit):
    leader = world.actor(unit, Role.UNIT_LEADER)
    first, second = colleague_of(world, unit), colleague_of(world, unit)
    leave(world, leader, first)
    assert as_signed_in(world, first).holds(Role.UNIT_LEADER, unit)
    leave(world, first, second)
    assert as_signed_in(world, second).memberships == {Membership(unit, Role.LIAISON)}
    for role in ADMINISTRATORS:
        with world.sessions() as session:
            session.add(
                UnitMember(person_id=leader.id, unit_id=unit, role=role, valid_from=local_date(world.clock.now()))
            )
            session.commit()
    assert {m.role for m in as_signed_in(world, first).memberships} == {Role.LIAISON, Role.UNIT_LEADER}


def test_who_became_an_administrator_meanwhile_stands_in_for_nobody(world, unit):
    leader, other = world.actor(unit, Role.UNIT_LEADER), colleague_of(world, unit)
    leave(world, leader, other)
    with world.sessions() as session:
        member = session.exec(select(UnitMember).where(UnitMember.person_id == other.id)).one()
        member.role = Role.SECURITY_ADMIN
        session.commit()
    assert as_signed_in(world, other).memberships == {Membership(unit, Role.SECURITY_ADMIN)}


def test_a_substitute_does_not_decide_how_long_the_leave_lasts(world, unit):
    leader, other = world.actor(unit, Role.UNIT_LEADER), colleague_of(world, unit)
    absence = leave(world, leader, other)
    substitute = as_signed_in(world, other)
    with pytest.raises(PermissionDenied):
        world.do(EndAbsence(absence_id=absence), substitute)
    day = local_date(world.clock.now()) + timedelta(days=20)
    assert leader.id
    longer = RecordAbsence(person_id=leader.id, first_day=day, last_day=day, substitute_id=other.id)
    with pytest.raises(PermissionDenied):
        world.do(longer, substitute)


def test_the_story_says_in_whose_place_a_substitute_acted(world, unit, item):
    leader, other = world.actor(unit, Role.UNIT_LEADER), colleague_of(world, unit)
    leave(world, leader, other)
    world.complete(item, "sign_plan", "sign", actor=as_signed_in(world, other))
    with world.sessions() as session:
        name = session.get_one(Person, leader.id).name
    with reading(world.executor, leader) as asked:
        story = item_detail(asked, item).timeline
    assert [entry.stands_in_for for entry in story if entry.name == "sign_plan"] == [(name,)]
    assert {entry.stands_in_for for entry in story if entry.name != "sign_plan"} == {()}
