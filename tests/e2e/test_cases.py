"""复制推广: cases, nomination, the experts' desk, batches with their printed notice, who takes up what."""

import io
from datetime import timedelta

from openpyxl import load_workbook
from playwright.sync_api import expect
from sqlmodel import col, select

from app.demo.city import OFFICE, PASSWORD
from app.demo.replication import EXPERTS
from app.demo.replication_forms import CASES, SCORES
from app.demo.stage import Stage
from db.tables import Adoption, ReplicationBatch, ReplicationCase
from domain.permissions import ANONYMOUS, OPERATOR, Role
from services.accounts import InvitePeople, RedeemLink
from services.replication import NominateCase
from tests.e2e.browser import assert_accessible, screenshot

CLERK, UNIT, HEAD = "zhoumin", "lichenxi", "chengyuanhang"


def test_the_list_narrows_by_where_cases_stand(visit, site):
    page = visit(CLERK, "/cases")
    assert page.locator("tbody tr").count() > 3
    assert_accessible(page)
    screenshot(page, "cases", phone=True)
    page.get_by_label("走到哪里").select_option("ended")
    page.get_by_role("button", name="筛选").click()
    with site.sessions() as session:
        ended = session.exec(
            select(ReplicationCase).where(col(ReplicationCase.state).in_(["stopped", "merged", "withdrawn"]))
        ).all()
    assert page.locator("tbody tr").count() >= len(ended) > 0
    page.goto("/cases?text=没有这样的案例")
    expect(page.get_by_role("heading", name="没有符合的案例")).to_be_visible()


def test_a_published_case_tells_what_was_said_and_what_became_of_it(visit, site):
    with site.sessions() as session:
        case_id = session.exec(select(Adoption.case_item_id)).first()
    page = visit(CLERK, f"/cases/{case_id}")
    for heading in ("案例正文", "改革前后的指标", "部门会商", "专家评分", "各单位落实"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    assert_accessible(page)
    screenshot(page, "case", phone=True)
    page.get_by_role("link", name="办理过程").click()
    page.get_by_role("link", name="打开案例").click()
    expect(page).to_have_url(f"{site.base_url}/cases/{case_id}")


def test_a_liaison_nominates_and_goes_on_to_the_text(visit):
    page = visit(UNIT, "/cases/new")
    page.get_by_label("改革事项").fill("样品通关随到随验")
    page.get_by_label("申报单位").fill("没有这个局")
    page.get_by_role("button", name="登记案例，去写正文").click()
    expect(page.get_by_role("alert")).to_contain_text("没有这个局")
    expect(page.get_by_label("改革事项")).to_have_value("样品通关随到随验")
    assert_accessible(page)
    screenshot(page, "case-nomination", phone=True)
    page.get_by_label("申报单位").fill("市商务局")
    page.get_by_role("button", name="登记案例，去写正文").click()
    expect(page.locator("h1")).to_contain_text("申报")
    page.get_by_role("link", name="打开案例").click()
    expect(page.get_by_text("申报单位还在写")).to_be_visible()


def test_batches_are_shown_beside_their_notice(visit, site):
    page = visit(CLERK, "/batches")
    assert_accessible(page)
    screenshot(page, "batches")
    with site.sessions() as session:
        batch = session.exec(select(ReplicationBatch).where(col(ReplicationBatch.issued_at).is_not(None))).first()
    page.get_by_role("link", name=batch.title, exact=True).click()
    expect(page.locator(".stage img").first).to_be_visible(timeout=60_000)
    assert page.locator(".four tbody tr").count() > 0
    assert_accessible(page)
    screenshot(page, "batch", phone=True)


def test_the_matrix_shows_each_answer_and_goes_to_a_spreadsheet(visit, site):
    page = visit(CLERK, "/adoptions")
    with site.sessions() as session:
        count = len(session.exec(select(Adoption)).all())
    expect(page.locator(".matrix td[data-s]")).to_have_count(count)
    assert_accessible(page)
    screenshot(page, "adoptions", phone=True)
    page.get_by_label("状态").select_option("not_applicable")
    page.get_by_role("button", name="筛选").click()
    narrowed = page.locator(".matrix td[data-s]").count()
    assert 0 < narrowed < count
    answer = page.context.request.get(page.get_by_role("link", name="导出Excel").get_attribute("href"))
    sheet = load_workbook(io.BytesIO(answer.body())).worksheets[0]
    assert sum(cell.value == "不适用" for row in sheet.iter_rows() for cell in row) == narrowed


def test_the_expert_desk_says_that_nothing_waits(visit):
    page = visit(UNIT, "/expert-desk")
    expect(page.get_by_role("heading", name="还没有请您评过分")).to_be_visible()
    assert_accessible(page)
    screenshot(page, "expert-desk-empty", phone=True)


def to_the_experts(site, title, *, left):
    """A case that three experts are asked about, of whom all have marked it but one, who has an account: `left`."""
    stage = Stage(site.container.executor, site.clock, (site.clock.at - timedelta(days=300)).date(), "pages")
    nomination = NominateCase(office_unit_id=stage.unit(OFFICE), title=title, applicants=(stage.unit("市商务局"),))
    case_id = stage.do(nomination, stage.person("市商务局", Role.LIAISON)).item_id
    departments = {"departments": [{"unit": "市司法局"}], "letter_number": "市开放办函88"}
    panel = {"experts": [{"unit": name} for name in EXPERTS[:3]], "legality_unit": "市司法局"}
    stage.complete(f"{title}.1", case_id, "nominate", "submit", form=CASES["R2"].form)
    stage.complete(f"{title}.2", case_id, "sign_nomination", "sign")
    stage.complete(f"{title}.3", case_id, "check_form", "accept")
    stage.complete(f"{title}.4", case_id, "plan_consultation", "send", form=departments)
    stage.complete(f"{title}.5", case_id, "consult", "agree")
    stage.complete(f"{title}.6", case_id, "settle_opinions", "proceed", form={"adoption_of_opinions": "意见均已采纳。"})
    stage.complete(f"{title}.7", case_id, "appoint_experts", "appoint", form=panel)
    others = [expert for expert in EXPERTS[:3] if expert != EXPERTS[left - 1]]
    for expert, marks in zip(others, SCORES[1:], strict=True):
        stage.complete(f"{title}.{expert}", case_id, "score", "score", unit=expert, form=marks, opinion="做法清楚。")
    [link] = stage.do(InvitePeople(logins=(f"expert{left}",)), OPERATOR)
    stage.do(RedeemLink(secret=link.secret, password=PASSWORD, source="test"), ANONYMOUS)
    return case_id


def test_an_expert_marks_a_case_beside_its_text_and_sees_nobody_elses_marks(visit, site):
    case_id = to_the_experts(site, "展品随到随验", left=1)
    page = visit("expert1", "/expert-desk")
    expect(page.locator(".head .sub")).to_contain_text("1个案例等您评分")
    assert_accessible(page)
    screenshot(page, "expert-desk", phone=True)
    page.get_by_role("link", name="展品随到随验").click()
    expect(page).to_have_url(f"{site.base_url}/cases/{case_id}")
    expect(page.get_by_role("heading", name="案例正文")).to_be_visible()
    assert "做法清楚" not in page.locator("main").inner_text()
    assert_accessible(page)
    assert "%" not in page.locator(".beside").inner_text()
    screenshot(page, "case-scoring", phone=True)
    for name, marks in (("创新性", "88"), ("成效", "82"), ("可复制性", "80"), ("风险可控", "90")):
        page.locator(".beside").get_by_label(name).fill(marks)
    page.locator(".beside").get_by_label("评语").fill("数字可信，做法清楚。")
    page.locator(".beside").get_by_role("button", name="评分", exact=True).click()
    expect(page.locator("#notice")).to_contain_text("专家评分")
    page.goto("/expert-desk")
    expect(page.locator("tbody tr").filter(has_text="展品随到随验")).to_contain_text("84.5")
    office = visit(CLERK, f"/cases/{case_id}")
    expect(office.get_by_text("数字可信，做法清楚。")).to_be_visible()


def test_an_expert_who_withdraws_says_why_and_the_office_asks_another(visit, site):
    case_id = to_the_experts(site, "展会物资一单放行", left=2)
    page = visit("expert2", f"/cases/{case_id}")
    page.get_by_role("button", name="申请回避", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("原因")
    page.get_by_label("参与过本案例").check()
    page.get_by_label("评语").fill("去年参加过这个案例的设计。")
    page.get_by_role("button", name="申请回避", exact=True).last.click()
    expect(page.locator("#notice > *").first).to_be_visible()
    page.goto("/expert-desk")
    expect(page.locator("tbody tr").filter(has_text="展会物资一单放行")).to_contain_text("回避")
    office = visit(CLERK, f"/cases/{case_id}")
    marks = office.locator("section", has=office.locator("#scores"))
    expect(marks.locator("tbody tr").filter(has_text="回避")).to_have_count(1)
    expect(office.locator(".head .acts").get_by_role("link", name="组织评估")).to_be_visible()
