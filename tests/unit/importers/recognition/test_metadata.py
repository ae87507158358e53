"""What documents say of themselves."""

import pytest

from importers.model import DocumentKind, LeadRuleKind
from importers.recognition.metadata import declared_count, lead_rule
from tests.unit.importers.documents import parse, word

ROWS = [["序号", "任务", "责任单位"], ["1", "甲。", "市商务局"], ["2", "乙。", "市财政局"]]


def test_an_official_circular_gives_title_number_issuer_and_year():
    document = parse(
        word(
            "江北市人民政府办公厅文件",
            "江政办发[2026] 12号",
            "江北市人民政府办公厅关于印发江北市口岸提升行动方案的通知",
            "各区人民政府：",
            "附件：任务清单",
            rows=[["序号", "任务", "完成时限", "责任单位"], ["1", "甲。", "年底前", "市商务局"]],
        )
    )
    assert document.title == "江北市人民政府办公厅关于印发江北市口岸提升行动方案的通知"
    assert document.document_number == "江政办发〔2026〕12号"
    assert document.issuer == "江北市人民政府办公厅"
    (deadline,) = document.rows[0].deadlines
    assert deadline.date is not None
    assert deadline.date.isoformat() == "2026-12-31"


def test_the_issuer_may_stand_in_the_title_or_under_the_text_only():
    titled = parse(word("江北市商务局关于做好展会工作的通知", rows=ROWS))
    signed = parse("工作要点\n\n" + "\n".join("\t".join(row) for row in ROWS) + "\n\n江北市商务局\n\n2026年3月2日\n")
    assert (titled.issuer, signed.issuer) == ("江北市商务局", "江北市商务局")


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (["附件2", "江北市数字贸易行动任务清单"], "江北市数字贸易行动任务清单"),
        (["落实《江北市促进外贸", "若干措施》任务分工表"], "落实《江北市促进外贸若干措施》任务分工表"),
        (["江北市口岸提升", "行动方案"], "江北市口岸提升行动方案"),
        (["江北市口岸提升 行动方案"], "江北市口岸提升行动方案"),
        (["（征求意见稿）", "2026年工作要点"], "2026年工作要点"),
        (["为做好有关工作，特制定本清单。"], None),
        (["一、总体要求"], None),
    ],
)
def test_titles(lines, title):
    assert parse(word(*lines, rows=ROWS)).title == title


def test_the_title_may_stand_in_the_table():
    rows = [["江北市改革试点经验复制推广清单（共2项）", "", ""], ["改革事项", "主要内容", "负责单位"]]
    document = parse(
        word(rows=[*rows, ["甲", "做法。", "市商务局"], ["乙", "做法。", "江北海关"]], merges=[(0, 0, 0, 2)])
    )
    assert document.title == "江北市改革试点经验复制推广清单（共2项）"
    assert document.declared_count == 2
    assert document.kind is DocumentKind.REPLICATION_LIST


def test_a_number_cited_in_a_sentence_is_not_the_document_s():
    assert parse(word("根据江政发〔2025〕3号文件要求，制定本清单。", rows=ROWS)).document_number is None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("共54项任务", 54),
        ("（共 131 项）", 131),
        ("现将以下二十三项改革任务分解如下", 23),
        ("共一百零八项具体措施", 108),
        ("本清单共计12条措施。", 12),
        ("完成5项工作，其中3项为重点", None),
        ("共5项任务，共6项任务", None),
        ("", None),
    ],
)
def test_how_many_tasks_a_document_says_it_has(text, count):
    assert declared_count([text]) == count


def test_a_count_that_does_not_hold_is_a_warning():
    document = parse(word("江北市任务清单（共23项任务）", rows=ROWS))
    assert (document.declared_count, document.found_count) == (23, 2)
    assert [warning.code for warning in document.warnings if warning.code == "count_mismatch"]


@pytest.mark.parametrize(
    ("text", "kind", "printed"),
    [
        ("责任单位 (首个为牵头单位)", LeadRuleKind.FIRST_LEADS, "首个为牵头单位"),
        (
            "注：列第一位的责任单位为牵头单位或汇总单位。",
            LeadRuleKind.FIRST_LEADS,
            "列第一位的责任单位为牵头单位或汇总单位",
        ),
        ("排在第一位的部门为牵头部门，下同", LeadRuleKind.FIRST_LEADS, "排在第一位的部门为牵头部门"),
        (
            "无牵头单位的，责任单位即为牵头单位，下同",
            LeadRuleKind.ALL_LEAD_IF_NONE_NAMED,
            "无牵头单位的，责任单位即为牵头单位",
        ),
    ],
)
def test_a_document_s_own_rule_for_leads(text, kind, printed):
    found = lead_rule([text])
    assert found is not None
    assert (found.kind, found.printed) == (kind, printed)


def test_no_rule_is_read_into_a_plain_header():
    assert lead_rule(["责任单位", "牵头单位", "由市商务局为牵头单位推进"]) is None


def test_the_rule_decides_the_leads_and_is_kept():
    with_rule = parse("任务清单\n\n序号\t任务\t责任单位（首个为牵头单位）\n1\t甲。\t市商务局、市财政局\n")
    without = parse("任务清单\n\n序号\t任务\t责任单位\n1\t甲。\t市商务局、市财政局\n")
    assert [party.printed for party in with_rule.rows[0].leads] == ["市商务局"]
    assert with_rule.lead_rule is not None
    assert without.rows[0].leads == ()
    assert [party.printed for party in without.rows[0].co_units] == ["市商务局", "市财政局"]


def test_a_document_without_a_list_is_nothing_to_supervise():
    document = parse("会议通知\n\n定于下周召开会议。")
    assert document.kind is DocumentKind.NONE
    assert [warning.code for warning in document.warnings] == ["no_task_list"]
