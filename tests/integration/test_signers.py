import pytest
from sqlmodel import select

from db.tables import WorkItem
from domain.errors import AlreadyExists, NotFound, StaleVersion, WorkItemClosed
from domain.permissions import Role
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


def test_only_the_office_changes_who_signs(world, confirming):
    [first, _] = world.open_work(confirming, "confirm_plan")
    with pytest.raises(NotFound):
        world.do(
            AddParty(work_item_id=first.id, seen_version=1, unit_id=world.co_units[2]),
            world.actor(world.leads[0], Role.LIAISON),
        )
    with pytest.raises(StaleVersion):
        world.do(AddParty(work_item_id=first.id, seen_version=5, unit_id=world.co_units[2]), world.clerk)
