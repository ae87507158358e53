"""Leave: record who is away and who stands in, list it, end it."""

from datetime import datetime
from typing import Annotated

import typer

from app.cli._business import AsJson, Reference, asking, print_json
from app.cli._console import AsLogin, acting, print_table

app = typer.Typer(no_args_is_help=True)

Day = ["%Y-%m-%d"]


@app.callback()
def absences() -> None:
    """Leave: record who is away and who stands in, list it, end it."""


@app.command("list")
def list_absences(login: AsLogin, as_json: AsJson = False) -> None:
    """Print who is away or will be."""
    from domain.labels_of_columns import ABSENCE_COLUMNS
    from services.queries.absences import absences as found
    from services.queries.references import short

    with acting(login) as console, asking(console) as asked:
        rows = found(asked)
    if as_json:
        print_json(rows)
        return
    cells = [(short(r.id), r.person, r.first_day, r.last_day, r.substitute) for r in rows]
    print_table(tuple(ABSENCE_COLUMNS.values()), cells)


@app.command()
def record(
    login: AsLogin,
    first: Annotated[datetime, typer.Option("--from", formats=Day, help="The first day away.", show_default=False)],
    last: Annotated[datetime, typer.Option("--until", formats=Day, help="The last day away.", show_default=False)],
    person: Annotated[str | None, typer.Option(help="Whose leave, by login; without it one's own.")] = None,
    substitute: Annotated[str | None, typer.Option(help="Who stands in, by login.")] = None,
) -> None:
    """Record leave: one's own, or as a unit's leader that of others."""
    from services.absences import RecordAbsence
    from services.sign_in import actor_by_login

    with acting(login) as console:
        with console.container.reads() as session:
            now = console.container.clock.now()
            ids = [actor_by_login(session, name or login, now=now).id for name in (person, substitute or login)]
        assert ids[0] is not None
        command = RecordAbsence(
            person_id=ids[0],
            first_day=first.date(),
            last_day=last.date(),
            substitute_id=ids[1] if substitute else None,
        )
        typer.echo(f"recorded {console.run(command)}")


@app.command()
def end(
    absence: Reference,
    login: AsLogin,
    last: Annotated[
        datetime | None, typer.Option("--until", formats=Day, help="The last day away; without it all is called off.")
    ] = None,
) -> None:
    """End leave early, or call it off."""
    from domain.errors import NotFound
    from services.absences import EndAbsence
    from services.queries.absences import absences as found

    with acting(login) as console:
        with asking(console) as asked:
            ids = [row.id for row in found(asked) if str(row.id).startswith(absence.lower())]
        if len(ids) != 1:
            raise NotFound(absence)
        console.run(EndAbsence(absence_id=ids[0], last_day=last.date() if last else None))
        typer.echo("ended")
