from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.tables import WorkItem
from domain.errors import InvalidCursor
from domain.permissions import Actor, Membership, Role
from domain.urgency import Urgency
from services.queries.page import Key
from services.queries.reading import reading
from services.queries.work_counts import count_work
from services.queries.worklist import WorkFilter, WorkRow, WorkSort, done_work, open_work
from services.visibility import WorkScope
from tests.crowd import SECTIONS, build_crowd


@pytest.fixture
def crowd(world):
    with world.sessions() as session:
        return build_crowd(session, world.clock.now(), items=90)


def every_page(world, actor, filters, *, limit=200, sort=WorkSort.DUE, descending=False):
    rows: list[WorkRow] = []
    after: Key | None = None
    while True:
        with reading(world.executor, actor) as asked:
            page = open_work(asked, filters, sort=sort, descending=descending, limit=limit, after=after)
        rows += page.rows
        if page.next is None:
            return rows
        after = page.next


@pytest.mark.parametrize("scope", WorkScope)
def test_everybody_is_shown_the_open_work_that_the_rule_gives_them(world, crowd, scope):
    shown_to_somebody = set()
    for actor in crowd.actors():
        expected = crowd.open_for(actor, scope)
        found = every_page(world, actor, WorkFilter(scope=scope))
        assert {row.id for row in found} == expected, actor
        with reading(world.executor, actor) as asked:
            assert count_work(asked, WorkFilter(scope=scope)).total == len(found)
        shown_to_somebody |= expected
    assert len(shown_to_somebody) > 20


def test_an_administrator_is_shown_no_work(world, crowd):
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
        actor = Actor(id=uuid4(), name="a", memberships=frozenset({Membership(crowd.offices[0], role)}))
        for scope in WorkScope:
            assert every_page(world, actor, WorkFilter(scope=scope)) == []


@pytest.mark.parametrize("sort", WorkSort)
@pytest.mark.parametrize("descending", [False, True])
def test_pages_concatenated_are_the_whole_in_order(world, crowd, sort, descending):
    office = Actor(id=uuid4(), name="o", memberships=frozenset({Membership(crowd.offices[0], Role.OFFICE_STAFF)}))
    filters = WorkFilter(scope=WorkScope.ALL)
    whole = every_page(world, office, filters, sort=sort, descending=descending)
    assert [r.id for r in every_page(world, office, filters, limit=3, sort=sort, descending=descending)] == [
        r.id for r in whole
    ]
    keys: dict[WorkSort, Callable[[WorkRow], tuple[Any, ...]]] = {
        WorkSort.DUE: lambda r: (crowd.work[r.id].due_at, r.id),
        WorkSort.OPENED: lambda r: (r.opened_at, r.id),
        # The list imported later comes later; in this crowd that is the one with the smaller index.
        WorkSort.NUMBER: lambda r: (-crowd.lists.index(r.list_id), int(r.number), r.id),
    }
    assert len(whole) > 10
    assert whole == sorted(whole, key=keys[sort], reverse=descending)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), limit=st.integers(1, 7))
def test_paging_neither_repeats_nor_skips_while_work_is_being_closed(world, crowd, seed, limit):
    chance = Random(seed)
    office = Actor(id=uuid4(), name="o", memberships=frozenset({Membership(crowd.offices[0], Role.OFFICE_STAFF)}))
    filters = WorkFilter(scope=WorkScope.ALL)
    before = {row.id for row in every_page(world, office, filters)}
    seen, closed, after = [], set(), None
    while True:
        with reading(world.executor, office) as asked:
            page = open_work(asked, filters, limit=limit, after=after)
        seen += [row.id for row in page.rows]
        if page.next is None:
            break
        after = page.next
        # Somebody completes the very row the cursor stands on, and any other.
        for id_ in {seen[-1], chance.choice(sorted(before))}:
            with world.sessions() as session:
                work = session.get_one(WorkItem, id_)
                work.closed_at = world.clock.now()
                session.add(work)
                session.commit()
            closed.add(id_)
    assert len(seen) == len(set(seen))
    assert before - closed <= set(seen) <= before
    with world.sessions() as session:
        for id_ in closed:
            work = session.get_one(WorkItem, id_)
            work.closed_at = None
            session.add(work)
        session.commit()


def test_every_filter_narrows_to_what_it_names(world, crowd):
    office = Actor(id=uuid4(), name="o", memberships=frozenset({Membership(crowd.offices[0], Role.OFFICE_STAFF)}))
    everything = every_page(world, office, WorkFilter(scope=WorkScope.ALL))
    tests = [
        ({"kinds": ("sign_for", "issue")}, lambda r: r.bpmn_id in {"sign_for", "issue"}),
        ({"list_id": crowd.lists[0]}, lambda r: r.list_id == crowd.lists[0]),
        ({"section": SECTIONS[0]}, lambda r: r.section == SECTIONS[0]),
        ({"unit_id": crowd.units[0]}, lambda r: r.unit_id == crowd.units[0]),
        ({"text": " ft账户 "}, lambda r: "FT账户" in r.text),
        ({"text": "100%_"}, lambda r: "100%_" in r.text),
        ({"text": "100_%"}, lambda r: False),
        ({"text": "第1"}, lambda r: "第1" in r.text),
        *(({"urgency": u}, lambda r, u=u: r.urgency is u) for u in Urgency),
    ]
    for fields, expected in tests:
        filters = WorkFilter(scope=WorkScope.ALL, **fields)
        found = every_page(world, office, filters)
        assert {r.id for r in found} == {r.id for r in everything if expected(r)}, fields
        with reading(world.executor, office) as asked:
            assert count_work(asked, filters).total == len(found)


def test_counts_of_a_group_ignore_its_own_filter_and_obey_the_others(world, crowd):
    office = Actor(id=uuid4(), name="o", memberships=frozenset({Membership(crowd.offices[0], Role.OFFICE_STAFF)}))
    everything = every_page(world, office, WorkFilter(scope=WorkScope.ALL))
    filters = WorkFilter(scope=WorkScope.ALL, kinds=("sign_for",), urgency=Urgency.OVERDUE)
    with reading(world.executor, office) as asked:
        counts = count_work(asked, filters)
    overdue = [r for r in everything if r.urgency is Urgency.OVERDUE]
    assert {c.value: c.count for c in counts.by_kind} == {
        kind: sum(r.bpmn_id == kind for r in overdue) for kind in {r.bpmn_id for r in overdue}
    }
    sign_for = [r for r in everything if r.bpmn_id == "sign_for"]
    assert {c.value: c.count for c in counts.by_urgency} == {u: sum(r.urgency is u for r in sign_for) for u in Urgency}
    assert counts.total == sum(r.urgency is Urgency.OVERDUE for r in sign_for)
    assert next(c.label for c in counts.by_kind if c.value == "sign_for") == "签收"


def test_a_row_says_the_step_in_the_models_words_and_the_days_left(world):
    item_id = world.item()
    world.complete(item_id, "issue")
    world.clock.advance(days=3)
    liaison = world.actor(world.leads[0], Role.LIAISON)
    [row] = every_page(world, liaison, WorkFilter())
    assert (row.step, row.unit, row.item_id, row.version) == ("签收", "市牵头甲局", item_id, 1)
    assert (row.urgency, row.urgency_label, row.days_left) == (Urgency.OVERDUE, "已逾期", -1)
    assert row.due_at is not None and row.due_at <= world.clock.now()


def test_done_work_is_the_persons_own_newest_first_and_only_while_visible(world):
    items = [world.item() for _ in range(3)]
    for item_id in items:
        world.clock.advance(minutes=5)
        world.complete(item_id, "issue")
        world.complete(item_id, "sign_for", "accept")
    liaison = world.actor(world.leads[0], Role.LIAISON)
    with reading(world.executor, liaison) as asked:
        first = done_work(asked, limit=2)
        rest = done_work(asked, limit=2, after=first.next)
    assert [r.item_id for r in (*first.rows, *rest.rows)] == items[::-1]
    assert rest.next is None
    assert {(r.bpmn_id, r.decision, r.decision_label, r.closed_as) for r in first.rows} == {
        ("sign_for", "accept", "签收", "done")
    }
    moved = replace(liaison, memberships=frozenset())
    with reading(world.executor, moved) as asked:
        assert done_work(asked).rows == ()


@pytest.mark.parametrize("key", [(), ("x", "y"), (1, 2, 3), ("2026-03-01T00:00:00Z", "no uuid")])
def test_a_cursor_of_another_order_is_refused(world, key):
    with reading(world.executor, world.clerk) as asked, pytest.raises(InvalidCursor):
        open_work(asked, WorkFilter(), after=key)
