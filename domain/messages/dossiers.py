"""Words of dossiers, and what is said when one cannot be made."""

PICTURE = {
    "open": "在办",
    "late": "逾期",
    "cancelled": "已取消",
    "returned": "退回{count}次",
    "runs": "办{count}次",
    "continued": "接第{number}幅",
    "legend_completed": "已办",
    "legend_open": "在办、逾期",
    "legend_cancelled": "已取消",
    "legend_untouched": "未经过",
    "legend_taken": "走过",
    "legend_not_taken": "未走",
}
"""Words in the picture of a process."""

CHART = {"before": "实施前", "after": "实施后"}
"""Words in the chart of indicators."""

MESSAGES: dict[str, str] = {}
