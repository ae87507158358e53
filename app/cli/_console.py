"""What the commands of the console share: who acts, on which database, and how rows are printed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from domain.calendar import local_date
from domain.permissions import OPERATOR, Actor

if TYPE_CHECKING:
    from app.container import Container
    from domain.errors import RowsRefused
    from services.executor import Command
    from services.imported_rows import RowResult
    from services.queries.page import Key, Page

Result = TypeVar("Result")
Row = TypeVar("Row")

PAGE = 200
"""Rows that one query reads."""

AsLogin = Annotated[str, typer.Option("--as", help="Login of the person who acts.", show_default=False)]
CheckOnly = Annotated[bool, typer.Option("--check", help="Check every row and write nothing.")]


@dataclass(frozen=True, slots=True)
class Console:
    """A container, and who acts in it."""

    container: "Container"
    actor: Actor

    @property
    def today(self) -> date:
        """Today in Asia/Shanghai."""
        return local_date(self.container.clock.now())

    def run(self, command: "Command[Result]") -> Result:
        """Run a command as the actor. Raises what the executor raises."""
        from services.executor import RequestInfo

        return self.container.executor.execute(command, actor=self.actor, request=RequestInfo(source="console"))


@contextmanager
def operating() -> Iterator[Console]:
    """The operator at the console: sets up units, people, accounts and models, and does no business."""
    from app.container import opened_container

    with opened_container() as container:
        yield Console(container, OPERATOR)


@contextmanager
def acting(login: str) -> Iterator[Console]:
    """A person, by login, with the roles they hold today: for everything that is business.

    Raises:
        NotFound: nobody has this login, or the account is disabled.
    """
    from app.container import opened_container
    from services.sign_in import actor_by_login

    with opened_container() as container:
        with container.reads() as session:
            actor = actor_by_login(session, login, now=container.clock.now())
        yield Console(container, actor)


def every_row(read: "Callable[[Key | None], Page[Row]]") -> list[Row]:
    """The rows of all pages; `read` gives the page after a place."""
    page = read(None)
    rows = list(page.rows)
    while page.next is not None:
        page = read(page.next)
        rows += page.rows
    return rows


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table on standard output, as wide as its cells; None prints as nothing."""
    from rich import box
    from rich.console import Console as Screen
    from rich.table import Table

    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    # Piped into a file, nothing is cut at eighty columns.
    screen = Screen(highlight=False)
    Screen(highlight=False, width=screen.width if screen.is_terminal else 240).print(table)


def report_rows(results: Sequence["RowResult"], *, check_only: bool) -> None:
    """What an import did with each row that it changed, and the sums."""
    from services.imported_rows import RowOutcome

    shown = [row for row in results if row.outcome is not RowOutcome.UNCHANGED]
    if shown:
        cells = [(row.number, row.what, row.outcome, ", ".join(row.fields)) for row in shown]
        print_table(("row", "what", "outcome", "fields"), cells)
    sums = ", ".join(f"{sum(row.outcome is each for row in results)} {each}" for each in RowOutcome)
    typer.echo(f"{sums}{' (checked only, nothing written)' if check_only else ''}")


@contextmanager
def refusals_by_row() -> Iterator[None]:
    """Print every wrong row instead of the first few, and end with the exit code of a refusal."""
    from app.cli import EXIT_REFUSED
    from domain.errors import RowsRefused

    try:
        yield
    except RowsRefused as error:
        for row in _rows(error):
            typer.echo(f"{row['row']}\t{row['code']}\t{row['reason']}", err=True)
        typer.echo(f"{error.facts['count']} rows refused, nothing written", err=True)
        raise typer.Exit(EXIT_REFUSED) from error


def _rows(error: "RowsRefused") -> Sequence[dict[str, Any]]:
    rows = error.facts["rows"]
    assert isinstance(rows, list)
    return rows
