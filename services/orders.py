"""催办通知, 提醒函, 督办单: what the ladder asks for, or the office decides, issued with a number and told to the lead.

A level of the ladder names a document (`EscalationDocument`) and tells people by message; the paper itself is signed by
somebody of the office, by this command: reminders by its staff, orders by its head or the convener.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from db.tables import Escalation, EscalationOrder, Item, Responsibility, TaskList, Unit
from domain.calendar import local_date
from domain.errors import NotFound, WrongStatus
from domain.escalation_errors import NobodyToUrge, OrderIssued, OrderUnknown
from domain.items import FINAL, ResponsibilityRole
from domain.labels import NAMES
from domain.ladder import EscalationDocument
from domain.messages.issued import ORDER_HEAD, ORDER_MESSAGE, ORDER_TITLES, RED_GRADE
from domain.permissions import Permission
from domain.urgency import last_day
from services.documents import Issued, issue_document
from services.queries.ledger import LedgerRow, ledger_row
from services.queries.reading import Reading
from services.unit_of_work import UnitOfWork
from services.urging import prepare_word
from services.visibility import OFFICE_ROLES

SERIES = {
    EscalationDocument.URGE_NOTICE: "notice",
    EscalationDocument.REMINDER_LETTER: "reminder_letter",
    EscalationDocument.SUPERVISION_ORDER: "supervision_order",
    EscalationDocument.RED_SUPERVISION_ORDER: "supervision_order",
}
"""The kinds that are about one item, and the series that they are numbered in."""
SIGNED_BY_HEADS = frozenset({EscalationDocument.SUPERVISION_ORDER, EscalationDocument.RED_SUPERVISION_ORDER})
LETTERS = frozenset({EscalationDocument.REMINDER_LETTER})
REPLY_WITHIN = 5
"""Working days; the explanation of a red order is due in five (`domain.md` P1, step 5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueOrder:
    """Issue one of `SERIES` about an item to its leads, and tell their people and leaders.

    `escalation_id` is any row of the level that asked for it; without one the office acts by itself. `reply_within`
    counts working days; `words` are what the office demands in place of the usual sentences.
    """

    item_id: UUID
    document: EscalationDocument
    reply_within: int = REPLY_WITHIN
    words: str = ""
    escalation_id: UUID | None = None

    def execute(self, uow: UnitOfWork) -> Issued:
        """Raises NotFound, PermissionDenied, WrongStatus when the item has ended or stands still, NobodyToUrge when it
        has no lead, OrderUnknown for a document that is none of these, OrderIssued when that level's was issued before.
        """
        uow.about(self.item_id)
        item = self._item(uow)
        if item.status in FINAL or item.paused_at is not None or item.issued_at is None:
            raise WrongStatus(str(item.id), status=item.status)
        level = self._level(uow)
        leads = _units(uow, item.id, ResponsibilityRole.LEAD)
        if not leads:
            raise NobodyToUrge(str(item.id))
        word = prepare_word(uow, item.id)
        content = self._content(uow, item, leads)
        issued = issue_document(
            uow,
            series=SERIES[self.document],
            template=self.document.value,
            title=ORDER_TITLES[self.document].format(number=item.number),
            content=content,
            office_unit_id=item.office_unit_id,
            item_id=item.id,
            public=False,
            recipients=[unit.id for unit in leads],
        )
        if level is not None:
            uow.session.add(
                EscalationOrder(
                    subject_id=level.subject_id,
                    epoch=level.epoch,
                    level=level.level,
                    occurrence=level.occurrence,
                    document_id=issued.id,
                )
            )
            uow.session.flush()
        told = ORDER_MESSAGE.format(mark=issued.mark, title=ORDER_TITLES[self.document].format(number=item.number))
        word(f"{told}{self.words}", self.document, {"document_id": str(issued.id), "mark": issued.mark})
        uow.noted["mark"] = issued.mark
        return issued

    def _item(self, uow: UnitOfWork) -> Item:
        item = uow.session.get(Item, self.item_id)
        if item is None or item.office_unit_id not in uow.actor.units_as(*OFFICE_ROLES):
            uow.authorized = True
            raise NotFound(f"item {self.item_id}")
        if self.document not in SERIES:
            uow.authorized = True
            raise OrderUnknown(self.document, document=self.document)
        permission = Permission.DOCUMENT_SIGN if self.document in SIGNED_BY_HEADS else Permission.DOCUMENT_ISSUE
        uow.require(permission, unit_id=item.office_unit_id)
        return uow.lock(Item, item.root_id) if item.root_id == item.id else self._member(uow, item)

    def _member(self, uow: UnitOfWork, item: Item) -> Item:
        uow.lock(Item, item.root_id)
        uow.session.refresh(item)
        return item

    def _level(self, uow: UnitOfWork) -> Escalation | None:
        if self.escalation_id is None:
            return None
        row = uow.session.get(Escalation, self.escalation_id)
        if row is None or row.item_id != self.item_id or row.document != self.document:
            raise NotFound(f"escalation {self.escalation_id}")
        key = (row.subject_id, row.epoch, row.level, row.occurrence)
        # The item's row is held: nobody issues for this level at the same time.
        if uow.session.get(EscalationOrder, key) is not None:
            raise OrderIssued(str(self.escalation_id))
        return row

    def _content(self, uow: UnitOfWork, item: Item, leads: Sequence[Unit]) -> dict[str, Any]:
        task_list = uow.session.get_one(TaskList, item.list_id)
        row = ledger_row(Reading(uow.session, uow.actor, uow.now, uow.calendar, uow.library), item, task_list)
        office = uow.session.get_one(Unit, item.office_unit_id)
        reply_by = last_day(uow.calendar.add_working_days(uow.today, self.reply_within).at)
        co_units = _units(uow, item.id, ResponsibilityRole.CO_UNIT)
        head = office.official_name if self.document in LETTERS else ORDER_HEAD.format(office=office.official_name)
        today = uow.today.isoformat()
        return {
            "head": {"name": head},
            "addressee": NAMES.join(unit.official_name for unit in leads),
            "author": office.official_name,
            "order": {
                "number": item.number,
                "text": item.text,
                "list_title": task_list.title,
                "list_mark": task_list.document_number,
                "leads": [unit.official_name for unit in leads],
                "co_units": [unit.official_name for unit in co_units],
                "due_on": last_day(item.due_at).isoformat() if item.due_at else None,
                "overdue_days": _overdue_days(uow, item),
                "reported": f"{row.percent}%" if row.percent is not None else None,
                "light": row.light_words or None,
                "waiting": _waiting(row),
                "grade": RED_GRADE if self.document is EscalationDocument.RED_SUPERVISION_ORDER else None,
                "reply_by": reply_by.isoformat(),
                "words": self.words.strip() or None,
            },
            "signature": {"unit": office.official_name, "date": today},
            "imprint": {
                "copies": [unit.official_name for unit in co_units],
                "office": office.official_name,
                "date": today,
            },
        }


def _units(uow: UnitOfWork, item_id: UUID, role: ResponsibilityRole) -> list[Unit]:
    """The units that have this part in the item now, in the printed order."""
    statement = (
        select(Unit)
        .join(Responsibility, col(Responsibility.unit_id) == col(Unit.id))
        .where(
            Responsibility.item_id == item_id,
            Responsibility.role == role,
            (col(Responsibility.valid_to).is_(None)) | (col(Responsibility.valid_to) > uow.now),
        )
        .order_by(col(Responsibility.position))
    )
    return list(uow.session.exec(statement).all())


def _overdue_days(uow: UnitOfWork, item: Item) -> int | None:
    """Working days since the deadline, or None while it has not passed."""
    if item.due_at is None or item.due_at > uow.now:
        return None
    return uow.calendar.working_days_between(last_day(item.due_at), local_date(uow.now)) or None


def _waiting(row: LedgerRow) -> list[dict[str, str]]:
    return [
        {"unit": holder.unit, "step": holder.step, "since": local_date(holder.since).isoformat()}
        for holder in row.held_by
    ]
