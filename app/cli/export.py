"""Export what one sees: the ledger as a spreadsheet."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli._business import asking
from app.cli._console import AsLogin, acting

app = typer.Typer()


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The .xlsx to write; an existing one is replaced.", show_default=False)],
    login: AsLogin,
    list_: Annotated[str | None, typer.Option("--list", help="Only this list, by its id.")] = None,
    text: Annotated[str | None, typer.Option(help="Part of the item's text, or its number.")] = None,
) -> None:
    """Export what one sees: the ledger as a spreadsheet."""
    from rich.console import Console as Screen
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    from services.export import ledger_workbook
    from services.queries.ledger import LedgerFilter, count_ledger
    from services.queries.references import list_called

    if file.suffix.lower() != ".xlsx":
        raise typer.BadParameter("the name ends with .xlsx", param_hint="FILE")
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with acting(login) as console, asking(console, snapshot=True) as asked:
        filters = LedgerFilter(list_id=list_called(asked, list_) if list_ else None, text=text)
        total = sum(count.count for count in count_ledger(asked, filters))
        with Progress(*columns, console=Screen(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=total)
            content = ledger_workbook(asked, filters, progress=lambda count: bar.update(task, completed=count))
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{file.name}.part")
    partial.write_bytes(content)
    # Whoever has the old one open keeps it whole.
    partial.replace(file)
    typer.echo(f"{file}: {total} items, {len(content)} bytes")
