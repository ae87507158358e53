"""Migrations as a function call, from a checkout and from an installed wheel alike."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine

from domain.operation_errors import SchemaOutOfDate


def upgrade(owner_url: str, revision: str = "head") -> tuple[str | None, str | None]:
    """Migrate up to `revision`; the revisions before and after.

    Raises:
        MigrationRunning: another process is at it and does not finish.
        DatabaseRoleMissing: see `db.roles`.
    """
    before = current(owner_url)
    command.upgrade(configuration(owner_url), revision)
    return before, current(owner_url)


def downgrade(owner_url: str, revision: str) -> None:
    """Migrate down to `revision` (`base` for an empty database)."""
    command.downgrade(configuration(owner_url), revision)


def head() -> str | None:
    """The revision this program was written for."""
    return ScriptDirectory.from_config(configuration("")).get_current_head()


def current(url: str) -> str | None:
    """The revision the database is at; None for an empty one."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def require_current(url: str) -> None:
    """Refuse to work on another schema than this program's.

    Raises:
        SchemaOutOfDate: the revisions differ.
    """
    found, needed = current(url), head()
    if found != needed:
        raise SchemaOutOfDate(f"{found} is not {needed}", found=found or "-", needed=needed)


def configuration(owner_url: str) -> Config:
    """Alembic's configuration for this database, without a file."""
    config = Config()
    config.set_main_option("script_location", str(files("migrations")).replace("%", "%%"))
    config.attributes["url"] = owner_url
    return config
