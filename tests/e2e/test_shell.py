"""What stands around every page: signing in and out, errors, languages, keys, the content policy."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import assert_accessible, screenshot


def test_somebody_signs_in_and_comes_to_the_page_they_wanted(visit):
    page = visit(None, "/account")
    expect(page).to_have_url(re.compile(r"/sign-in\?next=%2Faccount$"))
    assert_accessible(page)
    screenshot(page, "sign-in", phone=True)
    page.get_by_label("登录名").fill("lichenxi")
    page.get_by_label("密码").fill("not-the-password-1")
    with page.expect_response(lambda answer: answer.status == 422):
        page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("登录名或密码不正确")
    expect(page.get_by_role("alert")).to_be_focused()


@pytest.mark.parametrize("login", ["lichenxi", "zhoumin", "fangzhicheng", "shenguoliang"])
def test_everybody_has_a_first_page(visit, login):
    page = visit(login)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert_accessible(page)


def test_keys_lead_to_pages_and_can_be_listed(visit):
    page = visit("lichenxi", "/account")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="键盘操作")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page).to_have_url(re.compile("/todo$"))


def test_an_address_that_is_not_there_says_what_to_do(visit):
    page = visit("lichenxi", "/nowhere")
    expect(page.get_by_role("heading", level=1)).to_have_text("没有这一页，或者您无权查看")
    assert_accessible(page)
    screenshot(page, "missing", phone=True)
    page.get_by_role("link", name="回到首页").click()
    expect(page).to_have_url(re.compile("/todo$"))


def test_the_top_bar_names_the_place_and_switches_between_lists(visit):
    page = visit("zhoumin", "/board")
    top = page.locator("header.top")
    expect(top.locator(".brand")).to_contain_text("滨海示范市")
    switcher = top.locator("details.lists")
    expect(switcher.locator("summary b")).to_have_text("全部清单")
    switcher.locator("summary").click()
    titles = switcher.get_by_role("link")
    expect(titles).not_to_have_count(1)
    assert_accessible(page)
    screenshot(page, "switcher", phone=True)
    chosen = titles.nth(1).inner_text()
    titles.nth(1).click()
    expect(page).to_have_url(re.compile(r"/board\?list="))
    expect(switcher.locator("summary b")).to_have_text(chosen)
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="台账").click()
    expect(page).to_have_url(re.compile(r"/ledger\?list="))
    expect(page.get_by_role("heading", level=1)).to_contain_text(chosen)


def test_help_is_a_click_away_everywhere_also_before_signing_in(visit):
    page = visit("lichenxi", "/todo")
    page.locator("header.top").get_by_role("link", name="帮助").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("帮助")
    expect(page.get_by_role("heading", name="报送进展")).to_be_visible()
    expect(page.locator("#word-expected")).to_contain_text("序时进度")
    assert_accessible(page)
    screenshot(page, "help", phone=True)
    page.get_by_role("link", name="打开待办").first.click()
    expect(page).to_have_url(re.compile("/todo$"))
    outside = visit(None, "/sign-in")
    outside.get_by_role("link", name="帮助").click()
    expect(outside.get_by_role("heading", name="登录不了")).to_have_count(0)
    expect(outside.get_by_text("登录不了")).to_be_visible()
    assert_accessible(outside)
