"""Sentences about conferences and coordination, and their words on paper and on the console."""

MESSAGES = {
    "agenda_empty": "议程上还没有议题，不能送审。请从报送的议题里选定，或者取消会议。",
    "agenda_elsewhere": "议程已经送审，不能再改。要调整的，请退回到拟定议程。",
    "topic_taken": "议题“{title}”已经列入另一次会议。请核对后只列一次。",
    "meeting_ahead": "会期是{meets_on}，与今天的日期不符：会前不能登记会后的情况，会期不能早于今天。请核对日期。",
    "attendance_missing": "还没有登记到会情况。请先登记哪些单位到会，再报会议已召开。",
    "minutes_missing": "纪要还没有起草。请先写好并保存，再送签。",
    "minutes_elsewhere": "纪要现在不在起草环节，不能改。需要修改的，请先退回起草。",
    "minutes_changed": "纪要已有更新的第{current}稿，您看的是第{seen}稿。请打开最新一稿，把改动并进去再保存。",
    "resolution_without_lead": "第{position}条议定事项没有写明牵头单位。请补上责任单位再保存。",
}

TITLES = {
    "joint": "联席会议",
    "special": "专题会议",
    "numbered": "{year}年第{number}次{kind}",
    "minutes": "{title}纪要",
    "topic": "关于“{text}”的提请协调",
}
PAUSED_FOR = "提请协调"
RESUMED_AFTER = "协调办结"
"""Why an item's clock stands still, and why it goes on."""

CONFERENCE_COLUMNS = {
    "item_id": "编号",
    "title": "会议",
    "meets_on": "会期",
    "topics": "议题",
    "resolutions": "议定事项",
    "closed": "已办结",
    "step": "当前环节",
}
TOPIC_COLUMNS = {"id": "编号", "unit": "单位", "title": "议题", "wanted_label": "提交", "result": "结果"}
RESOLUTION_COLUMNS = {
    "position": "序号",
    "text": "议定事项",
    "leads": "牵头单位",
    "due_on": "时限",
    "status_label": "状态",
}
COORDINATION_COLUMNS = {
    "instance_id": "编号",
    "number": "事项",
    "text": "督办事项",
    "level_label": "现在哪一级",
    "paused": "暂停计时",
    "outcome": "结果",
}
OPINION_COLUMNS = {
    "at": "时间",
    "level_label": "级别",
    "unit": "单位",
    "who": "办理人",
    "decision": "决定",
    "opinion": "意见",
}
OUTCOMES = {"resolved": "协调解决", "withdrawn": "已撤回", "cancelled": "已取消"}
