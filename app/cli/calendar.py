"""The working calendar: which years are loaded, and loading those that come with the program."""

import typer
from sqlmodel import col, select

from app.container import opened_container
from db.tables import CalendarYear
from domain.permissions import OPERATOR
from services.calendars import LoadShippedYears

app = typer.Typer(no_args_is_help=True)


@app.callback()
def calendar() -> None:
    """The working calendar: holidays and make-up days by year."""


@app.command()
def load() -> None:
    """Load the years that come with the program and are not there yet."""
    with opened_container() as container:
        years = container.executor.execute(LoadShippedYears(), actor=OPERATOR)
    typer.echo(", ".join(map(str, years)) or "no new year")


@app.command("list")
def list_years() -> None:
    """The years that are loaded, and their source."""
    with opened_container() as container, container.reads() as session:
        for year in session.exec(select(CalendarYear).order_by(col(CalendarYear.year))):
            typer.echo(f"{year.year}  {year.source}")
