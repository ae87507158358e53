"""Evidence files: check that they are what they were, remove what uploads left behind."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from services.queries.evidence_check import Fault

app = typer.Typer(no_args_is_help=True)

EXIT_FAULTS = 1


@app.callback()
def evidence() -> None:
    """Evidence files: check that they are what they were, remove what uploads left behind."""


@app.command()
def verify(
    item: Annotated[UUID | None, typer.Option(help="Only the evidence of this item.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the faults as JSON.")] = False,
) -> None:
    """Read every stored file again and compare it with its hash; exit code 1 if one is not what it was."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    from app.container import make_storage, opened_container
    from app.settings import Settings
    from services.queries.evidence_check import orphans, stored_contents, verify_contents

    settings = Settings()
    files = make_storage(settings).files
    with opened_container(settings) as container:
        with container.reads() as session:
            contents = stored_contents(session, item)
        bar = Progress(
            BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn(), console=Console(stderr=True)
        )
        with bar:
            task = bar.add_task("", total=sum(content.size for content in contents))
            faults = verify_contents(contents, files, progress=lambda size: bar.advance(task, size))
        with container.reads() as session:
            if faults:
                # What was expunged while the disk was read is no fault.
                suspects = {fault.path for fault in faults}
                again = [c for c in stored_contents(session, item) if files.path(c.sha256) in suspects]
                faults = verify_contents(again, files, progress=lambda _size: None)
            if item is None:
                faults += orphans(session, files, now=container.clock.now())
    _report(faults, len(contents), as_json=as_json)
    if faults:
        raise typer.Exit(EXIT_FAULTS)


@app.command()
def sweep() -> None:
    """Remove uploads that expired, and what processes that died left behind. For a timer; does no harm at any time."""
    from app.container import opened_container
    from domain.permissions import SCHEDULER
    from services.uploads import SweepUploads

    with opened_container() as container:
        removed = container.executor.execute(SweepUploads(), actor=SCHEDULER)
    typer.echo(removed)


def _report(faults: "list[Fault]", checked: int, *, as_json: bool) -> None:
    if as_json:
        import orjson

        rows = [{"kind": fault.kind, "path": str(fault.path), "names": fault.names} for fault in faults]
        typer.echo(orjson.dumps({"checked": checked, "faults": rows}, option=orjson.OPT_INDENT_2).decode())
        return
    for fault in faults:
        typer.echo(f"{fault.kind}\t{fault.path}\t{', '.join(fault.names)}")
    typer.echo(f"{checked} checked, {len(faults)} faults")
