"""Errors of absences, reminders and the escalation ladder."""

from domain.errors import Conflict, RuleViolation


class AbsenceDates(RuleViolation):
    """The last day is before the first, or the days are over."""

    code = "absence_dates"


class AbsenceOverlaps(Conflict):
    """The person is away already on some of these days."""

    code = "absence_overlaps"


class AbsenceOver(Conflict):
    """It has ended or was called off: there is nothing left to change."""

    code = "absence_over"


class SubstituteUnfit(RuleViolation):
    """Who stands in is somebody else, and works in one of the person's units today."""

    code = "substitute_unfit"


class SubstituteAway(RuleViolation):
    """Who is to stand in is away on some of these days."""

    code = "substitute_away"


class OrderIssued(Conflict):
    """The document that this level asked for was issued before."""

    code = "order_issued"


class OrderUnknown(RuleViolation):
    """The document is none that is issued about one item."""

    code = "order_unknown"


class PolicyRefused(RuleViolation):
    """A policy has faults; the fact `rungs` lists code, level and reason of each."""

    code = "policy_refused"


class StepUnknown(RuleViolation):
    """No published process has such a step."""

    code = "step_unknown"


class UrgeWithoutWords(RuleViolation):
    """An urge by hand says what is asked for."""

    code = "urge_without_words"


class UrgedRecently(Conflict):
    """Everybody it would go to was urged by this office within a working day: say that it is meant."""

    code = "urged_recently"


class NobodyToUrge(Conflict):
    """Nothing is open there for which anybody could be urged."""

    code = "nobody_to_urge"
