"""One's own account, as a person keeps it."""

import re

from playwright.sync_api import expect

from app.demo.city import PASSWORD
from tests.e2e.browser import assert_accessible, screenshot


def test_a_token_is_shown_once_and_works_until_it_is_revoked(visit, site):
    page = visit("wangjianye", "/account")
    assert_accessible(page)
    screenshot(page, "account", phone=True)
    page.get_by_label("给新令牌起个名称").fill("月报程序")
    page.get_by_role("button", name="新建令牌").click()
    expect(page.get_by_role("alert")).to_be_focused()
    secret = page.locator(".secret code").inner_text()
    assert_accessible(page)
    screenshot(page, "account-token")
    program = site.visitor().context.request
    bearer = {"Authorization": f"Bearer {secret}"}
    assert program.get("/api/v1/accounts/me", headers=bearer).json()["login"] == "wangjianye"
    page.goto("/account")
    expect(page.get_by_text(secret)).to_have_count(0)
    page.get_by_role("button", name="作废 月报程序").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("dialog").get_by_role("button", name="作废").click()
    expect(page.get_by_role("status").first).to_contain_text("令牌已作废")
    assert program.get("/api/v1/accounts/me", headers=bearer).status == 401


def test_a_session_elsewhere_is_ended(visit):
    elsewhere = visit("songjiahe", "/account")
    page = visit("songjiahe", "/account")
    page.get_by_role("button", name=re.compile("^结束")).click()
    expect(page.get_by_role("status").first).to_contain_text("已结束")
    elsewhere.goto("/account")
    expect(elsewhere).to_have_url(re.compile("/sign-in"))


def test_a_new_password_is_checked_before_it_is_taken(visit):
    page = visit("heliqun", "/account")
    page.get_by_label("现在的密码").fill(PASSWORD)
    page.get_by_label("新密码", exact=True).fill("short")
    page.get_by_label("再输入一次新密码").fill("short")
    page.get_by_role("button", name="更换密码").click()
    expect(page.get_by_role("alert")).to_contain_text("新密码不符合要求")
    expect(page.get_by_role("alert")).to_be_focused()
    assert_accessible(page)
    screenshot(page, "account-refused")
    page.get_by_label("现在的密码").fill(PASSWORD)
    page.get_by_label("新密码", exact=True).fill("Tea-house-47-river")
    page.get_by_label("再输入一次新密码").fill("Tea-house-47-river")
    page.get_by_role("button", name="更换密码").click()
    expect(page.get_by_role("status").first).to_contain_text("密码已更换")


def test_single_keys_can_be_switched_off(visit):
    page = visit("zhoumin", "/account")
    page.get_by_label("单个字母的按键起作用").uncheck()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").first).to_contain_text("键盘设置已保存")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
