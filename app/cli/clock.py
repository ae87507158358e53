"""The time of an item: ask for an extension, a suspension or another lead; triggers, resume, history."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli._business import Reference, asking
from app.cli._console import AsLogin, Console, acting

if TYPE_CHECKING:
    from uuid import UUID

app = typer.Typer(no_args_is_help=True)

Because = Annotated[str, typer.Option("--because", help="The reason, in words.", show_default=False)]
_DAY = ["%Y-%m-%d"]


@app.callback()
def clock() -> None:
    """The time of an item: ask for an extension, a suspension or another lead; triggers, resume, history."""


@app.command()
def ask(
    process: Annotated[str, typer.Argument(help="extension, suspension, change_of_responsibility or coordination.")],
    reference: Reference,
    login: AsLogin,
) -> None:
    """Open the process; the application is the form of the work item that is printed."""
    from services.queries.references import short
    from services.side_processes import SideProcess, StartSideProcess

    if process not in set(SideProcess):
        raise typer.BadParameter(f"one of {', '.join(SideProcess)}", param_hint="PROCESS")
    with acting(login) as console:
        item_id, version = _seen(console, reference)
        command = StartSideProcess(item_id=item_id, seen_version=version, process=SideProcess(process))
        for work in console.run(command).opened:
            typer.echo(f"{short(work.id)}\t{work.bpmn_id}")


@app.command()
def trigger(
    reference: Reference,
    login: AsLogin,
    document: Annotated[str, typer.Option("--document", help="The higher level's document.", show_default=False)],
    on: Annotated[datetime, typer.Option("--on", formats=_DAY, help="Its date.", show_default=False)],
    due: Annotated[datetime | None, typer.Option("--due", formats=_DAY, help="The last day in time.")] = None,
) -> None:
    """Record the higher level's document: the clock starts, or goes on."""
    from services.clock_keeping import RecordTrigger

    with acting(login) as console:
        item_id, version = _seen(console, reference)
        command = RecordTrigger(
            item_id=item_id,
            seen_version=version,
            document_number=document,
            happened_on=on.date(),
            due_on=due.date() if due else None,
        )
        console.run(command)
        typer.echo("recorded")


@app.command()
def resume(reference: Reference, login: AsLogin, because: Because) -> None:
    """Let a suspended clock go on, with the working time that was left."""
    from services.clock_keeping import ResumeItem

    with acting(login) as console:
        item_id, version = _seen(console, reference)
        console.run(ResumeItem(item_id=item_id, seen_version=version, reason=because))
        typer.echo("resumed")


@app.command("take-up")
def take_up(reference: Reference, login: AsLogin) -> None:
    """Let the date of an item that was taken over as history count from now on."""
    from services.clock_keeping import TakeUpHistory

    with acting(login) as console:
        item_id, version = _seen(console, reference)
        console.run(TakeUpHistory(item_id=item_id, seen_version=version))
        typer.echo("taken up")


def _seen(console: Console, reference: str) -> "tuple[UUID, int]":
    """The item and the version that the person at the console sees now."""
    from services.queries.item_detail import visible_item
    from services.queries.references import item_called

    with asking(console) as asked:
        item = visible_item(asked, item_called(asked, reference))
        return item.id, item.version
