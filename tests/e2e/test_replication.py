"""复制推广 through the hands of those who do it: a batch, its letters and answers, a stop, a merge, a report upward."""

from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlmodel import col, select

from app.demo.city import OFFICE
from app.demo.replication import EXPERTS
from app.demo.replication_forms import CASES, SCORES
from app.demo.stage import Stage
from db.tables import Adoption, ReplicationCase, Unit, WorkItem
from domain.permissions import Role
from services.replication import NominateCase
from tests.e2e.browser import assert_accessible, screenshot

CLERK, HEAD, LIAISON, LEADER = "zhoumin", "chengyuanhang", "lichenxi", "wangjianye"
OWN_UNIT = "市商务局"


def stage_of(site):
    return Stage(site.container.executor, site.clock, (site.clock.at - timedelta(days=300)).date(), "hands")


def nominated(stage, title, *applicants):
    """The case of a nomination."""
    units = tuple(stage.unit(name) for name in applicants)
    command = NominateCase(office_unit_id=stage.unit(OFFICE), title=title, applicants=units)
    return stage.do(command, stage.person(applicants[0], Role.LIAISON)).item_id


def approved(stage, title, applicant, **decided):
    """A case that the conference has decided to publish."""
    case_id = nominated(stage, title, applicant)
    due_on = (stage.clock.at + timedelta(days=200)).date().isoformat()
    panel = [name for name in EXPERTS if name != applicant][:3]
    forms = {
        "nominate": ("submit", CASES["R2"].form),
        "sign_nomination": ("sign", None),
        "check_form": ("accept", None),
        "plan_consultation": ("send", {"departments": [{"unit": "市司法局"}], "letter_number": "市开放办函91"}),
        "consult": ("agree", None),
        "settle_opinions": ("proceed", {"adoption_of_opinions": "会商意见均已采纳。"}),
        "appoint_experts": ("appoint", {"experts": [{"unit": name} for name in panel], "legality_unit": "市司法局"}),
        "score": ("score", SCORES[0]),
        "check_legality": ("pass", {"risk_level": "low", "basis": "属于市级权限，不突破现行规定。"}),
        "decide_range": ("adopt", {"conference": "第三次联席会议", "due_on": due_on, "publicize": False, **decided}),
    }
    for step, (decision, form) in forms.items():
        opinion = {"opinion": "做法清楚。"} if step == "score" else {}
        stage.complete(f"{title}.{step}", case_id, step, decision, form=form, **opinion)
    return case_id


def decides(page: Page, button: str, *, sure: bool = False) -> None:
    """Press a decision of a step, confirm it where one signs, and see that it was taken."""
    page.get_by_role("button", name=button, exact=True).first.click()
    if sure:
        page.locator("dialog[open]").get_by_role("button", name=button, exact=True).click()
    expect(page.locator("#notice > *").first).to_be_visible()


def opens_step(page: Page, case_id, step: str) -> None:
    """From the case to a step of one's own."""
    page.goto(f"/cases/{case_id}")
    page.locator(".head .acts").get_by_role("link", name=step, exact=True).click()
    expect(page.locator("h1")).to_contain_text(step)


def test_a_batch_is_drafted_compared_issued_answered_and_a_case_of_it_stopped(visit, site):
    stage = stage_of(site)
    units = [{"unit": OWN_UNIT}, {"unit": "示范海关"}]
    responsible = [{"unit": "市文化和旅游局"}]
    alike = approved(
        stage, "跨境直播备案指引服务", "市文化和旅游局", range="districts", units=units, responsible=responsible
    )
    other = approved(stage, "会展样机快速通关", "市文化和旅游局", range="jjj", units=[], responsible=responsible)
    page = visit(CLERK, "/batches")
    page.get_by_label("名称").fill("第四批复制推广改革试点经验")
    page.get_by_role("button", name="编成一批").click()
    expect(page.locator(".four tbody tr")).to_have_count(2)
    expect(page.get_by_role("heading", name="可能已经推广过，印发前要判定")).to_be_visible()
    expect(page.locator(".stage img").first).to_be_visible(timeout=60_000)
    assert_accessible(page)
    screenshot(page, "batch-draft", phone=True)
    draft = page.url
    head = visit(HEAD, draft)
    head.get_by_role("button", name="印发这一批").first.click()
    head.locator("dialog[open]").get_by_role("button", name="印发这一批").click()
    expect(head.get_by_role("alert")).to_contain_text("跨境直播备案指引")
    while page.get_by_role("button", name="不是同一项，保留").count():
        page.get_by_label("理由").first.fill("前一项只管备案，这一项管到服务。")
        page.get_by_role("button", name="不是同一项，保留").first.click()
        expect(page.locator("#notice")).to_contain_text("判定已记下")
    page.get_by_label("次序：会展样机快速通关").fill("1")
    page.get_by_label("次序：跨境直播备案指引服务").fill("2")
    page.get_by_role("button", name="保存这一批").click()
    expect(page.locator(".four tbody tr").first).to_contain_text("会展样机快速通关")
    head.goto(draft)
    head.get_by_role("button", name="印发这一批").first.click()
    head.locator("dialog[open]").get_by_role("button", name="印发这一批").click()
    expect(head.locator("#notice")).to_contain_text("已印发")
    beyond_the_city_there_is_a_letter_and_no_task(page, site, alike, other)
    a_unit_answers(visit, site, alike)
    head.goto(f"/cases/{other}")
    head.locator("#act-stop summary").click()
    head.get_by_label("为什么停止").fill("所依据的政策到期，没有延续。")
    head.get_by_role("button", name="印发停止推广的通知").click()
    expect(head.locator("#notice")).to_contain_text("停止推广")
    expect(head.locator(".head .status")).to_contain_text("停止")
    expect(head.locator(".note-box").filter(has_text="没有延续")).to_be_visible()
    expect(head.locator("section", has=head.locator("#adoptions"))).to_contain_text("0 / 6")
    with site.sessions() as session:
        left = session.exec(
            select(WorkItem.id)
            .join(Adoption, col(Adoption.item_id) == col(WorkItem.item_id))
            .where(Adoption.case_item_id == other, col(WorkItem.closed_at).is_(None))
        ).all()
    assert not left
    screenshot(head, "case-stopped", phone=True)


def beyond_the_city_there_is_a_letter_and_no_task(page, site, listed, wide):
    """Neighbours and central branches are asked by letter; what they answer is recorded on the case."""
    with site.sessions() as session:
        names = session.exec(
            select(Unit.short_name)
            .join(Adoption, col(Adoption.unit_id) == col(Unit.id))
            .where(col(Adoption.case_item_id).in_([listed, wide]))
        ).all()
    assert OWN_UNIT in names
    assert "示范海关" not in names
    page.goto(f"/cases/{listed}")
    expect(page.get_by_role("heading", name="市外的函")).to_be_visible()
    expect(page.locator("section", has=page.locator("#letters")).get_by_text("示范海关").first).to_be_visible()
    page.goto(f"/cases/{wide}")
    letters = page.locator("section", has=page.locator("#letters"))
    expect(letters).to_contain_text("北京市")
    letters.get_by_text("登记复函").first.click()
    letters.get_by_label("复函文号").first.fill("京函〔2026〕12号")
    letters.get_by_label("复函说了什么").first.fill("拟在两个区参考试行。")
    assert_accessible(page)
    letters.get_by_role("button", name="登记复函").first.click()
    expect(page.locator("#notice")).to_contain_text("复函已登记")
    expect(letters).to_contain_text("拟在两个区参考试行")
    screenshot(page, "case-letters", phone=True)


def a_unit_answers(visit, site, case_id):
    """已有, 拟落实 or 不适用: each asks for its own reason; the office looks at it, and it stands in the matrix."""
    with site.sessions() as session:
        unit_id = session.exec(select(Unit.id).where(Unit.short_name == OWN_UNIT)).one()
        adoption = session.exec(
            select(Adoption.item_id).where(Adoption.case_item_id == case_id, Adoption.unit_id == unit_id)
        ).one()
    page = visit(LIAISON, f"/items/{adoption}")
    page.get_by_role("link", name="答复推广").first.click()
    page.get_by_role("button", name="不适用", exact=True).first.click()
    expect(page.get_by_role("alert")).to_contain_text("不适用的理由")
    page.get_by_label("不适用的理由").fill("本单位不办理直播备案。")
    assert_accessible(page)
    screenshot(page, "adoption-answer", phone=True)
    decides(page, "不适用")
    leader = visit(LEADER, f"/items/{adoption}")
    leader.get_by_role("link", name="答复签发").first.click()
    decides(leader, "签发", sure=True)
    office = visit(CLERK, f"/items/{adoption}")
    office.get_by_role("link", name="核对答复").first.click()
    expect(office.locator("main")).to_contain_text("本单位不办理直播备案")
    decides(office, "认可")
    office.goto("/adoptions?state=not_applicable")
    expect(office.locator(".matrix tr").filter(has_text=OWN_UNIT)).to_contain_text("不适用")


def test_two_cases_of_one_reform_become_one_with_joint_credit(visit, site):
    stage = stage_of(site)
    kept = nominated(stage, "企业开办一次办成", OWN_UNIT)
    joins = nominated(stage, "企业开办一窗通办", "市人社局")
    page = visit(CLERK, f"/cases/{joins}")
    page.get_by_text("并入另一案例").first.click()
    page.get_by_label("并入", exact=True).select_option(str(kept))
    page.get_by_label("为什么是同一项").fill("两家申报的是同一项改革。")
    assert_accessible(page)
    page.get_by_role("button", name="并入这一案例").click()
    expect(page.locator("#notice")).to_contain_text("共同署名")
    expect(page.locator(".head .status")).to_contain_text("市人社局")
    expect(page.locator(".head .status")).to_contain_text(OWN_UNIT)
    page.locator("section", has=page.locator("#merged")).get_by_role("link").click()
    expect(page.locator("h1")).to_contain_text("企业开办一窗通办")
    expect(page.locator(".note-box").filter(has_text="同一项改革")).to_be_visible()
    page.get_by_role("link", name="看并入的案例").click()
    expect(page.locator("h1")).to_contain_text("企业开办一次办成")
    with site.sessions() as session:
        assert session.get(ReplicationCase, joins).merged_into_id == kept


def test_a_report_upward_is_signed_sent_received_and_answered_on_the_case(visit, site):
    stage = stage_of(site)
    case_id = approved(
        stage, "外资研发中心一站服务", OWN_UNIT, range="city", units=[], responsible=[{"unit": OWN_UNIT}]
    )
    day = site.clock.at.date().isoformat()
    page = visit(CLERK, f"/cases/{case_id}")
    page.get_by_text("上报国家").first.click()
    page.get_by_role("button", name="起草报告").click()
    page.get_by_label("主送机关").fill("国务院服务贸易发展部际联席会议办公室")
    page.get_by_label("标题", exact=True).fill("关于报送外资研发中心一站服务案例的报告")
    page.get_by_label("正文").fill("我市设立服务站，一次收件，分头办理。\n现将案例报上，请审阅。")
    decides(page, "送签")
    head = visit(HEAD)
    opens_step(head, case_id, "签发报告")
    decides(head, "签发", sure=True)
    for_the_record(page, case_id, "报送", "已报送", {"报送日期": day})
    for_the_record(page, case_id, "登记签收", "已签收", {"签收日期": day, "收文号": "收文第77号"})
    told = {"反馈日期": day, "反馈内容": "请补充企业受益数据。"}
    for_the_record(page, case_id, "登记反馈", "要求补充", told)
    unit = visit(LIAISON)
    for_the_record(unit, case_id, "补充材料", "送办公室", {"补充内容": "补充三十一家企业的办理时间。"})
    for_the_record(page, case_id, "报送补充材料", "已报送", {"报送日期": day})
    # Of two answers the later one counts, and the clock of the tests stands still.
    site.clock.at += timedelta(minutes=1)
    told = {"反馈日期": day, "入选批次": "服务贸易发展最佳实践案例", "反馈内容": "同意入选。"}
    for_the_record(page, case_id, "登记反馈", "入选", told)
    page.goto(f"/cases/{case_id}")
    reports = page.locator("section", has=page.locator("#reports"))
    for words in ("入选", "服务贸易发展最佳实践案例", "补充材料1次", "同意入选"):
        expect(reports).to_contain_text(words)
    assert_accessible(page)
    screenshot(page, "case-reported", phone=True)
    reports.get_by_role("link", name="关于报送外资研发中心一站服务案例的报告").click()
    expect(page.locator(".head .status")).to_contain_text("号")


def for_the_record(page: Page, case_id, step: str, button: str, written: dict[str, str]) -> None:
    """Open a step from the case, write what it asks for, and send it."""
    opens_step(page, case_id, step)
    for label, words in written.items():
        page.get_by_label(label).fill(words)
    if page.get_by_label("公文交换").count():
        page.get_by_label("公文交换").check()
    decides(page, button)
