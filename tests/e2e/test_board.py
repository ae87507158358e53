"""The board: what is red, whose, since when; every number opens exactly what it counts."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import func, select

from db.tables import Item
from tests.e2e.browser import assert_accessible, screenshot

LEADER = "shenguoliang"


def number_in(text: str) -> int:
    """The first number of a text."""
    found = re.search(r"\d+", text.replace(",", ""))
    assert found, text
    return int(found.group())


def rows_behind(page: Page, address: str) -> int:
    """How many items the ledger shows under an address."""
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_contain_text("台账")
    return page.locator("main tbody tr:not(.grp)").count()


def links_of(page: Page, selector: str) -> list[tuple[str, str]]:
    """(address, text) of links."""
    return [(link.get_attribute("href") or "", link.inner_text()) for link in page.locator(selector).all()]


def test_a_leader_begins_at_the_board_and_sees_what_is_red(visit, site):
    page = visit(LEADER)
    expect(page).to_have_url(re.compile(r"/board$"))
    with site.sessions() as session:
        red = session.exec(select(func.count()).select_from(Item).where(Item.light == "red")).one()
    assert red
    expect(page.locator(".lede")).to_contain_text(f"{red}项红灯")
    expect(page.locator(".kpis .red .v")).to_contain_text(str(red))
    expect(page.locator(".reds tbody tr")).to_have_count(min(red, 10))
    expect(page.locator(".reds tbody tr").first.locator(".light")).to_contain_text("起")
    figure = page.locator("[data-heatmap]")
    figure.scroll_into_view_if_needed()
    expect(figure).to_have_attribute("data-drawn", "yes")
    assert page.locator(".djs-element[class*=is-heat-]").count() > 5
    expect(page.locator(".djs-overlay .b.late").first).to_contain_text("超时")
    assert_accessible(page)
    page.evaluate("() => scrollTo(0, 0)")
    screenshot(page, "board", phone=True)


@pytest.mark.parametrize("period", ["", "2026-09"])
def test_every_number_is_what_the_ledger_shows_behind_it(visit, period):
    page = visit(LEADER, f"/board?period={period}")
    numbers = [
        *links_of(page, ".lede a"),
        *links_of(page, ".kpis .v a"),
        *links_of(page, ".due-months a"),
        *links_of(page, ".heat tbody tr:nth-child(-n+2) td a"),
    ]
    assert len(numbers) > 9
    for address, text in numbers:
        red_of = re.search(r"\d+\s*/\s*(\d+)", text)
        expected = int(red_of.group(1)) if red_of else number_in(re.sub(r"\d+月|\d{4}年", "", text))
        assert rows_behind(page, address) == expected, (address, text)


def test_the_sums_of_sections_and_the_table_of_the_trend_open_their_items(visit):
    page = visit(LEADER, "/board")
    sums = links_of(page, ".heat tfoot a")
    *_, (_, whole) = sums
    assert sum(number_in(text.split("/")[2]) for _, text in sums[:-1]) == number_in(whole.split("/")[2])
    address, text = sums[0]
    assert rows_behind(page, address) == number_in(text.split("/")[2])
    page.goto("/board")
    page.get_by_text("看数字").click()
    expect(page.locator("details[open] tbody tr").nth(-2)).to_contain_text("2026年10月")
    for address, text in links_of(page, "details[open] tbody tr:nth-last-child(2) a"):
        assert rows_behind(page, address) == number_in(text)


def test_what_waits_in_a_step_is_what_the_work_list_shows(visit):
    page = visit(LEADER, "/board?process=progress_round")
    waiting = links_of(page, ".steps tbody td a")
    assert waiting
    for address, text in waiting:
        assert parse_qs(urlsplit(address).query)["scope"] == ["all"]
        page.goto(address)
        expect(page.locator("main tbody tr:not(.grp)")).to_have_count(number_in(text))


def test_the_board_goes_back_to_a_period_by_its_bar_and_by_choice(visit):
    page = visit(LEADER, "/board")
    bar = page.locator('.chart a[href$="period=2026-08"]')
    label = bar.get_attribute("aria-label") or ""
    red = number_in(label.split("红灯")[1])
    bar.click()
    expect(page).to_have_url(re.compile("period=2026-08"))
    expect(page.locator(".head .sub")).to_contain_text("2026年8月期，8月31日定格")
    expect(page.locator(".kpis .red .v")).to_contain_text(str(red))
    expect(page.locator("#due")).to_have_count(0)
    assert_accessible(page)
    screenshot(page, "board-period")
    page.locator("select[name=period]").select_option(label="现在")
    page.locator("select[name=list]").select_option(index=1)
    page.get_by_role("button", name="查看").click()
    expect(page).to_have_url(re.compile("list="))
    expect(page.locator(".heat thead tr")).to_have_count(1)


def test_a_unit_sees_its_own_items_on_the_board(visit):
    def total(login: str) -> int:
        return number_in(visit(login, "/board").locator(".kpis .v a").first.inner_text())

    assert 0 < total("lichenxi") < total("zhoumin")


def test_the_board_speaks_english_and_prints(visit):
    page = visit(LEADER, "/board")
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Board")
    expect(page.locator(".lede")).to_contain_text("Until the end of the year")
    assert_accessible(page)
    page.emulate_media(media="print")
    expect(page.locator(".side")).to_be_hidden()
    expect(page.locator(".board-choice")).to_be_hidden()
    expect(page.locator(".heat")).to_be_visible()
    screenshot(page, "board-print")
