"""Where cases and adoptions of 复制推广 stand, and how far a case reaches. The words are in `domain.messages`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class RangeKind(StrEnum):
    """How far a case is recommended (§1.4)."""

    CITY = "city"
    DISTRICTS = "districts"
    JJJ = "jjj"
    NATIONAL = "national"


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
