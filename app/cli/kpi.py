"""KPI targets: how they stand, their figures with sources, the items that serve them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli._business import (
    AsJson,
    OfficeName,
    Reference,
    asking,
    brief,
    day,
    office_for,
    print_json,
    units_called,
)
from app.cli._console import AsLogin, acting, print_table
from domain.labels import YES

if TYPE_CHECKING:
    from uuid import UUID

    from services.queries.reading import Reading

app = typer.Typer(no_args_is_help=True)

_DAY = ["%Y-%m-%d"]
AsOf = Annotated[datetime | None, typer.Option("--as-of", formats=_DAY, help="As of this day; today if not said.")]
Source = Annotated[str, typer.Option("--source", help="Where the figure is from.", show_default=False)]


@app.callback()
def kpi() -> None:
    """KPI targets: how they stand, their figures with sources, the items that serve them."""


@app.command("list")
def list_targets(login: AsLogin, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Print the targets with value, schedule and forecast; what cannot be assessed says why."""
    from domain.messages.assessment_labels import KPI_COLUMNS
    from services.queries.kpi import kpi_targets
    from services.queries.references import short

    with acting(login) as console, asking(console) as asked:
        rows = kpi_targets(asked, as_of=as_of.date() if as_of else None)
    if as_json:
        print_json(rows)
        return
    cells = [
        (
            short(row.id),
            brief(row.name, 24),
            f"{row.target:g}{row.unit}",
            day(row.value_as_of),
            _figure(row.value, row.unit),
            _figure(row.expected, row.unit),
            f"{row.state_label} {row.why_not_label}".strip(),
            _figure(row.forecast, row.unit),
            "" if row.low is None or row.high is None else f"{row.low:.4g}-{row.high:.4g}",
            row.method_label,
        )
        for row in rows
    ]
    print_table(KPI_COLUMNS, cells)


@app.command()
def show(reference: Reference, login: AsLogin, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Print a target's figures with their sources."""
    from domain.messages.assessment_labels import KPI_FIGURE_COLUMNS
    from services.queries.kpi import kpi_target

    with acting(login) as console, asking(console) as asked:
        found = kpi_target(asked, _called(asked, reference), as_of=as_of.date() if as_of else None)
    if as_json:
        print_json(found)
        return
    typer.echo(f"{found.row.name}: {found.row.state_label} {found.row.why_not_label}")
    cells = [
        (each.as_of, f"{each.value:g}", each.source, each.recorded_at, each.recorded_by, YES if each.counts else "")
        for each in found.figures
    ]
    print_table(KPI_FIGURE_COLUMNS, cells)


@app.command("set")
def set_target(
    *,
    name: Annotated[str, typer.Argument(help="What is to be reached.", show_default=False)],
    login: AsLogin,
    kind: Annotated[str, typer.Option(help="cumulative_count, cumulative_sum, annual_average_growth or share_level.")],
    target: Annotated[float, typer.Option(help="The value to reach.")],
    unit: Annotated[str, typer.Option(help="Its unit.")],
    since: Annotated[datetime, typer.Option("--since", formats=_DAY, help="The day from which is counted.")],
    until: Annotated[datetime, typer.Option("--until", formats=_DAY, help="The target's date.")],
    source: Source,
    base: Annotated[float | None, typer.Option(help="The value on the first day.")] = None,
    base_source: Annotated[str, typer.Option(help="Where the base is from.")] = "",
    office: OfficeName = None,
) -> None:
    """Set a target."""
    from domain.kpi import KpiKind
    from domain.permissions import Permission
    from services.kpi import SetKpiTarget
    from services.queries.references import short

    if kind not in set(KpiKind):
        raise typer.BadParameter(f"one of {', '.join(KpiKind)}", param_hint="--kind")
    with acting(login) as console:
        command = SetKpiTarget(
            office_unit_id=office_for(console, Permission.KPI_EDIT, office),
            name=name,
            kind=KpiKind(kind),
            target=target,
            unit=unit,
            base_on=since.date(),
            target_on=until.date(),
            source=source,
            base=base,
            base_source=base_source,
        )
        typer.echo(short(console.run(command)))


@app.command("take-over")
def take_over(
    item: Annotated[str, typer.Argument(metavar="ITEM", help="An item whose import read a target.")],
    login: AsLogin,
    since: Annotated[datetime, typer.Option("--since", formats=_DAY, help="The day from which is counted.")],
) -> None:
    """Make a target of an imported item."""
    from services.kpi import TakeOverKpiTarget
    from services.queries.references import item_called, short

    with acting(login) as console:
        with asking(console) as asked:
            item_id = item_called(asked, item)
        typer.echo(short(console.run(TakeOverKpiTarget(item_id=item_id, base_on=since.date()))))


@app.command()
def base(
    reference: Reference,
    value: Annotated[float, typer.Argument(help="The value on the day from which is counted.")],
    login: AsLogin,
    source: Source,
) -> None:
    """Record the base of a target, or a better figure for it."""
    from services.kpi import SetKpiBase

    with acting(login) as console:
        with asking(console) as asked:
            target_id = _called(asked, reference)
        console.run(SetKpiBase(target_id=target_id, value=value, source=source))
        typer.echo("recorded")


@app.command()
def read(
    reference: Reference,
    value: Annotated[float, typer.Argument(help="The figure.")],
    login: AsLogin,
    on: Annotated[datetime, typer.Option("--on", formats=_DAY, help="The day it is true of.", show_default=False)],
    source: Source,
) -> None:
    """Record a figure; one of the same day counts from now on."""
    from services.kpi import RecordKpiReading

    with acting(login) as console:
        with asking(console) as asked:
            target_id = _called(asked, reference)
        console.run(RecordKpiReading(target_id=target_id, as_of=on.date(), value=value, source=source))
        typer.echo("recorded")


@app.command()
def link(
    reference: Reference,
    item: Annotated[str, typer.Argument(metavar="ITEM", help="The item, by its id.")],
    login: AsLogin,
    drop: Annotated[bool, typer.Option("--drop", help="It does not serve the target.")] = False,
) -> None:
    """Say that an item serves a target, or that it does not."""
    from services.kpi import LinkKpiItem
    from services.queries.references import item_called

    with acting(login) as console:
        with asking(console) as asked:
            target_id, item_id = _called(asked, reference), item_called(asked, item)
        console.run(LinkKpiItem(target_id=target_id, item_id=item_id, serves=not drop))
        typer.echo("dropped" if drop else "linked")


@app.command("arrange")
def arrange(
    reference: Reference,
    login: AsLogin,
    unit: Annotated[str, typer.Option(help="Who reports the figures.", show_default=False)],
    rhythm: Annotated[
        str, typer.Option(help="monthly, quarterly, half_yearly or yearly; nothing for by hand only.")
    ] = "",
) -> None:
    """Say which unit reports a target's figures, and how often the clock asks it."""
    from domain.kpi_reporting import KpiRhythm
    from services.kpi_requests import ArrangeKpiReporting

    if rhythm and rhythm not in set(KpiRhythm):
        raise typer.BadParameter(f"one of {', '.join(KpiRhythm)}", param_hint="--rhythm")
    with acting(login) as console:
        with asking(console) as asked:
            target_id = _called(asked, reference)
        [unit_id] = units_called(console, [unit])
        command = ArrangeKpiReporting(
            target_id=target_id, unit_id=unit_id, rhythm=KpiRhythm(rhythm) if rhythm else None
        )
        console.run(command)
        typer.echo("arranged")


@app.command()
def ask(
    reference: Reference,
    login: AsLogin,
    on: Annotated[datetime, typer.Option("--on", formats=_DAY, help="The day of the figure.", show_default=False)],
    unit: Annotated[str, typer.Option(help="The unit, if it is not who reports the target.")] = "",
) -> None:
    """Ask a unit for a figure, besides what the clock asks."""
    from services.kpi_requests import AskForKpiFigure
    from services.queries.references import short

    with acting(login) as console:
        with asking(console) as asked:
            target_id = _called(asked, reference)
        unit_id = units_called(console, [unit])[0] if unit else None
        typer.echo(short(console.run(AskForKpiFigure(target_id=target_id, as_of=on.date(), unit_id=unit_id))))


@app.command()
def requests(
    login: AsLogin,
    open_only: Annotated[bool, typer.Option("--open", help="Only those that are open.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print who was asked for which figure, who holds it since when, and what was answered."""
    from domain.messages.assessment_labels import KPI_REQUEST_COLUMNS
    from services.queries.kpi_requests import kpi_requests
    from services.queries.references import short

    with acting(login) as console, asking(console) as asked:
        rows = kpi_requests(asked, open_only=open_only)
    if as_json:
        print_json(rows)
        return
    cells = [
        (
            short(row.item_id),
            brief(row.target, 24),
            row.period,
            row.unit,
            row.holder.step if row.holder else "",
            f"{row.holder.unit} {row.holder.role_label}" if row.holder else "",
            row.holder.since if row.holder else "",
            row.holder.due_at if row.holder else "",
            row.answer_label,
            _figure(row.value, row.unit_of_measure),
            f"{row.outcome_label} {row.ended_because}".strip(),
        )
        for row in rows
    ]
    print_table(KPI_REQUEST_COLUMNS, cells)


@app.command()
def withdraw(
    reference: Reference,
    login: AsLogin,
    reason: Annotated[str, typer.Option(help="Why the figure is not wanted any more.", show_default=False)],
) -> None:
    """End an open request; the same day may be asked for again."""
    from sqlmodel import col, select

    from db.tables import Item, KpiRequest
    from services.kpi_requests import WithdrawKpiRequest
    from services.queries.references import one_called
    from services.visibility import visible_items

    with acting(login) as console:
        with asking(console) as asked:
            statement = select(col(KpiRequest.item_id)).join(Item).where(visible_items(asked.actor))
            item_id = one_called(asked.session, statement, col(KpiRequest.item_id), reference)
        console.run(WithdrawKpiRequest(item_id=item_id, reason=reason))
        typer.echo("withdrawn")


def _figure(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.4g}{unit}"


def _called(asked: "Reading", reference: str) -> "UUID":
    from sqlmodel import col, select

    from db.tables import KpiTarget
    from services.queries.kpi import visible_targets
    from services.queries.references import one_called

    statement = select(col(KpiTarget.id)).where(visible_targets(asked))
    return one_called(asked.session, statement, col(KpiTarget.id), reference)
