"""Where cases and adoptions of 复制推广 stand, how far a case reaches, and the words for it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class RangeKind(StrEnum):
    """How far a case is recommended (§1.4)."""

    CITY = "city"
    DISTRICTS = "districts"
    JJJ = "jjj"
    NATIONAL = "national"


RANGE_NAMES: Final[Mapping[str, str]] = {
    RangeKind.CITY: "全市",
    RangeKind.DISTRICTS: "部分区和单位",
    RangeKind.JJJ: "京津冀",
    RangeKind.NATIONAL: "建议全国",
}


class CaseState(StrEnum):
    """Where a case stands, by the step that is open (P6 “状态”)."""

    NOMINATION = "nomination"
    FORMAL_CHECK = "formal_check"
    CONSULTATION = "consultation"
    EXPERTS = "experts"
    LEGALITY = "legality"
    MINISTRY = "ministry"
    CONFERENCE = "conference"
    PUBLICITY = "publicity"
    APPROVED = "approved"
    IMPLEMENTING = "implementing"
    EFFECT_CHECK = "effect_check"
    KEPT = "kept"
    REVISED = "revised"
    STOPPED = "stopped"
    NOT_ADOPTED = "not_adopted"
    REFUSED_BY_MINISTRY = "refused_by_ministry"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


STATE_NAMES: Final[Mapping[str, str]] = {
    CaseState.NOMINATION: "申报",
    CaseState.FORMAL_CHECK: "形式审查",
    CaseState.CONSULTATION: "部门会商",
    CaseState.EXPERTS: "专家评估",
    CaseState.LEGALITY: "合法性审查",
    CaseState.MINISTRY: "请示部委",
    CaseState.CONFERENCE: "联席会议审议",
    CaseState.PUBLICITY: "公示",
    CaseState.APPROVED: "待印发",
    CaseState.IMPLEMENTING: "落实中",
    CaseState.EFFECT_CHECK: "效果评估",
    CaseState.KEPT: "持续有效",
    CaseState.REVISED: "已修订",
    CaseState.STOPPED: "停止推广",
    CaseState.NOT_ADOPTED: "不予推广",
    CaseState.REFUSED_BY_MINISTRY: "部委不同意",
    CaseState.WITHDRAWN: "已撤回",
    CaseState.MERGED: "已合并",
}
STATE_OF_STEP: Final[Mapping[str, CaseState]] = {
    "nominate": CaseState.NOMINATION,
    "sign_nomination": CaseState.NOMINATION,
    "check_form": CaseState.FORMAL_CHECK,
    "plan_consultation": CaseState.CONSULTATION,
    "consult": CaseState.CONSULTATION,
    "send_second_letter": CaseState.CONSULTATION,
    "consult_again": CaseState.CONSULTATION,
    "settle_opinions": CaseState.CONSULTATION,
    "appoint_experts": CaseState.EXPERTS,
    "score": CaseState.EXPERTS,
    "check_legality": CaseState.LEGALITY,
    "request_ministry": CaseState.MINISTRY,
    "record_ministry_answer": CaseState.MINISTRY,
    "decide_range": CaseState.CONFERENCE,
    "publicize": CaseState.PUBLICITY,
    "check_effect": CaseState.EFFECT_CHECK,
    "confirm_effect": CaseState.EFFECT_CHECK,
    "revise_case": CaseState.EFFECT_CHECK,
}
STATE_AFTER: Final[Mapping[str, CaseState]] = {
    "kept": CaseState.KEPT,
    "revised": CaseState.REVISED,
    "stopped": CaseState.STOPPED,
    "stopped_by_notice": CaseState.STOPPED,
    "not_adopted": CaseState.NOT_ADOPTED,
    "refused_by_ministry": CaseState.REFUSED_BY_MINISTRY,
    "withdrawn": CaseState.WITHDRAWN,
    "merged": CaseState.MERGED,
}
BEFORE_ISSUE: Final = frozenset(
    {
        CaseState.NOMINATION,
        CaseState.FORMAL_CHECK,
        CaseState.CONSULTATION,
        CaseState.EXPERTS,
        CaseState.LEGALITY,
        CaseState.MINISTRY,
        CaseState.CONFERENCE,
        CaseState.PUBLICITY,
        CaseState.APPROVED,
    }
)
"""Until the batch is issued a case can be withdrawn or merged."""
IN_FORCE: Final = frozenset({CaseState.IMPLEMENTING, CaseState.EFFECT_CHECK})
"""While units take it up a case can be stopped by notice."""


class AdoptionState(StrEnum):
    """Where a unit stands with a case."""

    ASKED = "asked"
    ANSWERED = "answered"
    CARRYING_OUT = "carrying_out"
    ADOPTED = "adopted"
    ALREADY = "already_in_place"
    NOT_APPLICABLE = "not_applicable"
    CANCELLED = "cancelled"


ADOPTION_NAMES: Final[Mapping[str, str]] = {
    AdoptionState.ASKED: "待答复",
    AdoptionState.ANSWERED: "已答复待核",
    AdoptionState.CARRYING_OUT: "落实中",
    AdoptionState.ADOPTED: "已落实",
    AdoptionState.ALREADY: "已有",
    AdoptionState.NOT_APPLICABLE: "不适用",
    AdoptionState.CANCELLED: "已停止",
}
BATCH_COLUMNS: Final = ("序号", "改革事项", "主要内容及成效", "推广范围", "负责单位")
ACTS: Final[Mapping[str, str]] = {
    "withdraw": "撤回",
    "merge": "合并",
    "take_in": "并入另一案例",
    "stop": "停止推广",
    "report": "报送",
}
"""What is done to a case, as a refusal names it."""


def case_number(year: int, number: int) -> str:
    """The register's number of a case."""
    return f"推广\u3014{year}\u3015{number}号"
