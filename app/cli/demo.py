"""A sample city from a task list document to closure, then the service. With --file any other document."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()

OUT = Path("out")


@app.command()
def demo(
    file: Annotated[
        Path | None, typer.Option(help="A task list to play instead of the sample.", exists=True, dir_okay=False)
    ] = None,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="End after the run.")] = False,
) -> None:
    """A sample city from a task list document to closure, then the service. With --file any other document."""
    from app.container import opened_container
    from app.demo import any_document
    from app.demo.afterwards import let_time_pass, mail_in_files
    from app.demo.city import PLACE
    from app.demo.dossiers import write_dossiers
    from app.demo.judged_papers import write_judged_papers
    from app.demo.papers import write_documents
    from app.demo.replication import write_papers
    from app.demo.report import show_ledger
    from app.demo.run import found, play_sample, taking_up
    from app.demo.show import Screen
    from app.logging import configure_logging
    from app.settings import Settings
    from domain.calendar import local_date

    settings = mail_in_files(Settings(), OUT)
    if file is None and not settings.place_name:
        settings = settings.model_copy(update={"place_name": PLACE})
    configure_logging("warning" if no_serve else settings.log_level, settings.log_format)
    screen = Screen()
    with opened_container(settings) as container:
        today = local_date(container.clock.now())
        if file is None:
            played = play_sample(container.executor, screen, today=today, out=OUT)
        else:
            with taking_up(container.executor):
                stage = found(container.executor, screen, today=today, days=any_document.LAST_DAY)
                played = any_document.play_document(stage, screen, path=file)
        screen.passed(let_time_pass(container.executor, settings, OUT))
        show_ledger(container.executor, screen, played, OUT / "ledger.xlsx")
        for each in write_dossiers(container.executor, container.draughtsman, office_id=played.office_id, out=OUT):
            screen.wrote(each.path, each.size)
        for each in write_papers(container.executor, container.draughtsman, office_id=played.office_id, out=OUT):
            screen.wrote(each.path, each.size)
        for each in write_documents(container.executor, container.draughtsman, office_id=played.office_id, out=OUT):
            screen.wrote(each.path, each.size)
        for each in write_judged_papers(container.executor, container.draughtsman, office_id=played.office_id, out=OUT):
            screen.wrote(each.path, each.size)
        screen.accounts(settings.base_url, settings.data_dir)
        if not no_serve:
            from app.application import make_application
            from app.cli.serve import run_server

            screen.serving(settings.base_url)
            with container.scheduler(), container.worker():
                run_server(make_application(container), settings.host, settings.port)
