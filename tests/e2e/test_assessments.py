"""总结评估: the matrix of members and items, the opinions, an item's paper, and the start order."""

import re

from playwright.sync_api import expect

from tests.e2e.browser import assert_accessible, screenshot

CLERK, UNIT = "zhoumin", "songjiahe"


def test_an_assessment_shows_its_matrix_its_meeting_and_what_came_of_it(visit):
    page = visit(CLERK, "/assessments")
    assert_accessible(page)
    screenshot(page, "assessments", phone=True)
    page.locator("tbody a.t").first.click()
    matrix = page.locator("table.matrix")
    expect(matrix.locator("tbody tr")).to_have_count(4)
    expect(matrix.locator("thead th")).to_have_count(2 + 5)
    expect(page.locator("section", has=page.locator("#meetings"))).to_contain_text("的少数意见")
    opinions = page.locator("section", has=page.locator("#opinions"))
    expect(opinions).to_contain_text("已采纳")
    expect(opinions).to_contain_text("未采纳")
    expect(page.get_by_text("按记录重抽，结果相同")).to_be_visible()
    assert_accessible(page)
    screenshot(page, "assessment", phone=True)
    page.locator("#recommended ~ ol a, ol.recommended a").filter(has_text=re.compile(r"\d{4}-\d+")).last.click()
    page.get_by_role("link", name="打开清单调整").click()
    expect(page.get_by_role("heading", name="第1次调整")).to_be_visible()
    assert_accessible(page)
    screenshot(page, "list-changes", phone=True)
    page.locator("section a", has_text="中期评估").click()
    matrix.locator("tbody a.t").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="独立评审意见")).to_be_visible()
    assert_accessible(page)
    screenshot(page, "assessed-item", phone=True)


def test_a_period_that_goes_on_is_refused_and_a_started_one_waits_for_its_group(visit):
    page = visit(CLERK, "/assessments")
    page.get_by_label("到哪天").fill("2026-12-31")
    page.get_by_role("button", name="启动评估").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("到哪天")).to_have_value("2026-12-31")
    page.get_by_label("到哪天").fill("2026-10-31")
    page.get_by_label("名称").fill("十月底的评估")
    page.get_by_role("button", name="启动评估").click()
    expect(page.locator("h1")).to_have_text("十月底的评估")
    expect(page.get_by_text("抽到的事项和评估人列在这里")).to_be_visible()
    step = page.locator(".head .acts a.pri")
    step.click()
    page.get_by_role("link", name="打开评估页面").click()
    expect(page.locator("h1")).to_have_text("十月底的评估")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Group", exact=True)).to_be_visible()


def test_who_has_no_part_in_an_assessment_does_not_find_it(visit, site):
    page = visit(CLERK, "/assessments")
    address = page.locator("tbody a.t").last.get_attribute("href")
    other = site.visitor(UNIT).context.request
    assert other.get(address).status == 404
    stranger = visit(UNIT, "/assessments")
    expect(stranger.get_by_role("heading", name="还没有总结评估")).to_be_visible()
    expect(stranger.get_by_role("button", name="启动评估")).to_have_count(0)
