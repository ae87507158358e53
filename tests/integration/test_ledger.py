from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from db.tables import Item
from domain.calendar import end_of
from domain.items import FINAL, DeadlineKind, ItemStatus, ResponsibilityRole, Strength
from domain.permissions import Actor, Membership, Role
from domain.urgency import Urgency
from services.items import ExpandGroup, NewDeadline
from services.queries.ledger import LedgerFilter, LedgerGroup, LedgerRow, LedgerSort, count_ledger, ledger, whole_ledger
from services.queries.page import Key
from services.queries.reading import reading
from services.rounds import OpenRound
from tests.crowd import SECTIONS, build_crowd
from tests.world import REPORT


@pytest.fixture
def crowd(world):
    with world.sessions() as session:
        return build_crowd(session, world.clock.now())


def rows_of(world, actor, **filters):
    with reading(world.executor, actor) as asked:
        return list(whole_ledger(asked, LedgerFilter(**filters)))


def office_of(crowd) -> Actor:
    return Actor(id=uuid4(), name="o", memberships=frozenset({Membership(crowd.offices[0], Role.OFFICE_STAFF)}))


def test_everybody_is_shown_the_items_that_the_rule_gives_them(world, crowd):
    for actor in crowd.actors():
        expected = crowd.visible(actor)
        assert {row.id for row in rows_of(world, actor)} == expected, actor
        with reading(world.executor, actor) as asked:
            assert sum(c.count for c in count_ledger(asked, LedgerFilter())) == len(expected)
            for group in set(LedgerGroup) - {LedgerGroup.LEAD}:
                assert sum(c.count for c in count_ledger(asked, LedgerFilter(), group)) == len(expected)


@pytest.mark.parametrize("sort", LedgerSort)
@pytest.mark.parametrize("descending", [False, True])
def test_pages_concatenated_are_the_whole_and_the_undated_come_last(world, crowd, sort, descending):
    actor = office_of(crowd)
    with world.sessions() as session:
        for n, id_ in enumerate(crowd.visible(actor)):
            item = session.get_one(Item, id_)
            day = world.clock.now() - timedelta(days=n)
            item.ended_at = day if n % 3 else None
            item.issued_at = day if item.issued_at else None
            session.add(item)
        session.commit()
    seen: list[LedgerRow] = []
    after: Key | None = None
    while True:
        with reading(world.executor, actor) as asked:
            page = ledger(asked, LedgerFilter(), sort=sort, descending=descending, limit=4, after=after)
        seen += page.rows
        if page.next is None:
            break
        after = page.next
    assert {r.id for r in seen} == crowd.visible(actor)
    assert len(seen) == len({r.id for r in seen})
    columns: dict[LedgerSort, list[Any]] = {
        LedgerSort.NUMBER: [(-crowd.lists.index(r.list_id), int(r.number)) for r in seen],
        LedgerSort.DUE: [r.due_on for r in seen],
        LedgerSort.ISSUED: [r.issued_at for r in seen],
        LedgerSort.ENDED: [r.ended_at for r in seen],
    }
    values = columns[sort]
    dated = [v for v in values if v is not None]
    assert dated == sorted(dated, reverse=descending)
    assert values == dated + [None] * (len(values) - len(dated))


def test_every_filter_narrows_to_what_it_names(world, crowd):
    actor = office_of(crowd)
    everything = rows_of(world, actor)
    unit = crowd.units[0]
    name = f"单位{crowd.units.index(unit) + 2}"
    cases = [
        ({"list_id": crowd.lists[0]}, lambda r: r.list_id == crowd.lists[0]),
        ({"section": SECTIONS[1]}, lambda r: r.section == SECTIONS[1]),
        ({"unit_id": unit}, lambda r: name in (*r.leads, *r.co_units)),
        ({"unit_id": unit, "unit_role": ResponsibilityRole.LEAD}, lambda r: name in r.leads),
        ({"unit_role": ResponsibilityRole.GROUP}, lambda r: False),
        ({"statuses": (ItemStatus.ISSUED, ItemStatus.CLOSED)}, lambda r: r.status in {"issued", "closed"}),
        ({"due_from": date(2026, 3, 9)}, lambda r: r.due_on and r.due_on >= date(2026, 3, 9)),
        ({"due_to": date(2026, 3, 9)}, lambda r: r.due_on and r.due_on <= date(2026, 3, 9)),
        ({"text": "ft账户"}, lambda r: "FT账户" in r.text),
        *(({"urgency": u}, lambda r, u=u: r.urgency is u) for u in Urgency),
    ]
    for fields, expected in cases:
        found = rows_of(world, actor, **fields)
        assert {r.id for r in found} == {r.id for r in everything if expected(r)}, fields
        with reading(world.executor, actor) as asked:
            assert sum(c.count for c in count_ledger(asked, LedgerFilter(**fields))) == len(found)


def test_counts_by_group_agree_with_the_rows(world, crowd):
    actor = office_of(crowd)
    rows = rows_of(world, actor)
    with reading(world.executor, actor) as asked:
        status = count_ledger(asked, LedgerFilter(), LedgerGroup.STATUS)
        urgency = count_ledger(asked, LedgerFilter(), LedgerGroup.URGENCY)
        lead = count_ledger(asked, LedgerFilter(), LedgerGroup.LEAD)
    assert {c.value: c.count for c in status} == {s: sum(r.status == s for r in rows) for s in {r.status for r in rows}}
    assert next(c.label for c in status if c.value == "closed") == "已销号"
    assert {c.value: c.count for c in urgency} == {
        u or "": sum(r.urgency == u for r in rows) for u in {r.urgency for r in rows}
    }
    assert {c.label: c.count for c in lead} == {
        n: sum(n in r.leads for r in rows) for n in {name for r in rows for name in r.leads}
    }


def test_an_item_that_ended_is_neither_overdue_nor_counted_down(world, crowd):
    rows = rows_of(world, office_of(crowd))
    ended = [r for r in rows if r.status in FINAL]
    assert ended
    assert all(r.urgency is None and r.days_left is None for r in ended)
    past = [r for r in rows if r.status not in FINAL and r.due_on and r.due_on < date(2026, 3, 10)]
    assert past
    assert all(r.urgency is Urgency.OVERDUE and r.days_left < 0 for r in past)


def test_a_row_says_who_holds_it_since_when_and_how_far_it_is(world):
    phrase = NewDeadline(
        phrase="2026年底前完成或取得突破性进展",
        kind=DeadlineKind.BY_DATE,
        on_date=date(2026, 12, 31),
        strength=Strength.BREAKTHROUGH_OK,
    )
    item_id = world.item(co_units=2, deadlines=(phrase,))
    world.to_progress(item_id)
    start = world.clock.now()
    world.do(OpenRound(item_id=item_id, period="2026-03", co_due_at=start, due_at=start), world.clerk)
    world.clock.advance(days=2)
    world.everybody(item_id, "contribute", form={"progress": "本单位已完成"})
    world.complete(item_id, "consolidate", form=REPORT)
    world.complete(item_id, "sign_report", "sign")
    world.complete(item_id, "review_report", "approve")
    [row] = rows_of(world, world.actor(world.co_units[1], Role.LIAISON))
    assert (row.leads, row.co_units) == (("市牵头甲局",), ("市配合子局", "市配合丑局"))
    assert (row.deadline_phrase, row.due_on) == ("2026年底前完成或取得突破性进展", date(2026, 12, 31))
    assert (row.strength, row.strength_label) == ("breakthrough_ok", "完成或取得突破性进展")
    assert (row.percent, row.percent_on) == (40, date(2026, 3, 12))
    assert (row.status, row.status_label) == ("in_progress", "推进中")
    [holder] = row.held_by
    assert (holder.unit, holder.bpmn_id, holder.step, holder.since) == (
        "市牵头甲局",
        "claim_completion",
        "申请办结",
        start,
    )


def test_a_group_item_counts_its_members_and_stands_before_them(world):
    item_id = world.item()
    other = world.item()
    members = world.do(
        ExpandGroup(item_id=item_id, seen_version=1, unit_ids=(world.co_units[0], world.co_units[1])), world.clerk
    )
    with world.sessions() as session:
        first = session.get_one(Item, members[0])
        first.status = ItemStatus.CLOSED
        session.add(first)
        session.commit()
    rows = rows_of(world, world.clerk)
    assert [r.id for r in rows] == [item_id, *members, other]
    assert (rows[0].members, rows[0].members_ended) == (2, 1)
    assert {r.id for r in rows_of(world, world.clerk, parent_id=item_id)} == set(members)
    assert [r.number for r in rows] == ["1", "1-1", "1-2", "2"]


def test_a_deadline_is_in_time_until_its_last_day_ends(world):
    on = date(2026, 3, 10)
    item_id = world.item(deadlines=(NewDeadline(phrase="3月10日前", kind=DeadlineKind.BY_DATE, on_date=on),))
    [row] = rows_of(world, world.clerk)
    assert (row.id, row.urgency, row.days_left) == (UUID(str(item_id)), Urgency.TODAY, 0)
    world.clock.at = end_of(on)
    [row] = rows_of(world, world.clerk)
    assert (row.urgency, row.days_left) == (Urgency.OVERDUE, -1)
