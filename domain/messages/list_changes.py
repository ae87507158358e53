"""What goes wrong with a change of a whole task list, in 中文, by error code."""

MESSAGES: dict[str, str] = {
    "list_change_empty": "没有写任何一条调整。请至少写一条，或者选择不再调整。",
    "list_change_incomplete": "第{place}条缺少或者多写了：{missing}。请补齐；"
    "持续推进的不写完成日期，其他时限要求须写完成日期。",
    "list_change_number_unknown": "清单中没有编号为{numbers}的任务。请核对任务编号。",
    "list_change_number_twice": "任务{numbers}在一次调整中出现了两次。请合并为一条，或者分两次调整。",
    "list_change_item_ended": "任务{numbers}已经结束，不能调整。请去掉这些编号；需要继续的，另行恢复督办。",
    "list_change_paper_missing": "终止任务、终结清单须有依据。请填写依据文号。",
    "list_change_with_end": "终结清单的，不能同时作其他调整。请只保留终结清单一条，或者先作其他调整。",
    "list_change_day_past": "完成日期{due_on}已经过去。请改为今天以后的日期。",
    "list_change_unit_unknown": "没有找到单位“{unit}”。请填写单位的全称或者简称。",
    "list_change_lead_already": "任务{numbers}已经由“{unit}”牵头。请去掉这些编号，或者另选单位。",
    "list_change_running": "这张清单已有一次调整正在办理。请先办完那一次，再作新的调整。",
    "list_not_in_force": "只有已批准、没有终结的清单可以调整。待核的清单请在导入台更正。",
    "list_without_end": "领导批示、会议议定、手工登记的清单长期使用，不能终结。请只终止其中的任务。",
}
