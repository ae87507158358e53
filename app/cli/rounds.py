"""Progress rounds: open a reporting period, see who still owes a report."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli._business import AsJson, asking, brief, json_object, limit, print_json, report_outcomes
from app.cli._console import PAGE, AsLogin, acting, every_row, print_table
from domain.labels import YES

app = typer.Typer(no_args_is_help=True)

Day = ["%Y-%m-%d"]


@app.callback()
def rounds() -> None:
    """Progress rounds: open a reporting period, see who still owes a report."""


@app.command("open")
def open_period(
    *,
    period: Annotated[str, typer.Argument(help="What the period is called, such as 2026-03.", show_default=False)],
    login: AsLogin,
    co_due: Annotated[datetime, typer.Option(formats=Day, help="Until when co-units report.", show_default=False)],
    due: Annotated[datetime, typer.Option(formats=Day, help="Until when the lead reports.", show_default=False)],
    items: Annotated[list[str] | None, typer.Option("--item", help="An item, by its id; may be repeated.")] = None,
    list_: Annotated[str | None, typer.Option("--list", help="Everything of this list that is in progress.")] = None,
) -> None:
    """Ask for the reports of a period: of the items named, or of a list's that are in progress."""
    from domain.calendar import end_of
    from services.batches import each
    from services.executor import RequestInfo
    from services.queries.ledger import LedgerFilter, whole_ledger
    from services.queries.references import item_called, list_called
    from services.rounds import REPORTING, OpenRound

    if bool(items) == bool(list_):
        raise typer.BadParameter("name items, or --list", param_hint="--item")
    if co_due > due:
        raise typer.BadParameter("co-units report before the lead does", param_hint="--co-due")
    limits = (end_of(co_due.date()), end_of(due.date()))
    with acting(login) as console:
        with asking(console, snapshot=True) as asked:
            if list_:
                filters = LedgerFilter(list_id=list_called(asked, list_), statuses=tuple(REPORTING))
                # A group item has no reports of its own: its members report.
                wanted = [row.id for row in whole_ledger(asked, filters) if not row.members]
            else:
                wanted = [item_called(asked, reference) for reference in items or ()]
        commands = [
            (item_id, OpenRound(item_id=item_id, period=period, co_due_at=limits[0], due_at=limits[1]))
            for item_id in wanted
        ]
        request = RequestInfo(source="console")
        outcomes = each(console.container.executor, commands, actor=console.actor, request=request)
        report_outcomes(outcomes, len(commands), "opened")


@app.command("list")
def list_rounds(
    login: AsLogin,
    period: Annotated[str | None, typer.Option(help="Only this period.")] = None,
    open_only: Annotated[bool, typer.Option("--open", help="Only those that wait for somebody.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print rounds with who holds them."""
    from domain.labels import LISTING, ROUND_OUTCOMES
    from domain.labels_of_columns import ROUND_COLUMNS
    from domain.urgency import last_day
    from services.queries.references import short
    from services.queries.rounds import progress_rounds

    with acting(login) as console, asking(console) as asked:
        rows = every_row(
            lambda after: progress_rounds(asked, period=period, open_only=open_only, limit=PAGE, after=after)
        )
    if as_json:
        print_json(rows)
        return
    cells = [
        (
            short(r.item_id),
            r.number,
            brief(r.text),
            r.period,
            limit(last_day(r.due_at), provisional=r.provisional),
            ROUND_OUTCOMES.get(r.outcome or "", r.outcome),
            LISTING.join(f"{holder.unit} {holder.step}" for holder in r.held_by),
        )
        for r in rows
    ]
    print_table(tuple(ROUND_COLUMNS.values()), cells)


ListOption = Annotated[str | None, typer.Option("--list", help="Only this list, by its id.")]


@app.command()
def late(
    *,
    login: AsLogin,
    period: Annotated[str | None, typer.Option(help="Only this period.")] = None,
    list_: ListOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what has come late.")] = False,
    file: Annotated[Path | None, typer.Option("--xlsx", help="Write a spreadsheet instead.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print who has not reported in time, with the days."""
    from domain.labels_of_columns import LATE_COLUMNS
    from services.export import late_values, late_workbook
    from services.queries.late_reports import late_reports
    from services.queries.references import list_called

    with acting(login) as console, asking(console, snapshot=True) as asked:
        list_id = list_called(asked, list_) if list_ else None
        rows = late_reports(asked, list_id=list_id, period=period, missing_only=not everything)
        if file is not None:
            file.write_bytes(late_workbook(asked, rows))
    if file is not None:
        typer.echo(f"{file}: {len(rows)}")
    elif as_json:
        print_json(rows)
    else:
        values = [late_values(row) | {"text": brief(row.text)} for row in rows]
        print_table(tuple(LATE_COLUMNS.values()), [[cells[name] for name in LATE_COLUMNS] for cells in values])


@app.command()
def rhythm(
    *,
    list_: Annotated[str, typer.Argument(metavar="LIST", help="The list, by its id.", show_default=False)],
    login: AsLogin,
    set_to: Annotated[str | None, typer.Option("--set", help="A rule to save, as JSON or @FILE.")] = None,
    try_out: Annotated[str | None, typer.Option("--try", help="A rule to preview, as JSON or @FILE.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print when the units of a list report, or save or try out a rule for it."""
    from domain.labels_of_columns import RHYTHM_COLUMNS
    from services.queries.references import list_called
    from services.queries.rhythms import preview, rhythm_view
    from services.rhythms import SetRhythm, rule_of

    with acting(login) as console:
        with asking(console) as asked:
            view = rhythm_view(asked, list_called(asked, list_))
            upcoming = preview(asked, rule_of(json_object(try_out, "--try"))) if try_out else view.next
        if set_to:
            rule = rule_of(json_object(set_to, "--set"))
            console.run(SetRhythm(list_id=view.list_id, seen_version=view.version, rhythm=rule))
            with asking(console) as asked:
                view = rhythm_view(asked, view.list_id)
                upcoming = view.next
    if as_json:
        print_json(upcoming if try_out else view)
        return
    cells = [(p.period, p.opens_on, p.co_due_on, p.due_on, YES if p.provisional else "") for p in upcoming]
    print_table(tuple(RHYTHM_COLUMNS.values()), cells)
