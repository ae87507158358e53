"""Evaluations of units: open one, its scheme, progress and ranks, a unit's sheet, and the proof that they hold."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli._business import AsJson, OfficeName, Reference, asking, brief, day, office_for, print_json, units_called
from app.cli._console import AsLogin, acting, operating, print_table

app = typer.Typer(no_args_is_help=True)
scheme_app = typer.Typer(no_args_is_help=True, help="The scheme of an evaluation: criteria, groups, grades as JSON.")
app.add_typer(scheme_app, name="scheme")

DAY = ["%Y-%m-%d"]
SchemeFile = Annotated[Path, typer.Argument(help="The scheme, a .json file.", exists=True, dir_okay=False)]


@app.callback()
def evaluations() -> None:
    """Evaluations of units: open one, its scheme, progress and ranks, a unit's sheet, and the proof that they hold."""


@app.command("open")
def open_(
    first: Annotated[datetime, typer.Argument(formats=DAY, help="The first day.")],
    last: Annotated[datetime, typer.Argument(formats=DAY, help="The last day, whose end is the cut-off.")],
    login: AsLogin,
    *,
    office: OfficeName = None,
    trial: Annotated[bool, typer.Option("--trial", help="A trial run.")] = False,
    host: Annotated[str | None, typer.Option(help="The unit that hosts the office.")] = None,
    assessor: Annotated[list[str] | None, typer.Option(help="A unit that scores the host; three at least.")] = None,
    listed: Annotated[list[str] | None, typer.Option(help="A unit that is shown even without a task.")] = None,
) -> None:
    """Begin an evaluation with the scheme that comes with the program."""
    from domain.permissions import Permission
    from services.evaluations import OpenEvaluation

    with acting(login) as console:
        command = OpenEvaluation(
            office_unit_id=office_for(console, Permission.EVALUATION_OPEN, office),
            first_day=first.date(),
            last_day=last.date(),
            trial=trial,
            host_unit_id=units_called(console, [host])[0] if host else None,
            assessors=tuple(units_called(console, assessor or [])),
            listed=tuple(units_called(console, listed or [])),
        )
        done = console.run(command)
    typer.echo(f"evaluation {done.item_id}: {done.number}, {done.members} units")


@app.command("list")
def list_(login: AsLogin, as_json: AsJson = False) -> None:
    """The evaluations that a person sees."""
    from domain.messages.evaluations import EVALUATION_COLUMNS
    from services.queries.evaluations import list_evaluations
    from services.queries.references import short

    with acting(login) as console, asking(console) as asked:
        rows = list_evaluations(asked)
    if as_json:
        print_json(rows)
        return
    cells = [(short(r.id), r.number, r.title, r.step, f"{r.scored}/{r.units}", day(r.decided_at)) for r in rows]
    print_table(EVALUATION_COLUMNS, cells)


@app.command()
def show(evaluation: Reference, login: AsLogin, as_json: AsJson = False) -> None:
    """How far each unit is, and the ranks of each group."""
    from domain.messages.evaluations import PROGRESS_COLUMNS, RANKING_COLUMNS
    from services.queries.evaluations import evaluation_view
    from services.queries.references import item_called, short

    with acting(login) as console, asking(console) as asked:
        found = evaluation_view(asked, item_called(asked, evaluation))
    if as_json:
        print_json(found)
        return
    typer.echo(f"{found.summary.number} {found.summary.title} {found.summary.step}")
    rows = [(short(p.item_id), p.group, p.unit, p.step, p.held_by, day(p.since)) for p in found.progress]
    print_table(PROGRESS_COLUMNS, rows)
    for group in found.rankings:
        typer.echo(group.label)
        print_table(RANKING_COLUMNS, [(r.rank, r.unit, r.total, r.grade, r.remark) for r in group.rows])


@app.command()
def sheet(unit_score: Reference, login: AsLogin, facts: bool = False, as_json: AsJson = False) -> None:
    """A unit's score sheet; with --facts every fact beside the points it makes. Takes the id that `show` prints."""
    from domain.messages.evaluations import FACT_COLUMNS, LINE_COLUMNS, OFF_COLUMNS
    from services.queries.evaluation_sheet import score_sheet
    from services.queries.references import item_called

    with acting(login) as console, asking(console) as asked:
        found = score_sheet(asked, item_called(asked, unit_score))
    if as_json:
        print_json(found)
        return
    typer.echo(f"{found.unit} {found.group} {found.total if found.total is not None else ''} {found.grade}")
    lines = [(s.label, each) for s in found.sections for each in s.lines]
    rows = [
        (label, each.label, each.most, each.own_points, each.points, " ".join(f"{n}{c}" for n, c in each.read))
        for label, each in lines
    ]
    print_table(LINE_COLUMNS, rows)
    off = [(d.label, f"-{d.points}", d.fact_key, d.reason) for d in found.deductions]
    off += [(b.label, f"+{b.points}", "", "") for b in found.bonus if b.points]
    off += [(t.how, "", t.fact_key, t.reason) for t in found.taken]
    print_table(OFF_COLUMNS, off)
    if facts:
        shown = [(each.label, f.key, f.number, brief(f.text, 30), f.counts) for _, each in lines for f in each.facts]
        print_table(FACT_COLUMNS, shown)


@app.command()
def verify() -> None:
    """Collect every locked fact and compute every decided result again. Ends with 1 if one differs."""
    from services.queries.evaluation_check import check_results

    with operating() as console, console.container.reads() as session:
        found = check_results(session)
    for each in found.differences:
        typer.echo(f"{each.evaluation_id} {each.unit_id or ''} {each.what}: {each.kept} != {each.computed}", err=True)
    typer.echo(f"{found.facts} fact sheets, {found.sheets} results, {len(found.differences)} differ")
    if found.differences:
        raise typer.Exit(1)


@scheme_app.command("show")
def show_scheme(
    evaluation: Annotated[str | None, typer.Argument(help="The id, or its first characters.")] = None,
    login: Annotated[str | None, typer.Option("--as", help="Login of the person who acts.")] = None,
) -> None:
    """Print the scheme of an evaluation as JSON; without one, the scheme that comes with the program."""
    from services.evaluations import shipped_scheme
    from services.queries.evaluations import evaluation_view
    from services.queries.references import item_called

    if evaluation is None:
        print_json(shipped_scheme())
        return
    if login is None:
        raise typer.BadParameter("whose view is it?", param_hint="--as")
    with acting(login) as console, asking(console) as asked:
        print_json(evaluation_view(asked, item_called(asked, evaluation)).scheme)


@scheme_app.command("check")
def check_scheme(file: SchemeFile) -> None:
    """Check a scheme and write nothing."""
    from services.evaluation_sheets import checked_scheme, self_contained

    scheme = checked_scheme(self_contained(_json(file)))
    typer.echo(f"{scheme.total} points, {len(scheme.parts)} parts, {len(scheme.groups)} groups")


@scheme_app.command("save")
def save_scheme(evaluation: Reference, file: SchemeFile, login: AsLogin) -> None:
    """Make a file the scheme of an evaluation that is still drafted."""
    from services.evaluations import SaveScheme
    from services.queries.evaluations import evaluation_view
    from services.queries.references import item_called

    with acting(login) as console:
        with asking(console) as asked:
            found = evaluation_view(asked, item_called(asked, evaluation))
        command = SaveScheme(evaluation_id=found.summary.id, seen_version=found.scheme_version, scheme=_json(file))
        typer.echo(f"version {console.run(command)}")


def _json(file: Path) -> dict[str, object]:
    """Raises SchemeRefused for a file that holds no JSON object."""
    import json

    from domain.evaluation_errors import SchemeRefused
    from domain.messages.evaluations import NO_JSON

    try:
        content = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise SchemeRefused(str(file), reason=NO_JSON) from error
    if not isinstance(content, dict):
        raise SchemeRefused(str(file), reason=NO_JSON)
    return content
