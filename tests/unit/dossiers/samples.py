"""One document of every kind, as the sample city would write it."""

from typing import Any

DAY = "2026-07-01"
HEAD = {"name": "滨海示范市开放办公室文件", "mark": "滨示督〔2026〕31号"}
SIGNATURE = {"unit": "滨海示范市开放办公室", "date": DAY}
IMPRINT = {"copies": ["市委办公室", "市监委"], "office": "滨海示范市开放办公室", "date": "2026-07-02"}
LETTERHEAD = {"name": "滨海示范市开放办公室", "mark": "滨示函〔2026〕7号"}
TEXT = (
    "截至6月底，清单共列任务28项，已办结9项。\n一、存在问题\n（一）重视不够。个别单位连续两期未按时报送进展。\n"
    "（二）材料不实。\n二、下一步要求\n各单位要对照清单逐项销号。"
)
TABLE = {
    "caption": "各单位办理情况",
    "columns": [{"title": "序号", "width": 10, "align": "center"}, "单位", {"title": "按期率", "align": "right"}],
    "rows": [[str(number), f"市第{number}局", f"{90 - number}%"] for number in range(1, 8)],
}
ORDER = {
    "number": "12",
    "text": "实现企业线上一次申报、部门并联审核，办理时间压缩至三个工作日以内。",
    "list_title": "滨海示范市扩大开放任务清单",
    "list_mark": "滨示办〔2026〕3号",
    "leads": ["市商务局"],
    "co_units": ["市财政局"],
    "due_on": "2026-06-15",
    "overdue_days": 12,
    "reported": "40%",
    "light": "红灯",
    "waiting": [{"unit": "市商务局", "step": "申请办结", "since": "2026-05-02"}],
    "reply_by": "2026-07-08",
}
_PEOPLE = [{"unit": "市商务局", "names": ["李昇", "王明"]}, {"unit": "市财政局", "names": ["陈晞"]}]

SAMPLES: dict[str, dict[str, Any]] = {
    "notice": {"title": "关于报送进展的通知", "head": HEAD, "addressee": "各成员单位", "text": TEXT},
    "circular": {
        "title": "关于二季度任务办理情况的通报",
        "head": HEAD | {"urgency": "特急", "secrecy": "内部", "copy_number": 3},
        "addressee": "各成员单位",
        "text": TEXT,
        "tables": [TABLE],
        "closing": "请各单位认真整改。",
    },
    "report": {
        "title": "关于进展情况的报告",
        "head": HEAD | {"signer": "程远航"},
        "addressee": "市人民政府",
        "text": TEXT,
    },
    "letter": {"title": "关于商请支持的函", "head": LETTERHEAD, "addressee": "北方某市商务局", "text": TEXT},
    "official_minutes": {
        "title": "第三次联席会议纪要",
        "head": {"name": "滨海示范市联席会议纪要", "mark": "〔2026〕3号"},
        "held": {"on": DAY, "place": "第一会议室", "chair": "副市长王喆"},
        "text": "一、关于数据共享\n由市数据局牵头，9月底前出台办法。",
        "present": _PEOPLE,
        "excused": [{"unit": "市科技局", "names": ["何某"]}],
    },
    "urge_notice": {"title": "关于第12项任务的催办通知", "head": HEAD, "addressee": "市商务局", "order": ORDER},
    "reminder_letter": {"title": "关于第12项任务的提醒函", "head": LETTERHEAD, "addressee": "市商务局", "order": ORDER},
    "supervision_order": {"title": "关于督办第12项任务的督办单", "head": HEAD, "addressee": "市商务局", "order": ORDER},
    "red_supervision_order": {
        "title": "关于第12项任务的红色督办单",
        "head": HEAD,
        "addressee": "市商务局",
        "order": ORDER | {"grade": "红色"},
    },
}


def sample(name: str) -> dict[str, Any]:
    """The content of that kind of document, with what all have."""
    common = {"dated": DAY, "signature": SIGNATURE, "imprint": IMPRINT}
    return (common if name != "official_minutes" else common | {"signature": None}) | SAMPLES[name]
