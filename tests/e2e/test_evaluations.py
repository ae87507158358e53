"""单位评价: begun, followed by unit, a sheet opened down to its facts, ranks told once they are decided."""

import pytest
from playwright.sync_api import expect

from domain.permissions import Role
from tests.e2e.browser import assert_accessible, screenshot
from tests.e2e.judged import evaluated, joins, small_world

CLERK, UNIT, OTHER = "zhoumin", "lichenxi", "songjiahe"


@pytest.fixture(scope="module")
def year(module_site):
    """A year whose data are locked; units have scored themselves and their partners."""
    world = small_world(module_site)
    joins(module_site, "周敏", world.office, Role.OFFICE_STAFF)
    joins(module_site, "李晨曦", world.leads[1], Role.UNIT_LEADER, Role.LIAISON)
    joins(module_site, "宋佳禾", world.leads[0], Role.LIAISON)
    opened = evaluated(world)
    opened.to_approval()
    for unit in opened.units():
        partners = world.co_units[:2] if unit in world.leads else world.leads
        opened.self_score(unit, dict.fromkeys(partners, 8))
    opened.lock()
    return opened


def test_an_evaluation_is_begun_and_drafted(visit):
    page = visit(CLERK, "/evaluations")
    page.get_by_label("从哪天").fill("2026-04-01")
    page.get_by_label("到哪天").fill("2026-09-30")
    page.get_by_label("试评，结果不用于考核").check()
    page.get_by_role("button", name="开始评价").click()
    expect(page.locator("#notice")).to_contain_text("个单位参评")
    expect(page.get_by_text("按时限要求完成任务")).to_be_visible()
    page.get_by_role("link", name="拟定方案").click()
    page.get_by_role("link", name="打开评价页面").click()
    expect(page.locator("h1")).to_contain_text("试评价")
    page.goto("/evaluations")
    page.get_by_label("从哪天").fill("2026-09-30")
    page.get_by_label("到哪天").fill("2026-04-01")
    page.get_by_role("button", name="开始评价").click()
    expect(page.get_by_role("alert")).to_contain_text("起止日期不对")
    expect(page.get_by_label("从哪天")).to_have_value("2026-09-30")


def test_a_unit_sees_its_own_sheet_alone_before_the_circular(visit, site, year):
    own, other = (year.unit_item(unit) for unit in (year.world.leads[1], year.world.leads[0]))
    page = visit(UNIT, "/evaluations")
    page.get_by_role("link", name="单位评价", exact=False).first.wait_for()
    page.goto(f"/evaluations/{year.id}")
    expect(page.get_by_role("heading", name="分组结果还没有公布")).to_be_visible()
    expect(page.locator("#progress").locator("xpath=ancestor::section").locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="市试乙局", exact=True).click()
    expect(page.get_by_role("heading", name="得分还没有反馈")).to_be_visible()
    page.get_by_text("看依据").first.click()
    expect(page.get_by_text("建立跨境结算便利机制").first).to_be_visible()
    expect(page.locator(".sum")).to_have_count(0)
    assert_accessible(page)
    stranger = site.visitor(OTHER).context.request
    assert stranger.get(f"/evaluations/sheets/{own}").status == 404
    assert stranger.get(f"/evaluations/sheets/{other}").ok


def test_a_sheet_opens_down_to_its_facts_and_tells_what_was_said_of_it(visit, year):
    second = year.world.leads[1]
    for unit in year.units():
        year.score(unit)
        if unit != second:
            year.accept(unit)
    page = visit(CLERK, f"/evaluations/sheets/{year.unit_item(second)}")
    cited = page.locator(".gives code").first.inner_text()
    claim = {"kind": "tolerance", "target": cited, "grounds": "先行先试，程序合规"}
    year.step(second, "answer_feedback", "object", form={"objections": [claim]})
    ruling = {"kind": "tolerance", "target": cited, "reason": "符合容错情形"}
    year.step(second, "recheck", "uphold", form={"rulings": [ruling]}, actor=year.second_clerk)
    page.reload()
    taken = page.locator("section", has=page.locator("#taken"))
    expect(taken).to_contain_text("符合容错情形")
    expect(page.locator("section", has=page.locator("#answers"))).to_contain_text("先行先试，程序合规")
    page.locator(".behind > summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".behind[open] .facts-t").first).to_be_visible()
    expect(page.locator(".sum .big")).not_to_be_empty()
    assert_accessible(page)
    screenshot(page, "score-sheet", phone=True)
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_contain_text("Score sheet")


def test_ranks_are_told_per_group_and_to_units_once_they_are_decided(visit, year):
    page = visit(CLERK, f"/evaluations/{year.id}")
    expect(page.get_by_text("按现在的数据，还没有审定")).to_be_visible()
    expect(page.get_by_role("progressbar", name="市试甲局得")).to_be_visible()
    unit = visit(UNIT, f"/evaluations/{year.id}")
    expect(unit.get_by_text("市试甲局")).to_have_count(0)
    year.decide()
    unit.reload()
    expect(unit.locator(".ranks").first).to_contain_text("市试甲局")
    expect(unit.get_by_role("link", name="市试甲局")).to_have_count(0)
    assert_accessible(unit)
    page.reload()
    page.get_by_role("link", name="市试甲局").first.wait_for()
    assert_accessible(page)
    screenshot(page, "evaluation", phone=True)
    page.goto("/evaluations")
    assert_accessible(page)
    screenshot(page, "evaluations", phone=True)
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_contain_text("Evaluation")
