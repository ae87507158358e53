"""The words of assessments, KPI targets and completion by a day; `domain.labels` has them with all others."""

from enum import StrEnum

from domain.assessment import Basis, Cycle, FieldCheck, Grade, RecommendationKind, Sampling, TakenUpAs
from domain.completion import DeadlineClass, Outside, Standing
from domain.kpi import KpiKind, KpiState, Method, WhyNot
from domain.kpi_reporting import KpiAnswer, KpiRequestEnd, KpiRhythm, WhyCancelled

ASSESSMENT_LABELS: dict[type[StrEnum], dict[str, str]] = {
    Cycle: {Cycle.MID_TERM: "中期评估", Cycle.YEARLY: "年度评估", Cycle.FINAL: "终期评估"},
    Grade: {
        Grade.COMPLETED: "全面完成",
        Grade.MOSTLY_COMPLETED: "基本完成",
        Grade.BREAKTHROUGH: "取得突破性进展",
        Grade.IN_PROGRESS: "推进中",
        Grade.NOT_STARTED: "未启动",
        Grade.ADJUST_OR_END: "建议调整或终止",
    },
    Basis: {Basis.DEADLINE: "完成时限", Basis.YEAR_GOALS: "年度目标", Basis.TRIGGER: "待上级部署"},
    FieldCheck: {
        FieldCheck.NONE: "不核查",
        FieldCheck.ANNOUNCED: "事先通知",
        FieldCheck.UNANNOUNCED: "不打招呼",
    },
    Sampling: {Sampling.ALL: "全部事项", Sampling.SHARE: "按比例抽取", Sampling.NUMBER: "按件数抽取"},
    RecommendationKind: {
        RecommendationKind.NEW_ITEM: "列入督办事项",
        RecommendationKind.CASE: "作为推广线索",
        RecommendationKind.LIST_CHANGE: "调整任务清单",
    },
    TakenUpAs: {
        TakenUpAs.ITEM: "列为新的督办事项",
        TakenUpAs.CASE: "作为复制推广案例提名",
        TakenUpAs.CHANGE_OF_LEAD: "启动牵头单位调整",
        TakenUpAs.REWORDING: "撤回原事项，按新的表述续办",
        TakenUpAs.TERMINATION: "终止原事项",
        TakenUpAs.LIST_REVISION: "调整整张清单",
    },
    DeadlineClass: {
        DeadlineClass.FIRM: "限时完成",
        DeadlineClass.STRIVE: "力争完成",
        DeadlineClass.BREAKTHROUGH_OK: "完成或取得突破性进展",
        DeadlineClass.CONDITIONAL: "按上级部署",
        DeadlineClass.ONGOING: "持续推进",
        DeadlineClass.NONE: "无时限",
    },
    Standing: {
        Standing.COMPLETED: "已完成",
        Standing.BREAKTHROUGH: "取得突破性进展",
        Standing.IN_PROGRESS: "推进中",
        Standing.OVERDUE: "逾期未完成",
        Standing.NOT_STARTED: "未启动",
    },
    Outside: {Outside.SUSPENDED: "暂停", Outside.TERMINATED: "终止"},
    KpiKind: {
        KpiKind.CUMULATIVE_COUNT: "累计数量",
        KpiKind.CUMULATIVE_SUM: "累计金额",
        KpiKind.ANNUAL_AVERAGE_GROWTH: "年均增速",
        KpiKind.SHARE_LEVEL: "占比",
    },
    KpiState: {
        KpiState.REACHED: "已达到",
        KpiState.ON_SCHEDULE: "符合进度",
        KpiState.BEHIND: "落后于进度",
        KpiState.NOT_REACHED: "未达到",
        KpiState.NOT_ASSESSABLE: "无法评估",
    },
    Method: {Method.LINEAR: "按最近数据线性外推", Method.TOO_FEW: "数据不足"},
    KpiRhythm: {
        KpiRhythm.MONTHLY: "每月",
        KpiRhythm.QUARTERLY: "每季度",
        KpiRhythm.HALF_YEARLY: "每半年",
        KpiRhythm.YEARLY: "每年",
    },
    KpiAnswer: {KpiAnswer.REPORT: "已报数据", KpiAnswer.CANNOT: "报无法统计"},
    KpiRequestEnd: {
        KpiRequestEnd.RECORDED: "已记入",
        KpiRequestEnd.NOT_MEASURED: "无法统计",
        KpiRequestEnd.CANCELLED: "已取消",
    },
    WhyCancelled: {WhyCancelled.RETIRED: "指标已停用", WhyCancelled.FINISHED: "已有期末数据"},
    WhyNot: {WhyNot.BASE_MISSING: "缺少基数", WhyNot.NO_READING: "还没有数据"},
}

ASSESSMENT_COLUMNS = ("编号", "序号", "评估", "类别", "评估期", "状态", "样本", "已定等次")
MATRIX_COLUMNS = ("序号", "任务", "牵头单位", "依据", "核查", "等次")
"""Of the matrix, before a column for each member."""
CELL_STATES = {
    "recused": "回避",
    "declared": "申明回避",
    "asked": "待评",
    "given": "已评",
    "cancelled": "已换人",
    "free": "",
}
OUTCOME_COLUMNS = ("序号", "单位", "等次", "反馈", "理由", "答复")
OPINION_OUTCOMES = {
    "agreed": "无异议",
    "silent": "未反馈",
    "adopted": "已采纳",
    "refused": "未采纳",
    "cancelled": "已取消",
}
RECOMMENDATION_COLUMNS = ("编号", "序号", "类型", "建议", "单位", "落实")
KPI_COLUMNS = ("编号", "指标", "目标", "截至", "完成", "进度应达", "状态", "预测", "范围", "方法")
KPI_FIGURE_COLUMNS = ("日期", "数值", "来源", "登记时间", "登记人", "采用")
KPI_REQUEST_COLUMNS = ("编号", "指标", "报送期", "单位", "在办", "现由", "起", "时限", "答复", "数值", "结果")
_QUARTERS = "一二三四"
_HALVES = {"H1": "上半年", "H2": "下半年"}
COMPLETION_COLUMNS = ("时限类别", "总数", "已完成", "突破性进展", "推进中", "逾期", "未启动", "按期", "完成率")
OUTSIDE_COLUMNS = ("序号", "任务", "牵头单位", "原因")
WHOLE = "合计"


def request_title(name: str, period: str, unit: str) -> str:
    """What a matter is called in which a unit is asked for the figure of a `KpiPeriod`, by that one's name; with the
    unit of measure, so that whoever reports need not look it up.
    """
    year, _, part = period.partition("-")
    if part.startswith("Q"):
        words = f"{year}年第{_QUARTERS[int(part[1]) - 1]}季度"
    elif part in _HALVES:
        words = f"{year}年{_HALVES[part]}"
    elif "-" in part:
        month, _, day = part.partition("-")
        words = f"截至{year}年{int(month)}月{int(day)}日"
    else:
        words = f"{year}年{int(part)}月" if part else f"{year}年"
    return f"报送“{name}”{words}数据（{unit}）"
