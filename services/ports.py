"""What the use cases need from outside. `app.container` fills these; tests put a fixed clock in."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time, so that tests, demo and rehearsal can set it."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current instant in UTC."""
        return datetime.now(UTC)


class SetClock:
    """A clock that stands where it was put: for the demo's simulated months, and for tests."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """The instant it was put to."""
        return self.at
