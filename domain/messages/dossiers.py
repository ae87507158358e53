"""Words of dossiers, the grammar of what their public version masks, and what is said when one cannot be made."""

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

PICTURE_TOLD = "流程图。"
STEPS_TOLD = "{state}：{names}。"
SEVERAL = "、"
LEGEND_TOLD = (
    "图例：灰底实线框为已办，粗线框为在办、逾期，点划线框为已取消，虚线框为未经过；实线为走过的路径，虚线为未走的。"
)
"""What a picture shows, for who cannot see it."""

CHART = {"before": "实施前", "after": "实施后"}
"""Words in the chart of indicators."""
INDICATORS_TOLD = "条形图。"
INDICATOR_TOLD = "{name}：实施前{before}{unit}，实施后{after}{unit}。"
PROGRESS_TOLD = "折线图：经审核的完成比例。"
POINT_TOLD = "{day}为{percent}%。"

TITLES = {"item": "督办事项案卷", "case": "复制推广案例案卷"}
SCOPES = {"full": "全本", "public": "公开本"}
PUBLIC_TITLE = "{title}（公开本）"
PUBLIC_NOTE = "此件公开发布"
DOCUMENT_TITLE = "{paper}（{scope}）：{subject}"

FACTS = {
    "number": "事项编号",
    "list_title": "任务清单",
    "document_number": "来文文号",
    "section": "类别",
    "office": "督办单位",
    "status": "办理状态",
    "leads": "牵头单位",
    "co_units": "配合单位",
    "deadline_phrase": "文件规定时限",
    "due_on": "当前时限",
    "strength": "时限要求",
    "light": "亮灯",
    "percent": "完成比例",
    "issued_on": "交办日期",
    "ended_on": "办结日期",
    "range": "实施范围",
}
"""The lines of the first table, by what they hold, in order."""

CASE_ITEM_FACTS = {"number": "案例编号", "office": "受理单位", "ended_on": "办结日期"}
"""The lines of the first table that a case shares with an item."""
CASE_FACTS = {
    "applicant": "申报单位",
    "source": "线索来源",
    "state": "案例状态",
    "range": "推广范围",
    "responsible": "负责单位",
    "conference": "审议会议",
    "due_on": "推广时限",
    "policy_expires_on": "政策有效期至",
    "ended_because": "终止原因",
}
CASE_SECTIONS = {
    "background": "（一）改革背景和改革前的问题",
    "practices": "（二）主要做法",
    "results": "（三）实践效果",
    "next_steps": "（四）下一步工作思路",
    "innovation": "（五）创新点",
    "replicability": "（六）可复制性",
    "risks": "（七）风险点和防控措施",
    "policy_basis": "（八）政策依据",
}
"""The case in the structure of a best-practice case, by the fields of its nomination."""
SCORE_COLUMNS = ("专家", "创新性", "成效", "可复制性", "风险", "总分", "意见")
SCORED = "专家{number}（{unit}）"
MEAN = "平均"
RECUSED = "回避"
CONSULTED = "第{letter}次征求意见"
OPINION_WORDS = {"agree": "同意", "object": "有异议", "none": "未答复"}
WITHOUT_WORDS = "—"
PRIVATE_FIELDS = ("contact",)
"""Fields of forms that no public version shows, whatever stands in them."""

PROVISIONAL_DUE = "{day}（暂定）"
PERCENT_ON = "{percent}%（{day}）"
DUE = "时限{day}"
FIRST_DUE = "原定时限{day}"
LATEST_DUE = "现时限{day}"
DUE_REASONS = {"original": "立项时确定", "claim_returned": "办结申请被退回，扣除审核用时"}
"""Reasons of changed deadlines that are codes; others are words or numbers of documents."""
YES, NO = "是", "否"
BETWEEN = "；"
NAME_AND_VALUE = "{name}：{value}"
UNDER_WAY = "进行中"
PROCESS_OF_PERIOD = "{process}（{period}）"
NOBODY = "系统"

EVIDENCE_STATES = {
    "attached": "附后",
    "listed": "登记校验值，文件未附",
    "paper": "纸质件，登记编号和存放处",
    "withheld": "不予公开",
    "expunged": "文件已按两人程序清除，仅存登记和校验值",
}
"""What a dossier says of a piece of evidence."""

STORE_WORDS = {
    None: "与存储一致",
    "missing": "存储中的文件不见了",
    "changed": "存储中的文件已不是原件",
    "not_expunged": "应已清除的文件仍在存储中",
    "expunged": "已按程序清除",
}
"""What has become of a proof in the store, by the kind of the fault."""

# What a public version masks.

MASKED_PHONE = "（电话略）"
MASKED_MAIL = "（邮箱略）"
MASKED_IDENTITY = "（证件号略）"
MASKED_FIRM = "某企业{letter}"
MASKED_OFFICIAL = "某{post}"
PHONE_WORDS = ("电话", "手机", "手机号", "联系方式", "座机", "传真", "热线")
"""Words that a telephone number follows, however it is written."""

FIRM_ENDINGS = (
    "股份有限公司",
    "有限责任公司",
    "集团有限公司",
    "有限公司",
    "集团公司",
    "分公司",
    "子公司",
    "公司",
    "集团",
    "合伙企业",
    "事务所",
    "研究院股份",
    "商行",
    "工厂",
)
"""How names of firms end, the longer before the shorter."""
FIRM_BEFORE = (
    *("支持", "帮助", "推动", "推荐", "引进", "组织", "指导", "协助", "服务", "促成", "辅导", "走访", "会同", "联合"),
    *(
        "其中",
        "包括",
        "例如",
        "比如",
        "如",
        "由",
        "为",
        "对",
        "向",
        "与",
        "和",
        "及",
        "在",
        "给",
        "被",
        "把",
        "将",
        "让",
    ),
    *("是", "的", "等", "从", "到", "经", "以", "至", "或", "首家", "一家", "家", "有"),
)
"""Words that stand before the name of a firm and do not belong to it."""
NO_FIRM = (
    "本",
    "该",
    "某",
    "各",
    "两家",
    "一家",
    "企业",
    "母",
    "子",
    "分",
    "总",
    "外资",
    "民营",
    "国有",
    "上市",
    "科技",
    "贸易",
)
"""Before an ending they make a word for any firm, not a firm's name."""

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆"
    "汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
POSTS = (
    *("副市长", "副局长", "副主任", "副处长", "副区长", "副科长", "副书记", "副院长", "副总经理", "董事长", "总经理"),
    *("市长", "局长", "主任", "处长", "区长", "科长", "书记", "院长", "经理"),
)
"""Posts after a surname; the longer before the shorter."""
