"""The rules by which people are urged: read in words, tried on an item, changed with what is wrong beside its field."""

import re

from playwright.sync_api import expect

from tests.e2e.browser import assert_accessible, screenshot


def test_the_office_sees_who_gets_what_on_which_day(visit):
    page = visit("zhoumin", "/policies")
    expect(page.get_by_role("heading", name="试算：谁在哪天收到什么")).to_be_visible()
    expect(page.locator("table.by-day tr.grp").first).to_contain_text(re.compile(r"\d{4}年\d+月\d+日"))
    expect(page.get_by_text("时限前3个工作日").first).to_be_visible()
    assert_accessible(page)
    screenshot(page, "policies", phone=True)
    page.get_by_label("事项", exact=True).fill("没有这样的事")
    page.get_by_role("button", name="试算").click()
    expect(page.get_by_role("heading", name="没有找到事项")).to_be_visible()
    assert_accessible(page)


def test_a_list_gets_its_own_rule_and_goes_back_to_the_common_one(visit):
    page = visit("zhoumin", "/policies")
    page.get_by_role("link", name="为本清单修改 事项的完成时限").click()
    levels = page.locator("fieldset.rung").count()
    page.get_by_role("button", name="再加一级").click()
    added = page.locator("fieldset.rung").last
    added.get_by_label("叫什么").fill("请召集人过问")
    added.get_by_label("之后每隔多少再发").fill("5")
    page.get_by_role("button", name="保存为新的一版").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("没有写明发给谁")
    added = page.locator("fieldset.rung").last
    expect(added.locator("fieldset.bad")).to_contain_text("没有写明发给谁")
    expect(added.get_by_label("叫什么")).to_have_value("请召集人过问")
    expect(added.get_by_label("连第一次最多几次")).to_have_attribute("aria-invalid", "true")
    assert_accessible(page)
    screenshot(page, "policy-refused", phone=True)
    added.get_by_label("召集人").check()
    added.get_by_label("多少", exact=True).fill("20")
    added.get_by_label("连第一次最多几次").fill("3")
    page.get_by_role("button", name=re.compile("试算")).click()
    expect(page.get_by_text("还没有保存")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="保存为新的一版").click()
    expect(page.locator("#notice")).to_contain_text("已保存为第1版")
    own = page.locator("section", has=page.get_by_role("heading", name="事项的完成时限"))
    expect(own.locator("tbody tr")).to_have_count(levels + 1)
    expect(own).to_contain_text("之后每5个工作日一次，最多3次")
    assert_accessible(page)
    own.get_by_role("button", name="恢复通用规则").click()
    page.get_by_role("dialog").get_by_role("button", name="恢复通用规则").click()
    expect(page.locator("#notice")).to_contain_text("已恢复通用规则")
    expect(own.locator("tbody tr")).to_have_count(levels)


def test_only_the_office_changes_rules(visit):
    page = visit("lichenxi", "/policies")
    expect(page.get_by_role("link", name="为本清单修改")).to_have_count(0)
    edit = page.goto("/policies/edit?list=00000000-0000-0000-0000-000000000000")
    assert edit.status == 404
