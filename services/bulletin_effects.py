"""What the steps of a bulletin mean: it is shown to who is quoted or criticised when the checker has passed it, and
signed, it becomes a document with its number, which its recipients sign for.
"""

from typing import Any, Final, LiteralString
from uuid import UUID

from sqlmodel import col, select

from db.tables import Bulletin, BulletinRecipient, Item
from domain.bulletin_errors import BulletinEmpty, BulletinWithoutRecipients
from domain.bulletins import check_return
from domain.items import ItemKind, ResponsibilityRole
from domain.messages.bulletins import TITLES
from services.bulletin_papers import issue_paper
from services.bulletins import last_text
from services.matters import MatterParty, open_matter, show_to_parties
from services.stepping import Advanced, Done, LockedInstance
from services.unit_of_work import UnitOfWork

ENDS_MATTER: Final = True
DELIVERY: Final = "bulletin_delivery"

_COUNT_RETURNS: LiteralString = (
    "SELECT count(*) FROM work_item WHERE instance_id = %s AND bpmn_id = 'check_text' AND decision = 'return'"
)


def check(uow: UnitOfWork, instance: LockedInstance, done: Done) -> dict[str, Any]:
    """Whether somebody has to be asked about the text. Raises BulletinEmpty, BulletinWithoutRecipients,
    BulletinReturnedTwice.
    """
    if done.bpmn_id == "edit_text" and done.decision == "submit":
        bulletin = uow.get(Bulletin, instance.item_id)
        text = last_text(uow, bulletin)
        if not text.title or not any(section.get("paragraphs") for section in text.sections):
            raise BulletinEmpty(str(instance.item_id))
        if not recipients_of(uow, instance.item_id):
            raise BulletinWithoutRecipients(str(instance.item_id))
        roles = {party.role for party in instance.parties}
        return {
            "has_quoted": ResponsibilityRole.QUOTED in roles,
            "has_criticised": ResponsibilityRole.CRITICISED in roles,
        }
    if done.bpmn_id == "check_text" and done.decision == "return":
        # The work item is closed only afterwards: what is counted are the returns before this one.
        [[(before,)]] = uow.read((_COUNT_RETURNS, (instance.id,)))
        check_return(before)
    return {}


def apply(uow: UnitOfWork, instance: LockedInstance, advanced: Advanced, done: Done | None) -> None:
    """Show it to who is asked; issue it when it is signed."""
    if done is not None and done.bpmn_id == "check_text" and done.decision == "approve":
        show_to_parties(uow, instance.item_id)
    if advanced.outcome == "issued":
        _issue(uow, uow.get(Bulletin, instance.item_id))


def recipients_of(uow: UnitOfWork, item_id: UUID) -> list[BulletinRecipient]:
    """Who gets a bulletin, in printed order."""
    rows = uow.session.exec(
        select(BulletinRecipient).where(BulletinRecipient.item_id == item_id).order_by(col(BulletinRecipient.position))
    )
    return list(rows)


def _issue(uow: UnitOfWork, bulletin: Bulletin) -> None:
    subject = uow.subject_id
    text, recipients = last_text(uow, bulletin), recipients_of(uow, bulletin.item_id)
    issued = issue_paper(uow, bulletin, text, recipients)
    bulletin.document_id, bulletin.issued_at, bulletin.issued_by = issued.id, uow.now, uow.actor.id
    uow.session.flush()
    units = [row.unit_id for row in recipients if row.unit_id is not None]
    if units:
        title = TITLES["delivery"].format(title=text.title, mark=issued.mark)
        bulletin.delivery_item_id = open_delivery(uow, bulletin, title, units)
    if subject is not None:
        uow.about(subject)


def open_delivery(uow: UnitOfWork, bulletin: Bulletin, title: str, units: list[UUID]) -> UUID:
    """A matter of its own in which the recipients sign for the bulletin: they see nothing of how it was made."""
    opened = open_matter(
        uow,
        kind=ItemKind.BULLETIN,
        office_unit_id=bulletin.office_unit_id,
        title=title,
        number=issue_number(uow, bulletin),
        process=DELIVERY,
        data={"recall": False},
        parties=[MatterParty(unit_id, ResponsibilityRole.RECIPIENT) for unit_id in units],
        parent_id=bulletin.item_id,
    )
    return opened.item_id


def issue_number(uow: UnitOfWork, bulletin: Bulletin) -> str:
    """What the register calls the delivery: the bulletin's own number with a mark behind."""
    return f"{uow.get(Item, bulletin.item_id).number}-1"
