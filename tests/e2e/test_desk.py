"""The import desk: a real document, its rows compared with what they print, settled by keyboard, approved, issued."""

import re
from datetime import UTC, datetime
from io import BytesIO

import docx
import pytest
from playwright.sync_api import expect
from sqlmodel import select

from app.demo.city import PASSWORD
from db.tables import Item, TaskList
from tests.e2e.browser import assert_accessible, screenshot
from tests.e2e.site import PATIENCE

TITLE = "口岸服务提升任务清单（2027年）"
HEADER = ("序号", "工作任务", "责任单位", "完成时限")
ROWS = (
    ("1", "建成口岸申报一个窗口，企业申报只跑一次。", "市商务局牵头，示范海关、市交通运输委配合", "2027年6月底前"),
    ("2", "公布口岸收费目录，目录以外不收费。", "市市场监管局牵头", "2027年6月底前"),
    ("3", "引入三家以上调解机构，建立调解与仲裁衔接。", "市商务局牵头，市市场监管局等有关单位配合", ""),
    ("4", "开通企业服务专线，问题当日答复。", "市商务局牵头，市口岸便利化促进会配合", "2027年6月底前"),
    ("", "完善船员换班绿色通道，办理时间压缩至一个工作日。", "市交通运输委牵头", "持续推进"),
)


def document(rows=ROWS, title=TITLE, count=None):
    """A list as an office writes it: title, a sentence that says how many, and a table."""
    made = docx.Document()
    made.add_paragraph(title)
    if count is not None:
        made.add_paragraph(f"本清单共{count}项任务。")
    table = made.add_table(rows=1, cols=len(HEADER))
    for cell, words in zip(table.rows[0].cells, HEADER, strict=True):
        cell.text = words
    for row in rows:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            cell.text = words
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def upload(page, content, name="清单.docx"):
    page.goto("/desk")
    page.get_by_label("公文文件").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    page.get_by_role("button", name="读取并放上导入台").click()


def test_a_document_is_settled_by_keyboard_approved_by_another_person_and_issued(site, visit):
    page = visit("zhoumin", "/desk")
    site.visitors[-1].watched.expect_fault("Status Error Code 422")
    assert_accessible(page)
    screenshot(page, "desk", phone=True)
    upload(page, document(count=5))
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(page.get_by_text("文件写5项，识别出5项，数目相符。须处理2项")).to_be_visible()
    list_url = page.url
    assert_accessible(page)
    screenshot(page, "desk-list", phone=True)
    look_around(page)
    settle_third(page)
    settle_the_rest(page)
    with site.sessions() as session:
        task_list = session.exec(select(TaskList).where(TaskList.title == TITLE)).one()
        third = session.exec(select(Item).where(Item.list_id == task_list.id, Item.number == "3")).one()
        assert third.due_at == datetime(2027, 12, 31, 16, tzinfo=UTC)
        assert not third.open_list

    leader = visit("chengyuanhang", list_url)
    leader.get_by_role("link", name="审定清单").click()
    assert_accessible(leader)
    screenshot(leader, "desk-approval", phone=True)
    leader.get_by_role("button", name="审定，立项5项").click()
    expect(leader.get_by_text("清单已审定，5项立项。")).to_be_visible()
    set_rhythm(page, list_url)
    issue_all_but_the_second(page, list_url)


def look_around(page):
    """Nothing but keys, here and below: from one blocking row to the next, and to the source."""
    heading = page.locator("#row-h")
    expect(heading).to_have_text("第3项")
    expect(heading).to_be_focused()
    page.keyboard.press("n")
    expect(heading).to_have_text("第4项")
    expect(heading).to_be_focused()
    page.keyboard.press("n")
    expect(heading).to_have_text("第3项")
    page.keyboard.press("s")
    expect(page.locator("#source")).to_be_focused()
    expect(page.locator("#source-row mark").first).to_be_in_viewport()


def settle_third(page):
    """No deadline is printed, and the units end in 等: what is missing is said, what was typed stays."""
    keys, alert = page.keyboard, page.get_by_role("alert")
    keys.press("c")
    expect(alert).to_be_focused()
    expect(alert).to_contain_text("名单就是这些")
    assert_accessible(page)
    screenshot(page, "desk-refused")
    keys.press("u")
    keys.type("市文旅局、没有的单位")
    keys.press("Control+Enter")
    expect(alert).to_contain_text("名录里没有“没有的单位”")
    expect(page.locator("#f-adding")).to_have_value("市文旅局、没有的单位")
    keys.press("u")
    keys.type("市文旅局")
    for _ in range(2):
        keys.press("Tab")
    expect(page.locator("#f-list_closed")).to_be_focused()
    keys.press("Space")
    keys.press("e")
    expect(page.locator("#f-deadline-0-kind")).to_be_focused()
    keys.press("Tab")
    keys.type("12312027")
    keys.press("Escape")
    expect(page.locator("#row-h")).to_be_focused()
    keys.press("c")
    expect(page.get_by_text("第3项已确认。还有1项须处理。")).to_be_visible()


def settle_the_rest(page):
    """A name that is known by another, then the row whose number was inferred; then nothing is left."""
    keys, heading = page.keyboard, page.locator("#row-h")
    expect(heading).to_have_text("第4项")
    expect(heading).to_be_focused()
    keys.press("e")
    expect(page.locator("#f-means-1")).to_be_focused()
    keys.type("市市场监管局")
    keys.press("Control+Enter")
    expect(page.get_by_text("须处理的都处理完了。")).to_be_visible()
    expect(heading).to_have_text("第5项")
    keys.press("c")
    expect(page.get_by_role("heading", name="疑问都处理完了")).to_be_visible()
    expect(page.get_by_role("link", name="去审定")).to_be_focused()
    assert_accessible(page)
    screenshot(page, "desk-settled")
    keys.press("Enter")
    expect(page.get_by_text("由程远航审定")).to_be_visible()


def set_rhythm(page, list_url):
    """Looked at first, then saved."""
    page.goto(list_url)
    page.get_by_role("link", name="报送安排").click()
    page.get_by_label("牵头单位每期几日前报送").fill("25")
    page.get_by_role("button", name="先看看以后各期").click()
    expect(page.get_by_text("还没有保存。")).to_be_visible()
    assert_accessible(page)
    screenshot(page, "desk-rhythm", phone=True)
    page.get_by_label("配合单位几日前报给牵头单位").fill("28")
    page.get_by_role("button", name="保存报送安排").click()
    expect(page.get_by_role("alert")).to_contain_text("不能晚于牵头单位")
    page.get_by_label("配合单位几日前报给牵头单位").fill("20")
    page.get_by_role("button", name="保存报送安排").click()
    expect(page.get_by_text("报送安排已保存。")).to_be_visible()


def issue_all_but_the_second(page, list_url):
    """Each on its own, and the one that was left out stays."""
    page.goto(list_url)
    page.get_by_role("link", name="交办5项").click()
    assert_accessible(page)
    screenshot(page, "desk-issue")
    page.get_by_label("选择第2项").uncheck()
    page.get_by_role("button", name="交办选定的").click()
    expect(page.get_by_text("办成4件。1项待交办。")).to_be_visible()
    expect(page.get_by_label("选择第2项")).to_be_visible()
    assert_accessible(page)
    screenshot(page, "desk-issued")
    page.goto(list_url)
    page.get_by_role("link", name="清单调整").click()
    expect(page.locator("h1")).to_have_text("清单调整")
    assert_accessible(page)
    screenshot(page, "list-changes", phone=True)


def test_a_document_that_is_known_leads_to_its_list_and_what_cannot_be_read_is_said_beside_the_form(visit):
    page = visit("zhoumin", "/desk")
    content = document(ROWS[:2], "两项任务清单")
    upload(page, content)
    expect(page.get_by_role("heading", level=1)).to_have_text("两项任务清单")
    first = page.url
    upload(page, content, name="同一份.docx")
    expect(page.get_by_text("这份文件以前导入过")).to_be_visible()
    assert page.url == first
    upload(page, b"%PDF-1.4 nothing", name="清单.pdf")
    expect(page.get_by_role("alert")).to_contain_text("清单.pdf")
    expect(page.get_by_label("公文文件")).to_have_attribute("aria-invalid", "true")
    assert_accessible(page)
    screenshot(page, "desk-unreadable")


def test_an_unknown_name_becomes_a_unit_and_a_group_becomes_its_members_without_script(site, visit):
    context = site.browser.new_context(base_url=site.base_url, java_script_enabled=False, locale="zh-CN")
    context.set_default_timeout(PATIENCE)
    assert context.request.post("/api/v1/auth/session", data={"login": "zhoumin", "password": PASSWORD}).ok
    page = context.new_page()
    rows = (
        ("1", "开展服务业统计联合核查。", "市商务局牵头，市数据资源协会配合", "2027年6月底前"),
        ("2", "落实辖区企业服务专员。", "市商务局牵头，各区人民政府配合", "2027年6月底前"),
    )
    upload(page, document(rows, "名称和分组清单"))
    list_url = page.url
    page.get_by_role("link", name="逐个确认").click()
    names = visit("zhoumin", page.url)
    assert_accessible(names)
    screenshot(names, "desk-names", phone=True)
    page.get_by_text("是名录里没有的新单位").click()
    page.get_by_label("全称").fill("滨海示范市数据资源协会")
    page.get_by_role("button", name="加入名录").click()
    expect(page.get_by_text("单位名称都已确认。")).to_be_visible()
    expect(page.locator("#row-h")).to_have_text("第2项")
    expect(page.locator("input[name=member]")).to_have_count(4)
    page.get_by_label("湖西区人民政府").uncheck()
    page.get_by_role("button", name="确认本项").click()
    expect(page.get_by_text("第2项已确认。")).to_be_visible()
    with site.sessions() as session:
        task_list = session.exec(select(TaskList).where(TaskList.title == "名称和分组清单")).one()
        items = session.exec(select(Item).where(Item.list_id == task_list.id)).all()
        assert sorted(item.number for item in items) == ["1", "2", "2-1", "2-2", "2-3"]
    page.goto(list_url)
    context.close()


def test_what_is_printed_stays_beside_a_correction_and_who_was_faster_is_said(site, visit):
    page = visit("zhoumin", "/desk")
    site.visitors[-1].watched.expect_fault("Status Error Code 409")
    upload(page, document(ROWS[1:2], "一项任务清单"))
    page.locator("tbody a.t").first.click()
    # By key: a click that comes while the page still settles hits what stood there a moment ago.
    page.locator("summary", has_text="更正措施文字").press("Enter")
    page.locator("#f-text").fill("公布口岸收费目录，目录以外不得收费。")
    other = visit("heliqun", page.url)
    other.get_by_role("button", name="确认本项").click()
    expect(other.get_by_text("第2项已确认。")).to_be_visible()
    page.get_by_role("button", name="确认本项").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.reload()
    # By key: a click that comes while the page still settles hits what stood there a moment ago.
    page.locator("summary", has_text="更正措施文字").press("Enter")
    page.locator("#f-text").fill("公布口岸收费目录，目录以外不得收费。")
    page.get_by_role("button", name="确认本项").click()
    expect(page.get_by_role("heading", name="疑问都处理完了")).to_be_visible()
    page.locator("tbody a.t").first.click()
    expect(page.locator(".pair .stored mark")).to_have_text("得")
    expect(page.locator("#source-row")).to_contain_text("目录以外不收费")
    assert_accessible(page)


@pytest.mark.parametrize("login", ["lichenxi", "fangzhicheng"])
def test_the_desk_is_the_offices_own(visit, login):
    page = visit(login, "/desk")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("导入台")
    page = visit("zhoumin", "/desk")
    address = page.get_by_role("link", name=re.compile("服务业扩大开放")).first.get_attribute("href")
    page = visit(login, address)
    expect(page.locator("#desk")).to_have_count(0)
