"""The office's daily work from the console, from a document to closed steps, on a committed database."""

import json

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from app.cli import EXIT_REFUSED
from bpmn.bundle import SHIPPED
from domain.labels_of_columns import LEDGER_COLUMNS
from tests.console_city import PRINTED, found_city, shown, task_list

ROWS = [
    PRINTED,
    ["1", "建立外贸企业联系服务机制", "2098年底前", "市商务局、市财政局"],
    ["2", "完善口岸收费公示制度", "2098年底前", "市口岸管理服务局"],
    ["3", "编制服务贸易统计手册", "持续推进", "市商务局等有关单位按职责分工负责"],
]


@pytest.fixture
def document(tmp_path):
    return task_list(tmp_path, ROWS)


@pytest.fixture
def city(dudao, tmp_path):
    return found_city(dudao, tmp_path)


def test_a_document_goes_from_the_file_to_signed_steps(city, document, tmp_path):
    dudao = city
    imported = dudao("import", document, "--as", "zhoumin")
    assert "3 items" in imported.stdout
    assert "市口岸管理服务局" in imported.stdout
    again = dudao("import", document, "--as", "zhoumin")
    assert "imported before" in again.stdout

    [listed] = shown(dudao, "lists", "list", "--as", "zhoumin")
    assert (listed["title"], listed["found_count"], listed["status"]) == ("江北市2098年开放工作任务清单", 3, "draft")
    list_id = listed["id"][:8]
    assert "待核" in dudao("lists", "list", "--as", "zhoumin").stdout
    detail = shown(dudao, "lists", "show", list_id, "--as", "zhoumin")
    assert [u["printed"] for u in detail["unknown_units"]] == ["市口岸管理服务局"]
    assert dudao("lists", "show", list_id, "--as", "lichenxi", code=EXIT_REFUSED).stderr

    approved = dudao("lists", "approve", list_id, "--as", "chengyuanhang")
    assert "1 registered, 2 waiting" in approved.stdout
    rows = shown(dudao, "items", "list", "--as", "zhoumin")
    assert [r["number"] for r in rows] == ["1", "2", "3"]
    first, second, third = (r["id"][:8] for r in rows)

    dudao("items", "assign", second, "--as", "zhoumin", "--lead", "市商务委")
    dudao("items", "assign", third, "--as", "zhoumin", "--lead", "市商务局", "--co-unit", "市财政局")
    for reference in (second, third):
        dudao("items", "correct", reference, "--as", "zhoumin", "--resolve", "--because", "已与责任单位核对")
    assert "2 registered, 0 waiting" in dudao("lists", "register", list_id, "--as", "zhoumin").stdout
    assert "3 issued, 0 refused" in dudao("items", "issue", "--list", list_id, "--as", "zhoumin").stdout
    assert dudao("items", "list", "--as", "zhangyuan").stdout.rstrip().endswith("2")

    waiting = shown(dudao, "worklist", "list", "--as", "lichenxi")
    assert {w["step"] for w in waiting} == {"签收"}
    assert "签收" in dudao("worklist", "show", waiting[0]["id"], "--as", "lichenxi").stdout
    references = [w["id"][:8] for w in waiting]
    signed = dudao("worklist", "complete", *references, "--decision", "accept", "--as", "lichenxi")
    assert "3 completed, 0 refused" in signed.stdout
    assert "制定方案" in dudao("worklist", "counts", "--as", "lichenxi").stdout
    assert [d["decision_label"] for d in shown(dudao, "worklist", "done", "--as", "lichenxi")] == ["签收"] * 3

    story = dudao("items", "show", first, "--as", "zhangyuan").stdout
    assert "建立外贸企业联系服务机制" in story
    assert "李晨曦" in story
    file = tmp_path / "out" / "ledger.xlsx"
    assert "3 items" in dudao("export", file, "--as", "zhoumin").stdout
    table = list(load_workbook(file).worksheets[0].iter_rows(values_only=True))
    assert table[0] == tuple(LEDGER_COLUMNS.values())
    assert [row[2] for row in table[1:]] == ["1", "2", "3"]


def test_a_form_is_given_as_json_or_from_a_file(city, tmp_path):
    dudao = city
    created = dudao("items", "create", "登记一件事项", "--lead", "市商务局", "--due", "2098-12-31", "--as", "zhoumin")
    item = created.stdout.split()[0]
    dudao("items", "issue", item, "--as", "zhoumin")
    [work] = shown(dudao, "worklist", "list", "--as", "lichenxi")
    dudao("worklist", "complete", work["id"], "--decision", "accept", "--as", "lichenxi")
    [plan] = shown(dudao, "worklist", "list", "--as", "lichenxi")
    refused = dudao("worklist", "complete", plan["id"], "--form", "{}", "--as", "lichenxi", code=EXIT_REFUSED)
    assert "0 completed, 1 refused" in refused.stdout
    assert refused.stderr.strip().startswith(plan["id"][:8])
    form = tmp_path / "plan.json"
    milestones = [{"title": "完成调研", "due_on": "2098-05-31", "evidence_planned": "调研报告"}]
    form.write_text(json.dumps({"goal": "分步推进", "milestones": milestones}), encoding="utf-8")
    dudao("worklist", "complete", plan["id"], "--form", f"@{form}", "--as", "lichenxi")
    assert shown(dudao, "items", "show", item, "--as", "lichenxi")["timeline"][-1]["form"]["goal"] == "分步推进"
    for wrong in ("[1]", "{", "@missing.json"):
        dudao("worklist", "complete", plan["id"], "--form", wrong, "--as", "lichenxi", code=2)


def test_what_a_reference_does_not_name_is_refused(city):
    dudao = city
    for text_ in ("第一件", "第二件"):
        dudao("items", "create", text_, "--lead", "市商务局", "--as", "zhoumin")
    for reference in ("0000", "不是编号", "ab", "%%%%"):
        assert "没有找到" in dudao("items", "show", reference, "--as", "zhoumin", code=EXIT_REFUSED).stderr
    assert "没有找到" in dudao("items", "list", "--unit", "市无此局", "--as", "zhoumin", code=EXIT_REFUSED).stderr
    assert "没有找到" in dudao("items", "list", "--as", "nobody", code=EXIT_REFUSED).stderr
    dudao("items", "list", "--status", "gone", "--as", "zhoumin", code=2)
    dudao("worklist", "list", "--scope", "everything", "--as", "zhoumin", code=2)
    assert (
        "--office" in dudao("items", "create", "x", "--lead", "市商务局", "--as", "lichenxi", code=EXIT_REFUSED).stderr
    )


def test_an_item_is_stopped_from_the_console_with_its_reason(city):
    dudao = city
    made = [
        dudao("items", "create", t, "--lead", "市商务局", "--as", "zhoumin").stdout.split()[0] for t in ("甲", "乙")
    ]
    because = ("--because", "依据已废止")
    assert "1 stopped" in dudao("items", "withdraw", made[0], *because, "--as", "chengyuanhang").stdout
    terminated = dudao("items", "terminate", made[1], *because, "--document", "江政发9号", "--as", "chengyuanhang")
    assert "1 stopped" in terminated.stdout
    assert [r["status"] for r in shown(dudao, "items", "list", "--as", "zhoumin")] == ["withdrawn", "terminated"]


def test_models_are_checked_published_once_and_listed(dudao, tmp_path):
    assert dudao("models", "lint").stdout == ""
    first = dudao("models", "publish").stdout
    assert "supervision\tversion 1\n" in first
    assert dudao("models", "publish").stdout.count("(already)") == len(SHIPPED)
    assert {v["process"] for v in shown(dudao, "models", "list")} == set(SHIPPED)
    bad = tmp_path / "broken.bpmn"
    bad.write_text("<not bpmn/>")
    assert "error" in dudao("models", "lint", bad, code=1).stdout
    assert dudao("models", "publish", bad, code=EXIT_REFUSED).stderr
    dudao("models", "lint", tmp_path / "missing.bpmn", code=2)


def test_the_record_is_sealed_verified_and_searched(city, owner_engine):
    dudao = city
    dudao("items", "create", "登记一件事项", "--lead", "市商务局", "--as", "zhoumin")
    tail = dudao("audit", "verify").stdout
    assert tail.startswith("0 sealed, 0 faults, ")
    assert int(dudao("audit", "seal").stdout.split()[0]) > 3
    verified = dudao("audit", "verify").stdout
    assert ", 0 faults, 0 not sealed yet" in verified
    anchor = verified.splitlines()[-1]
    assert "anchor holds" in dudao("audit", "verify", "--anchor", anchor).stdout
    dudao("audit", "verify", "--anchor", "nonsense", code=2)
    [entry] = shown(dudao, "audit", "search", "--command", "CreateItem", "--by", "zhoumin")
    assert (entry["actor"], entry["source"]) == ("周敏", "console")
    with owner_engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER refuse_change"))
        connection.execute(text("UPDATE audit_entry SET command = 'Other' WHERE id = :id"), {"id": entry["id"]})
    broken = dudao("audit", "verify", code=1).stdout
    assert f"entry {entry['id']}" in broken
    assert "1 faults" in broken
