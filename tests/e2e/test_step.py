"""Doing steps in the browser: a report with a file, drafts, signing, returns, two people at once, cut-off uploads."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from db.tables import Evidence, Person, UnitMember, WorkItem
from tests.e2e.browser import assert_accessible, screenshot

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def waiting(site, login: str, step: str, *, skip: int = 0) -> UUID:
    """An open work item of that step which waits for that person."""
    with site.sessions() as session:
        statement = (
            select(WorkItem.id)
            .join(UnitMember, col(UnitMember.unit_id) == col(WorkItem.unit_id))
            .join(Person, col(Person.id) == col(UnitMember.person_id))
            .where(Person.login == login, UnitMember.role == WorkItem.role, WorkItem.bpmn_id == step)
            .where(col(WorkItem.closed_at).is_(None))
            .order_by(col(WorkItem.opened_at).desc(), col(WorkItem.id))
            .offset(skip)
        )
        found = session.exec(statement.limit(1)).first()
    assert found is not None, f"nothing waits for {login} in {step}"
    return found


@pytest.fixture(autouse=True)
def everybody_signs_in(site):
    """The city gives a password to its sample accounts only; these journeys need whoever holds the step."""
    with site.sessions() as session:
        known = session.exec(select(Person.password_hash).where(Person.login == "lichenxi")).one()
        for person in session.exec(select(Person).where(col(Person.password_hash).is_(None))):
            person.password_hash = known
        session.commit()


def next_of(site, work_item_id: UUID, step: str) -> UUID:
    """The work item of that step that is open now in the same process."""
    with site.sessions() as session:
        instance_id = session.exec(select(WorkItem.instance_id).where(WorkItem.id == work_item_id)).one()
        statement = select(WorkItem.id).where(
            WorkItem.instance_id == instance_id, WorkItem.bpmn_id == step, col(WorkItem.closed_at).is_(None)
        )
        return session.exec(statement.limit(1)).one()


def person_for(site, work_item_id: UUID, *, but: str = "") -> str:
    """The login of somebody for whom the work item waits."""
    with site.sessions() as session:
        work = session.get(WorkItem, work_item_id)
        statement = (
            select(Person.login)
            .join(UnitMember, col(UnitMember.person_id) == col(Person.id))
            .where(UnitMember.unit_id == work.unit_id, UnitMember.role == work.role, col(Person.login).is_not(None))
            .where(Person.login != but)
            .order_by(col(Person.login).desc())
        )
        login = session.exec(statement.limit(1)).one()
    assert login is not None
    return login


def parts_done(page: Page) -> None:
    """Wait until a file has arrived."""
    expect(page.locator(".up li[data-s=ok]")).to_have_count(1)


def two_clerks_decide(visit, review: UUID) -> None:
    """The office sees the units side by side; of two clerks the second is told what the first did."""
    first, second = visit("zhoumin", f"/work/{review}"), visit("heliqun", f"/work/{review}")
    heads = first.locator("table.cmp thead th")
    expect(heads.first).to_contain_text("牵头汇总")
    expect(heads.filter(has_text="配合单位报送").first).to_be_visible()
    assert_accessible(first)
    screenshot(first, "step-review", phone=True)
    second.locator("textarea").first.fill("数字已核对。")
    first.get_by_role("button", name="通过").first.click()
    expect(first.get_by_role("status").first).to_contain_text("通过")
    second.get_by_role("button", name="通过").first.click()
    expect(second.get_by_role("alert")).to_contain_text("先办了这一步")
    expect(second.get_by_role("alert")).to_be_focused()
    expect(second.locator("main")).to_contain_text("数字已核对。")
    assert_accessible(second)
    screenshot(second, "step-overtaken", phone=True)


def test_a_report_goes_from_hand_to_hand_and_comes_back_once(visit, site):
    part = waiting(site, "renyuanfan", "contribute")

    # The co-unit's part, with one file. What it costs in clicks and keys is counted in test_journey.
    page = visit("renyuanfan", f"/work/{part}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("配合单位报送")
    assert_accessible(page)
    screenshot(page, "step", phone=True)
    page.get_by_label("本期做成了什么").fill("已向三家企业说明新的口径，收到反馈两条。")
    expect(page.locator("[data-saved]")).to_contain_text("草稿已存")
    page.locator("#files").set_input_files({"name": "说明会.png", "mimeType": "image/png", "buffer": PICTURE})
    parts_done(page)
    screenshot(page, "step-file", phone=True)
    page.get_by_role("button", name="报送", exact=True).first.click()
    expect(page.get_by_role("status").first).to_contain_text("配合单位报送")
    with site.sessions() as session:
        assert session.exec(select(Evidence.name).where(Evidence.work_item_id == part)).all() == ["说明会.png"]

    # The lead consolidates it, and is told what is missing.
    report = next_of(site, part, "consolidate")
    lead = person_for(site, report)
    page = visit(lead, f"/work/{report}")
    expect(page.locator("table.cmp, .rail").first).to_be_visible()
    page.get_by_label("完成比例").fill("140")
    page.get_by_role("button", name="送签").first.click()
    expect(page.locator(".errsum")).to_be_focused()
    assert_accessible(page)
    screenshot(page, "step-refused", phone=True)
    page.get_by_label("完成比例").fill("58")
    page.get_by_label("本期做成了什么").fill("配合单位已说明口径，反馈两条已答复。")
    page.get_by_role("button", name="送签").first.click()
    expect(page.get_by_role("status").first).to_contain_text("送签")

    # The leader sends it back with a reason, it is corrected, and signed after a look at what that means.
    signature = next_of(site, part, "sign_report")
    leader = person_for(site, signature)
    page = visit(leader, f"/work/{signature}")
    expect(page.locator("table.cmp")).to_contain_text("58")
    assert_accessible(page)
    page.get_by_text("退回…").click()
    page.get_by_label("内容空泛").check()
    page.get_by_label("签发意见").fill("请写明答复的时间。")
    assert_accessible(page)
    screenshot(page, "step-return", phone=True)
    page.locator("#returning").get_by_role("button", name="退回").click()
    expect(page.get_by_role("status").first).to_contain_text("退回")
    again = next_of(site, part, "consolidate")
    page = visit(lead, f"/work/{again}")
    expect(page.locator(".rail")).to_contain_text("请写明答复的时间。")
    page.get_by_label("完成比例").fill("58")
    page.get_by_label("本期做成了什么").fill("配合单位已说明口径，两条反馈已于十一月十八日答复。")
    page.get_by_role("button", name="送签").first.click()
    expect(page.get_by_role("status").first).to_contain_text("送签")
    page = visit(leader, f"/work/{next_of(site, part, 'sign_report')}", phone=True)
    page.locator(".foot-bar").get_by_role("button", name="签发").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("58")
    assert_accessible(page)
    dialog.get_by_role("button", name="签发").click()
    expect(page.get_by_role("status").first).to_contain_text("签发")

    two_clerks_decide(visit, next_of(site, part, "review_report"))


def test_a_draft_is_found_again_after_leaving(visit, site):
    work_item_id = waiting(site, "lichenxi", "claim_completion")
    page = visit("lichenxi", f"/work/{work_item_id}")
    field = page.locator("#step-form textarea").first
    field.fill("平台已经上线。")
    expect(page.locator("[data-saved]")).to_contain_text("草稿已存")
    page.goto("/todo")
    page.goto(f"/work/{work_item_id}")
    expect(field).to_have_value("平台已经上线。")
    expect(page.locator("[data-saved]")).to_contain_text("草稿已存")


def test_an_upload_goes_on_after_the_line_was_cut_and_the_page_was_loaded_again(visit, site):
    work_item_id = waiting(site, "xuzhixing", "claim_completion")
    page = visit("xuzhixing", f"/work/{work_item_id}")
    sent: list[int] = []

    def cut(route, request):
        offset = int(request.headers["upload-offset"])
        sent.append(offset)
        if offset >= 1048576 and len(sent) < 4:
            route.abort()
        else:
            route.continue_()

    site.visitors[-1].watched.expect_fault("/api/v1/uploads/")
    site.visitors[-1].watched.expect_fault("ERR_FAILED")
    page.route(re.compile("/api/v1/uploads/[^/]+$"), lambda r, q: cut(r, q) if q.method == "PATCH" else r.continue_())
    lines = b"\xe8\xae\xb0\xe5\xbd\x95,12\n" * 300_000
    page.locator("#files").set_input_files({"name": "台账.csv", "mimeType": "text/csv", "buffer": lines})
    row = page.locator(".up li")
    expect(row).to_have_attribute("data-s", "fail")
    expect(row).to_contain_text("网络断开，停在")
    screenshot(page, "step-upload-cut", phone=True)
    assert_accessible(page)
    page.reload()
    expect(page.locator(".up li[data-s=ok]")).to_have_count(1, timeout=30_000)
    assert sent.count(0) == 1, "the upload began from the beginning again"
    page.reload()
    expect(page.locator(".up input[name=evidence]")).to_be_checked()
    assert_accessible(page)


def test_a_file_is_taken_without_script_too(site):
    work_item_id = waiting(site, "wutiejun", "claim_completion")
    signed_in = site.visitor("wutiejun")
    context = site.browser.new_context(
        base_url=site.base_url, java_script_enabled=False, storage_state=signed_in.context.storage_state()
    )
    page = context.new_page()
    page.goto(f"/work/{work_item_id}")
    page.locator("#step-form textarea").first.fill("已经完成。")
    page.locator("#files").set_input_files({"name": "照片.png", "mimeType": "image/png", "buffer": PICTURE})
    page.get_by_role("button", name="上传所选文件").click()
    expect(page.locator(".up")).to_contain_text("照片.png")
    expect(page.locator("#step-form textarea").first).to_have_value("已经完成。")
    context.close()
