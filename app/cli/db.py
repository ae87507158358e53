"""The database: migrate it, look at it, stop the embedded server, dump and restore."""

import os
import subprocess
from pathlib import Path
from typing import Annotated

import psycopg.conninfo
import typer

from app.database import opened_database
from app.settings import Settings
from db import embedded, migrate
from db.access import DatabaseAccess, check_server, conninfo
from db.embedded.programs import MAJORS, packaged

app = typer.Typer(no_args_is_help=True)


@app.callback()
def database() -> None:
    """The database: migrate it, look at it, stop the embedded server, dump and restore."""


@app.command()
def upgrade(revision: Annotated[str, typer.Argument(help="Revision to migrate to.")] = "head") -> None:
    """Migrate the schema to what this version of the program needs."""
    with opened_database(Settings()) as access:
        before, after = migrate.upgrade(access.owner_url, revision)
    typer.echo(f"{before or '-'} -> {after or '-'}" if before != after else f"{after or '-'} (no change)")


@app.command()
def check() -> None:
    """Whether the database answers and has the schema this version needs; exit code 2 if not."""
    with opened_database(Settings()) as access:
        migrate.require_current(access.app_url)
        typer.echo(f"PostgreSQL {_server_major(access)}, schema {migrate.head() or '-'}")


@app.command()
def status() -> None:
    """Where the database is and whether it runs. Starts nothing."""
    settings = Settings()
    if settings.app_url is not None:
        typer.echo(f"configured by DUDAO_DATABASE_URL, schema needed {migrate.head() or '-'}")
        return
    found = embedded.look(settings.data_dir)
    typer.echo(f"embedded in {found.directory}")
    typer.echo(f"PostgreSQL {found.major or '-'}, {f'runs as process {found.pid}' if found.pid else 'not running'}")


@app.command()
def stop(
    force: Annotated[bool, typer.Option("--force", help="Even while other processes use it.")] = False,
) -> None:
    """Stop an embedded server that a killed process left running."""
    stopped = embedded.stop(Settings().data_dir, force=force)
    typer.echo("stopped" if stopped else "not running")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def psql(
    context: typer.Context,
    as_app: Annotated[bool, typer.Option("--app", help="As the application's role, not the owner's.")] = False,
) -> None:
    """Open psql; further arguments are its own."""
    with opened_database(Settings()) as access:
        _client("psql", context.args, access, access.app_url if as_app else access.owner_url)


@app.command()
def dump(file: Annotated[Path, typer.Argument(help="The file to write, in pg_dump's custom format.")]) -> None:
    """Write the whole database to a file, to back it up or to move it to another major."""
    with opened_database(Settings()) as access:
        _client("pg_dump", ["--format=custom", f"--file={file}"], access, access.owner_url)
    typer.echo(f"{file}: {file.stat().st_size} bytes")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `dudao db dump` wrote.", exists=True, dir_okay=False)],
) -> None:
    """Load a dump into an empty database, wholly or not at all, and migrate it."""
    with opened_database(Settings()) as access:
        options = ["--no-owner", "--exit-on-error", "--single-transaction", "--dbname", _database(access)]
        _client("pg_restore", [*options, str(file)], access, access.owner_url)
        migrate.upgrade(access.owner_url)
        typer.echo(f"schema {migrate.current(access.owner_url)}")


def _client(program: str, arguments: list[str], access: DatabaseAccess, url: str) -> None:
    """Run one of PostgreSQL's clients. The password goes through the environment: arguments are public."""
    bin_dir = access.embedded.bin_dir if access.embedded else packaged(max(MAJORS)) / "bin"
    parts = {str(name): str(value) for name, value in psycopg.conninfo.conninfo_to_dict(conninfo(url)).items()}
    variables = {"dbname": "PGDATABASE", "options": "PGOPTIONS"}
    environment = {variables.get(name, f"PG{name.upper()}"): value for name, value in parts.items()}
    done = subprocess.run([bin_dir / program, *arguments], check=False, env={**os.environ, **environment})  # noqa: S603  arguments are the user's own, and no shell reads them
    if done.returncode != 0:
        raise typer.Exit(done.returncode)


def _database(access: DatabaseAccess) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(conninfo(access.owner_url))["dbname"])


def _server_major(access: DatabaseAccess) -> int:
    return check_server(access.owner_url)
