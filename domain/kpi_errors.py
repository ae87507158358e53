"""Errors of KPI targets and their readings."""

from domain.errors import Conflict, RuleViolation


class KpiBaseMissing(RuleViolation):
    """An average growth needs the value that it grows from; a missing one is never taken for zero."""

    code = "kpi_base_missing"


class KpiDatesReversed(RuleViolation):
    """The target date lies after the date from which is counted."""

    code = "kpi_dates_reversed"


class KpiSourceMissing(RuleViolation):
    """A figure without a source proves nothing."""

    code = "kpi_source_missing"


class KpiValueOutOfRange(RuleViolation):
    """A share lies between 0 and 100, a count is a whole number, a sum is not negative."""

    code = "kpi_value_out_of_range"


class KpiReadingInFuture(RuleViolation):
    """A reading tells what was."""

    code = "kpi_reading_in_future"


class KpiReadingBeforeBase(RuleViolation):
    """A reading lies after the date from which is counted."""

    code = "kpi_reading_before_base"


class KpiReadingNotFullYear(RuleViolation):
    """An average of years is measured at the end of whole years."""

    code = "kpi_reading_not_full_year"


class KpiEvidenceUnrelated(RuleViolation):
    """Evidence of an item that has nothing to do with the target."""

    code = "kpi_evidence_unrelated"


class KpiNotAnItemTarget(RuleViolation):
    """The import read no target in that item."""

    code = "kpi_not_an_item_target"


class KpiReadingOutsidePeriod(RuleViolation):
    """A unit answers with a figure of a day that it was not asked for."""

    code = "kpi_reading_outside_period"


class KpiRhythmUnfit(RuleViolation):
    """An average growth is measured over whole years, so it can only be due yearly."""

    code = "kpi_rhythm_unfit"


class KpiProofMissing(RuleViolation):
    """A reported figure has no evidence."""

    code = "kpi_proof_missing"


class KpiReporterUnfit(RuleViolation):
    """The unit has ended, or nobody in it could report and sign."""

    code = "kpi_reporter_unfit"


class KpiReporterMissing(RuleViolation):
    """Nobody is named who reports the target's figures."""

    code = "kpi_reporter_missing"


class KpiAlreadyAsked(Conflict):
    """The figure of that day was asked for already, or an earlier request by hand is still open."""

    code = "kpi_already_asked"


class KpiRequestEnded(Conflict):
    """The request has ended, so that it can no longer be withdrawn."""

    code = "kpi_request_ended"
