"""What the columns of printed and listed tables are called, by the field that they show."""

LATE_COLUMNS = {
    "list_title": "清单",
    "period": "报送期",
    "unit": "单位",
    "part": "承担部分",
    "number": "序号",
    "text": "督办事项",
    "due_on": "报送日",
    "reported_on": "实际报送",
    "days_late": "迟报天数",
    "unsigned": "未签数据",
    "waits_for": "等待",
}
RHYTHM_COLUMNS = {
    "period": "报送期",
    "opens_on": "开始报送",
    "co_due_on": "配合单位报送日",
    "due_on": "报送日",
    "provisional": "暂定",
}
SHEET_COLUMNS = {
    "number": "序号",
    "text": "督办事项",
    "step": "当前环节",
    "percent": "完成比例",
    "previous": "上期比例",
    "draft": "草稿",
    "missing": "未填",
    "returned": "退回原因",
}
LEDGER_COLUMNS = {
    "list_title": "清单",
    "document_number": "文号",
    "number": "序号",
    "section": "类别",
    "text": "督办事项",
    "measures": "落实举措",
    "deadline_phrase": "完成时限",
    "due_on": "当前时限",
    "provisional": "是否暂定",
    "strength_label": "时限要求",
    "leads": "牵头单位",
    "co_units": "配合单位",
    "groups": "责任单位组",
    "status_label": "状态",
    "urgency_label": "时限情况",
    "light_words": "亮灯",
    "days_left": "剩余天数",
    "held_by": "当前办理",
    "held_since": "办理起始",
    "percent": "完成比例",
    "percent_on": "比例日期",
    "unsigned_percent": "未签比例",
    "members": "成员办结",
    "issued_at": "交办日期",
    "ended_at": "办结日期",
}
"""The columns of the ledger in the order they are printed in, by the name of what they hold."""
WORK_COLUMNS = {
    "id": "编号",
    "number": "序号",
    "text": "督办事项",
    "step": "环节",
    "unit": "单位",
    "due": "时限",
    "urgency": "时限情况",
}
LIST_COLUMNS = {
    "id": "编号",
    "title": "清单",
    "document_number": "文号",
    "status": "状态",
    "count": "事项数",
    "flags": "待处理",
    "blocking": "必须处理",
}
LIST_CHANGE_COLUMNS = {"act": "调整", "number": "序号", "text": "任务", "before": "原为", "after": "改为"}
FLAG_COLUMNS = {"id": "编号", "number": "序号", "blocking": "必须", "flag": "标记", "note": "说明"}
ROUND_COLUMNS = {
    "id": "编号",
    "number": "序号",
    "text": "督办事项",
    "period": "报送期",
    "due": "报送日",
    "outcome": "结果",
    "held_by": "当前办理",
}
STORY_COLUMNS = {
    "at": "时间",
    "label": "环节",
    "who": "办理人",
    "unit": "单位",
    "decision": "决定",
    "opinion": "意见",
}
LADDER_COLUMNS = {
    "subject": "对象",
    "level": "级",
    "name": "名称",
    "at": "时间",
    "state": "状态",
    "recipients": "发给",
    "document": "文书",
    "note": "备注",
}
POLICY_COLUMNS = {"kind": "对象", "step": "环节", "name": "规则", "version": "版本", "own": "本清单", "levels": "级数"}
DOCUMENT_COLUMNS = {
    "id": "编号",
    "series": "文种",
    "mark": "文号",
    "title": "标题",
    "office": "发文单位",
    "issued": "成文日期",
    "withdrawn": "已撤回",
}
DUE_ORDER_COLUMNS = {
    "escalation": "催提编号",
    "item": "事项编号",
    "number": "序号",
    "text": "督办事项",
    "document": "文书",
    "since": "自",
}
ABSENCE_COLUMNS = {"id": "编号", "name": "姓名", "first": "自", "last": "至", "substitute": "代理人"}
DONE_COLUMNS = {"at": "办理日", "number": "序号", "step": "环节", "decision": "决定", "text": "督办事项"}
COUNT_COLUMNS = ("", "件数")
