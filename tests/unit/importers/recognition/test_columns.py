"""Headers of lists in the words of many offices."""

import pytest

from importers.recognition.columns import Role, read_header, role_of
from importers.structure import Cell, Position, Row


def row(*texts: str, spans: dict[int, int] | None = None, repeats: bool = False) -> Row:
    place = Position(1)
    cells = tuple(Cell(text, place, text, (spans or {}).get(index, 1)) for index, text in enumerate(texts))
    return Row(cells, place, repeats)


def roles(*rows: Row) -> tuple[Role, ...] | None:
    found = read_header(rows)
    return found[0].roles if found else None


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("序号", Role.NUMBER),
        ("序  号", Role.NUMBER),
        ("No.", Role.NUMBER),
        ("任务编号", Role.NUMBER),
        ("措施序号", Role.ARTICLE),
        ("对应条款", Role.ARTICLE),
        ("所属领域", Role.SECTION),
        ("类别", Role.SECTION),
        ("重点领域", Role.SECTION),
        ("试点任务", Role.TASK),
        ("目标任务", Role.TASK),
        ("改革事项", Role.TASK),
        ("落实举措", Role.MEASURES),
        ("具体任务", Role.MEASURES),
        ("工作内容及要求", Role.MEASURES),
        ("主要内容及成效", Role.CONTENT),
        ("经验做法", Role.CONTENT),
        ("完成时限", Role.DEADLINE),
        ("时间节点", Role.DEADLINE),
        ("完成时间（年月）", Role.DEADLINE),
        ("责任单位（首个为牵头单位）", Role.UNITS),
        ("主要责任单位", Role.UNITS),
        ("牵头单位和配合单位", Role.UNITS),
        ("责任分工", Role.UNITS),
        ("责任单位及责任人", Role.UNITS),
        ("牵头单位", Role.LEAD),
        ("牵头责任部门", Role.LEAD),
        ("主办单位", Role.LEAD),
        ("配合单位", Role.CO_UNITS),
        ("协办部门", Role.CO_UNITS),
        ("责任人", Role.PERSON),
        ("分管市领导", Role.PERSON),
        ("联系人及电话", Role.PERSON),
        ("推广范围", Role.RANGE),
        ("备注", Role.OTHER),
        ("工作目标", Role.OTHER),
        ("", Role.BLANK),
        ("籍贯", None),
    ],
)
def test_the_words_of_a_header_name_its_column(header, role):
    assert role_of(header) is role


def test_columns_may_stand_in_any_order_and_number():
    assert roles(row("责任部门", "完成时限", "工作任务", "序号")) == (
        Role.UNITS,
        Role.DEADLINE,
        Role.TASK,
        Role.NUMBER,
    )
    assert roles(row("任务", "责任单位")) == (Role.TASK, Role.UNITS)


def test_beside_a_column_for_the_lead_responsible_units_are_the_others():
    assert roles(row("任务", "牵头单位", "责任单位")) == (Role.TASK, Role.LEAD, Role.CO_UNITS)


def test_an_unknown_column_is_kept_as_other():
    assert roles(row("序号", "任务", "省考核编码", "责任单位")) == (Role.NUMBER, Role.TASK, Role.OTHER, Role.UNITS)


@pytest.mark.parametrize(
    "texts",
    [
        ("姓名", "职务", "单位", "电话"),
        ("序号", "项目名称", "金额（万元）"),
        ("1", "推进项目建设，完善工作任务机制。", "市商务局"),
        ("江北市重点任务清单", ""),
        ("", ""),
    ],
)
def test_other_tables_and_rows_are_no_header(texts):
    assert roles(row(*texts)) is None


def test_a_title_over_all_columns_is_no_header():
    assert roles(row("重点改革任务责任单位清单", spans={0: 3}), row("序号", "任务", "责任单位")) is None


def test_a_second_line_of_header_refines_the_first():
    first = row("序号", "任务", "责任单位", "完成时限", spans={2: 2})
    second = row("", "", "牵头单位", "配合单位", "")
    found = read_header([first, second, row("1", "甲", "乙局", "丙局", "年底")])
    assert found is not None
    assert found[0].roles == (Role.NUMBER, Role.TASK, Role.LEAD, Role.CO_UNITS, Role.DEADLINE)
    assert found[1] == 2


def test_a_data_row_is_not_taken_for_a_second_line():
    first = row("序号", "任务", "责任单位", spans={2: 2})
    found = read_header([first, row("1", "甲", "乙局", "丙局")])
    assert found is not None
    assert found[1] == 1
