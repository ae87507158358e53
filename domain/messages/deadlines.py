"""Sentences about deadlines, their clock, and the processes that change them."""

MESSAGES: dict[str, str] = {
    "side_process_running": "该事项已有正在办理的“{process}”，办完后才能再提。请先办理待办中的那一件。",
    "side_process_unknown": "没有名为“{process}”的办理流程。请选择延期、暂停或者牵头单位调整。",
    "nothing_to_extend": "该事项没有完成时限，不需要延期。",
    "extension_too_late": "时限{due}已过，不能再申请延期。请尽快办理，并在进展报送中说明原因。",
    "extension_used_up": "该事项已延期{granted}次，最多{most}次，不能再延。请按现时限办理。",
    "extension_too_long": "申请延到{new}，累计超过{months}个月；最晚可以延到{latest}。请修改新的日期。",
    "new_date_not_later": "新的日期{new}应当晚于现时限{current}，也不能早于今天。请修改日期。",
    "item_suspended": "该事项正在暂停计时。请先恢复计时，再办理。",
    "not_suspended": "该事项没有暂停计时，不需要恢复。",
    "resumes_in_past": "恢复日期{until}应当晚于今天。请修改日期；不知道的可以留空。",
    "not_conditional": "该事项不是按上级部署计时的，也没有暂停，不需要登记上级文件。",
    "trigger_needs_date": "从原文推算不出完成时限。请写明时限日期。",
    "new_target_not_open": "该时限要求“完成或取得突破性进展”，不能只提新的日期。请申请办结，或者按突破性进展申请。",
    "new_lead_unknown": "单位名录中没有“{name}”。请写单位全称，或者先请系统管理员补充名录。",
    "already_lead": "“{unit}”与现在的牵头单位对不上。请核对拟接单位和被替换的单位。",
    "not_historical": "该事项不是历史事项，时限照常计算，不需要启用。",
}
