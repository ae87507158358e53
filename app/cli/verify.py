"""Say whether a file is the one that was issued, and whether its proofs are unchanged in the store."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli._business import AsJson, print_json
from app.cli._console import operating

app = typer.Typer()

EXIT_NOT_INTACT = 1


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A PDF or .docx.", exists=True, dir_okay=False, show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Say whether a file is the one that was issued, and whether its proofs are unchanged; exit code 1 if not."""
    import hashlib

    from app.container import make_storage
    from domain.documents import FileVerdict, Verdict
    from domain.labels import label
    from domain.messages.dossiers import STORE_WORDS
    from services.queries.documents import verify_file
    from services.queries.dossiers import EXPUNGED, proofs_of

    with operating() as console:
        claims = console.container.draughtsman.claims(file.resolve())
        with file.open("rb") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").digest()
        files = make_storage(console.container.settings).files
        with console.container.reads() as session:
            found = verify_file(session, sha256, claims)
            proofs = proofs_of(session, files, found.document.id) if found.document else []
    if as_json:
        print_json({"file": found, "proofs": proofs})
    else:
        named = f"\t{found.document.mark}\t{found.document.title}" if found.document else ""
        typer.echo(f"{label(Verdict, found.verdict)}{named}")
        for name, verdict in found.files.items():
            typer.echo(f"  {label(FileVerdict, verdict)}\t{name}")
        for proof in proofs:
            typer.echo(f"  {STORE_WORDS[proof.fault]}\t{proof.name}\t{proof.sha256}")
    if not found.intact or any(proof.fault not in {None, EXPUNGED} for proof in proofs):
        raise typer.Exit(EXIT_NOT_INTACT)
