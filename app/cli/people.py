"""People: import them with their roles from a spreadsheet, list them, invite them to sign in."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli._console import PAGE, CheckOnly, every_row, operating, print_table, refusals_by_row, report_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.container import Container
    from services.accounts import IssuedLink

app = typer.Typer(no_args_is_help=True)


@app.callback()
def people() -> None:
    """People: import them with their roles from a spreadsheet, list them, invite them to sign in."""


@app.command("import")
def import_people(
    file: Annotated[Path, typer.Argument(help="A .xlsx or .csv file.", show_default=False)],
    check_only: CheckOnly = False,
) -> None:
    """Import a spreadsheet: all rows, or none if one is wrong. The same file again changes nothing."""
    from importers.sheets.people import read_people
    from importers.sheets.table import read_path
    from services.people_import import ImportPeople

    with refusals_by_row(), operating() as console:
        command = ImportPeople(sheet=read_people(read_path(file)), source_name=file.name, check_only=check_only)
        imported = console.run(command)
        report_rows(imported.rows, check_only=check_only)
        if imported.units_without_liaison:
            typer.echo(f"without a liaison today: {', '.join(imported.units_without_liaison)}", err=True)


@app.command("list")
def list_roles() -> None:
    """Print who holds which role today. Phone numbers are left out: see the API for those who may have them."""
    from services.queries.people import list_people

    with operating() as console, console.container.reads() as session:
        rows = every_row(lambda after: list_people(session, console.actor, on=console.today, after=after, limit=PAGE))
        print_table(
            ("unit", "role", "name", "post", "login", "account", "until"),
            [
                (r.unit, f"{r.role}{' (deputy)' if r.deputy else ''}", r.name, r.post, r.login, r.account, r.valid_to)
                for r in rows
            ],
        )
        typer.echo(f"{len(rows)} roles")


@app.command()
def invite(
    logins: Annotated[list[str] | None, typer.Argument(help="Whom to invite.", show_default=False)] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Everybody who holds a role and has no password.")] = False,
) -> None:
    """Print one-time links for a first sign-in. Hand each to its owner: whoever has it can set the password."""
    from services.accounts import InvitePeople

    if everybody == bool(logins):
        raise typer.BadParameter("name logins, or --all", param_hint="LOGINS")
    with operating() as console:
        print_links(console.container, console.run(InvitePeople(logins=tuple(logins or ()))))


def print_links(container: "Container", issued: "Sequence[IssuedLink]") -> None:
    """One line for each link, for scripts as well: login, name, address, and until when it works."""
    from api.routes.accounts import link_url
    from domain.calendar import LOCAL

    for link in issued:
        until = f"{link.expires_at.astimezone(LOCAL):%Y-%m-%d %H:%M}"
        typer.echo(f"{link.login}\t{link.name}\t{link_url(container.base_url, link.secret)}\t{until}")
    typer.echo(f"{len(issued)} links", err=True)
