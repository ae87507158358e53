"""Text files as converters leave them."""

import pytest

from importers.errors import TooComplexDocument
from importers.readers import limits
from importers.readers.markup import clean
from importers.readers.text import read_text
from importers.structure import Heading, Paragraph, Position, Table


def blocks(*lines: str):
    return read_text("\n".join(lines), "a.txt").blocks


def tables(*lines: str) -> list[list[tuple[str, ...]]]:
    return [[row.texts for row in table.rows] for table in read_text("\n".join(lines), "a.txt").tables()]


def test_lines_with_tabs_are_rows_and_a_blank_line_ends_the_page():
    assert tables("甲\t乙", "1\t2", "", "3\t4") == [[("甲", "乙"), ("1", "2")], [("3", "4")]]


def test_positions_count_lines_columns_and_pages_from_the_file():
    first, second = read_text("标题\n甲\t乙丙\n\n丁\t戊", "a.txt").tables()
    assert first.rows[0].cells[1].position == Position(2, 3, 0)
    assert second.rows[0].cells[0].position == Position(4, 1, 1)


def test_one_cell_per_line_becomes_one_row_per_pile():
    assert tables("\t序号", "\t任务", "", "\t1", "\t甲", "", "", "\t2", "\t乙") == [
        [("序号", "任务"), ("1", "甲"), ("2", "乙")]
    ]


def test_an_empty_cell_keeps_its_place_in_a_pile():
    assert tables("\t序号", "\t任务", "\t单位", "", "\t1", "\t", "\t丙局") == [
        [("序号", "任务", "单位"), ("1", "", "丙局")]
    ]


def test_indented_paragraphs_are_no_table():
    found = blocks("\t为了做好工作，制定本方案。", "\t本方案自印发之日起实施。")
    assert [type(block) for block in found] == [Paragraph, Paragraph]


def test_pipes_make_a_table_without_their_ruler():
    assert tables("| 甲 | 乙 |", "|:---|---:|", "| 1 | 2 |") == [[("甲", "乙"), ("1", "2")]]


def test_a_ruler_of_pipes_alone_is_nothing():
    assert blocks("| --- | --- |") == ()


def test_a_row_whose_cells_have_line_breaks_is_one_row():
    assert tables("甲\t乙\t丙", "1\t第一行", "第二行\t局") == [[("甲", "乙", "丙"), ("1", "第一行\n第二行", "局")]]


def test_a_section_line_between_rows_does_not_swallow_the_next_row():
    assert tables("甲\t乙\t丙", "一、某领域", "1\t二\t三") == [[("甲", "乙", "丙"), ("一、某领域",), ("1", "二", "三")]]


def test_a_note_directly_under_a_table_is_a_paragraph():
    found = blocks("甲\t乙", "1\t2", "注：首个为牵头单位")
    assert isinstance(found[0], Table)
    assert isinstance(found[1], Paragraph)
    assert found[1].text == "注：首个为牵头单位"


@pytest.mark.parametrize(("line", "level", "text"), [("# 甲", 1, "甲"), ("#### （四）乙", 4, "（四）乙")])
def test_markdown_headings_keep_their_level(line, level, text):
    assert blocks(line) == (Heading(text, level, Position(1)),)


@pytest.mark.parametrize("line", ["---", "***", "  ____ ", "======"])
def test_rules_are_not_text(line):
    assert blocks(line) == ()


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        ("<p>甲。</p> <p>乙。</p>", "甲。\n乙。"),
        ("<b>（一）甲</b>", "（一）甲"),
        ("甲<br/>乙", "甲\n乙"),
        ("**甲**乙", "甲乙"),
        ("[bookmark: _GoBack]落实甲", "落实甲"),
        ("甲&nbsp;乙&lt;丙", "甲\u00a0乙<丙"),
        ("\u3000\u3000甲 乙\u00a0", "甲 乙"),
        ("张**同志 3*4", "张**同志 3*4"),
        ("外资股比<50%且>20%", "外资股比<50%且>20%"),
        ("甲\u200b乙\ufeff", "甲乙"),
    ],
)
def test_markup_goes_and_text_stays(printed, text):
    assert clean(printed) == text


def test_the_printed_cell_keeps_its_markup():
    (table,) = read_text("1\t<p>甲。</p>", "a.txt").tables()
    assert (table.rows[0].cells[1].text, table.rows[0].cells[1].printed) == ("甲。", "<p>甲。</p>")


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\x0c", "\u2028"])
def test_every_kind_of_line_end_ends_a_line(end):
    assert [block.text for block in read_text(f"甲{end}乙", "a.txt").prose()] == ["甲", "乙"]


def test_columns_beyond_the_limit_stay_in_the_last_one():
    (table,) = read_text("\t".join(str(n) for n in range(100)), "a.txt").tables()
    assert len(table.rows[0].cells) == limits.MAX_COLUMNS
    assert table.rows[0].cells[-1].text.split("\n")[-1] == "99"


@pytest.mark.parametrize(
    "text",
    ["甲\n" * (limits.MAX_BLOCKS + 1), "1\t2\n" * (limits.MAX_CELLS // 2 + 1), "甲" * (limits.MAX_CHARACTERS + 1)],
    ids=["blocks", "cells", "characters"],
)
def test_a_text_beyond_the_limits_is_refused(text):
    with pytest.raises(TooComplexDocument):
        read_text(text, "a.txt")
