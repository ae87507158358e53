"""Errors of reporting: drafts, the rhythm of a list, report sheets."""

from domain.errors import Conflict, TooLarge


class StaleDraft(Conflict):
    """Somebody of the unit saved the draft since the actor looked at it."""

    code = "stale_draft"


class DraftTooLarge(TooLarge):
    """The draft holds more than a form ever does."""

    code = "draft_too_large"
