"""Sentences about items: what is missing before a step, and what the rules of a step forbid."""

MESSAGES: dict[str, str] = {
    "own_submission": "您办理过“{step}”，不能再审批自己提交的内容。请由他人办理。",
    "breakthrough_not_allowed": "该事项的时限没有写明“完成或取得突破性进展”，只能按完成申请办结。",
    "blocking_flags": "还有{count}处必须处理的标记，暂不能交办。请先在导入核对中处理。",
    "lead_missing": "事项{number}没有牵头单位。请指定牵头单位，或写明各负其责并指定汇总单位。",
    "party_twice": "“{unit}”已经承办该事项，同一单位只能列一次。请去掉重复的单位。",
    "joint_lead_not_two": "双牵头须是两个单位，现在选了{count}个。请改为两个，或改为各负其责并指定汇总单位。",
    "collector_not_lead": "汇总单位必须是牵头单位之一。请重新指定。",
    "send_back_contradicted": "办理结果与责任单位不一致：选“调整责任单位”须先改牵头单位，选其他则牵头单位应不变。"
    "请核对责任单位后再办理。",
    "not_for_others": "“{step}”由办公室自己办理，不能请其他单位参加。请在单位办理的环节增加。",
    "round_limits": "配合单位的报送时限不能晚于牵头单位的。请调整后再发起。",
    "no_member_completed": "各成员的事项都已撤回或终止，没有一项办结，不能销号。请终止该事项，并写明依据的文号。",
    "open_list_not_closed": "事项{number}的责任单位写了“等”，请先确定全部单位，再交办。",
    "group_not_expanded": "事项{number}的责任单位“{group}”是一组单位，请先确定成员，再交办。",
    "unit_not_confirmed": "事项{number}的责任单位“{printed}”不在单位名录中。请确认它是哪个单位，再交办。",
    "wrong_status": "当前状态是“{status}”，不能这样操作。",
    "nobody_responsible": "“{step}”没有可办理的单位。请先补充责任单位。",
}
