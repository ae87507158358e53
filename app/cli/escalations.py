"""Reminders and escalations: who gets what and when, the policies of a list, urging by hand."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from app.cli._business import AsJson, Reference, asking, brief, print_json, units_called
from app.cli._console import AsLogin, Console, acting, print_table

if TYPE_CHECKING:
    from domain.ladder import SubjectKind
    from services.policy_text import PolicyText
    from services.queries.escalations import ItemLadder, SubjectLadder
    from services.queries.went_out import Level

app = typer.Typer(no_args_is_help=True)

PolicyFile = Annotated[Path, typer.Argument(help="A policy as JSON.", exists=True, dir_okay=False, show_default=False)]
Words = Annotated[str, typer.Option(help="What the office says.", show_default=False)]
OfDeadlines = Annotated[bool, typer.Option("--deadlines", help="The policy for items' deadlines.")]
OfStep = Annotated[str | None, typer.Option("--step", help="The policy for this step; without it for every step.")]


@app.callback()
def escalations() -> None:
    """Reminders and escalations: who gets what and when, the policies of a list, urging by hand."""


@app.command()
def show(
    item: Reference,
    login: AsLogin,
    policy: Annotated[
        Path | None, typer.Option(help="As if this policy, a JSON file, were in force.", exists=True, dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print who got what, and who gets what, when, if nothing is done by then."""
    from domain.ladder import Ladder
    from services.queries.escalations import Draft, item_ladder
    from services.queries.references import item_called

    draft = None
    if policy is not None:
        given = _read(policy)
        draft = Draft(given.kind, given.step, given.name, Ladder(given.rungs, given.quiet))
    with acting(login) as console, asking(console) as asked:
        found = item_ladder(asked, item_called(asked, item), draft)
    if as_json:
        print_json(found)
    else:
        _print_ladder(found)


@app.command()
def policies(task_list: Reference, login: AsLogin, as_json: AsJson = False) -> None:
    """Print the policies that hold for a list. With --json each is in the form that `save` reads."""
    from domain.labels import YES
    from domain.labels_of_columns import POLICY_COLUMNS
    from services.queries.policies import list_policies
    from services.queries.references import list_called

    with acting(login) as console, asking(console) as asked:
        found = list_policies(asked, list_called(asked, task_list)).policies
    if as_json:
        print_json([_as_file(row) for row in found])
        return
    cells = [
        (row.kind_label, row.step_label, row.name, row.version, YES if row.own else "", len(row.rungs)) for row in found
    ]
    print_table(tuple(POLICY_COLUMNS.values()), cells)


@app.command()
def save(task_list: Reference, file: PolicyFile, login: AsLogin) -> None:
    """Give a list its own ladder from a JSON file. It holds for what is armed from now on."""
    from domain.labels import NAMES, label
    from domain.ladder import RungRole
    from services.policies import SavePolicy
    from services.queries.policies import list_policies
    from services.queries.references import list_called

    given = _read(file)
    with acting(login) as console:
        with asking(console) as asked:
            list_id = list_called(asked, task_list)
            seen = [r for r in list_policies(asked, list_id).policies if (r.kind, r.step) == (given.kind, given.step)]
        saved = console.run(
            SavePolicy(
                list_id=list_id,
                subject_kind=given.kind,
                step=given.step,
                name=given.name,
                rungs=given.rungs,
                quiet=given.quiet,
                seen_version=seen[0].seen_version if seen else 0,
            )
        )
        typer.echo(f"saved as version {saved.version}")
        for warning in saved.warnings:
            missing = NAMES.join(warning.units)
            typer.echo(f"level {warning.level}: nobody is {label(RungRole, warning.to)} today in {missing}", err=True)


@app.command()
def drop(task_list: Reference, login: AsLogin, step: OfStep = None, deadlines: OfDeadlines = False) -> None:
    """Take a list back to the ladder of all lists."""
    from services.policies import DropPolicy

    with acting(login) as console:
        kind = _kind(deadlines)
        console.run(DropPolicy(list_id=_list(console, task_list), subject_kind=kind, step=step))
        typer.echo("dropped")


@app.command("apply")
def apply_policies(task_list: Reference, login: AsLogin, step: OfStep = None, deadlines: OfDeadlines = False) -> None:
    """Let what is open in a list climb by the versions in force now. What went out is not sent again."""
    from services.policies import ApplyPolicies

    with acting(login) as console:
        kind = _kind(deadlines)
        count = console.run(ApplyPolicies(list_id=_list(console, task_list), subject_kind=kind, step=step))
        typer.echo(f"{count} re-armed")


@app.command()
def urge(
    *,
    item: Annotated[str | None, typer.Argument(help="The item, by its id.")] = None,
    login: AsLogin,
    words: Words,
    late: Annotated[bool, typer.Option("--late", help="Everything that is late instead of one item.")] = False,
    unit: Annotated[str | None, typer.Option(help="With --late: only of this unit.")] = None,
    task_list: Annotated[str | None, typer.Option("--list", help="With --late: only of this list.")] = None,
    with_leader: Annotated[bool, typer.Option("--with-leader", help="Tell the unit's leader too.")] = False,
    confirmed: Annotated[bool, typer.Option("--again", help="Also who was urged within a working day.")] = False,
) -> None:
    """Urge everybody for whom something of an item waits, or on everything that is late."""
    from app.cli._business import report_outcomes
    from services.executor import RequestInfo
    from services.queries.escalations import late_work
    from services.queries.references import item_called, list_called
    from services.urging import Urge, urge_all

    if bool(item) == late:
        raise typer.BadParameter("name an item, or --late", param_hint="ITEM")
    with acting(login) as console:
        with asking(console) as asked:
            if item is not None:
                command = Urge(
                    item_id=item_called(asked, item), words=words, with_leader=with_leader, confirmed=confirmed
                )
            else:
                unit_id = units_called(console, [unit])[0] if unit else None
                found = late_work(asked, unit_id=unit_id, list_id=list_called(asked, task_list) if task_list else None)
        if item is not None:
            urged = console.run(command)
            typer.echo(f"{len(urged.people)} urged, {len(urged.left_out)} left out")
            return
        outcomes = urge_all(
            console.container.executor,
            found,
            words,
            actor=console.actor,
            request=RequestInfo(source="console"),
            with_leader=with_leader,
            confirmed=confirmed,
        )
        report_outcomes(outcomes, len(found), "urged")


def _read(file: Path) -> "PolicyText":
    import orjson

    from services.policy_text import read_policy

    try:
        given = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise typer.BadParameter(f"not JSON: {error}", param_hint=file.name) from error
    if not isinstance(given, dict):
        raise typer.BadParameter("not one policy", param_hint=file.name)
    return read_policy(given)


def _as_file(row: object) -> dict[str, object]:
    from services.policy_text import as_mapping
    from services.queries.policies import PolicyRow

    assert isinstance(row, PolicyRow)
    return as_mapping(row.kind, row.step, row.name, row.quiet, row.rungs)


def _kind(deadlines: bool) -> "SubjectKind":
    from domain.ladder import SubjectKind

    return SubjectKind.ITEM if deadlines else SubjectKind.WORK_ITEM


def _list(console: Console, reference: str) -> UUID:
    from services.queries.references import list_called

    with asking(console) as asked:
        return list_called(asked, reference)


def _print_ladder(found: "ItemLadder") -> None:
    from domain.labels_of_columns import LADDER_COLUMNS

    cells = [_cells(subject, level) for subject in found.subjects for level in subject.levels]
    cells += [_cells(None, level) for level in found.past]
    print_table(tuple(LADDER_COLUMNS.values()), cells)


def _cells(subject: "SubjectLadder | None", level: "Level") -> tuple[object, ...]:
    from domain.labels import AS, LATE, LISTING, MOVED, NAMES, PROVISIONAL

    notes = [MOVED] if level.moved else []
    notes += [LATE] if level.late else []
    notes += [PROVISIONAL] if subject is not None and subject.provisional else []
    notes += [level.words] if level.words else []
    who = [
        AS.format(name=each.name, what=each.to_label if each.standing in {None, "holder"} else each.standing_label)
        for each in level.receivers
    ]
    return (
        "" if subject is None else brief(subject.step_label or subject.kind_label, 20),
        level.level or "",
        level.name,
        _at(level.at),
        level.state_label,
        NAMES.join(who),
        level.document_label,
        LISTING.join(notes),
    )


def _at(at: datetime) -> str:
    from domain.calendar import LOCAL

    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}"
