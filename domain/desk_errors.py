"""Errors of the import desk: what a person has to say before a row counts as settled."""

from domain.errors import RuleViolation


class FlagNeedsWords(RuleViolation):
    """A blocking flag is settled by a correction, or by words that say why the row may stay as it is."""

    code = "flag_needs_words"


class OpenListNotDeclared(RuleViolation):
    """The units of a list that ends in 等 are changed, and nobody said that these are all."""

    code = "open_list_not_declared"
