"""Working days and hours: weekends and holidays with make-up days, as data.

The days off are the State Council's yearly notice; a unit may have days of its own besides. A year that no notice
covers is guessed from weekends alone, and every date computed with it is provisional until the notice is loaded.

The calendar keeps an index rather than walking days: how many working days there are up to a day is the number of
its weekdays, by arithmetic, corrected by the exceptions before it, by bisection.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import accumulate
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.working_hours import MICROSECOND, USUAL_HOURS, WorkingHours, of_day

LOCAL = ZoneInfo("Asia/Shanghai")
END_OF_DAY = time(0)

# Stands for "no limit" where an instant is needed for sorting. PostgreSQL's infinity has no Python value.
NO_LIMIT = datetime(9999, 12, 31, tzinfo=UTC)


def local_date(at: datetime) -> date:
    """The date in Asia/Shanghai of an aware instant."""
    return at.astimezone(LOCAL).date()


def end_of(day: date) -> datetime:
    """24:00 local time of `day`, in UTC: the end of a year runs out on 12-31 at 24:00."""
    return datetime.combine(day + timedelta(days=1), END_OF_DAY, LOCAL).astimezone(UTC)


def start_of(day: date) -> datetime:
    """00:00 local time of `day`, in UTC."""
    return datetime.combine(day, END_OF_DAY, LOCAL).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class DueDate:
    """A local date, and whether a year without a holiday notice took part in finding it."""

    day: date
    provisional: bool

    @property
    def at(self) -> datetime:
        """The instant at which it runs out, in UTC."""
        return end_of(self.day)


@dataclass(frozen=True, slots=True)
class DueInstant:
    """An instant in UTC, and whether a year without a holiday notice took part in finding it."""

    at: datetime
    provisional: bool


class CalendarUnit(StrEnum):
    """What a distance in time is counted in."""

    WORKING_DAYS = "working_days"
    WORKING_HOURS = "working_hours"
    DAYS = "days"
    HOURS = "hours"


_WEEK, _WORKED = 7, 5
_LAST = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class _Index:
    """Working days counted from year 1. `days` are the ordinals of the exceptions in order, `sums` what they and
    those before them add; `hours` are the working hours in order, the first from year 1, each with the working time
    before it in microseconds.
    """

    days: tuple[int, ...]
    sums: tuple[int, ...]
    hours: tuple[WorkingHours, ...]
    starts: tuple[int, ...]
    before: tuple[int, ...]

    @classmethod
    def of(cls, exceptions: Mapping[date, bool], hours: tuple[WorkingHours, ...]) -> "_Index":
        changed = sorted((day.toordinal(), working) for day, working in exceptions.items() if working != weekday(day))
        days = tuple(day for day, _ in changed)
        sums = tuple(accumulate((1 if working else -1 for _, working in changed), initial=0))
        known = sorted({each.valid_from: each for each in (USUAL_HOURS, *hours)}.items())
        found = cls(days, sums, tuple(each for _, each in known), tuple(day.toordinal() for day, _ in known), ())
        before = [0]
        for each, start, end in zip(found.hours, found.starts, found.starts[1:], strict=False):
            before.append(before[-1] + (found.worked(end - 1) - found.worked(start - 1)) * each.length)
        return cls(found.days, found.sums, found.hours, found.starts, tuple(before))

    def worked(self, day: int) -> int:
        """The working days up to and with `day`."""
        weeks, rest = divmod(day, _WEEK)
        return weeks * _WORKED + min(rest, _WORKED) + self.sums[bisect_right(self.days, day)]

    def nth(self, number: int, near: int) -> int:
        """The day that is the working day with this number; the search starts at the day `near`."""
        return self.first(lambda day: self.worked(day) >= number, near, number - self.worked(near))

    def first(self, reached: Callable[[int], bool], near: int, distance: int) -> int:
        """The first day for which `reached`, which must hold from then on; searched from `near` on, or with a negative
        `distance` up to `near`, first as far as so many working days usually are, then ever farther.

        Raises OverflowError beyond the years 1 to 9999.
        """
        span = abs(distance) * _WEEK // _WORKED + _WEEK
        if distance > 0:
            low, high = near + 1, min(near + span, _LAST)
            while high < _LAST and not reached(high):
                low, high, span = high + 1, min(high + 2 * span, _LAST), 2 * span
        else:
            low, high = max(near - span, 1), near
            while low > 1 and reached(low):
                low, high, span = max(low - 2 * span, 1), low, 2 * span
        found = bisect_left(range(low, high + 1), x=True, key=reached) + low
        if found > high or (found == 1 and distance <= 0):
            raise OverflowError("date value out of range")
        return found

    def hours_on(self, day: int) -> WorkingHours:
        return self.hours[bisect_right(self.starts, day) - 1]

    def time_before(self, day: int) -> int:
        """The working time before `day` begins, in microseconds."""
        place = bisect_right(self.starts, day) - 1
        counted = self.worked(day - 1) - self.worked(self.starts[place] - 1)
        return self.before[place] + counted * self.hours[place].length


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """`exceptions` maps a date to whether it is worked, where that differs from Monday to Friday.

    `covered_years` are the years whose notice is loaded; `hours` the working hours, each from its day on; `unit_days`
    the days on which a unit differs from the rest. Compute with `of(unit_id)` what that unit has to do.
    """

    exceptions: Mapping[date, bool] = field(default_factory=dict)
    covered_years: frozenset[int] = frozenset()
    hours: tuple[WorkingHours, ...] = ()
    unit_days: Mapping[UUID, Mapping[date, bool]] = field(default_factory=dict)
    _index: _Index = field(init=False, repr=False, compare=False)
    _units: "dict[UUID, WorkCalendar]" = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make the index that all arithmetic uses."""
        object.__setattr__(self, "_index", _Index.of(self.exceptions, self.hours))

    def of(self, unit_id: UUID | None) -> "WorkCalendar":
        """The calendar of a unit: the country's days overlaid with its own. None is the country's."""
        days = self.unit_days.get(unit_id) if unit_id is not None else None
        if unit_id is None or not days:
            return self
        found = self._units.get(unit_id)
        if found is None:
            found = WorkCalendar({**self.exceptions, **days}, self.covered_years, self.hours)
            self._units[unit_id] = found
        return found

    def is_working(self, day: date) -> bool:
        """Whether `day` is worked, by the notice or, outside the covered years, by the weekday."""
        return self.exceptions.get(day, weekday(day))

    def covers(self, one: date, other: date) -> bool:
        """Whether the notices of all years from one day's to the other's are loaded; in either order."""
        years = (one.year, other.year)
        return all(year in self.covered_years for year in range(min(years), max(years) + 1))

    def add_working_days(self, start: date, count: int) -> DueDate:
        """The `count`-th working day after `start`; `start` itself never counts (Civil Code, article 201).

        `count` is in working days and not negative; 0 gives `start` or, if that is a day off, the next working day.
        Raises OverflowError beyond the year 9999.
        """
        if count == 0 and self.is_working(start):
            return DueDate(start, not self.covers(start, start))
        near = start.toordinal()
        day = date.fromordinal(self._index.nth(self._index.worked(near) + max(count, 1), near))
        return DueDate(day, not self.covers(start, day))

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and with `end`; negative when `end` lies before `start`."""
        return self._index.worked(end.toordinal()) - self._index.worked(start.toordinal())

    def shift(self, at: datetime, amount: int, unit: CalendarUnit) -> DueInstant:
        """The instant that lies `amount` after `at`, or before it where negative. Raises OverflowError.

        Working days keep the local time of day; midnight is the end of a day, as for every limit. Time stands still
        on days off, so that what begins there counts from the last working day's end: Saturday noon and one working
        day is the end of Monday. Working hours end where the last of them ends, and begin, counted back, where the
        first begins. An amount of 0 moves only what lies in time off, to where working time begins.
        """
        if unit is CalendarUnit.DAYS:
            return DueInstant(at.astimezone(UTC) + timedelta(days=amount), provisional=False)
        if unit is CalendarUnit.HOURS:
            return DueInstant(at.astimezone(UTC) + timedelta(hours=amount), provisional=False)
        if unit is CalendarUnit.WORKING_HOURS:
            return self.add_working_time(at, timedelta(hours=amount))
        return self._shift_days(at, amount)

    def add_working_time(self, at: datetime, amount: timedelta) -> DueInstant:
        """The instant at which so much working time has passed since `at`, or is still to pass where negative."""
        index = self._index
        day = local_date(at).toordinal()
        target = self._time_at(at) + amount // MICROSECOND
        days = int(abs(amount) // MICROSECOND) // min(each.length for each in index.hours) + 2
        if amount > timedelta(0):
            found = index.first(lambda each: index.time_before(each + 1) >= target, day - 1, days)
        elif amount < timedelta(0):
            found = index.first(lambda each: index.time_before(each + 1) > target, day, -days)
        else:
            found = index.first(lambda each: index.time_before(each + 1) > target, day - 1, days)
        moment = index.hours_on(found).moment(target - index.time_before(found), latest=amount <= timedelta(0))
        return self._instant(at, date.fromordinal(found), moment)

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`, negative when `end` lies before `start`."""
        return (self._time_at(end) - self._time_at(start)) * MICROSECOND

    def is_working_at(self, at: datetime) -> bool:
        """Whether `at` lies within working hours; the instant at which they end does not."""
        local = at.astimezone(LOCAL)
        hours = self._index.hours_on(local.date().toordinal())
        return self.is_working(local.date()) and any(start <= local.time() < end for start, end in hours.spans)

    def _shift_days(self, at: datetime, amount: int) -> DueInstant:
        local = at.astimezone(LOCAL)
        day, moment = local.date(), of_day(local.time())
        if amount == 0 and self.is_working(day):
            return self._instant(at, day, moment)
        near = day.toordinal()
        before = self._index.worked(near - 1)
        if amount == 0:
            return self._instant(at, date.fromordinal(self._index.nth(before + 1, near)), 0)
        within = moment > 0 and self.is_working(day)
        target = self._index.nth(before + amount + (1 if within else 0), near - 1)
        return self._instant(at, date.fromordinal(target), moment if within else _DAY)

    def _time_at(self, at: datetime) -> int:
        """The working time from year 1 until `at`, in microseconds."""
        local = at.astimezone(LOCAL)
        day = local.date().toordinal()
        passed = self._index.time_before(day)
        return (
            passed + self._index.hours_on(day).elapsed(of_day(local.time()))
            if self.is_working(local.date())
            else passed
        )

    def _instant(self, start: datetime, day: date, moment: int) -> DueInstant:
        # The year that begins at a limit's midnight takes no part in it.
        first = local_date(start - MICROSECOND)
        at = start_of(day) + moment * MICROSECOND
        return DueInstant(at, not self.covers(first, day))


_DAY = timedelta(days=1) // MICROSECOND


def weekday(day: date) -> bool:
    """Whether it is Monday to Friday: what holds where nothing else is said of a day."""
    return day.weekday() < _WORKED
