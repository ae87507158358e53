"""Messages as a person reads them."""

from playwright.sync_api import expect

from tests.e2e.browser import assert_accessible, screenshot


def test_messages_are_read_one_by_one_or_all_at_once(visit, site):
    site.sweep()
    page = visit("zhoumin", "/messages")
    unread = page.locator("tbody .tag").count()
    assert unread
    assert_accessible(page)
    screenshot(page, "messages", phone=True)
    page.locator("tbody button.t").first.click()
    page.goto("/messages")
    expect(page.locator("tbody .tag")).to_have_count(unread - 1)
    page.get_by_role("button", name="都标为看过").click()
    expect(page.locator(".sub")).to_have_text("都看过了。")
    expect(page.locator("tbody .tag")).to_have_count(0)


def test_how_one_is_told_and_the_calendars_address_are_kept(visit):
    page = visit("heliqun", "/messages")
    page.get_by_label("除紧急的都合").check()
    page.get_by_label("几点发").select_option("7")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").first).to_contain_text("通知方式已保存")
    expect(page.get_by_label("除紧急的都合")).to_be_checked()
    page.get_by_role("button", name="要一个地址").click()
    url = page.locator(".secret code").inner_text()
    assert url.endswith(".ics")
    assert_accessible(page)
    page.get_by_role("button", name="停用").click()
    expect(page.get_by_role("button", name="要一个地址")).to_be_visible()
