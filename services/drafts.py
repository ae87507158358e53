"""Drafts: what is being written into the form of a work item, shared by those of the unit who may complete it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlmodel import Session, col, or_, select

from db.tables import Draft, Item, ProcessInstance, Responsibility, WorkItem
from domain.calendar import LOCAL
from domain.errors import InvalidDecision, NotFound, PermissionDenied, WorkItemClosed
from domain.labels import label
from domain.permissions import Permission, Role
from domain.reporting_errors import DraftTooLarge, StaleDraft
from domain.telling import said
from services.forms import check_draft
from services.unit_of_work import UnitOfWork
from services.visibility import may_see

LARGEST = 64 * 1024
"""Characters of JSON; the longest form of the shipped models has a third of it when every field is full."""
OVERTAKEN_KEPT = timedelta(days=90)
"""How long the draft of a step that was overtaken waits for the step to come back."""

_SAVE: LiteralString = (
    "INSERT INTO draft (work_item_id, saved_at, saved_by, version, decision, form) VALUES (%s, %s, %s, 1, %s, %s)"
    " ON CONFLICT (work_item_id) DO UPDATE SET saved_at = EXCLUDED.saved_at, saved_by = EXCLUDED.saved_by,"
    " version = draft.version + 1, decision = EXCLUDED.decision, form = EXCLUDED.form"
    " WHERE draft.version = %s RETURNING version"
)
_DISCARD: LiteralString = "DELETE FROM draft WHERE work_item_id = %s AND version = %s RETURNING version"
_LOOK: LiteralString = (
    "SELECT d.version, d.saved_at, (SELECT name FROM person WHERE id = d.saved_by) FROM draft d WHERE work_item_id = %s"
)
_REMOVE: LiteralString = (
    "DELETE FROM draft d USING work_item w WHERE w.id = d.work_item_id AND d.work_item_id = %s"
    " AND w.closed_at IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """The draft as it was saved: its version goes back with the next saving."""

    work_item_id: UUID
    version: int
    saved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveDraft:
    """Keep what was typed so far. `form` has the fields of the step's form, opinion and reason code among them.

    `seen_version` is that of the draft one went on from; 0 where there was none. Not in the audit: nothing was
    decided, and a page saves every few seconds.
    """

    work_item_id: UUID
    seen_version: int
    form: Mapping[str, Any] = field(metadata={"audit": False})
    decision: str | None = None

    def execute(self, uow: UnitOfWork) -> SavedDraft:
        """The new version.

        Raises NotFound, PermissionDenied, WorkItemClosed, InvalidDecision, InvalidForm, DraftTooLarge, StaleDraft.
        """
        uow.audited = False
        work, version_id = _completable(uow, self.work_item_id)
        if len(json.dumps(dict(self.form), ensure_ascii=False)) > LARGEST:
            raise DraftTooLarge(str(self.work_item_id), limit=LARGEST // 1024)
        bundle = uow.library.bundle(uow.session, version_id)
        task = bundle.user_tasks[work.bpmn_id]
        allowed = [word.strip() for word in task.properties.get("decisions", "").split(",")]
        if self.decision is not None and self.decision not in allowed:
            raise InvalidDecision(self.decision, decision=self.decision, allowed=", ".join(allowed))
        check_draft(bundle, task.properties.get("form"), self.form)
        values = (self.work_item_id, uow.now, uow.actor.id, self.decision, Jsonb(dict(self.form)), self.seen_version)
        [saved] = uow.read((_SAVE, values))
        # A first saving that says it went on from another version went on from a draft that is gone.
        if not saved or saved[0][0] != self.seen_version + 1:
            raise _stale(uow, self.work_item_id, self.seen_version)
        return SavedDraft(self.work_item_id, saved[0][0], uow.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardDraft:
    """Throw the draft away. `seen_version` is the one that shall go."""

    work_item_id: UUID
    seen_version: int

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, PermissionDenied, WorkItemClosed, StaleDraft when another one was saved since."""
        uow.audited = False
        _completable(uow, self.work_item_id)
        [gone] = uow.read((_DISCARD, (self.work_item_id, self.seen_version)))
        if not gone:
            raise _stale(uow, self.work_item_id, self.seen_version)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveDraft:
    """The clock takes away the draft of a work item that was handed in, or was overtaken long ago."""

    work_item_id: UUID

    def execute(self, uow: UnitOfWork) -> None:
        """Does nothing when the draft is gone."""
        uow.audited = False
        uow.about(self.work_item_id)
        uow.require(Permission.DRAFT_REMOVE)
        uow.write(_REMOVE, (self.work_item_id,))


def drafts_to_remove(session: Session, now: datetime, limit: int) -> list[UUID]:
    """The work items whose draft is of no use to anybody any more: at most `limit`, the oldest first."""
    statement = (
        select(Draft.work_item_id)
        .join(WorkItem, col(WorkItem.id) == col(Draft.work_item_id))
        .where(
            col(WorkItem.closed_at).is_not(None),
            or_(col(WorkItem.closed_as) == "done", col(WorkItem.closed_at) < now - OVERTAKEN_KEPT),
        )
        .order_by(col(Draft.saved_at))
        .limit(limit)
    )
    return list(session.exec(statement))


def _completable(uow: UnitOfWork, work_item_id: UUID) -> tuple[WorkItem, int]:
    """The open work item of the actor's unit and role, and its process version."""
    uow.about(work_item_id)
    work = uow.session.get(WorkItem, work_item_id)
    item = uow.session.get(Item, work.item_id) if work is not None else None
    units: set[UUID] = set()
    if item is not None:
        parts = select(Responsibility.unit_id).where(Responsibility.item_id == item.id)
        units = {unit_id for unit_id in uow.session.exec(parts) if unit_id is not None}
    if (
        work is None
        or item is None
        or not may_see(uow.actor, office_unit_id=item.office_unit_id, unit_ids=units, issued=item.issued_at is not None)
    ):
        uow.authorized = True
        raise NotFound(f"work item {work_item_id}")
    uow.require(Permission.WORK_ITEM_COMPLETE, unit_id=work.unit_id)
    if not uow.acts_as(Role(work.role), work.unit_id):
        raise PermissionDenied(f"{uow.actor.name} is not {work.role}", holder=said(label(Role, work.role)))
    if work.closed_at is not None:
        raise WorkItemClosed(
            str(work_item_id), when=f"{work.closed_at.astimezone(LOCAL):%Y-%m-%d %H:%M}", decision=work.decision or ""
        )
    return work, uow.get(ProcessInstance, work.instance_id).version_id


def _stale(uow: UnitOfWork, work_item_id: UUID, seen: int) -> StaleDraft:
    [rows] = uow.read((_LOOK, (work_item_id,)))
    version, at, who = rows[0] if rows else (0, None, None)
    when = f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}" if at else ""
    return StaleDraft(str(work_item_id), seen=seen, current=version, who=who or "", when=when)
