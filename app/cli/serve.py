"""Serve API and pages on this machine, with the clock; Ctrl-C ends the service and its embedded database."""

from contextlib import ExitStack
from typing import Annotated

import typer

app = typer.Typer()

GRACE_SECONDS = 10
"""What requests under way get to finish when the service is stopped."""


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; DUDAO_HOST without one.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; DUDAO_PORT without one.")] = None,
    no_scheduler: Annotated[
        bool, typer.Option("--no-scheduler", help="Leave the clock to `dudao scheduler` processes.")
    ] = False,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave mail and robots to `dudao worker` processes.")
    ] = False,
) -> None:
    """Serve API and pages on this machine, with the clock; Ctrl-C ends the service and its embedded database."""
    from app.application import make_application
    from app.container import opened_container
    from app.logging import configure_logging
    from app.settings import Settings
    from domain.messages.scheduling import notice

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = Settings().model_copy(update=given)
    configure_logging(settings.log_level, settings.log_format)
    with opened_container(settings) as container, ExitStack() as running:
        # Alone on its line and first, for scripts.
        typer.echo(settings.base_url)
        if no_scheduler:
            typer.echo(notice("without_scheduler"))
        else:
            running.enter_context(container.scheduler())
            typer.echo(notice("with_scheduler"))
        if no_worker:
            typer.echo(notice("without_worker"))
        else:
            running.enter_context(container.worker())
            typer.echo(notice("with_worker"))
        run_server(make_application(container), settings.host, settings.port)
    typer.echo(notice("stopped"))


def run_server(application: object, host: str, port: int) -> None:
    """Serve an ASGI application until SIGINT or SIGTERM; requests under way are finished first."""
    import uvicorn

    from app.memory import settle

    config = uvicorn.Config(
        application,  # type: ignore[arg-type]
        host=host,
        port=port,
        # Our own line per request leaves out the secrets that paths may hold.
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    settle()
    uvicorn.Server(config).run()
