"""Errors of KPI targets and their readings."""

from domain.errors import RuleViolation


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
