"""Half-time and final view: how much of the lists is done by a day, by class of deadline."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from app.cli._business import AsJson, asking, brief, print_json
from app.cli._console import AsLogin, acting, print_table

app = typer.Typer()

_DAY = ["%Y-%m-%d"]


@app.command()
def views(
    *,
    login: AsLogin,
    lists: Annotated[list[str] | None, typer.Option("--list", help="Only this list; may be repeated.")] = None,
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=_DAY, help="As of this day; today if not said.")
    ] = None,
    known_at: Annotated[
        datetime | None, typer.Option("--known-at", help="As known at this moment (UTC); now if not said.")
    ] = None,
    most: Annotated[int, typer.Option("--most", help="List so many items at most.", min=1, max=10_000)] = 1000,
    as_json: AsJson = False,
) -> None:
    """Print completion by class of deadline; suspended and terminated items are listed outside the denominator."""
    from domain.messages.assessment_labels import COMPLETION_COLUMNS, OUTSIDE_COLUMNS, WHOLE
    from services.queries.completion_counts import completion_page
    from services.queries.references import list_called

    with acting(login) as console, asking(console, snapshot=True) as asked:
        page = completion_page(
            asked,
            list_ids=[list_called(asked, reference) for reference in lists or ()],
            as_of=as_of.date() if as_of else None,
            known_at=known_at.replace(tzinfo=UTC) if known_at else None,
            most=most,
        )
    found = page.report
    if as_json:
        print_json(found)
        return
    cells = [
        (
            row.label,
            row.total,
            row.completed,
            row.breakthrough,
            row.in_progress,
            row.overdue,
            row.not_started,
            row.on_time,
            "" if row.rate is None else f"{row.rate:.1%}",
        )
        for row in found.classes
    ]
    whole = "" if found.rate is None else f"{found.rate:.1%}"
    counts = [row[1:-1] for row in cells]
    sums = [sum(int(count) for count in column) for column in zip(*counts, strict=True)]
    print_table(COMPLETION_COLUMNS, [*cells, (WHOLE, *sums, whole)])
    outside = [(item.number, brief(item.text), item.leads, item.outside_label) for item in found.items if item.outside]
    if outside:
        print_table(OUTSIDE_COLUMNS, outside)
    if found.outside > len(outside):
        typer.echo(f"{len(outside)} of {found.outside} listed; see --most", err=True)
