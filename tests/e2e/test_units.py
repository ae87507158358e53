"""Units and people: found by any name, leave with a substitute, names to decide on, sheets checked before import."""

import re

from playwright.sync_api import expect
from sqlmodel import select

from db.tables import Unit, UnitCandidate
from tests.e2e.browser import assert_accessible, screenshot
from tests.e2e.site import NOW, TODAY


def test_a_unit_is_found_by_part_of_its_name_and_shows_who_does_what(visit):
    page = visit("zhoumin", "/units")
    expect(page.locator("tbody tr").first).to_be_visible()
    assert_accessible(page)
    screenshot(page, "units", phone=True)
    page.get_by_label("名称", exact=True).fill("商务")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name="市商务局").click()
    expect(page.get_by_role("rowheader", name=re.compile("李晨曦"))).to_be_visible()
    assert_accessible(page)
    screenshot(page, "unit", phone=True)
    page.goto("/units?name=没有这样的单位")
    expect(page.get_by_role("heading", name="没有这样的单位")).to_be_visible()
    assert_accessible(page)


def test_a_leader_records_who_is_away_and_who_stands_in(visit, site):
    with site.sessions() as session:
        unit_id = session.exec(select(Unit.id).where(Unit.short_name == "市商务局")).one()
    page = visit("wangjianye", f"/units/{unit_id}")
    page.get_by_label("谁外出").select_option(label="李晨曦")
    page.get_by_label("哪几天").fill(TODAY.replace(day=30).isoformat())
    page.get_by_label("最后一天").fill(TODAY.replace(day=24).isoformat())
    page.get_by_label("谁代理").select_option(label="石晓岚")
    page.get_by_role("button", name="登记外出").click()
    expect(page.get_by_role("alert")).to_contain_text("起止日期不对")
    expect(page.get_by_label("谁代理")).to_have_value(re.compile(".+"))
    assert_accessible(page)
    page.get_by_label("哪几天").fill(TODAY.replace(day=23).isoformat())
    page.get_by_role("button", name="登记外出").click()
    expect(page.locator("#notice")).to_contain_text("外出已登记")
    away = page.locator("#away ~ *, section[aria-labelledby=away] tbody tr").filter(has_text="石晓岚")
    expect(away.first).to_contain_text("李晨曦")
    page.get_by_role("button", name="不外出了 李晨曦").click()
    expect(page.get_by_role("button", name="不外出了 李晨曦")).to_have_count(0)


def test_a_printed_name_is_decided_on_once(visit, site):
    with site.sessions() as session:
        session.add(UnitCandidate(printed="市商务委", context="第3项", seen_at=NOW))
        session.commit()
    page = visit("zhoumin", "/units")
    waiting = page.locator(".deciding li", has_text="市商务委")
    assert_accessible(page)
    screenshot(page, "units-candidates")
    waiting.get_by_role("combobox", name="就是").select_option(label="市商务局")
    waiting.get_by_role("button", name="认定").click()
    expect(page.locator("#notice")).to_contain_text("“市商务委”已认定")
    expect(waiting).to_have_count(0)
    page.goto("/units?name=市商务委")
    expect(page.get_by_role("link", name="市商务局")).to_be_visible()


def test_a_sheet_is_refused_row_by_row_and_imported_once_it_is_right(visit, tmp_path):
    page = visit("fangzhicheng", "/units/import")
    assert_accessible(page)
    sheet = tmp_path / "units.csv"
    sheet.write_text("单位全称,简称,类别\n滨海示范市档案馆,市档案馆,部门\n,缺名称,部门\n", encoding="utf-8")
    page.get_by_label("单位名录文件").set_input_files(sheet)
    page.get_by_role("button", name="先看会改动什么").first.click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody th")).to_have_text("3")
    assert_accessible(page)
    screenshot(page, "units-import-refused")
    sheet.write_text("单位全称,简称,类别\n滨海示范市档案馆,市档案馆,部门\n", encoding="utf-8")
    page.get_by_label("单位名录文件").set_input_files(sheet)
    page.get_by_role("button", name="先看会改动什么").first.click()
    expect(page.locator("tbody tr")).to_contain_text("滨海示范市档案馆")
    assert_accessible(page)
    page.get_by_role("button", name="导入这1行").click()
    expect(page.locator("#notice")).to_contain_text("表格已导入，1行有变动")
    page.goto("/units?name=档案馆")
    expect(page.get_by_role("link", name="市档案馆")).to_be_visible()


def test_who_may_not_import_finds_no_way_to_it(visit):
    page = visit("lichenxi", "/units")
    expect(page.get_by_role("link", name="导入名录")).to_have_count(0)
    refused = page.goto("/units/import")
    assert refused.status == 404
