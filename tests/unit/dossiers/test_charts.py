"""Charts: the figures are printed, and bars are as long as the figures say."""

from decimal import Decimal

import pytest
from lxml import etree

from dossiers.pictures.charts import figure, indicator_chart, progress_chart
from dossiers.pictures.lettering import letters

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> etree._Element:
    return etree.fromstring(svg.encode())


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in parsed(svg).iter(f"{SVG}text")]


def test_a_pair_of_bars_has_lengths_in_the_proportion_of_its_figures():
    svg = indicator_chart([{"name": "办理时限", "unit": "天", "before": "20", "after": "5"}], face="serif")
    before, after = [float(bar.get("width", "")) for bar in parsed(svg).iter(f"{SVG}rect")][-2:]
    assert before == pytest.approx(4 * after, rel=0.01)
    assert {"20天", "5天"} <= set(texts(svg))


def test_each_indicator_has_a_scale_of_its_own():
    rows = [
        {"name": "金额", "unit": "万元", "before": "1,000,000", "after": "2,000,000"},
        {"name": "天数", "unit": "天", "before": "1", "after": "2"},
    ]
    widths = [float(bar.get("width", "")) for bar in parsed(indicator_chart(rows, face="serif")).iter(f"{SVG}rect")]
    assert widths[2:4] == pytest.approx(widths[4:6])


def test_an_indicator_without_numbers_is_left_to_the_table():
    rows = [{"name": "制度", "unit": "", "before": "无", "after": "有"}]
    assert indicator_chart(rows, face="serif") == ""


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,286", Decimal(1286)), ("35.5%", Decimal("35.5")), ("无", None), ("", None), (None, None), ("NaN", None)],
)
def test_a_figure_is_read_with_commas_and_percent(text: str | None, value: Decimal | None):
    assert figure(text) == value


def test_progress_is_drawn_as_steps_with_its_deadline():
    progress = {
        "points": [["2026-05-12", 10], ["2026-06-25", 35], ["2026-07-25", 100]],
        "dues": [["2026-08-31", "时限2026-08-31"]],
        "start": "2026-04-02",
        "end": "2026-07-30",
    }
    shown = texts(progress_chart(progress, face="serif"))
    assert {"10%", "35%", "100%", "时限2026-08-31", "2026-04"} <= set(shown)


def test_one_report_makes_no_chart():
    progress = {"points": [["2026-05-12", 10]], "dues": [], "start": "2026-04-02", "end": "2026-07-30"}
    assert progress_chart(progress, face="serif") == ""


def test_words_end_and_centre_where_they_are_told_to():
    words = "签收12.5%（一）"
    begin, middle, end = (
        float(parsed(letters(words, 100, 0, size=10, anchor=anchor)).get("x", ""))
        for anchor in ("start", "middle", "end")
    )
    assert begin == 100
    assert begin - end == pytest.approx(2 * (begin - middle), abs=0.02)
    # Five square characters, three digits of half an em, a stop and a per cent sign as the face has them.
    assert begin - end == pytest.approx(10 * (5 + 3 * 0.5 + 0.278 + 0.833), abs=0.02)


def test_markup_in_an_indicator_is_printed():
    rows = [{"name": "<b>x</b>", "unit": "&", "before": "1", "after": "2"}]
    assert "<b>x</b>" in "".join(texts(indicator_chart(rows, face="serif")))
