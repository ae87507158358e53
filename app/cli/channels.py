"""Webhooks, group robots and gateways: list them, add one after a test call, switch one off."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli._business import AsJson, asking, json_object, print_json, units_called
from app.cli._console import print_table
from app.cli.deliveries import Login, who

app = typer.Typer(no_args_is_help=True)


@app.callback()
def channels() -> None:
    """Webhooks, group robots and gateways: list them, add one after a test call, switch one off."""


@app.command("list")
def list_channels(login: Login = None, as_json: AsJson = False) -> None:
    """Print the endpoints that one keeps."""
    from domain.labels import YES
    from domain.messages import notices as words
    from services.queries.deliveries import endpoints
    from services.queries.references import short

    with who(login) as console, asking(console) as asked:
        rows = endpoints(asked)
    if as_json:
        print_json(rows)
        return
    cells = [
        (short(r.id), words.CHANNELS.get(r.kind, r.kind), r.name, r.host, r.unit, YES if r.enabled else "")
        for r in rows
    ]
    print_table(words.ENDPOINT_COLUMNS, cells)


@app.command()
def add(
    *,
    kind: Annotated[str, typer.Argument(help="webhook, wecom, dingtalk, http.", show_default=False)],
    url: Annotated[str, typer.Argument(help="Where it is called.", show_default=False)],
    name: Annotated[str, typer.Option(help="What lists call it.", show_default=False)],
    login: Login = None,
    unit: Annotated[str | None, typer.Option(help="Whose it is; without one it serves every unit.")] = None,
    topics: Annotated[list[str] | None, typer.Option("--topic", help="What it is told; all without one.")] = None,
    secret_file: Annotated[
        Path | None, typer.Option(help="A file with the secret; not on the command line, where others see it.")
    ] = None,
    options: Annotated[str | None, typer.Option(help="JSON of a gateway: body, headers, accepts.")] = None,
    phone: Annotated[str | None, typer.Option(help="Where the test of a gateway goes.")] = None,
) -> None:
    """Call an endpoint with a test message, and save it if it took it."""
    from services.channels import EndpointForm, save_endpoint
    from services.executor import RequestInfo

    with who(login) as console:
        form = EndpointForm(
            kind=kind,
            name=name,
            url=url,
            unit_id=units_called(console, [unit])[0] if unit else None,
            secret=secret_file.read_text(encoding="utf-8").strip() if secret_file else None,
            topics=tuple(topics or ()),
            options=json_object(options, "--options") if options else {},
            phone=phone,
        )
        container = console.container
        endpoint_id = save_endpoint(
            container.executor,
            container.endpoint_trial,
            container.secret_box,
            form,
            actor=console.actor,
            request=RequestInfo(source="console"),
        )
    typer.echo(str(endpoint_id))


@app.command()
def switch(
    reference: Annotated[str, typer.Argument(help="The id, or its first characters.", show_default=False)],
    login: Login = None,
    off: Annotated[bool, typer.Option("--off/--on", help="Whether it is to be left alone.")] = True,
) -> None:
    """Switch an endpoint off, or on again."""
    from domain.errors import NotFound
    from services.channels import SwitchEndpoint
    from services.queries.deliveries import endpoints

    with who(login) as console:
        with asking(console) as asked:
            found = [row for row in endpoints(asked) if str(row.id).startswith(reference.strip().lower())]
        if len(found) != 1:
            raise NotFound(f"endpoint {reference}")
        command = SwitchEndpoint(endpoint_id=found[0].id, enabled=not off, seen_version=found[0].version)
        console.run(command)
        typer.echo("off" if off else "on")
