"""Report sheets: what a unit reports in one period of a list, handed in, signed and reviewed in one act."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from app.cli._business import AsJson, asking, brief, print_json, units_called
from app.cli._console import AsLogin, Console, acting, print_table

if TYPE_CHECKING:
    from services.queries.sheets import SheetRow, SheetView
    from services.sheets import RowAct

app = typer.Typer(no_args_is_help=True)

ListName = Annotated[str, typer.Argument(metavar="LIST", help="The list, by its id.", show_default=False)]
PeriodName = Annotated[str, typer.Argument(metavar="PERIOD", help="Such as 2026-03.", show_default=False)]
UnitName = Annotated[str, typer.Argument(metavar="UNIT", help="The unit whose sheet it is.", show_default=False)]
CoUnit = Annotated[bool, typer.Option("--co-unit", help="The unit's parts of others' reports.")]
Returned = Annotated[list[str] | None, typer.Option("--return", help="An item's number; may be repeated.")]
Reason = Annotated[str | None, typer.Option(help="The reason code of the returns.")]
Opinion = Annotated[str, typer.Option(help="What one says with the returns.")]


@app.callback()
def sheets() -> None:
    """Report sheets: what a unit reports in one period of a list, handed in, signed and reviewed in one act."""


@app.command()
def show(
    *, list_: ListName, period: PeriodName, unit: UnitName, login: AsLogin, co_unit: CoUnit = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Print a sheet with where each row stands, its draft and the last period's figures."""
    with acting(login) as console:
        view = _view(console, list_, period, unit, co_unit=co_unit)
    if as_json:
        print_json(view)
        return
    _print(view)


@app.command()
def submit(
    *, list_: ListName, period: PeriodName, unit: UnitName, login: AsLogin, co_unit: CoUnit = False,
    leave_waiting: Annotated[bool, typer.Option("--leave-waiting", help="Rows that wait for co-units follow.")] = False,
    preliminary: Annotated[bool, typer.Option("--unsigned", help="Send the figures to the office unsigned.")] = False,
) -> None:  # fmt: skip
    """Hand in all rows that wait for the unit, from their drafts."""
    from services.sheets import RowAct, SheetStep, SubmitSheet

    step = SheetStep.CONTRIBUTE if co_unit else SheetStep.CONSOLIDATE
    with acting(login) as console:
        view = _view(console, list_, period, unit, co_unit=co_unit)
        rows = tuple(
            RowAct(
                work_item_id=id_,
                seen_version=row.seen_version or 0,
                seen_draft=row.draft.version if row.draft else None,
            )
            for id_, row in _waiting(view, step)
        )
        command = SubmitSheet(
            report_period_id=view.report_period_id,
            unit_id=view.unit_id,
            rows=rows,
            step=step,
            leave_waiting=leave_waiting,
            preliminary=preliminary,
        )
        typer.echo(f"{len(console.run(command).rows)} submitted")


@app.command()
def sign(
    *, list_: ListName, period: PeriodName, unit: UnitName, login: AsLogin,
    returned: Returned = None, reason: Reason = None, opinion: Opinion = "",
) -> None:  # fmt: skip
    """Sign the sheet; the rows named with --return go back instead."""
    from services.sheets import SheetStep, SignSheet

    with acting(login) as console:
        view = _view(console, list_, period, unit)
        rows = _decided(view, SheetStep.SIGN, returned or [], reason, opinion)
        done = console.run(SignSheet(report_period_id=view.report_period_id, unit_id=view.unit_id, rows=rows))
        typer.echo(f"{len(done.rows)} decided, {len(returned or [])} returned")


@app.command()
def review(
    *, list_: ListName, period: PeriodName, unit: UnitName, login: AsLogin,
    returned: Returned = None, reason: Reason = None, opinion: Opinion = "",
) -> None:  # fmt: skip
    """Approve the sheet as the office; the rows named with --return go back instead."""
    from services.sheets import ReviewSheet, SheetStep

    with acting(login) as console:
        view = _view(console, list_, period, unit)
        rows = _decided(view, SheetStep.REVIEW, returned or [], reason, opinion)
        done = console.run(ReviewSheet(report_period_id=view.report_period_id, unit_id=view.unit_id, rows=rows))
        typer.echo(f"{len(done.rows)} decided, {len(returned or [])} returned")


def _view(console: Console, list_: str, period: str, unit: str, *, co_unit: bool = False) -> "SheetView":
    from services.queries.references import list_called
    from services.queries.sheets import period_called, sheet_view

    [unit_id] = units_called(console, [unit])
    with asking(console) as asked:
        period_id = period_called(asked, list_called(asked, list_), period)
        return sheet_view(asked, period_id, unit_id, co_unit=co_unit)


def _draft(row: "SheetRow") -> int | None:
    return row.draft.version if row.draft else None


def _waiting(view: "SheetView", step: str) -> list[tuple[UUID, "SheetRow"]]:
    return [(row.work_item_id, row) for row in view.rows if row.step == step and row.work_item_id is not None]


def _decided(
    view: "SheetView", step: str, returned: list[str], reason: str | None, opinion: str
) -> tuple["RowAct", ...]:
    from services.sheets import RowAct

    waiting = _waiting(view, step)
    unknown = set(returned) - {row.number for _, row in waiting}
    if unknown:
        raise typer.BadParameter(", ".join(sorted(unknown)), param_hint="--return")
    acts = []
    for id_, row in waiting:
        back = row.number in returned
        acts.append(
            RowAct(
                work_item_id=id_,
                seen_version=row.seen_version or 0,
                decision="return" if back else None,
                reason_code=reason if back else None,
                opinion=opinion if back else "",
            )
        )
    return tuple(acts)


def _print(view: "SheetView") -> None:
    from domain.labels import UNSIGNED
    from domain.labels_of_columns import SHEET_COLUMNS

    cells = []
    for row in view.rows:
        figures = row.draft.form if row.draft and row.draft.version else row.handed_in.form if row.handed_in else {}
        percent = figures.get("percent")
        mark = UNSIGNED if row.preliminary else ""
        cells.append(
            (
                row.number,
                brief(row.text),
                row.step_label or row.outcome,
                "" if percent is None else f"{mark}{percent}%",
                f"{row.previous.form.get('percent')}%" if row.previous else "",
                row.draft.saved_by_name if row.draft else "",
                row.missing,
                f"{row.returned.reason_label} {row.returned.opinion}" if row.returned else "",
            )
        )
    typer.echo(f"{view.list_title} {view.period} {view.unit}")
    print_table(tuple(SHEET_COLUMNS.values()), cells)
