"""The composition root: settings and a database become everything that a process of dudao works with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlmodel import Session

from app.database import opened_database
from app.settings import Settings
from bpmn.engine import ProcessEngine
from db import migrate
from db.access import DatabaseAccess
from db.file_store import DiskFileStore
from db.session import POOL_OVERFLOW, POOL_SIZE, make_engine, make_sessions
from domain.evidence import MEGABYTE
from services.executor import Executor
from services.ports import Clock, Draughtsman, Storage, SystemClock
from services.sign_in import SessionPolicy

if TYPE_CHECKING:
    from app.scheduler import Scheduler
    from app.worker import Worker
    from services.channels import EndpointTrial, Sealing


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """What ASGI, command line, demo, tests and benchmarks share. `reads` opens sessions that cannot write.

    `snapshots` opens such whose statements all see one state of the database: for what is read in pieces.
    """

    settings: Settings
    access: DatabaseAccess
    engine: Engine
    sessions: Callable[[], Session]
    reads: Callable[[], Session]
    snapshots: Callable[[], Session]
    clock: Clock
    executor: Executor

    @property
    def session_policy(self) -> SessionPolicy:
        """How long people stay signed in."""
        return SessionPolicy(
            lifetime=timedelta(hours=self.settings.session_hours),
            idle=timedelta(minutes=self.settings.session_idle_minutes),
        )

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies travel over TLS only."""
        return self.settings.secure_cookies

    @property
    def base_url(self) -> str:
        """The address users type, without a slash at the end."""
        return self.settings.base_url

    @property
    def place_name(self) -> str:
        """What the city or area is called, for the top of the pages."""
        return self.settings.place_name

    def scheduler(self) -> "Scheduler":
        """A scheduler of this process: a context that ticks while it lasts."""
        from app.scheduler import Scheduler

        return Scheduler(self.executor, self.reads, self.access.app_url)

    def worker(self) -> "Worker":
        """A worker of this process: a context that sends what is due while it lasts."""
        from app.delivery import make_deliverer
        from app.printing import Printing
        from app.worker import Worker

        printing = Printing(self.executor, self.draughtsman)
        return Worker(self.access.app_url, make_deliverer(self.settings, self.executor), printing=printing)

    @property
    def draughtsman(self) -> Draughtsman:
        """Draws documents, in processes that start with the first one."""
        from dossiers.rendering import renderer

        return renderer()

    @property
    def endpoint_trial(self) -> "EndpointTrial":
        """Tries webhooks, robots and gateways before they are saved."""
        from app.delivery import make_trial

        return make_trial(self.settings)

    @property
    def secret_box(self) -> "Sealing":
        """Seals the secrets of webhooks, robots and gateways."""
        from app.delivery import make_secret_box

        return make_secret_box(self.settings)

    @property
    def threads(self) -> int:
        """How many requests are worked on at a time: one for each connection."""
        return POOL_SIZE + POOL_OVERFLOW


def make_container(settings: Settings, access: DatabaseAccess, *, clock: Clock | None = None) -> Container:
    """Put everything together. Opens no connection yet; `Container.engine.dispose()` closes them all."""
    engine = make_engine(access.app_url)
    sessions = make_sessions(engine)
    time = clock or SystemClock()
    return Container(
        settings=settings,
        access=access,
        engine=engine,
        sessions=sessions,
        # The same pool. A read that would write is refused by the database, whoever wrote it.
        reads=make_sessions(engine.execution_options(postgresql_readonly=True)),
        snapshots=make_sessions(engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")),
        clock=time,
        executor=Executor(sessions, time, ProcessEngine(), storage=make_storage(settings)),
    )


def make_storage(settings: Settings) -> Storage:
    """Where evidence is kept. An office with a scanner of its own passes a `services.ports.Scanner` here."""
    return Storage(DiskFileStore(settings.evidence_dir), settings.max_upload_mb * MEGABYTE)


@contextmanager
def opened_container(settings: Settings | None = None, *, clock: Clock | None = None) -> Iterator[Container]:
    """A container on the configured or embedded database, whose schema is this version's; closed at the end.

    The embedded database is migrated on the way: it belongs to this installation alone, and nobody else is there to
    do it. A configured one is its administrator's, and several versions may work on it.

    Raises:
        Unavailable: one of its subclasses says why there is no database, or SchemaOutOfDate.
    """
    settings = settings or Settings()
    with opened_database(settings) as access:
        if access.embedded is not None and migrate.current(access.owner_url) != migrate.head():
            migrate.upgrade(access.owner_url)
        migrate.require_current(access.app_url)
        container = make_container(settings, access, clock=clock)
        try:
            yield container
        finally:
            container.engine.dispose()
