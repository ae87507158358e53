"""The ledger: every item in the document's order, narrowed by its address, printed, and exported as shown."""

import re
from io import BytesIO

from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.e2e.browser import assert_accessible, screenshot


def test_the_office_narrows_the_ledger_and_exports_what_it_sees(visit):
    page = visit("zhoumin", "/ledger")
    expect(page.get_by_role("heading", level=1)).to_contain_text("台账")
    assert_accessible(page)
    screenshot(page, "ledger", phone=True)
    page.locator("select[name=state]").select_option(label="未销号")
    page.locator("select[name=unit]").select_option(label="市商务局")
    page.get_by_role("button", name="筛选").click()
    expect(page).to_have_url(re.compile("state=running"))
    picked = page.get_by_role("status")
    expect(picked).to_contain_text("未销号")
    expect(picked).to_contain_text("市商务局")
    assert_accessible(page)
    screenshot(page, "ledger-narrowed")
    shown = page.locator("tbody tr:not(.grp) td.no").all_inner_texts()
    assert shown
    with page.expect_download() as download:
        page.get_by_role("link", name=f"导出Excel（{len(shown)}项）").click()
    sheet = load_workbook(BytesIO(download.value.path().read_bytes())).worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    numbers = [str(row[heads.index("序号")].value) for row in sheet.iter_rows(min_row=2)]
    assert numbers == shown


def test_a_liaison_sees_only_what_their_unit_has_a_part_in(visit):
    def numbers(login):
        page = visit(login, "/ledger")
        expect(page.locator("tbody tr").first).to_be_visible()
        return set(page.locator("tbody tr:not(.grp) td.no").all_inner_texts())

    assert numbers("songjiahe") < numbers("zhoumin")


def test_the_table_sorts_by_deadline_both_ways_and_an_empty_result_says_what_to_do(visit):
    page = visit("zhoumin", "/ledger")
    page.get_by_role("link", name="完成时限").click()
    expect(page.get_by_role("columnheader", name="完成时限")).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("link", name="完成时限").click()
    expect(page.get_by_role("columnheader", name="完成时限")).to_have_attribute("aria-sort", "descending")
    days = [time.get_attribute("datetime") for time in page.locator("tbody td.c-due time").all()]
    assert days == sorted(days, reverse=True)
    page.goto(page.url.split("?")[0] + "?text=没有这样的事项")
    expect(page.get_by_role("heading", name="没有符合的事项")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="看全部事项").click()
    expect(page.locator("tbody tr").first).to_be_visible()


def test_the_ledger_prints_on_landscape_paper_without_the_shell(visit):
    page = visit("zhoumin", "/ledger")
    page.emulate_media(media="print")
    expect(page.locator(".side")).to_be_hidden()
    expect(page.get_by_role("button", name="筛选")).to_be_hidden()
    expect(page.locator("tbody tr").first).to_be_visible()
    screenshot(page, "ledger-print")
