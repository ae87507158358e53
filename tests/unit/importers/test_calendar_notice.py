from datetime import date, timedelta

import pytest
from chinese_calendar import constants
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar_errors import (
    CalendarFileEmpty,
    ContradictoryDay,
    DayOutsideYear,
    HolidayLengthWrong,
    ImpossibleDay,
    NoticeIncomplete,
    NoticeUnclear,
    NoticeYearMissing,
    TurnedSpan,
    WrongWeekday,
)
from domain.errors import DomainError
from domain.messages import message_for
from importers.calendar_notice import parse_notice, read_notice
from importers.holidays import YearNotice
from importers.sheets.holidays import read_holidays
from importers.sheets.table import read_bytes
from tests.unit.importers.notices import NOTICE_2027, NOTICES


def exceptions(notice: YearNotice) -> dict[date, bool]:
    """What the notice changes in its own year."""
    return {d.day: d.working for d in notice.days if d.day.year == notice.year and d.working != (d.day.weekday() < 5)}


def shipped(year: int) -> dict[date, bool]:
    days = dict.fromkeys(constants.holidays, False) | dict.fromkeys(constants.workdays, True)
    return {day: working for day, working in days.items() if day.year == year and working != (day.weekday() < 5)}


# What the library has of the year from the notice of the year after.
FROM_THE_NEXT_NOTICE = {2018: {date(2018, 12, 29): True, date(2018, 12, 31): False}}


@pytest.mark.parametrize("year", NOTICES)
def test_every_wording_since_2015_gives_the_days_that_the_library_has(year):
    assert exceptions(parse_notice(NOTICES[year])) | FROM_THE_NEXT_NOTICE.get(year, {}) == shipped(year)


def test_days_of_the_year_before_belong_to_the_new_year_holiday():
    notice = parse_notice(NOTICES[2019])
    before = {each.day: each.working for each in notice.days if each.day.year == 2018}
    assert before == {date(2018, 12, 29): True, date(2018, 12, 30): False, date(2018, 12, 31): False}


def test_a_new_year_holiday_that_begins_in_december_needs_no_printed_year():
    text = NOTICE_2027.replace("1月1日（周五）至3日（周日）放假，共3天。1月4日（周一）上班", "12月31日至1月1日放假")
    notice = parse_notice(text)
    assert [each.day for each in notice.days][:2] == [date(2026, 12, 31), date(2027, 1, 1)]


def test_advice_to_take_leave_is_no_day_off():
    notice = parse_notice(NOTICES[2024])
    assert date(2024, 2, 9) not in {each.day for each in notice.days}
    assert len(notice.notes) == 1


def test_hard_line_breaks_spaces_and_half_width_signs_change_nothing():
    broken = "\n".join(line for line in _broken(NOTICE_2027.replace("（", "(").replace("：", ":")))
    assert parse_notice(broken) == parse_notice(NOTICE_2027)


def _broken(text: str) -> list[str]:
    return [text[n : n + 17] + " " for n in range(0, len(text), 17)]


def test_each_day_carries_its_holiday():
    names = {each.day: each.name for each in parse_notice(NOTICE_2027).days}
    assert (names[date(2027, 1, 31)], names[date(2027, 10, 9)]) == ("春节", "国庆节")


@pytest.mark.parametrize(
    ("old", "new", "error", "said"),
    [
        ("2月14日（周日）", "2月30日（周日）", ImpossibleDay, "2月30日"),
        ("1月31日（周日）", "13月31日（周日）", ImpossibleDay, "13月31日"),
        ("1月31日（周日）", "1月31日（周一）", WrongWeekday, "实际是周日"),
        ("1月31日（周日）", "1月31日（星期六）", WrongWeekday, "周六"),
        ("1月31日（周日）", "2028年1月30日（周日）、2028年2月5日（周六）", DayOutsideYear, "不在2027年"),
        ("1月31日（周日）", "2月6日（周六）", ContradictoryDay, "既列为放假又列为上班"),
        ("至13日（周六）", "至3日（周三）", TurnedSpan, "起止颠倒"),
        ("至13日（周六）", "至5月13日（周四）", TurnedSpan, "不像一个假期"),
        ("共9天", "共8天", HolidayLengthWrong, "列出的却是9天"),
        ("2月14日（周日）上班", "2月14日（周日）另行通知", NoticeUnclear, "另行通知"),
        ("2月14日（周日）上班", "2月14日（周日）起上班", NoticeUnclear, "起上班"),
        ("2月14日（周日）上班", "2月14日（周日）不上班", NoticeUnclear, "不上班"),
        ("六、中秋节：9月15日（周三）放假1天，不调休。", "", NoticeIncomplete, "中秋"),
        ("1月1日（周五）至3日", "1月2日（周六）至3日", HolidayLengthWrong, "共3天"),
        ("10月1日（周五）至7日（周四）放假调休，共7天", "10月4日至7日放假", NoticeIncomplete, "国庆节"),
    ],
)
def test_a_faulty_notice_is_refused_with_its_own_sentence(old, new, error, said):
    text = NOTICE_2027.replace(old, new)
    assert text != NOTICE_2027
    with pytest.raises(error) as refused:
        parse_notice(text)
    assert said in message_for(refused.value)


def test_a_text_without_holidays_is_empty():
    with pytest.raises(CalendarFileEmpty):
        parse_notice("2027年工作要点。一、抓好落实。", "要点.txt")


def test_a_notice_that_names_no_year_asks_for_it():
    text = NOTICE_2027.replace("2027年", "")
    with pytest.raises(NoticeYearMissing):
        parse_notice(text)
    assert parse_notice(text, year=2027) == parse_notice(NOTICE_2027)


def test_a_word_document_reads_like_its_text():
    import io

    from docx import Document

    document = Document()
    for line in NOTICE_2027.splitlines():
        document.add_paragraph(line)
    stored = io.BytesIO()
    document.save(stored)
    assert read_notice(stored.getvalue(), "通知.docx") == parse_notice(NOTICE_2027)


@given(st.text(alphabet="一二三、：。年月日至（）周五六放假上班调休共天春节元旦0123456789\n", max_size=120))
def test_no_text_makes_the_reader_fall_over(text):
    try:
        parse_notice("2027年部分节假日安排。一、元旦：" + text)
    except DomainError as error:
        said: str = message_for(error)
    else:
        said = "read"
    assert said


def table(*rows: str) -> bytes:
    return "\n".join(("日期,安排,名称,星期", *rows)).encode()


FIXED = ("2027-05-01,休,劳动节,", "2027-10-01,休,国庆节,五", "2027-01-01,休,元旦,周五")


def test_a_table_gives_the_same_days_as_the_notice():
    notice = parse_notice(NOTICE_2027)
    rows = [
        f"{d.day:%Y-%m-%d},{'班' if d.working else '休'},{d.name},{'一二三四五六日'[d.day.weekday()]}"
        for d in notice.days
    ]
    assert read_holidays(read_bytes(table(*rows), "x.csv"), "x.csv").notice == YearNotice(2027, notice.days)


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ("2027-02-30,休,春节,", ImpossibleDay),
        ("2027年2月8日,休,春节,星期二", WrongWeekday),
        ("2025-02-08,休,春节,", DayOutsideYear),
        ("2027-10-01,班,国庆节,", ContradictoryDay),
    ],
)
def test_a_faulty_table_is_refused_with_its_row(row, error):
    with pytest.raises(error) as refused:
        read_holidays(read_bytes(table(*FIXED, row), "x.csv"), "x.csv")
    assert "第5行" in message_for(refused.value)


def test_a_table_without_a_public_holiday_is_not_the_year():
    # 1 May 2027 is a Saturday anyway; New Year is a Friday.
    assert read_holidays(read_bytes(table(*FIXED[1:]), "x.csv"), "x.csv").notice is not None
    with pytest.raises(NoticeIncomplete):
        read_holidays(read_bytes(table(*FIXED[:2]), "x.csv"), "x.csv")


def test_words_that_are_no_kind_of_day_are_named_by_row():
    sheet = read_holidays(read_bytes(table(*FIXED, "2027-02-08,也许,,", "明天,休,,"), "x.csv"), "x.csv")
    assert [(p.number, p.code) for p in sheet.problems] == [(5, "value_unknown"), (6, "date_invalid")]


@pytest.mark.parametrize("content", [b"", "，\n".encode()])
def test_an_empty_table_is_said_to_be_empty(content):
    if not content:
        with pytest.raises(CalendarFileEmpty):
            read_holidays(read_bytes(content, "x.csv"), "x.csv")
    else:
        assert read_holidays(read_bytes(content, "x.csv"), "x.csv").problems[0].code == "column_missing"


@given(st.dates(date(2027, 1, 1), date(2027, 12, 31)), st.integers(0, 12))
def test_a_span_in_words_is_every_day_of_it(first, length):
    last = first + timedelta(days=length)
    if last.year != 2027:
        return
    text = NOTICE_2027.replace(
        "6月9日（周三）放假1天，不调休",
        f"{first.month}月{first.day}日至{last.month}月{last.day}日放假，共{length + 1}天",
    )
    try:
        notice = parse_notice(text)
    except ContradictoryDay:
        return
    off = {each.day for each in notice.days if not each.working}
    assert {first + timedelta(days=n) for n in range(length + 1)} <= off
