"""Accounts 账号管理: who can sign in; links for a first sign-in or a new password; shutting somebody out."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from api.pagination import decode_cursor, encode_cursor
from api.routes.accounts import link_url
from domain.calendar import local_date
from domain.errors import DomainError, PermissionDenied
from domain.permissions import Permission
from services.accounts import (
    DisableAccount,
    EnableAccount,
    EndSessionOf,
    InvitePeople,
    IssuedLink,
    ResetAccount,
    UnlockAccount,
)
from services.queries.accounts import locked_accounts, open_sessions
from services.queries.page import MAX_PAGE
from services.queries.people import list_people
from services.queries.units import list_units
from web.addresses import ListAddress
from web.notices import Notice
from web.visit import Submitting, Visit, Visiting

router = APIRouter()

ROWS = 100
ORDER = "accounts page"
UNPROCESSABLE = 422
Login = Annotated[str, Path(min_length=1, max_length=64)]


@router.get("/accounts", name="accounts")
def show_accounts(visit: Visiting, unit: str = "", cursor: Annotated[str, Query(max_length=500)] = "") -> Response:
    """Everybody who holds a role, with the state of their account."""
    return _accounts_page(visit, unit=unit, cursor=cursor)


def _accounts_page(
    visit: Visit,
    *,
    unit: str = "",
    cursor: str = "",
    issued: tuple[IssuedLink, ...] = (),
    refused: DomainError | None = None,
) -> Response:
    if not visit.may(Permission.ACCOUNT_MANAGE):
        raise PermissionDenied(f"{visit.actor.name} lacks {Permission.ACCOUNT_MANAGE}")
    reading = visit.reading
    found = list_people(
        reading.session,
        visit.actor,
        on=local_date(reading.now),
        unit_id=_id(unit),
        after=decode_cursor(cursor or None, ORDER),
        limit=ROWS,
    )
    following = encode_cursor(ORDER, found.next)
    address = ListAddress(visit.url("accounts"), {"unit": unit})
    return visit.page(
        "accounts/accounts.html",
        status=UNPROCESSABLE if refused else 200,
        rows=found.rows,
        unit=unit,
        units=list_units(reading.session, limit=MAX_PAGE).rows,
        next_page=address.but(cursor=following) if following else None,
        first_page=address if cursor else None,
        issued=[(link, link_url(visit.container.base_url, link.secret)) for link in issued],
        refused=visit.sentence(refused) if refused else None,
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


@router.get("/accounts/sessions", name="sessions")
def show_sessions(visit: Visiting) -> Response:
    """Who is signed in where, and who is locked out after wrong passwords."""
    session, now = visit.reading.session, visit.reading.now
    return visit.page(
        "accounts/sessions.html",
        locked=locked_accounts(session, visit.actor, now=now),
        rows=open_sessions(session, visit.actor, now=now, policy=visit.container.session_policy),
    )


@router.post("/accounts/{login}/sessions/{session_id}/end", name="end_session_of")
def end_session_of(
    visit: Submitting, login: Login, session_id: Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]
) -> Response:
    """Sign somebody out of one browser."""
    visit.run(EndSessionOf(login=login, session_id=session_id))
    return visit.redirect("sessions", notice=Notice("session_of_ended", {"login": login}))


@router.post("/accounts/{login}/unlock", name="unlock_account")
def unlock(visit: Submitting, login: Login) -> Response:
    """Let somebody try again at once."""
    visit.run(UnlockAccount(login=login))
    return visit.redirect("sessions", notice=Notice("account_unlocked", {"login": login}))


@router.post("/accounts/{login}/link", name="issue_link")
def issue_link(visit: Submitting, login: Login) -> Response:
    """A one-time link, which this answer shows and no other: so no redirect."""
    try:
        issued = visit.run_unrepeatable(InvitePeople(logins=(login,)))
        if not issued:
            issued = (visit.run_unrepeatable(ResetAccount(login=login)),)
    except DomainError as error:
        return _accounts_page(visit, unit=visit.text("unit"), refused=error)
    return _accounts_page(visit, unit=visit.text("unit"), issued=issued)


@router.post("/accounts/{login}/disable", name="disable_account")
def disable(visit: Submitting, login: Login) -> Response:
    """Shut somebody out: sessions, tokens and links end."""
    try:
        visit.run(DisableAccount(login=login))
    except DomainError as error:
        return _accounts_page(visit, unit=visit.text("unit"), refused=error)
    return visit.redirect("accounts", notice=Notice("account_disabled", {"login": login}))


@router.post("/accounts/{login}/enable", name="enable_account")
def enable(visit: Submitting, login: Login) -> Response:
    """Let somebody in again."""
    visit.run(EnableAccount(login=login))
    return visit.redirect("accounts", notice=Notice("account_enabled", {"login": login}))
