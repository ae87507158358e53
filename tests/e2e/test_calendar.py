"""The working calendar: a year at a glance, a notice looked at before it is saved, a unit's own days."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import assert_accessible, screenshot
from tests.unit.importers.notices import NOTICE_2027


@pytest.fixture
def notice(tmp_path):
    """The notice for 2027, as a file."""
    path = tmp_path / "2027.txt"
    path.write_text(NOTICE_2027, encoding="utf-8")
    return path


def test_a_year_is_provisional_until_its_notice_is_loaded(visit, notice):
    page = visit("fangzhicheng", "/calendar?year=2027")
    expect(page.get_by_role("heading", name="2027年还没有放假通知")).to_be_visible()
    expect(page.locator("table.month")).to_have_count(12)
    assert_accessible(page)
    page.get_by_label("放假通知文件").set_input_files(notice)
    page.get_by_role("button", name="先看会改动什么").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2027年放假通知：会改动什么")
    assert page.locator("tbody tr").count() > 10
    assert_accessible(page)
    screenshot(page, "calendar-notice", phone=True)
    page.get_by_role("button", name="载入2027年").click()
    expect(page.locator("#notice")).to_contain_text("2027年已载入")
    expect(page.locator(".sub")).to_contain_text("按放假通知")
    expect(page.locator("td.work").first).to_contain_text("班")
    expect(page.locator("td.off").first).to_contain_text("休")
    assert_accessible(page)
    screenshot(page, "calendar", phone=True)


def test_a_file_that_is_no_notice_is_refused_beside_its_field(visit, tmp_path):
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("日期,安排\n2027-02-30,休\n", encoding="utf-8")
    page = visit("fangzhicheng", "/calendar")
    page.get_by_label("放假通知文件").set_input_files(wrong)
    page.get_by_role("button", name="先看会改动什么").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("#fault-import")).not_to_be_empty()
    assert_accessible(page)


def test_a_unit_has_days_of_its_own(visit):
    page = visit("fangzhicheng", "/calendar?year=2026")
    own = page.locator("section", has=page.get_by_role("heading", name="单位自己的日子"))
    own.get_by_label("单位").select_option(label="市商务局")
    own.get_by_label("哪几天").fill("2026-12-08")
    own.get_by_label("最后一天").fill("2026-12-01")
    own.get_by_label("原因").fill("搬迁")
    own.get_by_role("button", name="登记这几天").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(own.get_by_label("原因")).to_have_value("搬迁")
    own.get_by_label("最后一天").fill("2026-12-09")
    own.get_by_role("button", name="登记这几天").click()
    expect(page.locator("#notice")).to_contain_text("2天已登记")
    expect(page.locator("td.own")).to_have_count(2)
    expect(page.locator("td.own").first).to_contain_text(re.compile("休.*本"))
    assert_accessible(page)
    screenshot(page, "calendar-unit")
    own.get_by_role("button", name="取消 12月8日").click()
    expect(page.locator("td.own")).to_have_count(1)


def test_people_without_the_permission_only_look(visit):
    page = visit("lichenxi", "/calendar")
    expect(page.locator("table.month")).to_have_count(12)
    expect(page.get_by_label("放假通知文件")).to_have_count(0)
    expect(page.get_by_role("button", name="更改上班时间")).to_have_count(0)
