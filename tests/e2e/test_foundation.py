"""Models, deliveries, audit and accounts: what administrators and the office look after."""

import re
from uuid import uuid4

from playwright.sync_api import expect

from domain.permissions import SCHEDULER
from services.operation import Beat, Measured, NoteTick
from services.sealing import SealAudit
from services.sweeping import Failed, Ran, Sweeper
from services.sweeps import SWEEPS
from tests.e2e.browser import assert_accessible, screenshot


def test_a_model_is_drawn_and_told_in_words(visit):
    page = visit("zhoumin", "/models")
    expect(page.locator("tbody tr").first).to_be_visible()
    assert_accessible(page)
    screenshot(page, "models", phone=True)
    page.locator("tbody a.t").last.click()
    expect(page.locator("figure[data-drawn]")).to_be_visible()
    expect(page.get_by_role("heading", name="检查结果")).to_be_visible()
    expect(page.get_by_text("没有问题").first).to_be_visible()
    assert_accessible(page)
    screenshot(page, "model", phone=True)


def test_the_office_follows_what_was_sent(visit, site):
    sweeper = Sweeper(site.container.executor, site.container.reads)
    [hand_over] = [sweep for sweep in SWEEPS if sweep.name == "hand_over"]
    while sweeper.run(hand_over).done:
        pass
    page = visit("zhoumin", "/deliveries?state=queued")
    expect(page.locator("tbody tr").first).to_contain_text("待发送")
    assert_accessible(page)
    screenshot(page, "deliveries", phone=True)
    page.locator("tbody a.t").first.click()
    expect(page.get_by_role("heading", name="每次发送")).to_be_visible()
    expect(page.get_by_role("button", name="再发一次")).to_have_count(0)
    assert_accessible(page)
    page.goto("/deliveries?address=nobody@example.org")
    expect(page.get_by_role("heading", name="没有符合的")).to_be_visible()
    assert visit("lichenxi").goto("/deliveries").status == 403


def test_a_channel_is_kept_only_when_it_answered(visit):
    page = visit("fangzhicheng", "/deliveries/channels")
    assert_accessible(page)
    page.get_by_label("企业微信").check()
    page.get_by_label("叫什么").fill("值班群")
    page.get_by_label("地址").fill("https://127.0.0.1/robot")
    page.get_by_role("button", name="试发并保存").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("叫什么")).to_have_value("值班群")
    expect(page.get_by_role("heading", name="还没有渠道")).to_be_visible()
    assert_accessible(page)


def test_the_audit_administrator_searches_and_sees_the_seals(visit, site):
    while site.container.executor.execute(SealAudit(), actor=SCHEDULER).more:
        pass
    page = visit("dingboyan", "/audit")
    expect(page.locator(".sub")).to_contain_text("与封存时一致")
    page.get_by_label("谁", exact=True).fill("李晨曦")
    page.get_by_label("做了什么").select_option("办理")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("tbody tr").first.locator("td").nth(1)).to_contain_text("办理")
    people = page.locator("tbody th[scope=row]")
    expect(people.first).to_contain_text("李晨曦")
    assert all("李晨曦" in name for name in people.all_inner_texts())
    assert_accessible(page)
    screenshot(page, "audit", phone=True)
    assert visit("zhoumin").goto("/audit").status == 403


def test_the_security_administrator_issues_a_link_and_shuts_somebody_out(visit, site):
    page = visit("luoxiaojing", "/accounts")
    assert_accessible(page)
    page.get_by_role("button", name=re.compile("重设密码链接 宋佳禾")).click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator(".secret")).to_contain_text("/links/")
    assert_accessible(page)
    screenshot(page, "accounts", phone=True)
    theirs = visit("songjiahe", "/account")
    page.goto("/accounts")
    page.get_by_role("button", name=re.compile("停用 宋佳禾")).click()
    page.get_by_role("dialog").get_by_role("button", name="停用账号").click()
    expect(page.locator("#notice")).to_contain_text("已从所有设备退出")
    theirs.goto("/account")
    expect(theirs).to_have_url(re.compile("/sign-in"))
    page.get_by_role("button", name=re.compile("恢复 宋佳禾")).click()
    expect(page.locator("#notice")).to_contain_text("已恢复")


def test_the_system_administrator_sees_whether_everything_runs(visit, site):
    page = visit("fangzhicheng", "/status")
    expect(page.get_by_role("heading", name="一眼看")).to_be_visible()
    beat = Beat(id=uuid4(), kind="scheduler", host="host-a", pid=7, started_at=site.clock.now(), ticking=True)
    now = site.clock.now()
    failed = Ran("lights", now, done=3, took_seconds=0.02, failed=[Failed("42", "boom", "it broke")])
    site.container.executor.execute(NoteTick(beat=beat, measured=[Measured(failed, backlog=1)]), actor=SCHEDULER)
    page.reload()
    expect(page.get_by_role("row", name=re.compile("host-a"))).to_contain_text("在执行")
    expect(page.locator(".scroll-x[aria-label=定时任务]")).to_contain_text("判定亮灯")
    expect(page.locator(".facts").first).to_contain_text("封存到第")
    expect(page.locator(".facts").first).to_contain_text("已装入")
    assert_accessible(page)
    screenshot(page, "status", phone=True)
    page.get_by_role("button", name="现在再试 42").click()
    expect(page.locator("#notice")).to_contain_text("下一轮会再试1个")
    assert visit("zhoumin").goto("/status").status == 403


def test_the_security_administrator_ends_a_session_and_a_lock(visit, site):
    theirs = visit("wangjianye", "/account")
    for _ in range(5):
        site.visitor().context.request.post(
            "/api/v1/auth/session", data={"login": "heliqun", "password": "wrong-one-1"}
        )
    page = visit("luoxiaojing", "/accounts")
    page.get_by_role("link", name="谁登录着").click()
    locked = page.locator(".scroll-x[aria-label=输错密码锁着的]")
    expect(locked).to_contain_text("何立群")
    assert_accessible(page)
    screenshot(page, "sessions", phone=True)
    locked.get_by_role("button", name="解锁 何立群").click()
    expect(page.locator("#notice")).to_contain_text("可以再试")
    assert site.visitor("heliqun")
    page.get_by_role("button", name=re.compile("让它退出 王建业")).first.click()
    expect(page.locator("#notice")).to_contain_text("已结束")
    theirs.goto("/account")
    expect(theirs).to_have_url(re.compile("/sign-in"))
    assert visit("zhoumin").goto("/accounts/sessions").status == 403
