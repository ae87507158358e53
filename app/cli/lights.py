"""Lights: of an item with the reason, how many of each, what is behind, the rules of a list, and their proof."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli._business import AsJson, Reference, asking, brief, day, print_json
from app.cli._console import AsLogin, acting, operating, print_table

app = typer.Typer(no_args_is_help=True)
rules_app = typer.Typer(no_args_is_help=True, help="The decision table that lights of a list are judged by.")
app.add_typer(rules_app, name="rules")

DAY = ["%Y-%m-%d"]
OnDay = Annotated[datetime | None, typer.Option(formats=DAY, help="As of the end of this day.")]
KnownOn = Annotated[datetime | None, typer.Option(formats=DAY, help="By what was known at the end of this day.")]
OfList = Annotated[str | None, typer.Option("--list", help="The list, by the first characters of its id.")]
Table = Annotated[Path, typer.Argument(help="The decision table, a .dmn file.", exists=True, dir_okay=False)]


@app.callback()
def lights() -> None:
    """Lights: of an item with the reason, how many of each, what is behind, the rules of a list, and their proof."""


@app.command()
def show(
    item: Reference, login: AsLogin, as_of: OnDay = None, known_on: KnownOn = None, as_json: AsJson = False
) -> None:
    """The light of an item and why, now or as of a day; and the frozen ones."""
    from domain.calendar import end_of
    from domain.messages.lights import FROZEN_COLUMNS, SINCE
    from services.queries.lights import light_of
    from services.queries.references import item_called

    instants = [None if each is None else end_of(each.date()) for each in (as_of, known_on)]
    with acting(login) as console, asking(console) as asked:
        found = light_of(asked, item_called(asked, item), as_of=instants[0], known_on=instants[1])
    if as_json:
        print_json(found)
        return
    typer.echo(found.words)
    if found.since is not None:
        typer.echo(SINCE.format(day=day(found.since), count=found.in_a_row))
    print_table(FROZEN_COLUMNS, [(f.period, f.label, day(f.known_on), f.words) for f in found.frozen])


@app.command()
def counts(login: AsLogin, by: str = "list", list_: OfList = None, as_json: AsJson = False) -> None:
    """How many items show each light, by list, section or lead."""
    from domain.labels import label
    from domain.lights import Light
    from domain.messages.lights import LIGHT_GROUPS, NO_LIGHT
    from services.queries.ledger import LedgerFilter
    from services.queries.lights import LightGroup, light_counts
    from services.queries.references import list_called

    if by not in set(LightGroup):
        raise typer.BadParameter(f"one of {', '.join(LightGroup)}", param_hint="--by")
    with acting(login) as console, asking(console) as asked:
        filters = LedgerFilter(list_id=list_called(asked, list_) if list_ else None)
        found = light_counts(asked, filters, LightGroup(by))
    if as_json:
        print_json(found)
        return
    shown = (Light.RED, Light.YELLOW, Light.GREEN, Light.GREY, Light.DONE)
    columns = (LIGHT_GROUPS[by], *(label(Light, light) for light in shown), NO_LIGHT)
    print_table(columns, [(f.name, f.red, f.yellow, f.green, f.grey, f.done, f.none) for f in found])


@app.command()
def behind(login: AsLogin, list_: OfList = None, as_json: AsJson = False) -> None:
    """Items that are red or yellow: since when, for how many periods in a row, and why."""
    from domain.messages.lights import BEHIND_COLUMNS
    from services.queries.ledger import LedgerFilter
    from services.queries.lights import behind as read_behind
    from services.queries.references import list_called

    with acting(login) as console, asking(console) as asked:
        filters = LedgerFilter(list_id=list_called(asked, list_) if list_ else None)
        found = read_behind(asked, filters)
    if as_json:
        print_json(found)
        return
    columns = BEHIND_COLUMNS
    rows = [
        (str(f.item_id)[:8], f.number, brief(f.text, 30), " ".join(f.leads), day(f.since), f.in_a_row, f.words)
        for f in found
    ]
    print_table(columns, rows)


@app.command()
def verify() -> None:
    """Compute every frozen light again from the stored facts and the rules of then. Ends with 1 if one differs."""
    from services.queries.light_check import Difference, check_frozen
    from services.work_calendar import read_calendar

    count = 0
    differences: list[Difference] = []
    with operating() as console, console.container.reads() as session:
        for checked in check_frozen(session, read_calendar(session)):
            count += checked.lights
            differences += checked.differences
    for each in differences:
        typer.echo(f"{each.item_id} {each.period}: {each.frozen} != {each.computed}", err=True)
    typer.echo(f"{count} frozen lights, {len(differences)} differ")
    if differences:
        raise typer.Exit(1)


@rules_app.command("check")
def check_rules(file: Table) -> None:
    """Check a decision table and write nothing."""
    from services.light_rules import parsed

    typer.echo(f"{len(parsed(file.read_bytes()).rules)} rows")


@rules_app.command("list")
def list_rules(list_: Annotated[str, typer.Argument(metavar="LIST")], login: AsLogin, as_json: AsJson = False) -> None:
    """The versions of the rules that count for a list."""
    from services.queries.light_check import rules_versions
    from services.queries.references import list_called

    with acting(login) as console, asking(console) as asked:
        found = rules_versions(asked, list_called(asked, list_))
    if as_json:
        print_json(found)
        return
    rows = [
        (v.version, "own" if v.own else "shared", "*" if v.counts else "", day(v.valid_from), v.note) for v in found
    ]
    print_table(("version", "", "counts", "valid from", "note"), rows)


@rules_app.command("preview")
def preview(
    list_: Annotated[str, typer.Argument(metavar="LIST")], file: Table, login: AsLogin, as_json: AsJson = False
) -> None:
    """What a decision table would change of today's lights."""
    from services.queries.light_check import preview_rules
    from services.queries.references import list_called

    with acting(login) as console, asking(console, snapshot=True) as asked:
        found = preview_rules(asked, list_called(asked, list_), file.read_bytes())
    if as_json:
        print_json(found)
        return
    typer.echo(f"{found.changed} of {found.items} lights change")
    print_table(("before", "after", "items"), found.transitions)
    print_table(
        ("no", "text", "before", "after"), [(c.number, brief(c.text, 30), c.before, c.words) for c in found.examples]
    )


@rules_app.command("publish")
def publish(
    list_: Annotated[str, typer.Argument(metavar="LIST")],
    file: Table,
    login: AsLogin,
    valid_from: Annotated[datetime | None, typer.Option(formats=DAY, help="From which day on.")] = None,
    note: str = "",
) -> None:
    """Make a decision table the rules of a list."""
    from domain.calendar import start_of
    from services.light_rules import PublishLightRules
    from services.queries.references import list_called

    with acting(login) as console:
        with asking(console) as asked:
            list_id = list_called(asked, list_)
        command = PublishLightRules(
            list_id=list_id,
            content=file.read_bytes(),
            note=note,
            valid_from=None if valid_from is None else start_of(valid_from.date()),
        )
        done = console.run(command)
    typer.echo(f"version {done.version}, from {day(done.valid_from)}{', already there' if done.already else ''}")
