"""The report of a summary assessment, as it is printed."""

from typing import Any

from dossiers.rendering import Renderer
from tests.unit.dossiers.pages import Drawn

OPINION = {"unit": "市商务局", "grounds": "公告已发布。", "reply": "佐证属实。"}
CONTENT: dict[str, Any] = {
    "title": "服务业扩大开放重点任务中期评估报告",
    "dated": "2026-07-20",
    "head": {"name": "滨海示范市开放办公室文件", "mark": "市开放办报〔2026〕1号"},
    "addressee": "市人民政府",
    "cycle": "中期评估",
    "period_from": "2026-01-01",
    "period_to": "2026-06-30",
    "method": "资料审查与实地核查相结合。",
    "seed": "mid-term-1",
    "group": [
        {"unit": "市发展改革委", "chair": True, "replaces": ""},
        {"unit": "市教育局", "chair": False, "replaces": "市人社局"},
    ],
    "group_names": ["市发展改革委", "市教育局"],
    "pool": 9,
    "sample": 2,
    "outside": [{"number": "7", "text": "数字化转型诊断平台", "why": "暂停"}],
    "counts": [{"grade": "全面完成", "count": 1}, {"grade": "基本完成", "count": 0}, {"grade": "推进中", "count": 1}],
    "overall": "总体按方案推进。",
    "meeting": {"held_on": "2026-07-10", "present": ["市发展改革委"]},
    "items": [
        {
            "number": "1",
            "text": "市场准入一张图",
            "leads": ["市商务局"],
            "grade": "全面完成",
            "self_assessed": True,
            "third": True,
            "visit": "announced",
        },
        {
            "number": "24",
            "text": "风险评估专家库<b>",
            "leads": ["市大数据局"],
            "grade": "推进中",
            "self_assessed": False,
            "third": False,
            "visit": "none",
        },
    ],
    "minority": [{"unit": "湖西区", "number": "24", "view": "应评未启动。", "held_on": "2026-07-10"}],
    "opinions": [
        OPINION | {"number": "1", "outcome": "adopted"},
        OPINION | {"number": "24", "outcome": "refused", "reply": "在评估期以后。"},
        OPINION | {"number": "24", "outcome": "silent"},
    ],
    "recommendations": [{"kind": "列入督办事项", "text": "制定使用规程。", "unit": "市大数据局"}],
    "next_steps": "按月调度。",
    "signature": {"unit": "滨海示范市开放办公室", "date": "2026-07-20"},
    "imprint": {"copies": ["市教育局"], "office": "滨海示范市开放办公室", "date": "2026-07-20"},
}


def plain_text(pdf: bytes) -> str:
    """All that is printed, without spaces and line ends."""
    drawn = Drawn(pdf)
    return "".join("".join(drawn.text(page).split()) for page in range(len(drawn)))


def test_the_report_says_who_assessed_what_was_drawn_and_what_became_of_objections(drawing: Renderer):
    text = plain_text(drawing.pdf("assessment_report", CONTENT))
    for said in (
        "市发展改革委任组长单位",
        "其中市教育局替补市人社局",
        "抽取2项评估",
        "mid-term-1",
        "全面完成1项，推进中1项",
        "湖西区就第24项提出：应评未启动。",
        "有异议2份，采纳1份；未反馈1份，不视为同意",
        "未予采纳：在评估期以后。",
        "1.制定使用规程。（列入督办事项，市大数据局）",
        "不计入分母的事项",
        "未报自评",
    ):
        assert said in text, said
    assert "基本完成0项" not in text
    assert "风险评估专家库<b>" in text


def test_a_report_without_objections_or_minority_says_so(drawing: Renderer):
    text = plain_text(drawing.pdf("assessment_report", CONTENT | {"minority": [], "opinions": [], "outside": []}))
    assert "没有少数意见。" in text
    assert "不计入分母的事项序号" not in text


def test_the_report_can_be_edited_as_a_word_document(drawing: Renderer):
    assert drawing.docx("assessment_report", CONTENT).startswith(b"PK")
