"""Rules of changing a deadline: how far it may be extended, when a trigger makes it due, what a year and a quarter ask.

Sources: domain notes, P1 "deadline classes" and section 8.
"""

import calendar as months
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from domain.calendar import WorkCalendar, end_of, local_date
from domain.deadline_errors import ExtensionTooLate, ExtensionTooLong, ExtensionUsedUp, NewDateNotLater
from domain.urgency import last_day

MAX_EXTENSIONS = 2
MAX_MONTHS = 6
"""At most two extensions, together at most six months (domain notes, section 8)."""
GOALS_WITHIN_WORKING_DAYS = 20
_DURATION = re.compile(r"P(\d{1,4})([YMWD])(/WORKDAYS)?")
_JANUARY, _DECEMBER, _LAST_OF_JANUARY, _LAST_OF_DECEMBER = 1, 12, 31, 31


class ChangeKind(StrEnum):
    """Why an item's current deadline is what it is. ORIGINAL is the first and stands for ever.

    PAUSE moves it by the working time that was left when its clock was stopped; RECOMPUTED by a holiday notice;
    LIST_CHANGE is a date of the convener's, from which extensions are reckoned anew.
    """

    ORIGINAL = "original"
    EXTENSION = "extension"
    NOTICE = "notice"
    NEW_TARGET = "new_target"
    PAUSE = "pause"
    TRIGGER = "trigger"
    RECOMPUTED = "recomputed"
    LIST_CHANGE = "list_change"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that the current deadline had, in the order in which they were recorded."""

    kind: ChangeKind
    due_at: datetime | None


def add_months(day: date, count: int) -> date:
    """The same day `count` months later, or the last of that month where it has no such day."""
    index = day.year * 12 + day.month - 1 + count
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, months.monthrange(year, month)[1]))


def check_new_date(current: datetime | None, new: date, today: date) -> None:
    """Raise NewDateNotLater unless the new date is after the current one and not past."""
    until = last_day(current) if current is not None else None
    if new < today or (until is not None and new <= until):
        raise NewDateNotLater(f"{new}", new=f"{new:%Y-%m-%d}", current=f"{until:%Y-%m-%d}" if until else "")


def check_in_time(current: datetime, now: datetime) -> None:
    """Raise ExtensionTooLate once the deadline has passed: an extension is applied for before it only."""
    if now > current:
        raise ExtensionTooLate(f"{current}", due=f"{last_day(current):%Y-%m-%d}")


def check_extension(changes: Iterable[Change], new: date) -> None:
    """Raise ExtensionUsedUp for the third extension, ExtensionTooLong beyond six months in all.

    What pauses and triggers moved does not count: it was not the lead's to use.
    """
    history = [(change.kind, change.due_at) for change in changes if change.due_at is not None]
    granted = sum(kind is ChangeKind.EXTENSION for kind, _ in history)
    if granted >= MAX_EXTENSIONS:
        raise ExtensionUsedUp(f"{granted} extensions", granted=granted, most=MAX_EXTENSIONS)
    if not history:
        return
    first, moved = history[0][1], timedelta()
    for (_, before), (kind, after) in pairwise(history):
        if kind in {ChangeKind.TRIGGER, ChangeKind.LIST_CHANGE}:
            first, moved = after, timedelta()
        elif kind in {ChangeKind.PAUSE, ChangeKind.RECOMPUTED}:
            moved += after - before
    latest = add_months(last_day(first), MAX_MONTHS) + timedelta(days=moved.days)
    if new > latest:
        raise ExtensionTooLong(f"{new}", new=f"{new:%Y-%m-%d}", latest=f"{latest:%Y-%m-%d}", months=MAX_MONTHS)


def after_trigger(rule: str | None, happened_on: date, calendar: WorkCalendar) -> date | None:
    """The last day in time by a relative rule (`P6M`, `P30D/WORKDAYS`) from the trigger; None without a rule."""
    match = _DURATION.fullmatch(rule or "")
    if match is None:
        return None
    count, unit = int(match[1]), match[2]
    if match[3]:
        return calendar.add_working_days(happened_on, count).day
    if unit in "YM":
        return add_months(happened_on, count * (12 if unit == "Y" else 1))
    return happened_on + timedelta(days=count * (7 if unit == "W" else 1))


def resumed(due_at: datetime, paused_at: datetime, now: datetime, calendar: WorkCalendar) -> datetime:
    """The limit after a pause: as many working days after `now` as were left when the clock was stopped.

    What had run out before the pause ran out then; it is moved by the pause itself, so that the pause is not counted.
    """
    if due_at <= paused_at:
        return due_at + (now - paused_at)
    left = calendar.working_days_between(local_date(paused_at), last_day(due_at))
    moved = calendar.add_working_days(local_date(now), max(left, 0)).at
    # A pause within one day, or over days off, takes nothing away.
    return max(moved, due_at)


def goals_due(today: date, calendar: WorkCalendar) -> datetime:
    """When the goals of a year are due: the end of January, or twenty working days for what goes on from mid-year."""
    if today.month == _JANUARY:
        return end_of(date(today.year, _JANUARY, _LAST_OF_JANUARY))
    return calendar.add_working_days(today, GOALS_WITHIN_WORKING_DAYS).at


def year_due(today: date, calendar: WorkCalendar) -> datetime:
    """When the yearly check is due: 12-31, or ten working days where the goals came so late that the year is over."""
    if today.month == _DECEMBER:
        return end_of(date(today.year, _DECEMBER, _LAST_OF_DECEMBER))
    return calendar.add_working_days(today, 10).at


def quarter(day: date) -> str:
    """The quarter as the period of a confirmation: 2026-Q3."""
    return f"{day.year}-Q{(day.month - 1) // 3 + 1}"


def mostly_past(dates: Iterable[date], today: date) -> bool:
    """Whether more than half of a list's dates have passed: a list of the past, to be taken over as history."""
    known = list(dates)
    return sum(day < today for day in known) * 2 > len(known)
