"""Signing in and out, and the one-time links of a first sign-in or a reset."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from api import deps
from api.deps import Container, ContainerDep, CurrentIdentity, Failures, ReadSession, RequestInfoDep, RunAnonymously
from api.schemas import Answer, Body
from domain.errors import LinkUnusable, SignInFailed
from services.accounts import LinkPurpose, RedeemLink, describe_link
from services.sign_in import SignedIn, SignIn, SignOut, sign_in, without_key

router = APIRouter(prefix="/auth", tags=["auth"])

Password = Annotated[str, Field(min_length=1, max_length=256, examples=["Tea-house-47"])]
LinkSecret = Annotated[str, Path(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]


class Credentials(Body):
    """What a person types to sign in."""

    login: Annotated[str, Field(min_length=1, max_length=64, examples=["zhangsan"])]
    password: Password


class NewPassword(Body):
    """The password to set with a one-time link."""

    password: Password


class SessionAnswer(Answer):
    """A new session. Its secret is in the cookie; writes carry `csrf_token` in the header `X-CSRF-Token`."""

    person_id: UUID
    csrf_token: str
    expires_at: datetime


class LinkAnswer(Answer):
    """Whom a one-time link is for. It is used by posting a password to the same address."""

    name: str
    login: str
    purpose: LinkPurpose
    expires_at: datetime


@router.post("/session", status_code=201)
def sign_in_with_password(
    *,
    body: Credentials,
    request: Request,
    response: Response,
    container: ContainerDep,
    run: RunAnonymously,
    failures: Failures,
) -> SessionAnswer:
    """Sign in. The answer is the same for an unknown login, a wrong password and an account that is locked."""
    source = deps.source_of(request)
    failures.check(source)
    command = SignIn(
        login=body.login,
        password=body.password,
        source=source,
        policy=container.session_policy,
        replaces=deps.session_secret(request, container),
    )
    try:
        signed_in = sign_in(run.executor, command, run.request)
    except SignInFailed:
        failures.failed(source)
        raise
    return _opened(request, response, container, signed_in)


@router.delete("/session", status_code=204)
def sign_out(
    *,
    request: Request,
    response: Response,
    container: ContainerDep,
    identity: CurrentIdentity,
    info: RequestInfoDep,
) -> None:
    """Sign out: the session ends on the server, not only in the browser."""
    container.executor.execute(SignOut(credential=identity.credential), actor=identity.actor, request=info)
    deps.forget_session(request, response, container)


@router.get("/links/{secret}")
def look_at_link(
    secret: LinkSecret, request: Request, session: ReadSession, container: ContainerDep, failures: Failures
) -> LinkAnswer:
    """Whom a one-time link is for. Looking does not use it up."""
    source = deps.source_of(request)
    failures.check(source)
    try:
        return LinkAnswer.model_validate(describe_link(session, secret, now=container.clock.now()))
    except LinkUnusable:
        failures.failed(source)
        raise


@router.post("/links/{secret}", status_code=201)
def use_link(
    *,
    secret: LinkSecret,
    body: NewPassword,
    request: Request,
    response: Response,
    container: ContainerDep,
    run: RunAnonymously,
    failures: Failures,
) -> SessionAnswer:
    """Set a password with a one-time link and be signed in. The link works once."""
    source = deps.source_of(request)
    failures.check(source)
    command = RedeemLink(secret=secret, password=body.password, source=source, policy=container.session_policy)
    try:
        signed_in = run.executor.execute(command, actor=run.actor, request=without_key(run.request))
    except LinkUnusable:
        failures.failed(source)
        raise
    return _opened(request, response, container, signed_in)


def _opened(request: Request, response: Response, container: Container, signed_in: SignedIn) -> SessionAnswer:
    deps.keep_session(request, response, container, signed_in)
    return SessionAnswer.model_validate(signed_in)
