"""Batches of 复制推广: collected from approved cases, compared with what was published, issued as a four-column list.

With the issue each unit in a case's range gets an adoption; who is beyond the city's power gets a letter.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString
from uuid import UUID

from sqlmodel import col, func, select

from db.tables import (
    Adoption,
    Item,
    KnownReplication,
    ReplicationBatch,
    ReplicationBatchEntry,
    ReplicationCase,
    ReplicationLetter,
    ReplicationLikeness,
)
from domain.errors import NotFound, OwnSubmission, StaleVersion
from domain.items import ResponsibilityRole
from domain.messages.replication import STATE_NAMES
from domain.permissions import Permission
from domain.replication import Known, Reach, alike, reach
from domain.replication_errors import BatchEmpty, BatchIssued, CaseNotApproved, DuplicateOpen
from domain.replication_states import AdoptionState, CaseState, RangeKind
from domain.telling import said
from importers.model import ParsedDocument
from services.replication import cases_named, lock_cases, new_adoption, send_to_case
from services.replication_columns import batch_columns
from services.replication_effects import set_state
from services.replication_papers import batch_notice, outward_letter
from services.replication_units import range_registry
from services.side_processes import units_of
from services.unit_of_work import UnitOfWork

_ADD_LIKENESS: LiteralString = (
    "INSERT INTO replication_likeness (id, item_id, known_id, known_title, known_source, likeness, found_at, reason)"
    " VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s, '') ON CONFLICT (item_id, known_id) DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Drafted:
    """A batch, and how many of its cases are like something that was published."""

    id: UUID
    number: int
    version: int
    alike: int


@dataclass(frozen=True, slots=True)
class Issued:
    """What an issued batch set going."""

    batch_id: UUID
    number: int
    cases: int
    adoptions: int
    letters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftBatch:
    """The office collects approved cases into the next batch. `number` is for the first one that is kept here."""

    office_unit_id: UUID
    title: str
    case_ids: tuple[UUID, ...]
    number: int | None = None

    def execute(self, uow: UnitOfWork) -> Drafted:
        """Raises PermissionDenied, NotFound, CaseNotApproved."""
        uow.require(Permission.CASE_MANAGE, unit_id=self.office_unit_id)
        last = uow.session.exec(
            select(func.max(ReplicationBatch.number)).where(ReplicationBatch.office_unit_id == self.office_unit_id)
        ).one()
        assert uow.actor.id is not None
        batch = ReplicationBatch(
            office_unit_id=self.office_unit_id,
            number=self.number or (last or 0) + 1,
            title=self.title,
            drafted_by=uow.actor.id,
            drafted_at=uow.now,
        )
        uow.session.add(batch)
        uow.session.flush()
        uow.about(batch.id)
        return _fill(uow, batch, self.case_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeBatch:
    """Other cases, or another order, for a batch that is not issued yet."""

    batch_id: UUID
    seen_version: int
    case_ids: tuple[UUID, ...]

    def execute(self, uow: UnitOfWork) -> Drafted:
        """Raises NotFound, PermissionDenied, StaleVersion, BatchIssued, CaseNotApproved."""
        batch = _batch(uow, self.batch_id, Permission.CASE_MANAGE, self.seen_version)
        for entry in _entries(uow, batch.id):
            uow.session.delete(entry)
        uow.session.flush()
        batch.version += 1
        return _fill(uow, batch, self.case_ids)


def _batch(uow: UnitOfWork, batch_id: UUID, permission: Permission, seen_version: int) -> ReplicationBatch:
    """The batch, locked. Raises NotFound, PermissionDenied, StaleVersion, BatchIssued."""
    uow.about(batch_id)
    known = uow.session.get(ReplicationBatch, batch_id)
    if known is None or known.office_unit_id not in uow.actor.units_as():
        uow.authorized = True
        raise NotFound(f"batch {batch_id}")
    uow.require(permission, unit_id=known.office_unit_id)
    batch = uow.lock(ReplicationBatch, batch_id)
    if batch.issued_at is not None:
        raise BatchIssued(str(batch_id), number=batch.number)
    if batch.version != seen_version:
        raise StaleVersion(str(batch_id), seen=seen_version, current=batch.version)
    return batch


def _entries(uow: UnitOfWork, batch_id: UUID) -> Sequence[ReplicationBatchEntry]:
    return uow.session.exec(
        select(ReplicationBatchEntry)
        .where(ReplicationBatchEntry.batch_id == batch_id)
        .order_by(col(ReplicationBatchEntry.position))
    ).all()


def _fill(uow: UnitOfWork, batch: ReplicationBatch, case_ids: Sequence[UUID]) -> Drafted:
    cases = cases_named(uow, list(dict.fromkeys(case_ids)))
    for position, (item, case) in enumerate(cases, 1):
        taken = uow.session.get(ReplicationBatchEntry, item.id)
        if item.office_unit_id != batch.office_unit_id or case.state != CaseState.APPROVED or taken is not None:
            raise CaseNotApproved(str(item.id), title=item.text, state=said(STATE_NAMES[case.state]))
        uow.session.add(ReplicationBatchEntry(item_id=item.id, batch_id=batch.id, position=position))
    uow.session.flush()
    for item, _ in cases:
        for match in alike(item.text, _known_to(uow, item)):
            known = match.known
            uow.write(_ADD_LIKENESS, (item.id, known.id, known.title, known.source, match.likeness, uow.now))
    uow.flush()
    return Drafted(batch.id, batch.number, batch.version, len(_open_likenesses(uow, [item.id for item, _ in cases])))


def _known_to(uow: UnitOfWork, item: Item) -> list[Known]:
    """What was published before, in lists or in batches, and the other cases that are in a batch now."""
    lists = uow.session.exec(select(KnownReplication).where(KnownReplication.office_unit_id == item.office_unit_id))
    known = [Known(row.id, row.title, row.source) for row in lists]
    batches = uow.session.exec(
        select(Item.id, Item.text, ReplicationBatch.title)
        .join(ReplicationBatchEntry, col(ReplicationBatchEntry.item_id) == col(Item.id))
        .join(ReplicationBatch, col(ReplicationBatch.id) == col(ReplicationBatchEntry.batch_id))
        .where(ReplicationBatch.office_unit_id == item.office_unit_id, Item.id != item.id)
    )
    return known + [Known(other, title, source) for other, title, source in batches]


def _open_likenesses(uow: UnitOfWork, item_ids: Sequence[UUID]) -> Sequence[ReplicationLikeness]:
    return uow.session.exec(
        select(ReplicationLikeness)
        .where(col(ReplicationLikeness.item_id).in_(item_ids), col(ReplicationLikeness.same).is_(None))
        .order_by(col(ReplicationLikeness.likeness).desc())
    ).all()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleLikeness:
    """A person says whether a case and a published one are the same reform; the same one leaves its draft batch."""

    likeness_id: UUID
    same: bool
    reason: str

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, PermissionDenied, BatchIssued."""
        row = uow.session.get(ReplicationLikeness, self.likeness_id)
        item = None if row is None else uow.session.get(Item, row.item_id)
        if row is None or item is None or item.office_unit_id not in uow.actor.units_as():
            uow.authorized = True
            raise NotFound(f"likeness {self.likeness_id}")
        uow.about(item.id)
        uow.require(Permission.CASE_MANAGE, unit_id=item.office_unit_id)
        lock_cases(uow, [item])
        entry = uow.session.get(ReplicationBatchEntry, item.id)
        if entry is not None:
            batch = uow.lock(ReplicationBatch, entry.batch_id)
            if batch.issued_at is not None:
                raise BatchIssued(str(batch.id), number=batch.number)
            if self.same:
                uow.session.delete(entry)
                batch.version += 1
        row = uow.get(ReplicationLikeness, self.likeness_id)
        row.same, row.reason, row.decided_by, row.decided_at = self.same, self.reason, uow.actor.id, uow.now
        uow.session.add(row)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueBatch:
    """The head of the office issues a batch: its rows are frozen, its cases go to the units in their range."""

    batch_id: UUID
    seen_version: int

    def execute(self, uow: UnitOfWork) -> Issued:
        """Raises NotFound, PermissionDenied, OwnSubmission, StaleVersion, BatchIssued, BatchEmpty, CaseNotApproved,
        DuplicateOpen.
        """
        known = uow.session.get(ReplicationBatch, self.batch_id)
        ids = [] if known is None else [entry.item_id for entry in _entries(uow, known.id)]
        items = uow.session.exec(select(Item).where(col(Item.id).in_(ids))).all()
        # Cases first, then the batch: who settles a likeness keeps the same order.
        lock_cases(uow, items)
        batch = _batch(uow, self.batch_id, Permission.BATCH_ISSUE, self.seen_version)
        if batch.drafted_by == uow.actor.id:
            raise OwnSubmission(f"{uow.actor.name} drafted the batch", step=batch.title)
        entries = _entries(uow, batch.id)
        if not entries:
            raise BatchEmpty(str(batch.id))
        cases = cases_named(uow, [entry.item_id for entry in entries])
        unsettled = _open_likenesses(uow, [item.id for item, _ in cases])
        if unsettled:
            title = next(item.text for item, _ in cases if item.id == unsettled[0].item_id)
            raise DuplicateOpen(str(unsettled[0].id), title=title, known=unsettled[0].known_title)
        batch.issued_by, batch.issued_at, batch.version = uow.actor.id, uow.now, batch.version + 1
        adoptions: list[UUID] = []
        letters: list[tuple[Item, ReplicationBatchEntry, str]] = []
        for entry, (item, case) in zip(entries, cases, strict=True):
            if case.state != CaseState.APPROVED:
                raise CaseNotApproved(str(item.id), title=item.text, state=said(STATE_NAMES[case.state]))
            columns = batch_columns(uow.session, item, case)
            entry.title, entry.content = columns.title, columns.content
            entry.range_text, entry.responsible_text = columns.range_text, columns.responsible_text
            uow.session.flush()
            send_to_case(uow, item, "batch_issued")
            set_state(uow, item.id, CaseState.IMPLEMENTING)
            found = _spread(uow, item, case)
            adoptions += found.assigned
            letters += [(item, entry, addressee) for addressee in found.asked]
        # Numbers come last in the order of locks.
        batch.document_id = batch_notice(uow, batch, entries, list(dict.fromkeys(adoptions))).id
        for item, entry, addressee in letters:
            _write_letter(uow, item, entry, addressee)
        uow.session.flush()
        uow.about(batch.id)
        return Issued(batch.id, batch.number, len(cases), len(adoptions), len(letters))


def _write_letter(uow: UnitOfWork, item: Item, entry: ReplicationBatchEntry, addressee: str) -> None:
    document = outward_letter(uow, item, entry, addressee)
    letter = ReplicationLetter(
        case_item_id=item.id,
        addressee=addressee,
        document_id=document.id,
        document_number=document.mark,
        sent_at=uow.now,
    )
    uow.session.add(letter)


def _spread(uow: UnitOfWork, item: Item, case: ReplicationCase) -> Reach:
    """Tasks for the units that the city may assign to; everybody else gets a letter (invariant 12)."""
    applicants = {unit for unit, role in units_of(uow, item.id) if role == ResponsibilityRole.APPLICANT}
    listed = {UUID(unit_id) for unit_id in case.range_units}
    found = reach(RangeKind(str(case.range)), range_registry(uow), listed, applicants)
    item_id, number = item.id, item.number
    for position, unit_id in enumerate(found.assigned, 1):
        opened = new_adoption(uow, item, unit_id, f"{number}-{position}")
        uow.flush()
        uow.session.add(
            Adoption(item_id=opened.item_id, case_item_id=item_id, unit_id=unit_id, state=AdoptionState.ASKED, said="")
        )
    uow.session.flush()
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportKnownList:
    """A list that was published before lands among what new cases are compared with; again, it adds nothing."""

    office_unit_id: UUID
    source: str
    source_digest: bytes = field(metadata={"audit": False})
    parsed: ParsedDocument = field(metadata={"audit": False})
    national: bool = False

    def execute(self, uow: UnitOfWork) -> int:
        """How many rows were added. Raises PermissionDenied."""
        uow.require(Permission.CASE_MANAGE, unit_id=self.office_unit_id)
        held = uow.session.exec(
            select(func.count())
            .select_from(KnownReplication)
            .where(
                KnownReplication.office_unit_id == self.office_unit_id,
                KnownReplication.source_digest == self.source_digest,
            )
        ).one()
        if held:
            return 0
        assert uow.actor.id is not None
        rows: Sequence[Any] = self.parsed.rows
        for position, row in enumerate(rows, 1):
            uow.session.add(
                KnownReplication(
                    office_unit_id=self.office_unit_id,
                    source=self.parsed.title or self.source,
                    source_digest=self.source_digest,
                    national=self.national,
                    position=position,
                    title=row.text,
                    content="\n".join(row.measures),
                    range_text=row.range or "",
                    responsible_text=row.units_printed,
                    imported_by=uow.actor.id,
                    imported_at=uow.now,
                )
            )
        uow.session.flush()
        return len(rows)
