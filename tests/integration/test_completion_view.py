"""Half-time and final view over real items, as of days that have passed."""

from datetime import date, timedelta

import pytest

from db.tables import Item
from domain.items import DeadlineKind, Strength
from domain.permissions import Role
from services.items import NewDeadline, StopItem
from services.queries.completion import completion_view
from services.queries.reading import reading

FIRM = NewDeadline(phrase="2026年3月底前", kind=DeadlineKind.BY_DATE, on_date=date(2026, 3, 31))
STRIVE = NewDeadline(
    phrase="力争2026年底前", kind=DeadlineKind.BY_DATE, on_date=date(2026, 12, 31), strength=Strength.STRIVE
)


def look(world, actor=None, **when):
    with reading(world.executor, actor or world.clerk) as asked:
        return completion_view(asked, **when)


@pytest.fixture
def items(world):
    """Three issued items: one closed in time, one under way, one striven for."""
    made = [world.item(deadlines=(FIRM,)), world.item(deadlines=(FIRM,)), world.item(deadlines=(STRIVE,))]
    for item in made:
        world.complete(item, "issue")
    world.everybody(made[1], "sign_for", "accept")
    first = made[0]
    world.everybody(first, "sign_for", "accept")
    world.complete(first, "draft_plan", form={"milestones": [_MILESTONE]})
    world.everybody(first, "sign_plan", "sign")
    world.complete(first, "check_plan", "approve")
    world.to_review(first)
    world.to_end(first)
    return made


_MILESTONE = {"title": "出台办法", "due_on": "2026-03-20", "evidence_planned": "印发件"}


def test_classes_add_up_and_each_item_stands_where_it_stood(world, items):
    seen = look(world)
    assert (seen.total, seen.completed) == (3, 1)
    by_class = {row.deadline_class: row for row in seen.classes}
    assert (by_class["firm"].completed, by_class["firm"].in_progress, by_class["firm"].on_time) == (1, 1, 1)
    assert by_class["strive"].not_started == 1
    assert {row.id: row.standing for row in seen.items} == {
        items[0]: "completed",
        items[1]: "in_progress",
        items[2]: "not_started",
    }


def test_a_view_of_an_earlier_day_does_not_know_what_came_later(world, items):
    yesterday = date(2026, 3, 9)
    assert look(world, as_of=yesterday).total == 0
    before = world.clock.now() - timedelta(seconds=1)
    assert look(world, known_at=before).total == 0
    world.clock.advance(days=40)
    late = look(world)
    assert {row.standing for row in late.items} == {"completed", "overdue", "not_started"}
    assert look(world, as_of=date(2026, 3, 30)).classes[0].overdue == 0
    assert look(world, as_of=date(2026, 3, 31)).classes[0].overdue == 1


def test_a_terminated_item_is_listed_beside_the_denominator_from_the_day_on(world, items):
    world.clock.advance(days=5)
    with world.sessions() as session:
        version = session.get_one(Item, items[2]).version
    stop = StopItem(
        item_id=items[2], seen_version=version, message="terminate", reason="依据废止", document_number="部发9号"
    )
    world.do(stop, world.head)
    seen = look(world)
    assert (seen.total, seen.outside) == (2, 1)
    assert [(row.id, row.outside_label) for row in seen.items if row.outside] == [(items[2], "终止")]
    assert look(world, as_of=date(2026, 3, 12)).total == 3


def test_a_unit_sees_its_own_items_counted(world, items):
    assert look(world, world.actor(world.leads[0], Role.LIAISON)).total == 3
    assert look(world, world.actor(world.co_units[0], Role.LIAISON)).total == 0


def test_a_list_is_counted_by_itself(world, items):
    with world.sessions() as session:
        list_id = session.get_one(Item, items[0]).list_id
    assert look(world, list_ids=[list_id]).total == 3
    assert look(world, list_ids=[items[0]]).total == 0
