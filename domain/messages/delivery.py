"""Sentences about messages, channels and calendar feeds."""

MESSAGES: dict[str, str] = {
    "not_resendable": "这条发送记录的状态是“{state}”，不需要重发。只有发送失败或等待重试的才能重发。",
    "endpoint_unreachable": "试着连接 {where} 没有成功：{reason}。设置没有保存，请核对地址、端口和网络后再保存。",
    "endpoint_refused": "{where} 拒绝了测试消息：{reason}。设置没有保存，请核对地址、密钥和机器人的安全设置后再保存。",
    "endpoint_forbidden": "{where} 指向 {address}，属于内部网络或本机地址，为安全起见不允许向那里发送。"
    "确有需要时请系统管理员把该网段加入 DUDAO_ALLOWED_NETWORKS，再保存。",
    "endpoint_invalid": "渠道的“{field}”不能使用：{reason}。请改正后再保存。",
    "feed_unknown": "这个日历地址不存在或已经停用。请在系统中重新生成。",
    "secrets_unreadable": "系统保存的密钥打不开：安装密钥被更换或丢失。"
    "请恢复原来的密钥（DUDAO_SECRET_KEY 或数据目录中的 secret.key），或重新保存各渠道的密钥。",
}
