"""Deadline phrases: every form, in sentences of our own, and what must never be taken for one."""

import calendar
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.grammar.deadlines import deadlines_in_text, read_deadlines
from importers.model import AppliesTo, Deadline, DeadlineKind, FlagCode, Strength

YEAR = 2023


def only(cell: str, document_year: int | None = YEAR) -> Deadline:
    (deadline,) = read_deadlines(cell, document_year).deadlines
    return deadline


@pytest.mark.parametrize(
    ("cell", "date"),
    [
        ("2024年底前", dt.date(2024, 12, 31)),
        ("2024年年底前", dt.date(2024, 12, 31)),
        ("2024年底", dt.date(2024, 12, 31)),
        ("２０２４年底前。", dt.date(2024, 12, 31)),
        ("2024年 底前 ", dt.date(2024, 12, 31)),
        ("2024年9月底前", dt.date(2024, 9, 30)),
        ("2024年2月", dt.date(2024, 2, 29)),
        ("2024年9月15日前", dt.date(2024, 9, 15)),
        ("2024年9月15日之前办结", dt.date(2024, 9, 15)),
        ("2024-09-15", dt.date(2024, 9, 15)),
        ("2024.9.15前", dt.date(2024, 9, 15)),
        ("2024.9", dt.date(2024, 9, 30)),
        ("2024-09-15 00:00:00", dt.date(2024, 9, 15)),
        ("2024年上半年", dt.date(2024, 6, 30)),
        ("2024年下半年", dt.date(2024, 12, 31)),
        ("2024年第三季度末", dt.date(2024, 9, 30)),
        ("2024年一季度", dt.date(2024, 3, 31)),
        ("2024年5月上旬", dt.date(2024, 5, 10)),
        ("2024年5月中旬", dt.date(2024, 5, 20)),
        ("2024年5月下旬", dt.date(2024, 5, 31)),
        ("2024年中", dt.date(2024, 6, 30)),
        ("2024年5月中下旬", dt.date(2024, 5, 31)),
        ("2024年全年", dt.date(2024, 12, 31)),
        ("到2024年", dt.date(2024, 12, 31)),
        ("2023—2025年", dt.date(2025, 12, 31)),
        ("2024年3月至8月", dt.date(2024, 8, 31)),
        ("2024年3月—2025年8月底", dt.date(2025, 8, 31)),
        ("二〇二四年底前", dt.date(2024, 12, 31)),
        ("“十四五”末", dt.date(2025, 12, 31)),
        ("“十五五”期间", dt.date(2030, 12, 31)),
        ("年内见到效果", dt.date(YEAR, 12, 31)),
        ("年底前", dt.date(YEAR, 12, 31)),
        ("今年8月底前", dt.date(YEAR, 8, 31)),
        ("明年3月底前", dt.date(YEAR + 1, 3, 31)),
        ("8月底前", dt.date(YEAR, 8, 31)),
        ("8月20日前", dt.date(YEAR, 8, 20)),
        ("全年", dt.date(YEAR, 12, 31)),
    ],
)
def test_a_date_is_read_to_the_last_day_that_is_still_in_time(cell, date):
    deadline = only(cell)
    assert (deadline.kind, deadline.date, deadline.strength) == (DeadlineKind.BY_DATE, date, Strength.FIRM)


@pytest.mark.parametrize(
    ("cell", "kind", "strength"),
    [
        ("力争2024年底前办成", DeadlineKind.BY_DATE, Strength.STRIVE),
        ("争取2024年底前办成", DeadlineKind.BY_DATE, Strength.STRIVE),
        ("2024年底前办成或取得突破性进展", DeadlineKind.BY_DATE, Strength.BREAKTHROUGH_OK),
        ("2024年年底前 完成或取得明显进展。", DeadlineKind.BY_DATE, Strength.BREAKTHROUGH_OK),
        ("持续推进", DeadlineKind.ONGOING, None),
        ("长期坚持", DeadlineKind.ONGOING, None),
        ("常态化开展", DeadlineKind.ONGOING, None),
        ("从2022年起", DeadlineKind.ONGOING, None),
        ("2022年起持续推进", DeadlineKind.ONGOING, None),
        ("长期坚持、持续推进", DeadlineKind.ONGOING, None),
        ("积极争取，持续推进", DeadlineKind.ONGOING, Strength.STRIVE),
        ("积极争取", DeadlineKind.ONGOING, Strength.STRIVE),
        ("按照省级部署，持续推进", DeadlineKind.ONGOING, Strength.CONDITIONAL_ON_HIGHER_LEVEL),
        ("按国家统一部署推进", DeadlineKind.ONGOING, Strength.CONDITIONAL_ON_HIGHER_LEVEL),
        ("条件成熟时推进", DeadlineKind.ONGOING, Strength.CONDITIONAL_ON_HIGHER_LEVEL),
        ("按照《某市方案（2021—2025年）》部署，2024年底前完成", DeadlineKind.BY_DATE, Strength.FIRM),
    ],
)
def test_the_words_around_a_date_say_how_binding_it_is(cell, kind, strength):
    deadline = only(cell)
    assert (deadline.kind, deadline.strength) == (kind, strength)


def test_a_deadline_that_waits_for_a_higher_level_names_what_it_waits_for_and_is_flagged():
    reading = read_deadlines("按照有关部门部署，持续推进")
    assert reading.deadlines[0].anchor == "按照有关部门部署"
    assert [(flag.code, flag.blocking) for flag in reading.flags] == [(FlagCode.DEADLINE_CONDITIONAL, False)]


@pytest.mark.parametrize(
    ("cell", "rules"),
    [
        ("每年2月底前", ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"]),
        ("每年年初", ["FREQ=YEARLY"]),
        ("每年", ["FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=-1"]),
        ("每年年底前", ["FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=-1"]),
        ("每年6月、12月底前", ["FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=-1"]),
        (
            "每年1月15日和7月底前",
            ["FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=15", "FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=-1"],
        ),
        ("每年上半年", ["FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=-1"]),
        ("每年三季度", ["FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=-1"]),
        ("每两年", ["FREQ=YEARLY;INTERVAL=2;BYMONTH=12;BYMONTHDAY=-1"]),
        ("每半年", ["FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=-1"]),
        ("半年一次", ["FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=-1"]),
        ("每季度", ["FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1"]),
        ("按季度报送", ["FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1"]),
        ("每季度首月20日前", ["FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=20"]),
        ("每季度末月25日前", ["FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=25"]),
        ("每月25日前", ["FREQ=MONTHLY;BYMONTHDAY=25"]),
        ("每月", ["FREQ=MONTHLY;BYMONTHDAY=-1"]),
        ("每周五", ["FREQ=WEEKLY;BYDAY=FR"]),
        ("每日", ["FREQ=DAILY"]),
    ],
)
def test_a_recurring_deadline_becomes_calendar_rules(cell, rules):
    deadlines = read_deadlines(cell).deadlines
    assert [deadline.rule for deadline in deadlines] == rules
    assert {deadline.kind for deadline in deadlines} == {DeadlineKind.RECURRING}


def test_a_recurring_deadline_keeps_the_year_it_starts_in():
    deadline = only("从2024年起每年6月底前")
    assert (deadline.kind, deadline.anchor) == (DeadlineKind.RECURRING, "从2024年起")
    assert deadline.rule == "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=-1"


@pytest.mark.parametrize(
    ("cell", "rule", "anchor"),
    [
        ("印发后30日内", "P30D", "印发"),
        ("自本方案印发之日起，三个月内", "P3M", "本方案印发"),
        ("收到来函后5个工作日内", "P5D/WORKDAYS", "收到来函"),
        ("国务院批复后一年内", "P1Y", "国务院批复"),
        ("协议签订后半年内", "P6M", "协议签订"),
        ("两周内", "P2W", None),
        ("15个工作日", "P15D/WORKDAYS", None),
        ("3个月", "P3M", None),
        ("即日起", "P0D", None),
        ("立即", "P0D", None),
    ],
)
def test_a_term_that_runs_from_an_event_keeps_the_event(cell, rule, anchor):
    deadline = only(cell)
    assert (deadline.kind, deadline.rule, deadline.anchor) == (DeadlineKind.RELATIVE, rule, anchor)


@pytest.mark.parametrize(
    ("cell", "phrases"),
    [
        ("2024年6月底前出方案，2025年底前全面建成", ["2024年6月底前出方案", "2025年底前全面建成"]),
        ("2024年6月底前出方案2025年底前全面建成", ["2024年6月底前出方案", "2025年底前全面建成"]),
        ("2024年6月底前出方案；力争2025年底前全面建成", ["2024年6月底前出方案", "力争2025年底前全面建成"]),
        ("2024年底前完成，长期坚持", ["2024年底前完成", "长期坚持"]),
        ("6月底前、12月底前", ["6月底前", "12月底前"]),
        ("2024年底前试点，积极争取，2026年底前推开", ["2024年底前试点", "积极争取，2026年底前推开"]),
    ],
)
def test_several_deadlines_in_one_cell_are_several_deadlines(cell, phrases):
    assert [deadline.phrase for deadline in read_deadlines(cell, YEAR).deadlines] == phrases


def test_the_word_for_striving_binds_only_the_deadline_it_stands_with():
    first, second = read_deadlines("2024年6月底前出方案；力争2025年底前建成").deadlines
    assert (first.strength, second.strength) == (Strength.FIRM, Strength.STRIVE)


@pytest.mark.parametrize("cell", ["", " ", "—", "-", "/", "无", "\u3000"])
def test_where_nothing_is_printed_there_is_no_deadline(cell):
    assert read_deadlines(cell, YEAR).deadlines == ()


@pytest.mark.parametrize(
    "cell", ["尽快", "按计划推进", "张三", "12号楼", "2024年13月", "2024年春节前", "2024年汛期前", "2024年初"]
)
def test_what_cannot_be_read_is_unknown_and_blocks(cell):
    reading = read_deadlines(cell, YEAR)
    assert [deadline.kind for deadline in reading.deadlines] == [DeadlineKind.UNKNOWN]
    assert [(flag.code, flag.blocking) for flag in reading.flags] == [(FlagCode.DEADLINE_UNREADABLE, True)]


def test_a_year_that_is_nowhere_printed_is_not_invented():
    reading = read_deadlines("年底前", None)
    assert (reading.deadlines[0].kind, reading.deadlines[0].date) == (DeadlineKind.BY_DATE, None)
    assert [flag.blocking for flag in reading.flags] == [True]


def test_before_a_month_without_its_end_is_read_literally_and_shown_to_a_person():
    reading = read_deadlines("2024年6月前")
    assert reading.deadlines[0].date == dt.date(2024, 5, 31)
    assert [(flag.code, flag.blocking) for flag in reading.flags] == [(FlagCode.DEADLINE_UNREADABLE, False)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("扩大开放。到2025年，力争引进10家机构。", [(dt.date(2025, 12, 31), Strength.STRIVE)]),
        ("到2025年底，建成3座码头；2024年6月底前出台办法。", [
            (dt.date(2025, 12, 31), Strength.FIRM),
            (dt.date(2024, 6, 30), Strength.FIRM),
        ]),
        ("力争到“十四五”末，占比达到三成。", [(dt.date(2025, 12, 31), Strength.STRIVE)]),
        ("年内建成投用。", [(dt.date(2023, 12, 31), Strength.FIRM)]),
        ("落实《某市行动方案（2024—2026年）》，加快建设。", []),
        ("执行三年行动计划(2024-2026年)。", []),
        ("截至2023年底，累计办理300件。", []),
        ("2020年底前建成的泊位全部改造。", []),
        ("2024年底前已建成的泊位。", []),
        ("三年内翻一番，5年内再翻一番。", []),
        ("推广5G应用，培育1210模式。", []),
        ("自2024年起实行。", []),
        ("到2020年，力争建成3座码头。", []),
    ],
)  # fmt: skip
def test_only_dates_that_look_ahead_are_targets_inside_a_text(text, expected):
    found = deadlines_in_text(text, YEAR)
    assert [(deadline.date, deadline.strength) for deadline in found] == expected
    assert all(deadline.applies_to is AppliesTo.TEXT for deadline in found)
    assert all(deadline.phrase in text for deadline in found)


DATES = st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31))
DAY_SHAPES = [
    "{y}年{m}月{d}日前",
    "{y}年{m}月{d}日",
    "{y} 年 {m} 月 {d} 日之前",
    "到{y}年{m}月{d}日",
    "{y}-{m:02}-{d:02}",
    "{y}/{m}/{d}",
    "{y}.{m}.{d}前",
    "力争{y}年{m}月{d}日前完成",
    "{y}年{m}月{d}日前完成或取得突破性进展",
]
MONTH_SHAPES = [
    "{y}年{m}月底前",
    "{y}年{m}月",
    "{y}年{m}月底",
    "{y}年{m}月末前",
    "{y}年{m}月份",
    "力争{y}年{m}月底前完成",
]
YEAR_SHAPES = ["{y}年底前", "{y}年年底前", "{y}年底", "{y}年末", "{y}年内", "{y}年度", "{y}年下半年", "到{y}年"]


@given(DATES, st.sampled_from(DAY_SHAPES))
def test_any_day_in_any_accepted_shape_is_that_day(date, shape):
    assert only(shape.format(y=date.year, m=date.month, d=date.day), None).date == date


@given(DATES, st.sampled_from(MONTH_SHAPES))
def test_any_month_in_any_accepted_shape_ends_on_its_last_day(date, shape):
    last = calendar.monthrange(date.year, date.month)[1]
    assert only(shape.format(y=date.year, m=date.month), None).date == date.replace(day=last)


@given(DATES, st.sampled_from(YEAR_SHAPES))
def test_any_year_in_any_accepted_shape_ends_on_its_last_day(date, shape):
    assert only(shape.format(y=date.year), None).date == dt.date(date.year, 12, 31)


TIMES = ["2024年", "13月", "31日", "底前", "0000年", "年", "月", "周", "半", "三", "个工作日", "内", "后", "“十四五”"]
WORDS = [
    "每",
    "季度",
    "力争",
    "持续推进",
    "按照",
    "部署",
    "从",
    "起",
    "至",
    "，",
    "；",
    "-",
    "《",
    "》",
    "（",
    "）",
    " ",
]
FRAGMENTS = st.lists(st.sampled_from(TIMES + WORDS)).map("".join)


@given(st.one_of(st.text(), FRAGMENTS), st.one_of(st.none(), st.integers(1950, 2100)))
def test_reading_never_raises_and_every_phrase_is_printed(text, year):
    reading = read_deadlines(text, year)
    for deadline in (*reading.deadlines, *deadlines_in_text(text, year)):
        assert deadline.phrase in text
        assert deadline.kind is not DeadlineKind.BY_DATE or deadline.date or not year
