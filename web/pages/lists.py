"""The switcher between lists in the top bar: asked for when it is opened, so that no page waits for it."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from services.queries.lists import list_names
from web.addresses import ListAddress
from web.visit import Visiting

router = APIRouter()

BY_LIST = {
    "board": "list",
    "ledger": "list",
    "light_rules": "list",
    "policies": "list",
    "rounds": "list",
    "todo": "list_id",
}
"""Pages that can show one list, and what their address calls it."""


@router.get("/lists/menu", name="lists_menu")
def show_lists(visit: Visiting, here: Annotated[str, Query(max_length=300)] = "") -> Response:
    """The lists that the visitor sees, each leading to the page one is on, or to the ledger."""
    page = next((name for name in BY_LIST if visit.has_page(name) and visit.url(name) == here), "ledger")
    address = ListAddress(visit.url(page), {})
    return visit.page(
        "lists/menu.html",
        whole=str(address),
        lists=[(address.but(**{BY_LIST[page]: each.id}), each) for each in list_names(visit.reading)],
    )
