"""The switcher between lists in the top bar, asked for when it is opened, and how a list was changed as a whole."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from domain.errors import Conflict, RuleViolation
from services.list_changes import StartListChange
from services.queries.list_changes import list_changes
from services.queries.lists import list_names
from services.queries.matter_pages import own_steps
from web.addresses import ListAddress
from web.notices import Notice
from web.visit import Submitting, Visit, Visiting

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


@router.get("/lists/{list_id}/changes", name="list_changes")
def show_changes(visit: Visiting, list_id: UUID) -> Response:
    """How a list was changed as a whole since it was approved, and for its office the way to change it."""
    return _changes(visit, list_id)


def _changes(visit: Visit, list_id: UUID, *, refused: str | None = None) -> Response:
    found = list_changes(visit.reading, list_id)
    open_ones = [each.id for each in found.changes if each.under_way]
    return visit.page(
        "lists/changes.html",
        status=409 if refused is not None else 200,
        found=found,
        mine={step.item_id: step for step in own_steps(visit.reading, open_ones)},
        refused=refused,
    )


@router.post("/lists/{list_id}/changes", name="start_list_change")
def start_change(visit: Submitting, list_id: UUID) -> Response:
    """Begin a change; what changes is written in the step that opens."""
    try:
        opened = visit.run(StartListChange(list_id=list_id))
    except (Conflict, RuleViolation) as error:
        return _changes(visit, list_id, refused=visit.sentence(error))
    steps = own_steps(visit.reading, [opened.item_id])
    if steps:
        return visit.redirect("step", work_item_id=steps[0].work_item_id, notice=Notice("list_change_begun"))
    return visit.redirect("list_changes", list_id=list_id, notice=Notice("list_change_begun"))
