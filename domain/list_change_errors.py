"""Errors of changes of a whole task list."""

from domain.errors import RuleViolation


class ListChangeEmpty(RuleViolation):
    """A change has an entry at least."""

    code = "list_change_empty"


class ListChangeIncomplete(RuleViolation):
    """An entry does not say what it needs: numbers, unit, words, or the day of its class."""

    code = "list_change_incomplete"


class ListChangeNumberUnknown(RuleViolation):
    """The list has no such item."""

    code = "list_change_number_unknown"


class ListChangeNumberTwice(RuleViolation):
    """One change does one thing with an item: of two nobody could say which came first."""

    code = "list_change_number_twice"


class ListChangeItemEnded(RuleViolation):
    """An item that has ended is not changed; it is reopened, or goes on as a new one."""

    code = "list_change_item_ended"


class ListChangePaperMissing(RuleViolation):
    """What ends a task needs the document that revokes it (domain notes, section 8)."""

    code = "list_change_paper_missing"


class ListChangeWithEnd(RuleViolation):
    """A list that ends is not changed otherwise by the same change."""

    code = "list_change_with_end"


class ListChangeDayPast(RuleViolation):
    """A new day lies ahead."""

    code = "list_change_day_past"


class ListChangeUnitUnknown(RuleViolation):
    """The registry knows no unit of that name today."""

    code = "list_change_unit_unknown"


class ListChangeLeadAlready(RuleViolation):
    """The unit leads the item already, and alone."""

    code = "list_change_lead_already"


class ListChangeRunning(RuleViolation):
    """One change of a list is prepared at a time: a second would be written against what the first changes."""

    code = "list_change_running"


class ListNotInForce(RuleViolation):
    """A draft is corrected and an ended list is over: only an approved list is changed."""

    code = "list_not_in_force"


class ListWithoutEnd(RuleViolation):
    """The office's running list of instructions, meetings or typed-in items takes new ones for ever."""

    code = "list_without_end"
