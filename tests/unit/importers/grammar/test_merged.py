"""Whose deadline and units are whose in a row that several tasks were merged into."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.grammar.merged import Share, assign, shares

TEXTS = ["设立产业发展基金。", "建设智慧码头，推广无人集卡。", "争取放宽外资保险经纪机构准入条件。"]


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ("甲局负责", [Share("2025年底前", "甲局负责")]),
        ("甲局负责 2024年底前 乙局负责", [Share("2025年底前", "甲局负责"), Share("2024年底前", "乙局负责")]),
        ("甲局负责\n争取，持续推进\n乙局负责", [Share("2025年底前", "甲局负责"), Share("争取，持续推进", "乙局负责")]),
        ("甲局负责 乙局", [Share("2025年底前", "甲局负责 乙局")]),
        ("甲局、乙局", [Share("2025年底前", "甲局、乙局")]),
        ("", [Share("2025年底前", "")]),
    ],
)  # fmt: skip
def test_a_deadline_with_units_after_it_is_an_appended_share(units, expected):
    assert shares("2025年底前", units) == expected


def test_enough_shares_are_in_order_without_doubt():
    found = [Share("1月", "甲局"), Share("2月", "乙局"), Share("3月", "丙局")]
    assert assign(TEXTS, found) == found
    assert assign(TEXTS[:1], found) == found[:1]


def test_a_lost_share_is_nobody_s_and_the_printed_one_is_in_doubt():
    first, second = assign(TEXTS[:2], [Share("1月", "甲局负责")])
    assert first is not None
    assert (first.units, bool(first.doubt), second) == ("甲局负责", True, None)


def test_an_appended_share_goes_to_the_text_that_alone_has_its_words():
    first, second, third = assign(TEXTS, [Share("1月", "甲局负责"), Share("积极争取，持续推进", "乙局负责")])
    assert third == Share("积极争取，持续推进", "乙局负责")
    assert second is None
    assert first is not None and first.doubt


def test_an_appended_share_without_such_words_goes_to_the_next_in_doubt():
    _, second, third = assign(TEXTS, [Share("1月", "甲局负责"), Share("2024年底前", "乙局负责")])
    assert second is not None
    assert (second.units, bool(second.doubt), third) == ("乙局负责", True, None)


@given(st.lists(st.text(), min_size=1, max_size=5), st.text(), st.text())
def test_every_share_goes_to_at_most_one_text(texts, deadline, units):
    found = shares(deadline, units)
    given_out = [(share.deadline, share.units) for share in assign(texts, found) if share is not None]
    assert len(given_out) == min(len(texts), len(found))
    assert set(given_out) <= {(share.deadline, share.units) for share in found}
