from sqlmodel import select

from db.tables import Item
from domain.permissions import Role
from services.items import AssignUnits
from services.visibility import visible_items


def sees(world, unit, item_id):
    actor = world.actor(unit, Role.LIAISON)
    with world.sessions() as session:
        return session.exec(select(Item.id).where(visible_items(actor), Item.id == item_id)).first() is not None


def assign(world, item_id, lead):
    with world.sessions() as session:
        version = session.get_one(Item, item_id).version
    world.do(AssignUnits(item_id=item_id, seen_version=version, leads=(lead,)), world.clerk)


def test_a_unit_that_was_corrected_before_the_issue_never_had_a_part(world):
    item_id = world.item()
    wrong, right = world.leads
    assign(world, item_id, right)
    world.clock.advance(minutes=5)
    world.complete(item_id, "issue")
    assert sees(world, right, item_id)
    assert not sees(world, wrong, item_id)


def test_a_unit_that_sent_the_item_back_still_sees_what_it_had(world):
    item_id = world.item()
    first, second = world.leads
    world.complete(item_id, "issue")
    world.clock.advance(minutes=5)
    world.complete(item_id, "sign_for", "send_back", reason_code="not_our_duty", opinion="不属本单位职责")
    assign(world, item_id, second)
    world.complete(item_id, "settle_send_back", "reassign", opinion="改由另一单位牵头")
    assert sees(world, first, item_id)
    assert sees(world, second, item_id)
