"""What becomes of a recommendation: it is taken up as what it asks for, or dropped with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from db.tables import Assessment, Item, Recommendation, TaskList
from domain.assessment import STOPPING, RecommendationKind, TakenUpAs, ways
from domain.assessment_errors import (
    RecommendationEarly,
    RecommendationListUnclear,
    RecommendationPaperMissing,
    RecommendationReasonMissing,
    RecommendationSettled,
    RecommendationUnitMissing,
    RecommendationWayUnfit,
)
from domain.errors import NotFound
from domain.items import FINAL, DeadlineKind, Origin, Strength
from domain.labels import NAMES, label
from domain.permissions import Permission
from services.assessment_sample import current_leads
from services.assessments import running_assessment
from services.continuation import go_on
from services.items import CreateItem, NewDeadline, NewItem, StopItem, copied_deadline, current_deadlines
from services.list_changes import begin_list_change
from services.replication import NominateCase
from services.side_processes import SideProcess, StartSideProcess
from services.stepping import LOCK_ROOT
from services.unit_of_work import UnitOfWork

LONGEST_TITLE: Final = 100
"""Characters of a case's title that is made from the group's words; its applicants write their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleRecommendation:
    """The office takes a recommendation up, or drops it with the reason (domain notes, P3 step 11).

    `way` is one of `domain.assessment.ways`, the first of them when it is left out. A new item is led by `lead_unit_id`
    and a case applied with by it: without one by the unit that the group named, a case else by the item's leads.
    `text` are other words than the group's. A change of a whole list is one of `list_id`, without it of the list of the
    item concerned, or of the only one that was assessed; the convener approves it. Terminating an item needs
    `document_number`, the document that revokes it;
    what stops an issued item is for the head of the office or the convener.
    """

    recommendation_id: UUID
    way: TakenUpAs | None = None
    lead_unit_id: UUID | None = None
    due_on: date | None = None
    text: str = field(default="", metadata={"audit": False})
    document_number: str = ""
    list_id: UUID | None = None
    dropped_because: str | None = field(default=None, metadata={"audit": False})

    def execute(self, uow: UnitOfWork) -> UUID | None:
        """The item or case that it became, or the item that it changes. Raises NotFound, PermissionDenied,
        RecommendationEarly, RecommendationSettled, RecommendationWayUnfit, RecommendationUnitMissing,
        RecommendationPaperMissing, RecommendationListUnclear, RecommendationReasonMissing and what forbids the change
        of the item or of the list.
        """
        row = uow.get(Recommendation, self.recommendation_id)
        way = None if self.dropped_because is not None else self.way or _ways(row)[0]
        permission = Permission.ASSESSMENT_RULE if way in STOPPING else Permission.ASSESSMENT_RUN
        item = self._locked(uow, row, permission)
        if way is None:
            row.dropped_because = (self.dropped_because or "").strip()
            if not row.dropped_because:
                raise RecommendationReasonMissing(str(row.id))
        elif way not in _ways(row):
            choices = NAMES.join(label(TakenUpAs, each) for each in _ways(row))
            raise RecommendationWayUnfit(f"{row.kind} as {way}", ways=choices)
        elif way is TakenUpAs.ITEM:
            row.became_id = self._new_item(uow, row, item)
        elif way is TakenUpAs.CASE:
            row.became_id = self._new_case(uow, row, item)
        elif way is TakenUpAs.LIST_REVISION:
            row.became_id = begin_list_change(uow, self._list(uow, row, item)).item_id
        else:
            self._change(uow, row, way)
        row.became_as, row.document_number = way, self.document_number.strip() or None
        row.settled_at, row.settled_by = uow.now, uow.actor.id
        uow.session.add(row)
        uow.about(item.id)
        return row.became_id

    def _locked(self, uow: UnitOfWork, row: Recommendation, permission: Permission) -> Item:
        """The assessment. Its root row and that of the item concerned are locked, always in the order of their ids."""
        task = None if row.task_id is None else uow.get(Item, row.task_id)
        if task is not None and task.root_id < row.assessment_id:
            uow.read((LOCK_ROOT, (task.root_id,)))
        item = running_assessment(uow, row.assessment_id, permission)
        uow.session.refresh(row)
        if row.settled_at is not None or row.superseded_at is not None:
            raise RecommendationSettled(str(row.id))
        if uow.get(Assessment, item.id).reported_at is None:
            raise RecommendationEarly(str(row.id))
        if task is not None:
            uow.read((LOCK_ROOT, (task.root_id,)))
            uow.session.refresh(task)
        return item

    def _new_item(self, uow: UnitOfWork, row: Recommendation, item: Item) -> UUID:
        lead = self.lead_unit_id or row.unit_id
        if lead is None:
            raise RecommendationUnitMissing(str(row.id))
        new = NewItem(text=self._words(row), leads=(lead,), section=item.text, deadlines=self._deadlines())
        return CreateItem(office_unit_id=item.office_unit_id, origin=Origin.MEETING, item=new).execute(uow).id

    def _deadlines(self) -> tuple[NewDeadline, ...]:
        if self.due_on is None:
            return ()
        phrase = self.due_on.isoformat()
        return (NewDeadline(phrase=phrase, kind=DeadlineKind.BY_DATE, on_date=self.due_on, strength=Strength.FIRM),)

    def _new_case(self, uow: UnitOfWork, row: Recommendation, item: Item) -> UUID:
        named = self.lead_unit_id or row.unit_id
        applicants: Sequence[UUID] = [named] if named else current_leads(uow, row.task_id) if row.task_id else ()
        if not applicants:
            raise RecommendationUnitMissing(str(row.id))
        command = NominateCase(
            office_unit_id=item.office_unit_id,
            title=self._words(row)[:LONGEST_TITLE],
            applicants=tuple(applicants),
            source_kind="assessment",
            source_item_id=row.task_id,
            source_assessment_id=item.id,
            clue=row.text,
        )
        return command.execute(uow).item_id

    def _list(self, uow: UnitOfWork, row: Recommendation, item: Item) -> UUID:
        """The list that is changed, one of the assessing office. Raises NotFound, RecommendationListUnclear."""
        assessed = [UUID(each) for each in uow.get(Assessment, item.id).list_ids]
        concerned = uow.get(Item, row.task_id).list_id if row.task_id is not None else None
        list_id = self.list_id or concerned or (assessed[0] if len(assessed) == 1 else None)
        if list_id is None:
            raise RecommendationListUnclear(str(row.id))
        if uow.get(TaskList, list_id).office_unit_id != item.office_unit_id:
            raise NotFound(f"list {list_id}")
        return list_id

    def _change(self, uow: UnitOfWork, row: Recommendation, way: TakenUpAs) -> None:
        assert row.task_id is not None, "only what is about an item changes one"
        task = uow.get(Item, row.task_id)
        if way is TakenUpAs.CHANGE_OF_LEAD:
            process = SideProcess.CHANGE_OF_RESPONSIBILITY
            start = StartSideProcess(item_id=task.id, seen_version=task.version, process=process)
            row.became_id, row.became_instance_id = task.id, start.execute(uow).instance_id
        elif way is TakenUpAs.TERMINATION:
            if not self.document_number.strip():
                raise RecommendationPaperMissing(str(row.id))
            self._stop(uow, task, row, "terminate")
            row.became_id = task.id
        else:
            if task.status not in FINAL:
                self._stop(uow, task, row, "withdraw")
            kept = tuple(copied_deadline(each) for each in current_deadlines(uow, task.id))
            words = self._words(row)
            row.became_id = go_on(uow, task, text=words, deadlines=self._deadlines() or kept).id

    def _stop(self, uow: UnitOfWork, task: Item, row: Recommendation, message: str) -> None:
        StopItem(
            item_id=task.id,
            seen_version=task.version,
            message=message,
            reason=row.text,
            document_number=self.document_number.strip(),
        ).execute(uow)

    def _words(self, row: Recommendation) -> str:
        return self.text.strip() or row.text


def _ways(row: Recommendation) -> tuple[TakenUpAs, ...]:
    return ways(RecommendationKind(row.kind), about_item=row.task_id is not None)
