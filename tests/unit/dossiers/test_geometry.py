"""The measures of GB/T 9704-2012, taken from the drawn page."""

from itertools import pairwise

import pytest

from dossiers.rendering import Renderer
from tests.unit.dossiers.pages import SENTENCE, Drawn, Line, notice

LINE = 225 / 22
"""Millimetres."""


@pytest.fixture(scope="module")
def full_page(drawing: Renderer) -> list[Line]:
    """A page of nothing but running text."""
    text = "\n".join([f"{number}. {SENTENCE * 4}" for number in range(1, 20)])
    return Drawn(drawing.pdf("official", notice(text=text))).lines(1)


def test_a_full_page_has_22_lines_of_225_mm(full_page: list[Line]):
    body = [line for line in full_page if line.baseline < 262]
    assert len(body) == 22
    assert 37 <= body[0].top <= 37 + LINE / 2
    for before, after in pairwise(body):
        assert after.baseline - before.baseline == pytest.approx(LINE, abs=0.05)


def test_lines_have_28_characters_and_are_flush_on_both_sides(full_page: list[Line]):
    full = [line for line in full_page if line.baseline < 262 and line.right > 182]
    assert len(full) > 12
    chinese = [line for line in full if not any(glyph.text.isascii() for glyph in line.glyphs)]
    assert {len(line.glyphs) for line in chinese} <= {27, 28} and any(len(line.glyphs) == 28 for line in chinese)
    for line in chinese:
        first, last = line.glyphs[0], line.glyphs[-1]
        # The cells of the grid reach from 28 to 184 mm; punctuation does not fill its cell.
        if last.text not in "，。、":
            assert last.right == pytest.approx(184, abs=1.0)
        assert 28 <= first.left <= 29.5


def test_a_rare_character_in_a_name_does_not_move_its_line(drawing: Renderer):
    plain = Drawn(drawing.pdf("official", notice(text="请王小明同志负责。\n请各单位配合。"))).lines(0)
    rare = Drawn(drawing.pdf("official", notice(text="请王喆昇同志负责。\n请各单位配合。"))).lines(0)
    assert "王喆昇" in "".join(line.text for line in rare)
    assert [line.baseline for line in rare] == pytest.approx([line.baseline for line in plain], abs=0.01)


def test_page_numbers_stand_outside_below_the_text(drawing: Renderer):
    drawn = Drawn(drawing.pdf("official", notice(text=f"{SENTENCE}\n" * 60)))
    for page in range(3):
        number = drawn.lines(page)[-1]
        assert number.text == f"—{page + 1}—"
        dash = number.glyphs[0]
        assert (dash.top + dash.bottom) / 2 == pytest.approx(262 + 7, abs=0.6)
        assert dash.size == pytest.approx(14 * 4 / 3, abs=0.1)
        if page % 2 == 0:
            assert number.right == pytest.approx(184 - 4.9, abs=0.5)
        else:
            assert number.left == pytest.approx(28 + 4.9, abs=0.5)


def test_the_red_head_begins_35_mm_below_the_edge_and_its_number_two_lines_on(drawing: Renderer):
    lines = Drawn(drawing.pdf("official", notice())).lines(0)
    name, mark = lines[0], lines[1]
    assert name.top == pytest.approx(37 + 35, abs=0.5)
    assert mark.text == "滨示督〔2026〕31号"
    assert mark.top - max(glyph.bottom for glyph in name.glyphs) == pytest.approx(2 * LINE + 3, abs=2.5)
    assert (mark.left + mark.right) / 2 == pytest.approx(28 + 78, abs=1)


@pytest.mark.parametrize("name", ["市开放办文件", "滨海示范市服务贸易创新发展试点工作联席会议办公室文件"])
def test_a_head_of_any_length_is_one_line_within_the_text(drawing: Renderer, name: str):
    head = Drawn(drawing.pdf("official", notice(head={"name": name, "mark": "滨示督〔2026〕1号"}))).lines(0)[0]
    assert head.text == name
    assert head.left >= 28 and head.right <= 184


@pytest.mark.parametrize("sentences", [1, 12, 15, 18, 20, 22, 30, 40])
def test_the_imprint_is_at_the_foot_of_an_even_page(drawing: Renderer, sentences: int):
    drawn = Drawn(drawing.pdf("official", notice(text=f"{SENTENCE}\n" * sentences)))
    assert len(drawn) % 2 == 0
    last = [line for line in drawn.lines(len(drawn) - 1) if not line.text.startswith("—")]
    assert last[-1].text == "滨海示范市开放办公室2026年7月2日印发"
    assert last[-1].baseline == pytest.approx(262 - 2.5, abs=1.5)
    assert last[-2].text.startswith("抄送：")


def test_an_imprint_alone_on_its_page_has_no_page_number(drawing: Renderer):
    drawn = Drawn(drawing.pdf("official", notice(text=SENTENCE)))
    assert len(drawn) == 2
    assert "—1—" in drawn.text(0)
    assert "—" not in drawn.text(1)


def test_the_date_ends_four_characters_from_the_edge_centred_under_the_office(drawing: Renderer):
    lines = Drawn(drawing.pdf("official", notice(text=SENTENCE))).lines(0)
    [at] = [number for number, line in enumerate(lines) if line.text == "2026年7月1日"]
    office, day = lines[at - 1], lines[at]
    assert day.right == pytest.approx(184 - 4 * 5.64, abs=2)
    assert (office.left + office.right) / 2 == pytest.approx((day.left + day.right) / 2, abs=0.8)


def test_a_title_breaks_before_about_and_never_runs_over(drawing: Renderer):
    title = "滨海示范市服务贸易联席会议办公室关于做好2026年第三季度重点督办事项办理工作的通知"
    lines = Drawn(drawing.pdf("official", notice(title=title))).lines(0)
    big = [line for line in lines if line.glyphs[0].size == pytest.approx(22 * 4 / 3, abs=0.2)]
    assert "".join(line.text for line in big) == title
    assert big[1].text.startswith("关于")
    assert all(line.left >= 28 and line.right <= 184 for line in big)
