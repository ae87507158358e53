"""Sentences about absences, reminders and the escalation ladder."""

from collections.abc import Mapping

from domain.telling import Said, said

MESSAGES: dict[str, str] = {
    "order_issued": "这一级要求的文书已经印发。请刷新查看。",
    "order_unknown": "“{document}”不是针对单个事项的文书。请选择催办通知、提醒函或督办单。",
    "absence_dates": "外出的起止日期不对：结束日期不能早于开始日期，也不能早于今天。请改正后再登记。",
    "absence_overlaps": "{name}在{first}至{last}已登记外出，日期有重叠。请先调整或取消原来的登记。",
    "absence_over": "这次外出已经结束或取消，不能再改。如再次外出，请另行登记。",
    "substitute_unfit": "“{name}”不能作{absent}的代理人：代理人须是同一单位在任的其他人员。请另选。",
    "substitute_away": "“{name}”在{first}至{last}也外出，不能代理。请另选代理人，或调整日期。",
    "policy_refused": "催办规则没有保存：{problems}。请改正后再保存。",
    "step_unknown": "已发布的流程里没有环节“{step}”。请从流程的环节中选择，或留空表示所有环节。",
    "urge_without_words": "请写明催办要求：催什么、何时前要。写好后再发。",
    "urged_recently": "一个工作日内已催办过：{people}。确需再催，请确认后再发。",
    "nobody_to_urge": "没有可催办的在办环节：可能已办结、暂停，或只等办公室自己办理。请刷新后核对。",
}

POLICY_PROBLEMS: dict[str, str] = {
    "policy_empty": "规则里一级也没有，请至少写一级",
    "policy_too_long": "最多{most}级，请合并或删减",
    "rung_twice": "第{level}级写了两次，每级只能有一条",
    "rung_level": "级别{level}不在1至20之间",
    "rung_unnamed": "第{level}级没有名称",
    "rung_to_nobody": "第{level}级没有写明发给谁",
    "rung_before_opening": "第{level}级定在环节开始之前，那时还没有可催的事。请改为开始之后，或改为按时限倒排",
    "rung_endless": "第{level}级重复没有尽头：须写明最多几次，2至{most}次",
    "rung_repeats_without_interval": "第{level}级要发多次，却没有写明间隔",
    "rung_too_far": "第{level}级离基准太远（连同重复最多{farthest}），请核对数字",
    "rung_channel_unknown": "第{level}级的渠道“{channel}”不存在，可用：inbox、mail、robot、sms",
    "rung_role_unknown": "第{level}级的接收人“{role}”不是系统里的角色，可用：{roles}",
    "rung_value_unknown": "第{level}级的“{field}”不能是“{value}”，可用：{allowed}",
    "value_unknown": "“{field}”不能是“{value}”，可用：{allowed}",
    "quiet_hours_empty": "免打扰时间把全天都占了，消息永远发不出去。请至少留出一段可发送的时间",
    "step_of_item": "完成时限的规则不分环节，请去掉环节",
}
"""Why a policy is refused: the clauses of `policy_refused`."""


def policy_problem(code: str, level: int | None, facts: Mapping[str, object]) -> Said:
    """The clause for one fault of a policy."""
    return said(POLICY_PROBLEMS[code], {**facts, "level": "" if level is None else level})
