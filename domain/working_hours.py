"""Working hours of a day, as data: when an office is open, from which day on."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise

from domain.calendar_errors import InvalidWorkingHours

MICROSECOND = timedelta(microseconds=1)
Span = tuple[time, time]


def of_day(at: time) -> int:
    """Microseconds since the local midnight."""
    return ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000_000 + at.microsecond


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The spans of a working day from `valid_from` on, in local time: in order, apart from each other.

    Raises InvalidWorkingHours.
    """

    valid_from: date
    spans: tuple[Span, ...]

    def __post_init__(self) -> None:
        """Refuse what is no working day: empty, turned round, or overlapping spans."""
        if not self.spans:
            raise InvalidWorkingHours("no span", spans="")
        turned = any(start >= end for start, end in self.spans)
        overlapping = any(before[1] > after[0] for before, after in pairwise(self.spans))
        if turned or overlapping:
            raise InvalidWorkingHours(str(self), spans=str(self))

    def __str__(self) -> str:
        """As people write them: 08:30-12:00, 14:00-17:30."""
        return ", ".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in self.spans)

    @property
    def length(self) -> int:
        """The working time of one day, in microseconds."""
        return sum(of_day(end) - of_day(start) for start, end in self.spans)

    def elapsed(self, since_midnight: int) -> int:
        """How much of the day's working time has passed at that moment, both in microseconds."""
        return sum(max(0, min(since_midnight, of_day(end)) - of_day(start)) for start, end in self.spans)

    def moment(self, elapsed: int, *, latest: bool) -> int:
        """When so much of the day's working time has passed: the inverse of `elapsed`.

        At the edge of a break two moments fit: its beginning, or with `latest` its end.
        """
        left = elapsed
        for start, end in self.spans:
            length = of_day(end) - of_day(start)
            if left < length or (left == length and not latest):
                return of_day(start) + left
            left -= length
        return of_day(self.spans[-1][1])


USUAL_HOURS = WorkingHours(date.min, ((time(8, 30), time(12)), (time(14), time(17, 30))))
"""What holds where an office has set nothing else: the usual day of a government office."""
