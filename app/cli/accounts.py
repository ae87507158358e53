"""Accounts: reset a password by a one-time link, shut somebody out, let them in again."""

from typing import Annotated

import typer

from app.cli._console import operating

app = typer.Typer(no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="The person's login.", show_default=False)]


@app.callback()
def accounts() -> None:
    """Accounts: reset a password by a one-time link, shut somebody out, let them in again."""


@app.command()
def reset(login: Login) -> None:
    """Print a one-time link to set a new password. The old one works until the link is used."""
    from app.cli.people import print_links
    from services.accounts import ResetAccount

    with operating() as console:
        print_links(console.container, [console.run(ResetAccount(login=login))])


@app.command()
def disable(login: Login) -> None:
    """Shut a person out at once: sessions, tokens and links end."""
    from services.accounts import DisableAccount

    with operating() as console:
        console.run(DisableAccount(login=login))
        typer.echo(f"{login} disabled")


@app.command()
def enable(login: Login) -> None:
    """Let a disabled person in again, with the password they had."""
    from services.accounts import EnableAccount

    with operating() as console:
        console.run(EnableAccount(login=login))
        typer.echo(f"{login} enabled")
