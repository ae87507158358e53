"""The papers of 复制推广: the notice with a batch's list, letters beyond the city's power, notices that stop a case,
reports to the State Council's inter-ministry office. Each is numbered when it is signed, and frozen.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from db.tables import Item, ReplicationBatch, ReplicationBatchEntry, Unit
from domain.messages import replication as words
from services.documents import Issued, issue_document
from services.unit_of_work import UnitOfWork

NOTICE: Final = "notice"
BatchLine = tuple[int, str, str, str, str]
"""Position, 改革事项, 主要内容及成效, 推广范围, 负责单位."""
_WIDTHS: Final = (8, 20, 44, 12, 16)
_WIDTHS_WITH_UNITS: Final = (8, 17, 37, 22, 16)
"""Percent, of a batch with a range that names its units."""
_LONGEST_RANGE: Final = 8


def batch_notice(
    uow: UnitOfWork, batch: ReplicationBatch, entries: Sequence[ReplicationBatchEntry], recipients: Sequence[UUID]
) -> Issued:
    """The notice that issues a batch, with its four columns as annex. `entries` are frozen already."""
    rows = [
        (each.position, each.title or "", each.content or "", each.range_text or "", each.responsible_text or "")
        for each in entries
    ]
    office = uow.get(Unit, batch.office_unit_id).official_name
    return issue_document(
        uow,
        series="replication_batch",
        template=NOTICE,
        title=words.BATCH_NOTICE_TITLE.format(title=batch.title),
        content=batch_content(batch.title, rows, office=office, today=uow.today),
        office_unit_id=batch.office_unit_id,
        recipients=recipients,
    )


def batch_content(title: str, rows: Sequence[BatchLine], *, office: str, today: date) -> dict[str, Any]:
    """What the notice of a batch prints, issued or looked at before: its text, and the four columns as annex."""
    widths = _WIDTHS_WITH_UNITS if any(len(row[3]) > _LONGEST_RANGE for row in rows) else _WIDTHS
    columns = [{"title": name, "width": width} for name, width in zip(words.BATCH_COLUMNS, widths, strict=True)]
    cells = [[str(position), *texts] for position, *texts in rows]
    return {
        **_framed(office, today, words.HEAD_OF_NOTICE),
        "addressee": words.TO_ALL_UNITS,
        "text": words.BATCH_TEXT.format(title=title, count=len(rows)),
        "attachments": [title],
        "annexes": [{"title": title, "table": {"columns": columns, "rows": cells}}],
        "note": words.PUBLIC_NOTE,
    }


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
    return _framed(uow.get(Unit, office_unit_id).official_name, uow.today, head, signer=signer)


def _framed(office: str, today: date, head: str, *, signer: str = "") -> dict[str, Any]:
    return {
        "head": {"name": head.format(office=office), **({"signer": signer} if signer else {})},
        "signature": {"unit": office, "date": today.isoformat()},
        "imprint": {"office": office, "date": today.isoformat()},
    }
