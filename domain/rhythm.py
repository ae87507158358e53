"""When a list's units report: periods, their report days, and when each is opened.

Monthly by the 25th, co-units by the 20th (Panjin, Ewenke), quarterly by the 20th of the first month after the quarter
(Wuhan, 2023 and 2025), every so many months, or on dates of one's own; see `domain.md` P1 step 4 and §5.2.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import count

from domain.calendar import WorkCalendar, end_of, start_of
from domain.messages.reporting import RHYTHM_PROBLEMS
from domain.reporting_errors import RhythmInvalid
from domain.telling import said

FEWEST_WORKING_DAYS = 3
"""A report that is asked for late, after an outage say, is still given so much time: nobody is late by our fault."""
MISSED = timedelta(days=31)
"""How long after its report day a report is still asked for: later the next one is near, and tells more."""
MOST_DATES = 120
LONGEST_LEAD = 28
YEARS = range(2000, 2101)
MONTHS = 12


class RhythmKind(StrEnum):
    """The two usual rhythms, one of so many months, and a list of dates."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    MONTHS = "months"
    DATES = "dates"


class DayOffRule(StrEnum):
    """A report day that is a day off moves to the last working day before it, the first one after, or it stays."""

    BEFORE = "before"
    AFTER = "after"
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class ReportDate:
    """A report day of a list of dates, and until when the co-units report; the same day if none is given."""

    due_on: date
    co_due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """One reporting period. All days are local, `provisional` that no holiday notice covers a report day."""

    name: str
    starts_on: date
    ends_on: date
    opens_on: date
    co_due_on: date
    due_on: date
    provisional: bool

    @property
    def as_of(self) -> datetime:
        """The instant (UTC) whose state the report tells: the period's end, or the report day if that is earlier."""
        return end_of(min(self.ends_on, self.due_on))

    def limits(self, now: datetime, today: date, calendar: WorkCalendar) -> tuple[datetime, datetime]:
        """Until when co-units and lead report (UTC) if they are asked now, in time or late."""
        due_at = max(end_of(self.due_on), calendar.add_working_days(today, FEWEST_WORKING_DAYS).at)
        co_due_at = end_of(self.co_due_on)
        if co_due_at <= now or self.due_on < today:
            co_due_at = max(co_due_at, calendar.add_working_days(today, FEWEST_WORKING_DAYS - 1).at)
        return min(co_due_at, due_at), due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """The rule of one list.

    The first period is the one that holds `starts_on`; none is asked for whose report day lies after `ends_on`, or
    that would be opened from `paused_from` up to and with `paused_until`. `due_day` and `co_due_day` are days of the
    month that lies `months_after` months after the period's last one; the 31st is the last day where there is none.
    `months` and `months_after` count for `MONTHS` only, `dates` for `DATES` only. A period is opened `opens_before`
    calendar days before the co-units' day. An item that is in progress for fewer than `joins_before` calendar days
    before the report day joins the next period. A suspended item is asked only if `ask_suspended` says so, which is
    how a "no change" report is collected. With `sheet` a unit's items of one period stand on one report sheet.
    """

    kind: RhythmKind
    starts_on: date
    ends_on: date | None = None
    due_day: int = 25
    co_due_day: int = 20
    months: int = 1
    months_after: int = 0
    dates: tuple[ReportDate, ...] = ()
    day_off: DayOffRule = DayOffRule.BEFORE
    opens_before: int = 10
    joins_before: int = 10
    paused_from: date | None = None
    paused_until: date | None = None
    ask_suspended: bool = False
    sheet: bool = True

    def check(self) -> None:
        """Raise RhythmInvalid, naming the field, for a rule that asks for nothing or contradicts itself."""
        self._check_days()
        if self.kind is RhythmKind.DATES:
            self._check_dates()
        elif self.dates:
            raise _invalid("dates", problem="dates_unused")
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise _invalid("ends_on", problem="end_before_start")
        if self.paused_until is not None and (self.paused_from is None or self.paused_until < self.paused_from):
            raise _invalid("paused_until", problem="pause_reversed")
        if next(self.periods(WorkCalendar()), None) is None:
            raise _invalid("ends_on", problem="no_period")

    def _check_days(self) -> None:
        limits = {
            "due_day": (1, 31),
            "co_due_day": (1, 31),
            "months": (1, MONTHS),
            "months_after": (0, 3),
            "opens_before": (1, LONGEST_LEAD),
            "joins_before": (0, 90),
        }
        for field, (low, high) in limits.items():
            if not low <= getattr(self, field) <= high:
                raise _invalid(field, problem="out_of_range", low=low, high=high)
        for field in ("starts_on", "ends_on", "paused_from", "paused_until"):
            day = getattr(self, field)
            if day is not None and day.year not in YEARS:
                raise _invalid(field, problem="year_out_of_range", low=YEARS[0], high=YEARS[-1])
        if self.kind is not RhythmKind.DATES and self.co_due_day > self.due_day:
            raise _invalid("co_due_day", problem="co_units_after_lead")

    def _check_dates(self) -> None:
        if not 1 <= len(self.dates) <= MOST_DATES:
            raise _invalid("dates", problem="out_of_range", low=1, high=MOST_DATES)
        days = [each.due_on for each in self.dates]
        if days != sorted(set(days)):
            raise _invalid("dates", problem="dates_unsorted")
        if any(day.year not in YEARS for day in days):
            raise _invalid("dates", problem="year_out_of_range", low=YEARS[0], high=YEARS[-1])
        if any(each.co_due_on is not None and each.co_due_on > each.due_on for each in self.dates):
            raise _invalid("dates", problem="co_units_after_lead")

    def periods(self, calendar: WorkCalendar, *, since: date | None = None) -> Iterator[Period]:
        """The periods in order that are asked for; with `since` those that end on that day or later."""
        spans = self._dated(calendar) if self.kind is RhythmKind.DATES else self._monthly(calendar, since)
        for period in spans:
            if self.ends_on is not None and period.due_on > self.ends_on:
                return
            if not self._paused(period.opens_on) and (since is None or period.ends_on >= since):
                yield period

    def newest(self, calendar: WorkCalendar, today: date) -> Period | None:
        """The last period that is open by now: of several that were missed only this one is asked for, if any."""
        found = None
        for period in self.periods(calendar, since=today - timedelta(days=3 * 366)):
            if period.opens_on > today:
                break
            found = period
        return found if found is not None and found.due_on + MISSED >= today else None

    def next_opening(self, calendar: WorkCalendar, today: date) -> datetime | None:
        """When the next period is opened after `today` (UTC); None at the rhythm's end."""
        for period in self.periods(calendar, since=today - timedelta(days=3 * 366)):
            if period.opens_on > today:
                return start_of(period.opens_on)
        return None

    def last_joining(self, period: Period) -> date:
        """The last day on which an item may come in progress and still be asked for this period."""
        return period.due_on - timedelta(days=self.joins_before)

    def _paused(self, day: date) -> bool:
        return (
            self.paused_from is not None
            and day >= self.paused_from
            and (self.paused_until is None or day <= self.paused_until)
        )

    def _shape(self) -> tuple[int, int]:
        """How many months a period has, and how many lie between its last one and the report day."""
        if self.kind is RhythmKind.MONTHLY:
            return 1, 0
        return (3, 1) if self.kind is RhythmKind.QUARTERLY else (self.months, self.months_after)

    def _monthly(self, calendar: WorkCalendar, since: date | None) -> Iterator[Period]:
        length, after = self._shape()
        first = self.starts_on.year * MONTHS + self.starts_on.month - 1
        if self.kind is RhythmKind.QUARTERLY:
            first -= first % length
        skipped = 0
        if since is not None:
            skipped = max(0, (since.year * MONTHS + since.month - 1 - first) // length)
        for number in count(skipped):
            start = first + number * length
            last = start + length - 1
            if (last + after) // MONTHS > YEARS[-1]:
                return
            yield self._period(
                calendar,
                _name(start, length),
                (_day(start, 1), _day(last, 31)),
                (_day(last + after, self.co_due_day), _day(last + after, self.due_day)),
            )

    def _dated(self, calendar: WorkCalendar) -> Iterator[Period]:
        before = self.starts_on
        for each in self.dates:
            if each.due_on < self.starts_on:
                continue
            limits = (each.co_due_on or each.due_on, each.due_on)
            yield self._period(calendar, f"{each.due_on:%Y-%m-%d}", (before, each.due_on), limits)
            before = each.due_on + timedelta(days=1)

    def _period(self, calendar: WorkCalendar, name: str, span: tuple[date, date], limits: tuple[date, date]) -> Period:
        co_due_on, due_on = (self._worked(calendar, day) for day in limits)
        return Period(
            name=name,
            starts_on=span[0],
            ends_on=span[1],
            opens_on=co_due_on - timedelta(days=self.opens_before),
            co_due_on=co_due_on,
            due_on=due_on,
            provisional=self.day_off is not DayOffRule.STAYS and not {d.year for d in limits} <= calendar.covered_years,
        )

    def _worked(self, calendar: WorkCalendar, day: date) -> date:
        if self.day_off is DayOffRule.STAYS:
            return day
        step = timedelta(days=-1 if self.day_off is DayOffRule.BEFORE else 1)
        while not calendar.is_working(day):
            day += step
        return day


def _invalid(field: str, *, problem: str, **facts: object) -> RhythmInvalid:
    reason = said(RHYTHM_PROBLEMS[problem], facts)
    return RhythmInvalid(f"{field}: {problem}", field=field, problem=problem, reason=reason, **facts)


def _day(month: int, day: int) -> date:
    """A day of a month counted from the year 0; the month's last day where it has fewer."""
    year, index = divmod(month, MONTHS)
    return date(year, index + 1, min(day, monthrange(year, index + 1)[1]))


def _name(start: int, length: int) -> str:
    """What a period is called: 2026-03, 2026-Q1, 2026-H1, 2026, or from one month to another."""
    year, index = divmod(start, MONTHS)
    if length == 1:
        return f"{year:04}-{index + 1:02}"
    if index % length == 0 and length in {3, 6, MONTHS}:
        part = index // length + 1
        return {3: f"{year:04}-Q{part}", 6: f"{year:04}-H{part}", MONTHS: f"{year:04}"}[length]
    last_year, last = divmod(start + length - 1, MONTHS)
    return f"{year:04}-{index + 1:02}/{last_year:04}-{last + 1:02}"
