"""Issued documents: list them, write one as a file, say whether a file is the one that was issued."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli._business import AsJson, Reference, asking, print_json
from app.cli._console import AsLogin, acting, operating, print_table

app = typer.Typer(no_args_is_help=True)

EXIT_NOT_INTACT = 1


@app.callback()
def documents() -> None:
    """Issued documents: list them, write one as a file, say whether a file is the one that was issued."""


@app.command("list")
def list_(
    login: AsLogin,
    text: Annotated[str | None, typer.Option(help="In the title or the number.")] = None,
    series: Annotated[str | None, typer.Option(help="Of this series.")] = None,
    year: Annotated[int | None, typer.Option(help="Of this year.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the documents that a person sees, newest first."""
    from app.cli._console import every_row
    from domain.labels import YES
    from domain.labels_of_columns import DOCUMENT_COLUMNS
    from services.queries.documents import list_documents
    from services.queries.references import short

    with acting(login) as console, asking(console) as asked:
        rows = every_row(
            lambda after: list_documents(asked, text=text, series=series, year=year, after=after, limit=200)
        )
    if as_json:
        print_json(rows)
        return
    cells = [
        (short(r.id), r.series_name, r.mark, r.title, r.office_name, r.issued_on, YES if r.withdrawn_at else "")
        for r in rows
    ]
    print_table(tuple(DOCUMENT_COLUMNS.values()), cells)


@app.command()
def write(
    document: Reference,
    login: AsLogin,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The file; its ending says which kind.")] = None,
) -> None:
    """Write a document as .pdf or .docx: drawn when it is first asked for, the same file ever after."""
    import shutil

    from domain.documents import DocumentFormat
    from services.printing import printed
    from services.queries.references import document_called

    form = DocumentFormat.DOCX if out is not None and out.suffix == ".docx" else DocumentFormat.PDF
    with acting(login) as console, asking(console) as asked:
        container = console.container
        found = printed(container.executor, container.draughtsman, asked, document_called(asked, document), form)
        target = out or Path(found.name)
        shutil.copyfile(found.path, target)
    typer.echo(f"{target}\tsha256 {found.sha256}")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A PDF or .docx.", exists=True, dir_okay=False, show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Say whether a file is the one that was issued and each file in it unchanged; exit code 1 if not."""
    import hashlib

    from domain.documents import FileVerdict, Verdict
    from domain.labels import label
    from services.queries.documents import verify_file

    with operating() as console:
        claims = console.container.draughtsman.claims(file.resolve())
        with file.open("rb") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").digest()
        with console.container.reads() as session:
            found = verify_file(session, sha256, claims)
    if as_json:
        print_json(found)
    else:
        named = f"\t{found.document.mark}\t{found.document.title}" if found.document else ""
        typer.echo(f"{label(Verdict, found.verdict)}{named}")
        for name, verdict in found.files.items():
            typer.echo(f"  {label(FileVerdict, verdict)}\t{name}")
    if not found.intact:
        raise typer.Exit(EXIT_NOT_INTACT)


@app.command()
def due(login: AsLogin, as_json: AsJson = False) -> None:
    """Print the reminder letters and supervision orders that the ladder has asked for and nobody has issued."""
    from app.cli._business import brief
    from domain.labels_of_columns import DUE_ORDER_COLUMNS
    from services.queries.orders import due_orders
    from services.queries.references import short

    with acting(login) as console, asking(console) as asked:
        rows = due_orders(asked)
    if as_json:
        print_json(rows)
        return
    cells = [
        (short(r.escalation_id), short(r.item_id), r.number, brief(r.text), r.document_label, r.fired_at.date())
        for r in rows
    ]
    print_table(tuple(DUE_ORDER_COLUMNS.values()), cells)


@app.command()
def order(
    item: Reference,
    login: AsLogin,
    kind: Annotated[
        str, typer.Option(help="urge_notice, reminder_letter, supervision_order or red_supervision_order.")
    ] = "supervision_order",
    words: Annotated[str, typer.Option(help="What is demanded, in place of the usual sentences.")] = "",
    reply_within: Annotated[int, typer.Option(help="Working days to answer.", min=1, max=60)] = 5,
) -> None:
    """Issue a reminder letter or a supervision order to an item's leads, and settle what the ladder asked for."""
    from domain.ladder import EscalationDocument
    from services.orders import IssueOrder
    from services.queries.orders import due_orders
    from services.queries.references import item_called

    if kind not in set(EscalationDocument):
        raise typer.BadParameter(f"one of {', '.join(EscalationDocument)}", param_hint="--kind")
    document = EscalationDocument(kind)
    with acting(login) as console:
        with asking(console) as asked:
            item_id = item_called(asked, item)
            asked_for = [r.escalation_id for r in due_orders(asked) if (r.item_id, r.document) == (item_id, document)]
        issued = console.run(
            IssueOrder(
                item_id=item_id,
                document=document,
                words=words,
                reply_within=reply_within,
                escalation_id=asked_for[0] if asked_for else None,
            )
        )
    typer.echo(f"{issued.mark}\t{issued.id}")


@app.command()
def withdraw(
    document: Reference,
    login: AsLogin,
    reason: Annotated[str, typer.Option(help="Why it is taken back.", show_default=False)],
) -> None:
    """Take a document back and print who has it. Its number stays taken and its text on record."""
    from services.documents import WithdrawDocument
    from services.queries.references import document_called

    with acting(login) as console:
        with asking(console) as asked:
            document_id = document_called(asked, document)
        for name in console.run(WithdrawDocument(document_id=document_id, reason=reason)):
            typer.echo(name)


@app.command()
def series(
    login: AsLogin,
    key: Annotated[str | None, typer.Argument(help="A series whose numbers are to be printed otherwise.")] = None,
    pattern: Annotated[str | None, typer.Option(help="With {year} and {number}.")] = None,
) -> None:
    """Print the series of the person's office, or say how the numbers of one are printed from the next one on."""
    from app.cli._business import office_for
    from domain.permissions import Permission
    from services.documents import SetSeries
    from services.queries.documents import series_of

    if (key is None) != (pattern is None):
        raise typer.BadParameter("name a series and its pattern, or neither", param_hint="KEY")
    with acting(login) as console:
        office = office_for(console, Permission.DOCUMENT_SERIES, None)
        if key is not None and pattern is not None:
            console.run(SetSeries(office_unit_id=office, key=key, pattern=pattern))
        with asking(console) as asked:
            rows = series_of(asked, office)
    for row in rows:
        typer.echo(f"{row.key}\t{row.name}\t{row.pattern}")
