"""Read an official task list from a document; --dry-run shows what would be imported."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def import_document(
    file: Annotated[Path, typer.Argument(help="A .docx or .txt document.", show_default=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read the document and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole result as JSON.")] = False,
) -> None:
    """Read an official task list from a document; --dry-run shows what would be imported."""
    from importers import read_document

    document = read_document(file)
    if not dry_run:
        raise typer.BadParameter("only --dry-run is available without a database", param_hint="--dry-run")
    if as_json:
        import orjson

        sys.stdout.buffer.write(orjson.dumps(document.to_json(), option=orjson.OPT_INDENT_2) + b"\n")
    else:
        from importers.display import print_table

        print_table(document)
