"""Half-time and final view over real items, as of days that have passed."""

from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from db.tables import Item
from domain.calendar import end_of, local_date
from domain.completion import DeadlineClass, TaskOnDay, view
from domain.items import DeadlineKind, ItemKind, ItemStatus, Strength
from domain.permissions import Role
from services.clock_keeping import ResumeItem
from services.items import NewDeadline, StopItem
from services.list_changes import StartListChange
from services.queries.completion import class_row, facts_of_items
from services.queries.completion_counts import completion_page
from services.queries.reading import reading
from services.side_processes import SideProcess, StartSideProcess
from services.visibility import visible_items

FIRM = NewDeadline(phrase="2026年3月底前", kind=DeadlineKind.BY_DATE, on_date=date(2026, 3, 31))
STRIVE = NewDeadline(
    phrase="力争2026年底前", kind=DeadlineKind.BY_DATE, on_date=date(2026, 12, 31), strength=Strength.STRIVE
)


def look(world, actor=None, **when):
    """The view of every item as the database counts it; item by item, by the rules, it must be the same."""
    with reading(world.executor, actor or world.clerk) as asked:
        page = completion_page(asked, most=100, **when)
        assert_as_by_the_rules(asked, page, **when)
        for each in page.report.classes:
            one = completion_page(asked, most=1, deadline=DeadlineClass(each.deadline_class), **when)
            assert (one.listed, one.report.classes) == (each.total, page.report.classes)
            assert sum(item.outside is None for item in one.report.items) == 1
    return page.report


def assert_as_by_the_rules(asked, page, list_ids=(), as_of=None, known_at=None):
    """`domain.completion.view` over every item that the actor sees says what was counted."""
    day = as_of or local_date(asked.now)
    cut = min(end_of(day), known_at or asked.now)
    statement = select(Item.id).where(
        visible_items(asked.actor), Item.kind == ItemKind.TASK, col(Item.issued_at) <= cut
    )
    if list_ids:
        statement = statement.where(col(Item.list_id).in_(list_ids))
    rows = facts_of_items(asked, list(asked.session.exec(statement)), cut)
    tasks = [
        TaskOnDay(
            id=row.id,
            kind=DeadlineKind(row.kind) if row.kind else None,
            strength=Strength(row.strength) if row.strength else None,
            due_at=row.due_at,
            ended_at=row.ended_at,
            ended_as=ItemStatus(row.ended_as) if row.ended_as else None,
            suspended=row.suspended,
            received=row.received,
            continues_id=row.continues_id,
        )
        for row in rows
    ]
    seen, report = view(tasks, day), page.report
    assert [row.id for row in report.items] == [row.id for row in rows if row.id in {*seen.standing, *seen.outside}]
    assert {row.id: row.standing for row in report.items if row.standing} == seen.standing
    assert {row.id: row.outside for row in report.items if row.outside} == seen.outside
    assert report.classes == tuple(class_row(each) for each in seen.classes)
    assert (report.total, report.completed, report.outside) == (seen.total, seen.completed, len(seen.outside))
    assert (page.listed, sum(page.outside.values())) == (seen.total, len(seen.outside))


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


def test_half_time_and_final_numbers_are_those_counted_by_hand(world, items):
    """Five items: one done in time, one under way and one not begun; two of the same deadline are stopped after issue.

    By hand at half-time: firm 1 of 2, striven for 0 of 1, together 1 of 3, and two beside the denominator. The
    suspended one counts again from the day on which it goes on; the terminated one never does.
    """
    suspended, terminated = world.item(deadlines=(FIRM,)), world.item(deadlines=(FIRM,))
    for item in (suspended, terminated):
        world.complete(item, "issue")
        world.everybody(item, "sign_for", "accept")
    world.clock.advance(days=2)
    assert (look(world).total, look(world).outside) == (5, 0)
    liaison = world.actor(world.leads[0], Role.LIAISON)
    ask = StartSideProcess(item_id=suspended, seen_version=version_of(world, suspended), process=SideProcess.SUSPENSION)
    world.do(ask, liaison)
    form = {"document_number": "部函〔2026〕12号", "reason": "部里统一修订标准"}
    world.complete(suspended, "apply_suspension", "submit", form=form)
    world.everybody(suspended, "sign_suspension", "sign")
    world.complete(suspended, "decide_suspension", "approve")
    stop = StopItem(
        item_id=terminated,
        seen_version=version_of(world, terminated),
        message="terminate",
        reason="依据废止",
        document_number="部发9号",
    )
    world.do(stop, world.head)
    world.clock.advance(days=30)

    half = look(world)
    firm, strive = (next(row for row in half.classes if row.deadline_class == name) for name in ("firm", "strive"))
    assert (firm.total, firm.completed, firm.on_time, firm.overdue, firm.rate) == (2, 1, 1, 1, 0.5)
    assert (strive.total, strive.completed, strive.not_started, strive.rate) == (1, 0, 1, 0)
    assert (half.total, half.completed, half.outside) == (3, 1, 2)
    assert {row.id: row.outside_label for row in half.items if row.outside} == {suspended: "暂停", terminated: "终止"}

    half_time = world.clock.now()
    world.clock.advance(days=1)
    resume = ResumeItem(item_id=suspended, seen_version=version_of(world, suspended), reason="条件具备")
    world.do(resume, world.clerk)
    world.clock.advance(days=280)
    final = look(world)
    assert (final.total, final.completed, final.outside) == (4, 1, 1)
    assert [row.id for row in final.items if row.outside] == [terminated]
    assert sum(row.overdue for row in final.classes) == 3
    again = look(world, as_of=half.as_of, known_at=half_time)
    assert (again.total, again.completed, again.outside) == (3, 1, 2)


def version_of(world, item_id):
    with world.sessions() as session:
        return session.get_one(Item, item_id).version


def test_an_item_that_goes_on_as_another_one_is_counted_once(world, items):
    with world.sessions() as session:
        session.get_one(Item, items[1]).continues_id = items[0]
        session.commit()
    seen = look(world)
    assert seen.total == 2
    assert {row.id for row in seen.items} == {items[1], items[2]}


def test_a_change_of_the_list_moves_an_item_to_another_class_from_its_day_on(world, items):
    with world.sessions() as session:
        list_id = session.get_one(Item, items[2]).list_id
        number = session.get_one(Item, items[2]).number
    before = local_date(world.clock.now())
    world.clock.advance(days=2)
    change = world.do(StartListChange(list_id=list_id), world.clerk).item_id
    entry = {"act": "deadline", "numbers": number, "deadline": "ongoing"}
    world.complete(change, "draft_list_change", "propose", form={"reason": "转为常态工作。", "changes": [entry]})
    world.complete(change, "approve_list_change", "approve")
    assert {row.deadline_class: row.total for row in look(world).classes} == {"firm": 2, "ongoing": 1}
    assert {row.deadline_class: row.total for row in look(world, as_of=before).classes} == {"firm": 2, "strive": 1}
