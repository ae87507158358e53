"""The rules of the lights: read in words, tried out, refused with the reason, published."""

import re

from playwright.sync_api import expect

from tests.e2e.browser import assert_accessible, screenshot


def test_the_office_reads_tries_out_and_publishes_rules(visit):
    page = visit("chengyuanhang", "/light-rules")
    rules = page.locator(".scroll-x[aria-label=现在的规则] tbody tr")
    expect(rules.first).to_contain_text("已申请办结是是")
    expect(rules.nth(5)).to_contain_text("落后百分点是不小于31")
    expect(rules.last).to_contain_text("其余情形")
    expect(page.locator(".scroll-x[aria-label=各版]")).to_contain_text("随程序附带")
    assert_accessible(page)
    screenshot(page, "light-rules", phone=True)
    page.get_by_text("直接改", exact=True).click()
    table = page.get_by_label("规则全文")
    shipped = table.input_value()
    table.fill(shipped.replace("&gt;= 10", "&gt;= 5"))
    page.get_by_label("为什么改").fill("先紧后松")
    page.get_by_role("button", name="检查并试算").click()
    expect(page.get_by_role("status").first).to_contain_text("检查通过")
    expect(page.get_by_role("status").first).to_contain_text("在办事项")
    assert_accessible(page)
    screenshot(page, "light-rules-tried", phone=True)
    page.get_by_role("button", name="发布，现在起算数").click()
    expect(page.locator("#notice")).to_contain_text("已发布为第1版")
    expect(page.locator(".scroll-x[aria-label=各版] tbody tr").first).to_contain_text("程远航")
    expect(page.locator(".sub")).to_contain_text("本清单自己的第1版")


def test_rules_that_leave_a_gap_are_refused_with_the_reason(visit):
    page = visit("chengyuanhang", "/light-rules")
    page.get_by_text("直接改", exact=True).click()
    table = page.get_by_label("规则全文")
    table.fill(re.sub(r'(?s)<rule id="on_schedule">.*?</rule>', "", table.input_value()))
    page.get_by_role("button", name="检查并试算").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("这份规则不能用")
    expect(page.get_by_role("button", name=re.compile("发布"))).to_have_count(0)
    assert_accessible(page)


def test_a_unit_reads_the_rules_and_changes_nothing(visit):
    page = visit("lichenxi", "/light-rules")
    expect(page.locator(".scroll-x[aria-label=现在的规则]")).to_be_visible()
    expect(page.get_by_role("button", name="检查并试算")).to_have_count(0)
