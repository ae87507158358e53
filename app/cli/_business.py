"""What the business commands of the console share: asking, names to ids, the tables of the ledger and the work list."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from app.cli._console import Console, print_table

if TYPE_CHECKING:
    from domain.permissions import Permission
    from services.batches import Outcome
    from services.queries.item_detail import Flag
    from services.queries.ledger import LedgerRow
    from services.queries.reading import Reading
    from services.queries.worklist import WorkRow

Reference = Annotated[str, typer.Argument(help="The id, or its first characters.", show_default=False)]
References = Annotated[list[str], typer.Argument(help="Ids, or their first characters.", show_default=False)]
OfficeName = Annotated[str | None, typer.Option("--office", help="The office, where one acts for several.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]

LONGEST_TEXT = 60


@contextmanager
def asking(console: Console, *, snapshot: bool = False) -> "Iterator[Reading]":
    """Read as who acts; with `snapshot` as of one moment."""
    from services.queries.reading import reading

    container = console.container
    sessions = container.snapshots if snapshot else container.reads
    with reading(container.executor, console.actor, sessions=sessions) as asked:
        yield asked


def office_for(console: Console, permission: "Permission", name: str | None) -> UUID:
    """The unit for which the person who acts has this permission: the named one, or their only one.

    Raises NotFound, NoOffice.
    """
    from domain.errors import NoOffice
    from domain.permissions import is_allowed

    if name is not None:
        return units_called(console, [name])[0]
    held = [unit for unit in console.actor.units_as() if is_allowed(console.actor, permission, unit_id=unit)]
    if len(held) != 1:
        raise NoOffice(console.actor.name, count=len(held))
    return held[0]


def units_called(console: Console, names: Iterable[str]) -> list[UUID]:
    """The units that these names mean today, spellings and former names included. Raises NotFound."""
    from domain.errors import NotFound
    from services.unit_lookup import stored_registry

    with console.container.reads() as session:
        registry = stored_registry(session, console.today)
    found = []
    for name in names:
        match = registry.lookup(name)
        unit_id = registry.unit_id(match.unit) if match.unit else None
        if unit_id is None:
            raise NotFound(f"unit {name}")
        found.append(unit_id)
    return found


def day(at: date | datetime | None) -> str:
    """A local day as a table prints it; empty for None."""
    from domain.calendar import local_date

    if isinstance(at, datetime):
        at = local_date(at)
    return "" if at is None else f"{at:%Y-%m-%d}"


def limit(last: date | None, *, provisional: bool) -> str:
    """The last day in time as a table prints it, marked where a holiday notice may still move it."""
    from domain.messages.calendars import PROVISIONAL_MARK

    return day(last) + (PROVISIONAL_MARK if last is not None and provisional else "")


def brief(text: str, longest: int = LONGEST_TEXT) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def print_ledger(rows: "Sequence[LedgerRow]") -> None:
    """The ledger's most asked columns."""
    from domain.labels import LEDGER_ON_SCREEN, LISTING
    from services.queries.references import short

    cells = [
        (
            short(row.id),
            row.number,
            brief(row.text),
            LISTING.join(row.leads),
            limit(row.due_on, provisional=row.provisional),
            row.status_label,
            _pressing(row.urgency_label, row.days_left),
            LISTING.join(f"{holder.unit} {holder.step}" for holder in row.held_by),
            _percent(row),
        )
        for row in rows
    ]
    print_table(tuple(LEDGER_ON_SCREEN.values()), cells)


def print_work(rows: "Sequence[WorkRow]") -> None:
    """The work list."""
    from domain.labels_of_columns import WORK_COLUMNS
    from domain.urgency import last_day
    from services.queries.references import short

    cells = [
        (
            short(row.id),
            row.number,
            brief(row.text),
            row.step,
            row.unit,
            limit(last_day(row.due_at) if row.due_at else None, provisional=row.provisional),
            _pressing(row.urgency_label, row.days_left),
        )
        for row in rows
    ]
    print_table(tuple(WORK_COLUMNS.values()), cells)


def print_flags(flagged: "Iterable[tuple[UUID, str, Sequence[Flag]]]") -> None:
    """Flags to resolve, by item: (item id, number, flags)."""
    from domain.labels import FLAG_WORDS, YES
    from domain.labels_of_columns import FLAG_COLUMNS
    from services.queries.references import short

    cells = [
        (short(item_id), number, YES if flag.blocking else "", FLAG_WORDS.get(flag.code, flag.code), flag.note)
        for item_id, number, flags in flagged
        for flag in flags
    ]
    if cells:
        print_table(tuple(FLAG_COLUMNS.values()), cells)


def report_outcomes(outcomes: "Iterable[Outcome[Any]]", total: int, done: str) -> None:
    """Run a batch to its end under a progress bar, print every refusal, and end with 2 if there was one."""
    from rich.console import Console as Screen
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    from app.cli import EXIT_REFUSED
    from domain.messages import message_for
    from services.queries.references import short

    refused = []
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Screen(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        for outcome in outcomes:
            bar.advance(task)
            if outcome.error is not None:
                refused.append((short(outcome.subject_id), message_for(outcome.error)))
    for reference, sentence in refused:
        typer.echo(f"{reference}\t{sentence}", err=True)
    typer.echo(f"{total - len(refused)} {done}, {len(refused)} refused")
    if refused:
        raise typer.Exit(EXIT_REFUSED)


def json_object(given: str, option: str) -> Mapping[str, Any]:
    """A JSON object as it was typed, or the content of `@FILE`."""
    import orjson

    try:
        text = Path(given[1:]).read_text(encoding="utf-8") if given.startswith("@") else given
        values = orjson.loads(text)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint=option) from error
    if not isinstance(values, dict):
        raise typer.BadParameter("a JSON object", param_hint=option)
    return values


def print_json(value: object) -> None:
    """A value as JSON on standard output."""
    import orjson
    from pydantic_core import to_jsonable_python

    typer.echo(orjson.dumps(to_jsonable_python(value), option=orjson.OPT_INDENT_2).decode())


def _percent(row: "LedgerRow") -> str:
    from domain.labels import UNSIGNED

    signed = "" if row.percent is None else f"{row.percent}%"
    return signed if row.unsigned_percent is None else f"{signed} {UNSIGNED}{row.unsigned_percent}%".strip()


def _pressing(label: str, days_left: int | None) -> str:
    return label if days_left is None else f"{label} {days_left:+d}"
