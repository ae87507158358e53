"""Periods at whose close lights are frozen: those of the list's reports, or else calendar months."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.calendar import WorkCalendar, end_of, local_date, start_of
from domain.rhythm import Rhythm

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Period:
    """A period by its key, such as 2027-03, with its bounds in UTC."""

    key: str
    starts_at: datetime
    closes_at: datetime


def month_of(at: datetime) -> Period:
    """The calendar month, in local time, that holds an instant."""
    day = local_date(at)
    first, next_first = date(day.year, day.month, 1), date(day.year + day.month // _MONTHS, day.month % _MONTHS + 1, 1)
    return Period(f"{first:%Y-%m}", start_of(first), start_of(next_first))


def closed_periods(
    rhythm: Rhythm | None, calendar: WorkCalendar, *, since: datetime, now: datetime
) -> Iterator[Period]:
    """The periods that closed after `since` and by `now`, the oldest first.

    A reporting period closes when it has ended and its report day has passed: a quarter that is reported on the 20th
    of the month after it is not judged before.
    """
    if rhythm is None:
        yield from closed_months(since, now)
        return
    for period in rhythm.periods(calendar):
        closes_at = max(end_of(period.ends_on), end_of(period.due_on))
        if closes_at > now:
            return
        if closes_at > since:
            yield Period(period.name, start_of(period.starts_on), closes_at)


def closed_months(since: datetime, now: datetime) -> Iterator[Period]:
    """The months that have closed by `now`, from the one that holds `since`; the oldest first."""
    period = month_of(since)
    while period.closes_at <= now:
        yield period
        period = month_of(period.closes_at)
