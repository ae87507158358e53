"""The pages of a dossier: what is on them, that nothing in them is obeyed, and that they are the same each time."""

import io
from typing import Any

import pikepdf
import pytest
from pikepdf import pdfa

from bpmn.bundle import Bundle
from bpmn.drawing import read_drawing
from dossiers.rendering import Renderer
from tests.unit.dossiers.pages import Drawn
from tests.unit.dossiers.test_process_picture import picture_of

HOSTILE = '<script>alert(1)</script><img src="http://203.0.113.9/x">&{{ 7*7 }}'


def step(**changes: Any) -> dict[str, Any]:
    row = {
        "at": "2026-03-02 09:30", "kind": "step", "label": "方案签发", "process": "督办事项办理", "period": "",
        "person": "王喆", "unit": "市商务局", "role": "单位负责人", "decision": "退回", "reason": "内容笼统",
        "return_to": "制定方案", "opinion": "请写明由谁办。", "document_number": "", "late": True,
        "said": [["完成比例", "40"]], "evidence": [1],
    }  # fmt: skip
    return row | changes


def proof(number: int, **changes: Any) -> dict[str, Any]:
    row = {
        "number": number, "id": str(number), "name": f"材料{number}.pdf", "proves": "办法已印发", "unit": "市商务局",
        "added_by": "李晨曦", "added_on": "2026-03-02", "classification": "", "document_number": "", "place": "",
        "size": 48213, "media_type": "application/pdf", "sha256": "9f3c71ae" * 8, "state": "attached",
        "state_words": "附后", "file_name": "",
    }  # fmt: skip
    return row | changes


def dossier(**changes: Any) -> dict[str, Any]:
    """A case with every part that a dossier can have."""
    drawing = read_drawing(Bundle.shipped("supervision").files["supervision.bpmn"], "supervision.bpmn")
    happened = {"draft_plan": {"state": "completed", "runs": 2, "dates": "2026.03.02-03.09"}}
    done = {"name": "制定方案", "units": "市商务局", "first_on": "2026-03-02", "last_on": "", "runs": 2, "returned": 1}
    content = {
        "title": "案卷", "dated": "2026-07-01", "mark": "示案〔2026〕3号", "fingerprint": "ab" * 32, "kind": "case",
        "scope": "full", "paper": "复制推广案例案卷", "subject": "样品清单管理", "item_number": "案例2026-1",
        "office": "滨海示范市开放办公室", "began_on": "2026-03-01", "ended_on": "", "made_on": "2026-07-01",
        "as_of": "2026-07-01 09:00", "facts": [["牵头单位", "市商务局"]], "text_printed": "", "measures": [],
        "case": {"sections": [{"title": "（一）改革背景", "text": "逐件申报。\n等候时间长。"}]},
        "indicators": [{"name": "平均办理时间", "unit": "小时", "before": "72", "after": "12", "source": "上半年"}],
        "parts": [{"role": "牵头单位", "unit": "市商务局", "printed": "市商务局", "since": "2026-03-01", "until": ""}],
        "deadlines": [], "members": [],
        "milestones": [{"title": "上线", "due_on": "2026-06-30", "evidence_planned": "公告"}],
        "rounds": [], "lights": [],
        "progress": {
            "points": [["2026-04-02", 20], ["2026-05-06", 55]], "dues": [], "start": "2026-03-01", "end": "2026-07-01",
        },
        "processes": [
            {
                "name": "督办事项办理", "model": "x", "began_on": "2026-03-01", "ended_on": "", "outcome": "进行中",
                "picture": picture_of(drawing, **happened), "steps": [done],
            }
        ],
        "opinions": [step()], "scores": {"columns": ["专家", "总分"], "rows": [["专家1", "82.5"]]},
        "consulted": [
            {"at": "2026-04-01 10:00", "unit": "市司法局", "letter": "第1次征求意见", "answer": "同意", "opinion": "—"}
        ],
        "timeline": [step(), step(label="制定方案", late=False)], "evidence": [proof(1), proof(2, state="paper")],
    }  # fmt: skip
    return content | changes


def test_it_has_a_cover_contents_with_page_numbers_and_every_part(drawing: Renderer):
    drawn = Drawn(drawing.pdf("dossier", dossier()))
    pages = [drawn.text(page) for page in range(len(drawn))]
    assert "示案〔2026〕3号" in pages[0]
    assert "样品清单管理" in pages[0]
    contents = pages[1].replace(" ", "")
    for name in (
        "案例内容",
        "指标变化",
        "推进情况",
        "办理流程",
        "专家评分",
        "部门会商意见",
        "办理全过程",
        "佐证材料目录",
    ):
        assert name in contents
        [printed] = {place for place in range(2, len(pages)) if f"、{name}" in pages[place]}
        line = next(line for line in pages[1].splitlines() if name in line)
        assert line.rstrip().endswith(str(printed + 1)), line
    told = "".join(pages)
    for words in ("72小时", "12小时", "55%", "办2次", "王喆", "超期", "第2号"):
        assert words in told, words


def test_it_is_archivable_and_the_same_bytes_each_time(drawing: Renderer):
    first, second = (drawing.pdf("dossier", dossier()) for _ in range(2))
    assert first == second
    with pikepdf.open(io.BytesIO(first)) as pdf:
        assert len(pdf.open_outline().root) > 5
    assert pdfa.validate_written(io.BytesIO(first), "3b", {}).passed


def test_a_large_process_gets_pages_of_its_own(drawing: Renderer):
    drawn = Drawn(drawing.pdf("dossier", dossier()))
    pages = [drawn.text(page) for page in range(len(drawn))]
    assert sum("第1幅" in page or "第2幅" in page for page in pages[2:]) == 2


@pytest.mark.parametrize("place", ["subject", "opinion", "indicator", "proof", "step", "section"])
def test_markup_in_any_text_is_printed_and_not_obeyed(drawing: Renderer, place: str):
    content = dossier()
    if place == "subject":
        content["subject"] = HOSTILE
    elif place == "opinion":
        content["timeline"] = [step(opinion=HOSTILE, person=HOSTILE)]
    elif place == "indicator":
        content["indicators"][0]["name"] = HOSTILE
    elif place == "proof":
        content["evidence"] = [proof(1, name=HOSTILE)]
    elif place == "step":
        shapes = content["processes"][0]["picture"]["shapes"]
        next(shape for shape in shapes if shape["kind"] == "userTask")["name"] = HOSTILE
    else:
        content["case"]["sections"][0]["text"] = HOSTILE
    drawn = Drawn(drawing.pdf("dossier", content))
    told = "".join(drawn.text(page) for page in range(len(drawn))).replace("\n", "").replace("\r", "")
    assert "<script>" in told
    assert "49" not in told.replace("48,213", "")


def test_a_subject_of_two_thousand_characters_keeps_the_cover_to_one_page(drawing: Renderer):
    drawn = Drawn(drawing.pdf("dossier", dossier(subject="长" * 2000, kind="item", case=None)))
    assert "示案〔2026〕3号" in drawn.text(0)
    assert "滨海示范市开放办公室" in drawn.text(0)
    assert "目" in drawn.text(1)
    assert sum(drawn.text(page).count("长") for page in range(2, len(drawn))) == 2000


def test_characters_that_no_font_has_do_not_stop_what_was_said(drawing: Renderer):
    drawn = Drawn(drawing.pdf("dossier", dossier(opinions=[step(opinion="见\U0010fffd号文")])))
    assert "见〓号文" in "".join(drawn.text(page) for page in range(len(drawn)))


def test_the_public_version_says_what_its_rules_do_not_see(drawing: Renderer):
    drawn = Drawn(drawing.pdf("dossier", dossier(scope="public")))
    told = "".join(drawn.text(page) for page in range(len(drawn))).replace("\n", "")
    assert "公开本" in drawn.text(0)
    assert "逐页核对" in told


def test_it_can_be_edited_as_a_word_document(drawing: Renderer):
    import docx

    document = docx.Document(io.BytesIO(drawing.docx("dossier", dossier())))
    words = [paragraph.text for paragraph in document.paragraphs]
    assert "复制推广案例案卷" in words
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert "方案签发\n超期" in cells
    assert "市商务局\n王喆\n单位负责人" in cells
    assert any(cell.startswith("退回") and "\n完成比例：40\n请写明由谁办。" in cell for cell in cells)


def test_its_word_document_has_the_pictures_with_what_they_show():
    import docx
    from docx.oxml.ns import qn
    from PIL import Image

    from dossiers.word import draw_docx

    written = draw_docx("dossier", dossier())
    assert written == draw_docx("dossier", dossier())
    document = docx.Document(io.BytesIO(written))
    shown = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert shown[0] == "条形图。平均办理时间：实施前72小时，实施后12小时。"
    assert shown[1] == "折线图：经审核的完成比例。2026-04-02为20%。2026-05-06为55%。"
    assert shown[2].startswith("流程图。已办：") and "制定方案" in shown[2] and "未经过：" in shown[2]
    assert shown[-1].startswith("图例：")
    for shape in document.inline_shapes:
        part = document.part.related_parts[shape._inline.graphic.graphicData.pic.blipFill.blip.embed]
        dots = Image.open(io.BytesIO(part.blob))
        assert dots.width / shape.width.inches >= 200
        assert shape.width.mm <= 157 and shape.height.mm <= 206
        used = [grey for grey, count in enumerate(dots.convert("L").histogram()) if count]
        assert used[0] < 100 and used[-1] == 255
        spacing = shape._inline.getparent().getparent().getparent().find(qn("w:pPr")).find(qn("w:spacing"))
        assert spacing.get(qn("w:lineRule")) in {None, "auto"}
    words = [paragraph.text for paragraph in document.paragraphs]
    assert words.count("图 经审核的完成比例") == 1


def test_a_wide_picture_lies_on_a_page_of_its_own_in_the_word_document():
    import docx
    from docx.enum.section import WD_ORIENT

    from dossiers.word import draw_docx

    wide = dossier()
    shapes = wide["processes"][0]["picture"]
    step_box = next(each for each in shapes["shapes"] if each["id"] == "draft_plan")
    row = [step_box | {"id": f"s{n}", "box": [n * 145, n * 72, 100, 80], "label": None} for n in range(10)]
    wide["processes"][0]["picture"] = {"shapes": row, "lines": []}
    document = docx.Document(io.BytesIO(draw_docx("dossier", wide)))
    assert [section.orientation for section in document.sections] == [
        WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE, WD_ORIENT.PORTRAIT,
    ]  # fmt: skip
    assert max(shape.width.mm for shape in document.inline_shapes) > 200
