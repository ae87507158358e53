"""Errors of 复制推广: cases, experts, batches, adoptions."""

from domain.errors import RuleViolation


class AdoptionDateTooLate(RuleViolation):
    """A unit plans to take a case up after the date that the conference set."""

    code = "adoption_date_too_late"


class BatchIssued(RuleViolation):
    """An issued batch is not changed."""

    code = "batch_issued"


class BatchEmpty(RuleViolation):
    """A batch without a case is not issued."""

    code = "batch_empty"


class CaseNotApproved(RuleViolation):
    """Only what the conference approved goes into a batch."""

    code = "case_not_approved"


class CaseStateWrong(RuleViolation):
    """The case is not where this can be done."""

    code = "case_state_wrong"


class ClaimUnproven(RuleViolation):
    """A claim to be first has no evidence (domain notes, P6 edge cases)."""

    code = "claim_unproven"


class ConsentUnproven(RuleViolation):
    """A firm is said to agree to be named, and nothing shows it."""

    code = "consent_unproven"


class DossierTooLong(RuleViolation):
    """The case has more than 3000 characters (domain notes, P6 step 2)."""

    code = "dossier_too_long"


class DuplicateOpen(RuleViolation):
    """A case that is like a published one waits for a person's word before its batch is issued."""

    code = "duplicate_open"


class ExpertNotIndependent(RuleViolation):
    """An expert of the applicant's unit withdraws (domain notes, P6 step 5)."""

    code = "expert_not_independent"


class ExpertTwice(RuleViolation):
    """No two experts of one unit."""

    code = "expert_twice"


class FirmNotListed(RuleViolation):
    """The text names a firm that the list of firms does not have."""

    code = "firm_not_listed"


class FormalReturnUsedUp(RuleViolation):
    """The formal check returns once (domain notes, P6 step 3)."""

    code = "formal_return_used_up"


class MergeWithItself(RuleViolation):
    """A case is merged into another one of the same office."""

    code = "merge_with_itself"


class NoReplicationList(RuleViolation):
    """The document is a list of another kind: it has not the four columns."""

    code = "no_replication_list"


class PanelTooSmall(RuleViolation):
    """At least three experts score (domain notes, P6 step 5)."""

    code = "panel_too_small"


class ProofMissing(RuleViolation):
    """A unit says that it has what is recommended, and shows nothing."""

    code = "adoption_proof_missing"


class RangeWithoutUnits(RuleViolation):
    """Some districts are meant and none is named."""

    code = "range_without_units"


class ReportRunning(RuleViolation):
    """One report to the State Council's office at a time per case."""

    code = "report_running"


class UnitNotKnown(RuleViolation):
    """A form names a unit that the registry does not have."""

    code = "unit_not_known"
