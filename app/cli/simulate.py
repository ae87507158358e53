"""Rehearse: play a list forward and print every reminder, escalation, round and limit passed. Nothing is changed."""

from collections import Counter
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from app.cli._business import AsJson, brief, print_json
from app.cli._console import operating

if TYPE_CHECKING:
    from rich.console import Console as Screen

    from app.cli._console import Console
    from services.rehearsal import Happening, Played, Script

app = typer.Typer()

_DAYS = ["%Y-%m-%d"]


@app.command()
def simulate(
    *,
    until: Annotated[datetime, typer.Option(formats=_DAYS, help="The last day that is played.")],
    start: Annotated[
        datetime | None, typer.Option("--from", formats=_DAYS, help="The first day; without it from now on.")
    ] = None,
    reference: Annotated[
        str | None, typer.Option("--list", help="One list: its id, or its first characters. Without it all.")
    ] = None,
    issue: Annotated[
        bool, typer.Option("--issue", help="Issue what waits for it first: the rehearsal before issuing a list.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Rehearse: play a list forward and print every reminder, escalation, round and limit passed.

    Nobody acts in it: it shows what the clock does when nothing is done. Nothing is changed, nothing is sent.
    """
    from domain.calendar import LOCAL
    from services.rehearsal import Script

    with operating() as console:
        now = console.container.clock.now()
        script = Script(
            start=start.replace(tzinfo=LOCAL).astimezone(now.tzinfo) if start else now,
            last_day=until.date(),
            list_id=_list_called(console, reference) if reference else None,
            issue=issue,
        )
        played = _play(console, script)
    if as_json:
        print_json(played)
    else:
        _show(played)


def _list_called(console: "Console", reference: str) -> UUID:
    from services.queries.references import any_list_called

    with console.container.reads() as session:
        return any_list_called(session, reference)


def _play(console: "Console", script: "Script") -> "Played":
    """Play on a connection of its own, telling on standard error how far it is."""
    from rich.console import Console as Screen

    from db.session import make_engine
    from domain.calendar import local_date
    from domain.messages.scheduling import REHEARSAL
    from services.rehearsal import play

    container = console.container
    engine = make_engine(container.access.app_url, pool_size=1, max_overflow=0, application_name="dudao-simulate")
    try:
        with engine.connect() as connection, Screen(stderr=True).status("") as status:
            return play(
                connection,
                container.executor,
                script,
                on_stop=lambda at: status.update(REHEARSAL["playing"].format(day=local_date(at))),
            )
    finally:
        engine.dispose()


def _show(played: "Played") -> None:
    """Day by day, and within a day by person."""
    from rich.console import Console as Screen

    from domain.calendar import local_date
    from domain.labels import LISTING
    from domain.messages.scheduling import HAPPENINGS, REHEARSAL, WEEKDAYS

    measured = Screen(highlight=False)
    screen = measured if measured.is_terminal else Screen(highlight=False, width=200)
    last = local_date(played.until).fromordinal(local_date(played.until).toordinal() - 1)
    screen.print(REHEARSAL["title"].format(start=local_date(played.start), last=last, items=played.items), style="bold")
    for day, happenings in groupby(played.happenings, key=lambda each: each.day):
        screen.rule(REHEARSAL["day"].format(day=day, weekday=WEEKDAYS[day.weekday()]), align="left", style="dim")
        _show_day(screen, list(happenings))
    counts = Counter(each.kind for each in played.happenings)
    people = {(each.person, each.units) for each in played.happenings if each.person}
    sums = LISTING.join(f"{HAPPENINGS[kind]} {counts[kind]}" for kind in HAPPENINGS if counts[kind])
    screen.print(
        REHEARSAL["sums"].format(sums=sums, people=len(people)) if sums else REHEARSAL["nothing"], style="bold"
    )
    if played.failed:
        screen.print(REHEARSAL["failed"].format(count=len(played.failed)), style="red")
        for failed in played.failed:
            screen.print(f"  {failed.key}: {failed.error_code} {failed.error[:100]}")


def _show_day(screen: "Screen", happenings: "list[Happening]") -> None:
    from rich import box
    from rich.table import Table

    from domain.labels import LISTING
    from domain.messages.scheduling import HAPPENING_COLUMNS, HAPPENINGS

    table = Table(*HAPPENING_COLUMNS, box=box.SIMPLE_HEAD, pad_edge=False, show_header=bool(happenings))
    before: tuple[str, str] | None = None
    for each in sorted(happenings, key=lambda h: (h.person is None, h.person or "", h.units, h.at, h.number)):
        units = LISTING.join(each.units)
        who = (each.person or "", units)
        table.add_row(
            _clock(each),
            *(("", "") if who == before else who),
            HAPPENINGS[each.kind],
            each.number,
            brief(each.text, 40),
            each.step or "",
            _said(each),
            style=_STYLES.get(each.kind, ""),
        )
        before = who
    screen.print(table)


_STYLES = {"escalation": "yellow", "work_item_overdue": "red", "item_overdue": "bold red"}


def _clock(happening: "Happening") -> str:
    from domain.calendar import LOCAL

    overdue = happening.kind in {"work_item_overdue", "item_overdue"}
    return "24:00" if overdue else f"{happening.at.astimezone(LOCAL):%H:%M}"


def _said(happening: "Happening") -> str:
    """The level with its name and document, or the period of a round."""
    from domain.labels import LISTING, label
    from domain.ladder import EscalationDocument
    from domain.messages.scheduling import REHEARSAL

    level = "" if happening.level is None else REHEARSAL["level"].format(level=happening.level)
    # Some levels are named by their document: that is said once.
    parts = dict.fromkeys((happening.label or "", label(EscalationDocument, happening.document)))
    return f"{level} {LISTING.join(part for part in parts if part)}".strip()
