"""The audit record: verify its chain, seal what is new, search it."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli._business import AsJson, asking, print_json
from app.cli._console import PAGE, operating, print_table

if TYPE_CHECKING:
    from services.sealing import Anchor, Verification

app = typer.Typer(no_args_is_help=True)

EXIT_BROKEN = 1


@app.callback()
def audit() -> None:
    """The audit record: verify its chain, seal what is new, search it."""


@app.command()
def verify(
    anchor: Annotated[
        str | None, typer.Option(help="SEQUENCE:DIGEST that was written down before.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Recompute the whole chain; exit code 1 if an entry is not what was sealed, or is gone."""
    from rich.console import Console as Screen
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from services.sealing import verify as verify_chain

    noted = _anchor(anchor) if anchor else None
    columns = (SpinnerColumn(), TextColumn("{task.completed}"))
    bar = Progress(*columns, console=Screen(stderr=True), transient=True)
    with operating() as console, console.container.snapshots() as session, bar:
        task = bar.add_task("", total=None)
        found = verify_chain(session, anchor=noted, progress=lambda count: bar.update(task, completed=count))
    if as_json:
        print_json({"intact": found.intact, "head": f"{found.sequence}:{found.digest.hex()}", "found": _plain(found)})
    else:
        _report(found)
    if not found.intact:
        raise typer.Exit(EXIT_BROKEN)


@app.command()
def seal() -> None:
    """Chain what is not chained yet. The scheduler does it every second; more than one at once does no harm."""
    from services.sealing import SealAudit

    with operating() as console:
        total = 0
        while True:
            done = console.run(SealAudit())
            total += done.entries
            if not done.more:
                break
        waiting = " (others are waited for)" if done.waiting else ""
        typer.echo(f"{total} sealed{' (another sealer is at it)' if done.busy else waiting}")


@app.command()
def search(
    *,
    subject: Annotated[str | None, typer.Option(help="The id of what it was done to.")] = None,
    command: Annotated[str | None, typer.Option(help="The name of the command, such as CompleteWorkItem.")] = None,
    login: Annotated[str | None, typer.Option("--by", help="Login of the person who did it.")] = None,
    refused: Annotated[bool | None, typer.Option("--refused/--done", help="Only one of the two.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=PAGE, help="Rows to print.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Print who commanded what, also in vain, newest first."""
    from uuid import UUID

    from services.queries.audit import AuditFilter, audit_entries
    from services.sign_in import actor_by_login

    try:
        subject_id = UUID(subject) if subject else None
    except ValueError as error:
        raise typer.BadParameter("a whole id", param_hint="--subject") from error
    with operating() as console, asking(console) as asked:
        now = console.container.clock.now()
        actor_id = actor_by_login(asked.session, login, now=now).id if login else None
        filters = AuditFilter(subject_id=subject_id, command=command, actor_id=actor_id, refused=refused)
        page = audit_entries(asked, filters, limit=limit)
    if as_json:
        print_json(page.rows)
        return
    from domain.calendar import LOCAL

    cells = [
        (
            r.id,
            f"{r.at.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}",
            r.actor,
            r.unit,
            r.command,
            r.error_code,
            r.subject_id,
            "" if r.sequence is None else r.sequence,
        )
        for r in page.rows
    ]
    print_table(("entry", "at", "who", "for", "command", "refused", "subject", "sealed"), cells)


def _anchor(given: str) -> "Anchor":
    from services.sealing import Anchor

    sequence, _, digest = given.partition(":")
    try:
        return Anchor(int(sequence), bytes.fromhex(digest))
    except ValueError as error:
        raise typer.BadParameter("SEQUENCE:DIGEST, as verify prints it", param_hint="--anchor") from error


def _plain(found: "Verification") -> dict[str, object]:
    from dataclasses import asdict

    return asdict(found) | {"digest": found.digest.hex()}


def _report(found: "Verification") -> None:
    for sequence, entry_id in found.broken:
        typer.echo(f"broken\tseal {sequence}\tentry {entry_id}")
    for entry_id in found.missing:
        typer.echo(f"missing\t\tentry {entry_id}")
    for sequence in found.gaps:
        typer.echo(f"no seal\tseal {sequence}")
    for entry_id in found.inserted:
        typer.echo(f"inserted\t\tentry {entry_id}")
    if found.anchor_holds is not None:
        typer.echo(f"anchor {'holds' if found.anchor_holds else 'does not hold'}")
    faults = found.broken_count + found.missing_count + found.inserted_count + len(found.gaps)
    since = f" since {found.unsealed_since:%Y-%m-%d %H:%M:%S %Z}" if found.unsealed_since else ""
    typer.echo(f"{found.sealed} sealed, {faults} faults, {found.unsealed} not sealed yet{since}")
    typer.echo(f"{found.sequence}:{found.digest.hex()}")
