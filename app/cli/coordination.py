"""Coordination: which problems climb from unit to ministry, where each stands, what every level wrote."""

from typing import Annotated

import typer

from app.cli._business import AsJson, Reference, asking, brief, day, print_json
from app.cli._console import AsLogin, acting, print_table

app = typer.Typer(no_args_is_help=True)


@app.callback()
def coordination() -> None:
    """Coordination: which problems climb from unit to ministry, where each stands, what every level wrote."""


@app.command("list")
def list_(
    login: AsLogin,
    open_only: Annotated[bool, typer.Option("--open", help="Only what is not settled.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the problems of the tasks that a person sees, newest first."""
    from domain.labels import YES
    from domain.messages.conferences import COORDINATION_COLUMNS
    from services.queries.coordination import coordinations
    from services.queries.references import short

    with acting(login) as console, asking(console) as asked:
        rows = coordinations(asked, open_only=open_only)
    if as_json:
        print_json(rows)
        return
    cells = [
        (
            short(row.instance_id),
            row.number,
            brief(row.text),
            row.level_label,
            YES if row.paused else "",
            row.outcome_label,
        )
        for row in rows
    ]
    print_table(tuple(COORDINATION_COLUMNS.values()), cells)


@app.command()
def show(problem: Reference, login: AsLogin, as_json: AsJson = False) -> None:
    """Print a problem as its lead put it, and the opinions of all levels."""
    from domain.errors import NotFound
    from domain.messages.conferences import OPINION_COLUMNS
    from services.queries.coordination import coordination_detail, coordinations

    with acting(login) as console, asking(console) as asked:
        found = [row.instance_id for row in coordinations(asked) if str(row.instance_id).startswith(problem.lower())]
        if len(found) != 1:
            raise NotFound(f"coordination {problem}")
        detail = coordination_detail(asked, found[0])
    if as_json:
        print_json(detail)
        return
    for words in (detail.problem, detail.tried, detail.wanted):
        typer.echo(words)
    cells = [
        (day(each.at), each.level_label, each.unit, each.who, each.decision_label, brief(each.opinion))
        for each in detail.opinions
    ]
    print_table(tuple(OPINION_COLUMNS.values()), cells)
