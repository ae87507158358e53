"""Summary assessments for pages: which there are, and one with its group, plan and matrix."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, select

from db.tables import (
    AssessedItem,
    Assessment,
    AssessmentPool,
    Item,
    ItemGrade,
)
from domain.assessment import Cycle, FieldCheck, Grade, Sampling, draw
from domain.completion import Outside
from domain.errors import NotFound
from domain.items import ItemKind, ItemStatus
from domain.labels import label
from domain.permissions import Permission, is_allowed
from services.assessment_public import public_reports
from services.queries.assessment_matrix import Gathered, MatrixRow, MemberRow
from services.queries.reading import Reading
from services.visibility import visible_items


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """One assessment in the list. `graded` of `sample` items have a grade."""

    id: UUID
    number: str
    title: str
    cycle: str
    cycle_label: str
    period_from: date
    period_to: date
    status: str
    status_label: str
    outcome: str | None
    sample: int
    graded: int
    document_id: UUID | None
    reported_at: datetime | None


@dataclass(frozen=True, slots=True)
class OutsideRow:
    """An item that is not in the denominator, and why."""

    task_id: UUID
    number: str
    text: str
    why: str
    why_label: str


@dataclass(frozen=True, slots=True)
class PlanRow:
    """How the sample was drawn. `drawn_again` is whether drawing once more from the record gives the same sample."""

    method: str
    sampling: str
    sampling_label: str
    percent: int | None
    size: int | None
    seed: str
    visits_label: str
    visit_percent: int | None
    drawn_at: datetime
    pool: int
    drawn_again: bool


@dataclass(frozen=True, slots=True)
class GradeCount:
    """How many items have a grade."""

    grade: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class AssessmentDetail:
    """An assessment as its page shows it; `plan` is empty before the sample is drawn. `may_publish` is whether the
    reader may make the public version of the report now.
    """

    row: AssessmentRow
    members: tuple[MemberRow, ...]
    plan: PlanRow | None
    matrix: tuple[MatrixRow, ...]
    outside: tuple[OutsideRow, ...]
    counts: tuple[GradeCount, ...]
    may_rule: bool
    may_run: bool
    may_publish: bool
    public_document_id: UUID | None


def assessments(asked: Reading) -> tuple[AssessmentRow, ...]:
    """All assessments that the actor sees, the newest first."""
    rows = asked.session.exec(
        select(Assessment, Item)
        .join(Item, col(Item.id) == col(Assessment.item_id))
        .where(visible_items(asked.actor))
        .order_by(col(Item.created_at).desc())
    ).all()
    ids = [item.id for _, item in rows]
    sample = Counter(
        asked.session.exec(select(AssessedItem.assessment_id).where(col(AssessedItem.assessment_id).in_(ids)))
    )
    graded = Counter(
        asked.session.exec(
            select(AssessedItem.assessment_id)
            .join(ItemGrade, col(ItemGrade.assessed_id) == col(AssessedItem.item_id))
            .where(col(AssessedItem.assessment_id).in_(ids), ItemGrade.stage == "settled")
        )
    )
    return tuple(_row(each, item, sample[item.id], graded[item.id]) for each, item in rows)


def _row(assessment: Assessment, item: Item, sample: int, graded: int) -> AssessmentRow:
    return AssessmentRow(
        id=item.id,
        number=item.number,
        title=item.text,
        cycle=assessment.cycle,
        cycle_label=label(Cycle, assessment.cycle),
        period_from=assessment.period_from,
        period_to=assessment.period_to,
        status=item.status,
        status_label=label(ItemStatus, item.status),
        outcome=item.outcome,
        sample=sample,
        graded=graded,
        document_id=assessment.document_id,
        reported_at=assessment.reported_at,
    )


def seen_assessment(asked: Reading, assessment_id: UUID) -> tuple[Assessment, Item]:
    """An assessment that the actor sees. Raises NotFound."""
    found = asked.session.exec(
        select(Assessment, Item)
        .join(Item, col(Item.id) == col(Assessment.item_id))
        .where(Item.id == assessment_id, Item.kind == ItemKind.ASSESSMENT, visible_items(asked.actor))
    ).first()
    if found is None:
        raise NotFound(f"assessment {assessment_id}")
    return found


def assessment(asked: Reading, assessment_id: UUID) -> AssessmentDetail:
    """One assessment with its matrix. Raises NotFound, also for one that the actor may not see."""
    found, item = seen_assessment(asked, assessment_id)
    gathered = Gathered(asked, item.id)
    matrix = gathered.matrix()
    pool = asked.session.exec(
        select(AssessmentPool, Item)
        .join(Item, col(Item.id) == col(AssessmentPool.task_id))
        .where(AssessmentPool.assessment_id == item.id)
        .order_by(col(AssessmentPool.position))
    ).all()
    counts = Counter(row.grade for row in matrix if row.grade is not None)
    office = item.office_unit_id
    public = asked.session.exec(public_reports(item.id)).first()
    rules = is_allowed(asked.actor, Permission.ASSESSMENT_RULE, unit_id=office)
    return AssessmentDetail(
        row=_row(found, item, len(matrix), sum(counts.values())),
        members=gathered.member_rows(),
        plan=_plan(found, [row for row, _ in pool]),
        matrix=matrix,
        outside=tuple(
            OutsideRow(task.id, task.number, task.text, row.outside, label(Outside, row.outside))
            for row, task in pool
            if row.outside is not None
        ),
        counts=tuple(GradeCount(grade, label(Grade, grade), counts[grade]) for grade in Grade),
        may_rule=item.ended_at is None and rules,
        may_run=item.ended_at is None and is_allowed(asked.actor, Permission.ASSESSMENT_RUN, unit_id=office),
        may_publish=rules and found.document_id is not None and public is None,
        public_document_id=public.id if public is not None else None,
    )


def _plan(found: Assessment, pool: Sequence[AssessmentPool]) -> PlanRow | None:
    if found.drawn_at is None or found.sampling is None:
        return None
    again = draw(
        [row.task_id for row in pool if row.outside is None],
        sampling=Sampling(found.sampling),
        seed=found.seed or "",
        percent=found.sample_percent,
        size=found.sample_size,
        named=[UUID(each) for each in found.named],
    )
    return PlanRow(
        method=found.method or "",
        sampling=found.sampling,
        sampling_label=label(Sampling, found.sampling),
        percent=found.sample_percent,
        size=found.sample_size,
        seed=found.seed or "",
        visits_label=label(FieldCheck, found.visits),
        visit_percent=found.visit_percent,
        drawn_at=found.drawn_at,
        pool=len(pool),
        drawn_again=again == [row.task_id for row in pool if row.drawn],
    )
