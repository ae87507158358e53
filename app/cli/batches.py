"""Batches of 复制推广: draft, settle what is alike, issue, export; lists that were published before."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from app.cli._business import AsJson, OfficeName, Reference, asking, brief, day, office_for, print_json
from app.cli._console import AsLogin, acting, print_table

if TYPE_CHECKING:
    from services.queries.reading import Reading

app = typer.Typer(no_args_is_help=True)


@app.callback()
def batches() -> None:
    """Batches of 复制推广: draft, settle what is alike, issue, export; lists that were published before."""


def _batch_called(asked: "Reading", reference: str) -> UUID:
    """The batch whose id or number it is. Raises NotFound."""
    from domain.errors import NotFound
    from services.queries.replication_batches import batches as found_batches

    for row in found_batches(asked):
        if str(row.number) == reference or str(row.id).startswith(reference):
            return row.id
    raise NotFound(reference)


@app.command("list")
def list_batches(login: AsLogin, as_json: AsJson = False) -> None:
    """Print the batches that one sees, the newest first."""
    from domain.messages.replication import BATCHES_COLUMNS
    from services.queries.references import short
    from services.queries.replication_batches import batches as found_batches

    with acting(login) as console, asking(console) as asked:
        rows = found_batches(asked)
    if as_json:
        print_json(rows)
        return
    cells = [(short(r.id), r.number, r.title, r.cases, r.drafted_by, day(r.issued_at)) for r in rows]
    print_table(BATCHES_COLUMNS, cells)


@app.command()
def show(reference: Reference, login: AsLogin, as_json: AsJson = False) -> None:
    """Print a batch in its four columns, by id or number."""
    from domain.messages.replication import BATCH_COLUMNS
    from services.queries.replication_batches import batch_detail

    with acting(login) as console, asking(console) as asked:
        found = batch_detail(asked, _batch_called(asked, reference))
    if as_json:
        print_json(found)
        return
    cells = [(e.position, brief(e.title), brief(e.content), e.range_text, e.responsible_text) for e in found.entries]
    print_table(BATCH_COLUMNS, cells)


@app.command()
def draft(
    title: Annotated[str, typer.Argument(help="What the list is called.", show_default=False)],
    login: AsLogin,
    case: Annotated[list[str], typer.Option("--case", help="An approved case; may be repeated, in order.")],
    office: OfficeName = None,
    number: Annotated[int | None, typer.Option(help="Only for the first batch that is kept here.")] = None,
) -> None:
    """Collect approved cases into the next batch."""
    from domain.permissions import Permission
    from services.queries.references import item_called, short
    from services.replication_batches import DraftBatch

    with acting(login) as console:
        office_id = office_for(console, Permission.CASE_MANAGE, office)
        with asking(console) as asked:
            ids = tuple(item_called(asked, reference) for reference in case)
        drafted = console.run(DraftBatch(office_unit_id=office_id, title=title, case_ids=ids, number=number))
    typer.echo(f"{short(drafted.id)} batch {drafted.number}, {drafted.alike} to compare")


@app.command()
def settle(
    case: Reference,
    login: AsLogin,
    *,
    same: Annotated[bool, typer.Option("--same/--different", help="Whether they are one reform.", show_default=False)],
    reason: Annotated[str, typer.Option(help="Why.")] = "",
) -> None:
    """Say of everything that a case is like whether it is the same reform."""
    from services.queries.references import item_called
    from services.queries.replication import case_detail
    from services.replication_batches import SettleLikeness

    with acting(login) as console:
        with asking(console) as asked:
            open_ones = [each for each in case_detail(asked, item_called(asked, case)).likenesses if each.same is None]
        for each in open_ones:
            console.run(SettleLikeness(likeness_id=each.id, same=same, reason=reason))
            typer.echo(f"{each.known_source}\t{each.known_title}")


@app.command()
def issue(reference: Reference, login: AsLogin) -> None:
    """Issue a batch: units in range are asked, who is beyond the city's power gets a letter."""
    from services.queries.replication_batches import batch_detail
    from services.replication_batches import IssueBatch

    with acting(login) as console:
        with asking(console) as asked:
            row = batch_detail(asked, _batch_called(asked, reference)).row
        done = console.run(IssueBatch(batch_id=row.id, seen_version=row.version))
    typer.echo(f"batch {done.number}: {done.cases} cases, {done.adoptions} adoptions, {done.letters} letters")


@app.command()
def export(reference: Reference, path: Annotated[Path, typer.Argument(show_default=False)], login: AsLogin) -> None:
    """Write a batch as .xlsx."""
    from services.export import batch_workbook
    from services.queries.replication_batches import batch_detail

    with acting(login) as console, asking(console, snapshot=True) as asked:
        content = batch_workbook(asked, batch_detail(asked, _batch_called(asked, reference)))
    path.write_bytes(content)
    typer.echo(str(path))


@app.command("import")
def import_known(
    path: Annotated[Path, typer.Argument(help="The list, .docx or .txt.", show_default=False)],
    login: AsLogin,
    *,
    national: Annotated[bool, typer.Option("--national", help="A national list, not the city's own.")] = False,
    office: OfficeName = None,
) -> None:
    """Import a list that was published before, so that new cases are compared with it."""
    import hashlib

    from domain.permissions import Permission
    from services.document_import import read_file
    from services.replication_known import known_list_command
    from services.unit_lookup import stored_registry

    content = read_file(path)
    with acting(login) as console:
        office_id = office_for(console, Permission.CASE_MANAGE, office)
        with console.container.reads() as session:
            registry = stored_registry(session, console.today)
        command = known_list_command(
            console.actor,
            content,
            name=path.name,
            digest=hashlib.sha256(content).digest(),
            office_unit_id=office_id,
            registry=registry,
            national=national,
        )
        typer.echo(f"{console.run(command)} rows")
