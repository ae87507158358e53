"""Sentences about bulletins, and the words with which one is drafted from its data."""

MESSAGES = {
    "bulletin_returned_twice": "核稿已经退回{most}次，不能再退。请直接改定文稿后通过，意见不一致的报签发人定。",
    "bulletin_not_open": "本期已经签发或者不再编发，文稿、名单不能再改。要更正的，请另发一期更正。",
    "bulletin_text_elsewhere": "文稿现在不在编辑或者核稿环节，不能改。需要修改的，请先退回编辑。",
    "bulletin_text_changed": "文稿已有更新的第{current}稿，您看的是第{seen}稿。请打开最新一稿，把改动并进去再保存。",
    "bulletin_empty": "文稿没有标题或者没有正文，不能送核稿。请写好并保存后再送。",
    "bulletin_without_recipients": "还没有定发送范围。请先写明报、送、发的单位，再送核稿。",
    "bulletin_day_ahead": "数据只能截至今天以前的日期，起始日不能晚于截至日。请改日期后再编发。",
    "bulletin_month_taken": "{month}的简报已经有了，一个月编一期。请在原来的一期上办理，或者另编专报、通报。",
    "bulletin_not_issued": "只有已经印发、没有撤回的才能更正、撤回或者登记发送。请核对期次。",
    "bulletin_recipient_unknown": "发送名单上没有系统外单位“{name}”。请核对名称。",
}

TITLES = {
    "brief": "{year}年{month}月试点任务推进情况",
    "special": "关于{subject}的专报",
    "circular": "关于{subject}的通报",
    "correction": "关于更正《{title}》（{mark}）的说明",
    "delivery": "《{title}》（{mark}）",
    "recall": "撤回《{title}》（{mark}）",
}
"""Titles, by the kind of the bulletin or of the matter about it."""

MASTHEADS = {"brief": "工作简报", "special": "工作专报", "circular": "通报"}

HEADINGS = {
    "overall": "一、总体情况",
    "completed": "二、本期办结",
    "behind": "三、需要加快的任务",
    "contributed": "四、单位动态",
    "matter": "一、基本情况",
    "attention": "二、需要关注的问题",
    "asked": "三、提请研究事项",
    "done_well": "一、推进情况",
    "lagging": "二、进展滞后的任务",
    "demands": "三、下一步要求",
}

DRAFT = {
    "overall": "截至{as_of}，列入督办的任务共{total}项，其中已办结{done}项，推进中{open}项。",
    "lights": "按亮灯规则判定，绿灯{green}项，黄灯{yellow}项，红灯{red}项；暂停、待触发等不亮灯的{grey}项。",
    "happened": "{from_on}以来，新交办{issued}项，办结{completed}项，审核通过进展报告{reported}份。",
    "cases": "本期形成复制推广案例{cases}个。",
    "completed": "{number}　{text}（{leads}，{on}办结）。",
    "none_completed": "本期没有办结的任务。",
    "behind": "{number}　{text}（{leads}）：{words}。",
    "none_behind": "没有黄灯、红灯任务。",
    "contributed": "{unit}：{text}",
    "matter": "截至{as_of}，督办任务共{total}项，已办结{done}项；红灯{red}项，黄灯{yellow}项。",
    "red_units": "红灯任务涉及{units}。",
    "no_red": "目前没有红灯任务。",
    "asked": "请研究{number}项任务的推进问题，由{leads}说明原因、提出办法：{text}。",
    "asked_nothing": "没有须提请决定的事项。",
    "circular": "{from_on}至{as_of}，新交办任务{issued}项，办结{completed}项，审核通过进展报告{reported}份，通报如下。",
    "on_time": "{units}牵头的任务没有红灯、黄灯。",
    "lagging": "{leads}牵头的第{number}项：{text}。{words}。",
    "demand": "{units}要逐项查明原因，定出完成日期和责任人，经主要负责同志签发后报送；其他单位按期报送进展。",
    "demand_all": "各单位继续按期推进、按时报送进展。",
    "correction": "《{title}》（{mark}，{on}印发）有误，现更正如下，原期不再引用。",
    "day": "{day.year}年{day.month}月{day.day}日",
}
"""The sentences of a draft; figures come from the snapshot alone."""

MANNERS = {"reported": "报", "sent": "送", "issued": "发"}
NO_FIGURES = r"\d{4}年|\d{1,2}月|\d{1,2}日|第\d+[期条项号]|\d{4}-\d{2}-\d{2}"
"""Dates and ordinals: numbers that are no figures."""
SENTENCES = r"[^。；！？\n]+[。；！？\n]?"
"""A sentence, or what a semicolon parts from the next unit's."""
LEADS_JOINED = "、"
BULLETIN_COLUMNS = {
    "item_id": "编号",
    "mark": "期号",
    "kind_label": "种类",
    "title": "标题",
    "as_of": "截至",
    "issued_on": "印发",
    "receipts": "签收",
    "state": "状态",
}
STATES = {"open": "编发中", "issued": "已印发", "dropped": "不再编发", "withheld": "不宜印发", "withdrawn": "已撤回"}
RECIPIENT_COLUMNS = {
    "manner_label": "方式",
    "name": "收件单位",
    "how": "途径",
    "received_at": "签收时间",
    "recalled_at": "停用收回",
}
IN_SYSTEM, ON_PAPER = "系统", "纸质"
