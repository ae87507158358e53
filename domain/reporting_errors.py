"""Errors of reporting: drafts, the rhythm of a list, report sheets."""

from domain.errors import Conflict, RuleViolation, TooLarge


class StaleDraft(Conflict):
    """Somebody of the unit saved the draft since the actor looked at it."""

    code = "stale_draft"


class DraftTooLarge(TooLarge):
    """The draft holds more than a form ever does."""

    code = "draft_too_large"


class RhythmInvalid(RuleViolation):
    """The rule of a list's reports asks for nothing, or contradicts itself; `field`, `problem` and
    `reason` say where."""

    code = "rhythm_invalid"


class SheetChanged(Conflict):
    """More rows of the sheet wait now than the actor decided about; `numbers` names their items."""

    code = "sheet_changed"


class SheetOvertaken(Conflict):
    """Some rows were changed or completed meanwhile; `rows` says which and how. Nothing of the act was carried out."""

    code = "sheet_overtaken"


class SheetRowsRefused(RuleViolation):
    """Some rows are not complete, or their decision is not allowed; `rows` says which and why. Nothing was done."""

    code = "sheet_rows_refused"


class SheetWaits(RuleViolation):
    """Rows of the sheet still wait for co-units, and it was not said that they shall follow later."""

    code = "sheet_waits"


class SheetTwice(RuleViolation):
    """A row stands in the act twice."""

    code = "sheet_twice"


class NotPreliminary(RuleViolation):
    """Unsigned figures are sent ahead only of a report that waits for its signature."""

    code = "not_preliminary"
