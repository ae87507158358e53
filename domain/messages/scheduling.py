"""Sentences about the clock: what a process says when it starts, and how the clock is doing."""

MESSAGES: dict[str, str] = {
    "simulation_too_large": "推演的范围过大：{count}个在办事项、{days}天，最多{limit}个、{most_days}天。"
    "请用 --list 选一份清单，或把 --until 提前。",
    "simulation_backwards": "推演的结束日期 {until} 不在开始日期 {start} 之后。请核对 --from 和 --until。",
}

NOTICES: dict[str, str] = {
    "with_scheduler": "定时任务：本进程参与；同一数据库上只有一个进程在执行，其余待命。",
    "without_scheduler": "定时任务：本进程不参与，请另行运行 dudao scheduler。",
    "with_worker": "消息发送：本进程参与。",
    "without_worker": "消息发送：本进程不参与，请另行运行 dudao worker。",
    "scheduler": "定时任务进程已启动。同一数据库上只有一个进程在执行，其余待命，数秒内可接替。按 Ctrl-C 结束。",
    "worker": "消息发送进程已启动。按 Ctrl-C 结束。",
    "stopped": "已停止。",
    "ticking": "定时任务正在执行，最大滞后{lag}秒。",
    "not_ticking": "没有正在执行的定时任务进程，到期的提醒和催办都在等待。请运行 dudao serve 或 dudao scheduler。",
    "incidents": "有{count}项多次失败，需要人工处理。处理后运行 dudao scheduler retry。",
}


def notice(name: str, **facts: object) -> str:
    """A line that a process prints about itself."""
    return NOTICES[name].format(**facts)


SWEEP_NAMES: dict[str, str] = {
    "process_timers": "流程计时",
    "hand_over": "分送通知",
    "digests": "每日汇总",
    "sendings": "发送消息",
    "stalled_jobs": "接续中断的作业",
    "ladder_of_work_items": "催办在办步骤",
    "ladder_of_items": "催办督办事项",
    "report_rounds": "开启报送期",
    "drafts": "清理旧草稿",
    "light_periods": "定格各期亮灯",
    "lights": "判定亮灯",
    "boards": "留存看板数字",
    "suspensions": "恢复计时",
    "new_leads": "牵头单位调整生效",
    "quarterly_checks": "开启季度确认",
    "yearly_checks": "开启年度目标",
    "years_end_checks": "开启年末核查",
    "deadline_choices": "请牵头单位到期选择",
    "questions": "结束到时的征询",
    "monthly_bulletins": "开编上月简报",
    "kpi_figures_due": "要求报送到期的指标数据",
    "kpi_requests_over": "结束不再需要的指标报送",
    "audit_seal": "封存审计记录",
    "uploads": "清理未完成的上传",
    "calendar_years": "装入随程序附带的日历",
    "calendar_changes": "按日历重算时限",
}
"""What the clock does, by the name of its sweep."""


def sweep_name(name: str) -> str:
    """The sweep in words; its own name for one that an older or newer program left behind."""
    return SWEEP_NAMES.get(name, name)


HAPPENINGS: dict[str, str] = {
    "reminder": "提醒",
    "urge": "催办",
    "escalation": "升级",
    "round_opened": "开始填报",
    "work_item_overdue": "环节逾期",
    "item_overdue": "事项逾期",
}
"""What may happen in a rehearsal."""

HAPPENING_COLUMNS = ("时间", "收件人", "单位", "类别", "序号", "督办事项", "环节", "说明")
REHEARSAL: dict[str, str] = {
    "day": "{day} 星期{weekday}",
    "title": "推演 {start} 至 {last}：{items}个在办事项，没有任何人办理。只看不发，不改动任何数据。",
    "sums": "合计：{sums}。共{people}人收到提醒、催办或升级。",
    "nothing": "这段时间里不会有提醒、催办、填报或逾期。",
    "failed": "推演中有{count}处不能继续：",
    "playing": "推演到 {day}",
    "level": "第{level}级",
}
WEEKDAYS = "一二三四五六日"
PROCESS_COLUMNS = ("进程", "主机", "进程号", "执行", "启动", "最近活动")
SWEEP_COLUMNS = ("定时任务", "最近执行", "毫秒", "本次办理", "累计", "到期", "最早到期", "滞后秒", "失败")
FAILURE_COLUMNS = ("定时任务", "对象", "次数", "自", "下次", "错误")
SILENT = "无响应"
