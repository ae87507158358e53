"""Which database, and as whom: the embedded one, or the one that `DUDAO_DATABASE_URL` names."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL, make_url

from db.embedded import EmbeddedPostgres, start
from db.embedded.cluster import APP_ROLE
from domain.operation_errors import DatabaseTooOld, DatabaseUnreachable

OLDEST_MAJOR = 15
CONNECT_TIMEOUT = 10
"""Seconds."""


@dataclass(frozen=True, slots=True)
class DatabaseAccess:
    """SQLAlchemy URLs of one database for its two roles."""

    owner_url: str
    app_url: str
    embedded: EmbeddedPostgres | None = None


@contextmanager
def open_database(
    *, database_url: str | None, owner_database_url: str | None, data_dir: Path, embedded_major: int
) -> Iterator[DatabaseAccess]:
    """Reach the configured database, or run the embedded one for as long as the context lasts.

    With one URL the application works as the role `dudao_app`, which the migrations create; with a second
    URL for the owner, each is used as given.

    Raises:
        Unavailable: one of its subclasses says why there is no database.
    """
    if database_url is None:
        with start(data_dir, embedded_major) as embedded:
            yield DatabaseAccess(embedded.owner_url, embedded.app_url, embedded)
        return
    yield external_access(database_url, owner_database_url)


def external_access(database_url: str, owner_database_url: str | None = None) -> DatabaseAccess:
    """The access to a server of the user's own, checked for its version.

    Raises:
        DatabaseUnreachable, DatabaseTooOld: it cannot be used.
    """
    app = _normalised(database_url)
    owner = _normalised(owner_database_url) if owner_database_url else app
    check_server(owner)
    if not owner_database_url:
        app = working_as(app, APP_ROLE)
    return DatabaseAccess(_printed(owner), _printed(app))


def check_server(given: URL | str) -> int:
    """The server's major version.

    Raises:
        DatabaseUnreachable, DatabaseTooOld: it does not answer, or is older than `OLDEST_MAJOR`.
    """
    url = make_url(given)
    where = f"{url.host or url.query.get('host') or 'localhost'}:{url.port or 5432}/{url.database or ''}"
    try:
        with psycopg.connect(conninfo(url), connect_timeout=CONNECT_TIMEOUT) as connection:
            version = connection.info.server_version
    except psycopg.Error as error:
        reason = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise DatabaseUnreachable(str(error), where=where, error=reason) from error
    major = version // 10000
    if major < OLDEST_MAJOR:
        raise DatabaseTooOld(f"{where} is {version}", where=where, found=major, needed=OLDEST_MAJOR)
    return major


def working_as(url: URL, role: str) -> URL:
    """The same URL, every connection working as `role` from its first statement on."""
    given = url.query.get("options", "")
    options = " ".join([given] if isinstance(given, str) else given)
    return url.update_query_dict({"options": f"{options} -c role={role}".strip()})


def conninfo(given: URL | str) -> str:
    """What libpq and its programs read for this URL. It may hold a password: never log it.

    Not the URL itself: SQLAlchemy writes a space as `+`, which libpq does not read as one.
    """
    url = make_url(given)
    parts = url.translate_connect_args(database="dbname", username="user")
    query = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
    return make_conninfo("", **parts, **query)


def _normalised(url: str) -> URL:
    return make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")


def _printed(url: URL) -> str:
    return url.render_as_string(hide_password=False)
