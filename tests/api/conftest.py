"""The API over a world that is rolled back after each test: real routes, real executor, real PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
import structlog
from sqlmodel import Session, select
from starlette.testclient import TestClient

from api.deps import CSRF_HEADER
from api.main import Application, create_app
from api.security import FailureLimit
from bpmn.engine import ProcessEngine
from db.file_store import DiskFileStore
from db.tables import Person, Unit, UnitMember, UserSession
from domain.permissions import Role
from domain.units import UnitKind
from dossiers.rendering import renderer
from notifications.channels.outbound import Outbound
from notifications.rendering import Renderer
from notifications.trial import Trial
from services.channels import EndpointTrial
from services.executor import Executor
from services.ports import Draughtsman, Storage
from services.secret_box import SecretBox
from services.secrets import digest_of
from services.sign_in import SessionPolicy
from tests.conftest import FixedClock
from web.main import add_pages

ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


@pytest.fixture(autouse=True, scope="session")
def quiet_logs() -> None:
    """Without a set-up structlog draws tracebacks with all local variables, which takes half a minute for a request."""
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.KeyValueRenderer()],
        logger_factory=structlog.ReturnLoggerFactory(),
    )


@dataclass
class ApiContainer:
    """What `create_app` needs, on sessions of the test's transaction."""

    executor: Executor
    clock: FixedClock
    reads: Callable[[], Session]
    session_policy: SessionPolicy = field(default_factory=SessionPolicy)
    secure_cookies: bool = False
    base_url: str = "http://dudao.test"
    place_name: str = ""
    threads: int = 4
    # Endpoints of tests live on this machine.
    endpoint_trial: EndpointTrial = field(
        default_factory=lambda: Trial(Outbound((ip_network("127.0.0.0/8"),)), Renderer("http://dudao.test"))
    )
    # Its processes start with the first document.
    draughtsman: Draughtsman = field(default_factory=renderer)
    secret_box: SecretBox = field(default_factory=lambda: SecretBox(bytes(32)))

    @property
    def snapshots(self) -> Callable[[], Session]:
        """One transaction is the whole test: every read of it sees one state anyway."""
        return self.reads


class ApiClient(TestClient):
    """A client that sends the CSRF token with its writes, as the pages do."""

    csrf_token: str | None = None

    def request(self, method: str, url: Any, **options: Any) -> Any:
        headers = dict(options.pop("headers", None) or {})
        if self.csrf_token and method not in {"GET", "HEAD"}:
            headers.setdefault(CSRF_HEADER, self.csrf_token)
        return super().request(method, url, headers=headers, **options)


@pytest.fixture
def container(new_session: Callable[[], Session], clock: FixedClock, tmp_path: Path) -> ApiContainer:
    storage = Storage(DiskFileStore(tmp_path / "evidence"), 1024)
    return ApiContainer(Executor(new_session, clock, ProcessEngine(), storage=storage), clock, new_session)


@pytest.fixture(scope="session")
def built() -> Application:
    """The application without what it works on: building it for each test would take most of the time."""
    return create_app(cast("Any", SimpleNamespace(threads=4)))


@contextmanager
def lent(application: Application, container: ApiContainer) -> Iterator[Application]:
    """The application for one test; what the test adds to it is taken away again."""
    application.state.container = container
    application.state.failures = FailureLimit()
    routes = list(application.router.routes)
    yield application
    application.router.routes[:] = routes
    application.dependency_overrides.clear()


@pytest.fixture
def application(built: Application, container: ApiContainer) -> Iterator[Application]:
    with lent(built, container) as application:
        yield application


@pytest.fixture
def anonymous(application: Application) -> Iterator[ApiClient]:
    """Somebody who has not signed in."""
    with ApiClient(application, raise_server_exceptions=False) as client:
        yield client


@dataclass
class Directory:
    """Units and people made for one test. Every call is a session of its own: they share one connection."""

    new_session: Callable[[], Session]
    clock: FixedClock

    def unit(self, name: str, kind: UnitKind = UnitKind.DEPARTMENT, **fields: Any) -> Unit:
        with self.new_session() as session:
            found = session.exec(select(Unit).where(Unit.official_name == name)).first()
            if found is None:
                found = Unit(official_name=name, short_name=fields.pop("short_name", name), kind=kind, **fields)
                session.add(found)
                session.commit()
        return found

    def person(self, login: str | None, *roles: tuple[str, Role], **fields: Any) -> Person:
        """A person with roles in units given by name; valid since a week ago, without end."""
        units = [(self.unit(unit).id, role) for unit, role in roles]
        since = (self.clock.now() - timedelta(days=7)).date()
        with self.new_session() as session:
            person = Person(name=fields.pop("name", f"人员{login}"), login=login, created_at=self.clock.now(), **fields)
            session.add(person)
            session.flush()
            session.add_all(
                UnitMember(person_id=person.id, unit_id=unit_id, role=role, valid_from=since) for unit_id, role in units
            )
            session.commit()
        return person

    def signed_in(self, person_id: UUID, secret: str) -> str:
        """A session with this secret; its CSRF token."""
        now = self.clock.now()
        row = UserSession(
            token_hash=digest_of(secret),
            person_id=person_id,
            csrf_token=f"csrf-of-{secret}",
            created_at=now,
            last_seen_at=now,
            expires_at=now + timedelta(hours=12),
        )
        with self.new_session() as session:
            session.add(row)
            session.commit()
        return row.csrf_token


@pytest.fixture
def directory(new_session: Callable[[], Session], clock: FixedClock) -> Directory:
    return Directory(new_session, clock)


@pytest.fixture
def client_as(application: Application, directory: Directory) -> Iterator[Callable[..., ApiClient]]:
    """`client_as(Role.LIAISON, unit="市商务局")`: a client signed in as a new person with that role."""
    opened: list[ApiClient] = []

    def sign_in(role: Role, *, unit: str = "江北市商务局", login: str | None = None) -> ApiClient:
        login = login or f"{role}-{len(opened)}"
        person = directory.person(login, (unit, role))
        client = ApiClient(application, raise_server_exceptions=False)
        client.csrf_token = directory.signed_in(person.id, f"secret-of-{login}")
        client.cookies.set("dudao_session", f"secret-of-{login}")
        client.__enter__()
        opened.append(client)
        return client

    yield sign_in
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture(scope="session")
def with_pages() -> Application:
    """API and pages, put together once; `lent` gives it to a test."""
    return add_pages(create_app(SimpleNamespace(threads=4)))


@pytest.fixture
def as_(application, directory):
    """Signs in somebody who is there already."""

    def sign_in(actor) -> ApiClient:
        client = ApiClient(application, raise_server_exceptions=False)
        client.csrf_token = directory.signed_in(actor.id, f"secret-of-{actor.id}")
        client.cookies.set("dudao_session", f"secret-of-{actor.id}")
        return client

    return sign_in
