"""One's own account: password, tokens, sessions, and how this browser shows the pages."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from fastapi.responses import Response

from domain.accounts import MIN_LENGTH
from domain.errors import DomainError, WeakPassword, WrongPassword
from services.accounts import MAX_TOKEN_DAYS, ChangePassword, CreateToken, EndSession, IssuedToken, RevokeToken
from services.queries.accounts import own_sessions, own_tokens
from web.notices import Notice
from web.preferences import OFF, SINGLE_KEYS_COOKIE, remember
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()

LONGEST_NAME = 100
USUAL_DAYS = 90
UNPROCESSABLE = 422


@router.get("/account", name="account")
def show_account(visit: Visiting) -> Response:
    """Everything about it on one page."""
    return _account_page(visit)


def _account_page(
    visit: Visit,
    *,
    refused: DomainError | None = None,
    different: bool = False,
    issued: IssuedToken | None = None,
    unnamed: bool = False,
) -> Response:
    reading = visit.reading
    sessions = own_sessions(
        reading.session,
        visit.actor,
        now=reading.now,
        policy=visit.container.session_policy,
        current=visit.identity.credential,
    )
    wrong = refused is not None or different or unnamed
    return visit.page(
        "account/account.html",
        status=UNPROCESSABLE if wrong else 200,
        account=visit.account,
        sessions=sessions,
        tokens=[token for token in own_tokens(reading.session, visit.actor) if token.revoked_at is None],
        now=reading.now,
        current_error=visit.sentence(refused) if isinstance(refused, WrongPassword) else None,
        new_error=visit.sentence(refused) if isinstance(refused, WeakPassword) else None,
        different=different,
        issued=issued,
        unnamed=unnamed,
        min_length=MIN_LENGTH,
        max_days=MAX_TOKEN_DAYS,
        usual_days=USUAL_DAYS,
    )


@router.post("/account", name="change_password")
def change_password(visit: Submitting) -> Response:
    """Replace the password; other sessions end."""
    current, new, repeated = (str(visit.form.get(name, "")) for name in ("current", "new", "repeated"))
    if new != repeated:
        return _account_page(visit, different=True)
    try:
        visit.run_unrepeatable(ChangePassword(current=current, new=new, keep=visit.identity.credential))
    except (WrongPassword, WeakPassword) as error:
        return _account_page(visit, refused=error)
    return visit.redirect("account", notice=Notice("password_changed"))


@router.post("/account/tokens", name="create_token")
def create_token(visit: Submitting) -> Response:
    """A new token, whose secret this answer shows and no other: so no redirect."""
    name = visit.text("name")[:LONGEST_NAME]
    if not name:
        return _account_page(visit, unnamed=True)
    issued = visit.run_unrepeatable(CreateToken(name=name, days=_days(visit)))
    return _account_page(visit, issued=issued)


def _days(visit: Submission) -> int:
    given = visit.text("days")
    return min(max(int(given), 1), MAX_TOKEN_DAYS) if given.isdecimal() else USUAL_DAYS


@router.post("/account/tokens/{token_id}/revoke", name="revoke_token")
def revoke_token(visit: Submitting, token_id: UUID) -> Response:
    """End a token."""
    visit.run(RevokeToken(token_id=token_id))
    return visit.redirect("account", notice=Notice("token_revoked"))


@router.post("/account/sessions/{session_id}/end", name="end_session")
def end_session(visit: Submitting, session_id: Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]) -> Response:
    """Sign out somewhere else."""
    visit.run(EndSession(session_id=session_id))
    return visit.redirect("account", notice=Notice("session_ended"))


@router.post("/account/keys", name="choose_keys")
def choose_keys(visit: Submitting) -> Response:
    """Whether single keys act in this browser."""
    response = visit.redirect("account", notice=Notice("keys_chosen"))
    remember(visit.request, response, SINGLE_KEYS_COOKIE, "on" if visit.text("single_keys") else OFF)
    return response
