"""The address without anything behind it: everybody's own first page."""

from fastapi import APIRouter
from fastapi.responses import Response

from domain.permissions import Role
from web.visit import Visiting

router = APIRouter()

FIRST_PAGE = {
    Role.CONVENER: "board",
    Role.ASSESSOR: "ledger",
    Role.SYSTEM_ADMIN: "units",
    Role.SECURITY_ADMIN: "accounts",
    Role.AUDIT_ADMIN: "audit",
}
"""Where a role begins that has no work list of its own."""


@router.get("/", name="home")
def go_home(visit: Visiting) -> Response:
    """To the work list; those who are asked nothing begin where they look."""
    roles = {membership.role for membership in visit.actor.memberships}
    if roles <= FIRST_PAGE.keys():
        known = {name for role in roles if visit.has_page(name := FIRST_PAGE[role])}
        return visit.redirect(min(known, default="account"))
    return visit.redirect("todo")
