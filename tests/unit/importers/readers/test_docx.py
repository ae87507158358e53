"""Word documents as Word, WPS and converters write them."""

import docx
import pytest

from importers.errors import DamagedDocument, TooComplexDocument
from importers.readers.detect import load_document
from importers.structure import Heading, Paragraph, Table
from tests.unit.importers.documents import add_table, archive, element, parts_of, saved, with_part, word

STRICT = {
    b"http://schemas.openxmlformats.org/wordprocessingml/2006/main": b"http://purl.oclc.org/ooxml/wordprocessingml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument": (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"
    ),
}


def read(document):
    return load_document(document if isinstance(document, bytes) else saved(document), "a.docx")


def texts(document) -> list[str]:
    return [block.text for block in read(document).prose()]


def rows(document) -> list[tuple[str, ...]]:
    return [row.texts for table in read(document).tables() for row in table.rows]


def test_paragraphs_headings_and_tables_come_in_reading_order():
    document = docx.Document()
    document.add_heading("方案", 1)
    document.add_paragraph("第一段。")
    add_table(document, [["甲", "乙"]])
    document.add_paragraph("第二段。")
    assert [type(block) for block in read(document).blocks] == [Heading, Paragraph, Table, Paragraph]
    assert [block.position.line for block in read(document).blocks] == [1, 2, 3, 4]


def test_a_heading_s_level_comes_from_its_style_or_its_outline():
    document = docx.Document()
    document.add_heading("二级", 2)
    document.add_paragraph("三级")._p.get_or_add_pPr().append(element("outlineLvl", val="2"))
    styled = document.styles.add_style("公文标题", 1)
    styled.base_style = document.styles["Heading 4"]
    document.add_paragraph("四级", style="公文标题")
    assert [(block.text, block.level) for block in read(document).blocks] == [("二级", 2), ("三级", 3), ("四级", 4)]


def test_cells_merged_across_keep_the_grid():
    table = next(read(word(rows=[["一、某领域", "", ""], ["1", "甲", "乙"]], merges=[(0, 0, 0, 2)])).tables())
    assert [(cell.text, cell.span) for cell in table.rows[0].cells] == [("一、某领域", 3)]
    assert [cell.position.column for cell in table.rows[1].cells] == [1, 2, 3]


def test_cells_merged_down_repeat_the_upper_text_and_say_so():
    table = next(read(word(rows=[["1", "甲"], ["", "乙"], ["2", "丙"]], merges=[(0, 0, 1, 0)])).tables())
    assert [(row.cells[0].text, row.cells[0].continues) for row in table.rows] == [
        ("1", False),
        ("1", True),
        ("2", False),
    ]


def test_cells_merged_down_under_a_merge_across_keep_their_columns():
    table = next(read(word(rows=[["甲", "乙", "丙"], ["", "", "丁"]], merges=[(0, 0, 1, 1)])).tables())
    assert [cell.text for cell in table.rows[1].cells] == ["甲", "丁"]
    assert table.rows[1].cells[0].continues


def test_a_row_that_begins_later_in_the_grid_is_padded():
    document = word(rows=[["甲", "乙"], ["丙", "丁"]])
    row = document.tables[0].rows[1]._tr
    row.remove(row.tc_lst[0])
    row.get_or_add_trPr().append(element("gridBefore", val="1"))
    assert rows(document) == [("甲", "乙"), ("", "丁")]


def test_a_header_row_that_word_repeats_is_marked():
    document = word(rows=[["序号", "任务"], ["1", "甲"]])
    document.tables[0].rows[0]._tr.get_or_add_trPr().append(element("tblHeader"))
    assert [row.repeats_header for row in next(read(document).tables()).rows] == [True, False]


def test_paragraphs_of_a_cell_are_lines():
    document = word(rows=[["1", ""]])
    cell = document.tables[0].cell(0, 1)
    cell.text = "一是甲。"
    cell.add_paragraph("二是乙。")
    assert rows(document) == [("1", "一是甲。\n二是乙。")]


def test_automatic_numbers_are_printed_text():
    document = word(rows=[["", "甲"], ["", "乙"]])
    for row in document.tables[0].rows:
        row.cells[0].paragraphs[0].style = document.styles["List Number"]
    assert rows(document) == [("1.", "甲"), ("2.", "乙")]


def test_a_table_in_a_cell_is_a_table_of_its_own():
    document = word(rows=[["外框"]])
    add_table(document.tables[0].cell(0, 0), [["序号", "任务"], ["1", "甲"]])
    outer, inner = read(document).tables()
    assert [row.texts for row in outer.rows] == [("外框",)]
    assert [row.texts for row in inner.rows] == [("序号", "任务"), ("1", "甲")]


def test_the_text_of_a_text_box_is_read_once():
    document = docx.Document()
    run = document.add_paragraph("版头").add_run()._r
    boxed = element("txbxContent", [element("p", [element("r", [_text("江北市人民政府文件")])])])
    fallback = element("txbxContent", [element("p", [element("r", [_text("江北市人民政府文件")])])])
    alternate = docx.oxml.parse_xml(
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        "<mc:Choice/><mc:Fallback/></mc:AlternateContent>"
    )
    alternate[0].append(boxed)
    alternate[1].append(fallback)
    run.append(alternate)
    assert texts(document) == ["版头", "江北市人民政府文件"]


def _text(words: str):
    made = element("t")
    made.text = words
    return made


def test_tracked_changes_are_read_as_accepted_and_reported():
    document = docx.Document()
    paragraph = document.add_paragraph("甲")._p
    paragraph.append(element("ins", [element("r", [_text("乙")])]))
    deleted = element("delText")
    deleted.text = "丙"
    paragraph.append(element("del", [element("r", [deleted])]))
    found = read(document)
    assert [block.text for block in found.prose()] == ["甲乙"]
    assert [remark.code for remark in found.remarks] == ["tracked_changes"]


def test_a_document_without_changes_has_no_remark():
    assert read(word("甲")).remarks == ()


def test_a_row_deleted_by_a_tracked_change_is_gone():
    document = word(rows=[["1", "甲"], ["2", "乙"]])
    document.tables[0].rows[0]._tr.get_or_add_trPr().append(element("del"))
    assert rows(document) == [("2", "乙")]


def test_hidden_text_and_field_codes_are_not_printed():
    document = docx.Document()
    paragraph = document.add_paragraph("甲")
    paragraph.add_run("隐藏").font.hidden = True
    code = element("instrText")
    code.text = " PAGEREF _Toc1 "
    paragraph._p.append(element("r", [code]))
    paragraph._p.append(element("hyperlink", [element("r", [_text("链接")])]))
    assert texts(document) == ["甲链接"]


def test_content_controls_are_seen_through():
    document = word("甲", rows=[["1", "乙"]])
    body = document.element.body
    for child in list(body)[:2]:
        place = list(body).index(child)
        body.insert(place, element("sdt", [element("sdtPr"), element("sdtContent", [child])]))
    assert texts(document) == ["甲"]
    assert rows(document) == [("1", "乙")]


def test_line_breaks_tabs_and_hyphens_in_runs_are_characters():
    document = docx.Document()
    run = document.add_paragraph()
    run.add_run("甲\n乙\t丙")
    run._p.append(element("r", [element("noBreakHyphen")]))
    assert texts(document) == ["甲\n乙\t丙-"]


def test_strict_open_xml_is_the_same_document():
    data = saved(word("甲", rows=[["1", "乙"]]))
    parts = parts_of(data)
    for transitional, strict in STRICT.items():
        parts = {name: content.replace(transitional, strict) for name, content in parts.items()}
    assert read(archive(parts)).blocks == read(data).blocks


def test_a_document_without_a_body_is_damaged():
    data = with_part(
        saved(word("甲")),
        "word/document.xml",
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>',
    )
    with pytest.raises(DamagedDocument):
        read(data)


def test_a_missing_style_or_numbering_part_is_no_obstacle():
    parts = parts_of(saved(word("甲")))
    del parts["word/styles.xml"], parts["word/numbering.xml"]
    assert [block.text for block in read(archive(parts)).prose()] == ["甲"]


def test_tables_nested_without_end_are_refused():
    document = docx.Document()
    container = document.element.body
    for _ in range(40):
        cell = element("tc", [element("p")])
        container.insert(0, element("tbl", [element("tr", [cell])]))
        container = cell
    with pytest.raises(TooComplexDocument):
        read(document)


def test_a_span_of_a_million_columns_is_cut():
    document = word(rows=[["甲", "乙"]])
    document.tables[0].rows[0].cells[0]._tc.get_or_add_tcPr().append(element("gridSpan", val="999999"))
    assert sum(cell.span for cell in next(read(document).tables()).rows[0].cells) <= 64
