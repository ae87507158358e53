"""The report sheet: written by several people, handed in, signed and reviewed in one act, returned row by row."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from app.demo.city import PASSWORD
from db.tables import ReportPeriod, TaskList
from domain.items import Origin
from domain.permissions import ANONYMOUS, OPERATOR, Role
from importers.sheets.people import COLUMNS, read_people
from importers.sheets.table import Line
from services.accounts import InvitePeople, RedeemLink
from services.people_import import ImportPeople
from services.sign_in import actor_by_login
from tests.e2e.browser import assert_accessible, screenshot
from tests.e2e.test_step import PICTURE

LIAISON, COLLEAGUE, LEADER, OFFICE = "xuzhixing", "fulanting", "hanqiming", "zhoumin"
CO_UNIT, ITS_LEAD = "lyuxingzhi", "maxiao"
"""The liaisons of a unit that reports to another, and of that other one."""


@pytest.fixture(scope="module")
def sheet(module_site) -> str:
    """The address of the sheet that one unit has to hand in; a second liaison of the unit has joined."""
    run = module_site.container.executor.execute
    titles = tuple(COLUMNS[key].title for key in ("name", "unit", "role", "post", "login", "deputy"))
    joined = Line(2, ("符兰亭", "市大数据局", "联络员", "科员", COLLEAGUE, "是"))
    run(ImportPeople(sheet=read_people([Line(1, titles), joined]), source_name="test"), actor=OPERATOR)
    for login in (LIAISON, COLLEAGUE, LEADER, CO_UNIT, ITS_LEAD):
        [link] = run(InvitePeople(logins=(login,)), actor=OPERATOR)
        run(RedeemLink(secret=link.secret, password=PASSWORD, source="test"), actor=ANONYMOUS)
    module_site.sweep()
    with module_site.sessions() as session:
        of_meeting = select(TaskList.id).where(TaskList.origin == Origin.MEETING)
        statement = select(ReportPeriod.id).where(col(ReportPeriod.list_id).in_(of_meeting))
        period = session.exec(statement.order_by(col(ReportPeriod.due_at).desc())).first()
    return f"/sheets/{period}/{unit_of(module_site, LIAISON)}/lead"


def unit_of(site, login: str) -> UUID:
    """The unit that somebody is a liaison of."""
    with site.sessions() as session:
        actor = actor_by_login(session, login, now=site.clock.now())
    [unit] = actor.units_as(Role.LIAISON)
    return unit


def rows(page: Page):
    return page.locator("[data-row]")


def write(row, percent: str, progress: str) -> None:
    row.get_by_label("完成比例").fill(percent)
    row.get_by_label("本期做成了什么").fill(progress)


def saved(row) -> None:
    expect(row.locator(".s-state")).to_contain_text("存了草稿")


def test_a_co_unit_fills_its_part_row_by_row_and_the_lead_sees_it(visit, site, sheet):
    period = sheet.split("/")[2]
    page = visit(CO_UNIT, f"/sheets/{period}/{unit_of(site, CO_UNIT)}/co_unit")
    expect(page.get_by_role("heading", level=1)).to_contain_text("配合情况报送单")
    expect(page.get_by_role("button", name="负责人不在，先报未签数据")).to_have_count(0)
    rows(page).first.get_by_label("本期做成了什么").fill("查验口径已与口岸单位对齐。")
    saved(rows(page).first)
    assert_accessible(page)
    screenshot(page, "sheet-co-unit", phone=True)
    lead = visit(ITS_LEAD, f"/sheets/{period}/{unit_of(site, ITS_LEAD)}/lead")
    expect(rows(lead)).to_have_count(0)
    page.get_by_role("button", name=re.compile("交给牵头单位")).click()
    expect(page.locator("#notice")).to_contain_text("1项已一次送出")
    lead.reload()
    part = rows(lead).filter(has_text="1个配合单位交来的")
    expect(part).to_have_count(1)
    part.get_by_text("1个配合单位交来的").click()
    expect(part).to_contain_text("示范海关")
    expect(part.get_by_text("查验口径已与口岸单位对齐。")).to_be_visible()


def test_two_liaisons_write_at_once_and_neither_loses_a_word(visit, sheet):
    mine, theirs = visit(LIAISON, sheet), visit(COLLEAGUE, sheet)
    write(rows(mine).nth(0), "40", "受理需求十二件，答复十件。")
    saved(rows(mine).nth(0))
    write(rows(theirs).nth(1), "55", "台账已建，逐件登记答复日期。")
    saved(rows(theirs).nth(1))
    write(rows(theirs).nth(0), "45", "受理需求十三件，全部答复。")
    state = rows(theirs).nth(0).locator(".s-state")
    expect(state.get_by_role("alert")).to_contain_text("许知行")
    expect(state).to_contain_text("受理需求十二件，答复十件。")
    expect(rows(theirs).nth(0).get_by_label("本期做成了什么")).to_have_value("受理需求十三件，全部答复。")
    assert_accessible(theirs)
    screenshot(theirs, "sheet-two-writers", phone=True)
    state.get_by_role("button", name="用我写的").click()
    expect(theirs.locator("#notice")).to_contain_text("存了")
    expect(rows(theirs).nth(0).get_by_label("完成比例")).to_have_value("45")
    # The other's page is older, and its untouched row does not take anything back.
    write(rows(mine).nth(2), "30", "示范文本第二稿征求意见。")
    mine.get_by_role("button", name="存草稿").first.click()
    expect(mine.locator("#notice")).to_contain_text("存了")
    expect(rows(mine).nth(0).get_by_label("完成比例")).to_have_value("45")
    expect(rows(mine).nth(1).locator(".s-state")).to_contain_text("符兰亭")


def unsigned_everywhere(page: Page, item: str, sheet: str, count: int) -> None:
    """The office sees figures that nobody signed yet as such: on the sheet, the item, its list and the ledger."""
    mark = page.locator("[data-unsigned]:visible", has_text="未签")
    expect(mark).to_have_count(count)
    page.goto(item)
    expect(page.locator(".tl li", has=mark).first).to_contain_text("50%")
    expect(page.locator(".rail tr", has=mark)).to_contain_text("50%")
    assert_accessible(page)
    screenshot(page, "item-unsigned", phone=True)
    page.goto("/rounds")
    expect(page.locator("tr", has=mark).first).to_contain_text("市大数据局")
    assert_accessible(page)
    page.goto("/ledger")
    expect(page.locator("tr", has=mark)).to_have_count(count)
    assert_accessible(page)
    page.goto(sheet)


def test_a_sheet_is_signed_reviewed_and_one_row_comes_back(visit, sheet, site):
    liaison = visit(LIAISON, sheet)
    count = rows(liaison).count()
    liaison.get_by_role("button", name="送签发").click()
    expect(liaison.get_by_role("alert")).to_be_focused()
    expect(liaison.get_by_role("alert").first).to_contain_text("没有办成")
    assert_accessible(liaison)
    screenshot(liaison, "sheet-refused")
    for number in range(count):
        write(rows(liaison).nth(number), str(50 + number), f"第{number + 1}项本期做成的事。")
    saved(rows(liaison).nth(count - 1))
    photo = {"name": "现场.png", "mimeType": "image/png", "buffer": PICTURE}
    rows(liaison).first.locator("input[type=file]").first.set_input_files(photo)
    expect(rows(liaison).first.locator(".up li[data-s=ok]")).to_contain_text("现场.png")
    screenshot(liaison, "sheet", phone=True)
    assert_accessible(liaison)
    liaison.get_by_role("button", name="负责人不在，先报未签数据").click()
    expect(liaison.locator("#notice")).to_contain_text(f"{count}项已一次送出")
    office = visit(OFFICE, sheet)
    item = office.locator(".s-item a").first.get_attribute("href")
    unsigned_everywhere(office, item, sheet, count)

    leader = visit(LEADER, sheet, phone=True)
    expect(leader.locator(".decides .s-row").first).to_contain_text("现场.png")
    assert_accessible(leader)
    screenshot(leader, "sheet-sign", phone=True)
    leader.locator(".foot-bar").get_by_role("button", name="签发这").click()
    leader.get_by_role("dialog").get_by_role("button", name="一并签发").click()
    expect(leader.locator("#notice")).to_contain_text(f"{count}项已签发")
    office.goto(item)
    expect(office.locator(".rail [data-unsigned]")).to_have_count(0)
    office.goto(sheet)
    expect(office.locator("[data-unsigned]")).to_have_count(0)

    back = office.locator(".decides .s-row").nth(1)
    back.get_by_role("radio", name="退回").check()
    office.get_by_role("button", name="审核这").click()
    expect(office.get_by_role("dialog").locator("[data-counts-returned]")).to_have_text("1")
    office.get_by_role("dialog").get_by_role("button", name="一并审核").click()
    expect(back.get_by_role("alert")).to_be_visible()
    back.get_by_label("退回原因").select_option(label="内容空泛")
    back.get_by_label("要对方改什么").fill("写明登记了几件、办结几件。")
    assert_accessible(office)
    screenshot(office, "sheet-review", phone=True)
    office.get_by_role("button", name="审核这").click()
    office.get_by_role("dialog").get_by_role("button", name="一并审核").click()
    expect(office.locator("#notice")).to_contain_text(f"{count - 1}项已审定。退回1项。")

    liaison.goto(sheet)
    expect(rows(liaison)).to_have_count(1)
    expect(rows(liaison)).to_contain_text("写明登记了几件、办结几件。")
    expect(rows(liaison)).to_contain_text("内容空泛")
    expect(rows(liaison).get_by_label("完成比例")).to_have_value("51")
    screenshot(liaison, "sheet-returned", phone=True)
    rows(liaison).get_by_label("本期做成了什么").fill("登记十三件，办结十件。")
    liaison.get_by_role("button", name="送签发").click()
    expect(liaison.locator("#notice")).to_contain_text("1项已一次送出")
    leader.goto(sheet)
    leader.locator(".foot-bar").get_by_role("button", name="签发这").click()
    leader.get_by_role("dialog").get_by_role("button", name="一并签发").click()
    expect(leader.locator("#notice")).to_contain_text("1项已签发")
    office.goto(sheet)
    office.get_by_role("button", name="审核这").click()
    office.get_by_role("dialog").get_by_role("button", name="一并审核").click()
    expect(office.locator(".sub")).to_have_text("本期已全部审定。")
    assert_accessible(office)


def test_the_office_sees_who_is_late_and_urges_them(visit, site, sheet):
    site.clock.at += timedelta(days=80)
    site.sweep()
    site.clock.at += timedelta(days=10)
    page = visit(OFFICE, "/rounds")
    expect(page.get_by_role("heading", name="逾期未报", exact=True)).to_be_visible()
    assert_accessible(page)
    screenshot(page, "rounds", phone=True)
    with page.expect_download() as download:
        page.get_by_role("link", name="导出Excel").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    page.get_by_role("button", name="催办选中的").click()
    expect(page.locator("#notice")).to_contain_text("许知行")
    unit = visit(LIAISON, "/rounds")
    expect(unit.get_by_role("link", name="市大数据局")).to_be_visible()
    expect(unit.get_by_role("button", name="催办选中的")).to_have_count(0)
