"""Items: the ledger, one item's story, create, correct, assign, issue, stop."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli._business import (
    AsJson,
    OfficeName,
    Reference,
    References,
    asking,
    office_for,
    print_flags,
    print_json,
    print_ledger,
    report_outcomes,
    units_called,
)
from app.cli._console import AsLogin, Console, acting, print_table

if TYPE_CHECKING:
    from uuid import UUID

    from services.items import NewDeadline
    from services.queries.item_detail import ItemDetail

app = typer.Typer(no_args_is_help=True)

Lead = Annotated[list[str], typer.Option("--lead", help="A lead agency, by any of its names.", show_default=False)]
CoUnit = Annotated[list[str] | None, typer.Option("--co-unit", help="A unit that takes part; may be repeated.")]
Joint = Annotated[bool, typer.Option("--joint", help="The two leads lead jointly.")]
Because = Annotated[str, typer.Option("--because", help="The reason, in words.", show_default=False)]
Due = Annotated[datetime | None, typer.Option("--due", formats=["%Y-%m-%d"], help="The last day in time.")]
Phrase = Annotated[str | None, typer.Option("--deadline", help="The deadline in words, such as the document has it.")]


@app.callback()
def items() -> None:
    """Items: the ledger, one item's story, create, correct, assign, issue, stop."""


@app.command("list")
def list_ledger(
    *,
    login: AsLogin,
    list_: Annotated[str | None, typer.Option("--list", help="Only this list, by its id.")] = None,
    status: Annotated[list[str] | None, typer.Option(help="Only this status; may be repeated.")] = None,
    unit: Annotated[str | None, typer.Option(help="Only where this unit has a part.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False,
    text: Annotated[str | None, typer.Option(help="Part of the item's text, or its number.")] = None,
    sort: Annotated[str, typer.Option(help="number, due, issued or ended; -due turns it round.")] = "number",
    as_json: AsJson = False,
) -> None:
    """Print the ledger: every item that one sees."""
    from domain.items import ItemStatus
    from domain.urgency import Urgency
    from services.queries.ledger import LedgerFilter, LedgerSort, whole_ledger
    from services.queries.references import list_called

    if sort.removeprefix("-") not in set(LedgerSort):
        raise typer.BadParameter(f"one of {', '.join(LedgerSort)}", param_hint="--sort")
    if unknown := set(status or ()) - set(ItemStatus):
        raise typer.BadParameter(f"{', '.join(unknown)}: one of {', '.join(ItemStatus)}", param_hint="--status")
    with acting(login) as console, asking(console, snapshot=True) as asked:
        filters = LedgerFilter(
            list_id=list_called(asked, list_) if list_ else None,
            statuses=tuple(ItemStatus(each) for each in status or ()),
            unit_id=units_called(console, [unit])[0] if unit else None,
            urgency=Urgency.OVERDUE if overdue else None,
            text=text,
        )
        order = LedgerSort(sort.removeprefix("-"))
        rows = list(whole_ledger(asked, filters, sort=order, descending=sort.startswith("-")))
    if as_json:
        print_json(rows)
        return
    print_ledger(rows)
    typer.echo(len(rows))


@app.command()
def show(reference: Reference, login: AsLogin, as_json: AsJson = False) -> None:
    """Print an item with its flags, its parts, who holds it, and its whole story."""
    from services.queries.item_detail import item_detail
    from services.queries.references import item_called

    with acting(login) as console, asking(console) as asked:
        found = item_detail(asked, item_called(asked, reference))
    if as_json:
        print_json(found)
    else:
        _tell(found)


@app.command()
def create(
    *,
    text: Annotated[str, typer.Argument(help="What is to be done.", show_default=False)],
    lead: Lead,
    login: AsLogin,
    co_unit: CoUnit = None,
    joint: Joint = False,
    due: Due = None,
    deadline: Phrase = None,
    origin: Annotated[str, typer.Option(help="instruction, meeting or manual.")] = "manual",
    office: OfficeName = None,
) -> None:
    """Create an item without a document; it is registered at once and waits to be issued."""
    from domain.items import Origin
    from domain.permissions import Permission
    from services.items import CreateItem, NewItem

    if origin not in set(Origin) - {Origin.DOCUMENT}:
        raise typer.BadParameter("instruction, meeting or manual", param_hint="--origin")
    with acting(login) as console:
        item = NewItem(
            text=text,
            leads=tuple(units_called(console, lead)),
            co_units=tuple(units_called(console, co_unit or ())),
            joint_lead=joint,
            deadlines=_deadlines(due.date() if due else None, deadline),
        )
        command = CreateItem(
            office_unit_id=office_for(console, Permission.ITEM_CREATE, office), origin=Origin(origin), item=item
        )
        created = console.run(command)
        typer.echo(f"{created.id}\t{created.number}")


@app.command()
def correct(
    *,
    reference: Reference,
    login: AsLogin,
    text: Annotated[str | None, typer.Option(help="The text to work with; the printed one stays.")] = None,
    number: Annotated[str | None, typer.Option(help="The item's number.")] = None,
    section: Annotated[str | None, typer.Option(help="Its section.")] = None,
    due: Due = None,
    deadline: Phrase = None,
    resolve: Annotated[bool, typer.Option("--resolve", help="Resolve all of its open flags.")] = False,
    because: Because = "",
) -> None:
    """Settle what the import could not read, before the item is issued."""
    from services.lists import CorrectItem
    from services.queries.item_detail import item_detail

    with acting(login) as console:
        found = _seen(console, reference)
        with asking(console) as asked:
            flags = item_detail(asked, found[0]).flags if resolve else ()
        deadlines = _deadlines(due.date() if due else None, deadline)
        command = CorrectItem(
            item_id=found[0],
            seen_version=found[1],
            text=text,
            number=number,
            section=section,
            deadlines=deadlines or None,
            flag_ids=tuple(flag.id for flag in flags if flag.resolved_at is None),
            resolution=because,
        )
        typer.echo(f"version {console.run(command)}")


@app.command()
def assign(
    *,
    reference: Reference,
    lead: Lead,
    login: AsLogin,
    co_unit: CoUnit = None,
    joint: Joint = False,
    collecting: Annotated[str | None, typer.Option(help="Who collects, where each acts in its own duty.")] = None,
) -> None:
    """Say who is responsible: closes an open list, names a lead, settles a send-back."""
    from services.items import AssignUnits

    with acting(login) as console:
        item_id, version = _seen(console, reference)
        command = AssignUnits(
            item_id=item_id,
            seen_version=version,
            leads=tuple(units_called(console, lead)),
            co_units=tuple(units_called(console, co_unit or ())),
            joint_lead=joint,
            collecting=units_called(console, [collecting])[0] if collecting else None,
        )
        typer.echo(f"version {console.run(command)}")


@app.command()
def expand(
    reference: Reference,
    login: AsLogin,
    unit: Annotated[list[str], typer.Option("--unit", help="A member of the group; repeat it.", show_default=False)],
) -> None:
    """Fan a group item out: one member item per unit."""
    from services.items import ExpandGroup

    with acting(login) as console:
        item_id, version = _seen(console, reference)
        members = console.run(
            ExpandGroup(item_id=item_id, seen_version=version, unit_ids=tuple(units_called(console, unit)))
        )
        typer.echo(f"{len(members)} members")


@app.command()
def issue(
    login: AsLogin,
    references: Annotated[list[str] | None, typer.Argument(help="Items, by their ids.", show_default=False)] = None,
    list_: Annotated[str | None, typer.Option("--list", help="Everything of this list that waits.")] = None,
    opinion: Annotated[str, typer.Option(help="What is said with it.")] = "",
) -> None:
    """Issue registered items to their units, each on its own."""
    from services.batches import each
    from services.executor import RequestInfo
    from services.queries.references import item_called, list_called
    from services.queries.worklist import WorkFilter, every_open_work
    from services.work_items import CompleteWorkItem

    if bool(references) == bool(list_):
        raise typer.BadParameter("name items, or --list", param_hint="ITEMS")
    with acting(login) as console:
        with asking(console, snapshot=True) as asked:
            filters = WorkFilter(kinds=("issue",), list_id=list_called(asked, list_) if list_ else None)
            wanted = {item_called(asked, reference) for reference in references or ()}
            waiting = [row for row in every_open_work(asked, filters) if not wanted or row.item_id in wanted]
        commands = [
            (row.item_id, CompleteWorkItem(work_item_id=row.id, seen_version=row.version, opinion=opinion))
            for row in waiting
        ]
        for missing in wanted - {row.item_id for row in waiting}:
            typer.echo(f"{missing} does not wait to be issued", err=True)
        request = RequestInfo(source="console")
        outcomes = each(console.container.executor, commands, actor=console.actor, request=request)
        report_outcomes(outcomes, len(commands), "issued")


@app.command()
def withdraw(references: References, login: AsLogin, because: Because) -> None:
    """Take back items that should not have been issued."""
    _stop(references, login, "withdraw", because)


@app.command()
def terminate(
    references: References,
    login: AsLogin,
    because: Because,
    document: Annotated[str, typer.Option("--document", help="What revokes it, by its number.", show_default=False)],
) -> None:
    """End items whose ground was revoked; they are not completed."""
    _stop(references, login, "terminate", because, document)


def _stop(references: list[str], login: str, message: str, reason: str, document: str = "") -> None:
    from services.batches import each
    from services.executor import RequestInfo
    from services.items import StopItem

    with acting(login) as console:
        commands = []
        for reference in references:
            item_id, version = _seen(console, reference)
            command = StopItem(
                item_id=item_id, seen_version=version, message=message, reason=reason, document_number=document
            )
            commands.append((item_id, command))
        request = RequestInfo(source="console")
        outcomes = each(console.container.executor, commands, actor=console.actor, request=request)
        report_outcomes(outcomes, len(commands), "stopped")


def _seen(console: Console, reference: str) -> "tuple[UUID, int]":
    """The item and the version that the person at the console sees now."""
    from services.queries.item_detail import visible_item
    from services.queries.references import item_called

    with asking(console) as asked:
        item = visible_item(asked, item_called(asked, reference))
        return item.id, item.version


def _deadlines(on_date: date | None, phrase: str | None) -> "tuple[NewDeadline, ...]":
    from domain.items import DeadlineKind
    from services.items import NewDeadline

    if on_date is None and phrase is None:
        return ()
    kind = DeadlineKind.BY_DATE if on_date else DeadlineKind.UNKNOWN
    return (NewDeadline(phrase=phrase or f"{on_date}", kind=kind, on_date=on_date),)


def _tell(found: "ItemDetail") -> None:
    from domain.calendar import LOCAL
    from domain.labels import LISTING
    from domain.labels_of_columns import STORY_COLUMNS

    summary = found.summary
    print_ledger([summary])
    typer.echo(summary.text)
    for measure in summary.measures:
        typer.echo(f"  {measure}")
    if found.text_printed != summary.text:
        typer.echo(f"[{found.text_printed}]")
    typer.echo(LISTING.join(f"{p.role_label} {p.unit or p.printed}" for p in found.parts if p.valid_to is None))
    print_flags([(summary.id, summary.number, [flag for flag in found.flags if flag.resolved_at is None])])
    story = [
        (
            f"{e.at.astimezone(LOCAL):%Y-%m-%d %H:%M}",
            f"{e.label}{f' {e.period}' if e.period else ''}",
            e.person,
            e.unit,
            e.decision_label or e.decision,
            e.opinion or e.reason_label,
        )
        for e in found.timeline
    ]
    print_table(tuple(STORY_COLUMNS.values()), story)
    if found.members:
        print_ledger(found.members)
