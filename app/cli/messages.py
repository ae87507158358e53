"""The inbox of a person: read it, choose how to be told, get the address of one's calendar."""

from typing import Annotated

import typer

from app.cli._business import AsJson, asking, brief, print_json
from app.cli._console import AsLogin, acting, print_table

app = typer.Typer(no_args_is_help=True)

_LONGEST_TITLE = 90


@app.callback()
def messages() -> None:
    """The inbox of a person: read it, choose how to be told, get the address of one's calendar."""


@app.command("list")
def list_messages(
    login: AsLogin,
    unread: Annotated[bool, typer.Option("--unread", help="Only what was not read yet.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Print the newest messages."""
    from app.cli.scheduler import moment
    from domain.messages import notices as words
    from services.queries.inbox import inbox, unread_count
    from services.queries.references import short

    with acting(login) as console, asking(console) as asked:
        rows = inbox(asked, unread_only=unread, limit=limit).rows
        count = unread_count(asked.session, asked.actor.id)
    if as_json:
        print_json(rows)
        return
    cells = [(short(row.id), moment(row.created_at), brief(row.title, _LONGEST_TITLE), row.left) for row in rows]
    print_table(words.INBOX_COLUMNS, cells)
    typer.echo(words.UNREAD.format(count=count))


@app.command()
def read(
    login: AsLogin,
    references: Annotated[list[str] | None, typer.Argument(help="Ids, or their first characters.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every message.")] = False,
) -> None:
    """Mark messages as read."""
    from services.inbox import MarkRead
    from services.queries.inbox import inbox

    if bool(references) == everything:
        raise typer.BadParameter("name messages, or --all", param_hint="--all")
    with acting(login) as console:
        wanted = None
        if references:
            with asking(console) as asked:
                own = [row.id for row in inbox(asked, unread_only=True, limit=200).rows]
            wanted = tuple(id_ for id_ in own if str(id_).startswith(tuple(references)))
        typer.echo(f"{console.run(MarkRead(message_ids=wanted))} read")


@app.command()
def prefer(
    login: AsLogin,
    mail: Annotated[bool, typer.Option("--mail/--no-mail", help="Whether to get mail.")] = True,
    digest: Annotated[str, typer.Option(help="What comes once a day: never, rounds, everything.")] = "rounds",
    hour: Annotated[int, typer.Option(min=0, max=23, help="At which local hour.")] = 8,
) -> None:
    """Choose how to be told. What presses comes by mail all the same."""
    from domain.delivery import Digest
    from services.inbox import SetPreference

    if digest not in set(Digest):
        raise typer.BadParameter(", ".join(Digest), param_hint="--digest")
    with acting(login) as console:
        found = console.run(SetPreference(mail=mail, digest=Digest(digest), digest_hour=hour))
    typer.echo(f"mail {'on' if found.mail else 'off'}, digest {found.digest} at {found.digest_hour}:00")


@app.command()
def calendar(
    login: AsLogin,
    revoke: Annotated[bool, typer.Option("--revoke", help="Let the address stop working.")] = False,
) -> None:
    """Print a new secret address of one's calendar; the one before stops working."""
    from domain.addresses import calendar_path
    from services.inbox import NewCalendarFeed, RevokeCalendarFeed

    with acting(login) as console:
        if revoke:
            console.run(RevokeCalendarFeed())
            typer.echo("revoked")
            return
        secret = console.run(NewCalendarFeed())
        typer.echo(console.container.base_url + calendar_path(secret))
