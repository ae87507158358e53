"""Sentences about documents that are drawn, numbered and kept."""

MESSAGES: dict[str, str] = {
    "too_many_attachments": "这份文件要附{count}个文件、共{megabytes} MB，"
    "超过上限（{limit}个、{limit_megabytes} MB），没有生成。"
    "请只附最主要的佐证材料，或分成几份。",
    "attachment_changed": "附件“{name}”的内容与登记时不一致，没有生成文件，原有记录不变。"
    "请联系系统管理员核查该材料，或重新上传后再生成。",
    "attachment_missing": "附件“{name}”的内容暂时取不到，没有生成文件。请联系系统管理员核查，记录没有丢失。",
    "document_address_refused": "文件内容引用了外部地址“{address}”，为安全起见没有生成。请去掉该引用后再试。",
    "document_characters_unprintable": "文件中有字库里没有的字：{characters}。没有生成文件，"
    "请改用通行的写法或联系系统管理员补充字库。",
    "document_content_refused": "文件的内容不完整或格式不对（{what}），没有生成。请联系系统管理员。",
    "document_fonts_missing": "缺少排版所需的字体或程序库（{what}），暂时不能生成文件。"
    "请系统管理员运行 scripts/fonts 后再试。",
    "document_renderer_failed": "这份文件过大，排版程序中途停止，没有生成，其他内容不受影响。"
    "请减少内容后再试，或联系系统管理员。",
    "document_took_too_long": "这份文件排版超过{seconds}秒仍未完成，已停止，没有生成，其他内容不受影响。"
    "请减少内容后再试。",
    "document_issued_took_too_long": "这份文件排版超过{seconds}秒仍未完成，已停止；文件已经定稿，"
    "文号和内容都在，不受影响。"
    "请稍后再试；仍不行请系统管理员查看日志。附件多的案卷，可以另制一份不附文件的。",
    "document_issued_not_drawn": "这份文件过大，排版程序中途停止；文件已经定稿，文号和内容都在，不受影响。"
    "请稍后再试；仍不行请系统管理员增加内存。附件多的案卷，可以另制一份不附文件的。",
    "document_file_took_too_long": "这个文件超过{seconds}秒还没有查验完，已停止。本系统印发的文件几秒就能查完："
    "请核对是不是选错了文件，或者向印发单位索取原件。",
    "document_file_not_read": "这个文件无法读取，查验中途停止，其他内容不受影响。"
    "请核对是不是选错了文件，或者向印发单位索取原件。",
    "document_renderer_busy": "正在生成的文件较多，没有轮到这一份。请几分钟后再试。",
    "document_not_archivable": "生成的文件没有通过长期保存格式（PDF/A）检查，没有采用。请联系系统管理员。",
    "document_pattern_refused": "文号格式“{pattern}”不能用。格式中必须有{{number}}（序号），可以有{{year}}（年份），"
    "例如“滨示督〔{{year}}〕{{number}}号”。",
    "document_not_found_here": "没有找到这份文件，或者您没有查看权限。请核对编号。",
    "document_withdrawn": "这份文件已于{withdrawn_on}撤回。请刷新查看。",
    "document_series_unknown": "没有名为“{series}”的文号序列。请先在文号设置中添加。",
}

SERIES_WORDS: dict[str, tuple[str, str]] = {
    "notice": ("通知", "{office}督〔{year}〕{number}号"),
    "supervision_order": ("督办单", "{office}督单〔{year}〕{number}号"),
    "reminder_letter": ("提醒函", "{office}提〔{year}〕{number}号"),
    "circular": ("通报", "{office}通〔{year}〕{number}号"),
    "letter": ("函", "{office}函〔{year}〕{number}号"),
    "minutes": ("纪要", "{office}纪〔{year}〕{number}号"),
    "report": ("报告", "{office}报〔{year}〕{number}号"),
    "bulletin": ("简报", "第{number}期"),
    "special_report": ("专报", "专报第{number}期"),
    "replication_batch": ("复制推广通知", "{office}推〔{year}〕{number}号"),
    "national_report": ("报送国家", "{office}呈〔{year}〕{number}号"),
    "dossier": ("案卷", "{office}案〔{year}〕{number}号"),
    "evaluation": ("评价通报", "{office}评〔{year}〕{number}号"),
    "evaluation_record": ("评价材料", "{office}评档〔{year}〕{number}号"),
    "assessment": ("评估报告", "{office}估〔{year}〕{number}号"),
}
"""What each series of documents is called, and how its numbers are printed until the office says otherwise."""

ORDER_HEAD = "{office}文件"
ORDER_TITLES: dict[str, str] = {
    "urge_notice": "关于抓紧办理第{number}项任务的催办通知",
    "reminder_letter": "关于加快推进第{number}项任务的提醒函",
    "supervision_order": "关于督促办理第{number}项任务的督办单",
    "red_supervision_order": "关于限期办理第{number}项任务的红色督办单",
}
ORDER_MESSAGE = "已印发《{title}》（{mark}），请查收并按要求反馈。"
RED_GRADE = "红色"
