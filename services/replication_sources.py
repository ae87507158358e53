"""Where the clue of a case comes from: the call twice a year, a task, one of its reports, an assessment (P6 step 1)."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlmodel import select

from db.tables import AssessedItem, Assessment, Item, ProgressRound
from domain.errors import NotFound
from services.side_processes import units_of
from services.unit_of_work import UnitOfWork
from services.visibility import may_see

SourceKind = Literal["call", "item", "round", "assessment"]


@dataclass(frozen=True, slots=True)
class ClueSource:
    """A source that was looked up: `item_id` is the task that it is about, if it is about one."""

    kind: SourceKind
    item_id: UUID | None = None
    round_id: UUID | None = None
    assessment_id: UUID | None = None


def clue_source(uow: UnitOfWork, named: ClueSource) -> ClueSource:
    """The source as it is stored. A round brings its task along, and what is named decides the kind.

    Raises NotFound for what the actor does not see, a round of another task, and a task that is not in the sample of
    the assessment.
    """
    item_id, kind = named.item_id, named.kind
    if named.round_id is not None:
        found = uow.session.get(ProgressRound, named.round_id)
        if found is None or item_id not in {None, found.item_id}:
            raise _unknown(uow, f"round {named.round_id}")
        item_id, kind = found.item_id, "round"
    if named.assessment_id is not None:
        if named.round_id is not None or uow.session.get(Assessment, named.assessment_id) is None:
            raise _unknown(uow, f"assessment {named.assessment_id}")
        seen_item(uow, named.assessment_id)
        _in_sample(uow, named.assessment_id, item_id)
        kind = "assessment"
    elif item_id is not None:
        seen_item(uow, item_id)
        kind = "item" if kind == "call" else kind
    return ClueSource(kind, item_id, named.round_id, named.assessment_id)


def _in_sample(uow: UnitOfWork, assessment_id: UUID, task_id: UUID | None) -> None:
    sample = select(AssessedItem.item_id).where(
        AssessedItem.assessment_id == assessment_id, AssessedItem.task_id == task_id
    )
    if task_id is not None and uow.session.exec(sample).first() is None:
        raise _unknown(uow, f"item {task_id} in assessment {assessment_id}")


def seen_item(uow: UnitOfWork, item_id: UUID) -> Item:
    """An item that the actor sees. Raises NotFound."""
    item = uow.session.get(Item, item_id)
    units = [] if item is None else [unit_id for unit_id, _ in units_of(uow, item_id)]
    if item is None or not may_see(
        uow.actor, office_unit_id=item.office_unit_id, unit_ids=units, issued=item.issued_at is not None
    ):
        raise _unknown(uow, f"item {item_id}")
    return item


def _unknown(uow: UnitOfWork, what: str) -> NotFound:
    uow.authorized = True
    return NotFound(what)
