"""The work list: what waits, what was done, and completing steps."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli._business import (
    AsJson,
    Reference,
    References,
    asking,
    brief,
    day,
    json_object,
    print_json,
    print_work,
    report_outcomes,
    units_called,
)
from app.cli._console import PAGE, AsLogin, Console, acting, every_row, print_table

if TYPE_CHECKING:
    from services.queries.worklist import WorkFilter

app = typer.Typer(no_args_is_help=True)

Scope = Annotated[str, typer.Option(help="mine, unit, or all for an office's lists.")]
Kind = Annotated[list[str] | None, typer.Option(help="Only this step, by its BPMN id; may be repeated.")]
UrgencyOption = Annotated[str | None, typer.Option("--urgency", help="overdue, today, soon, later or no_limit.")]
UnitOption = Annotated[str | None, typer.Option("--unit", help="Only what waits for this unit.")]
TextOption = Annotated[str | None, typer.Option("--text", help="Part of the item's text, or its number.")]


@app.callback()
def worklist() -> None:
    """The work list: what waits, what was done, and completing steps."""


@app.command("list")
def list_open(
    *,
    login: AsLogin,
    scope: Scope = "mine",
    kind: Kind = None,
    urgency: UrgencyOption = None,
    unit: UnitOption = None,
    text: TextOption = None,
    sort: Annotated[str, typer.Option(help="due, opened or number; -due turns it round.")] = "due",
    limit: Annotated[int, typer.Option(min=1, help="Rows to print.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Print open work items, the most pressing first."""
    from services.queries.worklist import WorkSort, open_work

    with acting(login) as console:
        filters = _filters(console, scope=scope, kind=kind, urgency=urgency, unit=unit, text=text)
        order = _one_of(WorkSort, sort.removeprefix("-"), "--sort")
        with asking(console) as asked:
            page = open_work(
                asked, filters, sort=WorkSort(order), descending=sort.startswith("-"), limit=min(limit, PAGE)
            )
    if as_json:
        print_json(page.rows)
        return
    print_work(page.rows)
    typer.echo(f"{len(page.rows)}{'+' if page.next else ''}")


@app.command()
def counts(login: AsLogin, scope: Scope = "mine", unit: UnitOption = None, as_json: AsJson = False) -> None:
    """Print how many open work items there are, by step and by urgency."""
    from domain.labels_of_columns import COUNT_COLUMNS
    from services.queries.work_counts import count_work

    with acting(login) as console:
        filters = _filters(console, scope=scope, unit=unit)
        with asking(console) as asked:
            found = count_work(asked, filters)
    if as_json:
        print_json(found)
        return
    print_table(COUNT_COLUMNS, [(c.label, c.count) for c in (*found.by_urgency, *found.by_kind)])
    typer.echo(found.total)


@app.command()
def done(login: AsLogin, as_json: AsJson = False) -> None:
    """Print what one has completed, newest first."""
    from domain.labels_of_columns import DONE_COLUMNS
    from services.queries.worklist import done_work

    with acting(login) as console, asking(console) as asked:
        rows = every_row(lambda after: done_work(asked, limit=PAGE, after=after))
    if as_json:
        print_json(rows)
        return
    cells = [(day(r.closed_at), r.number, r.step, r.decision_label, brief(r.text)) for r in rows]
    print_table(tuple(DONE_COLUMNS.values()), cells)


@app.command()
def show(reference: Reference, login: AsLogin, as_json: AsJson = False) -> None:
    """Print a work item with its decisions, its form, and the version that completing it needs."""
    from services.queries.references import work_item_called
    from services.queries.work_item_detail import work_item_detail

    with acting(login) as console, asking(console) as asked:
        found = work_item_detail(asked, work_item_called(asked, reference))
    if as_json:
        print_json(found)
        return
    print_work([found.work_item])
    typer.echo(found.item.text)
    action = found.action
    if action is None:
        typer.echo("-")
        return
    typer.echo("\t".join(f"{choice.decision} {choice.label}" for choice in action.decisions))
    if action.return_targets:
        typer.echo("\t".join(f"{target.bpmn_id} {target.label}" for target in action.return_targets))
    for name, schema in (action.form or {}).get("properties", {}).items():
        needed = "*" if name in (action.form or {}).get("required", []) else ""
        typer.echo(f"{name}{needed}\t{schema.get('title', '')}\t{schema.get('type', '')}")


@app.command()
def complete(
    *,
    references: References,
    login: AsLogin,
    decision: Annotated[str | None, typer.Option(help="One of those that the step offers; the first if not.")] = None,
    opinion: Annotated[str, typer.Option(help="What one says with it.")] = "",
    form: Annotated[str | None, typer.Option(help="The form's values as JSON, or @FILE.")] = None,
    reason: Annotated[str | None, typer.Option(help="The reason code of a return.")] = None,
    return_to: Annotated[str | None, typer.Option(help="The step that it is returned to.")] = None,
    resume_here: Annotated[bool, typer.Option("--resume-here", help="Come straight back afterwards.")] = False,
) -> None:
    """Complete one work item, or many in the same way, each on its own."""
    from services.batches import each
    from services.executor import RequestInfo
    from services.queries.references import work_item_called
    from services.queries.worklist import work_row
    from services.work_items import CompleteWorkItem

    values = json_object(form, "--form") if form else {}
    with acting(login) as console:
        with asking(console) as asked:
            seen = [work_row(asked, work_item_called(asked, reference)) for reference in references]
        commands = [
            (
                row.id,
                CompleteWorkItem(
                    work_item_id=row.id,
                    seen_version=row.version,
                    decision=decision,
                    form=values,
                    opinion=opinion,
                    reason_code=reason,
                    return_to=return_to,
                    resume_here=resume_here,
                ),
            )
            for row in seen
        ]
        request = RequestInfo(source="console")
        outcomes = each(console.container.executor, commands, actor=console.actor, request=request)
        report_outcomes(outcomes, len(commands), "completed")


def _filters(
    console: Console,
    *,
    scope: str,
    kind: list[str] | None = None,
    urgency: str | None = None,
    unit: str | None = None,
    text: str | None = None,
) -> "WorkFilter":
    from domain.urgency import Urgency
    from services.queries.worklist import WorkFilter
    from services.visibility import WorkScope

    return WorkFilter(
        scope=WorkScope(_one_of(WorkScope, scope, "--scope")),
        kinds=tuple(kind or ()),
        urgency=None if urgency is None else Urgency(_one_of(Urgency, urgency, "--urgency")),
        unit_id=units_called(console, [unit])[0] if unit else None,
        text=text,
    )


def _one_of(kind: Any, value: str, option: str) -> str:
    if value not in set(kind):
        raise typer.BadParameter(f"one of {', '.join(kind)}", param_hint=option)
    return value
