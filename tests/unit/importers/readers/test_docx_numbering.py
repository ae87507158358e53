"""Automatic numbers: what Word would print in front of a paragraph."""

import pytest
from docx.oxml import parse_xml

from importers.readers.docx_numbering import Numbering, chinese

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def numbering(*levels: tuple[str, str], extra: str = "", nums: str = "") -> Numbering:
    """One list whose levels are (format, text)."""
    lvls = "".join(
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{extra if index else ""}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for index, (form, text) in enumerate(levels)
    )
    return Numbering(
        parse_xml(
            f'<w:numbering {W}><w:abstractNum w:abstractNumId="7">{lvls}</w:abstractNum>'
            f'<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>{nums}</w:numbering>'
        )
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (101, "一百零一"),
        (110, "一百一十"),
        (1005, "一千零五"),
        (12345, "12345"),
    ],
)
def test_counting_in_chinese(number, text):
    assert chinese(number) == text


@pytest.mark.parametrize(
    ("form", "third"),
    [
        ("decimal", "3"),
        ("decimalZero", "03"),
        ("decimalFullWidth", "３"),
        ("chineseCountingThousand", "三"),
        ("chineseLegalSimplified", "叁"),
        ("ideographTraditional", "丙"),
        ("ideographZodiac", "寅"),
        ("decimalEnclosedCircle", "③"),
        ("upperRoman", "III"),
        ("lowerRoman", "iii"),
        ("upperLetter", "C"),
        ("lowerLetter", "c"),
        ("none", ""),
        ("aFormatOfTheFuture", "3"),
    ],
)
def test_formats(form, third):
    counting = numbering((form, "%1、"))
    assert [counting.next_label("1", 0) for _ in range(3)][-1] == f"{third}、"


def test_deeper_levels_show_the_upper_ones_and_start_again():
    counting = numbering(("chineseCounting", "%1、"), ("decimal", "%1.%2"))
    labels = [counting.next_label("1", level) for level in (0, 1, 1, 0, 1)]
    assert labels == ["一、", "一.1", "一.2", "二、", "二.1"]


def test_a_legal_level_shows_the_upper_ones_in_figures():
    counting = numbering(("chineseCounting", "%1、"), ("decimal", "%1.%2"), extra="<w:isLgl/>")
    assert [counting.next_label("1", level) for level in (0, 1)] == ["一、", "1.1"]


def test_a_level_that_never_restarts_counts_on():
    counting = numbering(("decimal", "%1"), ("decimal", "(%2)"), extra='<w:lvlRestart w:val="0"/>')
    assert [counting.next_label("1", level) for level in (0, 1, 0, 1)] == ["1", "(1)", "2", "(2)"]


def test_a_second_list_of_the_same_definition_starts_where_it_is_told():
    second = (
        '<w:num w:numId="2"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/>'
        "</w:lvlOverride></w:num>"
    )
    counting = numbering(("decimal", "%1."), nums=second)
    labels = [counting.next_label(identity, 0) for identity in ("1", "1", "2", "2")]
    assert labels == ["1.", "2.", "1.", "2."]


@pytest.mark.parametrize(("identity", "level"), [("9", 0), ("1", 5), ("1", -1), ("", 0)])
def test_an_unknown_list_prints_nothing(identity, level):
    assert numbering(("decimal", "%1")).next_label(identity, level) == ""


def test_bullets_print_nothing():
    assert numbering(("bullet", "•")).next_label("1", 0) == ""
