"""Errors of supervising items: who takes part, and what a step or an end asks of them."""

from domain.errors import RuleViolation


class PartyTwice(RuleViolation):
    """A unit would take part in an item twice: as lead and co-unit, or as two members of one group."""

    code = "party_twice"


class JointLeadNotTwo(RuleViolation):
    """A declared joint lead is one of two units (invariant 1)."""

    code = "joint_lead_not_two"


class CollectorNotLead(RuleViolation):
    """Who collects where each acts in its own duty is one of those units."""

    code = "collector_not_lead"


class SendBackContradicted(RuleViolation):
    """A send-back is settled by other leads, or upheld for the same ones; the decision says the other thing."""

    code = "send_back_contradicted"


class NotForOthers(RuleViolation):
    """A step of the office's own is not shared with another unit."""

    code = "not_for_others"


class RoundLimits(RuleViolation):
    """The co-units' parts would be due after the report that they go into."""

    code = "round_limits"


class NoMemberCompleted(RuleViolation):
    """A group whose members were all withdrawn or terminated is terminated, not closed (domain notes, section 8)."""

    code = "no_member_completed"
