"""Bulletins: list them, open one from data as of a day, read it, save its text, address it, withdraw it."""

from datetime import datetime
from typing import Annotated

import typer

from app.cli._business import (
    AsJson,
    OfficeName,
    Reference,
    asking,
    day,
    json_object,
    office_for,
    print_json,
    units_called,
)
from app.cli._console import PAGE, AsLogin, acting, every_row, print_table

app = typer.Typer(no_args_is_help=True)

_DAY = ["%Y-%m-%d"]


@app.callback()
def bulletins() -> None:
    """Bulletins: list them, open one from data as of a day, read it, save its text, address it, withdraw it."""


@app.command("list")
def list_(
    login: AsLogin,
    kind: Annotated[str | None, typer.Option(help="brief, special or circular.")] = None,
    issued: Annotated[bool, typer.Option("--issued", help="Only what is published.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the bulletins that a person sees, newest first, with how many units signed for each."""
    from domain.bulletins import BulletinKind
    from domain.messages.bulletins import BULLETIN_COLUMNS
    from services.queries.bulletins import bulletins as found
    from services.queries.references import short

    if kind is not None and kind not in set(BulletinKind):
        raise typer.BadParameter(f"one of {', '.join(BulletinKind)}", param_hint="--kind")
    wanted = BulletinKind(kind) if kind else None
    with acting(login) as console, asking(console) as asked:
        rows = every_row(lambda after: found(asked, kind=wanted, issued_only=issued, limit=PAGE, after=after))
    if as_json:
        print_json(rows)
        return
    cells = [
        (
            short(row.item_id),
            row.mark,
            row.kind_label,
            row.title,
            day(row.as_of),
            day(row.issued_at),
            f"{row.receipts}/{row.asked}",
            row.state_label,
        )
        for row in rows
    ]
    print_table(tuple(BULLETIN_COLUMNS.values()), cells)


@app.command("open")
def open_(
    *,
    kind: Annotated[str, typer.Argument(help="brief, special or circular.", show_default=False)],
    login: AsLogin,
    from_on: Annotated[datetime, typer.Option("--from", formats=_DAY, help="The first day.", show_default=False)],
    as_of: Annotated[datetime, typer.Option("--as-of", formats=_DAY, help="The last day.", show_default=False)],
    subject: Annotated[str, typer.Option(help="What a special report or a circular is about.")] = "",
    internal: Annotated[bool, typer.Option("--internal", help="For its recipients only.")] = False,
    corrects: Annotated[str | None, typer.Option(help="The issued bulletin that this one corrects.")] = None,
    office: OfficeName = None,
) -> None:
    """Freeze the data of these days and draft a bulletin from them."""
    from domain.bulletins import BulletinKind, Circulation
    from domain.permissions import Permission
    from services.bulletins import OpenBulletin
    from services.queries.references import item_called, short

    if kind not in set(BulletinKind):
        raise typer.BadParameter(f"one of {', '.join(BulletinKind)}", param_hint="KIND")
    with acting(login) as console:
        corrected = None
        if corrects is not None:
            with asking(console) as asked:
                corrected = item_called(asked, corrects)
        command = OpenBulletin(
            office_unit_id=office_for(console, Permission.BULLETIN_EDIT, office),
            kind=BulletinKind(kind),
            from_on=from_on.date(),
            as_of=as_of.date(),
            subject=subject,
            secrecy=Circulation.INTERNAL if internal else Circulation.PUBLIC,
            corrects_id=corrected,
        )
        typer.echo(short(console.run(command)))


@app.command()
def show(bulletin: Reference, login: AsLogin, as_json: AsJson = False) -> None:
    """Print a bulletin's text; for its office also who got it and figures that its data do not hold."""
    from domain.messages.bulletins import IN_SYSTEM, ON_PAPER, RECIPIENT_COLUMNS
    from services.queries.bulletins import bulletin_detail
    from services.queries.receipts import published_as_frozen
    from services.queries.references import item_called

    with acting(login) as console, asking(console) as asked:
        detail = bulletin_detail(asked, item_called(asked, bulletin))
        proof = published_as_frozen(asked, detail.row.item_id)
    if as_json:
        print_json(detail)
        return
    typer.echo(f"{detail.row.title}\t{detail.row.mark}\t{detail.row.state_label}")
    if detail.text is not None:
        for section in detail.text.sections:
            typer.echo(f"\n{section['heading']}")
            for paragraph in section["paragraphs"]:
                typer.echo(f"  {paragraph}")
    if not detail.of_office:
        return
    typer.echo(f"\nsha256 {detail.data_sha256}\tas frozen: {proof}")
    if detail.figures:
        typer.echo(f"not in the data: {', '.join(detail.figures)}")
    cells = [
        (
            row.manner_label,
            row.name,
            IN_SYSTEM if row.unit_id else ON_PAPER,
            day(row.received_at or row.sent_on),
            day(row.recalled_at),
        )
        for row in detail.recipients
    ]
    print_table(tuple(RECIPIENT_COLUMNS.values()), cells)


@app.command()
def text(
    bulletin: Reference,
    login: AsLogin,
    content: Annotated[str, typer.Option("--json-text", help="{title, note, sections: [{heading, paragraphs}]}")],
) -> None:
    """Save a new version of the text on top of the newest."""
    from services.bulletins import SaveBulletinText, TextSection
    from services.queries.bulletins import bulletin_detail
    from services.queries.references import item_called

    given = json_object(content, "--json-text")
    with acting(login) as console:
        with asking(console) as asked:
            detail = bulletin_detail(asked, item_called(asked, bulletin))
        sections = tuple(
            TextSection(heading=str(each.get("heading", "")), paragraphs=tuple(map(str, each.get("paragraphs", []))))
            for each in given.get("sections", [])
        )
        command = SaveBulletinText(
            item_id=detail.row.item_id,
            seen_version=detail.text.version if detail.text is not None else 0,
            title=str(given.get("title", "")),
            note=str(given.get("note", "")),
            sections=sections,
        )
        typer.echo(console.run(command))


@app.command()
def address(
    *,
    bulletin: Reference,
    login: AsLogin,
    to: Annotated[list[str] | None, typer.Option("--to", help="A unit in the system; may be repeated.")] = None,
    outside: Annotated[list[str] | None, typer.Option(help="Somebody outside, by name; may be repeated.")] = None,
    quoted: Annotated[list[str] | None, typer.Option(help="A unit whose facts are quoted.")] = None,
    criticised: Annotated[list[str] | None, typer.Option(help="A unit that is criticised by name.")] = None,
) -> None:
    """Say who gets a bulletin, who is quoted and who is criticised; all of it at once."""
    from domain.bulletins import Manner
    from services.bulletins import AddressBulletin, Recipient
    from services.queries.references import item_called

    with acting(login) as console:
        with asking(console) as asked:
            item_id = item_called(asked, bulletin)
        recipients = [Recipient(manner=Manner.SENT, name=name) for name in outside or ()]
        recipients += [Recipient(manner=Manner.ISSUED, unit_id=unit) for unit in units_called(console, to or ())]
        command = AddressBulletin(
            item_id=item_id,
            recipients=tuple(recipients),
            quoted=tuple(units_called(console, quoted or ())),
            criticised=tuple(units_called(console, criticised or ())),
        )
        console.run(command)
        typer.echo(len(recipients))


@app.command()
def withdraw(
    bulletin: Reference,
    login: AsLogin,
    because: Annotated[str, typer.Option("--because", help="Why.", show_default=False)],
) -> None:
    """Withdraw an issued bulletin: everybody who has it is asked to stop using it."""
    from services.bulletin_withdrawal import WithdrawBulletin
    from services.queries.references import item_called

    with acting(login) as console:
        with asking(console) as asked:
            item_id = item_called(asked, bulletin)
        console.run(WithdrawBulletin(item_id=item_id, reason=because))
        typer.echo("withdrawn")


@app.command()
def contribute(
    login: AsLogin,
    unit: Annotated[str, typer.Option(help="The unit that sends it.", show_default=False)],
    office: Annotated[str, typer.Option(help="The office that makes the bulletins.", show_default=False)],
    title: Annotated[str, typer.Option(help="What it is about.", show_default=False)],
    words: Annotated[str, typer.Option("--text", help="The text.", show_default=False)],
) -> None:
    """Send the office something; its next bulletin of this time takes it up."""
    from services.bulletin_contributions import ContributeToBulletin
    from services.queries.references import short

    with acting(login) as console:
        unit_id, office_id = units_called(console, [unit, office])
        command = ContributeToBulletin(office_unit_id=office_id, unit_id=unit_id, title=title, text=words)
        typer.echo(short(console.run(command)))
