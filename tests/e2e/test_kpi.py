"""KPI targets with their charts, and completion by class of deadline, as of a day."""

from playwright.sync_api import expect

from tests.e2e.browser import assert_accessible, screenshot

CLERK = "zhoumin"


def test_a_target_without_a_base_says_that_it_cannot_be_assessed(visit):
    page = visit(CLERK, "/kpi-targets")
    without = page.locator("tr", has_text="数字贸易年均增速")
    expect(without).to_contain_text("无法评估")
    expect(without).to_contain_text("缺少基数")
    expect(without.get_by_role("progressbar")).to_have_count(0)
    assert_accessible(page)
    screenshot(page, "kpi-targets", phone=True)
    page.get_by_role("link", name="数字贸易年均增速").click()
    expect(page.get_by_text("这不是零")).to_be_visible()
    expect(page.locator("svg.chart")).to_have_count(0)
    page.locator("summary", has_text="登记基数").click()
    page.get_by_label("基数的值").fill("400")
    page.get_by_label("基数的出处").fill("补充公报")
    page.get_by_role("button", name="记下基数").click()
    expect(page.locator("#notice")).to_contain_text("重算")
    expect(page.get_by_text("这不是零")).to_have_count(0)


def test_the_chart_shows_figures_course_and_forecast_and_a_new_figure_counts(visit):
    page = visit(CLERK, "/kpi-targets")
    page.get_by_role("link", name="制度创新成果").click()
    expect(page.locator("svg.chart .read-dot")).to_have_count(7)
    expect(page.locator("svg.chart .range")).to_have_count(1)
    expect(page.get_by_text("按最近数据线性外推")).to_be_visible()
    page.get_by_label("数值").fill("60")
    page.get_by_label("来源", exact=True).fill("11月统计月报")
    page.get_by_role("button", name="登记数据").press("Enter")
    expect(page.locator("svg.chart .read-dot")).to_have_count(8)
    expect(page.locator("#figures").locator("xpath=ancestor::section")).to_contain_text("11月统计月报")
    assert_accessible(page)
    screenshot(page, "kpi-target", phone=True)
    page.goto(page.url.partition("?")[0] + "?as_of=2026-10-01")
    expect(page.get_by_text("11月统计月报")).to_have_count(0)
    expect(page.locator("svg.chart .read-dot")).to_have_count(6)


def test_a_target_is_set_and_what_is_wrong_with_it_is_said(visit):
    page = visit(CLERK, "/kpi-targets")
    page.get_by_label("指标名称").fill("认定总部企业")
    page.get_by_label("目标值").fill("30")
    page.get_by_label("计量单位").fill("家")
    page.get_by_label("从哪天算起").fill("2027-12-31")
    page.get_by_label("到哪天达到").fill("2025-12-31")
    page.get_by_label("出处").fill("行动方案表二")
    page.get_by_role("button", name="增设指标").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("指标名称")).to_have_value("认定总部企业")
    page.get_by_label("从哪天算起").fill("2025-12-31")
    page.get_by_label("到哪天达到").fill("2027-12-31")
    page.get_by_role("button", name="增设指标").click()
    expect(page.locator("h1")).to_have_text("认定总部企业")
    expect(page.get_by_text("还没有数据。")).to_be_visible()
    serving = page.locator("section", has=page.locator("#serving"))
    serving.get_by_label("找事项").fill("出台会展活动")
    serving.get_by_role("button", name="找", exact=True).click()
    serving.get_by_role("button", name="关联").first.click()
    expect(page.locator("#notice")).to_contain_text("已关联")
    expect(serving.get_by_role("link")).to_have_count(1)
    page.locator("summary", has_text="安排谁报").click()
    page.get_by_label("报送单位").fill("没有这个局")
    page.get_by_role("button", name="定下安排").click()
    expect(page.get_by_role("alert")).to_contain_text("没有叫“没有这个局”的单位")
    page.get_by_label("报送单位").fill("市商务局")
    page.get_by_label("多久报一次").select_option("quarterly")
    page.get_by_role("button", name="定下安排").click()
    page.locator("summary", has_text="要求报送").click()
    page.get_by_role("button", name="发出要求").click()
    expect(page.locator("section", has=page.locator("#asked"))).to_contain_text("市商务局 联络员")
    _cannot_report_without_evidence(visit("lichenxi", page.url))
    page.reload()
    expect(page.locator("section", has=page.locator("#asked"))).to_contain_text("台账还没有汇总")
    page.locator("summary", has_text="撤回要求").click()
    assert_accessible(page)
    screenshot(page, "kpi-links", phone=True)
    page.get_by_label("为什么不要了").fill("口径改了")
    page.get_by_role("button", name="撤回", exact=True).click()
    expect(page.locator("section", has=page.locator("#asked"))).to_contain_text("口径改了")
    serving.get_by_role("button", name="取消关联").click()
    expect(serving.get_by_text("还没有关联事项。")).to_be_visible()
    page.locator("summary", has_text="停用这项指标").click()
    page.get_by_role("button", name="停用", exact=True).click()
    expect(page.locator("#notice")).to_contain_text("数据保留")
    expect(page.get_by_role("link", name="认定总部企业")).to_have_count(0)


def _cannot_report_without_evidence(page):
    """The unit's liaison finds the request on the target, may not report without evidence, and says why it cannot."""
    page.get_by_role("link", name="报送数据").click()
    expect(page.get_by_text("报送“认定总部企业”").first).to_be_visible()
    page.get_by_label("数值").fill("12")
    page.get_by_label("数据日期").fill("2026-11-20")
    page.get_by_label("数据来源").fill("总部企业台账")
    assert_accessible(page)
    screenshot(page, "kpi-report", phone=True)
    page.get_by_role("button", name="报送", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("没有附佐证")
    page.get_by_label("无法统计的原因").fill("台账还没有汇总")
    page.get_by_role("button", name="无法统计").click()
    expect(page.locator("#notice")).to_be_visible()


def test_completion_counts_by_class_and_leaves_out_what_stands_still(visit):
    page = visit(CLERK, "/completion")
    total = page.locator(".classes tfoot td").first.inner_text()
    counted = page.locator(".classes tbody tr td:nth-child(2)").all_inner_texts()
    assert int(total) == sum(map(int, counted)) > 0
    expect(page.get_by_role("heading", name="不计入的事项")).to_be_visible()
    # The day up to which there is time, not the instant after it.
    expect(page.locator("tbody tr", has_text="出台会展活动")).to_contain_text("2026-10-31")
    assert_accessible(page)
    screenshot(page, "completion", phone=True)
    page.locator(".classes tbody a").first.click()
    expect(page.locator("section", has=page.locator("#items")).locator("tbody tr")).to_have_count(int(counted[0]))
    page.goto("/completion?as_of=2026-01-02")
    expect(page.get_by_role("heading", name="那天还没有事项")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_contain_text("ompletion")


def test_a_unit_sees_the_targets_that_its_items_serve_and_cannot_change_them(visit, site):
    page = visit("lichenxi", "/kpi-targets")
    expect(page.get_by_role("button", name="增设指标")).to_have_count(0)
    assert_accessible(page)
    page.goto("/completion")
    assert_accessible(page)
