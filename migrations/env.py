"""Alembic's environment: one connection, one migration at a time, short locks, the roles in order afterwards."""

import time
from typing import Any

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from db import (
    roles,
    tables,  # noqa: F401  registers every table
)
from domain.operation_errors import MigrationRunning

WAIT_FOR_ANOTHER = 60.0
"""Seconds; hosts of one installation are often started together, and each begins with an upgrade."""


def lock_out_others(connection: Connection) -> None:
    """Hold the lock of this session until it ends."""
    deadline = time.monotonic() + WAIT_FOR_ANOTHER
    while not connection.execute(text("SELECT pg_try_advisory_lock(hashtext('dudao migrations'))")).scalar_one():
        if time.monotonic() > deadline:
            raise MigrationRunning(f"not free after {WAIT_FOR_ANOTHER} s")
        time.sleep(0.1)


def include_object(_item: object, name: str | None, kind: str, _reflected: object, _compare_to: object) -> bool:
    """Leave alone what other libraries create in the same schema."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Write plain SQL types into revisions: SQLModel's own string type may change under an old migration."""
    return "sa.String()" if kind == "type" and isinstance(item, AutoString) else False


def run(connection: Connection) -> None:
    """Migrate, each revision in a transaction of its own."""
    lock_out_others(connection)
    # A migration that waits for a lock makes everybody behind it wait: rather fail and try again.
    connection.execute(text("SET lock_timeout = '4s'"))
    connection.execute(text("SET statement_timeout = '30s'"))
    roles.prepare_application_role(connection)
    connection.commit()
    options: dict[str, Any] = {
        "include_object": include_object,
        "render_item": render_item,
        "compare_server_default": True,
    }
    context.configure(
        connection=connection, target_metadata=SQLModel.metadata, transaction_per_migration=True, **options
    )
    with context.begin_transaction():
        context.run_migrations()
    roles.protect_records(connection)
    connection.commit()


def migrate(owner_url: str) -> None:
    """Migrate the database that `owner_url` names."""
    with create_engine(owner_url, poolclass=NullPool).connect() as connection:
        run(connection)


given = context.config.attributes.get("url")
if given is not None:
    migrate(given)
else:
    # `alembic` was called by itself, to write a new revision.
    from app.database import opened_database
    from app.settings import Settings

    with opened_database(Settings()) as access:
        migrate(access.owner_url)
