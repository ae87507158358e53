"""The words in which a change of a whole task list is written."""

from enum import StrEnum

from domain.items import DeadlineKind, Strength


class ListAct(StrEnum):
    """What an entry does with items of the list, or with the list."""

    DEADLINE = "deadline"
    LEAD = "lead"
    WITHDRAW = "withdraw"
    TERMINATE = "terminate"
    ADD = "add"
    END = "end"


class NewClass(StrEnum):
    """The class of a deadline that an entry sets; all but ONGOING have a day."""

    FIRM = "firm"
    STRIVE = "strive"
    BREAKTHROUGH_OK = "breakthrough_ok"
    ONGOING = "ongoing"

    @property
    def kind(self) -> DeadlineKind:
        """Its normal form."""
        return DeadlineKind.ONGOING if self is NewClass.ONGOING else DeadlineKind.BY_DATE

    @property
    def strength(self) -> Strength | None:
        """How hard its day is."""
        return None if self is NewClass.ONGOING else Strength(self.value)


class EntryPart(StrEnum):
    """What an entry may say, as its form has it."""

    NUMBERS = "numbers"
    UNIT = "unit"
    TEXT = "text"
    DEADLINE = "deadline"
    DUE_ON = "due_on"
