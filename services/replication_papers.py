"""The papers of 复制推广: the notice with a batch's list, letters beyond the city's power, notices that stop a case,
reports to the State Council's inter-ministry office. Each is numbered when it is signed, and frozen.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from db.tables import Item, ReplicationBatch, ReplicationBatchEntry, Unit
from domain.messages import replication as words
from services.documents import Issued, issue_document
from services.unit_of_work import UnitOfWork

_WIDTHS: Final = (8, 20, 44, 12, 16)


def batch_notice(
    uow: UnitOfWork, batch: ReplicationBatch, entries: Sequence[ReplicationBatchEntry], recipients: Sequence[UUID]
) -> Issued:
    """The notice that issues a batch, with its four columns as annex. `entries` are frozen already."""
    columns = [{"title": title, "width": width} for title, width in zip(words.BATCH_COLUMNS, _WIDTHS, strict=True)]
    rows = [[str(each.position), each.title, each.content, each.range_text, each.responsible_text] for each in entries]
    content = {
        **_frame(uow, batch.office_unit_id, words.HEAD_OF_NOTICE),
        "addressee": words.TO_ALL_UNITS,
        "text": words.BATCH_TEXT.format(title=batch.title, count=len(rows)),
        "attachments": [batch.title],
        "annexes": [{"title": batch.title, "table": {"columns": columns, "rows": rows}}],
        "note": words.PUBLIC_NOTE,
    }
    return issue_document(
        uow,
        series="replication_batch",
        template="notice",
        title=words.BATCH_NOTICE_TITLE.format(title=batch.title),
        content=content,
        office_unit_id=batch.office_unit_id,
        recipients=recipients,
    )


def outward_letter(uow: UnitOfWork, item: Item, entry: ReplicationBatchEntry, addressee: str) -> Issued:
    """The letter that asks somebody beyond the city's power to consider a case: it assigns nothing."""
    text = words.LETTER_TEXT.format(title=entry.title, content=entry.content)
    return issue_document(
        uow,
        series="letter",
        template="letter",
        title=words.LETTER_TITLE.format(title=entry.title),
        content={**_frame(uow, item.office_unit_id, "{office}"), "addressee": addressee, "text": text},
        office_unit_id=item.office_unit_id,
        item_id=item.id,
        public=False,
        outside=[addressee],
    )


def stop_notice(uow: UnitOfWork, item: Item, reason: str, recipients: Sequence[UUID]) -> Issued:
    """The notice that a case is not taken up any more."""
    return issue_document(
        uow,
        series="notice",
        template="notice",
        title=words.STOP_TITLE.format(title=item.text),
        content={
            **_frame(uow, item.office_unit_id, words.HEAD_OF_NOTICE),
            "addressee": words.TO_UNITS_CONCERNED,
            "text": words.STOP_TEXT.format(title=item.text, reason=reason),
        },
        office_unit_id=item.office_unit_id,
        item_id=item.id,
        recipients=recipients,
    )


def report_upward(uow: UnitOfWork, item_id: UUID, office_unit_id: UUID, form: Mapping[str, Any]) -> Issued:
    """The report of a case to the State Council's inter-ministry office, as it was drafted and is signed now."""
    return issue_document(
        uow,
        series="national_report",
        template="report",
        title=str(form["title"]),
        content={
            **_frame(uow, office_unit_id, words.HEAD_OF_NOTICE, signer=uow.actor.name),
            "addressee": form["addressee"],
            "text": form["body"],
        },
        office_unit_id=office_unit_id,
        item_id=item_id,
        public=False,
        outside=[str(form["addressee"])],
    )


def _frame(uow: UnitOfWork, office_unit_id: UUID, head: str, *, signer: str = "") -> dict[str, Any]:
    office = uow.get(Unit, office_unit_id)
    return {
        "head": {"name": head.format(office=office.official_name), **({"signer": signer} if signer else {})},
        "signature": {"unit": office.official_name, "date": uow.today.isoformat()},
        "imprint": {"office": office.official_name, "date": uow.today.isoformat()},
    }
