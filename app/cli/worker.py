"""Send what is due: mail, robots, gateways. Runs until it is stopped; any number may run, on as many hosts."""

import typer

app = typer.Typer()


@app.command()
def worker() -> None:
    """Send what is due: mail, robots, gateways. Runs until it is stopped; any number may run, on as many hosts."""
    from app.cli.scheduler import wait_for_stop
    from app.container import opened_container
    from app.logging import configure_logging
    from app.memory import settle
    from app.settings import Settings
    from domain.messages.scheduling import notice

    settings = Settings()
    configure_logging(settings.log_level, settings.log_format)
    with opened_container(settings) as container, container.worker():
        typer.echo(notice("worker"))
        settle()
        wait_for_stop()
    typer.echo(notice("stopped"))
