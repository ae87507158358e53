"""Lines of a title: near one length, no word torn that can be told, no last line of three characters (7.3.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.wording import title_lines, width_of


@pytest.mark.parametrize(
    "lines",
    [
        ["关于印发江北市第二批", "复制推广改革试点经验清单的通知"],
        ["关于停止推广", "“境外参展人员线上核验”的通知"],
        ["关于更正", "《关于进展报送和推进情况的通报》", "（江开办通〔2026〕1号）的说明"],
        ["关于报送“研发样品清单验放”案例的报告"],
        ["关于2026年3月23日至2026年9月27日", "单位评价结果的通报"],
    ],
)
def test_a_title_breaks_where_a_reader_would(lines):
    assert title_lines("".join(lines)) == lines


@given(st.text(alphabet="关于印发的通知“”《》（）批第一情况工作2月日字", min_size=1, max_size=200))
def test_no_line_is_too_long_and_nothing_is_lost(title):
    lines = title_lines(title)
    assert "".join(lines) == "".join(line.strip() for line in title.splitlines())
    assert all(width_of(line) <= 19 for line in lines)
