"""Bulletins: opened from data, written beside the printed page, addressed, read, sent to by units."""

from datetime import timedelta

from playwright.sync_api import expect
from sqlmodel import col, select

from db.tables import Bulletin, BulletinRecipient, Unit, WorkItem
from tests.e2e.browser import assert_accessible, screenshot

CLERK, UNIT, HEAD = "zhoumin", "lichenxi", "chengyuanhang"


def open_one(page, subject="港口协同"):
    page.goto("/bulletins")
    page.get_by_label("专报", exact=True).check()
    page.get_by_label("专报、通报的事由").fill(subject)
    page.get_by_role("button", name="取数拟稿").click()
    expect(page.locator("h1")).to_contain_text(subject)
    return page.url


def test_the_office_writes_a_bulletin_beside_its_printed_page(visit):
    page = visit(CLERK)
    address = open_one(page)
    expect(page.locator(".stage img").first).to_be_visible(timeout=60_000)
    first = page.locator(".stage img").first.get_attribute("src")
    page.get_by_label("标题", exact=True).fill("港口协同的进展")
    page.get_by_role("button", name="再加一节").click()
    count = page.locator("textarea[name^='section.']").count()
    page.locator(f"input[name='section.{count - 1}.heading']").fill("五、下一步")
    page.locator(f"textarea[name='section.{count - 1}.text']").fill("继续压缩时间。\n另有9731项待核。")
    page.get_by_role("button", name="保存新的一稿").click()
    expect(page.locator("#notice")).to_contain_text("新的一稿")
    expect(page.locator("h1")).to_have_text("港口协同的进展")
    expect(page.get_by_text("这些数字不在取定的数据里")).to_be_visible()
    expect(page.locator(".stage img").first).to_be_visible(timeout=60_000)
    assert page.locator(".stage img").first.get_attribute("src") != first
    page.get_by_label("发 可不填").fill("市商务局、不在册的协会")
    page.get_by_label("引用了谁的数").fill("没有这个局")
    page.get_by_role("button", name="记下发送范围").click()
    expect(page.get_by_role("alert")).to_contain_text("没有这个局")
    expect(page.get_by_label("发 可不填")).to_have_value("市商务局、不在册的协会")
    page.get_by_label("引用了谁的数").fill("")
    page.get_by_role("button", name="记下发送范围").click()
    expect(page.get_by_text("不在系统里，纸质发送")).to_be_visible()
    expect(page.locator(".stage img").first).to_be_visible(timeout=60_000)
    assert_accessible(page)
    screenshot(page, "bulletin", phone=True)
    page.goto(address + "?version=1")
    expect(page.get_by_text("这是第1稿，后来改过")).to_be_visible()
    page.get_by_role("link", name="看最新一稿").click()
    page.get_by_role("link", name="编辑文稿，办完送出").click()
    expect(page.locator("h1")).to_contain_text("编辑文稿")
    page.get_by_role("link", name="打开这份简报").click()
    expect(page).to_have_url(address)


def test_the_list_says_what_is_written_and_takes_what_units_send(visit):
    page = visit(UNIT, "/bulletins")
    page.get_by_label("一句话说清做成了什么").fill("退运时间缩短")
    page.get_by_label("内容").fill("由9天缩短到2天。")
    page.get_by_role("button", name="给简报投稿").click()
    expect(page.locator("#notice")).to_contain_text("稿件已送办公室")
    assert page.locator("tbody tr").count() > 5
    assert_accessible(page)
    page.locator("tbody a").first.click()
    expect(page.locator(".stage img").first).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name="保存新的一稿")).to_have_count(0)
    office = visit(CLERK, "/bulletins")
    expect(office.get_by_text("退运时间缩短")).to_be_visible()
    open_one(office, "跨境物流")
    office.goto("/bulletins?kind=special")
    expect(office.locator("tbody tr").filter(has_text="跨境物流")).to_have_count(1)
    assert_accessible(office)
    screenshot(office, "bulletins", phone=True)
    office.get_by_role("button", name="English").click()
    expect(office.locator("h1")).to_contain_text("Bulletin")
    assert_accessible(office)


def test_a_draft_is_nobodys_but_the_offices(visit, site):
    page = visit(CLERK)
    address = open_one(page, "内部事项")
    item_id = address.rpartition("/")[2]
    other = site.visitor(UNIT).context.request
    for path in (address, f"/papers/bulletin/{item_id}", f"/papers/bulletin/{item_id}/1.png"):
        assert other.get(path).status == 404, path


def test_an_issued_bulletin_is_corrected_and_withdrawn_with_everybody_who_has_it(visit, site):
    with site.sessions() as session:
        unit_id = session.exec(select(Unit.id).where(Unit.short_name == "市商务局")).one()
        bulletin = session.exec(
            select(Bulletin)
            .join(BulletinRecipient, col(BulletinRecipient.item_id) == col(Bulletin.item_id))
            .where(BulletinRecipient.unit_id == unit_id, col(Bulletin.issued_at).is_not(None))
            .where(col(Bulletin.withdrawn_at).is_(None))
            .order_by(col(Bulletin.issued_at).desc())
        ).first()
    address = f"/bulletins/{bulletin.item_id}"
    page = visit(CLERK, address)
    page.get_by_role("button", name="拟一期更正").click()
    expect(page.get_by_text("本期更正")).to_be_visible()
    page.get_by_role("link", name="前一期").click()
    expect(page).to_have_url(site.base_url + address)
    head = visit(HEAD, address)
    head.get_by_text("撤回本期", exact=True).click()
    head.get_by_label("为什么撤回").fill("第二节的数字有误，另行更正。")
    assert_accessible(head)
    head.get_by_role("button", name="撤回并通知收到的单位").click()
    expect(head.locator("#notice")).to_contain_text("已撤回")
    expect(head.locator(".note-box").filter(has_text="数字有误")).to_be_visible()
    having = head.locator("section", has=head.locator("#receipts")).locator("tbody tr")
    expect(having.filter(has_text="市商务局")).to_have_count(1)
    with site.sessions() as session:
        recall = session.exec(
            select(WorkItem.id).where(
                WorkItem.item_id == bulletin.delivery_item_id,
                WorkItem.unit_id == unit_id,
                WorkItem.bpmn_id == "confirm_recall",
            )
        ).one()
    site.clock.at += timedelta(minutes=5)
    unit = visit(UNIT, f"/work/{recall}")
    unit.get_by_role("button", name="已停用收回", exact=True).first.click()
    expect(unit.locator("#notice > *").first).to_be_visible()
    head.reload()
    expect(having.filter(has_text="市商务局")).to_contain_text("确认停用")
    screenshot(head, "bulletin-withdrawn", phone=True)
