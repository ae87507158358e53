"""From an item to the page of the matter that it is: a bulletin, a conference, a case."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from services.queries.matter_pages import MatterPage, matter_page
from web.visit import Visiting

router = APIRouter()


@router.get("/matters/{item_id}", name="matter")
def open_matter_page(visit: Visiting, item_id: UUID) -> Response:
    """Go on to the matter's own page; what has none is shown as every item is."""
    found = matter_page(visit.reading, item_id)
    if found is None or not visit.has_page(found[0]):
        return visit.redirect("item", item_id=item_id)
    page, matter_id = found
    if page is MatterPage.KPI_TARGET:
        return visit.redirect(page.value, target_id=matter_id)
    if page is MatterPage.LIST_CHANGES:
        return visit.redirect(page.value, list_id=matter_id)
    return visit.redirect(page.value, item_id=matter_id)
