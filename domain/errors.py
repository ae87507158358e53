"""Errors the rules raise. Each carries a stable `code`; `domain.messages` has the sentence a user reads.

The HTTP status is decided once, in `api.problems`; the CLI prints the sentence and exits with 2.
"""

from typing import ClassVar
from uuid import UUID


class DomainError(Exception):
    """A request that the rules refuse.

    `detail` is for the log. `facts` fill the placeholders of the user's sentence and travel in the problem
    document, so they hold plain values a user may see.
    """

    code: ClassVar[str] = "domain_error"

    def __init__(self, detail: str = "", **facts: object) -> None:
        super().__init__(detail or self.code)
        self.facts = facts
        # Set by the executor: what the refused command was about.
        self.subject_id: UUID | None = None


class NotFound(DomainError):
    """The object does not exist, or the actor may not know that it does."""

    code = "not_found"


class PermissionDenied(DomainError):
    """The actor sees the object and may not do this to it."""

    code = "permission_denied"


class NotSignedIn(DomainError):
    """No valid session or token came with the request."""

    code = "not_signed_in"


class Conflict(DomainError):
    """Something changed since the actor looked."""

    code = "conflict"


class RuleViolation(DomainError):
    """The request contradicts a rule of the field."""

    code = "rule_violation"


class TooLarge(DomainError):
    """The request carries more than the limit."""

    code = "too_large"


class TooManyRequests(DomainError):
    """The actor asks faster than the limit."""

    code = "too_many_requests"


class Unavailable(DomainError):
    """A part of the system does not answer now; nothing was changed."""

    code = "unavailable"


class TookTooLong(Unavailable):
    """The database stopped the work at its time limit; nothing was changed."""

    code = "took_too_long"


class FateUnknown(Unavailable):
    """The database went away at the commit and did not come back in time: the change is there wholly or not at all."""

    code = "fate_unknown"


class AnswerLost(Conflict):
    """The change is there, and its answer was lost with the connection. To do it again would be a mistake."""

    code = "answer_lost"


class SignInFailed(NotSignedIn):
    """Login and password do not belong together, or the account cannot sign in now. Which of them is not said."""

    code = "sign_in_failed"


class NoRole(PermissionDenied):
    """The person is signed in and holds no role today: they left, or do not begin before a later day."""

    code = "no_role"


class CsrfFailed(PermissionDenied):
    """A write came with the cookie but without the session's CSRF token."""

    code = "csrf_failed"


class WrongPassword(RuleViolation):
    """The current password that confirms a change is not the right one."""

    code = "wrong_password"


class WeakPassword(RuleViolation):
    """The new password breaks the rule named by `problem`."""

    code = "weak_password"


class LinkUnusable(RuleViolation):
    """A one-time link that is unknown, was used, has expired, or belongs to a disabled account."""

    code = "link_unusable"


class NoAccount(RuleViolation):
    """The person has no login."""

    code = "no_account"


class OwnAccount(RuleViolation):
    """Nobody disables the account they work with: the last administrator would be gone."""

    code = "own_account"


class InvalidCursor(RuleViolation):
    """A page's cursor that was not given out for this list and order."""

    code = "invalid_cursor"


class CandidateDecided(Conflict):
    """Somebody decided what the printed name of a unit means."""

    code = "candidate_decided"


class UnstorableValue(RuleViolation):
    """A text with a character that no database stores (NUL), or a number beyond every range."""

    code = "unstorable_value"


class RowsRefused(RuleViolation):
    """Rows of a spreadsheet are wrong, so nothing of it was written; `rows` has their numbers and reasons."""

    code = "rows_refused"


class StaleVersion(Conflict):
    """The version the actor looked at is not the newest."""

    code = "stale_version"


class WorkItemClosed(Conflict):
    """Somebody completed the work item, or the process moved on without it."""

    code = "work_item_closed"


class RowLocked(Conflict):
    """Another command holds the row for longer than the lock timeout."""

    code = "row_locked"


class IdempotencyMismatch(Conflict):
    """The key was used before, for another request."""

    code = "idempotency_mismatch"


class AlreadyExists(Conflict):
    """A unique value is taken."""

    code = "already_exists"


class NotWaiting(Conflict):
    """The process instance does not wait for this message."""

    code = "not_waiting"


class InvalidDecision(RuleViolation):
    """The step does not offer this decision."""

    code = "invalid_decision"


class InvalidForm(RuleViolation):
    """The form does not satisfy its schema; `problems` lists every field with its fault."""

    code = "invalid_form"


class InvalidReturn(RuleViolation):
    """The step cannot be returned there."""

    code = "invalid_return"


class ReasonMissing(RuleViolation):
    """A return needs a reason code and words."""

    code = "reason_missing"


class EvidenceMissing(RuleViolation):
    """The step needs at least one piece of evidence."""

    code = "evidence_missing"


class OwnSubmission(PermissionDenied):
    """No person approves what they submitted (domain notes, invariant 6)."""

    code = "own_submission"


class BreakthroughNotAllowed(RuleViolation):
    """Only a deadline that accepts a breakthrough can be met by one."""

    code = "breakthrough_not_allowed"


class BlockingFlags(RuleViolation):
    """An item with an open blocking flag cannot be issued."""

    code = "blocking_flags"


class LeadMissing(RuleViolation):
    """No item is issued without a lead, a declared joint lead, or a named collecting unit (invariant 1)."""

    code = "lead_missing"


class OpenListNotClosed(RuleViolation):
    """An open list of units has to be closed before the item is issued."""

    code = "open_list_not_closed"


class GroupNotExpanded(RuleViolation):
    """A group of units has to be turned into its members before the item is issued."""

    code = "group_not_expanded"


class UnitNotConfirmed(RuleViolation):
    """A responsible unit is printed that the registry does not know yet."""

    code = "unit_not_confirmed"


class WrongStatus(Conflict):
    """The object is in a status that does not allow this."""

    code = "wrong_status"


class NobodyResponsible(RuleViolation):
    """A step would open for nobody: no responsible unit for it."""

    code = "nobody_responsible"


class RolesMixed(RuleViolation):
    """System, security and audit administrators are different people and do no business (GB/T 22239-2019, 8.1.4.2)."""

    code = "roles_mixed"


class AmbiguousReference(RuleViolation):
    """The first characters of an id fit more than one."""

    code = "ambiguous_reference"


class NoOffice(RuleViolation):
    """The actor does this for no office, or for several of which none is named."""

    code = "no_office"
