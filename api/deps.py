"""What a route is given: who asks, a way to run commands, a session to read with.

A route is a plain `def`: it runs in a thread, one for each connection of the pool. It reads with `Read` (as the actor)
or `ReadSession`, or runs commands with `Run`; the executor commits before the answer is sent, a dependency never does.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Protocol, TypeVar
from uuid import UUID

import structlog
from fastapi import Depends, Header, Request, Response
from fastapi.security import APIKeyCookie, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from sqlmodel import Session

from api.security import FailureLimit
from domain.errors import CsrfFailed, NoRole, NotSignedIn
from domain.permissions import ANONYMOUS, Actor
from services.channels import EndpointTrial, Sealing
from services.executor import Command, Executor, RequestInfo
from services.ports import Clock, Draughtsman
from services.queries.reading import Reading, reading
from services.sign_in import Identity, NoteUse, SessionPolicy, SignedIn, identify_session, identify_token

Result = TypeVar("Result")

COOKIE = "dudao_session"
SECURE_COOKIE = "__Host-dudao_session"
"""Browsers take this name only with Secure, so that nobody plants a session over an unencrypted connection."""
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Container(Protocol):
    """What the API needs of the composition root."""

    @property
    def executor(self) -> Executor:
        """Runs commands."""
        ...

    @property
    def reads(self) -> Callable[[], Session]:
        """Opens sessions that cannot write."""
        ...

    @property
    def snapshots(self) -> Callable[[], Session]:
        """Opens sessions that cannot write, all of whose statements see one state of the database."""
        ...

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def session_policy(self) -> SessionPolicy:
        """How long people stay signed in."""
        ...

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies travel over TLS only."""
        ...

    @property
    def base_url(self) -> str:
        """The address users type, without a slash at the end."""
        ...

    @property
    def place_name(self) -> str:
        """What the city or area is called whose tasks are supervised here; empty where nobody named it."""
        ...

    @property
    def draughtsman(self) -> Draughtsman:
        """Draws documents."""
        ...

    @property
    def endpoint_trial(self) -> EndpointTrial:
        """Tries webhooks, robots and gateways before they are saved."""
        ...

    @property
    def secret_box(self) -> Sealing:
        """Seals the secrets of webhooks, robots and gateways."""
        ...

    @property
    def threads(self) -> int:
        """How many requests are worked on at a time: as many as there are connections."""
        ...


async def get_container(request: Request) -> Container:
    """The composition root that the application was created with."""
    container: Container = request.app.state.container
    return container


ContainerDep = Annotated[Container, Depends(get_container)]


async def get_failures(request: Request) -> FailureLimit:
    """The count of failed sign-ins by source address."""
    failures: FailureLimit = request.app.state.failures
    return failures


Failures = Annotated[FailureLimit, Depends(get_failures)]


def open_read_session(container: ContainerDep) -> Iterator[Session]:
    """A read-only session, closed when the route returns."""
    with container.reads() as session:
        yield session


ReadSession = Annotated[Session, Depends(open_read_session, scope="function")]


def secure(request: Request, container: Container) -> bool:
    """Whether this request's cookies are for TLS only."""
    return container.secure_cookies or request.url.scheme == "https"


def keep_session(request: Request, response: Response, container: Container, signed_in: SignedIn) -> None:
    """Put the session's secret into the cookie, and only there."""
    is_secure = secure(request, container)
    response.set_cookie(
        SECURE_COOKIE if is_secure else COOKIE,
        signed_in.secret,
        max_age=int(container.session_policy.lifetime.total_seconds()),
        path="/",
        secure=is_secure,
        httponly=True,
        samesite="lax",
    )


def forget_session(request: Request, response: Response, container: Container) -> None:
    """Take the cookie back; the session itself is ended by `SignOut`."""
    is_secure = secure(request, container)
    response.delete_cookie(
        SECURE_COOKIE if is_secure else COOKIE, path="/", secure=is_secure, httponly=True, samesite="lax"
    )


def session_secret(request: Request, container: Container) -> str | None:
    """The secret in the session's cookie."""
    return request.cookies.get(SECURE_COOKIE if secure(request, container) else COOKIE)


_bearer = HTTPBearer(
    scheme_name="token", description="A personal token from `POST /api/v1/accounts/me/tokens`.", auto_error=False
)
_cookie = APIKeyCookie(
    name=COOKIE,
    scheme_name="session",
    description=f"Set by signing in; `{SECURE_COOKIE}` over TLS. Writes also need the header `{CSRF_HEADER}`.",
    auto_error=False,
)


def current_identity(
    request: Request,
    container: ContainerDep,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    _declared: Annotated[str | None, Depends(_cookie)],
) -> Identity:
    """Who asks. Raises NotSignedIn, CsrfFailed."""
    identity = _identify(request, container, bearer)
    if identity is None:
        raise NotSignedIn("no valid session or token")
    structlog.contextvars.bind_contextvars(actor_id=str(identity.actor.id))
    if request.method not in SAFE_METHODS and not identity.csrf_matches(request.headers.get(CSRF_HEADER)):
        raise CsrfFailed(f"{identity.actor.name} without CSRF token")
    note_use(container, identity)
    return identity


def note_use(container: Container, identity: Identity) -> None:
    """Let the idle time of the identity's session or token start again, if that is due."""
    if identity.stale:
        container.executor.execute(NoteUse(credential=identity.credential), actor=identity.actor)


def _identify(request: Request, container: Container, bearer: HTTPAuthorizationCredentials | None) -> Identity | None:
    if bearer is not None:
        with container.reads() as session:
            return identify_token(session, bearer.credentials, now=container.clock.now())
    return session_identity(request, container)


def session_identity(request: Request, container: Container) -> Identity | None:
    """Who is signed in by the session's cookie, which is the only way into a page."""
    secret = session_secret(request, container)
    if secret is None:
        return None
    with container.reads() as session:
        return identify_session(session, secret, now=container.clock.now(), policy=container.session_policy)


CurrentIdentity = Annotated[Identity, Depends(current_identity)]


async def current_actor(identity: CurrentIdentity) -> Actor:
    """The actor who asks, with a role today. Raises NoRole: the directory is not for people who left."""
    if not identity.actor.memberships:
        raise NoRole(identity.actor.name)
    return identity.actor


CurrentActor = Annotated[Actor, Depends(current_actor)]


def open_reading(container: ContainerDep, actor: CurrentActor) -> Iterator[Reading]:
    """What a query works with, for the actor who asks."""
    with reading(container.executor, actor) as opened:
        yield opened


Read = Annotated[Reading, Depends(open_reading, scope="function")]


async def request_info(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=200,
            description="Repeat a request whose answer was lost with the same key: it is carried out once.",
        ),
    ] = None,
) -> RequestInfo:
    """The request as the audit entry and the idempotency table know it."""
    return RequestInfo(
        # Only of writes: a stored answer is given again without asking whether the actor may still see it.
        key=key_of(idempotency_key) if idempotency_key and request.method not in SAFE_METHODS else None,
        request_id=request.scope.get("dudao.request_id"),
        source=source_of(request),
    )


def source_of(request: Request) -> str:
    """The client's address; behind a trusted proxy the one that it forwards."""
    return request.client.host if request.client else "-"


def key_of(given: str) -> UUID:
    """A UUID as it is, any other string as its hash."""
    try:
        return UUID(given)
    except ValueError:
        return UUID(bytes=hashlib.sha256(given.encode()).digest()[:16])


RequestInfoDep = Annotated[RequestInfo, Depends(request_info)]


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs commands for this request: `run(CompleteWorkItem(...))`."""

    executor: Executor
    actor: Actor
    request: RequestInfo

    def __call__(self, command: Command[Result]) -> Result:
        """Run and commit. Raises what `Executor.execute` raises."""
        return self.executor.execute(command, actor=self.actor, request=self.request)


async def runner(container: ContainerDep, actor: CurrentActor, request: RequestInfoDep) -> Runner:
    """A runner for the actor who asks."""
    return Runner(container.executor, actor, request)


async def anonymous_runner(container: ContainerDep, request: RequestInfoDep) -> Runner:
    """A runner for the few routes that work before anybody is signed in."""
    return Runner(container.executor, ANONYMOUS, request)


Run = Annotated[Runner, Depends(runner)]
RunAnonymously = Annotated[Runner, Depends(anonymous_runner)]
