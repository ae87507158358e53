"""One cell, many measures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.recognition.measures import breaks_off, split_measures


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("一是甲。二是乙。三是丙。", 3),
        ("一是甲；二是乙；", 2),
        ("一要甲。二要乙。", 2),
        ("第一，甲。第二，乙。", 2),
        ("（一）甲。（二）乙。", 2),
        ("(1)甲；(2)乙；(3)丙。", 3),
        ("1.甲。2.乙。", 2),
        ("1、甲\n2、乙", 2),
        ("①甲②乙", 1),
        ("①甲；②乙。", 2),
        ("一、甲。\n二、乙。", 2),
        ("甲。\n乙。", 2),
        ("甲，\n乙。", 1),
        ("甲。乙。丙。", 1),
        ("一是甲。", 1),
        ("做好工作，其一是甲，其二是乙。", 1),
        ("增长1.5倍，达到2.5亿元。", 1),
        ("比例达到一是甲二是乙", 1),
        ("", 0),
        ("  ", 0),
    ],
)
def test_measures_are_split_where_the_cell_counts_them(text, count):
    assert len(split_measures(text)) == count


def test_a_lead_in_stays_with_the_first_measure():
    assert split_measures("深化改革：一是甲。二是乙。") == ("深化改革：一是甲。", "二是乙。")


def test_counting_inside_a_measure_does_not_split_it():
    assert split_measures("一是甲：1.子。2.丑。二是乙。") == ("一是甲：1.子。2.丑。", "二是乙。")


def test_a_skipped_ordinal_is_noticed():
    assert breaks_off(split_measures("一是甲。二是乙。四是丁。"))
    assert breaks_off(("一是甲。三是丙。",))
    assert not breaks_off(split_measures("一是甲。二是乙。三是丙。"))
    assert not breaks_off(("甲。",))


@given(st.lists(st.text("甲乙丙，、", min_size=1, max_size=8), min_size=2, max_size=20))
def test_any_number_of_measures_comes_back(bodies):
    ordinals = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"]
    ordinals += [f"十{digit}" for digit in ordinals[:9]] + ["二十"]
    measures = tuple(f"{ordinal}是{body}。" for ordinal, body in zip(ordinals, bodies, strict=False))
    assert split_measures("".join(measures)) == measures


@given(st.text("一二三是要第、（）(1)23.。；\n甲乙 ①②", max_size=60))
def test_nothing_of_the_text_is_lost(text):
    assert "".join("".join(split_measures(text)).split()) == "".join(text.split())
