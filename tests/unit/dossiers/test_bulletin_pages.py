"""Bulletins and minutes on paper: masthead, core and foot, circulars as official documents, and nothing that runs."""

from typing import Any

import pytest

from dossiers.rendering import Renderer
from tests.unit.dossiers.pages import Drawn

UNITS = ["市甲局", "市乙局"]
ROW = {"number": "3", "text": "建立数据共享机制", "leads": UNITS, "light": "red", "words": "红灯：已逾期1天"}


def bulletin(kind: str = "brief", **changes: Any) -> dict[str, Any]:
    counts = {"total": 9, "done": 2, "green": 4, "yellow": 1, "red": 1, "grey": 1}
    content = {
        "kind": kind,
        "kind_label": "简报",
        "masthead": "工作简报",
        "mark": "第7期",
        "title": "2026年6月试点任务推进情况",
        "dated": "2026-07-06",
        "author": "示范市办公室",
        "office": "示范市联席会议办公室",
        "secrecy": "",
        "note": "请各单位对照查漏补缺。",
        "sections": [{"heading": "一、总体情况", "paragraphs": ["共9项，已办结2项。"]}],
        "as_of": "2026-06-30",
        "data": {"as_of": "2026-06-30", "units": [{"unit": "市甲局", **counts}], "behind": [ROW]},
        "data_sha256": "00",
        "recipients": [{"manner": "报", "names": ["市政府办公厅"]}, {"manner": "发", "names": UNITS}],
        "copies": 3,
    }
    return {**content, **changes}


MINUTES = {
    "title": "2026年第2次联席会议纪要",
    "dated": "2026-07-08",
    "mark": "示办纪〔2026〕2号",
    "author": "示范市办公室",
    "office": "示范市联席会议办公室",
    "kind_label": "联席会议",
    "conference": "2026年第2次联席会议",
    "held_on": "2026-07-02",
    "place": "三楼会议室",
    "paragraphs": ["会议研究了一个议题。"],
    "topics": [{"title": "数据口径", "result": "由市甲局统一。"}],
    "resolutions": [{"text": "统一口径", "leads": ["市甲局"], "co_units": ["市乙局"], "due_on": "2026-07-31"}],
    "present": [{"unit": "市甲局", "person": "李处长"}],
    "absent": ["市乙局"],
}


def words(drawn: bytes) -> str:
    """All that is printed, without spaces and line ends."""
    pages = Drawn(drawn)
    return "".join("".join(pages.text(number).split()) for number in range(len(pages)))


@pytest.mark.parametrize("kind", ["brief", "special"])
def test_a_periodical_has_masthead_data_date_tables_and_foot(drawing: Renderer, kind: str):
    printed = words(drawing.pdf("bulletin", bulletin(kind)))
    for part in (
        "工作简报",
        "第7期",
        "数据截至2026年6月30日",
        "编者按：请各单位",
        "报：市政府办公厅。",
        "发：市甲局，市乙局。",
    ):
        assert part in printed, part
    assert "共印3份" in printed
    assert "建立数据共享机制" in printed
    assert "红灯" in printed


def test_a_circular_is_an_official_document_with_addressee_signature_and_copies(drawing: Renderer):
    printed = words(drawing.pdf("bulletin", bulletin("circular", mark="示办通〔2026〕3号")))
    assert "市政府办公厅：" in printed
    assert "示办通〔2026〕3号" in printed
    assert "抄送：市甲局，市乙局。" in printed
    assert "2026年7月6日印发" in printed
    assert "工作简报" not in printed


def test_minutes_print_topics_resolutions_and_who_came(drawing: Renderer):
    printed = words(drawing.pdf("minutes", MINUTES))
    for part in (
        "联席会议纪要",
        "一、数据口径",
        "由市甲局统一。",
        "统一口径",
        "2026年7月31日",
        "李处长",
        "缺席：市乙局。",
    ):
        assert part in printed, part


def test_markup_in_a_text_is_printed_as_it_stands(drawing: Renderer):
    attack = '<script>alert(1)</script><img src="https://203.0.113.9/x">'
    printed = words(drawing.pdf("bulletin", bulletin(note=attack)))
    assert "".join(attack.split()) in printed


def test_a_bulletin_can_be_edited_in_a_word_processor(drawing: Renderer):
    assert drawing.docx("bulletin", bulletin()).startswith(b"PK")
    assert drawing.docx("minutes", MINUTES).startswith(b"PK")
