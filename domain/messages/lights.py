"""Sentences about lights and their rules."""

MESSAGES = {
    "light_rules_refused": "亮灯规则没有保存：{reason}请改好决策表后再保存。",
    "light_rules_too_late": "亮灯规则不能从{valid_from}起用，已经过去的时间按当时的规则判定。请选以后的日期。",
    "light_not_judged": "事项{item}的记录无法按亮灯规则判定，其他事项的灯已经定格。请系统管理员查看运行日志。",
    "light_not_frozen": "这个事项没有{period}的定格灯。期末定格之后才有，定格前请看当前的灯。",
}

LIGHT_RULE_FINDINGS = {
    "cell_too_long": "第{row}行“{fact}”的条件超过{limit}个字符。",
    "cell_not_understood": "第{row}行“{fact}”的条件“{cell}”无法识别，可以写“-”、数、“>= 10”、“[10..30]”、not(…)。",
    "value_unknown": "第{row}行“{fact}”没有“{cell}”这个值，可用的有{values}。",
    "range_empty": "第{row}行“{fact}”的区间“{cell}”里没有整数。",
    "not_whole": "第{row}行“{fact}”只取整数，“{cell}”永远不会相等。",
    "outcome_unknown": "第{row}行的灯“{outcome}”不存在，可用的有{outcomes}。",
    "words_missing": "第{row}行没有说明。说明就是亮灯的理由，每一行都要写。",
    "fact_unknown": "“{fact}”不是可用的判定依据，可用的有{facts}。",
    "fact_twice": "判定依据“{fact}”出现了两列。",
    "hit_policy": "命中策略“{policy}”不支持，请用UNIQUE或者FIRST。",
    "table_empty": "决策表没有判定依据或者没有规则行。",
    "too_many_rows": "决策表有{rows}行，最多{limit}行。",
    "cells_missing": "第{row}行有{cells}个条件，应有{facts}个。",
    "row_id_twice": "规则行的编号“{id}”重复。",
    "row_too_complex": "第{row}行的条件太复杂（{reason}），请拆成几行。",
    "cell_matches_nothing": "第{row}行“{fact}”的条件不会有任何值符合。",
    "rows_overlap": "第{row}行和第{other}行会同时命中，例如{example}。请改条件，或者改用FIRST，以靠上的行为准。",
    "row_never_counts": "第{row}行永远不会用到，它的情形已经被上面的行占完。",
    "not_covered": "有一种情形没有任何一行覆盖，例如{example}。请补一行，或者在最后加一行条件全为“-”的。",
    "table_too_tangled": "决策表的条件交错太多，无法核对有没有遗漏，请简化。",
}
"""Why a decision table of lights is refused, by the code of the finding."""

FACT_NAMES = {
    "deadline_class": "时限类别",
    "expected_percent": "应完成比例",
    "reported_percent": "实报比例",
    "lag": "落后百分点",
    "behind_before": "此前连续亮黄灯或红灯的期数",
    "days_to_due": "距时限的天数",
    "working_days_to_due": "距时限的工作日",
    "overdue_days": "逾期天数",
    "missing_reports": "到期未报的期数",
    "claimed": "已申请办结",
}
"""What the facts of a rule are called."""

DEADLINE_CLASS_NAMES = {
    "firm": "限时",
    "strive": "力争",
    "breakthrough": "完成或取得突破性进展",
    "conditional": "按上级部署",
    "ongoing": "持续推进",
    "none": "无时限",
}
"""What a rule calls a kind of deadline."""

CONDITION_WORDS = {
    "is": "{fact}是{values}",
    "is_not": "{fact}不是{values}",
    "at_least": "不小于{low}",
    "at_most": "不大于{high}",
    "between": "{low}至{high}",
    "exactly": "{low}",
    "missing": "没有",
    "always": "其余情形",
}
"""The parts of a rule's condition."""

LIGHT_WORDS = {
    "rule": "{light}：{rule}",
    "numbers": "{light}：{numbers}（{rule}）",
    "paused": "{word}，{since}起",
    "paused_for": "{word}，{since}起等待{whom}",
    "overdue": "时限{due}，已逾期{days}天",
    "schedule": "截至{measured}应完成{expected}%，实报{reported}%，{lag}",
    "no_report": "应完成{expected}%，尚无审核通过的进展",
    "reported": "实报{reported}%",
    "behind": "落后{points}个百分点",
    "ahead": "超前{points}个百分点",
    "even": "与序时进度一致",
    "days_left": "离时限还有{days}个工作日",
    "last_day": "时限是今天",
    "missing_reports": "{count}期到期未报",
    "behind_before": "此前已连续{count}期亮黄灯或红灯",
    "day": "{day.year}年{day.month}月{day.day}日",
    "none": "无",
    "yes": "是",
    "no": "否",
    "more_findings": "另有{count}处问题。",
}
"""The parts of a light's sentence."""

COMMA = "，"
ENUMERATION = "、"
EITHER = "或"

FROZEN_COLUMNS = ("报送期", "亮灯", "定格", "说明")
BEHIND_COLUMNS = ("编号", "序号", "督办事项", "牵头单位", "自", "此前连续期数", "说明")
LIGHT_GROUPS = {"list": "清单", "section": "类别", "lead": "牵头单位"}
NO_LIGHT = "未判定"
SINCE = "自{day}起；此前已连续{count}期亮黄灯或红灯"
