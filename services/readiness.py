"""Whether an item may be issued (domain notes, P1 step 1 and invariant 1)."""

from typing import LiteralString
from uuid import UUID

from domain.errors import BlockingFlags, GroupNotExpanded, LeadMissing, OpenListNotClosed, UnitNotConfirmed
from domain.item_errors import PartyTwice
from domain.items import FINAL, ResponsibilityRole
from services.unit_of_work import UnitOfWork

_READ: LiteralString = (
    "SELECT i.number, i.open_list, i.joint_lead,"
    " (SELECT count(*) FROM import_flag f WHERE f.item_id = i.id AND f.blocking AND f.resolved_at IS NULL),"
    " (SELECT count(*) FROM item c WHERE c.parent_id = i.id AND c.status <> ALL(%s))"
    " FROM item i WHERE i.id = %s"
)
_READ_PARTIES: LiteralString = (
    "SELECT unit_id, role, printed, collects FROM responsibility WHERE item_id = %s AND valid_to IS NULL"
    " ORDER BY position"
)
JOINT_LEADS = 2


def check_issuable(uow: UnitOfWork, item_id: UUID) -> None:
    """Raise the first reason why the item may not be issued.

    Exactly one lead; or a declared joint lead of two units; or each in its own duty with a unit that collects; or a
    group whose members, other than those withdrawn before, each have their own lead. Nobody is lead and co-unit.
    """
    uow.session.flush()
    facts, parties = uow.read((_READ, ([str(s) for s in FINAL], item_id)), (_READ_PARTIES, (item_id,)))
    number, open_list, joint, blocking, members = facts[0]
    if blocking:
        raise BlockingFlags(str(item_id), count=blocking, number=number)
    if open_list:
        raise OpenListNotClosed(str(item_id), number=number)
    for unit_id, role, printed, _ in parties:
        if role == ResponsibilityRole.GROUP:
            raise GroupNotExpanded(str(item_id), number=number, group=printed)
        if unit_id is None:
            raise UnitNotConfirmed(str(item_id), number=number, printed=printed)
    leads = {unit_id for unit_id, role, _, _ in parties if role == ResponsibilityRole.LEAD}
    collects = any(collects for _, role, _, collects in parties if role == ResponsibilityRole.LEAD)
    for unit_id, role, printed, _ in parties:
        if role == ResponsibilityRole.CO_UNIT and unit_id in leads:
            raise PartyTwice(str(item_id), unit=printed)
    if not members and not (len(leads) == 1 or (joint and len(leads) == JOINT_LEADS) or (leads and collects)):
        raise LeadMissing(str(item_id), number=number)
