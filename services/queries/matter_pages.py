"""Which page is a matter's own: where more is seen and done than its steps and its timeline."""

from enum import StrEnum
from uuid import UUID

from sqlmodel import col, select

from db.tables import Adoption, Bulletin, Conference, ReplicationCase
from services.queries.reading import Reading


class MatterPage(StrEnum):
    """The kinds of pages; `web` has a route of the same name for each."""

    BULLETIN = "bulletin"
    CONFERENCE = "conference"
    CASE = "case"


def matter_page(reading: Reading, item_id: UUID) -> tuple[MatterPage, UUID] | None:
    """The page of an item that is a matter, with the id it is opened by; that page decides who may see it."""
    session = reading.session
    bulletin = session.exec(
        select(Bulletin.item_id).where((col(Bulletin.item_id) == item_id) | (col(Bulletin.delivery_item_id) == item_id))
    ).first()
    if bulletin is not None:
        return MatterPage.BULLETIN, bulletin
    if session.get(Conference, item_id) is not None:
        return MatterPage.CONFERENCE, item_id
    if session.get(ReplicationCase, item_id) is not None:
        return MatterPage.CASE, item_id
    adoption = session.get(Adoption, item_id)
    return None if adoption is None else (MatterPage.CASE, adoption.case_item_id)
