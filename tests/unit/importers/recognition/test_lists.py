"""Lists as offices print them: one trap of printed tables in each test, in documents written for it."""

import datetime as dt

import docx
import pytest

from importers.model import DocumentKind, FlagCode, ParsedRow
from tests.unit.importers.documents import add_table, element, parse, word

HEADER = "序号\t任务\t举措\t责任单位"


def rows(*lines: str) -> tuple[ParsedRow, ...]:
    return parse("\n".join(["任务清单", "", *lines])).rows


def codes(row: ParsedRow, *, blocking: bool | None = None) -> set[FlagCode]:
    return {flag.code for flag in row.flags if blocking is None or flag.blocking is blocking}


def printed(parties) -> list[str]:
    return [party.printed for party in parties]


def test_a_header_printed_on_each_page_is_one_list():
    found = rows(HEADER, "1\t甲。\t子。\t市商务局", "", HEADER, "2\t乙。\t丑。\t市财政局")
    assert [(row.number, row.text) for row in found] == [(1, "甲。"), (2, "乙。")]
    assert [row.position.segment for row in found if row.position] == [0, 1]


def test_pages_without_a_header_go_on_with_the_list():
    assert (
        len(rows(HEADER, "1\t甲。\t子。\t市商务局", "", "2\t乙。\t丑。\t市财政局", "", "3\t丙。\t寅。\t江北海关")) == 3
    )


def test_another_header_opens_another_list():
    document = parse(
        f"任务清单\n\n{HEADER}\n1\t甲。\t子。\t市商务局\n\n序号\t改革事项\t完成时限\t负责单位\n1\t乙。\t年底\t江北海关\n"
    )
    assert [row.text for row in document.rows] == ["甲。", "乙。"]
    assert FlagCode.NUMBER_DUPLICATE not in codes(document.rows[1])
    assert "several_lists" in [warning.code for warning in document.warnings]


@pytest.mark.parametrize(
    ("first", "second", "text", "measure", "units"),
    [
        ("1\t深化甲改\t一是子。\t市商务局", "\t革。\t\t", "深化甲改革。", "一是子。", ["市商务局"]),
        ("1\t深化甲。\t一是子\t市商务局", "\t\t丑。\t", "深化甲。", "一是子丑。", ["市商务局"]),
        ("1\t深化甲。\t一是子。\t市商", "\t\t\t务局、市财政局", "深化甲。", "一是子。", ["市商务局", "市财政局"]),
        ("1\t深化甲\t一是子\t市商务", "\t乙。\t丑。\t局", "深化甲乙。", "一是子丑。", ["市商务局"]),
    ],
    ids=["task", "measure", "units", "every column"],
)
def test_a_row_cut_by_a_page_is_joined_in_whatever_column_it_was_cut(first, second, text, measure, units):
    (row,) = rows(HEADER, first, "", HEADER, second)
    assert (row.number, row.text, row.measures) == (1, text, (measure,))
    assert printed((*row.leads, *row.co_units)) == units


def test_a_new_task_without_a_number_after_a_page_is_not_joined():
    found = rows(
        HEADER,
        "1\t甲。\t子。\t市商务局",
        "2\t乙。\t丑。\t市商务局",
        "",
        HEADER,
        "\t丙。\t寅。\t市财政局",
        "4\t丁。\t卯。\t市财政局",
    )
    assert [row.number for row in found] == [1, 2, 3, 4]
    assert FlagCode.NUMBER_INFERRED in codes(found[2])


def test_latin_words_cut_by_a_page_keep_their_blank():
    (row,) = rows(HEADER, "1\t建设 smart\t子。\t市商务局", "", HEADER, "\tport 示范区。\t\t")
    assert row.text == "建设 smart port 示范区。"


def test_section_rows_head_what_follows_even_across_a_page():
    found = rows(
        HEADER,
        "一、优化环境\t\t\t",
        "1\t甲。\t子。\t市商务局",
        "二、扩大开放\t\t\t",
        "",
        HEADER,
        "2\t乙。\t丑。\t市商务局",
    )
    assert [row.section for row in found] == ["一、优化环境", "二、扩大开放"]
    assert not any(FlagCode.SECTION_INFERRED in codes(row) for row in found)


def test_sections_nest_by_their_labels():
    found = rows(
        HEADER,
        "一、甲\t\t\t",
        "（一）子\t\t\t",
        "1\t甲。\t子。\t市商务局",
        "（二）丑\t\t\t",
        "2\t乙。\t丑。\t市商务局",
        "二、乙\t\t\t",
        "3\t丙。\t寅。\t市商务局",
    )
    assert [row.section for row in found] == ["一、甲 / （一）子", "一、甲 / （二）丑", "二、乙"]


def test_a_section_line_between_two_pages_heads_the_second():
    found = rows(HEADER, "1\t甲。\t子。\t市商务局", "", "**（二）扩大开放**", "", HEADER, "2\t乙。\t丑。\t市商务局")
    assert [row.section for row in found] == [None, "（二）扩大开放"]


@pytest.mark.parametrize("note", ["注：以上任务按季度报送。", "合计"])
def test_notes_and_totals_are_neither_tasks_nor_sections(note):
    found = rows(HEADER, "1\t甲。\t子。\t市商务局", f"{note}\t\t\t", "2\t乙。\t丑。\t市商务局")
    assert [(row.number, row.section) for row in found] == [(1, None), (2, None)]


def test_a_section_column_carries_down_and_says_so():
    found = rows("类别\t任务\t责任单位", "通关\t甲。\t市商务局", "\t乙。\t市财政局", "金融\t丙。\t市财政局")
    assert [row.section for row in found] == ["通关", "通关", "金融"]
    assert [FlagCode.SECTION_INFERRED in codes(row) for row in found] == [False, True, False]


def test_a_first_column_of_labels_is_the_section_and_the_next_the_task():
    found = rows(
        "试点任务\t工作举措\t完成时限\t责任部门",
        "（一）甲\t推进子。\t2026年底前\t市商务局",
        "\t推进丑。\t2026年底前\t市财政局",
        "（二）乙\t推进寅。\t2026年底前\t市财政局",
        "（三）丙\t\t\t",
    )
    assert [(row.section, row.text) for row in found] == [
        ("（一）甲", "推进子。"),
        ("（一）甲", "推进丑。"),
        ("（二）乙", "推进寅。"),
    ]


def test_articles_group_tasks_and_are_not_their_numbers():
    found = rows("序号\t措施序号\t措施内容\t责任单位", "1\t第1条\t甲。\t市商务局", "2\t第1条\t乙。\t市财政局")
    assert [(row.number, row.article, row.text) for row in found] == [(1, "第1条", "甲。"), (2, "第1条", "乙。")]


def test_measures_are_split_and_the_task_is_not():
    (row,) = rows(HEADER, "1\t深化甲、乙改革。\t一是子。二是丑。\t市商务局")
    assert (row.text, row.measures) == ("深化甲、乙改革。", ("一是子。", "二是丑。"))


def test_a_skipped_measure_is_flagged():
    (row,) = rows(HEADER, "1\t甲。\t一是子。二是丑。四是卯。\t市商务局")
    assert FlagCode.MEASURE_SEQUENCE in codes(row, blocking=False)


def test_html_in_a_cell_is_printed_but_not_read():
    (row,) = rows(HEADER, "1\t甲。\t<p>一是子。</p> <p>二是丑。</p>\t市商务局")
    assert row.measures == ("一是子。", "二是丑。")


def test_separate_columns_for_lead_and_co_units():
    found = rows(
        "序号\t任务\t牵头单位\t配合单位\t责任人",
        "1\t甲。\t市商务局\t市财政局、江北海关\t张三、李四",
        "2\t乙。\t市商务局、市财政局\t各区人民政府\t",
        "3\t丙。\t市财政局\t\t",
    )
    assert [printed(row.leads) for row in found] == [["市商务局"], ["市商务局", "市财政局"], ["市财政局"]]
    assert printed(found[0].co_units) == ["市财政局", "江北海关"]
    assert found[0].persons == ("张三", "李四")
    assert found[1].groups == ("各区人民政府",)
    assert found[0].units_printed == "市商务局\n市财政局、江北海关"


def test_statements_on_lines_of_one_cell_are_read_apart():
    (row,) = parse(
        word("任务清单", rows=[["序号", "任务", "责任单位"], ["1", "甲。", "市商务局负责\n市财政局配合"]])
    ).rows
    assert (printed(row.leads), printed(row.co_units)) == (["市商务局"], ["市财政局"])


def test_units_separated_by_blanks_are_split_only_in_their_column():
    found = rows(
        "序号\t改革事项\t主要内容\t推广范围\t负责单位",
        "1\t打造样板 联动社区\t做法一 二。\t全市\t市商务局 江北海关",
        "2\t乙\t做法。\t全市\t市财政局",
    )
    assert found[0].text == "打造样板 联动社区"
    assert printed(found[0].co_units) == ["市商务局", "江北海关"]
    assert found[0].range == "全市"


def test_a_list_of_experience_is_a_replication_list():
    document = parse(
        "改革试点经验\n\n序号\t改革事项\t主要内容及成效\t推广范围\t负责单位\n1\t甲\t一是做法。二是成效。\t京津冀\t江北海关\n"
    )
    assert document.kind is DocumentKind.REPLICATION_LIST
    assert document.rows[0].measures == ("一是做法。二是成效。",)


def test_deadlines_of_a_column_and_dates_in_the_text_are_kept_apart():
    (row,) = rows("序号\t任务\t完成时限\t责任单位", "1\t到2027年，力争培育企业5家。\t2026年6月底前\t市商务局")
    assert [(deadline.date, deadline.applies_to.value) for deadline in row.deadlines] == [
        (dt.date(2026, 6, 30), "row"),
        (dt.date(2027, 12, 31), "text"),
    ]


def test_a_list_without_a_deadline_column_has_no_deadlines_and_says_so_once():
    document = parse(f"任务清单\n\n{HEADER}\n1\t甲。\t子。\t市商务局\n")
    assert document.rows[0].deadlines == ()
    assert FlagCode.DEADLINE_MISSING not in codes(document.rows[0])
    assert [warning.code for warning in document.warnings] == ["no_deadlines"]


def test_empty_cells_of_what_the_list_promises_block():
    first, second, third = rows(
        "序号\t任务\t完成时限\t责任单位",
        "1\t甲。\t\t市商务局",
        "2\t乙。\t2026年底\t",
        "3\t\t2026年底\t市商务局",
    )
    assert codes(first, blocking=True) == {FlagCode.DEADLINE_MISSING}
    assert codes(second, blocking=True) == {FlagCode.UNITS_MISSING}
    assert codes(third, blocking=True) == {FlagCode.TEXT_MISSING}


def test_columns_that_nobody_knows_are_kept_with_their_header():
    (row,) = rows("序号\t任务\t省编码\t责任单位\t备注", "1\t甲。\tA-7\t市商务局\t省考核")
    assert row.others == (("省编码", "A-7"), ("备注", "省考核"))


def test_a_number_that_is_none_is_kept_as_printed():
    first, second = rows("序号\t任务\t责任单位", "1-1\t甲。\t市商务局", "1-2\t乙。\t市商务局")
    assert (first.others, second.others) == ((("序号", "1-1"),), (("序号", "1-2"),))
    assert FlagCode.NUMBER_INFERRED in codes(first)


def test_a_cell_too_many_is_kept_and_blocks():
    found = rows("序号\t任务\t责任单位", "1\t甲任务。\t市商务局", "2\t乙任务。\t市商务局\t多出的字")
    assert "多出的字" in str(found[1].others)
    assert FlagCode.CELL_UNPLACED in codes(found[1], blocking=True)


def test_a_trailing_cell_that_was_dropped_is_empty():
    found = rows(HEADER, "1\t甲。\t子。\t市商务局", "2\t乙。\t丑。")
    assert codes(found[1], blocking=True) == {FlagCode.UNITS_MISSING}


def test_an_empty_column_that_shifts_a_page_shifts_nothing():
    found = rows(
        "任务\t举措\t完成时限\t责任单位",
        "甲任务。\t推进子工作。\t2026年底前\t市商务局",
        "",
        "任务\t举措\t\t完成时限\t责任单位",
        "乙任务。\t推进丑工作。\t2027年底前\t市财政局\t",
        "丙任务。\t推进寅工作。\t2028年底前\t江北海关\t",
    )
    assert [row.deadlines[0].date.year for row in found if row.deadlines[0].date] == [2026, 2027, 2028]
    assert [printed(row.leads) for row in found] == [["市商务局"], ["市财政局"], ["江北海关"]]


def test_a_cell_beyond_reason_is_kept_unread_and_blocks():
    (row,) = rows("序号\t任务\t完成时限\t责任单位", f"1\t甲。\t{'年底前，' * 200}\t{'市商务局、' * 900}")
    assert codes(row, blocking=True) >= {FlagCode.UNIT_NOISE, FlagCode.DEADLINE_UNREADABLE}
    assert (row.leads, row.co_units) == ((), ())
    assert len(row.units_printed) > 4000
    assert "年底前" in dict(row.others)["完成时限"]


def test_a_row_that_numbers_the_columns_is_no_task():
    assert [row.text for row in rows(HEADER, "1\t2\t3\t4", "1\t甲。\t子。\t市商务局")] == ["甲。"]


def test_a_short_task_with_words_of_headers_is_no_header():
    found = rows("序号\t任务\t责任单位", "1\t重点任务\t责任单位", "2\t乙。\t市商务局")
    assert [row.number for row in found] == [1, 2]


def test_other_tables_of_a_document_are_left_out():
    document = parse(
        f"任务清单\n\n姓名\t职务\t电话\n张三\t组长\t1234\n\n{HEADER}\n1\t甲。\t子。\t市商务局\n\n年份\t金额\n2025\t3\n\n2026\t4\n"
    )
    assert [row.text for row in document.rows] == ["甲。"]


class TestWordTables:
    def test_a_merged_task_with_measures_of_one_unit_is_one_row(self):
        table = [["序号", "任务", "措施", "责任单位"], ["1", "甲", "子。", "市商务局"], ["", "", "丑。", ""]]
        (row,) = parse(word("清单", rows=table, merges=[(1, 0, 2, 0), (1, 1, 2, 1), (1, 3, 2, 3)])).rows
        assert (row.number, row.text, row.measures) == (1, "甲", ("子。", "丑。"))

    def test_a_merged_task_whose_measures_have_their_own_units_is_several_rows(self):
        table = [["序号", "任务", "措施", "责任单位"], ["1", "甲", "子。", "市商务局"], ["", "", "丑。", "市财政局"]]
        first, second = parse(word("清单", rows=table, merges=[(1, 0, 2, 0), (1, 1, 2, 1)])).rows
        assert [(row.number, row.text, row.measures) for row in (first, second)] == [
            (1, "甲", ("子。",)),
            (1, "甲", ("丑。",)),
        ]
        assert printed(second.leads) == ["市财政局"]
        assert FlagCode.MERGED_ROW in codes(second, blocking=False)

    def test_the_same_where_the_merge_was_lost_in_a_text(self):
        first, second, third = rows(HEADER, "1\t甲。\t子。\t市商务局", "\t\t丑。\t市财政局", "2\t乙。\t寅。\t江北海关")
        assert [(row.number, row.text) for row in (first, second, third)] == [(1, "甲。"), (1, "甲。"), (2, "乙。")]

    def test_a_domain_merged_over_its_tasks_is_their_section(self):
        table = [["领域", "任务", "责任单位"], ["通关", "甲。", "市商务局"], ["", "乙。", "江北海关"]]
        found = parse(word("清单", rows=table, merges=[(1, 0, 2, 0)])).rows
        assert [row.section for row in found] == ["通关", "通关"]

    def test_a_section_over_all_columns(self):
        table = [["序号", "任务", "责任单位"], ["通关便利", "", ""], ["1", "甲。", "市商务局"]]
        (row,) = parse(word("清单", rows=table, merges=[(1, 0, 1, 2)])).rows
        assert (row.number, row.section) == (1, "通关便利")

    def test_automatic_numbers_in_the_first_column(self):
        document = word("清单", rows=[["序号", "任务", "责任单位"], ["", "甲。", "市商务局"], ["", "乙。", "江北海关"]])
        for row in document.tables[0].rows[1:]:
            row.cells[0].paragraphs[0].style = document.styles["List Number"]
        found = parse(document).rows
        assert [row.number for row in found] == [1, 2]
        assert not any(FlagCode.NUMBER_INFERRED in codes(row) for row in found)

    def test_a_header_row_repeated_by_hand_is_no_task(self):
        header = ["序号", "任务", "责任单位"]
        found = parse(word("清单", rows=[header, ["1", "甲。", "市商务局"], header, ["2", "乙。", "江北海关"]])).rows
        assert [row.number for row in found] == [1, 2]

    def test_a_list_in_two_tables_is_one(self):
        document = word("清单", rows=[["序号", "任务", "责任单位"], ["1", "甲。", "市商务局"]])
        document.add_paragraph("")
        add_table(document, [["2", "乙。", "江北海关"], ["3", "丙。", "市财政局"]])
        assert [row.number for row in parse(document).rows] == [1, 2, 3]

    def test_a_list_inside_a_frame_is_found(self):
        document = docx.Document()
        outer = add_table(document, [["江北市任务清单"]])
        add_table(outer.cell(0, 0), [["序号", "任务", "责任单位"], ["1", "甲。", "市商务局"]])
        assert [row.text for row in parse(document).rows] == ["甲。"]

    def test_tracked_changes_reach_the_reviewer(self):
        document = word("清单", rows=[["序号", "任务", "责任单位"], ["1", "甲。", "市商务局"]])
        document.paragraphs[0]._p.append(element("del"))
        assert "tracked_changes" in [warning.code for warning in parse(document).warnings]
