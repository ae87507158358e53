"""Numbered headings, whatever level the file gives them."""

import pytest

from importers.grammar.headings import is_heading_line, numbering, passages
from importers.structure import Heading, Paragraph, Position

HERE = Position(1)


@pytest.mark.parametrize(
    ("text", "style", "ordinal", "title"),
    [
        ("第三章 优化环境", "第一章", 3, "优化环境"),
        ("第二节　开放平台", "第一节", 2, "开放平台"),
        ("十二、保障措施", "一、", 12, "保障措施"),
        ("（四）完善体系", "（一）", 4, "完善体系"),
        ("(四) 完善体系", "（一）", 4, "完善体系"),
        ("3．完善体系", "1.", 3, "完善体系"),
        ("（3）完善体系", "（1）", 3, "完善体系"),
    ],
)
def test_a_numbering_tells_its_style_place_and_title(text, style, ordinal, title):
    known = numbering(text)
    assert known is not None
    assert (known.style, known.ordinal, known.title) == (style, ordinal, title)


@pytest.mark.parametrize("text", ["", "完善体系", "2.5万吨级码头", "3家企业", "一是完善体系"])
def test_other_beginnings_are_no_numbering(text):
    assert numbering(text) is None


def test_a_heading_line_is_short_and_no_sentence():
    assert is_heading_line("（一）完善体系")
    assert not is_heading_line("（一）完善体系。加强领导。")
    assert not is_heading_line("（一）" + "完善体系" * 20)


def test_styles_nest_in_the_order_of_their_first_use_whatever_the_marked_level():
    blocks: list[Heading | Paragraph] = [
        Heading("一、任务", 2, HERE),
        Heading("（一）环境", 3, HERE),
        Paragraph("1.提高效率。推行提前申报。", HERE),
        Heading("（二）开放", 2, HERE),
        Paragraph("引进机构。", HERE),
        Heading("二、保障", 4, HERE),
        Paragraph("（一）加强领导。各单位密切配合。", HERE),
        Paragraph("定期会商。", HERE),
    ]
    found = [(passage.text[:5], [heading for _, heading in passage.headings]) for passage in passages(blocks)]
    assert found == [
        ("1.提高效", ["一、任务", "（一）环境", "1.提高效率"]),
        ("引进机构。", ["一、任务", "（二）开放"]),
        ("（一）加强", ["二、保障", "（一）加强领导"]),
        ("定期会商。", ["二、保障", "（一）加强领导"]),
    ]


def test_a_paragraph_after_a_heading_starts_afresh_and_one_after_a_page_break_does_not():
    blocks: list[Heading | Paragraph] = [Heading("一、任务", 2, HERE)]
    blocks += [Paragraph("公布收费目录", HERE), Paragraph("清单。", HERE)]
    assert [passage.starts_afresh for passage in passages(blocks)] == [True, False]
