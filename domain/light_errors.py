"""Errors of lights and their rules."""

from domain.errors import NotFound, RuleViolation


class LightRulesRefused(RuleViolation):
    """The decision table of lights cannot be used: `reason` says in which row and why."""

    code = "light_rules_refused"


class LightRulesTooLate(RuleViolation):
    """A rule set would count for a time that has been judged already."""

    code = "light_rules_too_late"


class LightNotFrozen(NotFound):
    """There is no frozen light of this item for this period."""

    code = "light_not_frozen"


class LightNotJudged(RuleViolation):
    """What is recorded of an item cannot be judged by its list's rules; the log says why."""

    code = "light_not_judged"
