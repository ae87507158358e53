"""The working calendar kept: the State Council's yearly notices, days of single units, working hours.

Whatever changes a day leaves a `CalendarChange`, from which `services.recompute` moves the limits that it touches.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import LiteralString
from uuid import UUID

from sqlmodel import Session, col, select

from db.tables import CalendarChange, CalendarDay, CalendarHours, CalendarYear, Unit, UnitCalendarDay
from domain.calendar import weekday
from domain.calendar_errors import NoDays, YearLoaded, YearTooFar
from domain.errors import NotFound
from domain.messages.calendars import changes_shown
from domain.permissions import Permission
from domain.working_hours import WorkingHours
from importers.holidays import YearNotice
from services.unit_of_work import UnitOfWork

SOURCE = "chinesecalendar"
FIRST_YEAR, YEARS_AHEAD = 2000, 2
"""The week of make-up days began in 2000. A notice is out in the November before its year."""

Days = Mapping[date, bool]
_LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended('dudao calendar', 0))"


@dataclass(frozen=True, slots=True)
class DayChange:
    """What a day was and is: worked, off, or None where it is as its weekday."""

    day: date
    before: bool | None
    after: bool | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class ImportedYear:
    """What importing a notice did, or would do. `notes` are sentences of it that change no day."""

    year: int
    was_loaded: bool
    written: bool
    days_off: int
    make_up_days: int
    changes: tuple[DayChange, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadShippedYears:
    """Load the years that the chinesecalendar library knows and the database does not.

    A year that is there stays as it is: an office may have corrected it.
    """

    def execute(self, uow: UnitOfWork) -> tuple[int, ...]:
        """The years that were loaded."""
        uow.require(Permission.CALENDAR_LOAD)
        known = set(uow.session.exec(select(CalendarYear.year)))
        days_off, make_up_days = _shipped()
        years = sorted({day.year for day in days_off} - known)
        # Tried every day by the clock; a day on which nothing came is nothing to remember.
        uow.audited = bool(years)
        if not years:
            return ()
        _lock(uow)
        stored = {row.day: row for row in uow.session.exec(select(CalendarDay))}
        wanted = frozenset(years)
        changes = []
        for days, working in ((days_off, False), (make_up_days, True)):
            for day, name in days.items():
                # Only what differs from Monday to Friday is kept; a holiday on a Sunday changes nothing.
                if day.year in wanted and working != weekday(day) and day not in stored:
                    uow.session.add(CalendarDay(day=day, working=working, name=name))
                    changes.append(DayChange(day, None, working, name))
        for year in years:
            uow.session.add(CalendarYear(year=year, source=SOURCE, loaded_at=uow.now))
        _record(uow, SOURCE, changes, years=years)
        return tuple(years)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportYearNotice:
    """Load a year from its notice. With `check_only` nothing is written, everything is checked.

    A year that is loaded with other days is replaced only with `replace`, by somebody who saw the difference.
    """

    notice: YearNotice = field(metadata={"audit": False})
    source_name: str
    source_digest: bytes
    replace: bool = False
    check_only: bool = False

    def execute(self, uow: UnitOfWork) -> ImportedYear:
        """Raises PermissionDenied, YearTooFar, YearLoaded with the differences."""
        uow.require(Permission.CALENDAR_LOAD)
        year = self.notice.year
        last = uow.today.year + YEARS_AHEAD
        if not FIRST_YEAR <= year <= last:
            raise YearTooFar(str(year), year=year, first=FIRST_YEAR, last=last)
        _lock(uow)
        loaded = uow.session.get(CalendarYear, year)
        changes = self._changes(uow.session)
        if loaded is not None and changes and not (self.replace or self.check_only):
            raise YearLoaded(
                str(year),
                year=year,
                source=loaded.source,
                count=len(changes),
                shown=changes_shown([(each.day, each.after) for each in changes]),
                differences=[{"day": str(c.day), "before": c.before, "after": c.after} for c in changes],
            )
        if not self.check_only and (loaded is None or changes):
            self._write(uow, loaded, changes)
        days = [each for each in self.notice.days if each.working != weekday(each.day)]
        return ImportedYear(
            year=year,
            was_loaded=loaded is not None,
            written=not self.check_only and (loaded is None or bool(changes)),
            days_off=sum(not each.working for each in days),
            make_up_days=sum(each.working for each in days),
            changes=changes,
            notes=self.notice.notes,
        )

    def _changes(self, session: Session) -> tuple[DayChange, ...]:
        """What differs from what is stored: days of this notice, and those it had said before and says no more."""
        year = self.notice.year
        rows = session.exec(
            select(CalendarDay).where(
                (col(CalendarDay.notice_year) == year)
                | col(CalendarDay.day).between(date(year - 1, 12, 1), date(year + 1, 1, 31))
            )
        ).all()
        stored = {row.day: row for row in rows}
        wanted = {each.day: each for each in self.notice.days}
        changes = []
        for day in sorted(stored.keys() | wanted.keys()):
            row, new = stored.get(day), wanted.get(day)
            if new is None and row is not None and (row.notice_year or day.year) != year:
                continue  # said by the notice of the year beside this one
            before = row.working if row is not None else None
            after = new.working if new is not None and new.working != weekday(day) else None
            if before != after:
                changes.append(DayChange(day, before, after, new.name if new is not None else ""))
        return tuple(changes)

    def _write(self, uow: UnitOfWork, loaded: CalendarYear | None, changes: Iterable[DayChange]) -> None:
        year = self.notice.year
        for change in changes:
            row = uow.session.get(CalendarDay, change.day)
            if change.after is None:
                assert row is not None
                uow.session.delete(row)
                continue
            row = row or CalendarDay(day=change.day, working=change.after)
            row.working, row.name = change.after, change.name
            row.notice_year = None if change.day.year == year else year
            uow.session.add(row)
        new = loaded or CalendarYear(year=year, source="", loaded_at=uow.now)
        new.source, new.loaded_at, new.loaded_by = self.source_name, uow.now, uow.actor.id
        uow.session.add(new)
        _record(uow, self.source_name, changes, years=() if loaded is not None else (year,))


@dataclass(frozen=True, slots=True)
class UnitDay:
    """A day on which a unit differs from the rest: off, or worked; `name` says why."""

    day: date
    working: bool
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUnitDays:
    """A unit has these days off, or works them, whatever the country does; a day that is set already is changed."""

    unit_id: UUID
    days: tuple[UnitDay, ...]

    def execute(self, uow: UnitOfWork) -> int:
        """How many days changed. Raises NotFound, NoDays for none or one without a reason."""
        uow.require(Permission.CALENDAR_EDIT)
        uow.about(self.unit_id)
        uow.get(Unit, self.unit_id)
        if not self.days or not all(each.name.strip() for each in self.days):
            raise NoDays(str(self.unit_id))
        _lock(uow)
        changes = []
        for each in {each.day: each for each in self.days}.values():
            row = uow.session.get(UnitCalendarDay, (self.unit_id, each.day))
            if row is None or row.working != each.working:
                changes.append(DayChange(each.day, row.working if row else None, each.working, each.name))
            row = row or UnitCalendarDay(
                unit_id=self.unit_id, day=each.day, working=each.working, name="", set_at=uow.now
            )
            row.working, row.name = each.working, each.name.strip()
            row.set_by, row.set_at = uow.actor.id, uow.now
            uow.session.add(row)
        _record(uow, "unit", changes, unit_id=self.unit_id)
        return len(changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveUnitDay:
    """On this day the unit is again like the rest."""

    unit_id: UUID
    day: date

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound for a day that is not set."""
        uow.require(Permission.CALENDAR_EDIT)
        uow.about(self.unit_id)
        _lock(uow)
        row = uow.session.get(UnitCalendarDay, (self.unit_id, self.day))
        if row is None:
            raise NotFound(f"day {self.day} of unit {self.unit_id}")
        uow.session.delete(row)
        _record(uow, "unit", [DayChange(self.day, row.working, None, row.name)], unit_id=self.unit_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWorkingHours:
    """From `valid_from` on, these are the working hours; the same day again replaces what was set for it.

    No limit moves: limits are counted in days. Reminders that are counted in hours are worked out when they are due.
    """

    valid_from: date
    spans: tuple[tuple[time, time], ...]

    def execute(self, uow: UnitOfWork) -> None:
        """Raises InvalidWorkingHours."""
        uow.require(Permission.CALENDAR_EDIT)
        hours = WorkingHours(self.valid_from, self.spans)
        _lock(uow)
        row = uow.session.get(CalendarHours, self.valid_from) or CalendarHours(
            valid_from=self.valid_from, set_at=uow.now
        )
        row.spans = [[f"{start:%H:%M}", f"{end:%H:%M}"] for start, end in hours.spans]
        row.set_by, row.set_at = uow.actor.id, uow.now
        uow.session.add(row)


def _lock(uow: UnitOfWork) -> None:
    # One change at a time: what a change was before it must be what the one before it left.
    uow.read((_LOCK, ()))


def _record(
    uow: UnitOfWork,
    source: str,
    changes: Iterable[DayChange],
    *,
    years: Iterable[int] = (),
    unit_id: UUID | None = None,
) -> None:
    """Have the limits computed anew that the change touches, and keep in the audit entry what it was."""
    days = {str(each.day): [each.before, each.after] for each in changes}
    if not days and not years:
        return
    uow.noted["changed"] = days
    uow.session.add(
        CalendarChange(
            unit_id=unit_id,
            source=source,
            years=list(years),
            days=days,
            changed_at=uow.now,
            changed_by=uow.actor.id,
        )
    )


def _shipped() -> tuple[dict[date, str], dict[date, str]]:
    from chinese_calendar import constants

    return dict(constants.holidays), dict(constants.workdays)
