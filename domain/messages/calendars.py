"""Sentences about the working calendar and its files."""

from collections.abc import Sequence
from datetime import date

PROVISIONAL_MARK = "（暂定）"
"""Behind a limit in a year whose notice of holidays is not loaded."""

_WEEKDAYS = "一二三四五六日"
_KINDS = {True: "上班", False: "放假", None: "同平日"}

MESSAGES: dict[str, str] = {
    "invalid_working_hours": "工作时间“{spans}”不成立：每段的开始要早于结束，各段按先后排列、互不重叠，至少一段。"
    "请按“08:30-12:00, 14:00-17:30”的样子填写。",
    "calendar_file_empty": "文件“{name}”里没有任何放假或上班的日期，没有导入。请核对是不是节假日安排通知的全文，"
    "或有“日期”“安排”两列的表格。",
    "notice_year_missing": "通知里没有写明是哪一年的节假日安排，没有导入。请在标题中写明年份，或在导入时指定年份。",
    "impossible_day": "{where}的“{day}”不是存在的日期，没有导入任何内容。请对照通知原文改正后重新导入。",
    "turned_span": "{where}的“{span}”起止颠倒，或长得不像一个假期，没有导入任何内容。请对照通知原文改正后重新导入。",
    "wrong_weekday": "{where}的{day}写的是{printed}，实际是{actual}，没有导入任何内容。"
    "日期和星期总有一个写错了，请对照通知原文改正后重新导入。",
    "day_outside_year": "{where}的{day}不在{year}年，没有导入任何内容。一份通知只管一年（元旦假期前后的几天除外），"
    "请改正日期，或分年导入。",
    "contradictory_day": "{day}既列为放假又列为上班（{where}），没有导入任何内容。请对照通知原文改正后重新导入。",
    "holiday_length_wrong": "{where}写明共{printed}天，列出的却是{counted}天，没有导入任何内容。"
    "请对照通知原文改正后重新导入。",
    "notice_unclear": "看不懂“{clause}”中的日期是放假还是上班（{where}），没有导入任何内容。"
    "请改成“某月某日至某日放假”“某月某日上班”的写法，或改用有“日期”“安排”两列的表格导入。",
    "notice_incomplete": "{year}年的安排不全，缺少{missing}，没有导入任何内容。请用通知的全文或全年的表格导入。",
    "year_loaded": "{year}年的安排已经导入（来源：{source}），与这份文件有{count}天不同：{shown}。没有改动任何内容。"
    "核对无误后，请用“替换”再导入一次。",
    "year_too_far": "{year}年的节假日安排不能导入：只能导入{first}年至{last}年的。请核对年份。",
    "no_days": "没有填写日期，或有的日期没有写明原因。请逐日填写日期、放假或上班，以及原因。",
}


def change_shown(day: date, working: bool | None) -> str:  # noqa: FBT001  the value of a table
    """A day and what it is, as messages and lists print it; None is as its weekday."""
    return f"{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）{_KINDS[working]}"


def changes_shown(changes: Sequence[tuple[date, bool | None]], *, limit: int = 8) -> str:
    """The first few days and what each is, as one clause."""
    shown = "、".join(change_shown(day, working) for day, working in changes[:limit])
    return shown if len(changes) <= limit else f"{shown}等"
