"""What the demo's people write into the forms of the steps: about their item, and different from month to month."""

import zlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from domain.calendar import local_date

if TYPE_CHECKING:
    from app.demo.stage import ItemFacts

_SHORT = 30
_PLAN_WITHOUT_DEADLINE = timedelta(days=150)
_PROGRESS = (
    "已完成“{part}”的前期准备，相关材料已分送各方征求意见。",
    "“{part}”形成初稿，召开协调会两次，分歧由五处减为一处。",
    "“{part}”按节点推进，首批对象已进入试用，收到反馈十一条。",
    "“{part}”主体工作完成，正在整理佐证材料。",
)
_CONTRIBUTIONS = (
    "我单位承担的“{part}”相关数据已提供，并派员参加联合会商。",
    "涉及我单位的流程已简化两个环节，“{part}”可以按期衔接。",
)
_PROBLEMS = ("", "", "两家单位的统计口径尚未统一，拟下月对齐。", "")
_NEXT = ("下月完成征求意见。", "下月组织联调。", "下月开展一次现场核验。")
_FULL = 95
_PERCENT_A_MONTH = 11


def form_for(bpmn_id: str, decision: str | None, facts: "ItemFacts", at: datetime) -> Mapping[str, Any]:
    """The form of a step, filled in as somebody would who works on this item at that time."""
    writer = _WRITERS.get(bpmn_id)
    return writer(decision or "", facts, local_date(at)) if writer else {}


def part_of(facts: "ItemFacts", seed: int = 0) -> str:
    """A short name of one measure of the item, or of the item itself."""
    parts = facts.measures or (facts.text,)
    words = parts[seed % len(parts)].rstrip("。；;，,")
    for label in ("一是", "二是", "三是", "四是"):
        words = words.removeprefix(label)
    return words[:_SHORT]


def _pick(choices: tuple[str, ...], facts: "ItemFacts", day: date) -> str:
    return choices[(zlib.crc32(facts.number.encode()) + day.month) % len(choices)]


def _issue(_decision: str, facts: "ItemFacts", _day: date) -> Mapping[str, Any]:
    return {"requirements": f"请按清单第{facts.number}项抓紧办理，每月25日前报送进展。", "contact": "督办科 8801-1002"}


def _plan(_decision: str, facts: "ItemFacts", day: date) -> Mapping[str, Any]:
    parts = facts.measures or (facts.text[:_SHORT], "总结成效并报送佐证材料")
    end = facts.due_on if facts.due_on and facts.due_on > day else day + _PLAN_WITHOUT_DEADLINE
    step = max((end - day) // len(parts), timedelta(days=1))
    return {
        "goal": facts.text[:200],
        "milestones": [
            {
                "title": part_of(facts, n) if facts.measures else parts[n],
                "due_on": (day + step * (n + 1)).isoformat(),
                "evidence_planned": "印发文件、现场照片" if n % 2 else "会议纪要、工作台账",
            }
            for n in range(len(parts))
        ],
    }


def _contribution(_decision: str, facts: "ItemFacts", day: date) -> Mapping[str, Any]:
    return {
        "progress": _pick(_CONTRIBUTIONS, facts, day).format(part=part_of(facts, day.month)),
        "next_steps": _pick(_NEXT, facts, day),
    }


def _report(_decision: str, facts: "ItemFacts", day: date) -> Mapping[str, Any]:
    months = (day - facts.since).days // 30
    return {
        "percent": min(_FULL, 10 + months * _PERCENT_A_MONTH + zlib.crc32(facts.number.encode()) % 7),
        "progress": _pick(_PROGRESS, facts, day).format(part=part_of(facts, day.month)),
        "problems": _pick(_PROBLEMS, facts, day),
        "next_steps": _pick(_NEXT, facts, day),
    }


def _claim(decision: str, facts: "ItemFacts", _day: date) -> Mapping[str, Any]:
    if decision == "breakthrough":
        return {
            "summary": f"“{part_of(facts)}”已形成制度成果，首批对象受益，其余内容转入下一阶段。",
            "artefacts": [{"kind": "document_issued", "title": f"{part_of(facts)}工作规程"}],
            "next_goal": f"在全市范围落实“{part_of(facts, 1)}”。",
        }
    return {"summary": f"各项措施均已落实：{'；'.join(part_of(facts, n) for n in range(len(facts.measures) or 1))}。"}


def _review(decision: str, _facts: "ItemFacts", _day: date) -> Mapping[str, Any]:
    if decision != "approve":
        return {}
    return {"spot_checked": True, "spot_check_note": "现场查看并随机询问办事企业两家，情况属实。"}


def _settle(decision: str, facts: "ItemFacts", _day: date) -> Mapping[str, Any]:
    if decision == "clarify":
        return {"clarification": f"本项只涉及“{part_of(facts)}”，其余内容不在考核范围。"}
    return {"legal_basis": "已核对有关单位的职责规定。"}


def _meeting(_decision: str, _facts: "ItemFacts", day: date) -> Mapping[str, Any]:
    return {"meeting": "联席会议专题会议", "held_on": day.isoformat(), "minutes_number": f"专题纪要第{day.month}期"}


def _filing(_decision: str, facts: "ItemFacts", day: date) -> Mapping[str, Any]:
    return {"archive_number": f"{day.year}-DC-{facts.number}", "retention": "thirty_years", "location": "综合档案室2柜"}


_WRITERS = {
    "issue": _issue,
    "draft_plan": _plan,
    "contribute": _contribution,
    "consolidate": _report,
    "claim_completion": _claim,
    "review_completion": _review,
    "settle_send_back": _settle,
    "rule_on_send_back": _settle,
    "decide_by_meeting": _meeting,
    "file_item": _filing,
}
