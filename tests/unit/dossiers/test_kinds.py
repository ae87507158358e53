"""Every kind of official document, in PDF and for the word processor."""

import io

import docx
import pytest

from dossiers.rendering import Renderer
from tests.unit.dossiers.pages import Drawn
from tests.unit.dossiers.samples import SAMPLES, sample

TOLD = {
    "notice": ("关于报送进展的通知", "一、存在问题", "抄送：市委办公室，市监委。"),
    "circular": ("000003", "内部", "特急", "各单位办理情况", "89%", "请各单位认真整改。"),
    "report": ("签发人：程远航", "特此报告。"),
    "letter": ("滨示函〔2026〕7号", "北方某市商务局："),
    "official_minutes": (
        "滨海示范市联席会议纪要",
        "副市长王喆在第一会议室主持召开会议",
        "出席：市商务局李昇王明；市财政局陈晞",
        "请假：市科技局何某",
    ),
    "urge_notice": ("已逾期12个工作日", "请于2026年7月8日前办理并反馈。"),
    "reminder_letter": ("为确保按期完成", "请于2026年7月8日前将推进情况函复我办。"),
    "supervision_order": ("现予督办", "市商务局：申请办结（自2026年5月2日）", "2026年6月15日（已逾期12个工作日）"),
    "red_supervision_order": ("督办等级", "红色", "单位主要负责同志签署书面说明"),
}


def whole_text(drawn: Drawn) -> str:
    return "".join(line.text for page in range(len(drawn)) for line in drawn.lines(page))


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_each_kind_says_what_it_has_to_say(drawing: Renderer, name: str):
    text = whole_text(Drawn(drawing.pdf(name, sample(name))))
    word = docx.Document(io.BytesIO(drawing.docx(name, sample(name))))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    written = "".join("".join([*(paragraph.text for paragraph in word.paragraphs), *cells]).split())
    for told in TOLD[name]:
        assert told in text
        assert told in written


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"letter", "reminder_letter"}))
def test_each_kind_ends_with_its_imprint_on_an_even_page(drawing: Renderer, name: str):
    drawn = Drawn(drawing.pdf(name, sample(name)))
    assert len(drawn) % 2 == 0 and "2026年7月2日印发" in drawn.text(len(drawn) - 1)


def test_a_letter_begins_30_mm_from_the_edge_with_its_number_at_the_right_and_no_page_number(drawing: Renderer):
    drawn = Drawn(drawing.pdf("letter", sample("letter")))
    name, mark = drawn.lines(0)[:2]
    assert name.text == "滨海示范市开放办公室" and name.top == pytest.approx(30, abs=0.5)
    assert mark.right == pytest.approx(184, abs=1)
    assert "—" not in drawn.text(0)
    # Its copies name no printing office.
    assert "印发" not in whole_text(drawn)


def test_a_signature_is_never_alone_on_its_page(drawing: Renderer):
    for lines in range(1, 24):
        content = sample("notice") | {"text": "\n".join(["请各单位抓紧办理。"] * lines)}
        drawn = Drawn(drawing.pdf("notice", content))
        [page] = [page for page in range(len(drawn)) if "2026年7月1日" in drawn.text(page)]
        assert "请各单位抓紧办理。" in drawn.text(page)


def test_what_is_not_known_of_an_order_is_left_out(drawing: Renderer):
    content = sample("supervision_order")
    content["order"] = {key: content["order"][key] for key in ("number", "text", "leads", "reply_by")}
    text = whole_text(Drawn(drawing.pdf("supervision_order", content)))
    assert "持续推进" in text and "配合单位" not in text and "逾期" not in text


def test_a_column_of_a_table_may_be_its_title_alone(drawing: Renderer):
    word = docx.Document(io.BytesIO(drawing.docx("circular", sample("circular"))))
    titles = [[cell.text for cell in table.rows[0].cells] for table in word.tables]
    assert ["序号", "单位", "按期率"] in titles
    assert "method" not in whole_text(Drawn(drawing.pdf("circular", sample("circular"))))
