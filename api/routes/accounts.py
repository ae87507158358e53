"""One's own account, and what an administrator does with the accounts of others."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field

from api.deps import ContainerDep, CurrentActor, CurrentIdentity, ReadSession, Run
from api.schemas import Answer, Body
from domain.addresses import link_path
from domain.errors import NotFound
from domain.page_errors import SessionRequired
from domain.permissions import Permission, Role
from services.accounts import (
    MAX_TOKEN_DAYS,
    ChangePassword,
    CreateToken,
    DisableAccount,
    EnableAccount,
    EndSession,
    InvitePeople,
    IssuedLink,
    LinkPurpose,
    ResetAccount,
    RevokeToken,
)
from services.queries.accounts import own_account, own_sessions, own_tokens
from services.sign_in import without_key

router = APIRouter(prefix="/accounts", tags=["accounts"])

Login = Annotated[str, Path(min_length=1, max_length=64, examples=["zhangsan"])]


class RoleAnswer(Answer):
    """A role that the person holds today."""

    unit_id: UUID
    unit: Annotated[str, Field(examples=["市商务局"])]
    role: Role
    deputy: bool


class MeAnswer(Answer):
    """The person who asks. `csrf_token` is null when a token asks."""

    id: UUID
    name: Annotated[str, Field(examples=["张三"])]
    login: str
    post: str
    phone: str
    email: str
    password_changed_at: datetime | None
    roles: list[RoleAnswer]
    permissions: list[Permission]
    csrf_token: str | None = None


class PasswordChange(Body):
    """The current password confirms the change."""

    current: Annotated[str, Field(min_length=1, max_length=256)]
    new: Annotated[str, Field(min_length=1, max_length=256)]


class OpenSessionAnswer(Answer):
    """A browser in which the person is signed in."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    source: str
    current: bool


class NewToken(Body):
    """A token for a program of one's own."""

    name: Annotated[str, Field(min_length=1, max_length=100, examples=["monthly report"])]
    days: Annotated[int, Field(ge=1, le=MAX_TOKEN_DAYS)] = 90


class TokenAnswer(Answer):
    """A personal token, without its secret."""

    id: UUID
    name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class IssuedTokenAnswer(Answer):
    """A new token. `secret` is shown this once."""

    id: UUID
    name: str
    secret: str
    expires_at: datetime


class Invitation(Body):
    """Whom to invite; nobody named means everybody who holds a role and has no password yet."""

    logins: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=64)], ...], Field(max_length=1000)] = ()


class LinkIssuedAnswer(Answer):
    """A one-time link to hand over. It is shown this once."""

    login: str
    name: str
    purpose: LinkPurpose
    url: str
    expires_at: datetime


@router.get("/me")
def read_me(identity: CurrentIdentity, session: ReadSession, container: ContainerDep) -> MeAnswer:
    """Who is signed in, their roles today and what they may do."""
    account = own_account(session, _person_id(identity.actor.id), now=container.clock.now())
    return MeAnswer.model_validate(account).model_copy(update={"csrf_token": identity.csrf_token})


@router.put("/me/password", status_code=204)
def change_password(body: PasswordChange, identity: CurrentIdentity, run: Run) -> None:
    """Replace one's password. All other sessions end. An `Idempotency-Key` is not heeded: its fingerprint would be
    something to try passwords against.
    """
    command = ChangePassword(current=body.current, new=body.new, keep=identity.credential)
    run.executor.execute(command, actor=run.actor, request=without_key(run.request))


@router.get("/me/sessions")
def list_own_sessions(
    identity: CurrentIdentity, session: ReadSession, container: ContainerDep
) -> list[OpenSessionAnswer]:
    """Where one is signed in, the last used first."""
    found = own_sessions(
        session,
        identity.actor,
        now=container.clock.now(),
        policy=container.session_policy,
        current=identity.credential,
    )
    return [OpenSessionAnswer.model_validate(each) for each in found]


@router.delete("/me/sessions/{session_id}", status_code=204)
def end_own_session(session_id: Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")], run: Run) -> None:
    """Sign out somewhere else."""
    run(EndSession(session_id=session_id))


@router.get("/me/tokens")
def list_own_tokens(actor: CurrentActor, session: ReadSession) -> list[TokenAnswer]:
    """One's personal tokens, the newest first."""
    return [TokenAnswer.model_validate(token) for token in own_tokens(session, actor)]


@router.post("/me/tokens", status_code=201)
def create_token(body: NewToken, identity: CurrentIdentity, run: Run) -> IssuedTokenAnswer:
    """A new personal token, for who is signed in: a token makes no tokens. A repeated `Idempotency-Key` makes a second
    one: secrets are stored nowhere.
    """
    if identity.csrf_token is None:
        raise SessionRequired("a token asks for a token")
    command = CreateToken(name=body.name, days=body.days)
    return IssuedTokenAnswer.model_validate(
        run.executor.execute(command, actor=run.actor, request=without_key(run.request))
    )


@router.delete("/me/tokens/{token_id}", status_code=204)
def revoke_token(token_id: UUID, run: Run) -> None:
    """End one of one's tokens."""
    run(RevokeToken(token_id=token_id))


@router.post("/invitations", status_code=201)
def invite_people(body: Invitation, run: Run, container: ContainerDep) -> list[LinkIssuedAnswer]:
    """One-time links for a first sign-in, to be handed over. Those who have a password are left out."""
    command = InvitePeople(logins=body.logins)
    issued = run.executor.execute(command, actor=run.actor, request=without_key(run.request))
    return [_shown(link, container.base_url) for link in issued]


@router.post("/{login}/reset", status_code=201)
def reset_account(login: Login, run: Run, container: ContainerDep) -> LinkIssuedAnswer:
    """A one-time link to set a new password. The old password works until the link is used."""
    issued = run.executor.execute(ResetAccount(login=login), actor=run.actor, request=without_key(run.request))
    return _shown(issued, container.base_url)


@router.post("/{login}/disable", status_code=204)
def disable_account(login: Login, run: Run) -> None:
    """Shut a person out at once: sessions, tokens and links end."""
    run(DisableAccount(login=login))


@router.post("/{login}/enable", status_code=204)
def enable_account(login: Login, run: Run) -> None:
    """Let a disabled person in again."""
    run(EnableAccount(login=login))


def link_url(base_url: str, secret: str) -> str:
    """The address of a one-time link: the page on which its owner sets a password."""
    return base_url + link_path(secret)


def _shown(link: IssuedLink, base_url: str) -> LinkIssuedAnswer:
    return LinkIssuedAnswer(
        login=link.login,
        name=link.name,
        purpose=link.purpose,
        url=link_url(base_url, link.secret),
        expires_at=link.expires_at,
    )


def _person_id(actor_id: UUID | None) -> UUID:
    if actor_id is None:
        raise NotFound("only people have accounts")
    return actor_id
