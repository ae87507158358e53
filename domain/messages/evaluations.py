"""Sentences about the evaluation of units: its scheme, its scores, what is refused and why."""

MESSAGES = {
    "scheme_refused": "评价方案没有保存：{reason}请改好后再保存。",
    "scheme_frozen": "评价方案已于{frozen_on}印发，指标不能再改。需要调整的，请在下一次评价方案里改。",
    "scheme_out": "方案正在征求意见或者等待批准，现在不能改。需要调整的，由召集人退回修改后再改。",
    "nothing_to_evaluate": "不能开展这次评价：{reason}。请核对评价期间和参评单位。",
    "score_out_of_range": "“{label}”的评分{score}超出范围，应在{low}到{high}之间。请改正后再提交。",
    "criterion_unknown": "评价方案里没有可以这样评分的“{target}”。请按评分表列出的项目填写。",
    "score_missing": "“{labels}”还没有评分。请逐项评分后再提交。",
    "fact_used_twice": "“{key}”已经计入评分，同一事实不重复扣分。请删去这一条。",
    "fact_not_cited": "“{key}”不在这个单位的评分表里。请引用评分表列出的事实。",
    "conflict_of_interest": "您属于或者代管“{unit}”，不能给它评分。请换一位没有利害关系的人员办理。",
    "not_a_partner": "“{unit}”本年度没有和您单位共同承担任务，或者已经评过，不能评分。请只评列出的单位。",
    "too_few_assessors": "“{unit}”是办公室所在单位，应由评估小组评分。"
    "请指定至少{least}家与它、与办公室无关的评估单位。",
    "self_score_returned": "自评已经退回补报过一次，不能再退回。请收下后按现有材料评分。",
    "scores_missing": "还有单位没有评完：{units}。全部评完后再审定。",
    "unit_not_grouped": "这些单位不属于任何评价组：{units}。请在评价方案的分组里写明它们的类别。",
}

FAULTS = {
    "text_missing": "“{where}”缺少{name}。",
    "number_wrong": "“{where}”的{name}“{value}”不是0到1000之间的数。",
    "number_too_fine": "“{where}”的{name}“{value}”最多两位小数。",
    "not_storable": "方案里有无法保存的数值（{reason}）。",
    "list_wrong": "{name}的格式不对，应是不超过{most}项的列表。",
    "source_unknown": "“{where}”的评分来源“{value}”不存在，可用的有{known}。",
    "measure_unused": "“{where}”由人评分，不能再写公式或者决策表。",
    "measure_missing": "“{where}”按数据计分，应写公式或者决策表，且只写一种。",
    "formula_refused": "“{where}”的公式不能用：{reason}。",
    "formula_fails": "“{where}”的公式在各项数据都是{count}时算不出来：{reason}。",
    "formula_no_number": "“{where}”的公式算出来的不是数。",
    "fact_unknown": "“{where}”引用了不存在的数据{names}。",
    "fact_not_adverse": "“{where}”引用的{name}不是可以扣分的事实。",
    "fact_twice": "{name}被“{first}”和“{second}”重复扣分。",
    "family_twice": "“{first}”和“{second}”用了同一类数据（{family}），同一事实会重复计算。",
    "table_refused": "“{where}”的决策表不能用：{words}",
    "row_beyond_points": "“{where}”的决策表第{row}行给{value}分，超过该项的{points}分。",
    "each_beyond_cap": "“{where}”每次扣{each}分，超过该项最多扣的{cap}分。",
    "kinds_unknown": "评价组“{where}”没有写单位类别，或者类别{names}不存在。",
    "kind_twice": "单位类别{kind}出现在两个评价组里。",
    "parts_sum": "“{criterion}”的各小项合计{sum}分，应为{points}分。",
    "criteria_sum": "各项指标合计{sum}分，应为{total}分。",
    "criterion_empty": "“{where}”没有小项。",
    "scheme_empty": "方案没有分值或者没有评价组。",
    "grades_order": "等次应从高到低排列，最低一等从0分起，现在是{grades}。",
    "id_twice": "编号“{id}”重复。",
    "tie_unknown": "并列时的比较项“{id}”不存在。",
}
"""Why a scheme is refused, by the code of the fault."""

FACT_LABELS = {
    "months": "评价期月数",
    "tasks_led": "牵头任务",
    "tasks_joined": "配合任务",
    "due_firm": "应完成（限时）",
    "done_firm": "已完成（限时）",
    "late_firm": "逾期完成（限时）",
    "due_strive": "应完成（力争）",
    "done_strive": "已完成（力争）",
    "late_strive": "逾期完成（力争）",
    "due_breakthrough": "应完成或突破",
    "done_breakthrough": "已完成或突破",
    "late_breakthrough": "逾期完成或突破",
    "due_ongoing": "应年度核查（持续推进）",
    "done_ongoing": "年度核查通过（持续推进）",
    "late_ongoing": "逾期年度核查（持续推进）",
    "reports_due": "应报进展",
    "reports_on_time": "按期报送",
    "reports_late": "迟报",
    "reports_missing": "漏报",
    "parts_due": "应报配合情况",
    "parts_on_time": "按期配合报送",
    "parts_late": "迟报配合情况",
    "parts_missing": "漏报配合情况",
    "handed_in": "报送办公室审核",
    "returned": "被办公室退回",
    "lights_judged": "亮灯期数",
    "lights_yellow": "黄灯期数",
    "lights_red": "红灯期数",
    "rectifications_due": "应整改",
    "rectifications_done": "已整改",
    "cases_submitted": "申报案例",
    "cases_adopted": "列入推广案例",
    "cases_national": "报送国家案例",
}
"""The named facts in words."""

FAMILY_LABELS = {
    "context": "基本情况",
    "completion": "任务完成",
    "report": "进展报送",
    "return": "退回",
    "light": "亮灯",
    "rectification": "整改",
    "case": "案例",
}
OUTSIDE_LABELS = {
    "suspended": "上级暂停",
    "terminated": "上级终止",
    "withdrawn": "撤回",
    "historical": "接收前已过时限",
    "waiting": "等待上级部署",
}
REMARK_LABELS = {
    "no_tasks": "本年度没有任务，不评价",
    "shown_only": "协调推动单位，只列示不排名",
    "vetoed": "一票否决",
    "ceiling": "优秀名额已满",
}
EVALUATION_COLUMNS = ("编号", "文号", "名称", "当前环节", "评完", "审定")
PROGRESS_COLUMNS = ("编号", "评价组", "单位", "环节", "当前办理", "起始")
RANKING_COLUMNS = ("名次", "单位", "得分", "等次", "备注")
LINE_COLUMNS = ("指标", "项目", "分值", "自评", "得分", "数据")
OFF_COLUMNS = ("项目", "分数", "事实", "理由")
FACT_COLUMNS = ("项目", "编号", "序号", "事项", "计入")
NO_JSON = "文件不是JSON格式的方案。"
MATTER_NUMBER = "评价〔{year}〕{number}号"
UNIT_NUMBER = "{number}-{position}"
MATTER_TITLE = "{first}至{last}单位评价"
TRIAL_TITLE = "{first}至{last}单位试评价"
UNIT_TITLE = "{unit}：{title}"
DAY = "{day.year}年{day.month}月{day.day}日"
NOTHING_REASONS = {
    "not_over": "评价期间到{until}才结束",
    "reversed": "评价期间的起止日期不对",
    "nobody": "评价期间没有单位承担任务",
    "other_year": "评价按{year}年编号，截止日不能改到别的年份",
}
