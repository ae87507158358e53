"""Numbers of tasks, printed, misplaced and lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.model import FlagCode
from importers.recognition.numbers import before_label, before_text, complete, inner_tasks, is_pile, plain_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3),
        ("３", 3),
        (" 12. ", 12),
        ("（7）", 7),
        ("第9项", 9),
        ("十二", 12),
        ("3-1", None),
        ("3 4", None),
        ("甲", None),
        ("", None),
        ("12345", None),
    ],
)
def test_a_number_that_is_all_of_a_cell(text, number):
    assert plain_number(text) == number


@pytest.mark.parametrize(
    ("text", "last", "number", "rest"),
    [
        ("1 甲", None, 1, "甲"),
        ("12. 甲", 11, 12, "甲"),
        ("8、甲", 7, 8, "甲"),
        ("5G技术应用", 4, None, "5G技术应用"),
        ("2 甲", None, None, "2 甲"),
        ("3 甲", 5, None, "3 甲"),
        ("500 家企业", 5, None, "500 家企业"),
        ("1.5万元", None, None, "1.5万元"),
        ("2025 年", None, None, "2025 年"),
    ],
)
def test_a_number_before_the_text_must_go_on_with_the_count(text, last, number, rest):
    found = before_text(text, last)
    assert (found.number, found.rest) == (number, rest)


def test_a_number_before_a_section_label():
    assert before_label("31  （四）甲").number == 31
    assert before_label("（四）甲").number is None


def test_numbers_in_a_heap_number_nothing():
    assert is_pile("53 54 55")
    assert not is_pile("53")


def test_tasks_run_together_are_split_where_the_count_goes_on():
    found = inner_tasks("甲。 7 乙，共3 项。 8 丙。 12 丁。", 6)
    assert [(task.number, task.rest) for task in found] == [(6, "甲。"), (7, "乙，共3 项。"), (8, "丙。 12 丁。")]


def codes(numbers):
    return [(number, [flag.code for flag in flags]) for number, flags in complete(numbers)]


def test_a_missing_number_is_filled_where_the_count_leaves_no_choice():
    assert codes([1, None, None, 4]) == [
        (1, []),
        (2, [FlagCode.NUMBER_INFERRED]),
        (3, [FlagCode.NUMBER_INFERRED]),
        (4, []),
    ]


def test_a_missing_number_that_may_be_another_stays_missing_and_blocks():
    assert codes([1, None, 4]) == [(1, []), (None, [FlagCode.NUMBER_MISSING]), (4, [])]
    assert complete([1, None, 4])[1][1][0].blocking


def test_doubles_and_gaps_are_flagged_where_they_are():
    assert codes([1, 2, 2, 5]) == [(1, []), (2, []), (2, [FlagCode.NUMBER_DUPLICATE]), (5, [FlagCode.NUMBER_GAP])]
    assert "3—4" in complete([1, 2, 5])[2][1][0].note


def test_a_list_without_numbers_is_counted():
    assert [number for number, _ in complete([None, None])] == [1, 2]


@given(st.lists(st.none() | st.integers(1, 40), max_size=40))
def test_printed_numbers_stand_and_every_filled_one_is_flagged(numbers):
    for printed, (number, flags) in zip(numbers, complete(numbers), strict=True):
        found = {flag.code for flag in flags}
        assert printed is None or number == printed
        assert (printed is None and number is not None) == (FlagCode.NUMBER_INFERRED in found)
        assert (number is None) == (FlagCode.NUMBER_MISSING in found)
