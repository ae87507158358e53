"""Summary assessments for pages: the matrix of group and items with recusals, views, grades, opinions, what came of it.

What an assessor has said of an item is in no answer before two have: not even for the office, which could tell the
second what the first thinks.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, select

from db.tables import (
    AssessedItem,
    Assessment,
    AssessmentMember,
    AssessmentPool,
    AssessmentRecusal,
    Item,
    ItemGrade,
    ItemReview,
    Responsibility,
    Unit,
)
from domain.assessment import Basis, Cycle, FieldCheck, Grade, Sampling, common_view, draw
from domain.completion import Outside
from domain.errors import NotFound
from domain.items import ItemKind, ItemStatus, ResponsibilityRole
from domain.labels import label
from domain.permissions import Permission, is_allowed
from domain.units import UnitKind
from services.queries.reading import Reading
from services.visibility import visible_items

GIVEN = "given"
REVEALED_WITH = 2
"""Views of an item are shown when so many are in."""


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
class MemberRow:
    """A unit of the group. `left_at` is set for one that was replaced; `views` counts what it was asked for."""

    unit_id: UUID
    unit: str
    kind: str
    chair: bool
    left_at: datetime | None
    reason: str | None
    replaces: str | None
    views: int
    given: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One member and one item: `state` is recused, declared, asked, given, cancelled or free. `grade` is empty until
    the item's views are shown.
    """

    unit_id: UUID
    state: str
    seat: int | None
    grade: str | None
    grade_label: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One item of the sample with a cell for each member of the group, in the group's order.

    `shown` is whether its views are in; `common` what they come to, as a proposal.
    """

    id: UUID
    task_id: UUID
    number: str
    text: str
    leads: tuple[str, ...]
    basis: str
    basis_label: str
    visit: str
    visit_label: str
    self_outcome: str | None
    settler: str
    shown: bool
    common: str | None
    common_label: str
    grade: str | None
    grade_label: str
    cells: tuple[Cell, ...]


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
    """An assessment as its page shows it; `plan` is empty before the sample is drawn."""

    row: AssessmentRow
    members: tuple[MemberRow, ...]
    plan: PlanRow | None
    matrix: tuple[MatrixRow, ...]
    outside: tuple[OutsideRow, ...]
    counts: tuple[GradeCount, ...]
    may_rule: bool
    may_run: bool


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
    gathered = _Gathered(asked, item.id)
    matrix = gathered.matrix()
    pool = asked.session.exec(
        select(AssessmentPool, Item)
        .join(Item, col(Item.id) == col(AssessmentPool.task_id))
        .where(AssessmentPool.assessment_id == item.id)
        .order_by(col(AssessmentPool.position))
    ).all()
    counts = Counter(row.grade for row in matrix if row.grade is not None)
    office = item.office_unit_id
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
        may_rule=item.ended_at is None and is_allowed(asked.actor, Permission.ASSESSMENT_RULE, unit_id=office),
        may_run=item.ended_at is None and is_allowed(asked.actor, Permission.ASSESSMENT_RUN, unit_id=office),
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


class _Gathered:
    """Everything of one assessment, read once."""

    def __init__(self, asked: Reading, assessment_id: UUID) -> None:
        session = asked.session
        self.names: Mapping[UUID, str] = dict(session.exec(select(Unit.id, Unit.short_name)).all())
        self.members = session.exec(
            select(AssessmentMember)
            .where(AssessmentMember.assessment_id == assessment_id)
            .order_by(col(AssessmentMember.position), col(AssessmentMember.valid_from))
        ).all()
        self.items = session.exec(
            select(AssessedItem, Item)
            .join(Item, col(Item.id) == col(AssessedItem.task_id))
            .where(AssessedItem.assessment_id == assessment_id)
            .order_by(col(AssessedItem.position))
        ).all()
        self.reviews: dict[UUID, list[ItemReview]] = defaultdict(list)
        for review in session.exec(
            select(ItemReview)
            .join(AssessedItem, col(AssessedItem.item_id) == col(ItemReview.assessed_id))
            .where(AssessedItem.assessment_id == assessment_id)
            .order_by(col(ItemReview.opened_at))
        ):
            self.reviews[review.assessed_id].append(review)
        self.recused = {
            (row.task_id, row.unit_id): row.reason
            for row in session.exec(select(AssessmentRecusal).where(AssessmentRecusal.assessment_id == assessment_id))
        }
        self.grades: dict[UUID, str] = dict(
            session.exec(
                select(ItemGrade.assessed_id, ItemGrade.grade)
                .join(AssessedItem, col(AssessedItem.item_id) == col(ItemGrade.assessed_id))
                .where(AssessedItem.assessment_id == assessment_id)
                .order_by(col(ItemGrade.id))
            ).all()
        )
        self.leads: dict[UUID, list[str]] = defaultdict(list)
        for part in session.exec(
            select(Responsibility)
            .where(
                col(Responsibility.item_id).in_([task.id for _, task in self.items]),
                Responsibility.role == ResponsibilityRole.LEAD,
                col(Responsibility.valid_to).is_(None),
            )
            .order_by(col(Responsibility.position))
        ):
            if part.unit_id is not None:
                self.leads[part.item_id].append(self.names[part.unit_id])

    def member_rows(self) -> tuple[MemberRow, ...]:
        """The group with those that left it."""
        asked = Counter(review.unit_id for reviews in self.reviews.values() for review in reviews)
        given = Counter(
            review.unit_id for reviews in self.reviews.values() for review in reviews if review.outcome == GIVEN
        )
        by_id = {row.id: row for row in self.members}
        return tuple(
            MemberRow(
                unit_id=row.unit_id,
                unit=self.names[row.unit_id],
                kind=UnitKind(row.kind),
                chair=row.chair,
                left_at=row.valid_to,
                reason=row.reason,
                replaces=self.names[by_id[row.replaces_id].unit_id] if row.replaces_id else None,
                views=asked[row.unit_id],
                given=given[row.unit_id],
            )
            for row in self.members
        )

    def matrix(self) -> tuple[MatrixRow, ...]:
        """A row for each item of the sample."""
        group = [row for row in self.members if row.valid_to is None]
        return tuple(self._line(assessed, task, group) for assessed, task in self.items)

    def _line(self, assessed: AssessedItem, task: Item, group: Sequence[AssessmentMember]) -> MatrixRow:
        given = [Grade(r.grade) for r in self.reviews[assessed.item_id] if r.outcome == GIVEN and r.grade]
        shown = len(given) >= REVEALED_WITH
        common = common_view(given, accepts_breakthrough=assessed.accepts_breakthrough) if shown else None
        grade = self.grades.get(assessed.item_id)
        return MatrixRow(
            id=assessed.item_id,
            task_id=task.id,
            number=task.number,
            text=task.text,
            leads=tuple(self.leads[task.id]),
            basis=assessed.basis,
            basis_label=label(Basis, assessed.basis),
            visit=assessed.visit,
            visit_label=label(FieldCheck, assessed.visit),
            self_outcome=assessed.self_outcome,
            settler=self.names[assessed.settler_id],
            shown=shown,
            common=common,
            common_label=label(Grade, common),
            grade=grade,
            grade_label=label(Grade, grade),
            cells=tuple(self._cell(assessed, row.unit_id, shown=shown) for row in group),
        )

    def _cell(self, assessed: AssessedItem, unit_id: UUID, *, shown: bool) -> Cell:
        views = [review for review in self.reviews[assessed.item_id] if review.unit_id == unit_id]
        recused = self.recused.get((assessed.task_id, unit_id))
        if recused is not None:
            return Cell(unit_id, "declared" if recused == "declared" else "recused", None, None, "")
        if not views:
            seat = assessed.seats.index(str(unit_id)) + 1 if str(unit_id) in assessed.seats else None
            started = bool(self.reviews[assessed.item_id])
            return Cell(unit_id, "free" if started or seat is None else "asked", None if started else seat, None, "")
        view = views[-1]
        state = "asked" if view.outcome is None else view.outcome
        grade = view.grade if shown else None
        return Cell(unit_id, state, view.seat, grade, label(Grade, grade))
