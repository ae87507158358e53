"""Sentences about absences, reminders and the escalation ladder."""

MESSAGES: dict[str, str] = {
    "absence_dates": "外出的起止日期不对：结束日期不能早于开始日期，也不能早于今天。请改正后再登记。",
    "absence_overlaps": "{name}在{first}至{last}已登记外出，日期有重叠。请先调整或取消原来的登记。",
    "absence_over": "这次外出已经结束或取消，不能再改。如再次外出，请另行登记。",
    "substitute_unfit": "“{name}”不能作{absent}的代理人：代理人须是同一单位在任的其他人员。请另选。",
    "substitute_away": "“{name}”在{first}至{last}也外出，不能代理。请另选代理人，或调整日期。",
}
