"""The 中文 words beside stable identifiers, for whoever reads them: pages, spreadsheets, the CLI, the API's labels.

Steps and decisions of a process are not here: their words are in the model, and change with it.
"""

from collections.abc import Mapping
from enum import StrEnum

from domain.bulletins import BulletinKind, Circulation, Manner
from domain.conferences import ConferenceKind, CoordinationLevel
from domain.documents import FileVerdict, Verdict
from domain.items import (
    ClockState,
    DeadlineKind,
    ItemKind,
    ItemStatus,
    ListStatus,
    Origin,
    ResponsibilityRole,
    Strength,
)
from domain.ladder import EscalationDocument, EscalationKind, LevelState, RungRole, SubjectKind
from domain.lights import Light, NotJudged
from domain.list_acts import EntryPart, ListAct, NewClass
from domain.messages.assessment_labels import ASSESSMENT_LABELS
from domain.permissions import Role
from domain.standing_in import Standing
from domain.urgency import Urgency

NAMES = "、"
LISTING = "；"  # noqa: RUF001  what an official table puts between several entries of one cell

LABELS: dict[type[StrEnum], dict[str, str]] = {
    ItemStatus: {
        ItemStatus.DRAFT: "草稿",
        ItemStatus.REGISTERED: "已立项",
        ItemStatus.ISSUED: "已交办",
        ItemStatus.SENT_BACK: "退回交办",
        ItemStatus.RECEIVED: "已签收",
        ItemStatus.IN_PROGRESS: "推进中",
        ItemStatus.CLAIMED: "申请办结",
        ItemStatus.UNDER_REVIEW: "审核中",
        ItemStatus.COMPLETED: "办结",
        ItemStatus.CLOSED: "已销号",
        ItemStatus.CLOSED_FOR_STAGE: "阶段性办结",
        ItemStatus.WITHDRAWN: "已撤回",
        ItemStatus.TERMINATED: "已终止",
        ItemStatus.UNDER_WAY: "办理中",
        ItemStatus.SETTLED: "办毕",
    },
    Verdict: {
        Verdict.ISSUED: "是原件",
        Verdict.WITHDRAWN: "是已撤回的原件",
        Verdict.CHANGED: "内容已改动",
        Verdict.UNKNOWN: "不是本系统发出的文件",
    },
    FileVerdict: {
        FileVerdict.UNCHANGED: "未改动",
        FileVerdict.CHANGED: "已改动",
        FileVerdict.MISSING: "缺失",
        FileVerdict.ADDED: "发文时没有",
    },
    ItemKind: {
        ItemKind.TASK: "督办事项",
        ItemKind.REPLICATION_CASE: "复制推广案例",
        ItemKind.BATCH: "复制推广批次",
        ItemKind.ADOPTION: "推广落实",
        ItemKind.NATIONAL_REPORT: "报送国家",
        ItemKind.BULLETIN: "信息简报",
        ItemKind.CONFERENCE: "联席会议",
        ItemKind.TOPIC: "会议议题",
        ItemKind.COORDINATION: "提请协调",
        ItemKind.EVALUATION: "单位评价",
        ItemKind.UNIT_SCORE: "单位评分",
        ItemKind.ASSESSMENT: "总结评估",
        ItemKind.ASSESSED_ITEM: "分项评估",
        ItemKind.SELF_ASSESSMENT: "自评",
        ItemKind.ITEM_REVIEW: "独立评价",
        ItemKind.FIELD_VISIT: "实地核查通知",
        ItemKind.LEAD_OPINION: "征求意见",
        ItemKind.KPI_TARGET: "指标",
        ItemKind.KPI_READING: "指标报送",
        ItemKind.LIST_CHANGE: "清单调整",
    },
    ListAct: {
        ListAct.DEADLINE: "调整时限",
        ListAct.LEAD: "调整牵头单位",
        ListAct.WITHDRAW: "撤回",
        ListAct.TERMINATE: "终止",
        ListAct.ADD: "增加任务",
        ListAct.END: "终结清单",
    },
    NewClass: {
        NewClass.FIRM: "按期完成",
        NewClass.STRIVE: "力争完成",
        NewClass.BREAKTHROUGH_OK: "完成或取得突破性进展",
        NewClass.ONGOING: "持续推进",
    },
    EntryPart: {
        EntryPart.NUMBERS: "任务编号",
        EntryPart.UNIT: "牵头单位",
        EntryPart.TEXT: "任务表述",
        EntryPart.DEADLINE: "时限要求",
        EntryPart.DUE_ON: "完成日期",
    },
    ClockState: {ClockState.PAUSED: "暂停计时", ClockState.HISTORICAL: "历史"},
    ListStatus: {ListStatus.DRAFT: "待核", ListStatus.APPROVED: "已批准", ListStatus.ENDED: "已终结"},
    Origin: {
        Origin.DOCUMENT: "文件",
        Origin.INSTRUCTION: "领导批示",
        Origin.MEETING: "会议议定",
        Origin.MANUAL: "手工登记",
        Origin.MATTERS: "办件登记",
    },
    ResponsibilityRole: {
        ResponsibilityRole.LEAD: "牵头单位",
        ResponsibilityRole.CO_UNIT: "配合单位",
        ResponsibilityRole.GROUP: "责任单位组",
        ResponsibilityRole.OVERSIGHT: "督促单位",
        ResponsibilityRole.PROPOSED: "拟接单位",
        ResponsibilityRole.APPLICANT: "申报单位",
        ResponsibilityRole.CONSULTED: "会商部门",
        ResponsibilityRole.EXPERT: "专家单位",
        ResponsibilityRole.ADOPTER: "落实单位",
        ResponsibilityRole.MEMBER: "成员单位",
        ResponsibilityRole.ASSESSOR: "评估单位",
        ResponsibilityRole.SUBJECT: "评价对象",
        ResponsibilityRole.CHAIR: "组长单位",
        ResponsibilityRole.CONTRIBUTOR: "供稿单位",
        ResponsibilityRole.QUOTED: "被引用单位",
        ResponsibilityRole.CRITICISED: "被点名单位",
        ResponsibilityRole.RECIPIENT: "收件单位",
        ResponsibilityRole.RATER: "评议单位",
        ResponsibilityRole.SILENT: "逾期未复单位",
        ResponsibilityRole.LEGAL: "合法性审查单位",
    },
    BulletinKind: {
        BulletinKind.BRIEF: "简报",
        BulletinKind.SPECIAL: "专报",
        BulletinKind.CIRCULAR: "通报",
    },
    Circulation: {Circulation.PUBLIC: "公开", Circulation.INTERNAL: "内部"},
    Manner: {Manner.REPORTED: "报", Manner.SENT: "送", Manner.ISSUED: "发"},
    ConferenceKind: {ConferenceKind.JOINT: "联席会议", ConferenceKind.SPECIAL: "专题会议"},
    CoordinationLevel: {
        CoordinationLevel.UNITS: "单位之间",
        CoordinationLevel.OFFICE: "办公室",
        CoordinationLevel.SPECIAL_MEETING: "专题会议",
        CoordinationLevel.CONFERENCE: "联席会议",
        CoordinationLevel.CITY: "市政府",
        CoordinationLevel.MINISTRY: "国家部委",
    },
    DeadlineKind: {
        DeadlineKind.BY_DATE: "按日期",
        DeadlineKind.RELATIVE: "相对时限",
        DeadlineKind.RECURRING: "定期",
        DeadlineKind.ONGOING: "持续推进",
        DeadlineKind.NONE: "无时限",
        DeadlineKind.UNKNOWN: "不明",
    },
    Strength: {
        Strength.FIRM: "限时",
        Strength.STRIVE: "力争",
        Strength.BREAKTHROUGH_OK: "完成或取得突破性进展",
        Strength.CONDITIONAL_ON_HIGHER_LEVEL: "按上级部署",
    },
    Urgency: {
        Urgency.OVERDUE: "已逾期",
        Urgency.TODAY: "今日到期",
        Urgency.SOON: "三个工作日内",
        Urgency.LATER: "未到期",
        Urgency.NO_LIMIT: "无时限",
    },
    Light: {
        Light.GREEN: "绿灯",
        Light.YELLOW: "黄灯",
        Light.RED: "红灯",
        Light.GREY: "不亮灯",
        Light.DONE: "办结",
    },
    NotJudged: {
        NotJudged.CLOSED: "已销号",
        NotJudged.CLOSED_FOR_STAGE: "阶段性办结",
        NotJudged.WITHDRAWN: "已撤回",
        NotJudged.TERMINATED: "已终止",
        NotJudged.NOT_STARTED: "未起算",
        NotJudged.PAUSED: "暂停",
        NotJudged.WAITING: "待触发",
        NotJudged.HISTORICAL: "接收前已过时限的历史事项",
    },
    Role: {
        Role.LIAISON: "联络员",
        Role.UNIT_LEADER: "单位负责人",
        Role.OFFICE_STAFF: "办公室经办人",
        Role.ASSESSOR: "评估人员",
        Role.CONVENER: "召集人",
        Role.SYSTEM_ADMIN: "系统管理员",
        Role.SECURITY_ADMIN: "安全管理员",
        Role.AUDIT_ADMIN: "审计管理员",
    },
    SubjectKind: {SubjectKind.WORK_ITEM: "待办", SubjectKind.ITEM: "完成时限"},
    EscalationKind: {
        EscalationKind.REMINDER: "提醒",
        EscalationKind.URGE: "催办",
        EscalationKind.ESCALATION: "升级",
    },
    EscalationDocument: {
        EscalationDocument.URGE_NOTICE: "催办通知",
        EscalationDocument.REMINDER_LETTER: "提醒函",
        EscalationDocument.SUPERVISION_ORDER: "督办单",
        EscalationDocument.RED_SUPERVISION_ORDER: "红色督办单",
        EscalationDocument.LATE_LIST: "迟报通报",
    },
    RungRole: {
        RungRole.ASSIGNEE: "办理人",
        RungRole.DEPUTY: "代理",
        RungRole.UNIT_LEADER: "单位负责人",
        RungRole.LEAD_LEADER: "牵头单位负责人",
        RungRole.OFFICE: "办公室经办人",
        RungRole.OFFICE_HEAD: "办公室负责人",
        RungRole.CONVENER: "召集人",
    },
    Standing: {
        Standing.HOLDER: "本人",
        Standing.SUBSTITUTE: "外出代理人",
        Standing.DEPUTY: "代理",
        Standing.UNIT_LEADER: "由单位负责人接收",
        Standing.OFFICE: "由办公室接收",
    },
    LevelState: {
        LevelState.FIRED: "已发",
        LevelState.DUE: "即发",
        LevelState.PLANNED: "届时未办则发",
        LevelState.SKIPPED: "开始时已过",
    },
    **ASSESSMENT_LABELS,
}

ACTS = {
    "CreateItem": "立项登记",
    "CorrectItem": "核对更正",
    "AssignUnits": "确定责任单位",
    "ExpandGroup": "分解到成员",
    "StopItem": "撤回或终止",
    "ContinueItem": "转入下一阶段",
    "ReopenItem": "恢复督办",
    "AddParty": "增加办理单位",
    "AskAgain": "请重新办理",
    "StartSideProcess": "提出申请",
    "RecordTrigger": "登记上级文件",
    "ResumeItem": "恢复计时",
    "TakeUpHistory": "启用历史时限",
    "ApplyChangeOfLead": "调整牵头单位生效",
    "ResumeOnDate": "到期恢复计时",
    "OpenEvaluation": "开展评价",
    "SaveScheme": "修改评价方案",
}
"""The commands on an item that its story tells, with their words."""

ASIDE = {
    "extension": "延期审批",
    "suspension": "暂停计时审批",
    "change_of_responsibility": "牵头单位调整",
    "quarterly_check": "季度确认",
    "yearly_check": "年度核查",
    "deadline_choice": "到期选择",
    "coordination": "提请协调",
}
"""The processes beside an item's supervision."""
UNSIGNED = "未签"
UNSIGNED_FIGURES = "报送未签数据"
ANSWER_WITHHELD = "已答复，内容不公开"  # noqa: RUF001  as people write it
LATE_SHEET = "迟报名单"
PARTS = {"lead": "牵头汇总", "co_unit": "配合报送"}

PROVISIONAL = "暂定"
"""Beside a limit in a year whose notice of holidays is not loaded."""
LEDGER_SHEET = "督办台账"
LEDGER_ABOUT = "说明"
LEDGER_ON_SCREEN = {
    "id": "编号",
    "number": "序号",
    "text": "督办事项",
    "leads": "牵头单位",
    "due_on": "时限",
    "status_label": "状态",
    "urgency_label": "时限情况",
    "held_by": "当前办理",
    "percent": "比例",
}
ROUND_OUTCOMES = {"accepted": "审核通过", "cancelled": "已取消"}
AS = "{name}（{what}）"  # noqa: RUF001  as print has it
MOVED, LATE, PROVISIONAL = "避开夜间和休息日", "迟发", "暂定"
YES = "是"
"""Headings of the tables that the console prints, by the name of what they hold."""
EXPORTED_BY, EXPORTED_AT, EXPORTED_ROWS = "导出人", "截至", "事项数"
FLAG_WORDS: Mapping[str, str] = {
    "cell_unplaced": "有文字未归入任何一栏",
    "count_mismatch": "数目不符",
    "deadline_conditional": "时限附有条件",
    "deadline_missing": "缺少完成时限",
    "deadline_unreadable": "时限读不出",
    "group": "一组单位要逐个选定",
    "kpi_baseline_missing": "指标没有基数",
    "kpi_scope_ambiguous": "指标口径不明",
    "lead_missing": "没有定下牵头单位",
    "lead_not_stated": "未写明牵头",
    "measure_sequence": "措施编号不连续",
    "merged_row": "合并过的行",
    "number_duplicate": "序号重复",
    "number_gap": "序号不连续",
    "number_inferred": "序号系推定",
    "number_missing": "没有序号",
    "open_list": "单位有“等”",
    "section_inferred": "所属部分系沿用",
    "text_differs_from_body": "与正文不一致",
    "text_missing": "没有任务内容",
    "text_suspect": "文字可疑",
    "unit_noise": "单位栏有别的文字",
    "unit_renamed": "单位已改名",
    "unit_unknown": "单位不在名录里",
    "units_missing": "没有责任单位",
}
"""What each flag and each hindrance is called."""


def label(kind: type[StrEnum], value: str | None) -> str:
    """The word for `value` of `kind`; empty for None, the identifier itself for one that has no word yet."""
    return "" if value is None else LABELS[kind].get(value, value)
