"""What a page's route is given: who visits, a reading, a way to run commands, and the answers a page can give.

A route is a plain `def` that takes `Visiting` (GET) or `Submitting` (POST) and returns what one of their methods made.
Nothing is committed while a reading is open, so that a request never holds two connections.
"""

import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID, uuid4, uuid5

import structlog
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from api.deps import CSRF_HEADER, Container, ContainerDep, key_of, note_use, session_identity, source_of
from domain.errors import CsrfFailed, DomainError, NoRole, NotSignedIn
from domain.permissions import Actor, Permission, Role, is_allowed
from services.batches import Outcome, each
from services.executor import Command, RequestInfo
from services.queries.accounts import OwnAccount, own_account
from services.queries.inbox import unread_count
from services.queries.lists import ListName, list_name
from services.queries.reading import Reading, reading
from services.queries.work_counts import WorkCounts, count_work
from services.queries.worklist import WorkFilter
from services.sign_in import Identity
from web.deadlines import Due, due_of_item, due_of_step
from web.notices import Notice, keep_notice, taken_notice
from web.packing import pack
from web.preferences import language_of, single_keys
from web.templating import Templates
from web.translations import Language

Result = TypeVar("Result")

CSRF_FIELD = "csrf_token"
KEY_FIELD = "request_key"
SEE_OTHER = 303


@dataclass(slots=True)
class Visit:
    """One request for a page, by somebody who is signed in and holds a role."""

    request: Request
    container: Container
    identity: Identity
    opened: ExitStack
    language: Language = field(init=False)
    _reading: Reading | None = None
    _account: OwnAccount | None = None
    _open_work: WorkCounts | None = None
    _unread: int | None = None
    _chosen_list: ListName | None = None

    def __post_init__(self) -> None:
        self.language = language_of(self.request)

    @property
    def actor(self) -> Actor:
        """Who visits."""
        return self.identity.actor

    @property
    def reading(self) -> Reading:
        """What queries work with: opened when the first one asks, on sessions that cannot write."""
        if self._reading is None:
            opened = reading(self.container.executor, self.actor, sessions=self.container.reads)
            self._reading = self.opened.enter_context(opened)
        return self._reading

    @property
    def account(self) -> OwnAccount:
        """The visitor's own account, with the names of their units."""
        if self._account is None:
            assert self.actor.id is not None, "only people have sessions"
            self._account = own_account(self.reading.session, self.actor.id, now=self.reading.now)
        return self._account

    @property
    def open_work(self) -> WorkCounts:
        """How many work items wait for the visitor: for the navigation, and for the sentence on their list."""
        if self._open_work is None:
            self._open_work = count_work(self.reading, WorkFilter())
        return self._open_work

    @property
    def unread(self) -> int:
        """How many messages the visitor has not read."""
        if self._unread is None:
            self._unread = unread_count(self.reading.session, self.actor.id)
        return self._unread

    @property
    def chosen_list(self) -> ListName | None:
        """The list that the address asks for: the top bar names it, and the navigation keeps to it."""
        given = self.request.query_params.get("list") or self.request.query_params.get("list_id")
        if self._chosen_list is None and given:
            try:
                self._chosen_list = list_name(self.reading, UUID(given))
            except ValueError:
                return None
        return self._chosen_list

    @property
    def place(self) -> str:
        """What the place is called whose tasks these are; empty where nobody named it."""
        return self.container.place_name

    @property
    def own_units(self) -> frozenset[UUID]:
        """The units in which the visitor holds a role."""
        return self.actor.units_as()

    def acts_as(self, role: str, unit_id: UUID) -> bool:
        """Whether the visitor holds that role in that unit: whose work it is."""
        return self.actor.holds(Role(role), unit_id)

    def may(self, permission: str) -> bool:
        """Whether the visitor has that permission in one of their units, by its value such as `list:import`."""
        return is_allowed(self.actor, Permission(permission))

    def due(self, due_at: datetime | None, *, provisional: bool = False) -> Due:
        """A step's limit, for the macro `due`."""
        return due_of_step(self.reading, due_at, provisional=provisional)

    def item_due(self, due_at: datetime | None, *, provisional: bool = False) -> Due:
        """An item's deadline, for the macro `due`."""
        return due_of_item(self.reading, due_at, provisional=provisional)

    def close_reading(self) -> None:
        """Give the connection back: before a long wait, or a command after which what was read is out of date."""
        self.opened.close()
        self._reading = self._account = self._open_work = self._unread = None

    def has_page(self, name: str) -> bool:
        """Whether there is a page whose route has this name."""
        return _templates(self.request).has_page(name)

    def url(self, name: str, /, **params: object) -> str:
        """The address of a page by the name of its route."""
        return _templates(self.request).page_url(name, **params)

    def page(self, template: str, /, *, status: int = 200, **values: object) -> Response:
        """A page. The template also has `visit`, `here`, `notice` and `secured()`, for the inside of every form."""
        notice = taken_notice(self.request)
        common = {
            "visit": self,
            "here": self.request.url.path,
            "whole_address": _whole(self.request),
            "language": self.language,
            "single_keys": single_keys(self.request),
            "notice": notice,
            "csrf_token": self.identity.csrf_token,
            "new_key": uuid4,
        }
        response = HTMLResponse(_templates(self.request).render(self.language, template, common | values), status)
        if notice is not None:
            keep_notice(self.request, response, None)
        return pack(self.request, response)

    def redirect(self, name: str, /, *, notice: Notice | None = None, **params: object) -> Response:
        """Go on to another page, which says what has been done."""
        return self.redirect_to(self.url(name, **params), notice=notice)

    def redirect_to(self, path: str, *, notice: Notice | None = None) -> Response:
        """Go on to an address within the pages."""
        response = RedirectResponse(path, SEE_OTHER)
        if notice is not None:
            keep_notice(self.request, response, notice)
        return response

    def sentence(self, error: DomainError) -> str:
        """What the catalogue says about a refusal, in the visitor's language."""
        return _templates(self.request).sentence(self.language, error.code, error.facts)

    def gist(self, code: str) -> str:
        """What a refusal that was recorded was about."""
        return _templates(self.request).gist(self.language, code)


@dataclass(slots=True)
class Submission(Visit):
    """A form that was sent."""

    form: FormData = field(default_factory=FormData)

    def text(self, name: str) -> str:
        """What was typed into a field, without space around it; empty where the form has no such field."""
        value = self.form.get(name)
        return value.strip() if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """All values of a field, such as of ticked boxes."""
        return [value for value in self.form.getlist(name) if isinstance(value, str)]

    def run(self, command: Command[Result]) -> Result:
        """Run and commit. A form that is sent twice, by a second click or a repeated request, is carried out once.

        Raises what `Executor.execute` raises.
        """
        return self._execute(command, self.request_info(self._key()))

    def run_each(self, commands: Iterable[tuple[UUID, Command[Result]]]) -> list[Outcome[Result]]:
        """Run many, each in a transaction of its own, and say of each what became of it, by the subject it is named
        with. Raises Unavailable when the database does not answer.
        """
        self.close_reading()
        return list(each(self.container.executor, commands, actor=self.actor, request=self.request_info(self._key())))

    def run_unrepeatable(self, command: Command[Result]) -> Result:
        """The same for a command whose answer or fields hold a secret: neither may be stored under a key."""
        return self._execute(command, self.request_info(None))

    def request_info(self, key: UUID | None) -> RequestInfo:
        """The request as the audit entry knows it."""
        return RequestInfo(
            key=key, request_id=self.request.scope.get("dudao.request_id"), source=source_of(self.request)
        )

    def _execute(self, command: Command[Result], request: RequestInfo) -> Result:
        self.close_reading()
        return self.container.executor.execute(command, actor=self.actor, request=request)

    def _key(self) -> UUID | None:
        """The form's key with its content: a corrected form sent from the same page is another request."""
        given = self.text(KEY_FIELD)
        if not given:
            return None
        digest = hashlib.sha256()
        for name, value in self.form.multi_items():
            if isinstance(value, str) and name != CSRF_FIELD:
                digest.update(f"{name}={value}\0".encode())
        return uuid5(key_of(given), digest.hexdigest())


def _templates(request: Request) -> Templates:
    templates: Templates = request.app.state.templates
    return templates


def _whole(request: Request) -> str:
    """The address with its filters: to come back to after choosing a language. A form's answer has only its path."""
    url = request.url
    return f"{url.path}?{url.query}" if url.query and request.method == "GET" else url.path


def current_identity(request: Request, container: ContainerDep) -> Identity:
    """Who visits, by the session's cookie. Raises NotSignedIn, NoRole."""
    identity = session_identity(request, container)
    if identity is None:
        raise NotSignedIn("no valid session")
    structlog.contextvars.bind_contextvars(actor_id=str(identity.actor.id))
    if not identity.actor.memberships:
        raise NoRole(identity.actor.name)
    return identity


PageIdentity = Annotated[Identity, Depends(current_identity)]


def open_visit(request: Request, container: ContainerDep, identity: PageIdentity) -> Iterator[Visit]:
    """A visit, whose reading is closed when the route returns."""
    note_use(container, identity)
    with ExitStack() as opened:
        yield Visit(request, container, identity, opened)


async def sent_form(request: Request) -> AsyncIterator[FormData]:
    """The fields of the request's body; its files are closed when the answer is made."""
    async with request.form() as form:
        yield form


SentForm = Annotated[FormData, Depends(sent_form)]


def open_submission(
    request: Request, container: ContainerDep, identity: PageIdentity, form: SentForm
) -> Iterator[Submission]:
    """A submission. Raises CsrfFailed unless field or header carry the session's token."""
    given = request.headers.get(CSRF_HEADER) or form.get(CSRF_FIELD)
    if not identity.csrf_matches(given if isinstance(given, str) else None):
        raise CsrfFailed(f"{identity.actor.name} without CSRF token")
    note_use(container, identity)
    with ExitStack() as opened:
        yield Submission(request, container, identity, opened, form=form)


Visiting = Annotated[Visit, Depends(open_visit, scope="function")]
Submitting = Annotated[Submission, Depends(open_submission, scope="function")]


def anonymous_page(request: Request, template: str, values: Mapping[str, Any], *, status: int = 200) -> Response:
    """A page for somebody who is not signed in: without navigation, without a token."""
    language = language_of(request)
    common = {
        "visit": None,
        "here": request.url.path,
        "whole_address": _whole(request),
        "language": language,
        "notice": taken_notice(request),
    }
    response = HTMLResponse(_templates(request).render(language, template, common | dict(values)), status)
    if common["notice"] is not None:
        keep_notice(request, response, None)
    return response
