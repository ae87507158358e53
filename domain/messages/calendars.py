"""Sentences about the working calendar and its files."""

MESSAGES: dict[str, str] = {
    "invalid_working_hours": "工作时间“{spans}”不成立：每段的开始要早于结束，各段按先后排列、互不重叠，至少一段。"
    "请按“08:30-12:00, 14:00-17:30”的样子填写。",
}
