"""Task lists: which there are, what a list still needs, approve it, register its items, change it."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli._business import AsJson, Reference, asking, brief, print_flags, print_json
from app.cli._console import PAGE, AsLogin, Console, acting, every_row, print_table

if TYPE_CHECKING:
    from services.lists import Registered

app = typer.Typer(no_args_is_help=True)


@app.callback()
def lists() -> None:
    """Task lists: which there are, what a list still needs, approve it, register its items, change it."""


@app.command("list")
def list_all(login: AsLogin, as_json: AsJson = False) -> None:
    """Print the lists that one sees, the newest first."""
    from domain.labels_of_columns import LIST_COLUMNS
    from services.queries.lists import task_lists
    from services.queries.references import short

    with acting(login) as console, asking(console) as asked:
        rows = every_row(lambda after: task_lists(asked, limit=PAGE, after=after))
    if as_json:
        print_json(rows)
        return
    cells = [
        (short(r.id), r.title, r.document_number, r.status_label, r.found_count, r.open_flags, r.open_blocking)
        for r in rows
    ]
    print_table(tuple(LIST_COLUMNS.values()), cells)


@app.command()
def show(reference: Reference, login: AsLogin, as_json: AsJson = False) -> None:
    """Print a list's counts, the flags to resolve, and the printed names that the registry does not know."""
    from services.queries.lists import list_detail
    from services.queries.references import list_called

    with acting(login) as console, asking(console) as asked:
        found = list_detail(asked, list_called(asked, reference))
    if as_json:
        print_json(found)
        return
    summary = found.summary
    typer.echo(f"{summary.title}\t{summary.document_number or ''}\t{summary.status_label}\t{summary.id}")
    typer.echo("\t".join(f"{count.label} {count.count}" for count in found.by_status))
    if found.lead_rule:
        typer.echo(found.lead_rule)
    for warning in found.warnings:
        typer.echo(warning)
    print_flags((each.item_id, each.number, each.flags) for each in found.to_resolve)
    for unknown in found.unknown_units:
        typer.echo(f"?\t{unknown.printed}\t{', '.join(unknown.items)}")


@app.command()
def approve(
    reference: Reference,
    login: AsLogin,
    version: Annotated[int | None, typer.Option("--version", help="The one that was looked at.")] = None,
    historical: Annotated[
        bool | None, typer.Option("--historical/--current", help="Whether past dates are kept as history.")
    ] = None,
) -> None:
    """Approve a list: items without an open question are registered at once."""
    from services.lists import ApproveList
    from services.queries.lists import list_detail
    from services.queries.references import list_called

    with acting(login) as console:
        with asking(console) as asked:
            found = list_detail(asked, list_called(asked, reference)).summary
        command = ApproveList(
            list_id=found.id, seen_version=found.version if version is None else version, historical=historical
        )
        _report(console, console.run(command))


@app.command()
def register(reference: Reference, login: AsLogin) -> None:
    """Register the items of an approved list whose questions were settled since."""
    from services.lists import RegisterItems
    from services.queries.references import list_called

    with acting(login) as console:
        with asking(console) as asked:
            list_id = list_called(asked, reference)
        _report(console, console.run(RegisterItems(list_id=list_id)))


@app.command()
def change(reference: Reference, login: AsLogin) -> None:
    """Begin to change an approved list; what changes is written by completing the work item that opens."""
    from services.list_changes import StartListChange
    from services.queries.references import list_called, short

    with acting(login) as console:
        with asking(console) as asked:
            list_id = list_called(asked, reference)
        opened = console.run(StartListChange(list_id=list_id))
        typer.echo(f"{short(opened.item_id)}\tstarted")
        for work in opened.opened:
            typer.echo(f"{short(work.id)}\t{work.bpmn_id}")


@app.command()
def changes(reference: Reference, login: AsLogin, as_json: AsJson = False) -> None:
    """Print how a list was changed as a whole: what was done to which item, and what asked for it."""
    from domain.labels_of_columns import LIST_CHANGE_COLUMNS
    from services.queries.list_changes import list_changes
    from services.queries.references import list_called

    with acting(login) as console, asking(console) as asked:
        found = list_changes(asked, list_called(asked, reference))
    if as_json:
        print_json(found)
        return
    for each in found.changes:
        day = "" if each.in_force_at is None else f"{each.in_force_at:%Y-%m-%d}"
        typer.echo("\t".join((str(each.number or "-"), day, each.document_number or "", each.reason)))
        if each.asked_by is not None:
            typer.echo(f"{each.asked_by.assessment} {each.asked_by.position}\t{each.asked_by.text}")
        cells = [(row.act_label, row.number, brief(row.text, 30), row.before, row.after) for row in each.items]
        print_table(tuple(LIST_CHANGE_COLUMNS.values()), cells)


def _report(_console: Console, registered: "Registered") -> None:
    from domain.messages import message_of
    from services.queries.references import short

    for waiting in registered.waiting:
        sentence = message_of(waiting.code, {"number": waiting.number})
        typer.echo(f"{short(waiting.item_id)}\t{waiting.number}\t{sentence}", err=True)
    typer.echo(f"{len(registered.registered)} registered, {len(registered.waiting)} waiting")
