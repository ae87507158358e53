"""Facts with two times: since when something holds, and since when it is known."""

from enum import StrEnum


class FactKind(StrEnum):
    """What a fact is about, with the form of its value.

    PERCENT is the accepted share of the work that is done, a number from 0 to 100; its effective time is the end of
    the period that it reports. TRIGGERED says that the clock of a conditional deadline runs since then, with a text
    that names what triggered it. WAITING_FOR is the unit or authority that a suspended item waits for, a text, or null
    when it waits for nobody any more. STATE is what the sweep saw of the item's own row (`domain.lights.State`).
    """

    PERCENT = "percent"
    STATE = "state"
    TRIGGERED = "triggered"
    WAITING_FOR = "waiting_for"
