"""The delivery log: what was sent to whom, what was answered, what was given up, who cannot be reached."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from uuid import UUID

import typer

from app.cli._business import AsJson, Reference, asking, brief, print_json
from app.cli._console import Console, acting, operating, print_table

app = typer.Typer(no_args_is_help=True)

Login = Annotated[str | None, typer.Option("--as", help="Login of the person who acts; the operator without one.")]


@app.callback()
def deliveries() -> None:
    """The delivery log: what was sent to whom, what was answered, what was given up, who cannot be reached."""


@contextmanager
def who(login: str | None) -> Iterator[Console]:
    """The person of that login, or the operator."""
    with operating() if login is None else acting(login) as console:
        yield console


@app.command("list")
def list_deliveries(
    *,
    login: Login = None,
    state: Annotated[str | None, typer.Option(help="queued, deferred, sent, dead, skipped.")] = None,
    channel: Annotated[str | None, typer.Option(help="mail, webhook, wecom, dingtalk, http.")] = None,
    address: Annotated[str | None, typer.Option(help="Exactly this address.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Print the newest sendings; `--state dead` are the dead letters."""
    from app.cli.scheduler import moment
    from domain.delivery import Channel, SendingState
    from domain.messages import notices as words
    from services.queries.deliveries import DeliveryFilter
    from services.queries.deliveries import deliveries as read
    from services.queries.references import short

    if state is not None and state not in set(SendingState):
        raise typer.BadParameter(", ".join(SendingState), param_hint="--state")
    if channel is not None and channel not in set(Channel):
        raise typer.BadParameter(", ".join(Channel), param_hint="--channel")
    wanted = DeliveryFilter(
        state=SendingState(state) if state else None, channel=Channel(channel) if channel else None, address=address
    )
    with who(login) as console, asking(console) as asked:
        rows = read(asked, wanted, limit=limit).rows
    if as_json:
        print_json(rows)
        return
    cells = [
        (
            short(row.id),
            moment(row.created_at),
            words.CHANNELS.get(row.channel, row.channel),
            row.recipient or row.unit,
            row.address,
            words.STATES.get(row.state, row.state),
            row.attempts,
            brief(row.answer),
        )
        for row in rows
    ]
    print_table(words.DELIVERY_COLUMNS, cells)


@app.command()
def show(reference: Reference, login: Login = None, as_json: AsJson = False) -> None:
    """Print every attempt of a sending."""
    from app.cli.scheduler import moment
    from domain.messages import notices as words
    from services.queries.deliveries import delivery_detail

    with who(login) as console, asking(console) as asked:
        found = delivery_detail(asked, _called(console, reference))
    if as_json:
        print_json(found)
        return
    cells = [
        (a.number, moment(a.started_at), moment(a.ended_at), a.outcome, brief(a.answer), a.message_id)
        for a in found.attempts
    ]
    print_table(words.ATTEMPT_COLUMNS, cells)


@app.command()
def resend(reference: Reference, login: Login = None) -> None:
    """Send again what was given up, or try at once what waits for its next attempt."""
    from services.sendings import Resend

    with who(login) as console:
        console.run(Resend(sending_id=_called(console, reference)))
        typer.echo("queued")


@app.command()
def unreachable(login: Login = None, as_json: AsJson = False) -> None:
    """Print the people who hold a role and have no mail address: they are told in their inbox alone."""
    from domain.labels import LISTING, label
    from domain.messages import notices as words
    from domain.permissions import Role
    from services.queries.deliveries import unreachable_people

    with who(login) as console, asking(console) as asked:
        found = unreachable_people(asked)
    if as_json:
        print_json(found)
        return
    cells = [(p.name, p.unit, LISTING.join(label(Role, role) for role in p.roles), p.phone) for p in found]
    print_table(words.UNREACHABLE_COLUMNS, cells)


def _called(console: Console, reference: str) -> UUID:
    """The sending whose id starts so, among what the actor may see. Raises NotFound, AmbiguousReference."""
    from services.queries.deliveries import sending_called

    with asking(console) as asked:
        return sending_called(asked, reference)
