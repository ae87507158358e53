"""Reading bulletins: the list, one with its text, data and receipts, and what units contributed.

The office sees how a bulletin is made; a unit that is quoted or criticised sees its passage when it is asked;
recipients, and everybody for public ones, see what was issued. Whoever may not see it gets NotFound.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, func, or_
from sqlalchemy import select as sql_select
from sqlmodel import col, select

from db.tables import (
    Bulletin,
    BulletinContribution,
    BulletinRecipient,
    BulletinSnapshot,
    BulletinText,
    IssuedDocument,
    Item,
    Person,
    ProcessInstance,
    Responsibility,
    Submission,
    Unit,
    WorkItem,
)
from domain.bulletins import BulletinKind, Circulation, paragraphs_of, unsupported_figures
from domain.errors import NotFound
from domain.items import ResponsibilityRole
from domain.labels import label
from domain.messages.bulletins import STATES
from domain.permissions import BUSINESS
from services.queries.bulletin_passages import passage, received
from services.queries.ledger_facts import Holder, holders_of
from services.queries.page import Key, Order, Page, page_of
from services.queries.reading import Reading
from services.queries.receipts import Receipt, receipts_of
from services.visibility import OFFICE_ROLES, visible_items

_ORDER = Order((col(Bulletin.opened_at), col(Bulletin.item_id)), (datetime, UUID), descending=True)


@dataclass(frozen=True, slots=True)
class BulletinRow:
    """A bulletin as it is listed, the newest first. `mark` is its number once it is issued; `receipts` of `asked`
    units have signed for it; `held_by` says on whom it waits, for its office alone.
    """

    item_id: UUID
    office_unit_id: UUID
    kind: str
    kind_label: str
    secrecy: str
    title: str
    number: str
    mark: str
    month: str | None
    from_on: date
    as_of: date
    state: str
    state_label: str
    issued_at: datetime | None
    withdrawn_at: datetime | None
    corrects_id: UUID | None
    document_id: UUID | None
    asked: int
    receipts: int
    held_by: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class TextVersion:
    """A version of the text: who saved it when; the first one is drafted, by nobody."""

    version: int
    title: str
    note: str
    sections: tuple[Mapping[str, Any], ...]
    saved_by: str | None
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Statement:
    """What a criticised unit said of the text, or that it was asked and said nothing (`stated_at` is None)."""

    unit: str
    asked_at: datetime
    due_at: datetime
    stated_at: datetime | None
    stated: bool
    reason_code: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a unit sent, and the bulletin that took it up."""

    id: UUID
    unit_id: UUID
    unit: str
    title: str
    text: str
    about_item_id: UUID | None
    sent_at: datetime
    used_in_id: UUID | None


@dataclass(frozen=True, slots=True)
class BulletinDetail:
    """One bulletin. `texts` are all versions, the newest last; for who only receives it the issued one alone, for who
    is asked about it what it says of them. `statements` are the office's to read, and each unit's own. Data, parties
    and `figures` (numbers in the text that the data do not hold) are shown to its office.
    """

    row: BulletinRow
    of_office: bool
    editable: bool
    texts: tuple[TextVersion, ...]
    data: Mapping[str, Any] | None
    data_sha256: str
    taken_at: datetime | None
    figures: tuple[str, ...]
    recipients: tuple[Receipt, ...]
    quoted: tuple[str, ...]
    criticised: tuple[str, ...]
    statements: tuple[Statement, ...]
    contributions: tuple[Contribution, ...]
    corrected_by: tuple[UUID, ...]
    withdrawn_because: str | None
    delivery_item_id: UUID | None

    @property
    def text(self) -> TextVersion | None:
        """The newest version; None where it may not be shown any more."""
        return self.texts[-1] if self.texts else None


def visible_bulletins(reading: Reading) -> ColumnElement[bool]:
    """What the actor sees, as a condition on `bulletin` joined with its `item`."""
    units = reading.actor.units_as(*BUSINESS)
    if not units:
        return false()
    received = exists(
        sql_select(col(BulletinRecipient.id)).where(
            col(BulletinRecipient.item_id) == col(Bulletin.item_id), col(BulletinRecipient.unit_id).in_(units)
        )
    )
    issued = and_(
        col(Bulletin.issued_at).is_not(None), or_(col(Bulletin.secrecy) == Circulation.PUBLIC.value, received)
    )
    return or_(visible_items(reading.actor), issued)


def _statement(reading: Reading) -> Any:
    mark = func.coalesce(col(IssuedDocument.mark), "")
    columns: tuple[Any, ...] = (Bulletin, Item, mark)
    return (
        sql_select(*columns)
        .join(Item, col(Item.id) == col(Bulletin.item_id))
        .outerjoin(IssuedDocument, col(IssuedDocument.id) == col(Bulletin.document_id))
        .where(visible_bulletins(reading))
    )


def bulletins(
    reading: Reading,
    *,
    kind: BulletinKind | None = None,
    issued_only: bool = False,
    limit: int = 50,
    after: Key | None = None,
) -> Page[BulletinRow]:
    """The bulletins that the actor sees, the newest first. Raises InvalidCursor."""
    statement = _statement(reading).order_by(*_ORDER.clauses()).limit(limit + 1)
    if kind is not None:
        statement = statement.where(col(Bulletin.kind) == kind.value)
    if issued_only:
        statement = statement.where(col(Bulletin.issued_at).is_not(None))
    if after is not None:
        statement = statement.where(_ORDER.after(after))
    found = reading.session.execute(statement).all()
    rows = _rows(reading, found)
    opened = {row.item_id: bulletin.opened_at for row, (bulletin, _, _) in zip(rows, found, strict=True)}
    return page_of(rows, limit, lambda row: (opened[row.item_id], row.item_id))


def _rows(reading: Reading, found: Sequence[Any]) -> list[BulletinRow]:
    offices = reading.actor.units_as(*OFFICE_ROLES)
    own = [item.id for bulletin, item, _ in found if bulletin.office_unit_id in offices]
    held = holders_of(reading, own) if own else {}
    counts = _receipt_counts(reading, [b.delivery_item_id for b, _, _ in found if b.delivery_item_id is not None])
    return [
        _row(bulletin, item, mark, counts.get(bulletin.delivery_item_id, (0, 0)), held.get(item.id, ()))
        for bulletin, item, mark in found
    ]


def _row(
    bulletin: Bulletin, item: Item, mark: str, counts: tuple[int, int], held_by: tuple[Holder, ...]
) -> BulletinRow:
    state = "withdrawn" if bulletin.withdrawn_at is not None else item.outcome or "open"
    return BulletinRow(
        item_id=item.id,
        office_unit_id=bulletin.office_unit_id,
        kind=bulletin.kind,
        kind_label=label(BulletinKind, bulletin.kind),
        secrecy=bulletin.secrecy,
        title=item.text,
        number=item.number,
        mark=mark,
        month=bulletin.month,
        from_on=bulletin.from_on,
        as_of=bulletin.as_of,
        state=state,
        state_label=STATES.get(state, state),
        issued_at=bulletin.issued_at,
        withdrawn_at=bulletin.withdrawn_at,
        corrects_id=bulletin.corrects_id,
        document_id=bulletin.document_id,
        asked=counts[0],
        receipts=counts[1],
        held_by=held_by,
    )


def _receipt_counts(reading: Reading, delivery_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    if not delivery_ids:
        return {}
    done = func.count().filter(col(WorkItem.closed_as) == "done")
    statement = (
        sql_select(col(WorkItem.item_id), func.count(), done)
        .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
        .where(col(ProcessInstance.item_id).in_(delivery_ids), col(WorkItem.bpmn_id) == "receive_bulletin")
        .group_by(col(WorkItem.item_id))
    )
    return {item_id: (asked, signed) for item_id, asked, signed in reading.session.execute(statement)}


def bulletin_detail(reading: Reading, item_id: UUID) -> BulletinDetail:
    """One bulletin as the actor may see it. Raises NotFound."""
    found = reading.session.execute(_statement(reading).where(col(Bulletin.item_id) == item_id)).first()
    if found is None:
        raise NotFound(f"bulletin {item_id}")
    bulletin = found[0]
    [row] = _rows(reading, [found])
    of_office = bulletin.office_unit_id in reading.actor.units_as(*OFFICE_ROLES)
    texts = _texts(reading, bulletin, of_office=of_office)
    snapshot = reading.session.get(BulletinSnapshot, item_id)
    parts = _parts(reading, item_id)
    newest = texts[-1] if texts else None
    return BulletinDetail(
        row=row,
        of_office=of_office,
        editable=of_office and any(held.bpmn_id in {"edit_text", "check_text"} for held in row.held_by),
        texts=texts,
        data=snapshot.content if of_office and snapshot is not None else None,
        data_sha256=snapshot.sha256.hex() if snapshot is not None else "",
        taken_at=snapshot.taken_at if snapshot is not None else None,
        figures=_figures(newest, snapshot) if of_office else (),
        recipients=receipts_of(reading, bulletin) if of_office else (),
        quoted=parts.get(ResponsibilityRole.QUOTED, ()) if of_office else (),
        criticised=parts.get(ResponsibilityRole.CRITICISED, ()) if of_office else (),
        statements=_statements(reading, item_id, of_office=of_office),
        contributions=_used(reading, item_id) if of_office else (),
        corrected_by=_corrections(reading, item_id),
        withdrawn_because=bulletin.withdrawn_because,
        delivery_item_id=bulletin.delivery_item_id,
    )


def _texts(reading: Reading, bulletin: Bulletin, *, of_office: bool) -> tuple[TextVersion, ...]:
    asked = not of_office and not received(reading, bulletin)
    statement = (
        select(BulletinText, Person.name)
        .outerjoin(Person, col(Person.id) == col(BulletinText.saved_by))
        .where(BulletinText.item_id == bulletin.item_id)
        .order_by(col(BulletinText.version))
    )
    if not of_office:
        # What was taken back is read by nobody outside the office any more.
        if bulletin.withdrawn_at is not None:
            return ()
        statement = statement.where(BulletinText.version == bulletin.text_version)
    return tuple(
        TextVersion(
            text.version,
            text.title,
            "" if asked else text.note,
            passage(reading, bulletin.item_id, text.sections) if asked else tuple(text.sections),
            name if of_office else None,
            text.saved_at,
        )
        for text, name in reading.session.exec(statement)
    )


def _figures(text: TextVersion | None, snapshot: BulletinSnapshot | None) -> tuple[str, ...]:
    if text is None or snapshot is None:
        return ()
    printed = paragraphs_of({"title": text.title, "note": text.note, "sections": text.sections})
    return unsupported_figures(printed, snapshot.content)


def _parts(reading: Reading, item_id: UUID) -> dict[str, tuple[str, ...]]:
    rows = reading.session.exec(
        select(Responsibility.role, Unit.short_name)
        .join(Unit, col(Unit.id) == col(Responsibility.unit_id))
        .where(Responsibility.item_id == item_id, col(Responsibility.valid_to).is_(None))
        .order_by(col(Responsibility.position))
    )
    parts: dict[str, tuple[str, ...]] = {}
    for role, name in rows:
        parts[role] = (*parts.get(role, ()), name)
    return parts


def _statements(reading: Reading, item_id: UUID, *, of_office: bool) -> tuple[Statement, ...]:
    statement = (
        select(WorkItem, Unit.short_name, Submission)
        .join(Unit, col(Unit.id) == col(WorkItem.unit_id))
        .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
        .outerjoin(Submission, col(Submission.work_item_id) == col(WorkItem.id))
        .where(ProcessInstance.item_id == item_id, WorkItem.bpmn_id == "state_facts")
        .order_by(col(WorkItem.opened_at), col(Unit.sort_order), col(WorkItem.id))
    )
    if not of_office:
        statement = statement.where(col(WorkItem.unit_id).in_(sorted(reading.actor.units_as(*BUSINESS))))
    return tuple(
        Statement(
            unit=unit,
            asked_at=work.opened_at,
            due_at=work.due_at,
            stated_at=work.closed_at if work.closed_as == "done" else None,
            stated=work.decision == "state",
            reason_code=said.reason_code if said is not None else None,
            words=(said.opinion or "") if said is not None else "",
        )
        for work, unit, said in reading.session.execute(statement)
    )


def _used(reading: Reading, item_id: UUID) -> tuple[Contribution, ...]:
    statement = (
        select(BulletinContribution, Unit.short_name)
        .join(Unit, col(Unit.id) == col(BulletinContribution.unit_id))
        .where(BulletinContribution.used_in_id == item_id)
        .order_by(col(BulletinContribution.sent_at))
    )
    return tuple(_contribution(row, unit) for row, unit in reading.session.exec(statement))


def _contribution(row: BulletinContribution, unit: str) -> Contribution:
    return Contribution(row.id, row.unit_id, unit, row.title, row.text, row.about_item_id, row.sent_at, row.used_in_id)


def _corrections(reading: Reading, item_id: UUID) -> tuple[UUID, ...]:
    issued = select(Bulletin.item_id).where(
        Bulletin.corrects_id == item_id, col(Bulletin.issued_at).is_not(None), col(Bulletin.withdrawn_at).is_(None)
    )
    return tuple(reading.session.exec(issued.order_by(col(Bulletin.issued_at))))


def contributions(reading: Reading, *, open_only: bool = False, limit: int = 200) -> tuple[Contribution, ...]:
    """What was sent to the actor's office, or by the actor's units, the newest first."""
    offices, units = reading.actor.units_as(*OFFICE_ROLES), reading.actor.units_as(*BUSINESS)
    statement = (
        select(BulletinContribution, Unit.short_name)
        .join(Unit, col(Unit.id) == col(BulletinContribution.unit_id))
        .where(or_(col(BulletinContribution.office_unit_id).in_(offices), col(BulletinContribution.unit_id).in_(units)))
        .order_by(col(BulletinContribution.sent_at).desc(), col(BulletinContribution.id))
        .limit(limit)
    )
    if open_only:
        statement = statement.where(col(BulletinContribution.used_in_id).is_(None))
    return tuple(_contribution(row, unit) for row, unit in reading.session.exec(statement))
