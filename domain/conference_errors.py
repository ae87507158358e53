"""Errors of conferences and coordination."""

from domain.errors import RuleViolation


class AgendaEmpty(RuleViolation):
    """A meeting without a topic is not called."""

    code = "agenda_empty"


class AgendaElsewhere(RuleViolation):
    """The agenda is changed while it is being prepared."""

    code = "agenda_elsewhere"


class TopicTaken(RuleViolation):
    """A topic stands on one agenda."""

    code = "topic_taken"


class MeetingAhead(RuleViolation):
    """What is recorded of a meeting is recorded after it; a meeting is called for today or later."""

    code = "meeting_ahead"


class AttendanceMissing(RuleViolation):
    """A meeting was held by those who came."""

    code = "attendance_missing"


class MinutesMissing(RuleViolation):
    """Minutes are written before they are signed."""

    code = "minutes_missing"


class MinutesElsewhere(RuleViolation):
    """Minutes are changed while they are being drafted."""

    code = "minutes_elsewhere"


class MinutesChanged(RuleViolation):
    """Somebody saved a newer version of the minutes."""

    code = "minutes_changed"


class ResolutionWithoutLead(RuleViolation):
    """Each resolution says who leads."""

    code = "resolution_without_lead"
