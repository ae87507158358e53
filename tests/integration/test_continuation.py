"""Items that go on after they ended: the next stage, and supervision taken up again."""

from datetime import date

import pytest
from sqlmodel import col, select

from db.tables import Item, ItemDeadline, Responsibility, Unit
from domain.calendar import end_of
from domain.errors import AlreadyExists, NotFound, PermissionDenied, ReasonMissing, WrongStatus
from domain.items import DeadlineKind, Strength
from domain.permissions import Role
from services.continuation import ContinueItem, ReopenItem
from services.items import NewDeadline, StopItem
from tests.invariants import check_everything
from tests.world import BREAKTHROUGH

DEADLINE = NewDeadline(
    phrase="2026年底前完成或取得突破性进展",
    kind=DeadlineKind.BY_DATE,
    on_date=date(2026, 12, 31),
    strength=Strength.BREAKTHROUGH_OK,
)


def read(world, item_id):
    with world.sessions() as session:
        item = session.get_one(Item, item_id)
        deadlines = session.exec(select(ItemDeadline).where(ItemDeadline.item_id == item_id)).all()
        parts = session.exec(
            select(Responsibility).where(Responsibility.item_id == item_id).order_by(col(Responsibility.position))
        ).all()
    return item, deadlines, [(p.unit_id, p.role) for p in parts]


def go_on(world, item_id, actor=None, **fields):
    command = ContinueItem(item_id=item_id, seen_version=read(world, item_id)[0].version, **fields)
    return world.do(command, actor or world.clerk).id


def reopen(world, item_id, reason="群众反映问题仍未解决", **fields):
    command = ReopenItem(item_id=item_id, seen_version=read(world, item_id)[0].version, reason=reason, **fields)
    return world.do(command, world.clerk).id


@pytest.fixture
def stage(world):
    """An item with a joint lead and a co-unit, closed for the stage by a breakthrough."""
    item_id = world.item(leads=2, co_units=1, deadlines=(DEADLINE,))
    world.to_progress(item_id)
    world.to_review(item_id, "breakthrough")
    world.to_end(item_id)
    return item_id


def test_a_stage_goes_on_as_a_linked_item_with_the_claimed_goal(world, stage):
    before, _, units = read(world, stage)
    next_id = go_on(world, stage)
    item, [deadline], parts = read(world, next_id)
    assert (item.status, item.continues_id, item.number) == ("registered", stage, f"{before.number}/2")
    assert (item.text, item.text_printed) == (BREAKTHROUGH["next_goal"], before.text_printed)
    assert (deadline.kind, item.due_at, item.joint_lead) == ("ongoing", None, True)
    assert parts == units
    world.to_progress(next_id)
    assert read(world, stage)[0] == before
    with world.sessions() as session:
        check_everything(session)


def test_a_stage_goes_on_once_unless_that_was_withdrawn(world, stage):
    first = go_on(world, stage, deadlines=(DEADLINE,), goal="在全市推广")
    assert (read(world, first)[0].text, read(world, first)[0].due_at) == ("在全市推广", end_of(date(2026, 12, 31)))
    with pytest.raises(AlreadyExists):
        go_on(world, stage)
    stop = StopItem(item_id=first, seen_version=read(world, first)[0].version, message="withdraw", reason="目标有误")
    world.do(stop, world.head)
    assert read(world, go_on(world, stage))[0].number.endswith("/3")


def test_a_stage_goes_on_with_the_successor_of_a_unit_that_was_dissolved(world, stage):
    old, new = world.leads[0], world.co_units[2]
    with world.sessions() as session:
        unit = session.get_one(Unit, old)
        unit.valid_to, unit.successor_id = date(2026, 1, 31), new
        session.add(unit)
        session.commit()
    assert read(world, go_on(world, stage))[2][0] == (new, "lead")


def test_only_the_office_lets_an_item_go_on_and_only_after_a_stage(world, stage):
    with pytest.raises(NotFound):
        go_on(world, world.item(), world.actor(world.co_units[2], Role.LIAISON))
    with pytest.raises(PermissionDenied):
        go_on(world, stage, world.head)
    with pytest.raises(WrongStatus):
        go_on(world, world.item())
    with pytest.raises(WrongStatus):
        reopen(world, stage)


@pytest.mark.parametrize("message", ["withdraw", "terminate"])
def test_a_stopped_item_is_supervised_again_with_a_reason(world, message):
    item_id = world.item(co_units=1, deadlines=(DEADLINE,))
    world.to_progress(item_id)
    with pytest.raises(WrongStatus):
        reopen(world, item_id)
    version = read(world, item_id)[0].version
    stop = StopItem(item_id=item_id, seen_version=version, message=message, reason="政策调整", document_number="文1号")
    world.do(stop, world.head)
    with pytest.raises(ReasonMissing):
        reopen(world, item_id, reason=" ")
    again, [deadline], _ = read(world, reopen(world, item_id))
    assert (again.continues_id, again.status, deadline.phrase) == (item_id, "registered", DEADLINE.phrase)
    assert again.due_strength == Strength.BREAKTHROUGH_OK
    world.to_progress(again.id)
