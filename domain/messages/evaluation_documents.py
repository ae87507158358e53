"""The words of the documents of an evaluation: scheme, self-score, data check, scoring record, circular."""

SCHEME_TITLE = "{title}（{period}）"
SCHEME_TEXT = (
    "一、评价对象",
    "对{first}至{last}期间牵头或者配合督办任务的单位开展评价。{groups}。",
    "二、评价内容",
    "总分{total}分：{criteria}。计分办法见附件。加分最多{bonus}分，扣分最多{deductions}分；同一事实只计一次。",
    "三、等次",
    "{grades}。{ceiling}",
    "{vetoes}",
    "四、程序",
    "数据以{last}为截止日。各单位自评，核对系统数据；办公室评分，共事单位互评；办公室所在单位由评估小组评分。"
    "对初评结果有异议的，自反馈之日起5个工作日内提出，由没有参加评分的人员复核；尽职免责的，可以申请容错。"
    "结果由联席会议审定，予以通报。",
)
GROUP_RANKED = "{label}分组排名"
GROUP_SHOWN = "{label}只列示、不排名"
CEILING = "“{grade}”不超过本组参评单位的{share}%。"
NO_CEILING = ""
VETOES = "有下列情形之一的，直接定为“{grade}”：{vetoes}。"
POINTS_OF = "{label}{points}分"
GRADE_FROM = "{label}{least}分以上"
GRADE_BELOW = "{label}不足{least}分"
COMPUTED = "按数据：{formula}"
BY_TABLE = "按决策表：{rows}"
TABLE_ROW = "{words}（{points}）"
BY_OFFICE = "办公室（评估小组）评分"
BY_PARTNERS = "共事单位互评"
CRITERIA_TABLE = "计分办法"
CRITERIA_COLUMNS = ["指标", "项目", "分值", "计分办法"]
BONUS, DEDUCTIONS = "加分", "扣分"
EACH_FACT = "每次扣{each}分，最多扣{cap}分"
BY_RECORD = "按依据扣分，最多扣{cap}分"

SELF_TITLE = "{unit}自评表（{period}）"
SELF_TABLE = "各项自评得分"
SELF_COLUMNS = ["项目", "分值", "自评分", "依据"]

FACTS_TITLE = "{unit}评价数据核定单（{period}）"
FACTS_TEXT = (
    "截至{as_of}，按{known_on}系统记录核定。请在3个工作日内核对；有误的，请逐条指出编号和问题，逾期视为无误。",
    "{inherited}",
)
INHERITED = "本单位承继{units}在评价期间的工作。"
NUMBERS_TABLE = "数据汇总"
NUMBERS_COLUMNS = ["数据", "数量"]
ADVERSE_TABLE = "未完成、迟报漏报、退回和亮灯事实"
ADVERSE_COLUMNS = ["编号", "事项", "事实", "说明"]
LEFT_OUT_TABLE = "不计入的事项"
LEFT_OUT_COLUMNS = ["序号", "事项", "原因"]

RECORD_TITLE = "{unit}评分底稿（{period}）"
RECORD_TEXT = ("得分{total}分：各项{base}分，加分{bonus}分，扣分{deducted}分。{standing}",)
RANKED = "本组第{rank}名，{grade}。"
UNRANKED = "{remark}。"
LINES_TABLE = "各项得分"
LINES_COLUMNS = ["指标", "项目", "分值", "得分", "依据"]
OFF_TABLE = "加分和扣分"
OFF_COLUMNS = ["项目", "分数", "事实", "理由"]
TAKEN_TABLE = "容错和撤销"
TAKEN_COLUMNS = ["事实", "决定", "理由"]
NOT_APPLICABLE = "不适用"
TAKEN_WORDS = {"tolerance": "容错，不扣分", "lift": "撤销"}
READ_WORDS = "{label}{count}"

CIRCULAR_TITLE = "关于{period}单位评价结果的通报"
CIRCULAR_TEXT = (
    "一、评价情况",
    "按照《{scheme}》，对{count}个单位{first}至{last}的工作情况和绩效进行了评价，结果经联席会议审定，现予通报。",
    "二、评价结果",
    "{summary}",
    "三、下一步要求",
    "{requirements}",
)
GRADE_UNITS = "{grade}：{units}。"
NOT_RATED = "不评价：{units}。"
RESULT_COLUMNS = ["名次", "单位", "得分", "等次", "备注"]
SHOWN_COLUMNS = ["单位", "得分", "备注"]
YEAR = "{year}年度"
PERIOD = "{first}至{last}"
TRIAL = "{period}试评价"

DUE_ON = "应于{day}完成"
DONE_ON = "{day}完成"
RETURNED_ON = "{day}退回"
SINCE = "自{period}起"
UNTIL = "至{period}"
MONTH = "{day.year}年{day.month}月"
STEPS = {"check_plan": "方案审核", "review_report": "进展审核", "review_completion": "办结审核"}
"""The steps whose returns are counted, by their ids in the models."""
