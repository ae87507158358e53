"""The page of an item: whose, by when, why that colour, where it stands, and what one may do."""

import re
from uuid import UUID

from playwright.sync_api import Page, expect
from sqlmodel import col, select

from db.tables import (
    Evidence,
    Item,
    Person,
    ProcessInstance,
    Responsibility,
    Submission,
    Unit,
    UnitMember,
    WorkItem,
)
from tests.e2e.browser import assert_accessible, screenshot


def item_with(site, *conditions) -> UUID:
    """The first item of the city for which the conditions hold."""
    with site.sessions() as session:
        found = session.exec(select(Item.id).where(*conditions).order_by(col(Item.number)).limit(1)).first()
    assert found is not None
    return found


def busy_item(site) -> UUID:
    """An item with a report that came back and that somebody still has to act on."""
    returned = select(WorkItem.item_id).join(Submission, col(Submission.work_item_id) == col(WorkItem.id))
    returned = returned.join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
    returned = returned.where(WorkItem.decision == "return", ProcessInstance.key == "progress_round")
    waiting = select(WorkItem.item_id).where(col(WorkItem.closed_at).is_(None))
    return item_with(site, col(Item.id).in_(returned), col(Item.id).in_(waiting), col(Item.light).is_not(None))


def late_item(site) -> UUID:
    """An item on which a unit, not the office, is late."""
    late = select(WorkItem.item_id).where(
        col(WorkItem.closed_at).is_(None), WorkItem.due_at < site.clock.now(), WorkItem.role != "office_staff"
    )
    return item_with(site, col(Item.id).in_(late))


def drawn(page: Page) -> None:
    """Wait for the diagram."""
    page.locator("[data-diagram]").scroll_into_view_if_needed()
    expect(page.locator("[data-diagram]")).to_have_attribute("data-drawn", "yes")


def test_the_office_sees_why_where_and_what_next(visit, site):
    page = visit("zhoumin", f"/items/{busy_item(site)}")
    expect(page.locator(".why")).to_contain_text(re.compile("为什么|还没有评灯"))
    expect(page.locator(".tl li[data-k=now]").first).to_contain_text("等")
    expect(page.locator(".tl li[data-k=back]").first).to_be_visible()
    drawn(page)
    expect(page.locator(".djs-element.is-open, .djs-element.is-late").first).to_be_visible()
    expect(page.locator(".djs-overlay .b.now").first).to_be_visible()
    assert page.evaluate(
        "() => { const mark = document.querySelector('.bjs-powered-by').getBoundingClientRect();"
        " return document.elementFromPoint(mark.x + mark.width / 2, mark.y + mark.height / 2)"
        ".closest('.bjs-powered-by') !== null }"
    ), "bpmn.io's mark is covered"
    assert_accessible(page)
    page.evaluate("() => scrollTo(0, 0)")
    screenshot(page, "item", phone=True)


def test_the_office_urges_whoever_has_to_act(visit, site):
    page = visit("zhoumin", f"/items/{late_item(site)}")
    expect(page.get_by_role("heading", name="提醒和升级")).to_be_visible()
    page.get_by_text("提醒正在办的单位").click()
    page.get_by_label("催办的话").fill("请于本周五下班前办理。")
    page.get_by_role("button", name="发出催办").click()
    expect(page.get_by_role("status").first).to_contain_text("已催办")
    expect(page.locator(".tl")).to_contain_text("请于本周五下班前办理。")
    page.get_by_text("提醒正在办的单位").click()
    page.get_by_label("催办的话").fill("再催一次。")
    page.get_by_role("button", name="发出催办").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("催办的话")).to_have_value("再催一次。")
    assert_accessible(page)
    page.get_by_label("仍要再催").check()
    page.get_by_role("button", name="发出催办").click()
    expect(page.get_by_role("status").first).to_contain_text("已催办")


def test_evidence_is_shown_by_its_hash_and_opens_in_the_window(visit, site):
    with_picture = select(Evidence.item_id).where(col(Evidence.name).like("%.png"))
    page = visit("zhoumin", f"/items/{item_with(site, col(Item.id).in_(with_picture))}")
    row = page.get_by_role("row").filter(has_text=".png").first
    expect(row.locator("code")).to_have_text(re.compile("^[0-9a-f]{4} [0-9a-f]{4}$"))
    address = row.get_by_role("link", name="预览").get_attribute("href")
    answer = page.context.request.get(address)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"].startswith("inline")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    other = site.visitor("songjiahe").context.request.get(address)
    assert other.status in {200, 404}
    assert site.visitor().context.request.get(address, max_redirects=0).status in {303, 401}
    assert_accessible(page)
    screenshot(page, "item-closed", phone=True)


def test_a_unit_is_offered_its_own_step_and_nothing_of_the_office(visit, site):
    waiting = select(WorkItem.item_id).join(UnitMember, col(UnitMember.unit_id) == col(WorkItem.unit_id))
    waiting = waiting.join(Person, col(Person.id) == col(UnitMember.person_id))
    waiting = waiting.where(Person.login == "lichenxi", WorkItem.role == "liaison", col(WorkItem.closed_at).is_(None))
    page = visit("lichenxi", f"/items/{item_with(site, col(Item.id).in_(waiting))}")
    expect(page.get_by_role("heading", name="现在请您")).to_be_visible()
    expect(page.get_by_role("heading", name="提醒和升级")).to_have_count(0)
    expect(page.get_by_role("button", name="发出催办")).to_have_count(0)
    assert_accessible(page)
    screenshot(page, "item-unit", phone=True)


def test_an_item_that_one_may_not_see_is_not_there(visit, site):
    hidden = select(Responsibility.item_id).join(Unit, col(Unit.id) == col(Responsibility.unit_id))
    hidden = hidden.where(Unit.short_name == "市市场监管局")
    item_id = item_with(site, col(Item.id).not_in(hidden), col(Item.issued_at).is_not(None))
    page = visit("songjiahe", f"/items/{item_id}")
    expect(page.get_by_role("heading", level=1)).to_have_text("没有这一页，或者您无权查看")


def test_the_office_corrects_assigns_and_fans_out_from_the_items_page(visit, site):
    item_id = item_with(site, Item.status == "registered", col(Item.parent_id).is_(None))
    page = visit("zhoumin", f"/items/{item_id}")
    page.get_by_text("核对更正").first.click()
    page.get_by_label("内容", exact=True).fill("把口岸通关时间再压缩一成。")
    assert_accessible(page)
    screenshot(page, "item-shaping", phone=True)
    page.get_by_role("button", name="保存更正").click()
    expect(page.locator("#notice")).to_contain_text("已更正")
    expect(page.get_by_role("heading", level=1)).to_contain_text("再压缩一成")
    page.get_by_text("确定责任单位").first.click()
    page.get_by_label("牵头单位").fill("市商务局")
    page.get_by_label("配合单位").fill("没有的局")
    page.get_by_role("button", name="确定责任单位").click()
    expect(page.get_by_role("alert")).to_contain_text("单位名录中没有“没有的局”")
    expect(page.get_by_label("配合单位")).to_have_value("没有的局")
    page.get_by_label("配合单位").fill("市市场监管局、市公安局")
    page.get_by_role("button", name="确定责任单位").click()
    expect(page.locator("#notice")).to_contain_text("责任单位已确定")
    page.locator("summary").filter(has_text="分解到成员").click()
    page.get_by_label("成员单位").fill("市商务局，市公安局")
    page.get_by_role("button", name="分解到成员").click()
    expect(page.locator("#notice")).to_contain_text("已分解到成员")
    with site.sessions() as session:
        assert len(session.exec(select(Item.id).where(Item.parent_id == item_id)).all()) == 2


def test_the_office_asks_for_one_report_beside_the_rhythm(visit, site):
    item_id = item_with(site, Item.status == "in_progress", col(Item.paused_at).is_(None), Item.kind == "task")
    page = visit("zhoumin", f"/items/{item_id}")
    page.get_by_text("手工开报送期").first.click()
    page.get_by_label("期名").fill("专项核查")
    page.get_by_label("牵头单位报到哪天").fill("2026-11-30")
    assert_accessible(page)
    page.get_by_role("button", name="开报送期").click()
    expect(page.locator("#notice")).to_contain_text("报送期已开")
    expect(page.locator("main")).to_contain_text("专项核查")
