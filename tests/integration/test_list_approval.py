"""Approving a list: by somebody else than who imported it."""

import pytest

from db.tables import Item, TaskList
from domain.errors import NotFound, OwnSubmission, StaleVersion
from domain.items import ItemStatus, ListStatus, Origin
from domain.permissions import Role
from services.items import AssignUnits
from services.lists import ApproveList
from tests.conftest import FixedClock
from tests.world import World, add_person


@pytest.fixture
def imported(world: World, clock: FixedClock):
    """A draft list of one item, imported by the head of the office."""
    with world.sessions() as session:
        row = TaskList(
            office_unit_id=world.office,
            origin=Origin.DOCUMENT,
            title="任务清单",
            kind="task_list",
            found_count=1,
            status=ListStatus.DRAFT,
            created_at=clock.now(),
            created_by=world.head.id,
        )
        session.add(row)
        session.flush()
        item = Item(
            list_id=row.id,
            office_unit_id=world.office,
            position=1,
            number="1",
            text="建立数据共享机制",
            text_printed="建立数据共享机制",
            status=ItemStatus.DRAFT,
            created_at=clock.now(),
        )
        item.root_id = item.id
        session.add(item)
        session.commit()
        return row.id, item.id


def test_who_imported_a_list_does_not_approve_it(world, clock, imported):
    list_id, item_id = imported
    assign = AssignUnits(item_id=item_id, seen_version=1, leads=world.leads[:1])
    world.do(assign, world.clerk)
    with pytest.raises(OwnSubmission):
        world.do(ApproveList(list_id=list_id, seen_version=1), world.head)
    with pytest.raises(NotFound):
        world.do(ApproveList(list_id=list_id, seen_version=1), world.actor(world.leads[0], Role.UNIT_LEADER))
    with world.sessions() as session:
        other = add_person(session, clock, world.office, Role.UNIT_LEADER)
        session.commit()
    assert world.do(ApproveList(list_id=list_id, seen_version=1), other).registered == (item_id,)
    # Whoever looked at the draft does not change the registered item unseen.
    with pytest.raises(StaleVersion):
        world.do(AssignUnits(item_id=item_id, seen_version=2, leads=world.leads[1:]), world.clerk)
