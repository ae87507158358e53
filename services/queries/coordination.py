"""Reading coordination: which problems climb, where each stands, and what every level wrote."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists
from sqlalchemy import select as sql_select
from sqlmodel import col, select

from db.tables import Item, Person, ProcessInstance, Submission, Suspension, Unit, WorkItem
from domain.conferences import LEVEL_OF_STEP, CoordinationLevel
from domain.errors import NotFound
from domain.labels import label
from domain.messages.conferences import OUTCOMES
from services.queries.ledger_facts import Holder, holders_of
from services.queries.reading import Reading
from services.queries.steps import decision_label, step_label
from services.visibility import visible_items

KEY = "coordination"


@dataclass(frozen=True, slots=True)
class CoordinationRow:
    """A problem of a task. `level` is where it stands, None once it is settled; `paused`: it stopped the clock."""

    instance_id: UUID
    item_id: UUID
    number: str
    text: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    outcome_label: str
    level: str | None
    level_label: str
    paused: bool
    held_by: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class LevelOpinion:
    """What somebody wrote at a level, oldest first."""

    level: str
    level_label: str
    step: str
    unit: str
    who: str
    at: datetime
    decision: str
    decision_label: str
    opinion: str
    document_number: str


@dataclass(frozen=True, slots=True)
class CoordinationDetail:
    """One problem: as the lead last put it, and the opinions of all levels."""

    row: CoordinationRow
    problem: str
    tried: str
    wanted: str
    opinions: tuple[LevelOpinion, ...]


def coordinations(reading: Reading, *, open_only: bool = False, limit: int = 200) -> tuple[CoordinationRow, ...]:
    """The problems of the tasks that the actor sees, the newest first."""
    statement = _statement(reading).order_by(col(ProcessInstance.started_at).desc(), col(ProcessInstance.id))
    if open_only:
        statement = statement.where(col(ProcessInstance.ended_at).is_(None))
    found = reading.session.execute(statement.limit(limit)).all()
    held = holders_of(reading, [item.id for _, item, _ in found]) if found else {}
    return tuple(_row(instance, item, held.get(item.id, ()), paused=paused) for instance, item, paused in found)


def _statement(reading: Reading) -> Any:
    paused = exists(
        sql_select(col(Suspension.id)).where(
            col(Suspension.instance_id) == col(ProcessInstance.id), col(Suspension.resumed_at).is_(None)
        )
    )
    return (
        sql_select(ProcessInstance, Item, paused)
        .join(Item, col(Item.id) == col(ProcessInstance.item_id))
        .where(col(ProcessInstance.key) == KEY, visible_items(reading.actor))
    )


def _row(instance: ProcessInstance, item: Item, held: tuple[Holder, ...], *, paused: bool) -> CoordinationRow:
    own = tuple(holder for holder in held if holder.instance_id == instance.id)
    level = LEVEL_OF_STEP.get(own[0].bpmn_id) if own else None
    return CoordinationRow(
        instance_id=instance.id,
        item_id=item.id,
        number=item.number,
        text=item.text,
        started_at=instance.started_at,
        ended_at=instance.ended_at,
        outcome=instance.outcome,
        outcome_label=OUTCOMES.get(instance.outcome or "", ""),
        level=level,
        level_label=label(CoordinationLevel, level),
        paused=paused,
        held_by=own,
    )


def coordination_detail(reading: Reading, instance_id: UUID) -> CoordinationDetail:
    """One problem with what every level wrote. Raises NotFound."""
    found = reading.session.execute(_statement(reading).where(col(ProcessInstance.id) == instance_id)).first()
    if found is None:
        raise NotFound(f"coordination {instance_id}")
    instance, item, paused = found
    held = holders_of(reading, [item.id]).get(item.id, ())
    bundle = reading.library.bundle(reading.session, instance.version_id)
    statement = (
        select(WorkItem, Submission, Unit.short_name, Person.name)
        .join(Unit, col(Unit.id) == col(WorkItem.unit_id))
        .outerjoin(Submission, col(Submission.work_item_id) == col(WorkItem.id))
        .outerjoin(Person, col(Person.id) == col(WorkItem.closed_by))
        .where(WorkItem.instance_id == instance_id, WorkItem.closed_as == "done")
        .order_by(col(WorkItem.closed_at), col(WorkItem.id))
    )
    opinions: list[LevelOpinion] = []
    asked: dict[str, object] = {}
    for work, said, unit, who in reading.session.execute(statement):
        form = dict(said.form or {}) if said is not None else {}
        if work.bpmn_id == "apply_coordination":
            asked = form or asked
        level = LEVEL_OF_STEP[work.bpmn_id]
        opinions.append(
            LevelOpinion(
                level=level,
                level_label=label(CoordinationLevel, level),
                step=step_label(bundle, work.bpmn_id),
                unit=unit,
                who=who or "",
                at=work.closed_at,
                decision=work.decision or "",
                decision_label=decision_label(bundle, work.bpmn_id, work.decision),
                opinion=str(form.get("opinion") or (said.opinion if said is not None else None) or ""),
                document_number=str(form.get("document_number") or ""),
            )
        )
    words = [str(asked.get(name) or "") for name in ("problem", "tried", "wanted")]
    return CoordinationDetail(_row(instance, item, held, paused=paused), words[0], words[1], words[2], tuple(opinions))
