"""Errors of deadlines, of their clock, and of the processes that change them."""

from domain.errors import RuleViolation


class SideProcessRunning(RuleViolation):
    """One process of a kind at a time per item."""

    code = "side_process_running"


class SideProcessUnknown(RuleViolation):
    """No process of that name is started by hand."""

    code = "side_process_unknown"


class NothingToExtend(RuleViolation):
    """The item has no date."""

    code = "nothing_to_extend"


class ExtensionTooLate(RuleViolation):
    """An extension is applied for before the due date only (domain notes, section 8)."""

    code = "extension_too_late"


class ExtensionUsedUp(RuleViolation):
    """At most two extensions (domain notes, section 8)."""

    code = "extension_used_up"


class ExtensionTooLong(RuleViolation):
    """All extensions together are at most six months (domain notes, section 8)."""

    code = "extension_too_long"


class NewDateNotLater(RuleViolation):
    """A new date lies after the one it replaces, and not in the past."""

    code = "new_date_not_later"


class ItemSuspended(RuleViolation):
    """The clock stands still already."""

    code = "item_suspended"


class NotSuspended(RuleViolation):
    """There is no suspension to end."""

    code = "not_suspended"


class ResumesInPast(RuleViolation):
    """A suspension ends after today."""

    code = "resumes_in_past"


class NotConditional(RuleViolation):
    """A trigger is recorded for a deadline that waits for the higher level, or for a suspended item."""

    code = "not_conditional"


class TriggerNeedsDate(RuleViolation):
    """The document's words do not say how the date follows from the trigger, so the office names it."""

    code = "trigger_needs_date"


class NewTargetNotOpen(RuleViolation):
    """A date that accepts a breakthrough is met by one or the other; only one that is striven for gets a new target."""

    code = "new_target_not_open"


class NewLeadUnknown(RuleViolation):
    """The registry has no unit of that name."""

    code = "new_lead_unknown"


class AlreadyLead(RuleViolation):
    """The new lead leads already, or the unit to be replaced does not."""

    code = "already_lead"


class NotHistorical(RuleViolation):
    """Only an item that was taken over as history is taken up on purpose."""

    code = "not_historical"
