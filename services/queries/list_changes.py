"""How a list was changed as a whole: each change with what it did to which item, and what asked for it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from db.tables import Assessment, Item, ListChange, ListChangeEntry, Person, Recommendation, TaskList
from domain.errors import NotFound
from domain.items import ListStatus, Origin
from domain.labels import label
from domain.permissions import Permission, is_allowed
from services.queries.list_change_entries import ChangedItem, changed_item, proposed_items
from services.queries.lists import list_name
from services.queries.reading import Reading
from services.visibility import OFFICE_ROLES, visible_items


@dataclass(frozen=True, slots=True)
class Asked:
    """What asked for a change: a recommendation of an assessment, by its place there."""

    assessment_id: UUID
    assessment: str
    position: int
    text: str


@dataclass(frozen=True, slots=True)
class ListChangeRow:
    """One change of a list. `number` and `in_force_on` are empty of one that is prepared, or was `dropped`."""

    id: UUID
    number: int | None
    title: str
    reason: str
    document_number: str | None
    begun_at: datetime
    begun_by: str | None
    in_force_at: datetime | None
    approved_by: str | None
    dropped: bool
    asked_by: Asked | None
    items: tuple[ChangedItem, ...]

    @property
    def under_way(self) -> bool:
        """Whether it is being prepared; its items are what is proposed then, as it was last handed in."""
        return self.in_force_at is None and not self.dropped


@dataclass(frozen=True, slots=True)
class ListChanges:
    """The changes of a list, the newest first. `may_begin` is whether the reader may begin one now."""

    list_id: UUID
    title: str
    status: str
    status_label: str
    changes: tuple[ListChangeRow, ...]
    may_begin: bool


def list_changes(reading: Reading, list_id: UUID) -> ListChanges:
    """The changes of a list that the actor sees. What is not in force is its office's own business, and of what is,
    everybody reads the entries on items that they see. Raises NotFound.
    """
    name = list_name(reading, list_id)
    task_list = reading.session.get(TaskList, list_id)
    if name is None or task_list is None or task_list.origin == Origin.MATTERS:
        raise NotFound(f"list {list_id}")
    of_office = task_list.office_unit_id in reading.actor.units_as(*OFFICE_ROLES)
    rows = [
        replace(row, items=proposed_items(reading, row.id, list_id)) if row.under_way else row
        for row in _changes(reading, list_id)
        if of_office or row.in_force_at is not None
    ]
    may = is_allowed(reading.actor, Permission.LIST_CHANGE, unit_id=task_list.office_unit_id)
    running = any(row.under_way for row in rows)
    return ListChanges(
        list_id=list_id,
        title=name.title,
        status=task_list.status,
        status_label=label(ListStatus, task_list.status),
        changes=tuple(rows),
        may_begin=may and task_list.status == ListStatus.APPROVED and not running,
    )


def _changes(reading: Reading, list_id: UUID) -> list[ListChangeRow]:
    found = reading.session.exec(
        select(ListChange, Item)
        .join(Item, col(Item.id) == col(ListChange.item_id))
        .where(ListChange.list_id == list_id)
        .order_by(col(ListChange.begun_at).desc(), col(ListChange.item_id))
    ).all()
    ids = [change.item_id for change, _ in found]
    people = {
        person_id for change, _ in found for person_id in (change.begun_by, change.approved_by) if person_id is not None
    }
    names = dict(reading.session.exec(select(Person.id, Person.name).where(col(Person.id).in_(people))).all())
    asked, entries = _asked(reading, ids), _entries(reading, ids)
    return [
        ListChangeRow(
            id=change.item_id,
            number=change.number,
            title=matter.text,
            reason=change.reason or "",
            document_number=change.document_number,
            begun_at=change.begun_at,
            begun_by=names.get(change.begun_by) if change.begun_by else None,
            in_force_at=change.in_force_at,
            approved_by=names.get(change.approved_by) if change.approved_by else None,
            dropped=matter.ended_at is not None and change.in_force_at is None,
            asked_by=asked.get(change.item_id),
            items=tuple(entries[change.item_id]),
        )
        for change, matter in found
    ]


def _asked(reading: Reading, ids: list[UUID]) -> Mapping[UUID, Asked]:
    """What asked for these changes, as far as the actor sees the assessment that it stands in."""
    rows = reading.session.exec(
        select(Recommendation, Item)
        .join(Assessment, col(Assessment.item_id) == col(Recommendation.assessment_id))
        .join(Item, col(Item.id) == col(Assessment.item_id))
        .where(col(Recommendation.became_id).in_(ids), visible_items(reading.actor))
    ).all()
    return {
        row.became_id: Asked(item.id, item.text, row.position, row.text)
        for row, item in rows
        if row.became_id is not None
    }


def _entries(reading: Reading, ids: list[UUID]) -> Mapping[UUID, list[ChangedItem]]:
    rows = reading.session.exec(
        select(ListChangeEntry, Item)
        .outerjoin(Item, col(Item.id) == col(ListChangeEntry.item_id))
        .where(
            col(ListChangeEntry.change_id).in_(ids),
            col(ListChangeEntry.item_id).is_(None) | visible_items(reading.actor),
        )
        .order_by(col(ListChangeEntry.position))
    ).all()
    found: dict[UUID, list[ChangedItem]] = defaultdict(list)
    for entry, item in rows:
        found[entry.change_id].append(changed_item(entry, item))
    return found
