"""Make the dossier of an item or a case: numbered, frozen, with its proofs in it."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli._business import Reference, asking
from app.cli._console import AsLogin, acting

app = typer.Typer()


@app.command()
def dossier(  # noqa: PLR0917  Typer reads the command line from the signature
    reference: Reference,
    login: AsLogin,
    public: Annotated[bool, typer.Option("--public", help="The version that may be published: masked.")] = False,
    docx: Annotated[bool, typer.Option("--docx", help="Also as .docx, for editing.")] = False,
    without_files: Annotated[
        bool, typer.Option("--without-files", help="Only hashes of the evidence, no files in the PDF.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(help="The file to write; named after the dossier if not given.", dir_okay=False)
    ] = None,
) -> None:
    """Make the dossier of an item or a case: numbered, frozen, with its proofs in it."""
    from rich.console import Console as Screen

    from domain.documents import DocumentFormat
    from services.dossier_content import Scope
    from services.dossiers import IssueDossier
    from services.printing import printed
    from services.queries.references import item_called

    forms = [DocumentFormat.PDF, *([DocumentFormat.DOCX] if docx else [])]
    scope = Scope.PUBLIC if public else Scope.FULL
    told = []
    with acting(login) as console, Screen(stderr=True).status("") as status:
        with asking(console) as asked:
            item_id = item_called(asked, reference)
        status.update("gathering")
        issued = console.run(IssueDossier(item_id=item_id, scope=scope, with_files=not without_files))
        for form in forms:
            status.update(f"drawing .{form}")
            with asking(console) as asked:
                container = console.container
                file = printed(container.executor, container.draughtsman, asked, issued.id, form)
            target = (output or Path(issued.mark)).with_suffix(f".{form}")
            write_file(target, file.path.read_bytes())
            told.append(f"{target}: {issued.mark}, {target.stat().st_size} bytes, sha256 {file.sha256}")
    typer.echo("\n".join(told))


def write_file(target: Path, content: bytes) -> None:
    """Write a file beside the old one first, so that whoever has that open keeps it whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.part")
    partial.write_bytes(content)
    partial.replace(target)
