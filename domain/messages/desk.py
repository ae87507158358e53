"""Sentences of the import desk, and the words it puts down where a person adds none."""

MESSAGES: dict[str, str] = {
    "flag_needs_words": "第{number}项还有须处理的问题，没有更正任何一栏。请更正，或在“处理说明”中写明为什么照原样办。",
    "open_list_not_declared": "第{number}项的责任单位以“等”结尾。列全以后，请勾选“名单就是这些，没有别的单位”。",
}

CHECKED = "已对照原文核对，与原文一致。"
"""Of a row that a person confirmed as it was read."""
CORRECTED = "已对照原文更正：{fields}。"
FIELD_NAMES: dict[str, str] = {
    "number": "序号",
    "section": "所属部分",
    "text": "措施",
    "deadlines": "完成时限",
    "units": "责任单位",
    "members": "成员单位",
}
SET_BY_OFFICE = "{day}（办公室补定）"
"""The phrase of a deadline that the document does not print."""
BETWEEN_FIELDS = "、"
