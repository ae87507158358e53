"""One's own account: password, tokens, sessions, and how this browser shows the pages."""

from fastapi import APIRouter
from fastapi.responses import Response

from web.visit import Visiting

router = APIRouter()


@router.get("/account", name="account")
def show_account(visit: Visiting) -> Response:
    """Everything about it on one page."""
    return visit.page("account/account.html")
