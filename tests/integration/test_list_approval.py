"""What a list's printed units become, and who approves it."""

import pytest

from db.tables import Item, TaskList, Unit
from domain.errors import NotFound, OwnSubmission, StaleVersion
from domain.items import ItemStatus, ListStatus, Origin
from domain.permissions import Role
from services.items import AssignUnits
from services.lists import ApproveList, unit_ids_by_name
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


def test_a_short_name_that_two_units_share_names_neither(world):
    with world.sessions() as session:
        for place in ("滨海", "临港"):
            session.add(Unit(official_name=f"{place}示范区商务局", short_name="区商务局", kind="department"))
        session.flush()
        names = unit_ids_by_name(session)
        lead = session.get_one(Unit, world.leads[0])
    assert "区商务局" not in names
    assert len({names["滨海示范区商务局"], names["临港示范区商务局"]}) == 2
    assert names[lead.short_name] == lead.id
