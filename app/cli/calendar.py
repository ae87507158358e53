"""The working calendar: load a year's holidays, see and correct them, days of single units, working hours."""

from collections.abc import Sequence
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli._console import operating, print_table, refusals_by_row

if TYPE_CHECKING:
    from datetime import datetime

    from services.calendars import ImportedYear

app = typer.Typer(no_args_is_help=True)

UnitName = Annotated[str, typer.Argument(help="A name of the unit.", show_default=False)]
Reason = Annotated[str, typer.Option("--name", help="Why; needed with a day.")]
DayOption = Annotated[list[str] | None, typer.Option(help="YYYY-MM-DD; may be given several times.")]

KINDS = {True: "work", False: "off", None: "usual"}


@app.callback()
def calendar() -> None:
    """The working calendar: load a year's holidays, see and correct them, days of single units, working hours."""


@app.command()
def load() -> None:
    """Load the years that come with the program and are not there yet."""
    from services.calendars import LoadShippedYears

    with operating() as console:
        years = console.run(LoadShippedYears())
    typer.echo(", ".join(map(str, years)) or "no new year")


@app.command("import")
def import_year(
    file: Annotated[Path, typer.Argument(help="The notice (.docx, .txt) or a table (.csv, .xlsx).")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a year that is loaded with other days.")] = False,
    year: Annotated[int | None, typer.Option(help="The year, where the file does not say it.")] = None,
) -> None:
    """Load a year from the State Council's notice: all of its days, or none if one cannot be right."""
    from services.document_import import read_file
    from services.notice_import import notice_command

    with refusals_by_row(), operating() as console:
        command = notice_command(
            console.actor, read_file(file), name=file.name, year=year, replace=replace, check_only=dry_run
        )
        _report(console.run(command), dry_run=dry_run)


@app.command("list")
def list_years() -> None:
    """The years that are loaded, and their source."""
    from services.queries.calendars import calendar_years

    with operating() as console, console.container.reads() as session:
        rows = [(row.year, row.source, row.days_off, row.make_up_days) for row in calendar_years(session)]
    print_table(("year", "source", "weekdays off", "make-up days"), rows)


@app.command()
def show(
    year: Annotated[int, typer.Argument(min=1, max=9999, help="The year.")],
    unit: Annotated[str | None, typer.Option(help="With the days of this unit.")] = None,
) -> None:
    """The days of a year that are not as their weekday."""
    from app.cli._business import units_called
    from services.queries.calendars import calendar_year, unit_days

    with operating() as console, console.container.reads() as session:
        found = calendar_year(session, year)
        days = [(row.day, f"{row.day:%a}", KINDS[row.working], row.name) for row in found.days]
        if unit is not None:
            own = unit_days(session, units_called(console, [unit])[0])
            days += [(row.day, f"{row.day:%a}", KINDS[row.working], row.name) for row in own if row.day.year == year]
    print_table(("day", "", "is", "holiday"), sorted(days))
    typer.echo(found.loaded.source if found.loaded else "not loaded: limits in this year are provisional")


@app.command("unit-days")
def unit_days_of(
    unit: UnitName,
    off: DayOption = None,
    work: DayOption = None,
    remove: DayOption = None,
    name: Reason = "",
) -> None:
    """The days of a unit that are not as the rest's; with --off or --work set them, with --remove take them back."""
    from app.cli._business import units_called
    from services.calendars import RemoveUnitDay, SetUnitDays, UnitDay
    from services.queries.calendars import unit_days

    with operating() as console:
        [unit_id] = units_called(console, [unit])
        days = tuple(
            UnitDay(day, working, name) for working, texts in ((False, off), (True, work)) for day in _days(texts)
        )
        if days:
            console.run(SetUnitDays(unit_id=unit_id, days=days))
        for day in _days(remove):
            console.run(RemoveUnitDay(unit_id=unit_id, day=day))
        with console.container.reads() as session:
            rows = [(r.day, f"{r.day:%a}", KINDS[r.working], r.name, r.set_by) for r in unit_days(session, unit_id)]
    print_table(("day", "", "is", "why", "set by"), rows)


@app.command()
def hours(
    since: Annotated[str | None, typer.Option("--from", help="The first day, YYYY-MM-DD.")] = None,
    spans: Annotated[str, typer.Option(help="As 08:30-12:00,14:00-17:30.")] = "",
) -> None:
    """The working hours; with --from and --spans set them from a day on."""
    from domain.working_hours import USUAL_HOURS
    from services.calendars import SetWorkingHours
    from services.queries.calendars import calendar_hours

    with operating() as console:
        if since is not None:
            console.run(SetWorkingHours(valid_from=_days([since])[0], spans=_spans(spans)))
        with console.container.reads() as session:
            rows = [(str(row.valid_from), row.shown) for row in calendar_hours(session)]
    print_table(("from", "hours"), [("", str(USUAL_HOURS)), *rows])


@app.command()
def recompute() -> None:
    """Compute the limits anew that changes of the calendar touch; waits until every process knows the changes.

    A scheduler does this by itself. Ctrl-C loses nothing.
    """
    import time as clock

    from services.recompute import RecomputeLimits, pending, settles_at

    moved = looked_at = 0
    with operating() as console:
        while True:
            now = console.container.clock.now()
            with console.container.reads() as session:
                found, later = pending(session, now), settles_at(session, now)
            if found:
                [(change_id, through)] = found
                batch = console.run(RecomputeLimits(change_id=change_id, through=through))
                moved, looked_at = moved + len(batch.moved), looked_at + batch.looked_at
            elif later is not None:
                typer.echo(f"waiting until {_clock_time(later)}, when every process knows the change", err=True)
                clock.sleep(max(0.0, (later - now).total_seconds()))
            else:
                break
    typer.echo(f"{looked_at} limits looked at, {moved} changed")


def _report(done: "ImportedYear", *, dry_run: bool) -> None:
    rows = [(c.day, f"{c.day:%a}", KINDS[c.before], KINDS[c.after], c.name) for c in done.changes]
    if rows:
        print_table(("day", "", "was", "is", "holiday"), rows)
    for note in done.notes:
        typer.echo(f"advice, no day off: {note}")
    what = "would be written" if dry_run and (rows or not done.was_loaded) else "nothing changed"
    if done.written:
        what = "written; `dudao calendar recompute` or a scheduler moves the limits it touches"
    typer.echo(f"{done.year}: {done.days_off} weekdays off, {done.make_up_days} make-up days; {what}")


def _days(texts: Sequence[str] | None) -> list[date]:
    try:
        return [date.fromisoformat(text) for text in texts or ()]
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="a day") from error


def _spans(text: str) -> tuple[tuple[time, time], ...]:
    try:
        pairs = [part.strip().split("-") for part in text.split(",")]
        return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in pairs)
    except ValueError as error:
        raise typer.BadParameter("as 08:30-12:00,14:00-17:30", param_hint="--spans") from error


def _clock_time(at: "datetime") -> str:
    from domain.calendar import LOCAL

    return f"{at.astimezone(LOCAL):%H:%M:%S}"
