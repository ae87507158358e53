"""The papers of an assessment: what stands beside an assessor's form, an item's sheet, meetings and what followed."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from db.tables import (
    AssessedItem,
    AssessmentMeeting,
    Item,
    ItemGrade,
    ItemReview,
    LeadOpinion,
    MinorityOpinion,
    Person,
    Unit,
)
from domain.assessment import Basis, Grade
from domain.errors import NotFound
from domain.items import ItemKind
from domain.labels import label
from services.queries.assessment_matrix import GIVEN, unread_views, views_open
from services.queries.assessment_recommendations import RecommendationRow, recommendations
from services.queries.assessments import seen_assessment
from services.queries.reading import Reading
from services.visibility import visible_items

_FORM: LiteralString = (
    "SELECT s.form FROM submission s JOIN work_item w ON w.id = s.work_item_id"
    " WHERE w.item_id = :item AND w.bpmn_id = :step AND w.closed_as = 'done'"
    " ORDER BY w.closed_at DESC, w.opened_at DESC, w.id LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class View:
    """One assessor's view of an item."""

    unit: str
    seat: int
    grade: str
    grade_label: str
    scores: Mapping[str, int]
    findings: str
    given_at: datetime | None


@dataclass(frozen=True, slots=True)
class GradeStep:
    """A grade that the item was given, in order."""

    stage: str
    grade: str
    grade_label: str
    reason: str
    recorded_at: datetime
    recorded_by: str | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands beside an assessor's form, and on an item's paper. Others' views only when all that are asked are in,
    and never for who looks at their own view alone.
    """

    assessed_id: UUID
    assessment_id: UUID
    task_id: UUID
    number: str
    text: str
    basis: str
    basis_label: str
    goals: Mapping[str, Any]
    accepts_breakthrough: bool
    self_assessment: Mapping[str, Any]
    self_grade_label: str
    self_outcome: str | None
    visit: Mapping[str, Any]
    views: tuple[View, ...]
    grades: tuple[GradeStep, ...]


def assessment_sheet(asked: Reading, matter_id: UUID) -> Sheet:
    """The sheet of an assessed item, or of one assessor's view of it, by the matter's id.

    Raises NotFound, also for a matter that the actor may not see.
    """
    item = asked.session.exec(select(Item).where(Item.id == matter_id, visible_items(asked.actor))).first()
    if item is None or item.kind not in {ItemKind.ASSESSED_ITEM, ItemKind.ITEM_REVIEW}:
        raise NotFound(f"assessed item {matter_id}")
    own = item.kind == ItemKind.ITEM_REVIEW
    assessed_id = asked.session.get_one(ItemReview, matter_id).assessed_id if own else matter_id
    assessed = asked.session.get_one(AssessedItem, assessed_id)
    task = asked.session.get_one(Item, assessed.task_id)
    stated = _form(asked, assessed.self_item_id, "assess_self") if assessed.self_outcome == "submitted" else {}
    return Sheet(
        assessed_id=assessed.item_id,
        assessment_id=assessed.assessment_id,
        task_id=task.id,
        number=task.number,
        text=task.text,
        basis=assessed.basis,
        basis_label=label(Basis, assessed.basis),
        goals=_form(asked, task.id, "set_goals") if assessed.basis == Basis.YEAR_GOALS else {},
        accepts_breakthrough=assessed.accepts_breakthrough,
        self_assessment=stated,
        self_grade_label=label(Grade, stated.get("grade")),
        self_outcome=assessed.self_outcome,
        visit={} if own else _form(asked, assessed.item_id, "check_on_site"),
        views=() if own else _views(asked, assessed.item_id),
        grades=() if own else _grades(asked, assessed.item_id),
    )


def _form(asked: Reading, item_id: UUID | None, step: str) -> Mapping[str, Any]:
    if item_id is None:
        return {}
    found = asked.session.connection().execute(text(_FORM), {"item": item_id, "step": step}).scalar()
    form: Mapping[str, Any] = found or {}
    return form


def _views(asked: Reading, assessed_id: UUID) -> tuple[View, ...]:
    rows = asked.session.exec(
        select(ItemReview, Unit)
        .join(Unit, col(Unit.id) == col(ItemReview.unit_id))
        .where(ItemReview.assessed_id == assessed_id)
        .order_by(col(ItemReview.seat))
    ).all()
    reviews = [row for row, _ in rows]
    if not views_open(reviews, unread_views(asked, reviews)):
        return ()
    return tuple(
        View(
            unit=unit.short_name,
            seat=row.seat,
            grade=row.grade or "",
            grade_label=label(Grade, row.grade),
            scores={name: int(str(value)) for name, value in (row.scores or {}).items()},
            findings=row.findings or "",
            given_at=row.ended_at,
        )
        for row, unit in rows
        if row.outcome == GIVEN
    )


def _grades(asked: Reading, assessed_id: UUID) -> tuple[GradeStep, ...]:
    rows = asked.session.exec(
        select(ItemGrade, Person.name)
        .outerjoin(Person, col(Person.id) == col(ItemGrade.recorded_by))
        .where(ItemGrade.assessed_id == assessed_id)
        .order_by(col(ItemGrade.id))
    ).all()
    return tuple(
        GradeStep(row.stage, row.grade, label(Grade, row.grade), row.reason, row.recorded_at, name)
        for row, name in rows
    )


@dataclass(frozen=True, slots=True)
class MinorityRow:
    """What a member holds against the group's view; `number` is empty where it is about the whole."""

    unit: str
    number: str
    view: str


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """One meeting of the group."""

    number: int
    held_on: date
    present: tuple[str, ...]
    overall: str
    minority: tuple[MinorityRow, ...]


@dataclass(frozen=True, slots=True)
class OpinionRow:
    """What a lead said to a grade, and what became of it: agreed, silent, adopted, refused; null while it is open."""

    id: UUID
    number: str
    text: str
    unit: str
    grade: str
    grade_label: str
    outcome: str | None
    grounds: str
    proposed_label: str
    reply: str
    asked_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an assessment has come to so far; the recommendations are those of the last meeting."""

    meetings: tuple[MeetingRow, ...]
    opinions: tuple[OpinionRow, ...]
    recommendations: tuple[RecommendationRow, ...]


def assessment_outcome(asked: Reading, assessment_id: UUID) -> Outcome:
    """Meetings, opinions and recommendations. Raises NotFound, also for one that the actor may not see."""
    seen_assessment(asked, assessment_id)
    names: Mapping[UUID, str] = dict(asked.session.exec(select(Unit.id, Unit.short_name)).all())
    return Outcome(
        meetings=_meetings(asked, assessment_id, names),
        opinions=_opinions(asked, assessment_id, names),
        recommendations=recommendations(asked, assessment_id, names),
    )


def _meetings(asked: Reading, assessment_id: UUID, names: Mapping[UUID, str]) -> tuple[MeetingRow, ...]:
    held = asked.session.exec(
        select(AssessmentMeeting)
        .where(AssessmentMeeting.assessment_id == assessment_id)
        .order_by(col(AssessmentMeeting.number))
    ).all()
    numbers = dict(
        asked.session.exec(
            select(AssessedItem.item_id, Item.number)
            .join(Item, col(Item.id) == col(AssessedItem.task_id))
            .where(AssessedItem.assessment_id == assessment_id)
        ).all()
    )
    minority: dict[UUID, list[MinorityRow]] = defaultdict(list)
    for row in asked.session.exec(
        select(MinorityOpinion).where(col(MinorityOpinion.meeting_id).in_([each.id for each in held]))
    ):
        number = numbers[row.assessed_id] if row.assessed_id else ""
        minority[row.meeting_id].append(MinorityRow(names[row.unit_id], number, row.view))
    return tuple(
        MeetingRow(
            number=each.number,
            held_on=each.held_on,
            present=tuple(names[UUID(unit_id)] for unit_id in each.present),
            overall=each.overall,
            minority=tuple(sorted(minority[each.id], key=lambda row: (row.number, row.unit))),
        )
        for each in held
    )


def _opinions(asked: Reading, assessment_id: UUID, names: Mapping[UUID, str]) -> tuple[OpinionRow, ...]:
    rows = asked.session.exec(
        select(LeadOpinion, Item)
        .join(AssessedItem, col(AssessedItem.item_id) == col(LeadOpinion.assessed_id))
        .join(Item, col(Item.id) == col(AssessedItem.task_id))
        .where(AssessedItem.assessment_id == assessment_id)
        .order_by(col(LeadOpinion.asked_at), col(AssessedItem.position))
    ).all()
    return tuple(
        OpinionRow(
            id=row.item_id,
            number=task.number,
            text=task.text,
            unit=names[row.unit_id],
            grade=row.grade,
            grade_label=label(Grade, row.grade),
            outcome=row.outcome,
            grounds=row.grounds or "",
            proposed_label=label(Grade, row.proposed_grade),
            reply=row.reply or "",
            asked_at=row.asked_at,
            settled_at=row.settled_at,
        )
        for row, task in rows
    )
