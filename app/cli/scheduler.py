"""The clock: open rounds, remind, escalate, fire timers. Runs until it is stopped; `status` shows how it is doing."""

import signal
import threading
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli._business import AsJson, asking, print_json
from app.cli._console import operating, print_table

if TYPE_CHECKING:
    from datetime import datetime

    from services.queries.operation import Operation

app = typer.Typer()


@app.callback(invoke_without_command=True)
def scheduler(context: typer.Context) -> None:
    """The clock: open rounds, remind, escalate, fire timers. Runs until it is stopped; `status` shows how it is doing.

    May run as often as wanted, on as many hosts: one of all processes works, the others stand by.
    """
    if context.invoked_subcommand is not None:
        return
    from app.container import opened_container
    from app.logging import configure_logging
    from app.memory import settle
    from app.settings import Settings
    from domain.messages.scheduling import notice

    settings = Settings()
    configure_logging(settings.log_level, settings.log_format)
    with opened_container(settings) as container, container.scheduler():
        typer.echo(notice("scheduler"))
        settle()
        wait_for_stop()
    typer.echo(notice("stopped"))


@app.command()
def status(as_json: AsJson = False) -> None:
    """Print which processes are alive, how late each sweep is, and what fails."""
    from services.queries.operation import operation

    with operating() as console, asking(console) as asked:
        found = operation(asked)
    if as_json:
        print_json(found)
    else:
        _show(found)


@app.command()
def retry(
    sweep: Annotated[str, typer.Argument(help="The sweep, as `status` names it.")],
    key: Annotated[str | None, typer.Argument(help="One key; without it everything of the sweep that failed.")] = None,
) -> None:
    """Try again at once what failed and rests, after its cause was mended."""
    from services.operation import TryAgain

    with operating() as console:
        typer.echo(f"{console.run(TryAgain(sweep=sweep, key=key))} will be tried")


def wait_for_stop() -> None:
    """Return when the process is asked to end, with SIGTERM or Ctrl-C."""
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    stop.wait()


def moment(at: "datetime | None") -> str:
    """A local point in time as a table prints it; empty for None."""
    from domain.calendar import LOCAL

    return "" if at is None else f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}"


def _show(found: "Operation") -> None:
    from domain.labels import YES
    from domain.messages.scheduling import FAILURE_COLUMNS, PROCESS_COLUMNS, SILENT, SWEEP_COLUMNS, notice, sweep_name

    lag = max((row.lag_seconds for row in found.sweeps), default=0.0)
    typer.echo(notice("ticking", lag=f"{lag:.0f}") if found.ticking else notice("not_ticking"))
    print_table(
        PROCESS_COLUMNS,
        [
            (
                p.kind,
                p.host,
                p.pid,
                SILENT if p.silent else YES if p.ticking else "",
                moment(p.started_at),
                moment(p.seen_at),
            )
            for p in found.processes
        ],
    )
    print_table(
        SWEEP_COLUMNS,
        [
            (
                f"{sweep_name(s.name)} {s.name}",
                moment(s.ran_at),
                s.took_ms,
                s.done,
                s.done_ever,
                s.backlog,
                moment(s.oldest_due_at),
                round(s.lag_seconds),
                s.failing or None,
            )
            for s in found.sweeps
        ],
    )
    if found.failures:
        print_table(
            FAILURE_COLUMNS,
            [
                (
                    f"{sweep_name(f.sweep)} {f.sweep}",
                    f.key,
                    f"{f.attempts}{' !' if f.incident else ''}",
                    moment(f.first_at),
                    moment(f.next_try_at),
                    f"{f.error_code}: {f.error[:80]}",
                )
                for f in found.failures
            ],
        )
    incidents = sum(failure.incident for failure in found.failures)
    if incidents:
        typer.echo(notice("incidents", count=incidents))
