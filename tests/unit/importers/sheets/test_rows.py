"""Unit and people sheets: every cell read, every fault named with its row."""

from datetime import date

import pytest

from domain.messages import ROW_PROBLEMS, row_message
from domain.permissions import Role
from domain.units import UnitKind
from importers.sheets.people import read_people
from importers.sheets.table import Line
from importers.sheets.units import FormerName, read_units

FORMER = "市商委（2001-1-1至2018年12月31日）"
ZHANG = [
    "张　三",
    "市商务局",
    "联络员",
    "处长",
    "１３８ 0000 0000",
    "Z@jb.gov.cn",
    "ZhangSan",
    "否",
    "2026年1月5日",
    "",
]


def lines(*rows):
    return [Line(number, tuple(row)) for number, row in enumerate(rows, 1)]


def faults(sheet):
    return [(p.number, p.code, p.facts.get("column")) for p in sheet.problems]


def test_a_unit_row_is_read_with_all_its_names():
    sheet = read_units(
        lines(
            ["单位登记表"],
            [
                "序号",
                "单位全称*",
                "简称",
                "类别",
                "上级单位",
                "别名",
                "曾用名",
                "承接单位",
                "所属组别",
                "成立日期",
                "备注",
            ],
            [
                "3",
                "江北市商务局",
                "市商务局",
                "部门",
                "",
                "市商局；商务局、",
                "市商委（2001-1-1至2018年12月31日）",
                "",
                "成员单位",
                "2019/1/1",
                "x",
            ],
        )
    )
    assert sheet.problems == []
    [unit] = sheet.rows
    assert (unit.number, unit.official_name, unit.short_name, unit.kind) == (
        3,
        "江北市商务局",
        "市商务局",
        UnitKind.DEPARTMENT,
    )
    assert unit.aliases == ("市商局", "商务局")
    assert unit.former_names == (FormerName("市商委", date(2001, 1, 1), date(2018, 12, 31)),)
    assert (unit.groups, unit.valid_from, unit.sort_order) == (("成员单位",), date(2019, 1, 1), 3)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("原商委", FormerName("原商委")),
        ("原商委(至2018-12-31)", FormerName("原商委", None, date(2018, 12, 31))),
        ("原商委（2001-01-01起）", FormerName("原商委", date(2001, 1, 1), None)),
    ],
)
def test_former_names_may_leave_an_end_open(written, expected):
    sheet = read_units(lines(["单位全称", "曾用名"], ["江北市商务局", written]))
    assert sheet.problems == []
    assert sheet.rows[0].former_names == (expected,)


def test_every_fault_of_a_unit_sheet_is_named_with_its_row():
    sheet = read_units(
        lines(
            ["单位全称", "类别", "成立日期", "撤销日期", "排序", "曾用名"],
            ["", "部门", "", "", "", ""],
            ["甲局", "公司制", "2026-02-30", "", "x", ""],
            ["乙局", "", "2026-01-02", "2026-01-01", "", "旧名(2020)"],
            ["丙" * 201, "", "", "", "", "旧(2020-01-02至2020-01-01)"],
        )
    )
    assert faults(sheet) == [
        (2, "value_missing", "单位全称"),
        (3, "date_invalid", "成立日期"),
        (3, "value_unknown", "类别"),
        (3, "number_invalid", "排序"),
        (4, "dates_reversed", "撤销日期"),
        (4, "date_invalid", "曾用名"),
        (5, "value_too_long", "单位全称"),
        (5, "dates_reversed", "曾用名"),
    ]


def test_a_sheet_without_its_columns_or_rows_says_so():
    assert faults(read_units([])) == [(1, "column_missing", "单位全称")]
    assert faults(read_units(lines(["姓名"], ["张三"]))) == [(1, "column_missing", "单位全称")]
    assert faults(read_units(lines(["单位全称"], [""]))) == [(1, "no_rows", None)]
    assert faults(read_units(lines(["单位全称", "名称"], ["甲", "乙"]))) == [(1, "column_twice", "单位全称")]
    assert faults(read_people(lines(["姓名", "单位"], ["张三", "甲局"]))) == [(1, "column_missing", "角色")]


def test_a_person_row_is_read():
    sheet = read_people(
        lines(
            ["姓名", "单位", "角色", "职务", "手机", "邮箱", "登录名", "代理", "起始日期", "截止日期"],
            [
                "张　三",
                "市商务局",
                "联络员",
                "处长",
                "１３８ 0000 0000",
                "Zhang@example.gov.cn",
                "ZhangSan",
                "否",
                "2026年1月5日",
                "",
            ],
            ["Li Lei", "市商务局", "unit_leader", "", "", "", "", "是", "", "2026-12-31"],
        )
    )
    assert sheet.problems == []
    first, second = sheet.rows
    assert (first.name, first.role, first.phone, first.login) == ("张三", Role.LIAISON, "13800000000", "zhangsan")
    assert (first.deputy, first.valid_from, first.valid_to) == (False, date(2026, 1, 5), None)
    assert (second.name, second.role, second.deputy, second.valid_to) == (
        "Li Lei",
        Role.UNIT_LEADER,
        True,
        date(2026, 12, 31),
    )


def test_every_fault_of_a_people_sheet_is_named_with_its_row():
    sheet = read_people(
        lines(
            ["姓名", "单位", "角色", "邮箱", "登录名", "代理"],
            ["张三", "甲局", "", "不是邮箱", "三", "也许"],
            ["李四", "", "主任", "", "", ""],
        )
    )
    assert [(p.number, p.code) for p in sheet.problems] == [
        (2, "login_invalid"),
        (2, "email_invalid"),
        (2, "value_missing"),
        (2, "value_unknown"),
        (3, "value_unknown"),
        (3, "value_missing"),
    ]


def test_every_reason_reads_as_a_sentence_even_without_its_facts():
    for code in ROW_PROBLEMS:
        assert "{" not in row_message(code, {})
