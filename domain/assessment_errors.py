"""Errors of summary assessments: the group, the sample, grades, opinions, recommendations."""

from domain.errors import RuleViolation


class GroupTooSmall(RuleViolation):
    """A group has at least five members (domain notes, P3)."""

    code = "group_too_small"


class GroupEven(RuleViolation):
    """A group has an odd number of members, so that it can decide (domain notes, P3)."""

    code = "group_even"


class GroupWithoutDistrict(RuleViolation):
    """At least one member is a district (domain notes, P3)."""

    code = "group_without_district"


class GroupChairNotOne(RuleViolation):
    """A group has one chair."""

    code = "group_chair_not_one"


class GroupMemberTwice(RuleViolation):
    """A unit is a member once."""

    code = "group_member_twice"


class GroupMemberUnfit(RuleViolation):
    """Members are departments, districts and functional areas of the city; the office that organises is none."""

    code = "group_member_unfit"


class GroupUnitUnknown(RuleViolation):
    """The registry knows no unit of that name."""

    code = "group_unit_unknown"


class GroupWithoutAssessor(RuleViolation):
    """A unit without anybody in the role of an assessor could not assess."""

    code = "group_without_assessor"


class SubstituteOfOtherKind(RuleViolation):
    """A member that is lost is replaced by a unit of the same kind (domain notes, P3)."""

    code = "substitute_of_other_kind"


class NotAMember(RuleViolation):
    """Somebody is named as a member who is none."""

    code = "not_a_member"


class NothingToAssess(RuleViolation):
    """No item of these lists was issued by the end of the period, or none is left beside terminated and suspended."""

    code = "nothing_to_assess"


class SampleUnclear(RuleViolation):
    """The plan does not say how many items are drawn."""

    code = "sample_unclear"


class SampleNumberUnknown(RuleViolation):
    """An item that is named is not among those that can be assessed."""

    code = "sample_number_unknown"


class TooFewAssessors(RuleViolation):
    """Of the group fewer than three may assess an item: two would grade it, and nobody could when they differ."""

    code = "assessors_too_few"


class AssessorConflict(RuleViolation):
    """The unit leads the item, or led it in the period: it does not assess itself (invariant 6)."""

    code = "assessor_conflict"


class ViewGivenAlready(RuleViolation):
    """Two views of an item are independent: one person gives one of them, also where they act for two units."""

    code = "view_given_already"


class GradeNotOpen(RuleViolation):
    """A breakthrough meets a deadline only where the document accepts one."""

    code = "grade_not_open"


class NoticeTooShort(RuleViolation):
    """A field check that is announced is announced three days before (domain notes, P3)."""

    code = "notice_too_short"


class VisitInFuture(RuleViolation):
    """What was seen on the spot is reported afterwards."""

    code = "visit_in_future"


class NoQuorum(RuleViolation):
    """A meeting needs more than half of the members."""

    code = "no_quorum"


class MinorityAbsent(RuleViolation):
    """Who holds a minority opinion was at the meeting."""

    code = "minority_absent"


class NotInSample(RuleViolation):
    """The item was not assessed."""

    code = "not_in_sample"


class ReportNotIssued(RuleViolation):
    """A public version is made of the report that was issued."""

    code = "assessment_report_missing"


class ReportPublished(RuleViolation):
    """There is a public version already: a second beside it would leave open which one holds."""

    code = "assessment_report_published"


class RecommendationsOpen(RuleViolation):
    """The assessment is settled when each recommendation was taken up or dropped with a reason."""

    code = "recommendations_open"


class RecommendationSettled(RuleViolation):
    """It was taken up or dropped already."""

    code = "recommendation_settled"


class RecommendationEarly(RuleViolation):
    """What the group recommends is taken up when the conference has approved it and the report is issued."""

    code = "recommendation_early"


class RecommendationWayUnfit(RuleViolation):
    """A recommendation of this kind is not taken up in this way."""

    code = "recommendation_way_unfit"


class RecommendationUnitMissing(RuleViolation):
    """Nobody is named who would lead the new item or apply with the case."""

    code = "recommendation_unit_missing"


class RecommendationPaperMissing(RuleViolation):
    """An item is terminated by the document that revokes it (domain notes, section 8)."""

    code = "recommendation_paper_missing"


class RecommendationListUnclear(RuleViolation):
    """Several lists were assessed, and nobody has said which of them changes."""

    code = "recommendation_list_unclear"


class RecommendationReasonMissing(RuleViolation):
    """What the group recommends is dropped with a reason (domain notes, P3 step 11)."""

    code = "recommendation_reason_missing"


class AssessmentPeriodInvalid(RuleViolation):
    """A period ends after it began, and before it is assessed."""

    code = "assessment_period_invalid"
