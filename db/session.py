"""The engine and its sessions: limits on every connection, prepared statements, one pool per process."""

import select
from collections.abc import Callable
from typing import Any

import orjson
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlmodel import Session

from db.connection import KeepingConnection

POOL_SIZE = 20
POOL_OVERFLOW = 20
"""Together as many as the threads of the web server, so that no request waits for a connection."""
POOL_TIMEOUT = 10
"""Seconds a request waits for a connection when there are more requests than that all the same."""
PREPARED_STATEMENTS = 400
"""Kept per connection; a step, the work lists and the ledger together send about a hundred different ones."""

CONNECTION_SETTINGS = {
    # A colleague's commit takes milliseconds. Whoever waits longer is told so (55P03 becomes 409).
    "lock_timeout": "3s",
    "statement_timeout": "30s",
    # A process that hangs with a transaction open would hold the locks of an item for ever.
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
}

NETWORK_LIMITS: dict[str, object] = {
    # A host that vanished answers nothing, not even a refusal. Without limits a command would hang for many minutes.
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""Of libpq: seconds, and milliseconds for the last. Over a socket of the own machine they mean nothing."""


def make_engine(
    app_url: str, *, pool_size: int = POOL_SIZE, max_overflow: int = POOL_OVERFLOW, application_name: str = "dudao"
) -> Engine:
    """An engine for the application's role.

    The settings travel in the connection's start-up packet and cost no round trip. There is no ping before use, but
    a look at the socket: after a restart of the server every connection of the pool is dead, and a command that
    tries a few times would meet one dead connection after the other. What is lost a moment later the executor finds.
    """
    url = make_url(app_url)
    given = url.query.get("options", "")
    options = [given] if isinstance(given, str) and given else list(given)
    options += [f"-c {name}={value}" for name, value in CONNECTION_SETTINGS.items()]
    engine = create_engine(
        url.difference_update_query(["options"]),
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_timeout=POOL_TIMEOUT,
        # Most recently used first: its prepared statements and caches are warm, the others may be closed.
        pool_use_lifo=True,
        # Looking for the hstore type would cost a query on every new connection; there is no such column.
        use_native_hstore=False,
        json_serializer=_dump_json,
        json_deserializer=orjson.loads,
        connect_args={
            **{name: value for name, value in NETWORK_LIMITS.items() if name not in url.query},
            "options": " ".join(options),
            "application_name": application_name,
            "prepare_threshold": 1,
        },
    )

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, args: Any, options: Any) -> KeepingConnection:
        return KeepingConnection.connect(*args, **options)

    @event.listens_for(engine, "connect")
    def keep_more_prepared_statements(connection: Any, _record: object) -> None:
        connection.prepared_max = PREPARED_STATEMENTS

    @event.listens_for(engine, "checkout")
    def leave_dead_connections(connection: Any, _record: object, _proxy: object) -> None:
        if connection.closed or _is_readable(connection.fileno()):
            raise DisconnectionError("the server ended the connection")

    return engine


def make_sessions(engine: Engine) -> Callable[[], Session]:
    """A factory of sessions whose objects stay readable after the commit."""

    def new_session() -> Session:
        return Session(engine, expire_on_commit=False)

    return new_session


def _is_readable(descriptor: int) -> bool:
    """Whether an idle connection has something to say, which is only ever that it ends."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def _dump_json(value: object) -> str:
    return orjson.dumps(value).decode()
