"""Sentences about what people set up for themselves."""

MESSAGES: dict[str, str] = {
    "too_many_filters": "常用筛选最多保存{most}个。请先删去不用的，再保存。",
    "unit_name_unknown": "单位名录中没有“{unit}”。请写名录中的名称，几个单位用顿号隔开；名录缺的先补进名录。",
    "day_missing": "还没有选日期。请选好日期再送出。",
    "session_required": "个人令牌不能用来新建令牌。请用登录名和密码登录后，在“我的账号”中新建。",
}
