"""Sentences about the clock: what a process says when it starts, and how the clock is doing."""

MESSAGES: dict[str, str] = {
    "simulation_too_large": "推演的范围过大：有{count}个在办事项，最多{limit}个。"
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
    "ticking": "定时任务正在执行，最大滞后{lag}。",
    "not_ticking": "没有正在执行的定时任务进程，到期的提醒和催办都在等待。请运行 dudao serve 或 dudao scheduler。",
    "incidents": "有{count}项多次失败，需要人工处理。处理后运行 dudao scheduler retry。",
}


def notice(name: str, **facts: object) -> str:
    """A line that a process prints about itself."""
    return NOTICES[name].format(**facts)
