"""Units: import the registry from a spreadsheet, list it, decide on printed names it does not know."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli._console import PAGE, CheckOnly, every_row, operating, print_table, refusals_by_row, report_rows

app = typer.Typer(no_args_is_help=True)

Printed = Annotated[str, typer.Argument(help="The name as the document prints it.", show_default=False)]


@app.callback()
def units() -> None:
    """Units: import the registry from a spreadsheet, list it, decide on printed names it does not know."""


@app.command("import")
def import_units(
    file: Annotated[Path | None, typer.Argument(help="A .xlsx or .csv file.", show_default=False)] = None,
    packaged: Annotated[bool, typer.Option("--packaged", help="The registry that comes with the program.")] = False,
    check_only: CheckOnly = False,
) -> None:
    """Import a spreadsheet: all rows, or none if one is wrong. The same file again changes nothing."""
    from importers.sheets.packaged import packaged_units
    from importers.sheets.table import read_path
    from importers.sheets.units import read_units
    from services.unit_import import ImportUnits

    if packaged == (file is not None):
        raise typer.BadParameter("name a file, or --packaged", param_hint="FILE")
    with refusals_by_row(), operating() as console:
        sheet = read_units(read_path(file)) if file else packaged_units()
        command = ImportUnits(sheet=sheet, source_name=file.name if file else "packaged", check_only=check_only)
        report_rows(console.run(command).rows, check_only=check_only)


@app.command("list")
def list_registry(
    kind: Annotated[str | None, typer.Option(help="Only this kind, such as department or district.")] = None,
    name: Annotated[str, typer.Option(help="Part of any of the unit's names.")] = "",
) -> None:
    """Print the units in the office's order."""
    from domain.units import UnitKind
    from services.queries.units import list_units

    if kind is not None and kind not in set(UnitKind):
        raise typer.BadParameter(f"one of {', '.join(UnitKind)}", param_hint="--kind")
    wanted = UnitKind(kind) if kind is not None else None
    with operating() as console, console.container.reads() as session:
        rows = every_row(lambda after: list_units(session, kind=wanted, name=name, after=after, limit=PAGE))
        print_table(
            ("unit", "official name", "kind", "until", "successor"),
            [(row.short_name, row.official_name, row.kind, row.valid_to, row.successor) for row in rows],
        )
        typer.echo(f"{len(rows)} units")


@app.command()
def candidates() -> None:
    """Print the names that documents use and the registry does not know."""
    from services.queries.units import list_candidates

    with operating() as console, console.container.reads() as session:
        rows = every_row(lambda after: list_candidates(session, on=console.today, after=after, limit=PAGE))
        print_table(("printed", "perhaps", "where"), [(r.printed, ", ".join(r.alike), r.context[:60]) for r in rows])
        typer.echo(f"{len(rows)} names")


@app.command()
def confirm(
    printed: Printed,
    unit: Annotated[str, typer.Argument(help="Any name of the unit it means.", show_default=False)],
    former: Annotated[bool, typer.Option("--former", help="It is a name the unit had, not another spelling.")] = False,
) -> None:
    """Say which unit a printed name means: it becomes one of the unit's names."""
    from domain.errors import NotFound
    from services.queries.units import candidate_called
    from services.unit_lookup import stored_registry
    from services.units import AliasKind, ConfirmCandidate

    with operating() as console:
        with console.container.reads() as session:
            candidate = candidate_called(session, printed)
            registry = stored_registry(session, console.today)
            match = registry.lookup(unit)
            unit_id = registry.unit_id(match.unit) if match.unit else None
        if unit_id is None:
            raise NotFound(f"unit {unit}")
        kind = AliasKind.FORMER if former else AliasKind.SPELLING
        console.run(ConfirmCandidate(candidate_id=candidate.id, unit_id=unit_id, kind=kind))
        typer.echo(f"{printed} = {match.unit}")


@app.command()
def reject(printed: Printed) -> None:
    """Say that a printed name is no unit: it is not asked about again."""
    from services.queries.units import candidate_called
    from services.units import RejectCandidate

    with operating() as console:
        with console.container.reads() as session:
            candidate = candidate_called(session, printed)
        console.run(RejectCandidate(candidate_id=candidate.id))
        typer.echo(f"{printed} is no unit")
