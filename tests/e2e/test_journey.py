"""One item from its issue to the archive by five people; and what a report costs a liaison, counted in the browser."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, func, select

from app.demo.files import pdf
from db.tables import Evidence, Item, Unit, WorkItem
from domain.items import ItemStatus, Origin
from services.items import CreateItem, NewItem
from services.sign_in import actor_by_login
from tests.e2e.browser import assert_accessible, screenshot
from tests.e2e.hands import Hands
from tests.e2e.test_step import everybody_signs_in, next_of, person_for, waiting

__all__ = ["everybody_signs_in"]

CLERK, LIAISON, LEADER, CO_LIAISON, HEAD = "zhoumin", "lichenxi", "wangjianye", "songjiahe", "chengyuanhang"
MOST = 8
"""Clicks and keys beyond the typing that a report with one file may take (issue 4)."""


@pytest.fixture
def announcement(tmp_path: Path) -> Path:
    """A file as a liaison has it on their disk."""
    path = tmp_path / "上线公告.pdf"
    path.write_bytes(pdf("online", ["online since today"]))
    return path


def registered(site) -> UUID:
    """A new item that waits to be issued, led by the liaison's unit with the co-liaison's beside it."""
    with site.sessions() as session:
        clerk = actor_by_login(session, CLERK, now=site.clock.now())
        units = dict(session.exec(select(Unit.short_name, Unit.id)).all())
    command = CreateItem(
        office_unit_id=units["市开放办"],
        origin=Origin.MANUAL,
        item=NewItem(
            text="外资企业设立登记和备案实行一次申报。",
            leads=(units["市商务局"],),
            co_units=(units["市市场监管局"],),
        ),
    )
    return site.container.executor.execute(command, actor=clerk).id


def opens(visit: Callable[..., Page], site, login: str, item_id: UUID, step: str, *, phone: bool = False) -> Page:
    """The person finds the item's step in their own work list and opens it from there."""
    with site.sessions() as session:
        statement = select(WorkItem.id).where(
            WorkItem.item_id == item_id, WorkItem.bpmn_id == step, col(WorkItem.closed_at).is_(None)
        )
        work_item_id = session.exec(statement).one()
    page = visit(login, "/todo?text=外资企业设立登记", phone=phone)
    page.locator(f"a.t[href='/work/{work_item_id}']").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def decides(page: Page, button: str, *, sure: bool = False) -> None:
    """Press the button, and once more where the page asks whether one is sure; the work list says that it is done."""
    page.locator("#step-form").get_by_role("button", name=button, exact=True).locator("visible=true").first.click()
    if sure:
        page.get_by_role("dialog").get_by_role("button", name=button, exact=True).click()
    page.wait_for_url("**/todo")
    expect(page.locator("#notice")).to_contain_text(button)


def test_an_item_goes_from_its_issue_to_the_archive_through_the_hands_of_five(visit, site, announcement):
    item_id = registered(site)
    page = opens(visit, site, CLERK, item_id, "issue")
    page.get_by_label("督查通知文号").fill("滨示督〔2026〕31号")
    decides(page, "交办")
    decides(opens(visit, site, LIAISON, item_id, "sign_for"), "签收")
    page = opens(visit, site, LIAISON, item_id, "draft_plan")
    page.get_by_label("总体目标").fill("一次申报，三日办结。")
    milestone = page.locator(".rows-list li").first
    milestone.locator("input[type=text], textarea").first.fill("页面上线")
    milestone.locator("input[type=date]").first.fill("2027-03-31")
    for field in milestone.locator("[aria-required=true]").all():
        if not field.input_value():
            field.fill("上线公告")
    decides(page, "报送方案")
    decides(opens(visit, site, LEADER, item_id, "sign_plan", phone=True), "签发", sure=True)
    decides(opens(visit, site, CO_LIAISON, item_id, "confirm_plan"), "确认")
    decides(opens(visit, site, CLERK, item_id, "check_plan"), "通过")
    page = opens(visit, site, LIAISON, item_id, "claim_completion")
    page.locator("#step-form textarea").first.fill("一次申报页面已上线，首日受理九件。")
    page.locator("#files").set_input_files(announcement)
    expect(page.locator(".up li[data-s=ok]")).to_have_count(1)
    decides(page, "申报完成")
    decides(opens(visit, site, CO_LIAISON, item_id, "countersign"), "同意")
    decides(opens(visit, site, LEADER, item_id, "sign_completion"), "签发", sure=True)
    page = opens(visit, site, CLERK, item_id, "review_completion")
    assert_accessible(page)
    page.get_by_label("意见").first.fill("已核对页面，同意办结。")
    decides(page, "通过")
    decides(opens(visit, site, HEAD, item_id, "close"), "销号", sure=True)
    page = opens(visit, site, CLERK, item_id, "file_item")
    page.get_by_label("档号").fill("2026-DC-031")
    decides(page, "归档")
    page.goto(f"/items/{item_id}?story=all")
    story = page.locator("ol.tl")
    for person in ("周敏", "李晨曦", "王建业", "宋佳禾", "程远航"):
        expect(story).to_contain_text(person)
    expect(story).to_contain_text("已核对页面，同意办结。")
    assert_accessible(page)
    screenshot(page, "journey", phone=True)
    with site.sessions() as session:
        item = session.get_one(Item, item_id)
        assert (item.status, item.ended_at is not None) == (ItemStatus.CLOSED, True)

    # The evidence is a PDF that opens in the window, sent as what it is, with a policy that runs nothing of it.
    preview = page.get_by_role("row").filter(has_text="上线公告.pdf").get_by_role("link", name="预览")
    answer = page.context.request.get(str(preview.get_attribute("href")))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.body() == announcement.read_bytes()
    assert "object-src 'self'" in answer.headers["content-security-policy"]


def reports(visitor, work_item_id: UUID, announcement: Path, *, percent: str | None, button: str) -> Hands:
    """The whole of a report with one file, from the work list until the page says that it went: what was done."""
    hands = Hands(visitor.context, visitor.page)
    page = visitor.page
    page.goto("/todo")
    hands.acts.clear()
    hands.click(page.locator(f"a.t[href='/work/{work_item_id}']"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if percent is not None:
        hands.click(page.get_by_label("完成比例"))
        hands.write(percent)
        hands.key("Tab")
    else:
        hands.click(page.get_by_label("本期做成了什么"))
    expect(page.get_by_label("本期做成了什么")).to_be_focused()
    hands.write("已向三家企业说明新的口径，收到反馈两条，均已答复。")
    hands.choose_file(page.locator("label[for=files]"), announcement)
    hands.click(page.get_by_role("button", name=button, exact=True).first)
    page.wait_for_url("**/todo")
    expect(page.locator("#notice")).to_be_visible()
    return hands


def test_a_report_with_one_file_takes_a_liaison_at_most_eight_clicks_and_keys(site, announcement):
    part = waiting(site, "renyuanfan", "contribute")
    hands = reports(site.visitor("renyuanfan"), part, announcement, percent=None, button="报送")
    assert hands.acts.count("click") >= 4, f"the counting does not see what is done: {hands.acts}"
    assert len(hands.acts) <= MOST, hands.acts
    report = next_of(site, part, "consolidate")
    lead = person_for(site, report)
    hands = reports(site.visitor(lead), report, announcement, percent="58", button="送签")
    assert "Tab" in hands.acts, f"the counting does not see keys: {hands.acts}"
    assert len(hands.acts) <= MOST, hands.acts
    with site.sessions() as session:
        handed_in = select(Evidence.name).where(col(Evidence.work_item_id).in_([part, report]))
        assert session.exec(handed_in).all() == ["上线公告.pdf", "上线公告.pdf"]


def test_a_report_is_returned_to_one_of_its_units_only(visit, site):
    """The office sends a report back to the lead and one co-unit of several; the others are not asked again."""
    with site.sessions() as session:
        several = (
            select(WorkItem.instance_id)
            .where(WorkItem.bpmn_id == "contribute", WorkItem.closed_as == "done")
            .group_by(col(WorkItem.instance_id))
            .having(func.count(func.distinct(col(WorkItem.unit_id))) > 1)
        )
        review = session.exec(
            select(WorkItem.id).where(
                WorkItem.bpmn_id == "review_report",
                col(WorkItem.closed_at).is_(None),
                col(WorkItem.instance_id).in_(several),
            )
        ).first()
        assert review is not None, "the city has no report of several units that waits for its review"
    page = visit(CLERK, f"/work/{review}")
    page.get_by_text("退回…").click()
    page.get_by_label("内容空泛").check()
    page.get_by_label("退到哪一步").select_option("contribute")
    only = page.locator("fieldset[data-parties-of=contribute]")
    chosen = only.locator("input").first
    unit_id = chosen.get_attribute("value")
    chosen.check()
    page.get_by_label("意见").first.fill("请补充本单位的数字。")
    assert_accessible(page)
    screenshot(page, "step-return-units", phone=True)
    page.locator("#returning").get_by_role("button", name="退回").click()
    page.wait_for_url("**/todo")
    with site.sessions() as session:
        instance_id = session.get_one(WorkItem, review).instance_id
        asked = select(WorkItem.unit_id).where(
            WorkItem.instance_id == instance_id, WorkItem.bpmn_id == "contribute", col(WorkItem.closed_at).is_(None)
        )
        assert [str(each) for each in session.exec(asked)] == [unit_id]
