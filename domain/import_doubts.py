"""What a person still has to settle about an imported row, and how pressing it is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

LEAD_MISSING = "lead_missing"
OPEN_LIST = "open_list"
GROUP = "group"
UNIT_UNKNOWN = "unit_unknown"
JOINT_LEADS = 2


class DoubtLevel(StrEnum):
    """BLOCK keeps a row from being issued, CONFIRM asks a person to compare, INFO only tells what was done.

    CLEAR is a row without any of these.
    """

    BLOCK = "block"
    CONFIRM = "confirm"
    INFO = "info"
    CLEAR = "clear"


ORDER = tuple(DoubtLevel)
"""The most pressing first."""

ONLY_TOLD = frozenset(
    {
        "deadline_conditional",
        "kpi_baseline_missing",
        "measure_sequence",
        "number_gap",
        "section_inferred",
        "unit_renamed",
    }
)
"""Flags of the import that say what was done, where nothing can be wrong with it that a look would show."""


FLAG_WORDS: Mapping[str, str] = {
    "cell_unplaced": "有文字未归入任何一栏",
    "count_mismatch": "数目不符",
    "deadline_conditional": "时限附有条件",
    "deadline_missing": "缺少完成时限",
    "deadline_unreadable": "时限读不出",
    "group": "一组单位要逐个选定",
    "kpi_baseline_missing": "指标没有基数",
    "kpi_scope_ambiguous": "指标口径不明",
    "lead_missing": "没有定下牵头单位",
    "lead_not_stated": "未写明牵头",
    "measure_sequence": "措施编号不连续",
    "merged_row": "合并过的行",
    "number_duplicate": "序号重复",
    "number_gap": "序号不连续",
    "number_inferred": "序号系推定",
    "number_missing": "没有序号",
    "open_list": "单位有“等”",
    "section_inferred": "所属部分系沿用",
    "text_differs_from_body": "与正文不一致",
    "text_missing": "没有任务内容",
    "text_suspect": "文字可疑",
    "unit_noise": "单位栏有别的文字",
    "unit_renamed": "单位已改名",
    "unit_unknown": "单位不在名录里",
    "units_missing": "没有责任单位",
}
"""What each flag and each hindrance is called."""


@dataclass(frozen=True, slots=True)
class Lineup:
    """Who answers for a row now, as far as the rule of its issue asks (domain notes, invariant 1)."""

    leads: int
    joint_lead: bool
    collects: bool
    open_list: bool
    groups: bool
    unknown_units: bool
    members: bool


def level_of(code: str, *, blocking: bool, hindering: Collection[str] = ()) -> DoubtLevel:
    """How pressing an open flag is. What keeps the row from its issue (`hindering`) presses like a blocking flag."""
    if blocking or code in hindering:
        return DoubtLevel.BLOCK
    return DoubtLevel.INFO if code in ONLY_TOLD else DoubtLevel.CONFIRM


def hindrances(lineup: Lineup) -> tuple[str, ...]:
    """What about the units keeps the row from its issue: the same conditions that the issue itself checks."""
    found = []
    if lineup.open_list:
        found.append(OPEN_LIST)
    if lineup.groups:
        found.append(GROUP)
    if lineup.unknown_units:
        found.append(UNIT_UNKNOWN)
    leads_settled = (
        lineup.leads == 1 or (lineup.joint_lead and lineup.leads == JOINT_LEADS) or (lineup.leads and lineup.collects)
    )
    if not lineup.members and not lineup.groups and not leads_settled:
        found.append(LEAD_MISSING)
    return tuple(found)
