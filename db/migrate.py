"""Migrations as a function call, from a checkout and from an installed wheel alike."""

import re
from importlib.resources import files
from typing import TYPE_CHECKING

import psycopg

from db.access import conninfo
from domain.operation_errors import SchemaOutOfDate

if TYPE_CHECKING:
    from alembic.config import Config

_REVISION = re.compile(r'^revision: str = "(\w+)"$', re.MULTILINE)
_BEFORE = re.compile(r'^down_revision: str \| None = "(\w+)"$', re.MULTILINE)


def upgrade(owner_url: str, revision: str = "head") -> tuple[str | None, str | None]:
    """Migrate up to `revision`; the revisions before and after.

    Raises:
        MigrationRunning: another process is at it and does not finish.
        DatabaseRoleMissing: see `db.roles`.
    """
    from alembic import command

    before = current(owner_url)
    command.upgrade(configuration(owner_url), revision)
    return before, current(owner_url)


def downgrade(owner_url: str, revision: str) -> None:
    """Migrate down to `revision` (`base` for an empty database)."""
    from alembic import command

    command.downgrade(configuration(owner_url), revision)


def head() -> str | None:
    """The revision this program was written for: the one that no other comes after.

    Read from the text of the revisions: every command asks, and loading Alembic with thirty modules for it took longer
    than most commands take.
    """
    texts = [
        each.read_text("utf-8")
        for each in files("migrations").joinpath("versions").iterdir()
        if each.name.endswith(".py")
    ]
    revisions = {found[1] for text in texts if (found := _REVISION.search(text))}
    [last] = (revisions - {found[1] for text in texts if (found := _BEFORE.search(text))}) or {None}
    return last


def current(url: str) -> str | None:
    """The revision the database is at; None for an empty one."""
    with psycopg.connect(conninfo(url)) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def require_current(url: str) -> None:
    """Refuse to work on another schema than this program's.

    Raises:
        SchemaOutOfDate: the revisions differ.
    """
    found, needed = current(url), head()
    if found != needed:
        raise SchemaOutOfDate(f"{found} is not {needed}", found=found or "-", needed=needed)


def configuration(owner_url: str) -> "Config":
    """Alembic's configuration for this database, without a file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("migrations")).replace("%", "%%"))
    config.attributes["url"] = owner_url
    return config
