"""Signing in and out, the one-time links of a first sign-in or a reset, and the language of the interface."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from api import deps
from api.deps import ContainerDep, Failures, ReadSession, RequestInfoDep, RunAnonymously
from domain.accounts import MIN_LENGTH
from domain.addresses import LINK
from domain.errors import DomainError, LinkUnusable, NotFound, SignInFailed, WeakPassword
from services.accounts import LinkDescription, RedeemLink, describe_link
from services.sign_in import SignedIn, SignIn, SignOut, sign_in, without_key
from web.error_pages import SIGN_IN
from web.preferences import LANGUAGE_COOKIE, language_of, local_path, remember
from web.translations import Language
from web.visit import SEE_OTHER, SentForm, Submitting, anonymous_page

router = APIRouter()

HOME = "/"
LONGEST = 256
LinkSecret = Annotated[str, Path(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]
Wanted = Annotated[str | None, Query(alias="next", max_length=2000)]


@router.get(SIGN_IN, name="sign_in")
def show_sign_in(request: Request, container: ContainerDep, wanted: Wanted = None) -> Response:
    """The sign-in page; who is signed in already goes on."""
    path = local_path(wanted)
    if deps.session_identity(request, container) is not None:
        return RedirectResponse(path or HOME, SEE_OTHER)
    return _sign_in_page(request, path)


@router.post(SIGN_IN, name="send_sign_in")
def take_sign_in(
    *, request: Request, form: SentForm, container: ContainerDep, run: RunAnonymously, failures: Failures
) -> Response:
    """Sign in, and go to the page that was wanted."""
    login, password, wanted = (str(form.get(name, ""))[:LONGEST] for name in ("login", "password", "next"))
    path = local_path(str(form.get("next", "")) or wanted)
    source = deps.source_of(request)
    failures.check(source)
    command = SignIn(
        login=login,
        password=password,
        source=source,
        policy=container.session_policy,
        replaces=deps.session_secret(request, container),
    )
    try:
        signed_in = sign_in(run.executor, command, run.request)
    except SignInFailed as error:
        failures.failed(source)
        return _sign_in_page(request, path, login=login, error=error)
    return _go_on(request, container, signed_in, path)


def _sign_in_page(
    request: Request, wanted: str | None, *, login: str = "", error: DomainError | None = None
) -> Response:
    values = {"wanted": wanted, "login": login, "error": _sentence(request, error)}
    return anonymous_page(request, "sign_in/sign_in.html", values, status=200 if error is None else 422)


@router.post("/sign-out", name="sign_out")
def leave(visit: Submitting, info: RequestInfoDep) -> Response:
    """Sign out: the session ends on the server, not only in the browser."""
    command = SignOut(credential=visit.identity.credential)
    visit.container.executor.execute(command, actor=visit.actor, request=without_key(info))
    response = RedirectResponse(SIGN_IN, SEE_OTHER)
    deps.forget_session(visit.request, response, visit.container)
    return response


@router.get(LINK, name="link")
def show_link(
    secret: LinkSecret, request: Request, session: ReadSession, container: ContainerDep, failures: Failures
) -> Response:
    """Whom a one-time link is for, and the form to set a password. Looking does not use it up."""
    return _link_page(request, _described(request, session, container, failures, secret))


@router.post(LINK, name="use_link")
def take_link(
    *,
    secret: LinkSecret,
    request: Request,
    form: SentForm,
    session: ReadSession,
    container: ContainerDep,
    run: RunAnonymously,
    failures: Failures,
) -> Response:
    """Set the password and be signed in. Of two different passwords none is set."""
    described = _described(request, session, container, failures, secret)
    session.close()
    password, repeated = str(form.get("password", "")), str(form.get("repeated", ""))
    if password != repeated:
        return _link_page(request, described, different=True)
    source = deps.source_of(request)
    command = RedeemLink(secret=secret, password=password, source=source, policy=container.session_policy)
    try:
        signed_in = run.executor.execute(command, actor=run.actor, request=without_key(run.request))
    except WeakPassword as error:
        return _link_page(request, described, error=error)
    except LinkUnusable:
        failures.failed(source)
        raise
    return _go_on(request, container, signed_in, None)


def _described(
    request: Request, session: ReadSession, container: ContainerDep, failures: Failures, secret: str
) -> LinkDescription:
    source = deps.source_of(request)
    failures.check(source)
    try:
        return describe_link(session, secret, now=container.clock.now())
    except LinkUnusable:
        failures.failed(source)
        raise


def _link_page(
    request: Request, link: LinkDescription, *, error: DomainError | None = None, different: bool = False
) -> Response:
    failed = different or error is not None
    values = {"link": link, "error": _sentence(request, error), "different": different, "min_length": MIN_LENGTH}
    return anonymous_page(request, "sign_in/link.html", values, status=422 if failed else 200)


def _go_on(request: Request, container: ContainerDep, signed_in: SignedIn, path: str | None) -> Response:
    response = RedirectResponse(path or HOME, SEE_OTHER)
    deps.keep_session(request, response, container, signed_in)
    return response


def _sentence(request: Request, error: DomainError | None) -> str | None:
    if error is None:
        return None
    sentence: str = request.app.state.templates.sentence(language_of(request), error.code, error.facts)
    return sentence


@router.post("/language/{language}", name="language")
def choose_language(language: str, request: Request, form: SentForm) -> Response:
    """Change the language of the interface. Changes nothing but this browser's wish, so it asks for no token."""
    try:
        chosen = Language(language)
    except ValueError as error:
        raise NotFound(language) from error
    response = RedirectResponse(local_path(str(form.get("next", ""))) or HOME, SEE_OTHER)
    remember(request, response, LANGUAGE_COOKIE, chosen)
    return response
