"""The work list as its people use it."""

import re

from playwright.sync_api import expect

from tests.e2e.browser import assert_accessible, screenshot


def test_the_office_sees_what_is_due_and_filters_it(visit):
    page = visit("zhoumin", "/todo?scope=all")
    expect(page.locator(".sub")).to_contain_text("已逾期")
    groups = page.locator("tr.grp")
    expect(groups.first).to_contain_text("已逾期")
    assert_accessible(page)
    screenshot(page, "todo-office", phone=True)
    every = page.locator("tbody tr:not(.grp)").count()
    kind = page.get_by_role("navigation", name="按事由筛选").get_by_role("link", name=re.compile("签收"))
    number = int(kind.locator("b").inner_text())
    kind.click()
    expect(page.locator("tbody tr:not(.grp)")).to_have_count(number)
    assert 0 < number < every
    page.locator("select[name=urgency]").select_option("overdue")
    expect(page).to_have_url(re.compile("urgency=overdue"))
    expect(page.locator(".picked")).to_contain_text("已逾期")
    page.get_by_label("在待办中查找").fill("没有这样的事")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="没有符合的待办")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="全部去掉").last.click()
    expect(page).to_have_url(re.compile("/todo$"))


def test_a_filter_is_kept_and_forgotten(visit):
    page = visit("zhoumin", "/todo?scope=all&urgency=overdue")
    page.get_by_text("保存筛选").click()
    page.get_by_label("名称").fill("全部逾期")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("筛选“全部逾期”已保存")
    page.get_by_role("link", name="待办").first.click()
    page.get_by_role("link", name="全部逾期").click()
    expect(page).to_have_url(re.compile("scope=all&urgency=overdue$"))
    assert_accessible(page)
    page.get_by_role("button", name="删去常用筛选全部逾期").click()
    expect(page.get_by_role("link", name="全部逾期")).to_have_count(0)


def test_several_are_done_at_once_with_a_result_for_each(visit, site):
    page = visit("zhoumin", "/todo")
    boxes = page.locator("tbody input[name=work]")
    number = boxes.count()
    expect(page.get_by_role("region", name="批量办理")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_role("region", name="批量办理")).to_contain_text("已选1件")
    page.get_by_label("全选本页").check()
    expect(page.get_by_role("region", name="批量办理")).to_contain_text(f"已选{number}件")
    screenshot(page, "todo-chosen")
    page.get_by_role("button", name="一并办理").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("一并办理")
    assert_accessible(page)
    screenshot(page, "batch", phone=True)
    ready = page.locator("tbody input[name=work]").count()
    assert ready
    page.get_by_role("button", name=re.compile("办理这")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("办理结果")
    assert_accessible(page)
    screenshot(page, "batch-done", phone=True)
    expect(page.locator("tbody tr")).to_have_count(ready)
    page.get_by_role("link", name="回到待办").click()
    expect(page.locator("tbody input[name=work]")).to_have_count(number - ready)


def test_what_was_done_is_listed(visit):
    page = visit("wangjianye", "/done")
    expect(page.locator("tbody tr").first).to_be_visible()
    assert_accessible(page)
    screenshot(page, "done", phone=True)


def test_what_was_set_going_is_followed(visit):
    page = visit("heliqun", "/started")
    expect(page.locator("tbody tr", has_text="交办").first).to_be_visible()
    expect(page.get_by_text("申请办结").first).to_be_visible()
    assert_accessible(page)
    screenshot(page, "started", phone=True)
