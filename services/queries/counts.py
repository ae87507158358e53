"""What every count answers with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of one value, and the word for it."""

    value: str
    label: str
    count: int
