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
        opened.self_score(unit, dict.fromkeys(partners, 8), proven=unit == world.leads[1])
    opened.lock()
    return opened


def test_an_evaluation_is_begun_its_scheme_edited_and_sent_for_opinions(visit):
    page = visit(CLERK, "/evaluations")
    page.get_by_label("从哪天").fill("2026-04-01")
    page.get_by_label("到哪天").fill("2026-09-30")
    page.get_by_label("办公室所在单位").fill("市商务局")
    page.get_by_label("给它评分的单位").fill("市司法局、市教育局、没有这家单位")
    page.get_by_label("试评，结果不用于考核").check()
    page.get_by_role("button", name="开始评价").click()
    expect(page.get_by_role("alert")).to_contain_text("没有这家单位")
    page.get_by_label("给它评分的单位").fill("市司法局、市教育局、市卫生健康委")
    page.get_by_role("button", name="开始评价").click()
    expect(page.locator("#notice")).to_contain_text("个单位参评")
    expect(page.get_by_text("按时限要求完成任务")).to_be_visible()

    page.get_by_role("link", name="改方案").click()
    field = page.locator
    field('[id="criteria.0.points"]').fill("45")
    field('[id="criteria.1.parts.0.formula"]').fill("points * gifts")
    field('[id="criteria.4.parts.0.table"]').press("Control+End")
    page.keyboard.type("\n>= 2 | 7 | 9 | 和上一行重叠")
    field('[id="last_day"]').fill("2026-10-31")
    page.get_by_role("button", name="检查并保存").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("各项指标合计95.00分，应为100.00分")
    expect(page.locator('[id="criteria.0.points-err"]')).to_contain_text("合计50.00分，应为45.00分")
    expect(page.locator('[id="criteria.1.parts.0.formula-err"]')).to_contain_text("不存在的数据gifts")
    expect(page.locator('[id="criteria.4.parts.0.table-err"]')).to_contain_text("会同时命中")
    expect(field('[id="criteria.1.parts.0.formula"]')).to_have_value("points * gifts")
    expect(field('[id="last_day"]')).to_have_value("2026-10-31")
    assert_accessible(page)
    screenshot(page, "evaluation-scheme", phone=True)

    field('[id="criteria.0.points"]').fill("50")
    field('[id="criteria.0.parts.0.points"]').fill("40")
    field('[id="criteria.1.parts.0.formula"]').fill(
        "points if reports_due == 0 else points * reports_on_time / reports_due"
    )
    table = field('[id="criteria.4.parts.0.table"]')
    table.fill(table.input_value().rpartition("\n")[0])
    page.locator("fieldset.crit").first.get_by_role("button", name="加一个小项").click()
    expect(field('[id="criteria.0.parts.1.label"]')).to_be_focused()
    page.keyboard.type("报告质量")
    field('[id="criteria.0.parts.1.points"]').fill("10")
    field('[id="criteria.0.parts.1.measure"]').select_option("office")
    page.get_by_role("button", name="检查并保存").click()
    expect(page.locator("#notice")).to_contain_text("第2稿")
    expect(page.locator("h1")).to_contain_text("2026年10月31日单位试评价")
    expect(page.get_by_role("row", name="报告质量")).to_contain_text("办公室评分")
    expect(page.get_by_text("市商务局是办公室所在单位")).to_contain_text("市卫生健康委")
    address = page.url
    page.get_by_role("link", name="拟定方案").click()
    page.get_by_role("button", name="征求意见").click()
    page.goto(address)
    expect(page.locator(".status")).to_contain_text("征求意见")
    expect(page.get_by_role("link", name="改方案")).to_have_count(0)


def test_what_ends_before_it_begins_is_refused_and_what_was_typed_stays(visit):
    page = visit(CLERK, "/evaluations")
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
    expect(page.locator("section", has=page.locator("#proofs"))).to_contain_text("会议纪要")
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
