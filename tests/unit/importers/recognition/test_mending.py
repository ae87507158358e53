"""A table damaged in every way we know, written for the test; and what must never be guessed."""

import datetime as dt
import textwrap

import pytest

from importers.model import FlagCode, ParsedRow
from importers.readers.text import read_text
from importers.recognition.mending import is_damaged
from importers.recognition.recognize import recognize
from tests.unit.importers.grammar.conftest import SmallRegistry

BODY = """\
江政办发〔2023〕5号

# 江北市提升口岸服务水平实施方案

## 一、主要任务

### （一）优化口岸环境

1. 提高效率。推行进出口货物提前申报，压缩整体通关时间。建设智慧码头，推广无人集卡应用。

2. 降低成本。清理规范口岸收费，公布收费目录

清单，严禁目录外收费。

#### （二）扩大金融开放

1. 引进机构。争取放宽外资保险经纪机构准入条件。支持外资银行扩大业务范围，办理更多跨境结算业务。设立产业发展基金。

## （三）加强人才保障

放宽外国人才年龄条件，不设学历限制。建立联络人制度，每季度通报情况。

## 二、保障措施

（一）加强领导。各单位要密切配合。

附件：任务分解表
"""
HEADER = "重点任务\t工作举措\t完成时限\t责任单位"
PAGES = [
    [
        HEADER,
        "(一) 优化口岸环境\t1 推行进出口货物提前申报，压缩通关时间。\t2024年底前\t市商务局负责",
        "\t2 建设智慧码头，推广无人集卡应用。\t持续推进\t江北港集团、市商务局按职责分工负责",
    ],
    [
        "重点任务\t工作举措\t\t完成时限\t责任单位",
        "(一) 优化岸环境\t3\t清理规范口岸收费，公布收费目录清单，严禁目录外收费。\t力争2024年底前完成\t市财政局负责",
        "(二) 扩大开放\t4 争取放宽外资保险经纪机构准入条件。 5 支持外資银行扩大业务范围，办理更多跨境结算业务。"
        " 6 设立产业发展基地。\t2025年底前\t市商务局、市财政局按职责分工负责 积极争取，持续推进 云湖区人民政府负责\t",
    ],
    [
        HEADER,
        "7 8 9\t放宽外国人才年龄条件，设学历限制。\t2025年底前完成或取得突破性进展\t市税务局负责",
        "\t建立联络人制度，每季度通报情况。\t按照有关部署，持续推进\t市商务局等有关单位按职责分工负责",
        "(三) 加强人才保\t\t\t",
    ],
    [HEADER, "9  **(三) 加强人才保障**\t举办口岸开放日活动。\t每年6月底前\t市商务局负责"],
]


def text(pages: list[list[str]], body: str = BODY) -> str:
    return textwrap.dedent(body) + "\n" + "\n\n".join("\n".join(page) for page in pages) + "\n"


def rows(pages: list[list[str]], body: str = BODY) -> tuple[ParsedRow, ...]:
    return recognize(read_text(text(pages, body), "list.txt"), SmallRegistry()).rows


@pytest.fixture(scope="module")
def damaged() -> dict[int, ParsedRow]:
    return {row.number or 0: row for row in rows(PAGES)}


def codes(row: ParsedRow, *, blocking: bool) -> set[FlagCode]:
    return {flag.code for flag in row.flags if flag.blocking is blocking}


def test_every_task_is_found_once_under_its_number(damaged):
    assert list(damaged) == [1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_a_row_with_only_a_label_is_no_task(damaged):
    assert not any("加强人才保" in row.text for row in damaged.values())


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "推行进出口货物提前申报，压缩整体通关时间。"),
        (3, "清理规范口岸收费，公布收费目录清单，严禁目录外收费。"),
        (5, "支持外资银行扩大业务范围，办理更多跨境结算业务。"),
        (6, "设立产业发展基金。"),
        (7, "放宽外国人才年龄条件，不设学历限制。"),
        (9, "举办口岸开放日活动。"),
    ],
)
def test_texts_are_mended_from_the_body_where_it_holds_them(damaged, number, text):
    assert damaged[number].text == text


def test_the_printed_text_stays_beside_the_mended_one(damaged):
    assert damaged[6].text_printed == "设立产业发展基地。"
    assert damaged[7].text_printed == "放宽外国人才年龄条件，设学历限制。"
    assert FlagCode.TEXT_DIFFERS_FROM_BODY in codes(damaged[6], blocking=False)


@pytest.mark.parametrize(
    ("number", "date"), [(1, dt.date(2024, 12, 31)), (3, dt.date(2024, 12, 31)), (7, dt.date(2025, 12, 31))]
)
def test_deadlines_are_found_in_whatever_column_they_stand(damaged, number, date):
    assert [deadline.date for deadline in damaged[number].deadlines] == [date]


def test_units_are_found_in_whatever_column_they_stand(damaged):
    assert [party.printed for party in damaged[3].leads] == ["市财政局"]
    assert [party.printed for party in damaged[2].co_units] == ["江北港集团", "市商务局"]


@pytest.mark.parametrize(
    ("number", "section"),
    [
        (1, "（一）优化口岸环境"),
        (3, "（一）优化口岸环境"),
        (4, "（二）扩大金融开放"),
        (7, "（三）加强人才保障"),
        (8, "（三）加强人才保障"),
    ],
)
def test_the_section_is_the_body_s_heading_over_the_text(damaged, number, section):
    assert damaged[number].section == section


def test_a_section_that_the_label_did_not_say_is_flagged(damaged):
    assert FlagCode.SECTION_INFERRED in codes(damaged[7], blocking=False)
    assert FlagCode.SECTION_INFERRED not in codes(damaged[1], blocking=False)


def test_a_lost_number_is_inferred_only_between_printed_ones_and_says_so(damaged):
    assert FlagCode.NUMBER_INFERRED in codes(damaged[7], blocking=False)
    assert FlagCode.NUMBER_INFERRED not in codes(damaged[9], blocking=False)


def test_the_first_of_a_merged_row_keeps_the_printed_cells_but_is_blocked(damaged):
    assert [party.printed for party in damaged[4].co_units] == ["市商务局", "市财政局"]
    assert codes(damaged[4], blocking=True) == {FlagCode.MERGED_ROW}


def test_what_a_merged_row_lost_is_lost_and_blocked():
    """Two tasks, one deadline and one list of units: the second has neither."""
    merged = rows(
        [[HEADER, "(二) 开放\t1 设立产业发展基金。 2 建设智慧码头，推广无人集卡应用。\t2025年底前\t市商务局负责"]]
    )
    assert [row.number for row in merged] == [1, 2]
    assert (merged[1].deadlines, merged[1].leads, merged[1].co_units) == ((), (), ())
    assert codes(merged[1], blocking=True) == {FlagCode.DEADLINE_MISSING, FlagCode.UNITS_MISSING}


def test_an_appended_share_goes_to_the_task_that_alone_has_its_words():
    page = [
        HEADER,
        "(二) 开放\t1 设立产业发展基金。 2 建设智慧码头，推广无人集卡应用。 3 争取放宽外资保险经纪机构准入条件。"
        "\t2025年底前\t市商务局负责 积极争取，持续推进 市财政局负责",
    ]
    first, second, third = rows([page])
    assert first.blocked
    assert second.blocked
    assert not second.leads
    assert [party.printed for party in third.leads] == ["市财政局"]
    assert not third.blocked


def test_an_appended_share_without_such_words_is_given_in_order_and_blocked(damaged):
    page = [
        HEADER,
        "(二) 开放\t1 设立产业发展基金。 2 建设智慧码头，推广无人集卡应用。 3 清理规范口岸收费，"
        "公布收费目录清单，严禁目录外收费。\t2025年底前\t市商务局负责 2024年底前 市税务局负责",
    ]
    _, second, third = rows([page])
    assert [party.printed for party in second.leads] == ["市税务局"]
    assert codes(second, blocking=True) == {FlagCode.MERGED_ROW}
    assert third.blocked


def test_as_many_shares_as_tasks_are_taken_in_order():
    page = [
        HEADER,
        "(二) 开放\t1 设立产业发展基金。 2 建设智慧码头，推广无人集卡应用。"
        "\t2025年底前\t市商务局负责 2024年底前 市税务局负责",
    ]
    first, second = rows([page])
    assert (first.deadlines[0].date, second.deadlines[0].date) == (dt.date(2025, 12, 31), dt.date(2024, 12, 31))
    assert not first.blocked
    assert not second.blocked


def test_a_share_for_no_task_blocks_the_row():
    (row,) = rows([[HEADER, "(二) 开放\t1 设立产业发展基金。\t2025年底前\t市商务局负责 持续推进 市税务局负责"]])
    assert codes(row, blocking=True) == {FlagCode.CELL_UNPLACED}
    assert [party.printed for party in row.leads] == ["市商务局"]


def test_a_lost_deadline_or_unit_blocks_the_row():
    first, second = rows(
        [
            [
                HEADER,
                "(二) 开放\t1 设立产业发展基金。\t\t市商务局负责",
                "\t2 建设智慧码头，推广无人集卡应用。\t2025年底前\t",
            ]
        ]
    )
    assert codes(first, blocking=True) == {FlagCode.DEADLINE_MISSING}
    assert codes(second, blocking=True) == {FlagCode.UNITS_MISSING}


def test_a_text_cut_by_a_page_is_one_text():
    pages = [
        [HEADER, "1\t推行进出口货物提前申报，\t2025年底前\t市商务局负责"],
        [HEADER, "\t压缩整体通关时间。\t\t"],
    ]
    (row,) = rows(pages)
    assert row.text == "推行进出口货物提前申报，压缩整体通关时间。"


def test_without_a_body_the_label_is_carried_down_and_nothing_is_mended():
    found = rows([PAGES[0]], body="# 任务分解表\n")
    assert found[0].text == "推行进出口货物提前申报，压缩通关时间。"
    assert {row.section for row in found} == {"(一) 优化口岸环境"}


def test_a_text_that_the_body_lacks_while_it_has_the_others_is_suspect(damaged):
    assert FlagCode.TEXT_SUSPECT in codes(damaged[9], blocking=False)


SOUND = [
    [
        "序号\t任务\t完成时限\t责任单位",
        "1\t设立产业发展基地。\t2025年底前\t市商务局负责",
        "2\t清理规范口岸收费。\t2025年底前\t市财政局负责",
    ]
]


def test_a_sound_list_keeps_its_own_wording_and_only_hears_of_the_difference():
    first, second = rows(SOUND)
    assert first.text == "设立产业发展基地。"
    assert FlagCode.TEXT_DIFFERS_FROM_BODY in codes(first, blocking=False)
    assert second.text == "清理规范口岸收费。"
    assert not is_damaged([first, second])


def test_one_kind_of_trace_does_not_make_a_list_damaged(damaged):
    assert is_damaged(list(damaged.values()))
    assert not is_damaged([damaged[7]])
    assert not is_damaged([])
