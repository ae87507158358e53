"""The words of messages to people: headlines, reasons, how to answer. Layout is in `notifications/templates`."""

from domain.delivery import Channel, SendingState, Topic

HEADLINES: dict[str, str] = {
    Topic.ISSUED: "【督办】新交办事项，请签收：{what}",
    Topic.OPENED: "【督办】待办“{step}”：{what}",
    Topic.RETURNED: "【督办】退回，请重办“{step}”：{what}",
    Topic.CLOSED: "【督办】事项已销号：{what}",
    Topic.REMINDER: "【督办提醒】{step}{left}：{what}",
    Topic.URGE: "【催办】{step}{left}：{what}",
    Topic.ESCALATION: "【督办升级】{step}{left}：{what}",
    Topic.ACCOUNT: "【督办】账号通知",
    Topic.WITHDRAWN: "【督办】文件已撤回：{mark} {what}",
}
KINDS: dict[str, str] = {
    Topic.ISSUED: "新交办",
    Topic.OPENED: "待办",
    Topic.RETURNED: "退回重办",
    Topic.CLOSED: "已销号",
    Topic.REMINDER: "提醒",
    Topic.URGE: "催办",
    Topic.ESCALATION: "升级",
    Topic.ACCOUNT: "账号",
    Topic.WITHDRAWN: "文件撤回",
}
KIND_WITH_DOCUMENT = "{kind}（{document}）"
TAGS = {Topic.REMINDER: "【督办提醒】", Topic.URGE: "【催办】", Topic.ESCALATION: "【督办升级】"}
TAG = "【督办】"
DIGEST_HEADLINE = "{tag}{count}件事项：{first}等"
DIGEST_REASON = "以下{count}件事项请您办理或督促落实，按时限先后排列。"
DIGEST_COLUMNS = {"what": "督办事项", "kind": "类别", "step": "环节", "due": "时限"}
DIGEST_BESIDES = "另有{count}件请登录系统查看。"
DIGEST_FOOT = "本邮件由督办系统汇总发出，请勿直接回复。汇总方式可在系统的个人设置中调整。"
DIGEST_BRIEF = "{subject}。请登录系统查看办理。"

REASONS: dict[str, str] = {
    Topic.ISSUED: "{office}把这项任务交给{unit}，等待签收。",
    Topic.OPENED: "这项任务到了“{step}”环节，由{unit}办理。",
    Topic.RETURNED: "{after_unit}在“{after_step}”环节退回，由{unit}重新办理。退回的理由和意见请登录系统查看。",
    Topic.CLOSED: "{office}已将这项任务销号，感谢办理。",
    Topic.REMINDER: "{unit}的“{step}”{left}，特此提醒。",
    Topic.URGE: "{office}催办：{unit}的“{step}”{left}，请抓紧办理并报送。",
    Topic.ESCALATION: "{unit}的“{step}”{left}，按督办规则提请您关注并督促办理。",
    Topic.ACCOUNT: "管理员为您签发了{purpose}的一次性链接，请向管理员领取；链接三日内有效，只能使用一次。"
    "如果不是您本人申请，请立即告知安全管理员。",
    Topic.WITHDRAWN: "{office}撤回了发给{unit}的{mark}。撤回原因：{why}",
}
AFTER = "上一环节：{after_unit}“{after_step}”，{after_decision}。"
ITEM_DEADLINE = "完成时限"
PURPOSES = {"first_sign_in": "首次登录", "reset": "重设密码"}

ACTIONS: dict[str, str] = {
    Topic.ISSUED: "请登录系统签收；认为不属本单位职责的，请在系统中说明理由退回交办。",
    Topic.OPENED: "请登录系统办理。",
    Topic.RETURNED: "请登录系统查看意见，修改后重新报送。",
    Topic.CLOSED: "无需办理。",
    Topic.REMINDER: "请登录系统办理；确实不能按期完成的，请在到期前申请延期。",
    Topic.URGE: "请登录系统办理，或在系统中说明情况。",
    Topic.ESCALATION: "请登录系统查看办理情况，督促责任单位落实。",
    Topic.ACCOUNT: "请勿回复本邮件。",
    Topic.WITHDRAWN: "请停止使用和转发该文件，已经转发的请告知收件人。",
}

NO_LIMIT = ""
LEFT = "还有{days}天到期"
LEFT_TODAY = "今天到期"
LEFT_OVER = "已逾期{days}天"
LEFT_JUST_OVER = "已逾期"
DATE = "{year}年{month}月{day}日"
PROVISIONAL = "（暂定）"

FIELDS = {
    "list": "任务清单",
    "number": "序号",
    "text": "督办事项",
    "step": "环节",
    "unit": "责任单位",
    "period": "报送期",
    "due": "办理时限",
    "document": "文书",
    "words": "催办要求",
    "by": "催办人",
    "mark": "文号",
    "paper": "文件",
}

STATES: dict[str, str] = {
    SendingState.QUEUED: "待发送",
    SendingState.DEFERRED: "等待重试",
    SendingState.SENT: "已送达",
    SendingState.DEAD: "发送失败",
    SendingState.SKIPPED: "不再发送",
}
CHANNELS: dict[str, str] = {
    Channel.MAIL: "邮件",
    Channel.WEBHOOK: "回调接口",
    Channel.WECOM: "企业微信",
    Channel.DINGTALK: "钉钉",
    Channel.HTTP: "短信网关",
}
SKIPPED = {
    "overtaken": "事项已办理，不再通知",
    "left": "收件人已不在岗",
    "no_address": "收件人没有地址",
    "endpoint_off": "渠道已停用",
}
TEST_TITLE = "【督办】渠道测试"
TEST_TEXT = "这是一条测试消息。收到即表示渠道设置正确，无需回复。"

FEED_NAME = "督办时限（{name}）"
FEED_WORK = "{step}：{text}"
FEED_ITEM = "事项到期：{text}"
FEED_PROVISIONAL = "日期为暂定，待当年放假安排公布后调整。"

INBOX_COLUMNS = ("编号", "时间", "消息", "剩余")
DELIVERY_COLUMNS = ("编号", "时间", "渠道", "收件人", "地址", "状态", "次数", "对方答复")
ATTEMPT_COLUMNS = ("次", "开始", "结束", "结果", "对方答复", "Message-ID")
UNREACHABLE_COLUMNS = ("姓名", "单位", "角色", "电话")
ENDPOINT_COLUMNS = ("编号", "类别", "名称", "地址", "单位", "启用")
UNREAD = "未读{count}条"
