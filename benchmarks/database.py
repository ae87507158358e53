"""A fresh database for a benchmark, on a server with the product's own settings (fsync on)."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

import db.migrate
from app.settings import Settings
from db.access import DatabaseAccess, conninfo, external_access
from db.embedded import start

NAME = "dudao_bench"


@contextmanager
def fresh_database() -> Iterator[DatabaseAccess]:
    """An empty migrated database; dropped and made anew for each benchmark."""
    settings = Settings()
    if settings.app_url is not None:
        yield _recreated(external_access(settings.app_url, settings.owner_url))
        return
    with start(settings.data_dir / "bench", settings.embedded_major) as embedded:
        yield _recreated(DatabaseAccess(embedded.owner_url, embedded.app_url, embedded))


def _recreated(server: DatabaseAccess) -> DatabaseAccess:
    with psycopg.connect(conninfo(_named(server.owner_url, "postgres")), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
    access = DatabaseAccess(_named(server.owner_url, NAME), _named(server.app_url, NAME), server.embedded)
    db.migrate.upgrade(access.owner_url)
    return access


def plain(url: str) -> str:
    """The connection string that psycopg takes."""
    return conninfo(url)


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
