"""Conferences and coordination: topics, a call, agenda, minutes; issued documents with their files."""

from datetime import timedelta
from uuid import UUID

from playwright.sync_api import expect
from sqlmodel import col, select

from app.demo.stage import Stage
from db.tables import IssuedDocument, ProcessInstance
from domain.document_errors import RenderingTookTooLong
from domain.documents import DocumentFormat
from dossiers.rendering import renderer
from services.queries.documents import unprinted
from tests.e2e.browser import assert_accessible, screenshot

CLERK, UNIT = "zhoumin", "lichenxi"


def stage_of(site):
    return Stage(site.container.executor, site.clock, (site.clock.at - timedelta(days=300)).date(), "pages")


def test_a_topic_reaches_the_agenda_of_a_conference(visit, site):
    page = visit(UNIT, "/conferences")
    page.get_by_text("报送议题", exact=True).first.click()
    page.get_by_label("要会议定什么").fill("数据口径以谁为准")
    page.get_by_label("背景、分歧、建议怎样定").fill("两家口径不同，建议以海关数据为准。")
    page.get_by_role("button", name="报送议题").click()
    expect(page.locator("#notice")).to_contain_text("议题已报送")
    assert_accessible(page)
    page = visit(CLERK, "/conferences")
    page.get_by_text("召集会议", exact=True).first.click()
    page.get_by_label("参加单位").fill("市商务局、没有这个局")
    page.get_by_role("button", name="召集会议").click()
    expect(page.get_by_role("alert")).to_contain_text("没有这个局")
    page.get_by_label("参加单位").fill("市商务局、市大数据局")
    page.get_by_label("专题会议").first.check()
    page.get_by_role("button", name="召集会议").click()
    expect(page.locator("h1")).to_contain_text("专题会议")
    special = page.url
    assert_accessible(page)
    screenshot(page, "conference-called", phone=True)
    page.goto("/conferences")
    assert_accessible(page)
    screenshot(page, "conferences", phone=True)
    page.goto(special)
    expect(page.get_by_text("还没有报来的议题")).to_be_visible()


def test_minutes_are_written_where_the_conference_is_shown(visit, site):
    page = visit(CLERK, "/conferences")
    page.get_by_text("报送议题", exact=True).first.click()
    form = page.locator("form", has=page.locator("input[value=propose]"))
    form.get_by_label("专题会议").check()
    page.get_by_label("要会议定什么").fill("夜间查验人手")
    page.get_by_label("背景、分歧、建议怎样定").fill("请明确由谁增加人手。")
    page.get_by_role("button", name="报送议题").click()
    page.get_by_text("召集会议", exact=True).first.click()
    call = page.locator("form", has=page.locator("input[value=call]"))
    call.get_by_label("专题会议").check()
    page.get_by_label("参加单位").fill("市商务局、市大数据局")
    page.get_by_role("button", name="召集会议").click()
    item_id = page.url.rpartition("/")[2]
    page.get_by_label("夜间查验人手", exact=False).first.check()
    page.get_by_role("button", name="记下议程").click()
    expect(page.locator("#notice")).to_contain_text("议程已记下")
    stage = stage_of(site)
    conference = UUID(item_id)
    stage.complete("p1", conference, "prepare_agenda")
    day = site.clock.at.date().isoformat()
    stage.complete("p2", conference, "settle_agenda", form={"meets_on": day, "place": "三楼会议室"})
    page.reload()
    page.get_by_label("谁来：市商务局").fill("李处长")
    page.get_by_role("button", name="登记到会").click()
    expect(page.locator("#notice")).to_contain_text("到会情况已登记")
    assert_accessible(page)
    stage.complete("p3", conference, "hold_meeting")
    page.reload()
    page.get_by_label("会议情况，一行一段").fill("会议研究了夜间查验人手。")
    page.locator("#x-text-0").fill("增加夜间查验两班")
    page.locator("#x-leads-0").fill("市商务局")
    page.get_by_role("button", name="再加一项").click()
    page.get_by_role("button", name="保存纪要").click()
    expect(page.locator("#notice")).to_contain_text("新的一稿")
    expect(page.locator("#x-leads-0")).to_have_value("市商务局")
    expect(page.locator(".stage img").first).to_be_visible(timeout=60_000)
    assert_accessible(page)
    screenshot(page, "conference", phone=True)


def test_a_document_is_listed_shown_downloaded_and_known_again(visit, site):
    page = visit(CLERK, "/documents")
    with site.sessions() as session:
        titles = [row.title for row in session.exec(select(IssuedDocument)).all()]
    assert titles
    expect(page.locator("tbody tr")).to_have_count(min(len(titles), 50))
    assert_accessible(page)
    screenshot(page, "documents", phone=True)
    page.locator("tbody a").first.click()
    expect(page.locator(".stage img").first).to_be_visible(timeout=60_000)
    assert_accessible(page)
    screenshot(page, "document", phone=True)
    with page.expect_download(timeout=60_000) as downloading:
        page.get_by_role("link", name="下载PDF").click()
    path = downloading.value.path()
    page.goto("/documents")
    page.get_by_label("文件", exact=True).set_input_files(
        {"name": "x.pdf", "mimeType": "application/pdf", "buffer": path.read_bytes()}
    )
    page.get_by_role("button", name="核验这份文件").click()
    expect(page.get_by_role("status").filter(has_text="是原件")).to_be_visible(timeout=60_000)


def test_a_problem_shows_what_every_level_wrote(visit, site):
    with site.sessions() as session:
        instance = session.exec(select(ProcessInstance).where(col(ProcessInstance.key) == "coordination")).first()
    page = visit(CLERK, "/conferences")
    if instance is None:
        expect(page.get_by_text("没有提请协调的问题")).to_be_visible()
        return
    page.goto(f"/coordinations/{instance.id}")
    expect(page.get_by_role("heading", name="各级意见")).to_be_visible()
    assert_accessible(page)
    screenshot(page, "coordination", phone=True)


def test_a_document_tells_that_it_is_being_drawn_and_why_it_could_not_be(visit, site, monkeypatch):
    with site.sessions() as session:
        [document_id] = unprinted(session, DocumentFormat.PDF, limit=1)

    def too_long(*_given, **_named):
        raise RenderingTookTooLong("drawn for a minute", seconds=60)

    with monkeypatch.context() as broken:
        broken.setattr(type(renderer()), "pdf", too_long)
        page = visit(CLERK, f"/documents/{document_id}")
        expect(page.get_by_role("heading", name="没有生成")).to_be_visible()
        expect(page.locator("main")).to_contain_text("已经定稿")
        assert_accessible(page)
        screenshot(page, "document-not-drawn", phone=True)
    page.get_by_role("link", name="再试一次").click()
    expect(page.locator(".stage img").first).to_be_visible(timeout=60_000)
    with site.sessions() as session:
        assert document_id not in unprinted(session, DocumentFormat.PDF, limit=1000)
