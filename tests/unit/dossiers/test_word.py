"""The .docx says what the PDF says, in official fonts, and is the same bytes each time."""

import io
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from dossiers.rendering import Renderer
from tests.unit.dossiers.pages import notice

ANNEX = {
    "title": "重点事项清单",
    "table": {
        "columns": [{"title": "序号", "width": 10}, {"title": "事项"}],
        "rows": [["1", "一次申报"], ["2", "联合查验"]],
    },
}
ORDER = ["pStyle", "keepNext", "pBdr", "shd", "tabs", "snapToGrid", "spacing", "ind", "jc", "rPr"]


@pytest.fixture(scope="module")
def written(drawing: Renderer) -> Any:
    return docx.Document(io.BytesIO(drawing.docx("official", notice(annexes=[ANNEX], attachments=["重点事项清单"]))))


def test_it_has_the_words_of_the_document_in_their_order(written: Any):
    text = "\n".join(paragraph.text for paragraph in written.paragraphs)
    parts = [
        "滨海示范市开放办公室文件",
        "滨示督〔2026〕31号",
        "关于做好第三季度",
        "各区人民政府，市政府各部门：",
        "一、总体要求",
    ]
    parts += ["附件：重点事项清单", "2026年7月1日", "抄送：市委办公室。", "2026年7月2日印发"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert [[cell.text for cell in row.cells] for row in written.tables[0].rows][1] == ["1", "一次申报"]


def test_head_title_and_text_are_in_the_fonts_of_officials(written: Any):
    faces = {}
    for paragraph in written.paragraphs:
        for run in paragraph.runs:
            if run.text.strip():
                fonts = run._element.rPr.rFonts
                faces[paragraph.text] = (fonts.get(qn("w:eastAsia")), run.font.size.pt)
    assert faces["关于做好第三季度重点督办\n事项办理工作的通知"] == ("方正小标宋简体", 22)
    assert faces["一、总体要求"] == ("黑体", 16)
    assert faces["现将有关事项通知如下。"] == ("仿宋_GB2312", 16)


def test_page_and_grid_are_those_of_the_standard(written: Any):
    section = written.sections[0]
    assert [round(each.mm) for each in (section.top_margin, section.left_margin, section.right_margin)] == [37, 28, 26]
    assert section._sectPr.find(qn("w:docGrid")).get(qn("w:linePitch")) == "580"


def test_the_properties_of_paragraphs_are_in_the_order_that_word_accepts(written: Any):
    for paragraph in written.element.body.iter(qn("w:pPr")):
        names = [child.tag.rpartition("}")[2] for child in paragraph]
        assert set(names) <= set(ORDER) and names == sorted(names, key=ORDER.index)


def test_the_same_content_is_the_same_bytes_and_hostile_text_is_text(drawing: Renderer):
    hostile = notice(text="<w:t>&amp;</w:t>\x07\u202e完")
    once = drawing.docx("official", hostile)
    assert once == drawing.docx("official", hostile)
    assert "<w:t>&amp;</w:t>完" in "\n".join(p.text for p in docx.Document(io.BytesIO(once)).paragraphs)
