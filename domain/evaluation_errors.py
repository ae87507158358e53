"""Errors of the evaluation of units: its scheme, its scores, who may give them, and when."""

from domain.errors import Conflict, PermissionDenied, RuleViolation


class SchemeRefused(RuleViolation):
    """The scheme does not add up or cannot be computed; `reason` names every fault with the sum that it gives."""

    code = "scheme_refused"


class SchemeFrozen(Conflict):
    """The criteria were frozen when the scheme was approved; they are changed by the next evaluation only."""

    code = "scheme_frozen"


class SchemeOut(Conflict):
    """The scheme is out for opinions or for approval: what members have before them is not changed under their eyes."""

    code = "scheme_out"


class NothingToEvaluate(RuleViolation):
    """The evaluation's period is not over, ends before it begins, or holds no unit with a task."""

    code = "nothing_to_evaluate"


class ScoreOutOfRange(RuleViolation):
    """A score that is below zero or above what its criterion has; `low` and `high` say what is allowed."""

    code = "score_out_of_range"


class CriterionUnknown(RuleViolation):
    """The scheme has no criterion, bonus, deduction or veto of this name that a person scores."""

    code = "criterion_unknown"


class ScoreMissing(RuleViolation):
    """A criterion that has to be scored by hand was left out."""

    code = "score_missing"


class FactUsedTwice(RuleViolation):
    """A deduction cites what was counted or deducted already: each fact is used once (domain notes, invariant 9)."""

    code = "fact_used_twice"


class FactNotCited(RuleViolation):
    """A tolerance or an objection names a fact that is not on the unit's sheet."""

    code = "fact_not_cited"


class ConflictOfInterest(PermissionDenied):
    """Nobody scores the unit that they belong to, and the office does not score the body that hosts it."""

    code = "conflict_of_interest"


class NotAPartner(RuleViolation):
    """A unit rates those with which it shared a task in the year, each once, and never itself."""

    code = "not_a_partner"


class TooFewAssessors(RuleViolation):
    """The body that hosts the office is scored by an assessment group, and none was named."""

    code = "too_few_assessors"


class SelfScoreReturned(RuleViolation):
    """A self-score is returned once at most (domain notes, P2)."""

    code = "self_score_returned"


class ScoresMissing(Conflict):
    """Units have not been scored yet, so nothing can be decided; `units` names them."""

    code = "scores_missing"


class UnitNotRanked(RuleViolation):
    """A unit belongs to none of the scheme's groups, or to more than one; `units` names them."""

    code = "unit_not_grouped"
