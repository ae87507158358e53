"""A signed bulletin as a document: its content frozen with its data, its number given now and not before."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from db.tables import Bulletin, BulletinRecipient, BulletinSnapshot, BulletinText, Unit
from domain.bulletins import SERIES, BulletinKind, Circulation, Manner
from domain.labels import label
from domain.messages.bulletins import MASTHEADS
from services.documents import Issued, issue_document
from services.unit_of_work import UnitOfWork


def paper_content(
    bulletin: Bulletin,
    text: BulletinText,
    snapshot: BulletinSnapshot,
    recipients: Sequence[BulletinRecipient],
    *,
    office: str,
) -> dict[str, Any]:
    """What is printed: the text, the data that it was written from with their digest, and who gets it."""
    by_manner: defaultdict[str, list[str]] = defaultdict(list)
    for row in recipients:
        by_manner[row.manner].append(row.name)
    internal = bulletin.secrecy == Circulation.INTERNAL
    return {
        "author": office,
        "kind": bulletin.kind,
        "kind_label": label(BulletinKind, bulletin.kind),
        "masthead": MASTHEADS[bulletin.kind],
        "office": office,
        "secrecy": label(Circulation, bulletin.secrecy) if internal else "",
        "note": text.note,
        "sections": text.sections,
        "as_of": bulletin.as_of.isoformat(),
        "data": snapshot.content,
        "data_sha256": snapshot.sha256.hex(),
        "recipients": [
            {"manner": label(Manner, manner), "names": by_manner[manner]} for manner in Manner if by_manner[manner]
        ],
        "copies": len(recipients),
    }


def issue_paper(
    uow: UnitOfWork, bulletin: Bulletin, text: BulletinText, recipients: Sequence[BulletinRecipient]
) -> Issued:
    """Issue a bulletin whose signature this step is."""
    content = paper_content(
        bulletin,
        text,
        uow.get(BulletinSnapshot, bulletin.item_id),
        recipients,
        office=uow.get(Unit, bulletin.office_unit_id).official_name,
    )
    return issue_document(
        uow,
        series=SERIES[BulletinKind(bulletin.kind)],
        template="bulletin",
        title=text.title,
        content=content,
        office_unit_id=bulletin.office_unit_id,
        item_id=bulletin.item_id,
        public=bulletin.secrecy == Circulation.PUBLIC,
        recipients=[row.unit_id for row in recipients if row.unit_id is not None],
        outside=[row.name for row in recipients if row.unit_id is None],
    )
