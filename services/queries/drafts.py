"""Reading drafts: what was saved, by whom and when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from db.tables import Draft, Person, WorkItem
from domain.errors import PermissionDenied
from domain.labels import label
from domain.permissions import Role
from domain.telling import said
from services.queries.reading import Reading
from services.queries.worklist import work_row


@dataclass(frozen=True, slots=True)
class DraftView:
    """The draft of a work item; `version` is 0 where nothing was saved.

    `overtaken` says that its step was decided or given up without it. `earlier` is such a draft of the same unit for
    the same step of the same process, offered while there is no newer one.
    """

    work_item_id: UUID
    version: int
    form: Mapping[str, Any]
    decision: str | None
    saved_at: datetime | None
    saved_by: UUID | None
    saved_by_name: str
    overtaken: bool
    earlier: "DraftView | None" = None


def draft_of(reading: Reading, work_item_id: UUID) -> DraftView:
    """The draft, for those of the unit who may complete the step: nobody else sees what was not handed in.

    Raises NotFound, PermissionDenied.
    """
    work_row(reading, work_item_id)
    work = reading.session.get_one(WorkItem, work_item_id)
    if not reading.actor.holds(Role(work.role), work.unit_id):
        raise PermissionDenied(f"{reading.actor.name} is not {work.role}", holder=said(label(Role, work.role)))
    return drafts_of(reading, [work])[work.id]


def drafts_of(reading: Reading, works: Iterable[WorkItem]) -> dict[UUID, DraftView]:
    """The drafts of work items whose people the caller knows to be the actor's own."""
    wanted = {work.id: work for work in works}
    steps = {(work.instance_id, work.bpmn_id, work.unit_id) for work in wanted.values()}
    statement = (
        select(WorkItem, Draft, Person.name)
        .join(Draft, col(Draft.work_item_id) == col(WorkItem.id))
        .outerjoin(Person, col(Person.id) == col(Draft.saved_by))
        .where(col(WorkItem.instance_id).in_({instance_id for instance_id, _, _ in steps}))
        .order_by(col(Draft.saved_at))
    )
    own: dict[UUID, DraftView] = {}
    earlier: dict[tuple[UUID, str, UUID], DraftView] = {}
    for work, draft, name in reading.session.exec(statement):
        if work.closed_as == "done":
            continue
        view = _view(draft, name, overtaken=work.closed_at is not None)
        if work.id in wanted:
            own[work.id] = view
        elif view.overtaken:
            earlier[work.instance_id, work.bpmn_id, work.unit_id] = view
    nothing = {
        id_: _none(id_, earlier.get((work.instance_id, work.bpmn_id, work.unit_id))) for id_, work in wanted.items()
    }
    return nothing | own


def _view(draft: Draft, name: str | None, *, overtaken: bool) -> DraftView:
    return DraftView(
        work_item_id=draft.work_item_id,
        version=draft.version,
        form=draft.form,
        decision=draft.decision,
        saved_at=draft.saved_at,
        saved_by=draft.saved_by,
        saved_by_name=name or "",
        overtaken=overtaken,
    )


def _none(work_item_id: UUID, earlier: DraftView | None) -> DraftView:
    return DraftView(work_item_id, 0, {}, None, None, None, "", overtaken=False, earlier=earlier)
