"""Sentences about what people set up for themselves."""

MESSAGES: dict[str, str] = {
    "too_many_filters": "常用筛选最多保存{most}个。请先删去不用的，再保存。",
    "session_required": "个人令牌不能用来新建令牌。请用登录名和密码登录后，在“我的账号”中新建。",
}
