"""Bulletins: opened from frozen data, written, given to units and recipients; contributions of units.

The steps of a bulletin are work items as any others; what they mean is in `services.bulletin_effects`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from db.tables import (
    Bulletin,
    BulletinContribution,
    BulletinRecipient,
    BulletinSnapshot,
    BulletinText,
    Item,
    Unit,
)
from domain.bulletin_errors import (
    BulletinDayAhead,
    BulletinMonthTaken,
    BulletinNotIssued,
    BulletinNotOpen,
    BulletinTextChanged,
    BulletinTextElsewhere,
)
from domain.bulletin_words import correction_sections, drafted_correction, drafted_sections, drafted_title
from domain.bulletins import (
    BulletinKind,
    Circulation,
    Manner,
    is_whole_month,
    month_before,
    monthly_due,
    needs_convener,
)
from domain.calendar import local_date
from domain.errors import NotFound
from domain.items import ItemKind, ResponsibilityRole
from domain.permissions import Permission
from services.bulletin_data import Taken, take_data
from services.matters import MatterParty, add_parties, end_parties, lock_matter, next_number, open_matter
from services.unit_of_work import UnitOfWork
from services.visibility import OFFICE_ROLES

PROCESS = "bulletin"
EDITED_IN = ("edit_text", "check_text")
"""The steps in which the text may be changed; the checker may mend it instead of returning it."""

_OPEN_STEP: LiteralString = (
    "SELECT w.bpmn_id FROM work_item w JOIN process_instance p ON p.id = w.instance_id"
    " WHERE p.item_id = %s AND p.key = 'bulletin' AND w.closed_at IS NULL AND w.bpmn_id = ANY(%s) LIMIT 1"
)
_CLAIM_OFFICE: LiteralString = "SELECT id FROM unit WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED"
_MONTHLY_DUE: LiteralString = (
    "SELECT DISTINCT l.office_unit_id FROM task_list l WHERE l.origin <> 'matters' AND l.created_at <= :now"
    " AND NOT EXISTS (SELECT FROM bulletin b WHERE b.office_unit_id = l.office_unit_id AND b.month = :month)"
    " ORDER BY l.office_unit_id LIMIT :limit"
)
_HAS_MONTH: LiteralString = "SELECT EXISTS (SELECT FROM bulletin WHERE office_unit_id = %s AND month = %s)"
_READ_MARK: LiteralString = "SELECT mark FROM issued_document WHERE id = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBulletin:
    """The office opens a bulletin about its tasks from `from_on` to the end of `as_of`, or a correction of an issued
    one. `subject` is what a special report or a circular is about.
    """

    office_unit_id: UUID
    kind: BulletinKind
    as_of: date
    from_on: date
    subject: str = ""
    secrecy: Circulation = Circulation.PUBLIC
    corrects_id: UUID | None = None

    def execute(self, uow: UnitOfWork) -> UUID:
        """The bulletin's item id. Raises PermissionDenied, NotFound, BulletinDayAhead, BulletinMonthTaken for a brief
        of a whole month that has one, BulletinNotIssued for what cannot be corrected.
        """
        uow.require(Permission.BULLETIN_EDIT, unit_id=self.office_unit_id)
        if self.as_of > uow.today or self.from_on > self.as_of:
            raise BulletinDayAhead(f"{self.from_on}..{self.as_of}")
        corrected = None
        if self.corrects_id is not None:
            corrected = uow.get(Bulletin, self.corrects_id)
            if corrected.office_unit_id != self.office_unit_id:
                raise NotFound(f"bulletin {self.corrects_id}")
            if corrected.issued_at is None or corrected.withdrawn_at is not None:
                raise BulletinNotIssued(str(self.corrects_id))
        month = self._month() if corrected is None else None
        if month is not None:
            # The office's row keeps the clock and a clerk from making one each.
            uow.lock(Unit, self.office_unit_id)
            if _month_taken(uow, self.office_unit_id, month):
                raise BulletinMonthTaken(month, month=month)
        taken = take_data(uow, self.office_unit_id, from_on=self.from_on, as_of=self.as_of)
        return open_bulletin(
            uow,
            self.office_unit_id,
            self.kind,
            taken,
            dates=(self.from_on, self.as_of),
            subject=self.subject,
            secrecy=self.secrecy,
            month=month,
            corrected=corrected,
        )

    def _month(self) -> str | None:
        """The month that a brief tells as a whole."""
        whole = self.kind is BulletinKind.BRIEF and is_whole_month(self.from_on, self.as_of)
        return f"{self.as_of:%Y-%m}" if whole else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMonthlyBulletin:
    """The clock opens the bulletin of the month that is over."""

    office_unit_id: UUID

    def execute(self, uow: UnitOfWork) -> UUID | None:
        """The bulletin's item id; None when there is one, the day has not come, or the month brought nothing."""
        uow.require(Permission.BULLETIN_EDIT)
        [claimed] = uow.read((_CLAIM_OFFICE, (self.office_unit_id,)))
        month = monthly_due(uow.today)
        if not claimed or month is None or _month_taken(uow, self.office_unit_id, month):
            uow.audited = False
            return None
        from_on, as_of = month_before(uow.today)
        taken = take_data(uow, self.office_unit_id, from_on=from_on, as_of=as_of)
        if not taken.happened.is_material:
            uow.audited = False
            return None
        return open_bulletin(uow, self.office_unit_id, BulletinKind.BRIEF, taken, dates=(from_on, as_of), month=month)


def monthly_bulletins_due(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Offices with tasks whose bulletin of the month before is to be made."""
    month = monthly_due(local_date(now))
    if month is None:
        return []
    parameters = {"month": month, "now": now, "limit": limit}
    return session.connection().execute(text(_MONTHLY_DUE), parameters).scalars().all()


def _month_taken(uow: UnitOfWork, office_unit_id: UUID, month: str) -> bool:
    uow.flush()
    [[(taken,)]] = uow.read((_HAS_MONTH, (office_unit_id, month)))
    return bool(taken)


def open_bulletin(
    uow: UnitOfWork,
    office_unit_id: UUID,
    kind: BulletinKind,
    taken: Taken,
    *,
    dates: tuple[date, date],
    subject: str = "",
    secrecy: Circulation = Circulation.PUBLIC,
    month: str | None = None,
    corrected: Bulletin | None = None,
) -> UUID:
    """Freeze the data, draft the text from them, and start the process. The caller has checked the permission."""
    from_on, as_of = dates
    title, sections = drafted_title(kind, subject, as_of), drafted_sections(kind, taken.content)
    if corrected is not None:
        title, sections = _correction(uow, corrected, sections)
    number = next_number(uow, office_unit_id, ItemKind.BULLETIN, uow.today.year)
    opened = open_matter(
        uow,
        kind=ItemKind.BULLETIN,
        office_unit_id=office_unit_id,
        title=title,
        number=f"{uow.today.year}-{number}",
        process=PROCESS,
        data={"has_quoted": False, "has_criticised": False, "needs_convener": needs_convener(kind)},
        # Who is quoted or criticised sees it when the checker has passed it, not while it is written.
        visible_to_parties=False,
    )
    item_id = opened.item_id
    uow.session.add(
        Bulletin(
            item_id=item_id,
            office_unit_id=office_unit_id,
            kind=kind,
            secrecy=secrecy,
            from_on=from_on,
            as_of=as_of,
            month=month,
            corrects_id=corrected.item_id if corrected is not None else None,
            text_version=1,
            opened_at=uow.now,
        )
    )
    uow.session.flush()
    uow.session.add(BulletinSnapshot(item_id=item_id, taken_at=uow.now, sha256=taken.sha256, content=taken.content))
    uow.session.add(BulletinText(item_id=item_id, version=1, title=title, note="", sections=sections, saved_at=uow.now))
    if corrected is not None:
        _copy_recipients(uow, corrected.item_id, item_id)
    for contribution_id in taken.contribution_ids:
        row = uow.get(BulletinContribution, contribution_id)
        row.used_in_id, row.used_at = item_id, uow.now
    uow.session.flush()
    return item_id


def _correction(uow: UnitOfWork, corrected: Bulletin, sections: Sequence[dict[str, object]]) -> tuple[str, Any]:
    assert corrected.issued_at is not None
    text, mark, on = last_text(uow, corrected), mark_of(uow, corrected), local_date(corrected.issued_at)
    return drafted_correction(text.title, mark), correction_sections(text.title, mark, on, sections)


def mark_of(uow: UnitOfWork, bulletin: Bulletin) -> str:
    """What an issued bulletin is called: its number in its series."""
    [[(mark,)]] = uow.read((_READ_MARK, (bulletin.document_id,)))
    return str(mark)


def last_text(uow: UnitOfWork, bulletin: Bulletin) -> BulletinText:
    """The newest version of a bulletin's text."""
    return uow.get(BulletinText, (bulletin.item_id, bulletin.text_version))


def _copy_recipients(uow: UnitOfWork, from_id: UUID, to_id: UUID) -> None:
    """Who got what was wrong gets the correction."""
    rows = uow.session.exec(
        select(BulletinRecipient).where(BulletinRecipient.item_id == from_id).order_by(col(BulletinRecipient.position))
    ).all()
    for row in rows:
        uow.session.add(
            BulletinRecipient(
                item_id=to_id, position=row.position, manner=row.manner, unit_id=row.unit_id, name=row.name
            )
        )


def office_bulletin(uow: UnitOfWork, item_id: UUID, permission: Permission = Permission.BULLETIN_EDIT) -> Bulletin:
    """A bulletin for a command of its office, its row locked. Raises NotFound, PermissionDenied."""
    uow.about(item_id)
    row = uow.session.get(Bulletin, item_id)
    if row is None or row.office_unit_id not in uow.actor.units_as(*OFFICE_ROLES):
        uow.authorized = True
        raise NotFound(f"bulletin {item_id}")
    uow.require(permission, unit_id=row.office_unit_id)
    lock_matter(uow, item_id)
    uow.session.refresh(row)
    return row


def _in_edit(uow: UnitOfWork, item_id: UUID) -> None:
    """Raises BulletinNotOpen, BulletinTextElsewhere unless the text is with who edits or checks it."""
    item = uow.get(Item, item_id)
    if item.ended_at is not None:
        raise BulletinNotOpen(str(item_id))
    [found] = uow.read((_OPEN_STEP, (item_id, list(EDITED_IN))))
    if not found:
        raise BulletinTextElsewhere(str(item_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSection:
    """A heading with its paragraphs."""

    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveBulletinText:
    """An editor, or the checker, saves a new version of the text; the versions before it stay."""

    item_id: UUID
    seen_version: int
    title: str
    sections: tuple[TextSection, ...] = field(metadata={"audit": False})
    note: str = field(default="", metadata={"audit": False})

    def execute(self, uow: UnitOfWork) -> int:
        """The new version. Raises NotFound, BulletinNotOpen, BulletinTextElsewhere, BulletinTextChanged."""
        row = office_bulletin(uow, self.item_id)
        _in_edit(uow, self.item_id)
        if row.text_version != self.seen_version:
            raise BulletinTextChanged(str(self.item_id), seen=self.seen_version, current=row.text_version)
        row.text_version += 1
        sections: list[dict[str, object]] = [
            {"heading": each.heading.strip(), "paragraphs": [p.strip() for p in each.paragraphs if p.strip()]}
            for each in self.sections
        ]
        uow.session.add(
            BulletinText(
                item_id=self.item_id,
                version=row.text_version,
                title=self.title.strip(),
                note=self.note.strip(),
                sections=sections,
                saved_by=uow.actor.id,
                saved_at=uow.now,
            )
        )
        uow.get(Item, self.item_id).text = self.title.strip() or uow.get(Item, self.item_id).text
        return row.text_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A unit of the registry, or somebody outside by name."""

    manner: Manner
    unit_id: UUID | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressBulletin:
    """The editor says whose facts are quoted, who is criticised, and who gets the bulletin; all of it at once."""

    item_id: UUID
    recipients: tuple[Recipient, ...]
    quoted: tuple[UUID, ...] = ()
    criticised: tuple[UUID, ...] = ()

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound also for an unknown unit, BulletinNotOpen, BulletinTextElsewhere."""
        office_bulletin(uow, self.item_id)
        _in_edit(uow, self.item_id)
        for role, units in (
            (ResponsibilityRole.QUOTED, self.quoted),
            (ResponsibilityRole.CRITICISED, self.criticised),
        ):
            for unit_id in units:
                uow.get(Unit, unit_id)
            end_parties(uow, self.item_id, role)
            uow.flush()
            add_parties(uow, self.item_id, [MatterParty(unit_id, role) for unit_id in dict.fromkeys(units)])
            uow.flush()
        for row in uow.session.exec(select(BulletinRecipient).where(BulletinRecipient.item_id == self.item_id)):
            uow.session.delete(row)
        uow.session.flush()
        named: set[str] = set()
        for position, recipient in enumerate(self.recipients):
            name = uow.get(Unit, recipient.unit_id).official_name if recipient.unit_id else recipient.name.strip()
            if not name:
                raise NotFound("recipient without a name")
            if name in named:
                continue
            named.add(name)
            uow.session.add(
                BulletinRecipient(
                    item_id=self.item_id,
                    position=position,
                    manner=recipient.manner,
                    unit_id=recipient.unit_id,
                    name=name,
                )
            )
