import pytest
from sqlmodel import select

from db.tables import Item, WorkItem
from domain.errors import AlreadyExists, NotFound, StaleVersion, WorkItemClosed
from domain.item_errors import NotForOthers
from domain.permissions import Actor, Membership, Role
from services.items import StopItem
from services.queries.reading import reading
from services.queries.timeline import steps_of
from services.signers import AddParty, AskAgain
from tests.invariants import check_everything
from tests.world import PLAN


@pytest.fixture
def confirming(world):
    """An item whose plan two of the three co-units are asked to confirm."""
    item_id = world.item(co_units=2)
    world.complete(item_id, "issue")
    world.everybody(item_id, "sign_for", "accept")
    world.complete(item_id, "draft_plan", form=PLAN)
    world.everybody(item_id, "sign_plan", "sign")
    return item_id


def answered(world, item_id):
    with world.sessions() as session:
        return session.exec(
            select(WorkItem).where(
                WorkItem.item_id == item_id, WorkItem.bpmn_id == "confirm_plan", WorkItem.closed_as == "done"
            )
        ).one()


def test_an_added_party_is_waited_for(world, confirming):
    [first, _] = world.open_work(confirming, "confirm_plan")
    world.do(AddParty(work_item_id=first.id, seen_version=1, unit_id=world.co_units[2]), world.clerk)
    for unit in world.co_units[:2]:
        assert not world.complete(confirming, "confirm_plan", "confirm", unit_id=unit).decided
    assert world.complete(confirming, "confirm_plan", "confirm", unit_id=world.co_units[2]).decided
    with world.sessions() as session:
        check_everything(session)


def test_a_party_is_not_added_twice(world, confirming):
    [first, second] = world.open_work(confirming, "confirm_plan")
    with pytest.raises(AlreadyExists):
        world.do(AddParty(work_item_id=first.id, seen_version=1, unit_id=second.unit_id), world.clerk)


def test_a_party_asked_again_counts_with_its_last_answer(world, confirming):
    unit, other = world.co_units[:2]
    world.complete(confirming, "confirm_plan", "object", unit_id=unit, opinion="时间过紧", reason_code="content_vague")
    first = answered(world, confirming)
    world.do(AskAgain(work_item_id=first.id, seen_version=first.version, reason="已调整时间"), world.clerk)
    world.complete(confirming, "confirm_plan", "confirm", unit_id=other)
    done = world.complete(confirming, "confirm_plan", "confirm", unit_id=unit)
    assert {o.bpmn_id for o in done.opened} == {"check_plan"}


def test_a_decided_step_is_not_opened_again(world, confirming):
    world.everybody(confirming, "confirm_plan", "confirm")
    with world.sessions() as session:
        done = session.exec(select(WorkItem).where(WorkItem.bpmn_id == "confirm_plan")).first()
    assert done is not None
    with pytest.raises(WorkItemClosed):
        world.do(AskAgain(work_item_id=done.id, seen_version=done.version, reason="再确认"), world.clerk)


def test_an_answer_that_was_set_aside_is_still_told(world, confirming):
    unit = world.co_units[0]
    world.complete(confirming, "confirm_plan", "object", unit_id=unit, opinion="时间过紧", reason_code="content_vague")
    first = answered(world, confirming)
    world.do(AskAgain(work_item_id=first.id, seen_version=first.version, reason="已调整时间"), world.clerk)
    with reading(world.executor, world.clerk) as asked:
        told = [e for e in steps_of(asked, confirming) if e.name == "confirm_plan"]
    assert [(e.person_id, e.opinion) for e in told] == [(world.actor(unit, Role.LIAISON).id, "时间过紧")]
    with world.sessions() as session:
        check_everything(session)


def test_a_step_of_the_office_is_not_shared(world, confirming):
    world.everybody(confirming, "confirm_plan", "confirm")
    [work] = world.open_work(confirming, "check_plan")
    with pytest.raises(NotForOthers):
        world.do(AddParty(work_item_id=work.id, seen_version=1, unit_id=world.co_units[2]), world.clerk)


def test_a_view_from_before_a_party_was_added_is_stale(world, confirming):
    with world.sessions() as session:
        seen = session.get_one(Item, confirming).version
    [first, _] = world.open_work(confirming, "confirm_plan")
    world.do(AddParty(work_item_id=first.id, seen_version=1, unit_id=world.co_units[2]), world.clerk)
    with pytest.raises(StaleVersion):
        world.do(StopItem(item_id=confirming, seen_version=seen, message="withdraw", reason="重复"), world.head)


def test_an_administrator_of_the_offices_unit_is_not_told_that_a_step_exists(world, confirming):
    [first, _] = world.open_work(confirming, "confirm_plan")
    admin = Actor(id=None, name="admin", memberships=frozenset({Membership(world.office, Role.SYSTEM_ADMIN)}))
    with pytest.raises(NotFound):
        world.do(AddParty(work_item_id=first.id, seen_version=1, unit_id=world.co_units[2]), admin)
    with pytest.raises(NotFound):
        world.do(StopItem(item_id=confirming, seen_version=1, message="withdraw", reason="重复"), admin)


def test_only_the_office_changes_who_signs(world, confirming):
    [first, _] = world.open_work(confirming, "confirm_plan")
    with pytest.raises(NotFound):
        world.do(
            AddParty(work_item_id=first.id, seen_version=1, unit_id=world.co_units[2]),
            world.actor(world.leads[0], Role.LIAISON),
        )
    with pytest.raises(StaleVersion):
        world.do(AddParty(work_item_id=first.id, seen_version=5, unit_id=world.co_units[2]), world.clerk)
