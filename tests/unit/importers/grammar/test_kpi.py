"""Targets in the running text of a plan, in sentences of our own; and numbers that are history."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.grammar.kpi import read_kpis
from importers.model import FlagCode, KpiType, ParsedRow, Strength
from importers.structure import Heading, Paragraph, Position

END_2025 = dt.date(2025, 12, 31)


def read(*texts: str, heading: str = "第三节 发展目标", year: int | None = None) -> tuple[ParsedRow, ...]:
    paragraphs = [Paragraph(text, Position(line)) for line, text in enumerate(texts, start=2)]
    return read_kpis([Heading(heading, 2, Position(1)), *paragraphs], year)


def targets(rows: tuple[ParsedRow, ...]) -> list[tuple[str, float, str]]:
    return [(row.kpi.name, row.kpi.target, row.kpi.unit) for row in rows if row.kpi]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("到2025年，建成示范园区12个。", [("示范园区", 12, "个")]),
        ("力争到2025年，培育5家以上龙头企业。", [("龙头企业", 5, "家")]),
        ("到2025年底，集装箱吞吐量达到2300万标准箱。", [("集装箱吞吐量", 2300, "万标准箱")]),
        ("到“十四五”末，高新技术企业数量超过1.5万家。", [("高新技术企业数量", 1.5, "万家")]),
        ("争取在“十四五”期间，服务业增加值年均增长6.5%。", [("服务业增加值年均增长", 6.5, "%")]),
        ("到2025年，口岸通关时间压缩至30小时。", [("口岸通关时间", 30, "小时")]),
        (
            "到2025年，形成改革成果60项，其中首创成果10项，复制推广15项。",
            [("改革成果", 60, "项"), ("首创成果", 10, "项"), ("复制推广", 15, "项")],
        ),
        ("到2025年，数字贸易占比由10%提高到18%。", [("数字贸易占比", 18, "%")]),
        ("到2025年，与周边城市往来更加密切，贸易额占比达到三成，航线达到40条。", [("航线", 40, "条")]),
        ("到2025年，推行24小时预约通关，建设码头5座。", [("建设码头", 5, "座")]),
        ("到2025年，推广“1210”模式，建设海外仓8个。", [("建设海外仓", 8, "个")]),
    ],
)
def test_a_sentence_that_looks_ahead_gives_its_targets(text, expected):
    rows = read(text)
    assert targets(rows) == expected
    assert {row.kpi.by for row in rows if row.kpi} == {END_2025}
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("到2025年，建成园区12个。", KpiType.CUMULATIVE_COUNT),
        ("到2025年，利用外资累计达到50亿美元。", KpiType.CUMULATIVE_SUM),
        ("到2025年，新增投资300亿元。", KpiType.CUMULATIVE_SUM),
        ("到2025年，进出口总额达到900亿元。", KpiType.SHARE_LEVEL),
        ("到2025年，进出口年均增速达到4%。", KpiType.ANNUAL_AVERAGE_GROWTH),
        ("到2025年，研发投入年均增长9%。", KpiType.ANNUAL_AVERAGE_GROWTH),
        ("到2025年，绿电占比达到40%。", KpiType.SHARE_LEVEL),
        ("到2025年，无纸化率达到98%以上。", KpiType.SHARE_LEVEL),
    ],
)
def test_the_words_and_the_unit_say_how_a_target_is_measured(text, kind):
    assert [row.kpi.type for row in read(text) if row.kpi] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "2020年，实现税收470亿元，利用外资21亿美元。",
        "“十三五”期间，累计实施改革措施400项。",
        "截至2025年，已建成园区12个。",
        "到2020年的五年间，贸易额增长了30%。",
        "依托5G技术，推广1210模式，打造100强企业。",
        "出台《产业规划（2021—2025年）》，实施三年行动。",
        "到2025年，营商环境总体达到国际一流水平。",
        "第一节规定了12项措施。",
    ],
)
def test_history_and_names_are_no_targets(text):
    assert targets(read(text, heading="第一节 取得成绩", year=2021)) == []


def test_the_opening_of_a_section_of_targets_dates_the_sentences_after_it():
    opening = "到“十四五”末期，建立更加成熟的制度体系。"
    rows = read(opening, "环境更加优化。办理环节减少到3个。", "力争到2024年，引进机构20家。", "研发机构达到50家。")
    assert [row.kpi.by for row in rows if row.kpi] == [END_2025, dt.date(2024, 12, 31), END_2025]
    assert [row.deadlines[0].strength for row in rows] == [Strength.FIRM, Strength.STRIVE, Strength.FIRM]


def test_the_opening_holds_for_the_parts_of_its_section():
    rows = read("到2025年，环境更加优化。", "（一）平台更强。研发机构达到50家。", "（二）开放更深。航线达到40条。")
    assert [(row.kpi.target, row.kpi.by) for row in rows if row.kpi] == [(50, END_2025), (40, END_2025)]


def test_outside_a_section_of_targets_a_date_holds_for_its_sentence_only():
    targets_section = read("到2025年，环境更加优化。", "研发机构达到50家。")
    measures_section = read("到2025年，环境更加优化。", "研发机构达到50家。", heading="第四节 保障措施")
    assert (len(targets_section), len(measures_section)) == (1, 0)


def test_the_printed_words_of_a_target_are_kept():
    rows = read("——产业更强。力争到 2025 年，形成成果 60 项，其中首创 10 项。")
    assert [row.text_printed for row in rows] == ["力争到 2025 年，形成成果 60 项", "其中首创 10 项"]
    assert {row.section for row in rows} == {"第三节 发展目标"}
    assert {row.position.line for row in rows if row.position} == {2}


def test_an_earlier_printed_value_is_the_baseline():
    rows = read(
        "2019年，利用外资18.5亿美元。",
        "2020年，实现税收47亿元，利用外资21.9亿美元，占全市的46.3%。",
        "到2025年，利用外资累计达到100亿美元，进出口年均增速达到4%。",
    )
    baselines = [row.kpi.baseline for row in rows if row.kpi]
    assert baselines[0] is not None
    assert (baselines[0].value, baselines[0].unit, baselines[0].year) == (21.9, "亿美元", 2020)
    assert baselines[1] is None
    assert [flag.code for flag in rows[1].flags] == [FlagCode.KPI_BASELINE_MISSING]


def test_a_value_in_another_unit_or_of_something_else_is_no_baseline():
    rows = read("2020年，利用外资增长8%，合同利用外资项目30个。", "到2025年，利用外资累计达到100亿美元。")
    assert [row.kpi.baseline for row in rows if row.kpi] == [None]


def test_neither_a_target_nor_a_value_of_the_end_s_own_year_is_a_baseline():
    blocks: list[Heading | Paragraph] = [
        Heading("一、现状", 2, Position(1)),
        Paragraph("2025年，利用外资8亿美元。", Position(2)),
        Heading("二、目标", 2, Position(3)),
        Paragraph("到2023年，利用外资累计达到50亿美元。到2025年，利用外资累计达到100亿美元。", Position(4)),
        Heading("三、保障", 2, Position(5)),
        Paragraph("研发机构达到50家。", Position(6)),
    ]
    rows = read_kpis(blocks)
    assert [(row.kpi.target, row.kpi.baseline) for row in rows if row.kpi] == [(50, None), (100, None)]


def test_a_baseline_in_the_same_sentence_is_taken():
    (row,) = read("到2025年，数字贸易占比由2020年的10%提高到18%。")
    assert row.kpi is not None
    assert row.kpi.baseline is not None
    assert (row.kpi.baseline.value, row.kpi.baseline.unit, row.kpi.baseline.year) == (10, "%", 2020)


def test_what_among_them_covers_is_left_to_a_person():
    rows = read("到2025年，形成成果60项，其中首创10项，推广15项。")
    assert [[flag.code for flag in row.flags] for row in rows] == [[], [], [FlagCode.KPI_SCOPE_AMBIGUOUS]]


def test_a_range_is_read_at_its_lower_end_and_shown():
    (row,) = read("到2025年，培育3至5家示范企业。")
    assert row.kpi is not None
    assert (row.kpi.target, row.kpi.unit) == (3, "家")
    assert row.flags


def test_an_end_before_the_document_s_year_is_no_target():
    assert read("到2025年，建成园区12个。", year=2027) == ()


NUMBERS = st.one_of(st.integers(1, 99999), st.decimals(0, 9999, places=1).map(str))


@given(NUMBERS, st.sampled_from(["家", "项", "%", "亿元", "万标准箱", "公里"]), st.integers(2021, 2049))
def test_any_number_with_any_unit_is_read_as_printed(number, unit, year):
    (row,) = read(f"到{year}年，示范指标达到{number}{unit}。")
    assert row.kpi is not None
    assert (row.kpi.target, row.kpi.unit, row.kpi.by) == (float(number), unit, dt.date(year, 12, 31))


@given(st.lists(st.one_of(st.text(), st.sampled_from(["到2025年，", "其中", "12项", "“", "”", "。", "达到", "由10%"]))))
def test_reading_never_raises(pieces):
    for row in read("".join(pieces)):
        assert row.text_printed in "".join(pieces)
