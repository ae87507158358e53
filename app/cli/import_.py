"""Import an official task list from a document as a draft; --dry-run shows what would be imported."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli._business import AsJson, OfficeName

if TYPE_CHECKING:
    from services.lists import ImportedList

app = typer.Typer()


@app.command()
def import_document(
    *,
    file: Annotated[Path, typer.Argument(help="A .docx or .txt document.", show_default=False)],
    login: Annotated[str | None, typer.Option("--as", help="Login of the person who imports.")] = None,
    office: OfficeName = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read the document and write nothing.")] = False,
    historical: Annotated[bool, typer.Option("--historical", help="Keep past dates as history: no reds.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import an official task list from a document as a draft; --dry-run shows what would be imported."""
    if dry_run:
        _show(file, as_json=as_json)
        return
    if login is None:
        raise typer.BadParameter("say who imports, or add --dry-run", param_hint="--as")
    _store(file, login, office, historical=historical, as_json=as_json)


def _show(file: Path, *, as_json: bool) -> None:
    from importers import read_document

    document = read_document(file)
    if as_json:
        import orjson

        sys.stdout.buffer.write(orjson.dumps(document.to_json(), option=orjson.OPT_INDENT_2) + b"\n")
    else:
        from importers.display import print_table

        print_table(document)


def _store(file: Path, login: str, office: str | None, *, historical: bool, as_json: bool) -> None:
    from rich.console import Console as Screen

    from app.cli._business import asking, office_for, print_json
    from app.cli._console import acting
    from domain.permissions import Permission
    from services.document_import import import_command, read_file
    from services.queries.lists import list_detail
    from services.unit_lookup import stored_registry

    with acting(login) as console, Screen(stderr=True).status(file.name):
        office_id = office_for(console, Permission.LIST_IMPORT, office)
        content = read_file(file)
        with console.container.reads() as session:
            registry = stored_registry(session, console.today)
        command = import_command(
            console.actor, content, name=file.name, office_unit_id=office_id, registry=registry, historical=historical
        )
        imported = console.run(command)
        with asking(console) as asked:
            detail = list_detail(asked, imported.id)
    if as_json:
        print_json({"imported": imported, "to_resolve": detail.to_resolve, "unknown_units": detail.unknown_units})
        return
    _report(imported)
    from app.cli._business import print_flags

    print_flags((each.item_id, each.number, each.flags) for each in detail.to_resolve)
    for unknown in detail.unknown_units:
        typer.echo(f"?\t{unknown.printed}\t{', '.join(unknown.items)}")


def _report(imported: "ImportedList") -> None:
    if imported.already:
        typer.echo("this very document had been imported before: nothing was written")
    typer.echo(
        f"list {imported.id}: {imported.items} items, {imported.flags} flags to resolve,"
        f" {imported.blocking} of them blocking"
    )
