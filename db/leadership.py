"""One of many processes: who holds an advisory lock of the database, on a connection of its own.

The server gives the lock up with the connection, so that nobody has to notice that a holder died: a killed process
loses it at once, a vanished host when the server's keepalives go unanswered.
"""

import contextlib
from typing import LiteralString

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from db.access import conninfo

_CLASS = 0x6475646F
"""Keeps our locks apart from those of other programs in the same database."""

_TRY: LiteralString = "SELECT pg_try_advisory_lock(%s, %s), pg_backend_pid()"
# Asked on the very connection: behind a pooler that changes servers the lock may be anybody's.
_HELD: LiteralString = (
    "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND classid = %s AND objid = %s AND objsubid = 2), pg_backend_pid()"
)
_UNSEAT: LiteralString = (
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND classid = %s AND objid = %s AND pid <> pg_backend_pid()"
)
_SETTINGS = (
    "-c statement_timeout=5s -c idle_session_timeout=0 -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2"
    " -c tcp_keepalives_count=3 -c tcp_user_timeout=10000"
)
_NETWORK: dict[str, str | int] = {
    "application_name": "dudao-scheduler",
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


class Leadership:
    """Whether this process is the one. Not for several threads at a time.

    `number` tells apart what is led; every process of the same kind uses the same one.
    """

    def __init__(self, app_url: str, number: int) -> None:
        self._url = app_url
        self._number = number
        self._connection: psycopg.Connection | None = None
        self._backend: int | None = None

    def hold(self) -> bool:
        """Be the one if nobody else is. Raises psycopg.Error when the database does not answer."""
        if self._backend is not None and self.held():
            return True
        connection = self._opened()
        try:
            row = connection.execute(_TRY, (_CLASS, self._number)).fetchone()
        except psycopg.Error:
            self.give_up()
            raise
        assert row is not None
        self._backend = row[1] if row[0] else None
        return self._backend is not None

    def held(self) -> bool:
        """Whether this process still is the one: asked of the server, on the connection that holds the lock."""
        if self._connection is None or self._backend is None:
            return False
        try:
            row = self._connection.execute(_HELD, (_CLASS, self._number)).fetchone()
        except psycopg.Error:
            self.give_up()
            return False
        if row != (True, self._backend):
            self.give_up()
            return False
        return True

    def unseat(self) -> None:
        """End the connection of whoever is the one. It does harm to nobody: the work is safe to be done twice."""
        self._opened().execute(_UNSEAT, (_CLASS, self._number))

    def give_up(self) -> None:
        """Let another one be it, at once. May be called in any state."""
        connection, self._connection, self._backend = self._connection, None, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.close()

    def _opened(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            given = conninfo(self._url)
            parts = conninfo_to_dict(given)
            options = f"{parts.get('options') or ''} {_SETTINGS}".strip()
            whole = make_conninfo(given, **{**_NETWORK, **parts, "options": options})
            self._connection = psycopg.connect(whole, autocommit=True)
        return self._connection
