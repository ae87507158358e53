"""What the work list shows beside its entries, what can be done at once, what one set going, and kept filters."""

import pytest

from domain.errors import NotFound
from domain.page_errors import TooManyFilters
from domain.permissions import Role
from services.queries.batch_offers import Hindrance, batch_offers
from services.queries.reading import reading
from services.queries.started import started_by
from services.queries.work_context import contexts_of
from services.saved_filters import MOST, FilteredPage, RemoveFilter, SaveFilter, saved_filters
from tests.world import PLAN


def offers_of(world, actor, works):
    with reading(world.executor, actor) as asked:
        return batch_offers(asked, [work.id for work in works])


def test_what_needs_no_words_can_be_done_at_once_and_the_rest_says_why_not(world):
    first, second = world.item(text="甲"), world.item(text="乙")
    [issue] = world.open_work(first, "issue")
    clerk, liaison = world.clerk, world.actor(world.leads[0], Role.LIAISON)
    [offer] = offers_of(world, clerk, [issue])
    assert (offer.hindrance, offer.decision, offer.number, offer.text) == (None, "issue", offer.number, "甲")
    [gone] = offers_of(world, liaison, [issue])
    assert (gone.hindrance, gone.text) == (Hindrance.GONE, "")
    world.complete(first, "issue")
    assert [each.hindrance for each in offers_of(world, clerk, [issue])] == [Hindrance.GONE]
    world.complete(first, "sign_for", "accept")
    world.to_progress(second)
    works = [*world.open_work(second, "claim_completion"), *world.open_work(first, "draft_plan")]
    assert [each.hindrance for each in offers_of(world, liaison, works)] == [Hindrance.EVIDENCE, Hindrance.FORM]


def test_an_entry_says_who_sent_it_back_and_why(world):
    item = world.item()
    world.complete(item, "issue")
    world.complete(item, "sign_for", "accept")
    world.complete(item, "draft_plan", form=PLAN)
    world.clock.advance(hours=1)
    leader = world.actor(world.leads[0], Role.UNIT_LEADER)
    world.complete(item, "sign_plan", "return", reason_code="content_vague", opinion="请写明由谁办。")
    [work] = world.open_work(item, "draft_plan")
    with reading(world.executor, world.actor(world.leads[0], Role.LIAISON)) as asked:
        before = contexts_of(asked, [work.id])[work.id].before
    assert before is not None and before.returned
    assert (before.person, before.reason, before.opinion) == (leader.name, "内容空泛", "请写明由谁办。")


def test_what_one_set_going_says_who_holds_it_now(world):
    item = world.item(co_units=1)
    world.complete(item, "issue")
    with reading(world.executor, world.clerk) as asked:
        [row] = started_by(asked).rows
    assert row.item_id == item and row.ended_at is None
    assert [(held.unit, held.step) for held in row.holders] == [("市牵头甲局", "签收")]
    liaison = world.actor(world.leads[0], Role.LIAISON)
    world.clock.advance(hours=1)
    world.complete(item, "sign_for", "accept")
    with reading(world.executor, liaison) as asked:
        assert started_by(asked).rows == (), "to sign for is not to begin"


def test_a_filter_is_its_owners_and_has_its_name_once(world):
    clerk, head = world.clerk, world.head

    def names(actor):
        with world.sessions() as session:
            return [(row.name, row.query) for row in saved_filters(session, actor, FilteredPage.TO_DO)]

    kept = world.do(SaveFilter(page=FilteredPage.TO_DO, name=" 逾期 ", query="urgency=overdue"), clerk)
    world.do(SaveFilter(page=FilteredPage.TO_DO, name="逾期", query="urgency=today"), clerk)
    assert names(clerk) == [("逾期", "urgency=today")]
    assert names(head) == []
    with pytest.raises(NotFound):
        world.do(RemoveFilter(filter_id=kept), head)
    for number in range(MOST - 1):
        world.do(SaveFilter(page=FilteredPage.TO_DO, name=f"{number}", query=""), clerk)
    with pytest.raises(TooManyFilters):
        world.do(SaveFilter(page=FilteredPage.TO_DO, name="又一个", query=""), clerk)
    world.do(RemoveFilter(filter_id=kept), clerk)
    assert "逾期" not in dict(names(clerk))
