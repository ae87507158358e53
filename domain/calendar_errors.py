"""Errors about the working calendar and its files."""

from domain.errors import RuleViolation


class InvalidWorkingHours(RuleViolation):
    """Working hours that are empty, turned round or overlapping; `spans` says which."""

    code = "invalid_working_hours"
