"""Progress rounds: open a reporting period, see who still owes a report."""

from datetime import datetime
from typing import Annotated

import typer

from app.cli._business import AsJson, asking, brief, day, print_json, report_outcomes
from app.cli._console import PAGE, AsLogin, acting, every_row, print_table

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
    from domain.labels import LISTING, ROUND_COLUMNS
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
            day(last_day(r.due_at)),
            r.outcome,
            LISTING.join(f"{holder.unit} {holder.step}" for holder in r.held_by),
        )
        for r in rows
    ]
    print_table(tuple(ROUND_COLUMNS.values()), cells)
