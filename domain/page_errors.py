"""Errors of what people set up for themselves on the pages."""

from domain.errors import PermissionDenied, RuleViolation


class TooManyFilters(RuleViolation):
    """The person keeps as many filters of a page as there may be."""

    code = "too_many_filters"


class UnitNameUnknown(RuleViolation):
    """A unit is named in a form that the registry does not know."""

    code = "unit_name_unknown"


class DayMissing(RuleViolation):
    """A form needs a day and has none, or something that is no day."""

    code = "day_missing"


class SessionRequired(PermissionDenied):
    """A token asks for what only its owner may do, signed in: a stolen token must not make itself immortal."""

    code = "session_required"
